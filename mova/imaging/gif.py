"""A GIF file's blocks: what has to be known before it is decoded, and the file without the rest.

The decoder is given no comments, which it takes minutes to put together where they are long, and only
frames that anybody looks at.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MOST_FRAMES = 31  # a first one, and those behind it where it is blank
_MOST_BLOCKS = 2_000_000
_EXTENSION, _IMAGE = 0x21, 0x2C
_CONTROL = 0xF9  # the extension that makes a colour transparent


@dataclass(frozen=True)
class GifHeader:
    """`data` is the file without what the decoder does not need. `size` is (width, height) in pixels, `box`
    what the first frame covers of it (left, top, right, bottom)."""

    data: bytes
    size: tuple[int, int]
    box: tuple[int, int, int, int]
    interlaced: bool
    animated: bool


def read_gif(data: bytes) -> GifHeader | None:
    """The header of a GIF file; None where it has no frame whose pixels begin."""
    if len(data) < 13:
        return None
    place = 13 + _palette_bytes(data[10])
    kept = [data[:place]]
    frames: list[tuple[tuple[int, int, int, int], bool]] = []  # box, interlaced
    size = _two(data, 6), _two(data, 8)
    steps = iter(range(_MOST_BLOCKS))
    while place + 2 < len(data) and len(frames) < MOST_FRAMES and data[place] in (_EXTENSION, _IMAGE):
        begin, is_image = place, data[place] == _IMAGE
        if is_image:
            if place + 11 > len(data):
                break
            left, top = _two(data, place + 1), _two(data, place + 3)
            box = left, top, left + _two(data, place + 5), top + _two(data, place + 7)
            if not frames:  # a first frame larger than the screen is what the screen then is
                size = max(size[0], box[2]), max(size[1], box[3])
            elif box[2] > size[0] or box[3] > size[1]:
                break
            frames.append((box, bool(data[place + 9] & 64)))
            place += 10 + _palette_bytes(data[place + 9]) + 1
        else:
            place += 2
        end, rest = _end_of_blocks(data, place, steps)
        if end is None:
            return None
        if is_image or data[begin + 1] == _CONTROL:
            kept.append(data[begin:end] + rest)
        place = end
    if not frames:
        return None
    box, interlaced = frames[0]
    return GifHeader(b"".join([*kept, b";"]), size, box, interlaced, len(frames) > 1)


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 128 else 0


def _two(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 2], "little")


def _end_of_blocks(data: bytes, place: int, steps: Iterator[int]) -> tuple[int | None, bytes]:
    """Where a row of blocks that begins at `place` ends, and what closes it if the file is cut short.

    A last block that is not whole is left out but for the part that is there. None: more blocks than anybody
    makes, which `steps` count.
    """
    for _ in steps:
        if place >= len(data):
            return len(data), b"\0"
        size = data[place]
        if not size:
            return place + 1, b""
        if place + 1 + size > len(data):
            return place, bytes([len(data) - place - 1]) + data[place + 1 :] + b"\0"
        place += 1 + size
    return None, b""
