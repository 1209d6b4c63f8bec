"""Decoded pixels -> 8 bits, no larger than any encoder needs, band by band.

A decoded picture is the largest thing in memory. Its conversion never makes a second one of that size: a
band of rows at a time is converted and made smaller. What comes out is what resizing the whole would give.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

# Twice the largest view of the 8B model; no encoder sees more, and memory per picture stays small.
KEPT_SIDE = 2048
BAND_PIXELS = 2 * 2**20  # of the decoded picture, at a time
_BICUBIC_REACH = 2  # pixels of the smaller picture that one of its pixels draws on, to either side


@dataclass(frozen=True)
class Scale:
    """The values of a 32-bit picture that are shown black and white; `chosen` where no convention says so."""

    black: float
    white: float
    chosen: bool = False


def kept_size(size: tuple[int, int]) -> tuple[int, int]:
    """(width, height) of a picture once neither side is larger than KEPT_SIDE."""
    largest = max(size)
    if largest <= KEPT_SIDE:
        return size
    width, height = (max(1, round(side * KEPT_SIDE / largest)) for side in size)
    return width, height


def shrunk(image: Image.Image, scale: Scale | None = None) -> Image.Image:
    """The picture at `kept_size` in one of the modes L, RGB, RGBA, CMYK and LAB."""
    size = kept_size(image.size)
    if size == image.size:
        return plain(image, scale)
    canvas: Image.Image | None = None
    for rows, crop, box in _bands(image.size, size):
        band = plain(image.crop(crop), scale)
        # With alpha, Pillow counts colours as much as they are visible: a clear pixel's does not bleed.
        piece = band.resize((size[0], rows[1] - rows[0]), Image.Resampling.BICUBIC, box=box)
        if canvas is None:
            canvas = Image.new(piece.mode, size)
        canvas.paste(piece, (0, rows[0]))
    assert canvas is not None, f"{size} has no rows"
    return canvas


def _bands(size: tuple[int, int], smaller: tuple[int, int]) -> Iterator[tuple[tuple, tuple, tuple]]:
    """Rows of the smaller picture from and to, the part of the picture to crop for them, the box in that."""
    width, height = size
    step = height / smaller[1]
    reach = math.ceil(_BICUBIC_REACH * max(step, 1)) + 1
    rows = max(1, int(BAND_PIXELS / width / step))
    for first in range(0, smaller[1], rows):
        last = min(first + rows, smaller[1])
        top, bottom = max(0, int(first * step) - reach), min(height, math.ceil(last * step) + reach)
        box = (0, first * step - top, width, min(last * step, height) - top)
        yield (first, last), (0, top, width, bottom), box


def band_pixels(size: tuple[int, int]) -> int:
    """How many decoded pixels the largest band has, the rows it draws on included."""
    width, height = size
    step = height / kept_size(size)[1]
    return int(min(width * height, BAND_PIXELS + width * (step + 2 * (_BICUBIC_REACH * max(step, 1) + 2))))


def plain(image: Image.Image, scale: Scale | None = None) -> Image.Image:
    """Any decoded mode as L, RGB, RGBA, CMYK or LAB, 8 bits a value. 32-bit values need their scale."""
    if image.mode.startswith("I;16"):
        return _from_16_bits(image)
    if image.mode in ("I", "F"):
        assert scale is not None, f"{image.mode} without the values for black and white"
        return _from_32_bits(image, scale)
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _from_16_bits(image: Image.Image) -> Image.Image:
    """16-bit grey, rounded: Pillow's own conversion would clip it to white."""
    values = np.asarray(image).astype(np.uint32)
    grey = Image.fromarray(((values * 255 + 32895) >> 16).astype(np.uint8))
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return grey
    alpha = Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8))
    return Image.merge("RGBA", (grey, grey, grey, alpha))


def _from_32_bits(image: Image.Image, scale: Scale) -> Image.Image:
    values = np.nan_to_num(np.asarray(image).astype(np.float64), nan=scale.black)
    shares = (values.clip(scale.black, scale.white) - scale.black) / (scale.white - scale.black)
    return Image.fromarray((shares * 255 + 0.5).astype(np.uint8))


def find_scale(image: Image.Image) -> Scale | None:
    """How the values of a 32-bit picture are shown; None for all else.

    0 to 1, 0 to 255 and 0 to 65,535 are what programs write; other values are spread from black to white.
    """
    if image.mode not in ("I", "F"):
        return None
    low, high = math.inf, -math.inf
    rows = max(1, BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        values = np.asarray(image.crop((0, top, image.width, min(top + rows, image.height))))
        values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    usual = (1, 255, 65535) if image.mode == "F" else (255, 65535)
    white = next((value for value in usual if low >= 0 and high <= value), None)
    if white is not None:
        return Scale(0, white)
    return Scale(low, high, chosen=True) if low < high else Scale(0, 1, chosen=True)
