"""Files people upload -> checked RGB pictures. Nothing is decoded before type and size are known.

Pillow only: the page uses this file too.
"""

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

from mova.errors import ImageRefused
from mova.language.boxes import padding

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_PIXELS = 40_000_000
MAX_BYTES = 64 * 2**20
# Twice the largest view of the 8B model; no encoder sees more, and memory per picture stays small.
KEPT_SIDE = 2048
_ADVICE = "Send a JPEG, PNG, WEBP or GIF picture."


@dataclass(frozen=True)
class CheckedImage:
    """A picture that may be shown to the model.

    `pixels` is RGB with both sides at most KEPT_SIDE, `digest` the SHA-256 of size and pixels, `note`
    what was done to the picture that its owner should know.
    """

    pixels: Image.Image
    digest: str
    note: str | None = None


def read_image(source: str | Path | bytes) -> CheckedImage:
    """A checked picture from a file or its bytes; raises ImageRefused with a sentence for its owner."""
    image = _checked_header(source)
    frames = getattr(image, "n_frames", 1) if image.format in ("PNG", "WEBP", "GIF") else 1
    note = "The picture is animated: only its first frame is looked at." if frames > 1 else None
    return check_pixels(_decode(image), note)


def upright_size(source: str | Path | bytes) -> tuple[int, int]:
    """(width, height) in pixels of a picture as it is shown, from its header; raises ImageRefused."""
    image = _checked_header(source)
    try:
        turned = image.getexif().get(ExifTags.Base.Orientation, 1) in range(5, 9)
    except Exception as error:  # as in `_open`: Pillow's parsers raise a dozen kinds
        raise ImageRefused(_broken(image.format)) from error
    return (image.height, image.width) if turned else image.size


def _checked_header(source: str | Path | bytes) -> Image.Image:
    """The picture with its kind and size accepted and nothing decoded."""
    data = source if isinstance(source, bytes) else _read_bytes(Path(source))
    if not data:
        raise ImageRefused(f"The file is empty (0 bytes). {_ADVICE}")
    if _format_of(data) is None:
        raise ImageRefused(f"The file is not a picture of a kind that is read here. {_ADVICE}")
    image = _open(data)
    if image.width * image.height > MAX_PIXELS:
        raise ImageRefused(_too_large(f"{image.width} x {image.height} pixels"))
    return image


def check_pixels(pixels: Image.Image, note: str | None = None) -> CheckedImage:
    """A decoded RGB picture, made no larger than KEPT_SIDE, with its digest."""
    largest = max(pixels.size)
    if largest > KEPT_SIDE:
        width, height = (max(1, round(side * KEPT_SIDE / largest)) for side in pixels.size)
        pixels = pixels.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
    digest = hashlib.sha256(f"{pixels.width}x{pixels.height}:".encode() + pixels.tobytes()).hexdigest()
    return CheckedImage(pixels, digest, note)


def pad_to_square(image: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """The picture centred on a square of `colour`; the odd pixel of border falls right or below."""
    side, left, top = padding(*image.size)
    if image.size == (side, side):
        return image
    square = Image.new(image.mode, (side, side), colour)
    square.paste(image, (left, top))
    return square


def _read_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise ImageRefused(f"There is no picture file {path.name!r}. Check the path. {_ADVICE}")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ImageRefused(
            f"The file has {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB are read."
            " Send a smaller copy."
        )
    return path.read_bytes()


def _format_of(data: bytes) -> str | None:
    """The format by the file's own first bytes; names and declared types are not believed."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    return "WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _too_large(size: str) -> str:
    return (
        f"The picture has {size}; at most {MAX_PIXELS // 10**6} megapixels are accepted."
        " Send a smaller copy or cut out the part that matters."
    )


def _open(data: bytes) -> Image.Image:
    """The picture with its header read and nothing decoded."""
    try:
        with warnings.catch_warnings():
            # Pillow's own limit is higher than ours, and a picture between the two is refused by us.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageRefused(_too_large("far too many pixels")) from error
    except Exception as error:  # Pillow's parsers raise a dozen kinds on broken headers
        raise ImageRefused(_broken(_format_of(data))) from error


def _broken(kind: str | None) -> str:
    return (
        f"The {kind} file is damaged or cut short and cannot be read to its end."
        " Save or download it again and send that copy."
    )


def _decode(image: Image.Image) -> Image.Image:
    """First frame, upright, 8-bit RGB, transparency laid on white."""
    try:
        image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))  # lets a large JPEG be decoded at half size or less
        image.load()
        return _to_rgb(ImageOps.exif_transpose(image))
    except Exception as error:  # as above; a damaged picture must not end the conversation
        raise ImageRefused(_broken(image.format)) from error


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit grey: Pillow's own conversion would clip it to white
        image = Image.fromarray((np.asarray(image).clip(0, 65535) // 257).astype(np.uint8))
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")
