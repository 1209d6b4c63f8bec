"""One logger, `mova`, for everything this package and its page have to say; each module's own is below it.

A program that imports the package hears nothing it did not ask for. The command line and the page call
`show` once: warnings and errors come on standard error behind `mova:`, what merely happens beside them or
where the program wants it.
"""

import logging
import os
import sys
from time import monotonic
from typing import TextIO

from mova.progress import Step

LEVELS = ("debug", "info", "warning", "error")
LEVEL_VARIABLE = "MOVA_LOG"


class ProgressLine:
    """One line of the terminal that says how far a long work is, written over and over. Where standard error
    is no terminal, what is downloaded is logged, ten times in all; the rest takes no time."""

    WIDTH, PAUSE = 76, 0.1  # columns; seconds between two looks of the line
    shown: "ProgressLine | None" = None  # the one whose line is not ended yet

    def __init__(self) -> None:
        self._at, self._stage, self._tenth = 0.0, "", -1

    def show(self, step: Step, text: str) -> None:
        """Writes `text` for a step; the line ends with the work, or when anything else is said."""
        if sys.stderr.isatty():
            self._write(step, text)
        elif step.stage == "fetch" and int(10 * step.share) > self._tenth:
            self._tenth = int(10 * step.share)
            logging.getLogger("mova").info("[%3.0f%%] %s", 100 * step.share, text)

    def _write(self, step: Step, text: str) -> None:
        now = monotonic()
        if step.stage == self._stage and step.share < 1 and now - self._at < self.PAUSE:
            return
        self._at, self._stage, ProgressLine.shown = now, step.stage, self
        line = f"[{step.share:4.0%}] {text}"
        print(f"\r{line[: self.WIDTH]:<{self.WIDTH}}", end="", file=sys.stderr, flush=True)
        if step.stage == "ready":
            self.end()

    @classmethod
    def end(cls) -> None:
        """Lets what is said next begin on a line of its own."""
        if cls.shown is not None:
            cls.shown = None
            print(file=sys.stderr, flush=True)


class _Plain(logging.StreamHandler):
    """Lines as people read them in a terminal: records from level `low` to below `high`."""

    def __init__(self, stream: TextIO, low: int, high: int, form: str):
        super().__init__(stream)
        self.setFormatter(logging.Formatter(form))
        self.addFilter(lambda record: low <= record.levelno < high)

    def emit(self, record: logging.LogRecord) -> None:
        ProgressLine.end()
        super().emit(record)


def show(level: str | None = None, told: TextIO | None = None) -> None:
    """Shows messages from `level` on; by default what MOVA_LOG says, else info.

    What is no warning goes to `told`, by default standard error too.
    """
    named = (level or os.environ.get(LEVEL_VARIABLE) or "info").lower()
    logger = logging.getLogger("mova")
    logger.setLevel(named.upper() if named in LEVELS else "INFO")
    for handler in [handler for handler in logger.handlers if isinstance(handler, _Plain)]:
        logger.removeHandler(handler)  # standard error may be another one by now
    logger.addHandler(_Plain(told or sys.stderr, logging.NOTSET, logging.WARNING, "%(message)s"))
    logger.addHandler(_Plain(sys.stderr, logging.WARNING, logging.CRITICAL + 1, "mova: %(message)s"))
    if named not in LEVELS:
        logger.warning("%s=%s is no level: expected %s.", LEVEL_VARIABLE, named, ", ".join(LEVELS))


def refused(log: logging.Logger, error: Exception) -> None:
    """Says the sentence of an error; how it came about is said at the level debug alone."""
    log.error("%s", error)
    log.debug("It came about so:", exc_info=error)
