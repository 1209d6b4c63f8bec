"""One logger, `mova`, for everything this package and its page have to say; each module's own is below it.

A program that imports the package hears nothing it did not ask for. The command line and the page call
`show` once: warnings and errors come on standard error behind `mova:`, what merely happens beside them or
where the program wants it.
"""

import logging
import os
import sys
from typing import TextIO

LEVELS = ("debug", "info", "warning", "error")
LEVEL_VARIABLE = "MOVA_LOG"


class _Plain(logging.StreamHandler):
    """Lines as people read them in a terminal: records from level `low` to below `high`."""

    def __init__(self, stream: TextIO, low: int, high: int, form: str):
        super().__init__(stream)
        self.setFormatter(logging.Formatter(form))
        self.addFilter(lambda record: low <= record.levelno < high)


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
