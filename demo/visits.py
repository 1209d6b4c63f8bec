"""The visits going on now, by what tells one open page from another; each changes as a whole or not at all.

Two of a visitor's clicks may be handled at once, in two threads: whoever changes a visit does it from what it
is at that moment, so that neither overwrites the other.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from demo.state import Visit

MOST_VISITS = 500
GRACE = 60.0  # seconds a visit is kept after its page was left: a lost connection comes back


class Visits:
    """Visits by session; the ones used longest ago make room. `on_forget` is told of each that is gone."""

    def __init__(
        self,
        on_forget: Callable[[str], object] = lambda session: None,
        most: int = MOST_VISITS,
        grace: float = GRACE,
    ):
        self._lock = threading.RLock()
        self._visits: OrderedDict[str, Visit] = OrderedDict()
        self._left: dict[str, float] = {}
        self._on_forget, self._most, self._grace = on_forget, most, grace

    def get(self, session: str) -> Visit:
        """The visit as it is now; a new one for a new session."""
        return self.change(session, lambda visit: visit)

    def change(self, session: str, change: Callable[[Visit], Visit]) -> Visit:
        """The visit after `change`, which sees nobody else's half-done work and may raise: then it stays."""
        self.sweep()
        with self._lock:
            visit = change(self._visits.get(session) or Visit.new())
            self._visits[session] = visit
            self._visits.move_to_end(session)
            self._left.pop(session, None)
            gone = list(self._visits)[: max(0, len(self._visits) - self._most)]
        self._forget(gone)
        return visit

    def leave(self, session: str) -> None:
        """The page was left, or its connection lost: the visit is forgotten unless it comes back soon."""
        with self._lock:
            if session in self._visits:
                self._left[session] = time.monotonic()
        timer = threading.Timer(self._grace, self.sweep)
        timer.daemon = True
        timer.start()

    def sweep(self) -> None:
        """Forget the visits that were left long enough ago."""
        now = time.monotonic()
        with self._lock:
            gone = [session for session, when in self._left.items() if now - when >= self._grace]
        self._forget(gone)

    def __contains__(self, session: str) -> bool:
        return session in self._visits

    def _forget(self, sessions: list[str]) -> None:
        for session in sessions:
            with self._lock:
                self._left.pop(session, None)
                known = self._visits.pop(session, None)
            if known is not None:
                self._on_forget(session)
