"""The engine, or how far its loading is: the one thing every handler shares."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from demo.loading_words import loading_words
from demo.theme import RECORDINGS_ONLY
from demo.words import ENGLISH
from mova.errors import MovaError
from mova.logs import ProgressLine
from mova.progress import Step

log = logging.getLogger("mova")
T = TypeVar("T")
LAST_LOOK = 1.5  # seconds an open page has to see why there will be no engine; it looks twice a second


class Startup:
    """Holds the engine once there is one; until then the progress of loading. Safe to use from any thread."""

    def __init__(self, engine=None):
        self._engine = engine
        self._ready = threading.Event()
        self.step, self.failed = Step("find"), ""
        self._line = ProgressLine()
        if engine is not None:
            self._ready.set()

    @property
    def engine(self):
        """The engine, or None while it is loading."""
        return self._engine

    def report(self, step: Step) -> None:
        """Note how far loading is, and say it in the terminal."""
        self.step = step
        self._line.show(step, loading_words(step, ENGLISH))

    def fail(self, sentence: str) -> None:
        """There will be no engine, and why: the page goes on with what was recorded."""
        self.failed = sentence

    def found(self, find: Callable[[], T]) -> T | None:
        """What `find` finds; None where it is refused: there will be no engine, and the page goes on with
        what was recorded."""
        try:
            return find()
        except MovaError as error:
            self.fail(str(error))
            log.warning("%s", RECORDINGS_ONLY.format(why=error))
            return None

    def finish(self, engine) -> None:
        """Put the engine in place; everyone who waits goes on."""
        self._engine = engine
        self._ready.set()

    @contextmanager
    def told(self) -> Iterator[None]:
        """While it is entered, an error that leaves no engine is told to those who look at the page or wait
        with a question, and then goes on."""
        try:
            yield
        except MovaError as error:
            self.failed = str(error)
            if self._engine is None:
                time.sleep(LAST_LOOK)
            raise

    def wait(self, seconds: float):
        """The engine as soon as it is there, or None after `seconds`."""
        self._ready.wait(seconds)
        return self._engine
