"""BMP files in all their layouts, as browsers show them."""

import struct

import numpy as np
import pytest

from mova.images import read_image
from tests.image_files import bmp, encoded, noise

BLACK, RED, GREEN, BLUE = (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)
PALETTE = bytes([0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0])
COLOURS = (BLACK, RED, GREEN, BLUE)


def shown(data: bytes) -> list[list[tuple[int, int, int]]]:
    """The picture's rows, from the top."""
    return [[tuple(pixel) for pixel in row] for row in np.asarray(read_image(data).pixels).tolist()]


def indexed(*rows: str) -> list[list[tuple[int, int, int]]]:
    return [[COLOURS[int(index)] for index in row] for row in rows]


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ([4, 1, 0, 0, 2, 2, 2, 3, 0, 1], ("2233", "1111")),
        ([4, 1, 0, 0, 2, 2, 0, 1], ("2200", "1111")),  # ends early: the rest has colour 0
        ([0, 0, 2, 2, 0, 1], ("2200", "0000")),  # an empty row
        ([1, 1, 0, 2, 1, 1, 2, 2, 0, 1], ("0022", "1000")),  # a jump to the right and up
        ([0, 3, 1, 2, 3, 0, 1, 1, 0, 0, 4, 2, 0, 1], ("2222", "1231")),  # values written out
        ([9, 1, 0, 0, 9, 2, 0, 1], ("2222", "1111")),  # longer than the row
        ([0, 2, 0, 9, 4, 3, 0, 1], ("0000", "0000")),  # a jump out of the picture
    ],
)
def test_runs_of_eight_bits(code, rows):
    assert shown(bmp((4, 2), 8, bytes(code), 1, PALETTE)) == indexed(*rows)


def test_runs_of_four_bits_take_turns_and_odd_counts():
    code = bytes([4, 0x12, 0, 0, 0, 3, 0x12, 0x30, 1, 0x22, 0, 1])
    assert shown(bmp((4, 2), 4, code, 2, PALETTE)) == indexed("1232", "1212")


@pytest.mark.parametrize(
    ("bits", "pixels"), [(8, [0, 1, 2, 3]), (4, [0x01, 0x23, 0, 0]), (2, [0x1B, 0, 0, 0])]
)
def test_palettes(bits, pixels):
    assert shown(bmp((4, 1), bits, bytes(pixels), 0, PALETTE)) == indexed("0123")


def test_two_colours_keep_their_order():
    assert shown(bmp((4, 1), 1, b"\xa0\0\0\0", 0, PALETTE[:8])) == indexed("1010")
    white_first = bytes([255, 255, 255, 0, 0, 0, 0, 0])
    assert shown(bmp((2, 1), 1, b"\x40\0\0\0", 0, white_first)) == [[(255,) * 3, BLACK]]


def test_a_short_palette_is_black_beyond_its_end():
    assert shown(bmp((4, 1), 8, bytes([1, 2, 3, 9]), 0, PALETTE)) == indexed("1230")


def test_rows_run_upwards_unless_the_height_is_negative():
    pixels = bytes([0, 0, 255, 0, 0, 255, 0, 0])
    assert shown(bmp((1, 2), 24, pixels)) == [[GREEN], [RED]]
    assert shown(bmp((1, -2), 24, pixels)) == [[RED], [GREEN]]


@pytest.mark.parametrize(
    ("masks", "pixels"),
    [
        (None, [0x7C00, 0x03E0]),
        ((0xF800, 0x7E0, 0x1F), [0xF800, 0x07E0]),
        ((0x7C00, 0x3E0, 0x1F), [0x7C00, 0x03E0]),
        ((0xF, 0xF0, 0xF00), [0xF, 0xF0]),
    ],
)
def test_sixteen_bits_by_their_masks(masks, pixels):
    after = struct.pack("<3I", *masks) if masks else b""
    data = bmp((2, 1), 16, struct.pack("<2H", *pixels), 3 if masks else 0, after=after)
    assert shown(data) == [[RED, GREEN]]


def test_masks_of_any_width_reach_full_brightness():
    ten = struct.pack("<4I", 0x3FF00000, 0xFFC00, 0x3FF, 0) + bytes(52)
    assert shown(bmp((1, 1), 32, struct.pack("<I", 0x3FF << 20), 3, after=ten)) == [[RED]]
    four = struct.pack("<4I", 0xF00, 0xF0, 0xF, 0xF000) + bytes(68)
    pixels = struct.pack("<2H", 0xFF00, 0x00F0)
    assert shown(bmp((2, 1), 16, pixels, 3, after=four)) == [[RED, (255,) * 3]]


def test_the_fourth_byte_is_alpha_only_where_a_header_says_so():
    row = struct.pack("<2I", 0xFFFF0000, 0x000000FF)
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    assert shown(bmp((2, 1), 32, row)) == [[RED, BLUE]]
    for later in (masks + bytes(52), masks + bytes(68)):
        for compression in (0, 3):
            assert shown(bmp((2, 1), 32, row, compression, after=later)) == [[RED, (255,) * 3]]


def test_the_oldest_header_is_read():
    head = struct.pack("<IHHHH", 12, 2, 1, 1, 24)
    data = b"BM" + struct.pack("<IHHI", 0, 0, 0, 26) + head + bytes([0, 0, 255, 255, 0, 0, 0, 0])
    assert shown(data) == [[RED, BLUE]]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_what_pillow_writes_is_read(mode):
    picture = noise(37, 11).quantize(64) if mode == "P" else noise(37, 11).convert(mode)
    assert read_image(encoded(picture, "BMP")).pixels.tobytes() == picture.convert("RGB").tobytes()
