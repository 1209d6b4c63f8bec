"""Who is being answered: one question per visitor at a time, and a Stop that reaches exactly that one."""

import threading

from demo.theme import STILL_ANSWERING
from mova.errors import QuestionRefused


class Lane:
    """A visitor's question is first waiting, then running, then gone. Keys are session hashes."""

    def __init__(self):
        self._lock = threading.Lock()
        self._waiting: set[str] = set()
        self._running: dict[str, threading.Event] = {}

    def enter(self, session: str) -> None:
        """Note that a question of this visitor waits. Raises QuestionRefused if there is one already."""
        with self._lock:
            if session in self._waiting or session in self._running:
                raise QuestionRefused(STILL_ANSWERING)
            self._waiting.add(session)

    def begin(self, session: str) -> threading.Event | None:
        """The stop signal of the question that starts now; None if it was withdrawn while waiting."""
        with self._lock:
            if session not in self._waiting:
                return None
            self._waiting.remove(session)
            return self._running.setdefault(session, threading.Event())

    def leave(self, session: str) -> None:
        """The visitor's question has ended, or the visitor has gone."""
        with self._lock:
            self._waiting.discard(session)
            if stop := self._running.pop(session, None):
                stop.set()

    def stop(self, session: str) -> bool:
        """Ask the running answer to stop, or withdraw a waiting one; True if it had not begun yet."""
        with self._lock:
            if stop := self._running.get(session):
                stop.set()
                return False
            waited = session in self._waiting
            self._waiting.discard(session)
            return waited

    def busy(self, session: str) -> bool:
        """Whether a question of this visitor waits or runs."""
        with self._lock:
            return session in self._waiting or session in self._running
