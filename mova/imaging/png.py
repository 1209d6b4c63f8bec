"""A PNG file's chunks: what has to be known before it is decoded, and the file without the rest.

The decoder is given no more than it needs: a text that is too long or a checksum that is wrong in a chunk
no viewer needs must not hide the picture.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from mova.imaging.colour_spaces import coded_profile, gamma_profile
from mova.imaging.hdr import HdrSpace

_MOST_CHUNKS = 200_000
_MOST_PROFILE = 8 * 2**20  # bytes of an unpacked ICC profile; a printer's has 3 MB at most
_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}
_NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", *_ANIMATION}
_METADATA = {b"iCCP", b"cICP", b"sRGB", b"gAMA", b"cHRM", b"eXIf"}


@dataclass(frozen=True)
class PngHeader:
    """`data` is the file without what the decoder does not need, `size` (width, height) in pixels.

    `bits` is per sample, as stored. `profiles` say what its colours mean, best first: the next one counts
    where one cannot be used.
    """

    data: bytes
    size: tuple[int, int]
    bits: int
    interlaced: bool
    animated: bool
    exif: bytes | None
    profiles: tuple[bytes | HdrSpace, ...]


def read_png(data: bytes, animation: bool = True) -> PngHeader | None:
    """The header of a PNG file, with its animation or without; None where it has none."""
    kept, metadata = [data[:8]], {}
    header, animated = None, False
    for kind, place, end in _chunks(data):
        if kind == b"IHDR" and header is None:
            header = data[place + 8 : end - 4]
        wanted = _whole(data, place, end) if kind == b"tRNS" else animation or kind not in _ANIMATION
        if kind in _NEEDED and wanted:
            kept.append(data[place:end])
            animated = animated or kind == b"acTL"
        if kind in _METADATA and kind not in metadata and _whole(data, place, end):
            metadata[kind] = data[place + 8 : end - 4]
    if header is None or len(header) != 13:
        return None
    width, height, bits, _, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    return PngHeader(
        data=b"".join(kept),
        size=(width, height),
        bits=bits,
        interlaced=bool(interlaced),
        animated=animated,
        exif=metadata.get(b"eXIf"),
        profiles=_profiles(metadata),
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(kind, where it begins, where it ends) of every chunk; the last may be cut short."""
    place = 8
    for _ in range(_MOST_CHUNKS):
        if place + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, place)
        yield kind, place, place + 12 + length
        if kind == b"IEND":
            return
        place += 12 + length


def _whole(data: bytes, place: int, end: int) -> bool:
    """Whether a chunk is all there with the checksum it should have."""
    if end > len(data):
        return False
    return zlib.crc32(data[place + 4 : end - 4]) == int.from_bytes(data[end - 4 : end], "big")


def _profiles(metadata: dict[bytes, bytes]) -> tuple[bytes | HdrSpace, ...]:
    """What the chunks say about colours, in the order that PNG's third edition gives and browsers keep."""
    coded, embedded, chromaticities = (metadata.get(kind, b"") for kind in (b"cICP", b"iCCP", b"cHRM"))
    found = []
    if len(coded) == 4 and coded[2:] == b"\0\1":  # RGB in full range; no browser reads another
        found.append(coded_profile(coded[0], coded[1]))
    if embedded:
        found.append(_unpacked(embedded))
    if b"sRGB" not in metadata and len(metadata.get(b"gAMA", b"")) == 4:
        gamma = int.from_bytes(metadata[b"gAMA"], "big") / 100_000
        points = struct.unpack(">8I", chromaticities) if len(chromaticities) == 32 else None
        found.append(gamma_profile(gamma, points and tuple(value / 100_000 for value in points)))
    return tuple(profile for profile in found if profile)


def _unpacked(embedded: bytes) -> bytes | None:
    """The ICC profile of an iCCP chunk: a name, a zero, the method (0), then zlib's data."""
    _, _, packed = embedded.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(packed[1:], _MOST_PROFILE)
    except zlib.error:
        return None
