"""A file's bytes -> what is known of its picture before anything is decoded."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
)  # fmt: skip
from PIL import WebPImagePlugin as WebpImagePlugin

from mova.errors import ImageRefused
from mova.imaging import formats, room, tags
from mova.imaging.bmp import BmpHeader, read_bmp
from mova.imaging.colour_spaces import still_profile
from mova.imaging.gif import GifHeader, read_gif
from mova.imaging.hdr import HdrSpace
from mova.imaging.jpeg import MOST_SCANS, JpegHeader, read_jpeg
from mova.imaging.png import PngHeader, read_png
from mova.imaging.shrink import kept_size

MAX_PIXELS = 40_000_000
# A JPEG is decoded small: at a half, a quarter or an eighth of its sides. Phones make up to 200 megapixels.
MAX_JPEG_PIXELS = 250_000_000
MOST_FRAME_PIXELS = 4_000_000
_MOST_SCANNED = 8_000_000_000  # pixels times scans of a JPEG
_MOST_PIECES = 200_000  # strips or tiles of a TIFF
_STRIP_ROWS, _BITS, _SAMPLES, _TILE_WIDTH, _TILE_HEIGHT = 278, 258, 277, 322, 323
_STRIPS, _TILES = 273, 324
_REDUCED = 1 | 4  # of NewSubfileType: a preview, a mask
_NCLX = b"colrnclx"
_AVIF_HEAD = 2**16  # bytes in which an AVIF says what its colours are


@dataclass(frozen=True)
class Opened:
    """A file whose header was read and accepted.

    `data` is what the decoder is given, `size` (width, height) in pixels as stored, `decoded` as it comes
    out of the decoder in Pillow's `mode`, `orientation` EXIF's. `profiles` say what its colours mean, best
    first. `own` is what the decoder holds beside pixels, in bytes. `page` is the one to look at, of `pages`.
    """

    kind: str
    data: bytes
    size: tuple[int, int]
    mode: str
    decoded: tuple[int, int]
    header: JpegHeader | PngHeader | GifHeader | BmpHeader | None = None
    orientation: int = 1
    profiles: tuple[bytes | HdrSpace, ...] = ()
    own: int = 0
    animated: bool = False
    page: int = 0
    pages: int = 1

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width, height) in pixels as the picture is shown."""
        width, height = self.size
        return (height, width) if self.orientation >= 5 else (width, height)

    @property
    def searched(self) -> bool:
        """Whether frames behind a blank first one are looked at: in pictures as small as animations are."""
        return self.animated and self.size[0] * self.size[1] <= MOST_FRAME_PIXELS

    @property
    def decode_bytes(self) -> int:
        """The most memory that reading the picture takes."""
        # Three frames in RGBA: one is laid on another, and the first is kept.
        frames = 12 * self.size[0] * self.size[1] if self.searched or self.page else 0
        return room.peak_bytes(self.decoded, self.mode, self.kind, self.own + frames)


def open_file(data: bytes) -> Opened:
    """What a file's header says. Raises ImageRefused for what is not read here, too large or broken."""
    kind = formats.format_of(data)
    if kind is None:
        raise ImageRefused(formats.not_read(data))
    try:
        opened = _OPENERS[kind](data)
    except ImageRefused:
        raise
    except Exception as error:  # Pillow's parsers raise a dozen kinds on broken headers
        raise ImageRefused(formats.damaged(kind)) from error
    if opened.decode_bytes > room.MOST_BYTES:
        raise ImageRefused(
            f"The picture would take {opened.decode_bytes / 2**20:.0f} MB of memory to read; at most"
            f" {room.MOST_BYTES / 2**20:.0f} MB are given to one. Send a smaller copy."
        )
    return opened


def open_image(opened: Opened, more: bytes = b"") -> ImageFile.ImageFile:
    """Pillow's picture, ready to be decoded; `more` is put behind the file's own bytes."""
    image = _PLUGINS[opened.kind](BytesIO(opened.data + more))
    if opened.kind == "JPEG":
        image.draft("RGB", kept_size(opened.size))
    if isinstance(opened.header, PngHeader):
        _match_depth(image, opened.header.bits)
    if opened.page:
        image.seek(opened.page)
    if opened.kind == "TIFF":
        exif = image.getexif()
        for tag in tags.FURTHER_DIRECTORIES:  # Pillow would load whatever they claim to hold
            exif.pop(tag, None)
    return image


