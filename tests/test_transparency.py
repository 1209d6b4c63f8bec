"""Transparent pictures: laid on a ground on which they can be seen, and the note says which."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mova.images import read_image
from tests.image_files import CASES, bmp, encoded, gif, noise, png_of, rows_of

WHITE, DARK = (255, 255, 255), (34, 34, 34)


def glyph(colour: tuple[int, int, int], around: tuple[int, ...] = (0, 0, 0, 0)) -> Image.Image:
    """Something drawn in a colour on a clear ground."""
    image = Image.new("RGBA", (96, 64), around)
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 12, 30, 52), fill=(*colour, 255))
    draw.ellipse((44, 16, 80, 50), outline=(*colour, 255), width=5)
    return image


def readable(pixels: Image.Image) -> bool:
    """Whether the glyph's bar stands out from what is beside it."""
    bar, beside = (np.array(pixels.getpixel((x, 32)), int) for x in (25, 8))
    return np.abs(bar - beside).max() > 60


@pytest.mark.parametrize("colour", [(255, 255, 255), (244, 246, 250), (255, 255, 240), (232, 232, 232)])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF"])
def test_what_is_nearly_white_gets_a_dark_ground(kind, colour):
    checked = read_image(encoded(glyph(colour), kind))
    assert readable(checked.pixels)
    assert np.abs(np.array(checked.pixels.getpixel((2, 2)), int) - DARK).max() <= 3
    assert checked.note == "Its transparent parts are shown dark grey."


@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 30, 30), (120, 120, 120), (34, 34, 34), (255, 220, 0)])
def test_all_else_gets_a_white_ground(colour):
    checked = read_image(encoded(glyph(colour)))
    assert readable(checked.pixels)
    assert checked.pixels.getpixel((2, 2)) == WHITE
    assert checked.note == "Its transparent parts are shown white."


def test_what_lies_hidden_below_clear_pixels_does_not_count():
    for hidden in ((255, 255, 255, 0), (0, 0, 0, 0), (255, 0, 0, 0)):
        assert read_image(encoded(glyph((255, 255, 255), hidden))).pixels.getpixel((2, 2)) == DARK
        assert read_image(encoded(glyph((0, 0, 0), hidden))).pixels.getpixel((2, 2)) == WHITE


def test_white_inside_of_colour_needs_no_dark_ground():
    icon = Image.new("RGBA", (96, 96), (0, 0, 0, 0))
    ImageDraw.Draw(icon).ellipse((4, 4, 92, 92), fill=(20, 90, 200, 255))
    ImageDraw.Draw(icon).rectangle((30, 30, 66, 66), fill=(255, 255, 255, 255))
    assert read_image(encoded(icon)).pixels.getpixel((0, 0)) == WHITE


def test_a_white_page_with_round_corners_stays_white():
    page = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    draw = ImageDraw.Draw(page)
    draw.rounded_rectangle((0, 0, 199, 199), 12, fill=(255, 255, 255, 255))
    for y in range(20, 180, 12):
        draw.text((20, y), "some words on a white page", fill=(0, 0, 0, 255))
    assert read_image(encoded(page)).pixels.getpixel((0, 0)) == WHITE


def test_white_and_black_together_get_a_ground_between():
    both = Image.new("RGBA", (96, 64), (0, 0, 0, 0))
    draw = ImageDraw.Draw(both)
    for x in range(4, 52, 8):
        draw.line((x, 4, x, 60), fill=(255, 255, 255, 255), width=2)
    for x in range(58, 92, 8):
        draw.line((x, 4, x, 60), fill=(20, 20, 20, 255), width=2)
    checked = read_image(encoded(both))
    assert checked.note == "Its transparent parts are shown mid grey."
    ground = checked.pixels.getpixel((0, 0))[0]
    assert 60 < ground < 200


def test_a_large_picture_is_judged_like_a_small_one():
    large = glyph((255, 255, 255)).resize((2400, 1600), Image.Resampling.NEAREST)
    checked = read_image(encoded(large, compress_level=1))
    assert checked.pixels.getpixel((2, 2)) == DARK
    assert "dark grey" in checked.note


def test_an_opaque_picture_with_alpha_says_nothing():
    picture = noise(16, 16)
    opaque = picture.copy()
    opaque.putalpha(255)
    checked = read_image(encoded(opaque))
    assert (checked.pixels.tobytes(), checked.note) == (picture.tobytes(), None)


