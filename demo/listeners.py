"""Who is listening: the streams that are open, by what tells one caller from another.

A program asks with one call and fetches the answer with another. One that never comes for it, or goes away,
must not hold up the others.
"""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

REMEMBERED = 10_000  # sessions that have listened


class Listeners:
    """Open streams by session. Safe from any thread."""

    def __init__(self):
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()
        self._last: OrderedDict[str, float] = OrderedDict()

    @contextmanager
    def listening(self, session: str) -> Iterator[None]:
        """A stream of this session is open."""
        with self._lock:
            self._open[session] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[session] -= 1
                if not self._open[session]:
                    del self._open[session]
                self._last[session] = time.monotonic()
                self._last.move_to_end(session)
                while len(self._last) > REMEMBERED:
                    self._last.popitem(last=False)

    def away(self, session: str, since: float) -> float:
        """For how many seconds nobody of this session has listened, counted from `since` on at most."""
        with self._lock:
            if self._open[session]:
                return 0.0
            return time.monotonic() - max(since, self._last.get(session, since))
