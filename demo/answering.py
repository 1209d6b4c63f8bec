"""One question from its place in the line to its last word: what page and endpoint both draw.

    for event in answering.run(ticket, request):
        match event: Waiting | Loading | Progress

Two requests under one ticket are answered one after the other: that is how two answers are compared.

Closing the generator frees the lane, whatever it was doing.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from demo.lane import Lane, Ticket
from demo.loading_words import loading_words
from demo.startup import Startup
from demo.theme import NEVER_BEGUN, TOO_LONG
from demo.words import ENGLISH
from mova.errors import MovaError, QuestionRefused
from mova.events import Piece, advance
from mova.images import CheckedImage
from mova.progress import Step
from mova.request import Request
from mova.trace import Trace

log = logging.getLogger("mova")
T = TypeVar("T")
TEXT_INTERVAL = 0.05  # seconds between text updates: at most 20 a second
LOOK_INTERVAL = 0.5  # seconds between looks at the line and at how far loading is
LONGEST_SECONDS = 900.0  # an answer is ended then


@dataclass(frozen=True)
class Waiting:
    """The question waits for its turn; `before` others come first."""

    before: int


@dataclass(frozen=True)
class Loading:
    """It is the question's turn and the model is not there yet; `step` is how far it is."""

    step: Step


@dataclass(frozen=True)
class Progress:
    """The trace so far of the request of this `number`; `staged` when more than its text has changed."""

    trace: Trace
    staged: bool
    number: int = 0


class Answering:
    """The lane in front of the engine, and how long one may be in it."""

    def __init__(self, startup: Startup, lane: Lane, longest: float = LONGEST_SECONDS):
        self.startup, self.lane, self.longest = startup, lane, longest

    def begin(self, owner: str, image: CheckedImage) -> None:
        """Does for a picture what can be done before there is a question about it, while nobody wants the
        engine. What fails is left to the question, which says so."""
        with self.lane.spare(owner) as ticket:
            engine = self.startup.engine
            if ticket is None or engine is None:
                return
            try:
                engine.begin(image, ticket.stop)
            except MovaError as error:
                log.info("%s", error)

    def run(
        self, ticket: Ticket, *requests: Request, patience: float | None = None
    ) -> Generator[Waiting | Loading | Progress, None, None]:
        """Everything that happens to a question that has a place in the lane; leaves the lane at the end.
        Asked in several ways, a stop ends them all: those that had not begun stay without a trace.

        `patience` are the seconds it waits for a model that is still loading (None: as long as it takes).
        Raises QuestionRefused when it was taken back or its time was over before it began, and whatever the
        engine refuses.
        """

        def answer(engine: Any) -> Iterator[Progress]:
            for number, request in enumerate(requests):
                if not (number and ticket.stop.is_set()):
                    yield from follow(engine, request, ticket, number)

        yield from self.during(ticket, answer, patience)

    def during(
        self, ticket: Ticket, work: Callable[[Any], Iterator[T]], patience: float | None = None
    ) -> Generator[Waiting | Loading | T, None, None]:
        """What `work` yields with the engine, once it is the ticket's turn; raises as `run` does."""
        try:
            yield from self._wait(ticket)
            yield from self._load(ticket, patience)
            with self._deadline(ticket):
                yield from work(self.startup.engine)
        finally:
            self.lane.leave(ticket)

    def _wait(self, ticket: Ticket) -> Iterator[Waiting]:
        while not self.lane.wait(ticket, LOOK_INTERVAL):
            if ticket.stop.is_set():
                raise QuestionRefused(ticket.ended or NEVER_BEGUN)
            yield Waiting(self.lane.before(ticket))
        if ticket.stop.is_set():
            raise QuestionRefused(ticket.ended or NEVER_BEGUN)

    def _load(self, ticket: Ticket, patience: float | None) -> Iterator[Loading]:
        began = time.monotonic()
        while self.startup.wait(LOOK_INTERVAL) is None:
            if ticket.stop.is_set():
                raise QuestionRefused(ticket.ended or NEVER_BEGUN)
            if self.startup.failed:
                raise QuestionRefused(f"The model could not be loaded. {self.startup.failed}")
            if patience is not None and time.monotonic() - began > patience:
                raise QuestionRefused(
                    f"The model is still loading ({loading_words(self.startup.step, ENGLISH)})."
                    " Ask again in a moment."
                )
            yield Loading(self.startup.step)

    @contextmanager
    def _deadline(self, ticket: Ticket) -> Iterator[None]:
        """Tells a question to end when its time is over."""

        def end() -> None:
            ticket.ended = TOO_LONG.format(minutes=round(self.longest / 60) or 1)
            ticket.stop.set()

        timer = threading.Timer(self.longest, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def follow(engine, request: Request, ticket: Ticket, number: int = 0) -> Iterator[Progress]:
    """The trace so far at every stage, and at most 20 times a second while text comes.

    Closing this generator ends the answer.
    """
    settings = request.settings
    trace = Trace(request.question, engine.info, request.history, settings)
    events = engine.answer(
        request.question, request.image, request.history,
        experts=settings.experts, decoding=settings.decoding, stop=ticket.stop,
    )  # fmt: skip
    last = 0.0
    try:
        with closing(events):
            for event in events:
                trace = advance(trace, event)
                is_text = isinstance(event, Piece)
                if is_text and time.monotonic() - last < TEXT_INTERVAL:
                    continue
                last = time.monotonic()
                yield Progress(trace, not is_text, number)
    except BaseException:
        ticket.stop.set()
        raise
