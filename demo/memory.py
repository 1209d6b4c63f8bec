"""Memory that the process needs once and not again stays bounded, however long it serves.

Two libraries keep more than they should for a server of many small questions. The C library gives each new
thread an arena of its own and keeps what was freed in it: after some hundreds of questions, answered in
whatever thread came along, two gigabytes that nobody uses. oneDNN keeps the code that it has made for each
shape of product, a thousand of them and up to a quarter of a megabyte each; every prompt has a length of its
own, so that few of them are ever met again.
"""

import ctypes
import os
import sys

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
ARENAS = 2  # enough where one answer runs at a time
KERNELS = 128  # what one answer needs, twice over
KERNEL_CACHE = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"  # read once, at the first product


def bound_memory() -> None:
    """Call it before threads are started and torch is imported."""
    os.environ.setdefault(KERNEL_CACHE, str(KERNELS))
    _use_few_arenas()


def _use_few_arenas() -> bool:
    """Whether the C library took notice (glibc does)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        return ctypes.CDLL(None).mallopt(_ARENA_MAX, ARENAS) == 1
    except (OSError, AttributeError):  # another C library
        return False
