"""Picture files for tests, written byte by byte where Pillow cannot write what must be read."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

CASES = Path(__file__).parent / "cases"
D65 = (0.3127, 0.3290)
SRGB_POINTS = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_ADAM7 = (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
P3_POINTS = (*D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def smooth(width: int = 64, height: int = 48) -> Image.Image:
    """A picture that lossy formats keep nearly as it is, all four corners different."""
    y, x = np.mgrid[:height, :width]
    channels = (x * 200 // width + 20, y * 200 // height + 30, (x + y) * 100 // (width + height) + 60)
    return Image.fromarray(np.dstack(channels).astype(np.uint8))


def row_of(*colours: tuple[int, int, int], side: int = 8) -> Image.Image:
    """Squares of one colour beside each other."""
    image = Image.new("RGB", (side * len(colours), side))
    for number, colour in enumerate(colours):
        image.paste(colour, (number * side, 0, (number + 1) * side, side))
    return image


def colours_of(image: Image.Image, side: int = 8) -> list[tuple[int, ...]]:
    """The colours in the middle of such squares."""
    return [image.getpixel((x, side // 2)) for x in range(side // 2, image.width, side)]


def furthest(found: Image.Image, wanted: Image.Image) -> int:
    """The largest difference of any value."""
    return int(np.abs(np.asarray(found).astype(int) - np.asarray(wanted.convert(found.mode))).max())


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with chunks put behind its header."""
    return png[:33] + b"".join(chunk(*each) for each in chunks) + png[33:]


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def chromaticities(points: tuple[float, ...]) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in points))


def coded(primaries: int, transfer: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, 0, 1])


def png_of(size: tuple[int, int], bits: int, kind: int, data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of unfiltered rows, each with its filter byte 0; `kind` is PNG's colour type."""
    header = struct.pack(">IIBBBBB", *size, bits, kind, 0, 0, 0)
    body = b"".join(chunk(*each) for each in chunks) + chunk(b"IDAT", zlib.compress(data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def rows_of(values: np.ndarray) -> bytes:
    """PNG's rows of [h, w(, c)] values, 16-bit ones big-endian."""
    return b"".join(b"\0" + row.tobytes() for row in values)


def interlaced_png(image: Image.Image) -> bytes:
    """An RGB picture in Adam7's seven passes."""
    values, data = np.asarray(image), b""
    for x, y, dx, dy in _ADAM7:
        part = values[y::dy, x::dx]
        data += rows_of(part) if part.size else b""
    header = struct.pack(">IIBBBBB", *image.size, 8, 2, 0, 0, 1)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def large_png(size: tuple[int, int], bits: int, kind: int, row: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of one row again and again, made without holding its pixels."""
    packer = zlib.compressobj(1)
    body = b"".join(packer.compress(b"\0" + row) for _ in range(size[1])) + packer.flush()
    header = struct.pack(">IIBBBBB", *size, bits, kind, 0, 0, 0)
    parts = (
        chunk(b"IHDR", header),
        *(chunk(*each) for each in chunks),
        chunk(b"IDAT", body),
        chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def tiff(values: np.ndarray, *more: tuple[int, int, int, bytes], order: str = "<") -> bytes:
    """An uncompressed grey TIFF; `more` tags are (number, type, count, four bytes), higher than its own."""
    height, width = values.shape
    own = {256: width, 257: height, 258: 8 * values.itemsize, 259: 1, 262: 1, 273: 8, 277: 1, 278: height}
    tags = [
        (tag, 4, 1, struct.pack(order + "I", value)) for tag, value in {**own, 279: values.nbytes}.items()
    ]
    entries = b"".join(struct.pack(order + "HHI", *tag[:3]) + tag[3] for tag in (*tags, *more))
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8 + values.nbytes)
    directory = struct.pack(order + "H", len(tags) + len(more)) + entries + bytes(4)
    return head + values.astype(values.dtype.newbyteorder(order)).tobytes() + directory


def bmp(
    size: tuple[int, int],
    bits: int,
    pixels: bytes,
    compression: int = 0,
    palette: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """A BMP; `after` is what a later header than BITMAPINFOHEADER has behind its fields, masks first."""
    head = 40 + (len(after) if len(after) > 12 else 0)
    fields = struct.pack(
        "<IiiHHIIiiII", head, *size, 1, bits, compression, len(pixels), 0, 0, len(palette) // 4, 0
    )
    start = 14 + len(fields) + len(after) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + fields + after + palette + pixels


def gif(screen: tuple[int, int], *frames: tuple[tuple[int, int], tuple[int, int], int, int | None]) -> bytes:
    """A GIF of black, red, green and blue. A frame: place, size, colour (0 to 3), clear colour or None."""
    out = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x81, 0, 0)
    out += bytes([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
    for place, size, colour, clear in frames:
        if clear is not None:
            out += b"!\xf9\x04\x05\5\0" + bytes([clear]) + b"\0"
        codes = [4, *[code for _ in range(size[0] * size[1]) for code in (colour, 4)][:-1], 5]
        number = sum(code << 3 * at for at, code in enumerate(codes))  # cleared after each: always 3 bits
        packed = number.to_bytes((3 * len(codes) + 7) // 8, "little")
        blocks = b"".join(
            bytes([len(packed[at : at + 255])]) + packed[at : at + 255] for at in range(0, len(packed), 255)
        )
        out += b"," + struct.pack("<HHHHB", *place, *size, 0) + b"\2" + blocks + b"\0"
    return out + b";"


def icc(
    space: bytes, tags: dict[bytes, bytes], device: bytes = b"mntr", connection: bytes = b"XYZ "
) -> bytes:
    """An ICC profile, version 2."""
    start, index, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for sign, content in tags.items():
        index += sign + struct.pack(">II", start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    head = struct.pack(">I4xI", start + len(body), 0x02400000) + device + space + connection
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061) + bytes(48)
    return head + index + body


def _described(name: bytes) -> dict[bytes, bytes]:
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    return {b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name + bytes(79), b"wtpt": white}


def grey_profile(exponent: float) -> bytes:
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(exponent * 256)) + b"\0\0"
    return icc(b"GRAY", {**_described(b"A grey"), b"kTRC": curve})


def press_profile() -> bytes:
    """CMYK whose inks are weak: full black is a dark grey, full cyan leaves some red."""
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 5)] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
    inks = (1 - 0.85 * grid[:, :3]) * (1 - 0.9 * grid[:, 3:])
    linear = np.where(inks <= 0.04045, inks / 12.92, ((inks + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4360, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7142]])
    shares = linear @ to_xyz.T / (0.9642, 1, 0.8249)
    x, y, z = np.where(shares > 0.008856, np.cbrt(shares), 7.787 * shares + 16 / 116).T
    lab = np.stack([(116 * y - 16) * 2.55, 500 * (x - y) + 128, 200 * (y - z) + 128], axis=-1)
    table = lab.round().clip(0, 255).astype(np.uint8).tobytes()
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    lut = (
        b"mft1\0\0\0\0"
        + bytes([4, 3, 5, 0])
        + identity
        + bytes(range(256)) * 4
        + table
        + bytes(range(256)) * 3
    )
    return icc(b"CMYK", {**_described(b"A press"), b"A2B0": lut}, b"prtr", b"Lab ")


def profile_of(case: str) -> bytes:
    """The ICC profile of a picture in tests/cases."""
    with Image.open(CASES / case) as image:
        return image.info["icc_profile"]
