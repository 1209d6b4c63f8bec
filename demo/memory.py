"""Memory that the process needs once and not again stays bounded, however long it serves.

Two libraries keep more than they should for a server of many small questions. The C library gives each new
thread an arena of its own and keeps what was freed in it: after some hundreds of questions, answered in
whatever thread came along, two gigabytes that nobody uses. And once a large block was freed it takes the next
ones from between the small ones, where what is free can seldom be given back. oneDNN keeps the code that it
has made for a thousand shapes of product.
"""

import ctypes
import os
import sys
from contextlib import suppress

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # M_ARENA_MAX and M_MMAP_THRESHOLD of malloc.h
ARENAS = 2  # enough where one answer runs at a time
LARGE = 4 * 2**20  # bytes of a block that has pages of its own, given back when it is freed
KERNELS = 128  # what one answer needs, twice over
KERNEL_CACHE = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"  # read once, at the first product


def bound_memory() -> None:
    """Call it before threads are started and torch is imported."""
    os.environ.setdefault(KERNEL_CACHE, str(KERNELS))
    _bound_heap()


def _bound_heap() -> None:
    if not sys.platform.startswith("linux"):
        return
    with suppress(OSError, AttributeError):  # another C library has no such limits
        limit = ctypes.CDLL(None).mallopt
        limit(_ARENA_MAX, ARENAS)
        limit(_MMAP_THRESHOLD, LARGE)
