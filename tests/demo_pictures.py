"""Pictures and examples for the page's tests, drawn here so that no test depends on the shipped ones."""

import json
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageDraw

from demo.gallery import Example, read_examples

QUESTIONS = (
    ("Where is the dog?", ["A"]),
    ("Read the total.", ["B"]),
    ("Which object is largest?", ["C"]),
    ("Read the sign.", ["D"]),
    ("What is the highest bar?", ["E", "D"]),
    ("Is there a lesion?", ["F"]),
    ("How large is the green shape?", ["G"]),
)


def draw_picture(path: Path, size: tuple[int, int] = (120, 90), colour: str = "teal") -> Path:
    """A picture with one ellipse."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).ellipse([10, 10, size[0] - 10, size[1] - 10], fill=colour)
    picture.save(path)
    return path


def make_examples(folder: Path) -> list[Example]:
    """Seven examples in `folder`, one per expert."""
    rows = []
    for number, (question, experts) in enumerate(QUESTIONS):
        draw_picture(folder / f"example{number}.png", (120 + number, 90))
        rows.append(
            {
                "image": f"example{number}.png",
                "question": question,
                "experts": experts,
                "answer": "yes",
                "source": "drawn for the tests",
                "licence": "CC0-1.0",
                "look_at": f"Look at expert {experts[0]}.",
            }
        )
    (folder / "examples.json").write_text(json.dumps(rows))
    return read_examples(folder)


def write_huge_png(path: Path, side: int = 13000) -> Path:
    """A PNG of side x side pixels in a few hundred kilobytes, written without ever holding its pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    packer, row = zlib.compressobj(9), b"\0" * (side + 1)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    path.write_bytes(b"".join(parts))
    return path
