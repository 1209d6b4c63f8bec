"""Pictures that Pillow holds: seen as a file with the same content is.

One that was opened and not decoded yet is its file. Of any other there are the pixels and what Pillow keeps
beside them: orientation, ICC profile, gamma, a clear colour. What it does not keep (PNG's cICP, the bits of a
clear grey, what a GIF's frame covers) is not known any more, and an animation is the frame it stands at.
"""

from typing import Any

from PIL import Image, ImageFile

from mova.errors import ImageRefused
from mova.imaging import formats, tags
from mova.imaging.colour_spaces import gamma_profile
from mova.imaging.decoding import Decoded, Loaded, as_shown

_ANIMATIONS = ("GIF", "PNG", "WEBP", "AVIF")


def unread_file(picture: Image.Image) -> bytes | None:
    """The file of a picture that was opened and not decoded yet; None for all else.

    Raises ImageRefused for a file with too many bytes.
    """
    if not isinstance(picture, ImageFile.ImageFile) or picture._im is not None or picture.tell():
        return None
    stream = picture.fp
    if stream is None or stream.closed:
        return None
    place = stream.tell()
    try:
        size = stream.seek(0, 2)
        if size > formats.MAX_FILE_BYTES:
            raise ImageRefused(formats.too_many_bytes(size))
        stream.seek(0)
        data = stream.read()
    finally:
        stream.seek(place)  # Pillow may go on reading
    return data if formats.format_of(data) else None


def decode_picture(picture: Image.Image) -> Decoded:
    """A picture in any of Pillow's modes, which stays as it is. Raises ImageRefused."""
    if min(picture.size) < 1:
        raise ImageRefused(
            f"The picture has {picture.width} x {picture.height} pixels: there is nothing to see on it."
            " Give one with pixels."
        )
    try:
        picture.load()
        image = _with_clear_colour_in_8_bits(picture.convert("LA") if picture.mode == "La" else picture)
        loaded = Loaded(image, None, _notes(picture))
        return as_shown(loaded, _profiles(picture.info), _orientation(picture))
    except Exception as error:  # Pillow's decoders raise a dozen kinds on broken data
        if picture.format:
            raise ImageRefused(formats.damaged(picture.format)) from error
        raise ImageRefused(
            f"The picture, of Pillow's mode {picture.mode}, cannot be shown as RGB. Convert it yourself and"
            " give the RGB picture."
        ) from error


def _with_clear_colour_in_8_bits(image: Image.Image) -> Image.Image:
    """Pillow keeps the clear colour of a 16-bit picture in 16 bits, and the pixels in 8."""
    clear = image.info.get("transparency")
    if image.mode != "RGB" or not isinstance(clear, tuple) or max(clear) <= 255:
        return image
    image = image.copy()
    image.info["transparency"] = tuple(value >> 8 for value in clear)
    return image


def _notes(picture: Image.Image) -> list[str]:
    if not getattr(picture, "is_animated", False):
        return []
    if picture.format == "TIFF":
        place = f"page {picture.tell() + 1}" if picture.tell() else "the first"
        return [f"The file has several pages: only {place} is looked at."]
    if picture.format in _ANIMATIONS:
        place = f"frame {picture.tell() + 1}" if picture.tell() else "first frame"
        return [f"The picture is animated: only its {place} is looked at."]
    return []


def _profiles(info: dict[str | tuple[int, int], Any]) -> tuple[bytes, ...]:
    """What the picture's colours mean, best first, as a file's."""
    found = [info.get("icc_profile")]
    gamma = info.get("gamma")
    if "srgb" not in info and isinstance(gamma, float):
        found.append(gamma_profile(gamma, info.get("chromaticity")))
    return tuple(profile for profile in found if profile and isinstance(profile, bytes))


def _orientation(picture: Image.Image) -> int:
    """1 to 8; Pillow would also take it from XMP, which browsers do not."""
    written = picture.info.get("exif")
    if isinstance(written, bytes):
        return tags.exif_orientation(written)
    if "xmp" in picture.info or "XML:com.adobe.xmp" in picture.info:
        return 1
    value = picture.getexif().get(tags.ORIENTATION)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
