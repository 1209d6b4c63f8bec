"""Who is answered now, who waits, and a Stop that reaches exactly one question.

The lane holds questions, not visitors: each has a `Ticket`, waits its turn in the order of asking, runs alone
and is gone. Nothing here knows of a model or a page.
"""

import itertools
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from demo.theme import LANE_FULL, STILL_ANSWERING
from mova.errors import QuestionRefused

CAPACITY = 20  # questions that may wait at once ...
ENDPOINT_SHARE = 8  # ... and of them those that came through the endpoint
ABANDONED = 30.0  # seconds without a look at the line

_numbers = itertools.count(1)


@dataclass(eq=False)
class Ticket:
    """One question in the lane. `owner` is the visitor it belongs to; `stop` is set when it should end, and
    `ended` says why when it was not its visitor's wish."""

    owner: str
    number: int = field(default_factory=lambda: next(_numbers))
    stop: threading.Event = field(default_factory=threading.Event)
    ended: str = ""
    seen: float = field(default_factory=time.monotonic)


class Lane:
    """Questions in the order they came; the first one runs. Safe from any thread."""

    def __init__(self, capacity: int = CAPACITY):
        self._lock = threading.Condition()
        self._waiting: deque[Ticket] = deque()
        self._beside: list[Ticket] = []
        self._spare: Ticket | None = None
        self._running: Ticket | None = None
        self._capacity = capacity

    def enter(self, owner: str, share: int = 1) -> Ticket:
        """A ticket at the end of the line.

        Raises QuestionRefused when `share` questions of this owner are here already (one that was told to
        stop counts no more), or when the line is full.
        """
        with self._lock:
            own = [t for t in self._all() if t.owner == owner and not t.stop.is_set()]
            if len(own) >= share:
                raise QuestionRefused(STILL_ANSWERING if share == 1 else LANE_FULL.format(count=len(own)))
            if len(self._waiting) >= self._capacity:
                raise QuestionRefused(LANE_FULL.format(count=len(self._waiting)))
            self._stop_beside(owner)
            self._stop_spare()
            ticket = Ticket(owner)
            self._waiting.append(ticket)
            return ticket

    @contextmanager
    def spare(self, owner: str) -> Iterator[Ticket | None]:
        """A ticket for work that nobody has asked for, while the lane is free; whoever enters ends it, and so
        do more such work and a stop of the same owner. None where the lane is not free."""
        with self._lock:
            self._stop_spare(owner)
            free = self._spare is None and self._running is None and not self._waiting
            ticket = Ticket(owner) if free else None
            self._spare = ticket or self._spare
        try:
            yield ticket
        finally:
            with self._lock:
                if ticket is not None and self._spare is ticket:
                    self._spare = None

    @contextmanager
    def beside(self, ticket: Ticket) -> Iterator[None]:
        """Something that a visitor watches and that needs no turn: Stop ends it, and so does a question."""
        with self._lock:
            self._stop_beside(ticket.owner)
            self._beside.append(ticket)
        try:
            yield
        finally:
            with self._lock:
                self._beside.remove(ticket)

    def _stop_spare(self, owner: str | None = None) -> None:
        """Ends this owner's spare work, or whosesoever it is."""
        if self._spare is not None and owner in (None, self._spare.owner):
            self._spare.stop.set()
            self._spare = None

    def _stop_beside(self, owner: str) -> None:
        for ticket in self._beside:
            if ticket.owner == owner:
                ticket.stop.set()

    def before(self, ticket: Ticket) -> int:
        """How many questions come before this one, the running one included; 0 when it is its turn or it is
        gone."""
        with self._lock:
            if ticket not in self._waiting:
                return 0
            return self._waiting.index(ticket) + (self._running is not None)

    def wait(self, ticket: Ticket, seconds: float) -> bool:
        """True as soon as it is this question's turn: it is first in line and nothing runs; it runs from then
        on. False after so many seconds, or at once when it was told to stop."""
        with self._lock:
            ticket.seen = time.monotonic()
            self._drop_abandoned()
            self._lock.wait_for(lambda: ticket.stop.is_set() or self._is_next(ticket), seconds)
            ticket.seen = time.monotonic()
            if ticket.stop.is_set() or not self._is_next(ticket):
                return False
            if self._running is not ticket:
                self._running = self._waiting.popleft()
            return True

    def _is_next(self, ticket: Ticket) -> bool:
        first = self._waiting[0] if self._waiting else None
        return self._running is ticket or (self._running is None and first is ticket)

    def leave(self, ticket: Ticket) -> None:
        """This question has ended, however it did; the next one's turn has come. Others are not touched."""
        with self._lock:
            ticket.stop.set()
            if self._running is ticket:
                self._running = None
            elif ticket in self._waiting:
                self._waiting.remove(ticket)
            self._lock.notify_all()

    def stop(self, owner: str, why: str = "") -> bool:
        """Tell this owner's questions to end; True when there were any."""
        with self._lock:
            own = [t for t in self._all() if t.owner == owner and not t.stop.is_set()]
            for ticket in own:
                ticket.ended = why
                ticket.stop.set()
            watched = any(t.owner == owner and not t.stop.is_set() for t in self._beside)
            self._stop_beside(owner)
            self._stop_spare(owner)
            self._lock.notify_all()
            return bool(own) or watched

    def close(self) -> None:
        """Tells every question to end: the page is closed."""
        with self._lock:
            for ticket in (*self._all(), *self._beside):
                ticket.stop.set()
            self._stop_spare()
            self._lock.notify_all()

    def busy(self, owner: str) -> bool:
        """Whether a question of this owner waits or runs (or a replay does) and was not told to stop."""
        with self._lock:
            return any(t.owner == owner and not t.stop.is_set() for t in (*self._all(), *self._beside))

    def _drop_abandoned(self) -> None:
        """Whoever has not looked for a while is gone, and must not hold up those behind."""
        oldest = time.monotonic() - ABANDONED
        for ticket in [ticket for ticket in self._waiting if ticket.seen < oldest]:
            ticket.stop.set()
            self._waiting.remove(ticket)

    def _all(self) -> list[Ticket]:
        return [*([self._running] if self._running else []), *self._waiting]
