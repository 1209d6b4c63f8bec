"""Files that end before their picture does: what is there is read, as viewers show it."""

import hashlib
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFile

from mova.imaging.jpeg import END
from mova.imaging.shrink import BAND_PIXELS

LEAST_THERE = 0.1  # share of the picture; less shows nothing that one could ask about
_ROW_END = 8  # bytes; a row whose end was not written is not there, for GIF's may be written in part
_ROW_GROUP = 8  # rows between those that an interlaced picture brings first
_BLOCK = 16  # pixels; what a JPEG stores together is no larger in either direction
# libjpeg leaves mid grey where the data ended, in whatever space the file has.
_UNSET = range(126, 130)
# Something to read on with: where a JPEG lacks only its end marker, it changes nothing. Not zeros: they mean
# "no more values" in most files. Never 255, which begins a marker.
_MORE = bytes((181 * number + 91) % 255 for number in range(2000))


def load_rows(
    open_image: Callable[[], ImageFile.ImageFile], interlaced: bool
) -> tuple[Image.Image, np.ndarray, float]:
    """A PNG or GIF whose data end early: the picture, which of its rows can be shown, the share that came.

    A missing row between others takes the row above it. Raises what Pillow raises where even the decoder's
    first step fails.
    """
    image = open_image()
    box = image.tile[0].extents
    assert box is not None, f"a {image.format} whose part has no place"
    left, top, right, bottom = box
    marker = _marker_row(image.mode, right - left)
    prepare = image.load_prepare
    prepared = []

    def prepare_marked() -> None:
        prepare()  # what the decoder then does not write keeps the marker
        rows = min(bottom - top, max(1, BAND_PIXELS // (right - left)))
        band = marker.resize((right - left, rows), Image.Resampling.NEAREST)
        for y in (*range(top, bottom - rows, rows), bottom - rows):
            image.im.paste(band.im, (left, y, right, y + rows))
        prepared.append(True)

    image.load_prepare = prepare_marked  # type: ignore[method-assign]  # Pillow has no other way in
    try:
        image.load()
    except Exception:  # the reason why we are here; Pillow's decoders raise several kinds
        if not prepared:
            raise
        image.tile = []  # keeps what was decoded until then
    there = np.ones(image.height, bool)
    end = marker.tobytes()[-_ROW_END:]
    for y in range(top, bottom):
        there[y] = not image.crop((left, y, right, y + 1)).tobytes().endswith(end)
    share = float(there.mean())
    if interlaced and image.format == "PNG" and not there[1:2].all():
        share = 0.0  # until its second row comes, after all even ones, those have gaps too
    elif interlaced:
        _fill_between(image, there)
    for row in np.flatnonzero(~there).tolist():
        image.paste(0, (left, row, right, row + 1))
    return image, there, share


def _marker_row(mode: str, width: int) -> Image.Image:
    """One row that no picture has: noise, always the same."""
    blank = Image.new(mode, (width, 1))
    noise = np.random.default_rng(width).integers(0, 256, len(blank.tobytes()), dtype=np.uint8)
    return Image.frombytes(mode, (width, 1), noise.tobytes())


def _fill_between(image: Image.Image, there: np.ndarray) -> None:
    """Copies rows down into the gaps that an interlaced picture still has."""
    last = None
    for y in range(image.height):
        if there[y]:
            last = y
        elif last is not None and y - last < _ROW_GROUP:
            image.paste(image.crop((0, last, image.width, last + 1)), (0, y))
    reached = np.convolve(there, np.ones(_ROW_GROUP))[: image.height] > 0
    there |= reached


def load_jpeg(
    open_image: Callable[[bytes], Image.Image], scale: int
) -> tuple[Image.Image, np.ndarray, float, bool]:
    """A JPEG without an end: the picture, which rows are there, the share that is, and whether that is all.

    `open_image` takes what is put behind the file's own bytes. `scale` is how many pixels of the file make
    one of the opened picture. All is there where reading on would change nothing; whether scans are missing
    as a whole, the header knows.
    """
    try:
        other = _digest(_loaded(open_image, _MORE + END))  # gone before the next: never two at a time
    except Exception:  # what was put there was read and made no sense, so the file does not end before it
        other = None
    image = _loaded(open_image, END)
    rows = np.ones(image.height, bool)
    if _digest(image) == other:
        return image, rows, 1.0, True
    unset = _unset_rows(image)
    rows[image.height - unset :] = False
    group = max(1, _BLOCK // scale)
    end = min(image.height, round((image.height - unset) / group) * group)  # colours reach one row further
    start = max(0, end - group)
    last = _unset(np.asarray(image.crop((0, start, image.width, end)))) if end else np.ones((1, 1), bool)
    across = int(np.flatnonzero(~last.all(axis=0)).max(initial=-1)) + 1
    share = (start * image.width + (end - start) * across) / (image.height * image.width)
    # Viewers show nothing before the first row of blocks is whole.
    return image, rows, share if start else 0.0, False


def _loaded(open_image: Callable[[bytes], Image.Image], more: bytes) -> Image.Image:
    image = open_image(more)
    image.load()
    return image


def _digest(image: Image.Image) -> bytes:
    """SHA-256 of the pixels, without a second copy of them."""
    found, rows = hashlib.sha256(), max(1, BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        found.update(image.crop((0, top, image.width, min(top + rows, image.height))).tobytes())
    return found.digest()


def _unset_rows(image: Image.Image) -> int:
    """How many rows at the bottom the decoder never set."""
    for y in range(image.height - 1, -1, -1):
        if not _unset(np.asarray(image.crop((0, y, image.width, y + 1)))).all():
            return image.height - 1 - y
    return image.height


def _unset(values: np.ndarray) -> np.ndarray:
    """[h, w], whether a pixel has the grey of what was never set."""
    unset = (values >= _UNSET[0]) & (values <= _UNSET[-1])
    return unset if values.ndim == 2 else np.asarray(unset.all(axis=-1))
