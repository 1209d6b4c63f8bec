"""Memory that the process has given back stays given back.

The C library gives each new thread an arena of its own and keeps what was freed in it. Questions are answered
in whatever thread comes along, so after some hundreds of them every arena has held a model's work once: two
gigabytes that nobody uses. Few arenas are enough: one answer runs at a time.
"""

import ctypes
import sys

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
ARENAS = 2


def use_few_arenas() -> bool:
    """Tells the C library, before threads are started; whether it took notice (glibc does)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        return ctypes.CDLL(None).mallopt(_ARENA_MAX, ARENAS) == 1
    except (OSError, AttributeError):  # another C library
        return False
