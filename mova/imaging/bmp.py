"""BMP files, read here because Pillow refuses or misreads what browsers show: runs that leave pixels out,
alpha in 16 and 32 bits, masks of any width, rows that are missing.

Written after Microsoft's description of BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER.
"""

import struct
from dataclasses import dataclass

import numpy as np
from PIL import Image

_PLAIN, _RLE8, _RLE4, _MASKS, _ALPHA_MASKS = 0, 1, 2, 3, 6
_USUAL_MASKS = {16: (0x7C00, 0x3E0, 0x1F, 0), 32: (0xFF0000, 0xFF00, 0xFF, 0)}
# Bits and masks that Pillow unpacks by itself: mode, and its name for the layout.
_LAYOUTS = {
    (24, (0, 0, 0, 0)): ("RGB", "BGR"),
    (32, _USUAL_MASKS[32]): ("RGB", "BGRX"),
}
_MOST_RUNS = 2 * 2**20  # bytes of run-length code, which is followed in Python


@dataclass(frozen=True)
class BmpHeader:
    """`size` is (width, height) in pixels, `masks` those of red, green, blue and alpha (16 and 32 bits)."""

    size: tuple[int, int]
    bits: int
    compression: int
    top_down: bool
    masks: tuple[int, int, int, int]
    palette: np.ndarray  # [256, 3] RGB
    pixels_at: int
    profile: bytes | None  # ICC

    @property
    def common(self) -> bool:
        """Whether this is one of the layouts that are read."""
        masked = (16, 32)
        layouts = {
            _PLAIN: (1, 2, 4, 8, 16, 24, 32), _RLE8: (8,), _RLE4: (4,), _MASKS: masked, _ALPHA_MASKS: masked,
        }  # fmt: skip
        return self.bits in layouts.get(self.compression, ())


