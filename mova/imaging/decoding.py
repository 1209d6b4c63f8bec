"""An accepted file -> its pixels as people see them: first frame or page, sRGB, on a ground, upright."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from PIL import Image

from mova.errors import ImageRefused
from mova.imaging import cut_short, formats
from mova.imaging.bmp import BmpHeader, decode_bmp
from mova.imaging.colour import to_srgb
from mova.imaging.gif import GifHeader
from mova.imaging.hdr import HdrSpace
from mova.imaging.jpeg import JpegHeader
from mova.imaging.opening import Opened, open_image
from mova.imaging.png import PngHeader
from mova.imaging.shrink import find_scale, plain, shrunk
from mova.imaging.transparency import on_ground

# A blank first frame is looked behind only so far.
_MOST_FRAMES = 30
_MOST_LOOKED_AT = 20_000_000  # pixels of all frames together
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Decoded:
    """RGB pixels without any metadata, no side longer than KEPT_SIDE; what its owner should know of them,
    and the colour space they were converted from."""

    pixels: Image.Image
    notes: tuple[str, ...]
    converted_from: str | None


@dataclass
class Loaded:
    """What the decoder gave: a picture in any mode, which of its rows are there (None: all), notes."""

    image: Image.Image
    there: np.ndarray | None
    notes: list[str]


def decode(opened: Opened) -> Decoded:
    """The picture of a file. Raises ImageRefused for what holds no picture, and whatever Pillow raises."""
    return as_shown(_load(opened), opened.profiles, opened.orientation)


def as_shown(loaded: Loaded, profiles: Sequence[bytes | HdrSpace], orientation: int) -> Decoded:
    """What was loaded as people see it, the picture taken out of `loaded`; the other two are as in Opened."""
    notes = loaded.notes
    grey = loaded.image.mode[0] in "1LI"
    scale = find_scale(loaded.image)
    if scale and scale.chosen:
        notes.append(f"Its values, {scale.black:g} to {scale.white:g}, are shown from black to white.")
    image = shrunk(loaded.image, scale)
    del loaded.image  # the largest thing in memory
    image, converted_from = _in_srgb(image, profiles, grey)
    if any(isinstance(profile, HdrSpace) and profile.name == converted_from for profile in profiles):
        notes.append("The picture is HDR: its brightness is brought down to an ordinary screen's.")
    if image.mode == "RGBA":
        image, note = on_ground(image)
        notes += [note] if note else []
    if loaded.there is not None:
        image.paste("white", mask=_missing(loaded.there, image.size))
    if orientation != 1:
        image = image.transpose(_TURNS[orientation])
    image.info = {}  # a profile or an orientation kept there would be written into copies
    return Decoded(image, tuple(notes), converted_from)


def _in_srgb(
    image: Image.Image, profiles: Sequence[bytes | HdrSpace], grey: bool
) -> tuple[Image.Image, str | None]:
    """RGB, or RGBA where there was alpha, in sRGB; `grey` says that the picture was, before it got alpha."""
    if image.mode != "RGBA":
        return to_srgb(image, profiles)
    colours, name = to_srgb(image.getchannel("R") if grey else image.convert("RGB"), profiles)
    colours.putalpha(image.getchannel("A"))
    return colours, name


def _missing(there: np.ndarray, size: tuple[int, int]) -> Image.Image:
    """A mask of (width, height): 255 where rows are not there; `there` is one truth per row as decoded."""
    column = Image.fromarray(np.where(there, 0, 255).astype(np.uint8)[:, None])
    smaller = column.resize((1, size[1]), Image.Resampling.BOX).point(lambda share: 255 * (share > 0))
    return smaller.resize(size, Image.Resampling.NEAREST)


def _load(opened: Opened) -> Loaded:
    if isinstance(opened.header, BmpHeader):
        return _load_bmp(opened.header, opened)
    image: Image.Image | None
    try:
        image = open_image(opened)
        image.load()
    except Exception:  # Pillow's decoders raise several kinds
        image = None  # gone before another is decoded
    if image is None and opened.kind == "PNG" and opened.page:  # the picture beside a broken animation
        return _load(replace(opened, page=0, animated=False))
    if image is None:
        return _load_in_part(opened)
    image = _only_covered(image, opened)
    if opened.pages > 1:
        return Loaded(image, None, ["The file has several pages: only the first is looked at."])
    return _first_shown(image, opened) if opened.animated else Loaded(image, None, [])


def _load_bmp(header: BmpHeader, opened: Opened) -> Loaded:
    image, rows = decode_bmp(header, opened.data)
    return Loaded(image, None, []) if rows.all() else _cut(image, rows, float(rows.mean()), opened)


def _load_in_part(opened: Opened) -> Loaded:
    """What is there of a file that could not be read to its end."""
    header = opened.header
    if isinstance(header, JpegHeader):
        scale = max(1, round(opened.size[0] / opened.decoded[0]))
        image, rows, share, whole = cut_short.load_jpeg(partial(open_image, opened), scale)
        return Loaded(image, None, []) if whole and header.begun else _cut(image, rows, share, opened)
    if isinstance(header, PngHeader | GifHeader):
        image, rows, share = cut_short.load_rows(partial(open_image, opened), header.interlaced)
        image = _only_covered(image, opened)
        return Loaded(image, None, []) if share == 1 else _cut(image, rows, share, opened)
    raise ImageRefused(formats.damaged(opened.kind))


def _cut(image: Image.Image, rows: np.ndarray, share: float, opened: Opened) -> Loaded:
    """What is there of a file that is cut short. Raises ImageRefused where that is next to nothing."""
    if share < cut_short.LEAST_THERE:
        raise ImageRefused(formats.damaged(opened.kind))
    missing = round(100 * (1 - min(share, rows.mean())))
    if missing and not rows.all():
        note = f"The file is cut short: about {missing} % of the picture is missing and left blank."
    else:
        note = "The file is cut short: the last of the picture may be missing or blurred."
    return Loaded(image, rows, [note])


def _only_covered(image: Image.Image, opened: Opened) -> Image.Image:
    """A GIF's frame, clear where it does not reach; all else as it is."""
    header = opened.header
    if not isinstance(header, GifHeader) or header.box == (0, 0, *image.size):
        return image
    image = image.convert("RGBA")
    alpha = Image.new("L", image.size)
    alpha.paste(image.getchannel("A").crop(header.box), header.box)
    image.putalpha(alpha)
    return image