def _match_depth(image: Image.Image, bits: int) -> None:
    """A PNG names its clear colour in its own depth, Pillow looks for it in 8 bits."""
    clear = image.info.get("transparency")
    if image.mode == "L" and isinstance(clear, int) and bits < 8:
        image.info["transparency"] = clear * 255 // ((1 << bits) - 1)
    if image.mode == "RGB" and isinstance(clear, tuple) and bits == 16:
        image.info["transparency"] = tuple(value >> 8 for value in clear)


def _check_size(size: tuple[int, int], kind: str, most: int = MAX_PIXELS) -> None:
    if min(size) < 1:
        raise ImageRefused(formats.damaged(kind))
    if size[0] * size[1] > most:
        raise ImageRefused(
            f"The picture has {size[0]} x {size[1]} pixels; at most {most // 10**6} megapixels are accepted."
            " Send a smaller copy or cut out the part that matters."
        )


def _jpeg(data: bytes) -> Opened:
    header = read_jpeg(data)
    if header is None:
        raise ImageRefused(formats.damaged("JPEG"))
    if not header.common:
        raise ImageRefused(formats.uncommon("JPEG", "lossless, arithmetic-coded or of more than 8 bits"))
    _check_size(header.size, "JPEG", MAX_JPEG_PIXELS)
    pixels = header.size[0] * header.size[1]
    if header.scans > MOST_SCANS or pixels * header.scans > _MOST_SCANNED:
        raise ImageRefused(formats.uncommon("JPEG", f"made of {header.scans} scans"))
    image = JpegImagePlugin.JpegImageFile(BytesIO(header.data))
    image.draft("RGB", kept_size(header.size))
    return Opened(
        "JPEG",
        header.data,
        header.size,
        image.mode,
        image.size,
        header,
        tags.exif_orientation(header.exif),
        (header.profile,) if header.profile else (),
        own=int(2 * header.samples * pixels) if header.kept_whole else 0,
    )


def _png(data: bytes) -> Opened:
    header = read_png(data)
    if header is None:
        raise ImageRefused(formats.damaged("PNG"))
    _check_size(header.size, "PNG")
    try:
        image = PngImagePlugin.PngImageFile(BytesIO(header.data))
    except Exception:  # as above; without the animation, its broken parts are no matter
        still = read_png(data, animation=False) if header.animated else None
        if still is None:
            raise
        header = still
        image = PngImagePlugin.PngImageFile(BytesIO(header.data))
    # An animation's own frames are shown; a picture beside them is for viewers that know no animations.
    page = int(image.default_image and image.n_frames > 1)
    return Opened(
        "PNG",
        header.data,
        header.size,
        image.mode,
        header.size,
        header,
        tags.exif_orientation(header.exif),
        header.profiles,
        animated=image.n_frames > 1 + page,
        page=page,
    )


def _gif(data: bytes) -> Opened:
    header = read_gif(data)
    if header is None:
        raise ImageRefused(formats.damaged("GIF"))
    _check_size(header.size, "GIF")
    image = GifImagePlugin.GifImageFile(BytesIO(header.data))
    covered = header.box == (0, 0, *header.size)
    own = 0 if covered else 8 * header.size[0] * header.size[1]  # its alpha is made, and put into RGBA
    return Opened(
        "GIF", header.data, header.size, image.mode, header.size, header, own=own, animated=header.animated
    )


def _webp(data: bytes) -> Opened:
    _check_size(_webp_size(data), "WEBP")
    image = WebpImagePlugin.WebPImageFile(BytesIO(data))
    _check_size(image.size, "WEBP")
    profile = image.info.get("icc_profile")
    return Opened(
        "WEBP",
        data,
        image.size,
        image.mode,
        image.size,
        orientation=tags.exif_orientation(image.info.get("exif")),
        profiles=(profile,) if profile else (),
        animated=image.n_frames > 1,
    )