def test_a_fully_transparent_picture_is_white_and_says_so():
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    for picture in (clear, clear.quantize(4), clear.convert("LA")):
        checked = read_image(encoded(picture))
        assert checked.pixels.getpixel((1, 1)) == WHITE
        assert "nothing to see" in checked.note


def test_half_transparent_pixels_mix_with_the_ground():
    half = Image.new("RGBA", (8, 8), (200, 0, 0, 128))
    half.paste((0, 0, 0, 255), (0, 0, 4, 8))
    assert read_image(encoded(half)).pixels.getpixel((6, 4)) == pytest.approx((227, 127, 127), abs=1)


def grey(bits: int, values: list[int], clear: int) -> bytes:
    """A PNG of one row of grey values in whole bytes, with a clear one."""
    number = sum(value << bits * at for at, value in enumerate(reversed(values)))
    row = b"\0" + number.to_bytes(bits * len(values) // 8, "big")
    return png_of((len(values), 1), bits, 0, row, (b"tRNS", struct.pack(">H", clear)))


@pytest.mark.parametrize(
    ("bits", "values", "clear"),
    [
        (1, [0, 1, 0, 1, 0, 0, 0, 1], 1),
        (2, [0, 1, 2, 0], 1),
        (4, [0, 7, 3, 1], 7),
        (8, [0, 119, 7, 3], 119),
        (16, [0, 30_000, 2, 1000], 30_000),
    ],
)
def test_a_grey_that_is_declared_clear_is_clear_in_every_depth(bits, values, clear):
    pixels = read_image(grey(bits, values, clear)).pixels
    most = (1 << bits) - 1
    wanted = [255 if value == clear else round(255 * value / most) for value in values]
    assert np.abs(np.asarray(pixels)[0, :, 0].astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("dtype", ["u1", ">u2"])
def test_a_colour_that_is_declared_clear_is_clear(dtype):
    values = np.zeros((1, 2, 3), dtype)
    values[0, 0] = (10, 20, 30) if dtype == "u1" else (2570, 5140, 7710)
    clear = struct.pack(">3H", *map(int, values[0, 0]))
    data = png_of((2, 1), 8 * values.itemsize, 2, rows_of(values), (b"tRNS", clear))
    pixels = read_image(data).pixels
    assert [pixels.getpixel((x, 0)) for x in range(2)] == [WHITE, (0, 0, 0)]


def test_grey_with_a_transparent_colour_of_sixteen_bits():
    pixels = read_image(CASES / "gray16_with_transparent_colour.png").pixels
    assert pixels.getpixel((0, 0)) == WHITE
    assert pixels.getpixel((160, 120)) == (156, 156, 156)


def test_a_palettes_alpha_counts():
    palette = (b"PLTE", bytes([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]))
    data = png_of((4, 1), 2, 3, b"\0\x1b", palette, (b"tRNS", bytes([0, 128])))
    pixels = read_image(data).pixels
    assert [pixels.getpixel((x, 0)) for x in range(4)] == [WHITE, (255, 127, 127), (0, 255, 0), (0, 0, 255)]


def test_a_gif_is_clear_where_its_frame_does_not_reach():
    pixels = read_image(gif((4, 2), ((1, 0), (2, 2), 1, None))).pixels
    assert [pixels.getpixel((x, 1)) for x in range(4)] == [WHITE, (255, 0, 0), (255, 0, 0), WHITE]
    clear = read_image(gif((4, 2), ((0, 0), (4, 2), 1, 1)))
    assert clear.pixels.getpixel((0, 0)) == WHITE
    assert "nothing to see" in clear.note


def test_a_bmps_alpha_counts_where_it_says_anything():
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + bytes(52)
    some = struct.pack("<2I", 0xFFFF0000, 0x000000FF)
    pixels = read_image(bmp((2, 1), 32, some, 3, after=masks)).pixels
    assert [pixels.getpixel((x, 0)) for x in range(2)] == [(255, 0, 0), WHITE]
    none = struct.pack("<2I", 0xFF0000, 0xFF)
    pixels = read_image(bmp((2, 1), 32, none, 3, after=masks)).pixels
    assert [pixels.getpixel((x, 0)) for x in range(2)] == [(255, 0, 0), (0, 0, 255)]


def test_resizing_does_not_bleed_what_is_hidden():
    picture = Image.new("RGBA", (4200, 400), (0, 255, 0, 0))
    picture.paste((200, 0, 0, 255), (0, 0, 2100, 400))
    pixels = np.asarray(read_image(encoded(picture, compress_level=1)).pixels).astype(int)
    assert (pixels[..., 1] - pixels[..., 0]).max() <= 0  # from red to white there is no green
