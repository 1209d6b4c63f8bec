"""A few things the libraries say that are wrong or of no use to anyone here, and are not passed on."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from transformers.utils import logging as transformers_logging

# bitsandbytes asks for a package that would fetch compiled code from a hub; it is never installed.
FETCHED_KERNELS = "Failed to load CPU gemm_4bit_forward"
# One line for every layer and call; bfloat16 beside int8 is on purpose.
INT8_CAST = "MatMul8bitLt: inputs will be cast"
LOAD_REPORT = "LOAD REPORT"
SECOND_LORA = "Already found a `peft_config` attribute"  # a LoRA per pass is on purpose


def quiet_bitsandbytes() -> None:
    """Drop the two messages above, and only these. Call before bitsandbytes is first imported."""
    for logger, message in (
        ("bitsandbytes.backends.cpu.ops", FETCHED_KERNELS),
        ("bitsandbytes.autograd._functions", INT8_CAST),
    ):
        quieted = logging.getLogger(logger)
        if not any(isinstance(own, _Without) for own in quieted.filters):
            quieted.addFilter(_Without(message))


@contextmanager
def captured_load_reports() -> Iterator[list[str]]:
    """Keep transformers' load reports in the list given instead of printing them, and hide its progress bars.

    The caller raises on every key that does not fit, so that nothing in a report is lost.
    """
    loggers = [
        logging.getLogger(f"transformers.{name}") for name in ("modeling_utils", "integrations.peft", "utils")
    ]
    reports: list[str] = []
    keep = _Without(LOAD_REPORT, reports)
    for logger in loggers:
        logger.addFilter(keep)
    try:
        with no_progress_bars(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=SECOND_LORA)
            yield reports
    finally:
        for logger in loggers:
            logger.removeFilter(keep)


@contextmanager
def no_progress_bars() -> Iterator[None]:
    """Hide transformers' own bars: how far the work is is told in one way only."""
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if bars:
            transformers_logging.enable_progress_bar()


class _Without(logging.Filter):
    """Drops records that contain a text; keeps them in a list where one is given."""

    def __init__(self, text: str, dropped: list[str] | None = None):
        super().__init__()
        self._text, self._dropped = text, dropped

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if self._text not in message:
            return True
        if self._dropped is not None:
            self._dropped.append(message)
        return False
