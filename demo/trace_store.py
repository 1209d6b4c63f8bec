"""The heavy parts of traces that visitors can look back at, by digest, bounded in bytes.

A visit keeps slim traces: they name their contribution maps and have no thumbnail. What was taken out is
here, once for equal parts; the parts used longest ago make room.
"""

import threading
from collections import OrderedDict
from dataclasses import replace

from mova.contributions import Contributions
from mova.trace import Trace

MOST_BYTES = 64 * 2**20


class TraceStore:
    """Contribution maps by their digest, thumbnails by their picture's. Safe from any thread."""

    def __init__(self, most_bytes: int = MOST_BYTES):
        self._most, self._held = most_bytes, 0
        self._parts: OrderedDict[str, Contributions | str] = OrderedDict()
        self._lock = threading.Lock()

    def slim(self, trace: Trace) -> Trace:
        """The trace with its heavy parts kept here instead."""
        maps, picture = trace.contributions, trace.picture
        if isinstance(maps, Contributions):
            self._keep(maps.digest, maps)
            trace = replace(trace, contributions=maps.digest)
        if picture is not None and picture.thumbnail:
            self._keep(picture.digest, picture.thumbnail)
            trace = replace(trace, picture=replace(picture, thumbnail=None))
        return trace

    def whole(self, trace: Trace) -> Trace:
        """The trace with its heavy parts again; without those that had to make room."""
        maps, picture = trace.contributions, trace.picture
        if isinstance(maps, str):
            found = self._get(maps)
            trace = replace(trace, contributions=found if isinstance(found, Contributions) else None)
        if picture is not None and not picture.thumbnail:
            copy = self._get(picture.digest)
            copy = copy if isinstance(copy, str) else None
            trace = replace(trace, picture=replace(picture, thumbnail=copy))
        return trace

    def _keep(self, digest: str, part: Contributions | str) -> None:
        with self._lock:
            if digest not in self._parts:
                self._held += _size(part)
                self._parts[digest] = part
            self._parts.move_to_end(digest)
            while self._held > self._most:
                _, oldest = self._parts.popitem(last=False)
                self._held -= _size(oldest)

    def _get(self, digest: str) -> Contributions | str | None:
        with self._lock:
            if digest in self._parts:
                self._parts.move_to_end(digest)
            return self._parts.get(digest)


def _size(part: Contributions | str) -> int:
    return len(part) if isinstance(part, str) else len(part.levels)
