"""Libraries' own words kept from the people who run this: what they mean is said in our sentences."""

import ctypes
import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

_lock = threading.Lock()
_inside = 0
_caught = warnings.catch_warnings()


@contextmanager
def without_warnings() -> Iterator[None]:
    """Silence from Pillow for the block's time, in all threads.

    The list of filters belongs to the process. The first thread in changes it and the last one out puts it
    back: each doing both for itself could leave another's filters behind.
    """
    global _inside, _caught
    with _lock:
        if _inside == 0:
            _caught = warnings.catch_warnings()
            _caught.__enter__()
            warnings.filterwarnings("ignore", module=r"PIL\.")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _caught.__exit__(None, None, None)


def silence_libraries() -> None:
    """Keeps Pillow's log and libtiff, which Pillow lets write to the terminal, off it.

    For the whole process. Who sets up logging still gets Pillow's log.
    """
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    try:
        library = ctypes.CDLL(Image.core.__file__)  # finds what Pillow's own library is linked with
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
            setter = getattr(library, name)
            setter.argtypes, setter.restype = [ctypes.c_void_p], ctypes.c_void_p
            setter(None)
    except (AttributeError, OSError):  # a Pillow that was put together in another way: it only prints more
        return
