"""Whatever the bytes, reading gives a picture or a refusal in our words: no other error, nothing printed."""

import random
import warnings
from functools import cache

import numpy as np
import pytest
from PIL import Image

from mova.errors import ImageRefused
from mova.images import KEPT_SIDE, decode_bytes, read_image, upright_size
from tests.image_files import (
    bmp,
    coded,
    encoded,
    gif,
    interlaced_png,
    noise,
    profile_of,
    with_chunks,
)

PALETTE = bytes([0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0])
MAGICS = (
    b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\xff\xff\0\0WEBPVP8X", b"II*\0\x08\0\0\0",
    b"MM\0+\0\x08\0\0", b"BM" + bytes(12) + b"\x28\0\0\0", b"\0\0\0\x20ftypavif", b"\0\0\0\x20ftypheic", b"",
)  # fmt: skip
FOREIGN = ("PIL", "identify", "truncated", "decoder", "Error", "/tmp", "0x")  # words of others


@cache
def samples() -> dict[str, bytes]:
    """Small files of every format and many of their variants."""
    picture = noise(13, 9)
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "a maker", 6
    tagged = {"exif": exif, "icc_profile": profile_of("tagged_Display_P3.png")}
    clear = picture.copy()
    clear.putalpha(picture.getchannel("R"))
    found = {kind: encoded(picture, kind, **tagged) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")}
    frames = {"save_all": True, "append_images": [clear.rotate(90), clear.rotate(180)]}
    found |= {f"{kind} frames": encoded(clear, kind, **frames) for kind in ("GIF", "PNG", "WEBP", "AVIF")}
    found |= {
        "JPEG progressive": encoded(picture, "JPEG", progressive=True),
        "JPEG CMYK": encoded(picture.convert("CMYK"), "JPEG"),
        "MPO": encoded(picture, "MPO", save_all=True, append_images=[picture]),
        "PNG interlaced": with_chunks(interlaced_png(picture), coded(9, 16)),
        "PNG palette": encoded(picture.quantize(7), transparency=2),
        "PNG 16 bits": encoded(Image.fromarray(np.arange(99, dtype=np.uint16).reshape(9, 11) * 600)),
        "PNG default": encoded(clear, default_image=True, **frames),
        "GIF": gif((9, 7), ((1, 2), (5, 4), 2, 1), ((0, 0), (9, 7), 3, None)),
        "TIFF LZW": encoded(picture, "TIFF", compression="tiff_lzw"),
        "TIFF JPEG": encoded(picture, "TIFF", compression="jpeg"),
        "TIFF G4": encoded(picture.convert("1"), "TIFF", compression="group4"),
        "TIFF floats": encoded(Image.fromarray(np.arange(99, dtype=np.float32).reshape(9, 11)), "TIFF"),
        "TIFF pages": encoded(picture, "TIFF", save_all=True, append_images=[picture]),
        "BMP": encoded(picture, "BMP"),
        "BMP runs": bmp((4, 2), 8, bytes([0, 3, 1, 2, 3, 0, 1, 1, 0, 0, 4, 2, 0, 1]), 1, PALETTE),
        "BMP 4-bit runs": bmp((4, 2), 4, bytes([4, 0x12, 0, 0, 0, 2, 1, 0, 0, 1]), 2, PALETTE),
    }
    return found


def check(data: bytes) -> None:
    """A picture that keeps what is promised of pictures, or our own words."""
    try:
        checked, size = read_image(data), upright_size(data)
        assert decode_bytes(data) > 0
    except ImageRefused as error:
        text = str(error)
        assert text.endswith(".") and len(text) < 400
        assert not any(word in text for word in FOREIGN), text
        return
    assert checked.pixels.mode == "RGB" and checked.pixels.info == {}
    assert max(checked.pixels.size) <= KEPT_SIDE
    assert max(size) > KEPT_SIDE or checked.pixels.size == size


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", samples())
def test_files_cut_at_every_place(name):
    data = samples()[name]
    step = max(1, len(data) // 100)
    for length in (*range(min(60, len(data))), *range(60, len(data), step)):
        check(data[:length])


@pytest.mark.parametrize("name", samples())
def test_files_with_changed_bytes(name):
    data, chance = samples()[name], random.Random(name)
    for _ in range(60):
        changed = bytearray(data)
        reach = len(data) if chance.random() < 0.5 else min(len(data), 300)  # headers are short
        for _ in range(chance.choice((1, 1, 2, 5))):
            changed[chance.randrange(reach)] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
        if chance.random() < 0.2:
            place = chance.randrange(len(data))
            changed[place : place + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
        check(bytes(changed))


def test_bytes_without_any_sense():
    chance = random.Random(0)
    for magic in MAGICS:
        for length in (0, 1, 7, 40, 300, 3000):
            for _ in range(5):
                check(magic + chance.randbytes(length))


def test_pieces_of_one_file_in_another():
    chance, files = random.Random(1), list(samples().values())
    for _ in range(200):
        first, second = chance.sample(files, 2)
        check(first[: chance.randrange(len(first))] + second[chance.randrange(len(second)) :])