def _webp_size(data: bytes) -> tuple[int, int]:
    """(width, height) from the first chunk; the decoder takes memory for them when it is made."""
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        return width + 1, height + 1
    if kind == b"VP8L":
        word = int.from_bytes(data[21:25], "little")
        return (word & 0x3FFF) + 1, (word >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _avif(data: bytes) -> Opened:
    if tags.hidden_claims(data):  # Pillow loads an AVIF's EXIF as soon as it opens it
        raise ImageRefused(formats.damaged("AVIF"))
    image = AvifImagePlugin.AvifImageFile(BytesIO(data))
    _check_size(image.size, "AVIF")
    profile = image.info.get("icc_profile")
    if not profile:
        place = data.find(_NCLX, 0, _AVIF_HEAD)
        codes = data[place + 8 : place + 12] if place >= 0 else b""
        profile = still_profile(*struct.unpack(">HH", codes)) if len(codes) == 4 else None
    return Opened(
        "AVIF",
        data,
        image.size,
        image.mode,
        image.size,
        orientation=tags.exif_orientation(image.info.get("exif")),
        profiles=(profile,) if profile else (),
        animated=image.n_frames > 1,
    )


def _bmp(data: bytes) -> Opened:
    header = read_bmp(data)
    if header is None:
        raise ImageRefused(formats.damaged("BMP"))
    if not header.common:
        raise ImageRefused(formats.uncommon("BMP", f"of {header.bits} bits in an uncommon layout"))
    _check_size(header.size, "BMP")
    mode = "P" if header.bits <= 8 else "RGBA" if header.masks[3] else "RGB"
    profiles = (header.profile,) if header.profile else ()
    return Opened("BMP", data, header.size, mode, header.size, header, profiles=profiles)


def _tiff(data: bytes) -> Opened:
    found = list(tags.directories(data))
    if not found:
        raise ImageRefused(formats.damaged("TIFF"))
    previews = [bool(_value(each, tags.NEW_SUBFILE_TYPE, 0) & _REDUCED) for each in found]
    if tags.DNG_VERSION in found[0] or (previews[0] and tags.SUB_DIRECTORIES in found[0]):
        raise ImageRefused(formats.raw_file())
    page = previews.index(False) if False in previews else 0
    first = found[page]
    if any(tags.claims_too_much(each, len(data)) for each in found[: page + 1]):
        raise ImageRefused(formats.damaged("TIFF"))
    if any(tag in first and first[tag].values > _MOST_PIECES for tag in (_STRIPS, _TILES)):
        raise ImageRefused(formats.uncommon("TIFF", "cut into a great many pieces"))
    try:
        image = TiffImagePlugin.TiffImageFile(BytesIO(data))
        image.seek(page)
    except Exception as error:  # its directory can be followed, but means nothing to Pillow
        raise ImageRefused(formats.uncommon("TIFF", "damaged or of an uncommon kind")) from error
    _check_size(image.size, "TIFF")
    turned = 4 * image.width * image.height if tags.orientation(first) != 1 else 0  # Pillow does it at once
    profile = image.info.get("icc_profile")
    return Opened(
        "TIFF",
        data,
        image.size,
        image.mode,
        image.size,
        profiles=(profile,) if isinstance(profile, bytes) else (),
        own=_piece_bytes(first, image.size) + turned,
        page=page,
        pages=max(1, previews.count(False)),
    )


def _value(directory: dict[int, tags.Tag], tag: int, default: int) -> int:
    found = directory.get(tag, tags.Tag(0, 0, None)).first
    return default if found is None else found


def _piece_bytes(directory: dict[int, tags.Tag], size: tuple[int, int]) -> int:
    """What one strip or tile of a TIFF takes unpacked."""
    longest = max(size)  # which side is which depends on the orientation
    width = _value(directory, _TILE_WIDTH, longest)
    height = _value(directory, _TILE_HEIGHT, min(_value(directory, _STRIP_ROWS, longest), longest))
    pixels = width * height if _TILE_WIDTH in directory else min(width * height, size[0] * size[1])
    return pixels * _value(directory, _BITS, 1) * _value(directory, _SAMPLES, 1) // 8


_OPENERS: dict[str, Callable[[bytes], Opened]] = {
    "JPEG": _jpeg, "PNG": _png, "GIF": _gif, "WEBP": _webp, "AVIF": _avif, "BMP": _bmp, "TIFF": _tiff,
}  # fmt: skip
_PLUGINS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WEBP": WebpImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
}