def read_bmp(data: bytes) -> BmpHeader | None:
    """The header of a BMP file; None where it is not whole or promises what cannot be."""
    try:
        (pixels_at, head) = struct.unpack_from("<II", data, 10)
        if head == 12:
            width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
            compression = colours = 0
        else:
            width, height, _, bits, compression, _, _, _, colours = struct.unpack_from("<iiHHIIiiI", data, 18)
        masks = _masks(data, head, bits, compression)
        profile = _profile(data) if head >= 124 else None
    except struct.error:
        return None
    after = 14 + head + (12 if head == 40 and compression == _MASKS else 0)
    step = 3 if head == 12 else 4
    count = min(colours or 256, 1 << bits, 256) if bits <= 8 else 0
    entries = np.frombuffer(data[after : after + step * count], np.uint8)
    entries = entries[: len(entries) // step * step].reshape(-1, step)
    palette = np.zeros((256, 3), np.uint8)
    palette[: len(entries)] = entries[:, 2::-1]
    place = pixels_at if pixels_at >= 14 else after + step * count
    if width <= 0 or height == 0:
        return None
    size = width, abs(height)
    return BmpHeader(size, bits, compression, height < 0, masks, palette, place, profile)


def _profile(data: bytes) -> bytes | None:
    """The ICC profile of a BITMAPV5HEADER that says it has one."""
    place, size = struct.unpack_from("<II", data, 126)
    return data[14 + place : 14 + place + size] if data[70:74] == b"DEBM" else None


def _masks(data: bytes, head: int, bits: int, compression: int) -> tuple[int, int, int, int]:
    usual = _USUAL_MASKS.get(bits, (0, 0, 0, 0))
    if compression in (_MASKS, _ALPHA_MASKS):
        colours = struct.unpack_from("<III", data, 54)
        alpha = struct.unpack_from("<I", data, 66)[0] if head >= 56 else 0
        return tuple(mask & (1 << min(bits, 32)) - 1 for mask in (*colours, alpha))
    # Browsers take a later header's alpha mask for what it is, though it is asked for in other files only.
    alpha = struct.unpack_from("<I", data, 66)[0] if head >= 108 and bits == 32 else 0
    return (*usual[:3], alpha)


def decode_bmp(header: BmpHeader, data: bytes) -> tuple[Image.Image, np.ndarray]:
    """The picture (P, RGB or RGBA), and for each of its rows whether it is there."""
    found: Image.Image | None
    if header.compression in (_RLE8, _RLE4):
        values, rows = _runs(header, data[header.pixels_at : header.pixels_at + _MOST_RUNS])
        found = Image.fromarray(values[:rows])
    else:
        stride = (header.size[0] * header.bits + 31) // 32 * 4
        body = memoryview(data)[header.pixels_at :]
        rows = min(header.size[1], len(body) // stride)
        found = _rows(header, body[: rows * stride], (header.size[0], rows), stride) if rows else None
    if found is None or not rows:
        return Image.new("RGB", header.size), np.zeros(header.size[1], bool)
    flipped = found if header.top_down else found.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    image = flipped
    if rows < header.size[1]:
        image = Image.new(found.mode, header.size)
        image.paste(flipped, (0, 0 if header.top_down else header.size[1] - rows))
    if header.bits <= 8:
        image.putpalette(header.palette.tobytes())
    there = np.arange(header.size[1]) < rows
    return image, there if header.top_down else there[::-1]


def _rows(header: BmpHeader, body: memoryview, size: tuple[int, int], stride: int) -> Image.Image:
    """The rows that the file holds, in its own order."""
    layout = _LAYOUTS.get((header.bits, header.masks))
    if layout:
        mode, raw = layout
        return Image.frombytes(mode, size, body, "raw", raw, stride, 1)
    rows = np.frombuffer(body, np.uint8).reshape(size[1], stride)
    if header.bits <= 8:
        per_byte = 8 // header.bits
        shifts = np.arange(per_byte - 1, -1, -1, dtype=np.uint8) * header.bits
        values = rows[:, :, None] >> shifts & (1 << header.bits) - 1 if per_byte > 1 else rows
        return Image.fromarray(np.ascontiguousarray(values.reshape(size[1], -1)[:, : size[0]]))
    words = rows.view("<u2" if header.bits == 16 else "<u4")[:, : size[0]]
    return Image.fromarray(_by_masks(words, header.masks))


def _by_masks(words: np.ndarray, masks: tuple[int, int, int, int]) -> np.ndarray:
    """[rows, width, 3], or 4 where alpha says something: each mask's bits brought to 0..255."""
    channels = []
    for mask in masks[: 4 if masks[3] else 3]:
        shift = (mask & -mask).bit_length() - 1 if mask else 0
        most = max(mask >> shift, 1)  # masks are one run of bits
        values = (words >> shift) & most
        scaled = values if most == 255 else values.astype(np.float32) * (255 / most) + 0.5
        channels.append(scaled.astype(np.uint8))
    if len(channels) == 4 and not channels[3].any():
        channels.pop()  # programs that leave the fourth byte empty do not mean that nothing is visible
    return np.stack(channels, axis=-1)


def _runs(header: BmpHeader, code: bytes) -> tuple[np.ndarray, int]:
    """[height, width] palette indices in the file's order of rows, and how many rows were begun.

    A row or a rest of one that the code leaves out has colour 0.
    """
    width, height = header.size
    pixels = bytearray(width * height)
    x = y = place = 0
    rows = height
    while y < height:
        if place + 2 > len(code):
            rows = y + (x >= width)
            break
        count, value = code[place], code[place + 1]
        place += 2
        if count == 0 and value == 0:  # end of the row
            x, y = 0, y + 1
        elif count == 0 and value == 1:  # end of the picture
            break
        elif count == 0 and value == 2:  # a jump
            right, up = code[place : place + 2].ljust(2, b"\0")
            x, y, place = x + right, y + up, place + 2
        else:
            values, place = _run(header.compression == _RLE4, count, value, code, place)
            rest = max(0, width - x)
            pixels[y * width + x : y * width + x + min(len(values), rest)] = values[:rest]
            x += len(values)
    return np.frombuffer(pixels, np.uint8).reshape(height, width), rows


def _run(rle4: bool, count: int, value: int, code: bytes, place: int) -> tuple[bytes, int]:
    """A run's values, one repeated, two in turn, or written out; and where the code goes on."""
    if count and rle4:
        return (bytes((value >> 4, value & 15)) * (count + 1 >> 1))[:count], place
    if count:
        return bytes((value,)) * count, place
    size = (value + 1) // 2 if rle4 else value
    written = code[place : place + size]
    if rle4:
        written = bytes(half for both in written for half in (both >> 4, both & 15))
    return written[:value].ljust(value, b"\0"), place + size + size % 2
