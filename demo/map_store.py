"""Contribution maps of the answers that visitors can look back at, by digest, bounded in bytes."""

import threading
from collections import OrderedDict

from mova.contributions import Contributions

MOST_BYTES = 64 * 2**20


class MapStore:
    """The maps used last. Two equal answers share an entry; the oldest make room. Safe from any thread."""

    def __init__(self, most_bytes: int = MOST_BYTES):
        self._most, self._held = most_bytes, 0
        self._maps: OrderedDict[str, Contributions] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, maps: Contributions) -> str:
        """Keeps the maps; the digest under which `get` finds them."""
        with self._lock:
            if maps.digest not in self._maps:
                self._held += len(maps.levels)
            self._maps[maps.digest] = maps
            self._maps.move_to_end(maps.digest)
            while self._held > self._most:
                _, oldest = self._maps.popitem(last=False)
                self._held -= len(oldest.levels)
        return maps.digest

    def get(self, digest: str) -> Contributions | None:
        """The maps of this name; None when they had to make room."""
        with self._lock:
            if digest in self._maps:
                self._maps.move_to_end(digest)
            return self._maps.get(digest)
