"""Memory for decoding: how much a picture takes, and a limit on what is taken at once."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from mova.imaging.shrink import band_pixels, kept_size

MOST_AT_ONCE = 2
MOST_BYTES = 768 * 2**20  # of all decoding together; the largest picture accepted takes 700 million
# Bytes per pixel of a decoded picture in Pillow, by its mode.
_STORED = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
# What a format's decoder holds beside that, bytes per pixel. WEBP: two canvases and a copy. AVIF: the video's
# planes (up to 12 bits, with alpha) and a copy. TIFF: a strip, which may be the whole file's.
_BESIDE = {"WEBP": 13, "AVIF": 13, "BMP": 4}
_CONVERTING = 16  # bytes per pixel of the band that is converted, with its intermediate forms
_KEPT = 20  # bytes per pixel of the picture that is kept: alpha, colours and ground are made of it


def peak_bytes(size: tuple[int, int], mode: str, kind: str, own: int = 0) -> int:
    """The most memory that decoding takes, in bytes, known from a file's header.

    `size` is (width, height) in pixels as decoded, `mode` Pillow's, `kind` the format; `own` is what else
    this file's decoder holds, such as a JPEG's coefficients. Measured on pictures of 40 megapixels: a PNG
    takes 1.2 (grey) to 5 bytes per pixel (RGB, RGBA), a WEBP 17, an AVIF 9 to 14, a TIFF 5 to 7.
    """
    pixels = size[0] * size[1]
    width, height = kept_size(size)
    decoded = pixels * (_STORED.get(mode, 4) + _BESIDE.get(kind, 0)) + own
    return decoded + band_pixels(size) * _CONVERTING + width * height * _KEPT


class Room:
    """Lets so many in, needing so much together, and makes others wait their turn. For several threads."""

    def __init__(self, most_at_once: int = MOST_AT_ONCE, most_bytes: int = MOST_BYTES):
        self.most_at_once, self.most_bytes = most_at_once, most_bytes
        self._used: list[int] = []
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, needed: int) -> Iterator[None]:
        """Holds `needed` bytes, at most `most_bytes`, after those who asked before."""
        assert 0 <= needed <= self.most_bytes, f"{needed} of {self.most_bytes} bytes would wait for ever"
        turn = object()
        with self._changed:
            self._waiting.append(turn)
            try:
                self._changed.wait_for(lambda: self._waiting[0] is turn and self._fits(needed))
                self._used.append(needed)
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._used.remove(needed)
                self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def _fits(self, needed: int) -> bool:
        return len(self._used) < self.most_at_once and sum(self._used) + needed <= self.most_bytes
