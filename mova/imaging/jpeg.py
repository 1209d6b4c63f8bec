"""A JPEG file's segments: what has to be known before it is decoded, and the file without the rest.

The decoder is given no more than it needs. Thumbnails, text and a second picture behind the first (as
phones put there) can then neither be taken for the picture nor break its reading.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

END = b"\xff\xd9"
_MOST_SEGMENTS = 20_000
MOST_SCANS = 1000  # cameras and editors make 10 at most
_START_OF_SCAN = 0xDA
_SCAN = b"\xff\xda"
_MARKER = re.compile(rb"\xff[^\xff]")  # what fills the space before a marker is passed over
_ALONE = {0x00, 0x01, *range(0xD0, 0xD9)}  # markers without a segment
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_COMMON_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: what browsers show too
_COMMENT, _JFIF, _EXIF, _PROFILE, _ADOBE = 0xFE, 0xE0, 0xE1, 0xE2, 0xEE


@dataclass(frozen=True)
class JpegHeader:
    """`data` is the file without what the decoder does not need. `ended` says that its end marker is there,
    `begun` that the last scan begins in it that the picture needs.

    `size` is (width, height) in pixels, `samples` the values per pixel that are stored on average (1.5 for
    the usual halved colours). `kept_whole` says that the decoder has to hold all coefficients, 2 bytes each,
    because the values of one place come in several of the `scans`. `common` is False for the variants that
    no browser shows either.
    """

    data: bytes
    size: tuple[int, int]
    samples: float
    scans: int
    kept_whole: bool
    common: bool
    ended: bool
    begun: bool
    exif: bytes | None
    profile: bytes | None


def read_jpeg(data: bytes) -> JpegHeader | None:
    """The header of a JPEG file; None where it has none that can be followed to the first scan."""
    kept, profiles = [data[:2]], {}
    frame = frame_marker = exif = None
    start = None
    for marker, place, end in _segments(data):
        body = data[place + 4 : end]
        if marker == _START_OF_SCAN:
            start = place
            break
        if marker in _FRAMES:
            frame, frame_marker = body, marker
        elif marker == _EXIF and exif is None and body.startswith(b"Exif\0\0"):
            exif = body
        elif marker == _PROFILE and body.startswith(b"ICC_PROFILE\0") and len(body) > 14:
            profiles[body[12]] = body
        if marker in (_JFIF, _ADOBE) or not (0xE0 <= marker <= 0xEF or marker == _COMMENT):
            kept.append(data[place:end])
    if start is None or frame is None or len(frame) < 6 or len(frame) < 6 + 3 * frame[5]:
        return None
    stop = data.find(END, start)
    scans = data.count(_SCAN, start, stop if stop >= 0 else len(data))
    precision, height, width, components = struct.unpack_from(">BHHB", frame)
    return JpegHeader(
        data=b"".join([*kept, data[start:] if stop >= 0 else data[start:].rstrip(b"\xff")]),
        size=(width, height),
        samples=_samples_per_pixel(frame),
        scans=scans,
        kept_whole=frame_marker == 0xC2 or data[start + 4 : start + 5] != bytes([components]),
        common=frame_marker in _COMMON_FRAMES and precision == 8,
        ended=stop >= 0,
        begun=stop >= 0 or (scans <= MOST_SCANS and _all_begun(data, start, frame)),
        exif=exif,
        profile=_joined(profiles),
    )


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, where it begins, where its segment ends) up to the first scan, that included."""
    place = 2
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.search(data, place)
        if found is None or found.end() + 2 > len(data):
            return
        place, marker = found.end() - 2, data[found.end() - 1]
        if marker in _ALONE:
            place += 2
            continue
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == END[1] or end < place + 4 or end > len(data):
            return
        yield marker, place, end
        place = end


def _samples_per_pixel(frame: bytes) -> float:
    """Stored values per pixel: the first component has one, the others often a quarter."""
    factors = [(frame[at] >> 4, frame[at] & 15) for at in range(7, 6 + 3 * frame[5], 3)]
    most = max((across for across, _ in factors), default=1) * max((down for _, down in factors), default=1)
    return sum(across * down for across, down in factors) / max(most, 1)


def _all_begun(data: bytes, scan: int, frame: bytes) -> bool:
    """Whether the scans from the one at `scan` on bring all 64 values of every block to their last bits."""
    missing_bits = {name: [16] * 64 for name in frame[6 : 6 + 3 * frame[5] : 3]}
    while scan >= 0:
        # How many components, name and tables of each, first and last value, bits before and missing after.
        count = data[scan + 4] if scan + 4 < len(data) else 0
        what = data[scan + 5 : scan + 8 + 2 * count]
        if len(what) < 3 + 2 * count:
            return False
        first, last, bits = what[-3:]
        for component in missing_bits.keys() & set(what[:-3:2]):
            for value in range(first, min(last, 63) + 1):
                missing_bits[component][value] = bits & 15
        scan = data.find(_SCAN, scan + 2)
    return not any(map(any, missing_bits.values()))


def _joined(parts: dict[int, bytes]) -> bytes | None:
    """An ICC profile out of its numbered parts; None where one is missing."""
    numbers = sorted(parts)
    if not numbers or numbers != list(range(1, parts[numbers[0]][13] + 1)):
        return None
    return b"".join(parts[number][14:] for number in numbers)
