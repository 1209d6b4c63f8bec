"""Directories of TIFF tags: a TIFF file's own, and the one inside EXIF.

Read here and not by Pillow, because a directory may promise millions of entries, and because a broken tag
somewhere must not hide the orientation.
"""

import re
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

FURTHER_DIRECTORIES = 34665, 34853, 40965  # EXIF, GPS, interoperability
ORIENTATION, NEW_SUBFILE_TYPE, SUB_DIRECTORIES, DNG_VERSION = 274, 254, 330, 50706
_MOST_DIRECTORIES, _MOST_TAGS = 100, 1000
# A type's whole numbers as struct writes them, and the bytes of the types that are none.
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_OTHERS = {2: 1, 5: 8, 7: 1, 10: 8, 11: 4, 12: 8}


_DIRECTORY_HEAD = re.compile(rb"II\*\0|MM\0\*")


class Tag(NamedTuple):
    """How many values a tag has, in how many bytes, and the first where that is a whole number."""

    values: int
    size: int
    first: int | None


def directories(data: bytes | memoryview) -> Iterator[dict[int, Tag]]:
    """The chain of directories, as far as it can be followed; nothing of what is no TIFF."""
    order = {b"II": "<", b"MM": ">"}.get(bytes(data[:2]))
    if order is None:
        return
    big = data[2:4] in (b"+\0", b"\0+")
    seen: set[int] = set()
    try:
        (at,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
        while at and at not in seen and len(seen) < _MOST_DIRECTORIES:
            seen.add(at)
            tags, at = _directory(data, at, order, big)
            yield tags
    except struct.error:  # the file ends before its directory does
        return


def _directory(data: bytes | memoryview, at: int, order: str, big: bool) -> tuple[dict[int, Tag], int]:
    """One directory, and where the next one is (0: nowhere)."""
    head, entry, link = ("Q", "HHQ", "Q") if big else ("H", "HHI", "I")
    (count,) = struct.unpack_from(order + head, data, at)
    at += struct.calcsize(head)
    inline = struct.calcsize(link)
    step = struct.calcsize("=" + entry) + inline
    tags = {-1: Tag(count, sys.maxsize, None)} if count > _MOST_TAGS else {}  # more than anybody writes
    for number in range(min(count, _MOST_TAGS)):
        place = at + number * step
        try:
            tag, kind, values = struct.unpack_from(order + entry, data, place)
            size = values * (struct.calcsize(_INTEGERS[kind]) if kind in _INTEGERS else _OTHERS.get(kind, 0))
            found = Tag(values, size, _first(data, place + step - inline, kind, values, order, link))
            # A tag may not come twice; if it does, the first counts, and the place that both take.
            tags[tag] = tags[tag]._replace(size=tags[tag].size + size) if tag in tags else found
        except struct.error:
            return tags, 0
    try:
        (following,) = struct.unpack_from(order + link, data, at + count * step)
    except struct.error:
        following = 0
    return tags, following


def _first(data: bytes | memoryview, place: int, kind: int, count: int, order: str, link: str) -> int | None:
    """A tag's first value; more than fit beside the tag stand elsewhere."""
    if kind not in _INTEGERS or not count:
        return None
    if struct.calcsize(_INTEGERS[kind]) * count > struct.calcsize(link):
        (place,) = struct.unpack_from(order + link, data, place)
    try:
        return struct.unpack_from(order + _INTEGERS[kind], data, place)[0]
    except struct.error:
        return None


def claims_too_much(tags: dict[int, Tag], size: int) -> bool:
    """Whether a directory's values would take more than the `size` bytes of its file.

    They can where several tags point to the same bytes; a reader that loads them all then has each apart.
    """
    return sum(tag.size for tag in tags.values()) > size


def hidden_claims(data: bytes) -> bool:
    """Whether an EXIF block somewhere in a file claims too much."""
    for found, _ in zip(_DIRECTORY_HEAD.finditer(data), range(_MOST_DIRECTORIES), strict=False):
        for tags in directories(memoryview(data)[found.start() :]):
            if claims_too_much(tags, len(data)):
                return True
    return False


def exif_orientation(exif: bytes | None) -> int:
    """1 to 8 as EXIF counts them; 1, upright, where it says nothing that can be understood."""
    first = next(directories((exif or b"").removeprefix(b"Exif\0\0")), {})
    return orientation(first)


def orientation(tags: dict[int, Tag]) -> int:
    """1 to 8; 1, upright, where a directory says nothing that can be understood."""
    value = tags.get(ORIENTATION, Tag(0, 0, None)).first
    return value if value is not None and 1 <= value <= 8 else 1
