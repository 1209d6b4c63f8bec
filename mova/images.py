"""Files people upload -> checked RGB pictures. Nothing is decoded before type, size and cost are known.

What is read is what people see: mova.imaging brings a file's pixels to what a browser shows of it. Pillow
only: the page uses this file too.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from mova.errors import ImageRefused
from mova.imaging import formats
from mova.imaging.data_uri import is_data_uri, read_data_uri
from mova.imaging.decoding import Decoded, decode
from mova.imaging.in_memory import decode_picture, unread_file
from mova.imaging.opening import MAX_PIXELS, Opened, open_file
from mova.imaging.quiet import silence_libraries, without_warnings
from mova.imaging.room import Room
from mova.imaging.shrink import KEPT_SIDE, shrunk
from mova.language.boxes import padding

__all__ = [
    "DECODING", "KEPT_SIDE", "MAX_BYTES", "MAX_PIXELS", "CheckedImage",
    "check_pixels", "decode_bytes", "pad_to_square", "read_image", "upright_size",
]  # fmt: skip
MAX_BYTES = formats.MAX_FILE_BYTES
DECODING = Room()  # what is decoded in this process, and how many wait for it
silence_libraries()


@dataclass(frozen=True)
class CheckedImage:
    """A picture that may be shown to the model.

    `pixels` is RGB with both sides at most KEPT_SIDE, `digest` the SHA-256 of size and pixels, `note`
    what was done to the picture that its owner should know. `converted_from` names the colour space that
    the file was in, where that was another than sRGB: what its owner sees is the same.
    """

    pixels: Image.Image
    digest: str
    note: str | None = None
    converted_from: str | None = None


def read_image(source: str | Path | bytes | Image.Image) -> CheckedImage:
    """A checked picture from a file, its bytes, a data URI, or Pillow's picture (mova/imaging/in_memory.py).

    Raises ImageRefused with a sentence for its owner.

    So many are decoded at once and so much memory is taken together as mova.imaging.room says; others wait.
    """
    if isinstance(source, Image.Image):
        with without_warnings():
            data = unread_file(source)
            if data is None:
                return _checked(decode_picture(source))
        source = data
    opened = _open(source)
    with DECODING.hold(opened.decode_bytes), without_warnings():
        try:
            decoded = decode(opened)
        except ImageRefused:
            raise
        except Exception as error:  # Pillow's decoders raise a dozen kinds on broken data
            raise ImageRefused(formats.damaged(opened.kind)) from error
    return _checked(decoded)


def upright_size(source: str | Path | bytes) -> tuple[int, int]:
    """(width, height) in pixels of a picture as it is shown, from its header; raises ImageRefused."""
    return _open(source).upright_size


def decode_bytes(source: str | Path | bytes) -> int:
    """The most memory that reading a picture takes, in bytes, from its header; raises ImageRefused."""
    return _open(source).decode_bytes


def check_pixels(
    pixels: Image.Image, note: str | None = None, converted_from: str | None = None
) -> CheckedImage:
    """A decoded RGB picture, made no larger than KEPT_SIDE, with its digest."""
    pixels = shrunk(pixels)
    digest = hashlib.sha256(f"{pixels.width}x{pixels.height}:".encode() + pixels.tobytes()).hexdigest()
    return CheckedImage(pixels, digest, note, converted_from)


def _checked(decoded: Decoded) -> CheckedImage:
    return check_pixels(decoded.pixels, " ".join(decoded.notes) or None, decoded.converted_from)


def pad_to_square(image: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """The picture centred on a square of `colour`; the odd pixel of border falls right or below."""
    side, left, top = padding(*image.size)
    if image.size == (side, side):
        return image
    square = Image.new(image.mode, (side, side), colour)
    square.paste(image, (left, top))
    return square


def _open(source: str | Path | bytes) -> Opened:
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    elif isinstance(source, str) and is_data_uri(source):
        data = read_data_uri(source)
    else:
        data = _read_bytes(Path(source))
    if len(data) > MAX_BYTES:
        raise ImageRefused(formats.too_many_bytes(len(data)))
    if not data:
        raise ImageRefused(f"The file is empty (0 bytes). {formats.ADVICE}")
    with without_warnings():
        return open_file(data)


def _read_bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ImageRefused(
                f"There is no picture file {path.name!r:.80}. Check the path. {formats.ADVICE}"
            )
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ImageRefused(formats.too_many_bytes(size))
        return path.read_bytes()
    except OSError as error:
        raise ImageRefused(
            f"The file {path.name!r:.80} cannot be read. Check its name and who may read it."
        ) from error