def _first_shown(image: Image.Image, opened: Opened) -> Loaded:
    """An animation's first frame, or the first that shows anything."""
    note = "The picture is animated: only its first frame is looked at."
    if not opened.searched or not _blank(image):
        return Loaded(image, None, [note])
    first = image.copy()
    for number, frame in _frames(image, opened.page + 1):
        if not _blank(frame):
            shown = number - opened.page + 1
            note = f"The picture is animated and begins empty: only its frame {shown} is looked at."
            return Loaded(frame, None, [note])
    return Loaded(first, None, [note])


def _frames(image: Image.Image, start: int) -> Iterator[tuple[int, Image.Image]]:
    """Frames from the number `start` on, while there are whole ones."""
    most = min(_MOST_FRAMES, _MOST_LOOKED_AT // (image.width * image.height))
    for number in range(start, start + most):
        try:
            image.seek(number)
            image.load()
        except Exception:  # the last one is behind us, or the next is broken
            return
        yield number, image


def _blank(image: Image.Image) -> bool:
    """Whether a frame is clear, all black or all white: what animations fade in from."""
    pixels = plain(image)
    if pixels.mode == "RGBA" and pixels.getchannel("A").getextrema()[1] == 0:
        return True
    low, high = pixels.convert("L").getextrema()
    return low == high and low in (0, 255)
