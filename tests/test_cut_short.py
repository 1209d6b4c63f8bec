"""Files that end before their picture does: what viewers show of them is read, and the note says so."""

import re

import numpy as np
import pytest
from PIL import Image

from mova.errors import ImageRefused
from mova.images import read_image, upright_size
from tests.image_files import CASES, bmp, encoded, furthest, interlaced_png, noise, png_of, rows_of, smooth

WHITE = (255, 255, 255)


def missing(note: str) -> int:
    """Per cent of the picture that a note says is missing."""
    return int(re.search(r"about (\d+) % of the picture is missing and left blank", note)[1])


def test_a_jpeg_that_lacks_only_its_end_marker_is_whole():
    data = (CASES / "jpeg_without_end_marker.jpg").read_bytes()
    whole = read_image(data + b"\xff\xd9")
    checked = read_image(data)
    assert (checked.digest, checked.note) == (whole.digest, None)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 100}])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_every_kind_of_jpeg_may_lack_its_end_marker(mode, options):
    data = encoded(noise(90, 70).convert(mode), "JPEG", **options)
    for cut in (1, 2):
        checked = read_image(data[:-cut])
        assert (checked.digest, checked.note) == (read_image(data).digest, None)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_that_is_cut_short_keeps_what_is_there(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = noise(160, 160)
    data = encoded(picture, "JPEG", quality=95, exif=exif)
    start = data.index(b"\xff\xda")
    checked = read_image(data[: start + (len(data) - start) * 6 // 10])
    assert missing(checked.note) == pytest.approx(40, abs=4)
    back = 90 if orientation == 6 else 0  # turns what was cut off to the bottom again
    pixels, whole = (image.rotate(back) for image in (checked.pixels, read_image(data).pixels))
    top, bottom = (0, 0, 160, 76), (0, 128, 160, 160)
    assert furthest(pixels.crop(top), whole.crop(top)) == 0
    assert pixels.crop(bottom).getextrema() == ((255, 255),) * 3


def test_the_last_bytes_of_a_jpeg_are_missed_and_said():
    data = encoded(noise(160, 160), "JPEG", quality=95)
    checked = read_image(data[:-40])
    assert "cut short" in checked.note
    assert (
        furthest(checked.pixels.crop((0, 0, 160, 140)), read_image(data).pixels.crop((0, 0, 160, 140))) == 0
    )


def test_a_progressive_jpeg_that_is_cut_short_is_coarse_all_over():
    data = encoded(smooth(160, 160), "JPEG", progressive=True, quality=95)
    checked = read_image(data[: data.rindex(b"\xff\xda")])
    assert "blurred" in checked.note
    assert furthest(checked.pixels, smooth(160, 160)) < 40


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_rows_that_are_there_are_kept(kind, share):
    picture = noise(60, 80).quantize(200) if kind == "GIF" else noise(60, 80)
    data = encoded(picture, kind, **({"interlace": 0} if kind == "GIF" else {}))
    whole = read_image(data).pixels
    checked = read_image(data[: int(len(data) * share)])
    assert missing(checked.note) == pytest.approx(100 * (1 - share), abs=8)
    assert upright_size(data[: int(len(data) * share)]) == checked.pixels.size == (60, 80)
    rows = [y for y in range(80) if checked.pixels.crop((0, y, 60, y + 1)).getextrema() != ((255, 255),) * 3]
    assert len(rows) == pytest.approx(80 * share, abs=6)
    for y in rows[1:-1]:
        assert furthest(checked.pixels.crop((0, y, 60, y + 1)), whole.crop((0, y, 60, y + 1))) == 0
    assert (79 in rows) == (kind == "BMP")  # a BMP begins at the bottom


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_keeps_its_rows(mode):
    picture = Image.fromarray(np.asarray(noise(64, 64).convert("L")).astype(np.uint16) * 257)
    if mode != "I;16":
        picture = noise(64, 64).quantize(64) if mode == "P" else noise(64, 64).convert(mode)
    data = encoded(picture)
    checked = read_image(data[: len(data) * 2 // 3])
    half = (0, 0, 64, 32)
    assert furthest(checked.pixels.crop(half), read_image(data).pixels.crop(half)) == 0
    assert checked.pixels.crop((0, 60, 64, 64)).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("cut", [4, 12, 16])
def test_a_png_that_lacks_only_what_comes_after_its_pixels_is_whole(cut):
    data = encoded(noise(32, 32))
    checked = read_image(data[:-cut])
    assert (checked.digest, checked.note) == (read_image(data).digest, None)


def test_black_rows_are_no_missing_rows():
    picture = noise(64, 64)
    picture.paste((0, 0, 0), (0, 20, 64, 40))
    data = encoded(picture)
    checked = read_image(data[: len(data) * 9 // 10])
    assert furthest(checked.pixels.crop((0, 0, 64, 50)), picture.crop((0, 0, 64, 50))) == 0


def test_interlaced_pictures_take_their_neighbours_rows():
    picture = smooth(64, 64).resize((256, 256))
    gif = encoded(picture.quantize(200), "GIF", interlace=1)
    for whole, part in ((gif, gif[: len(gif) * 2 // 3]), (interlaced_png(picture), None)):
        part = part or whole[: len(whole) * 9 // 10]
        checked = read_image(part)
        assert "cut short" in checked.note
        assert furthest(checked.pixels, read_image(whole).pixels) < 40


def test_an_interlaced_png_that_has_gaps_in_every_row_is_refused():
    data = interlaced_png(noise(64, 64))
    with pytest.raises(ImageRefused, match="cut short"):
        read_image(data[: len(data) // 3])


def test_rows_behind_a_broken_one_are_missing():
    rows = rows_of(np.asarray(noise(32, 32)))
    broken = bytearray(rows)
    broken[97 * 20] = 9  # no filter has this number
    checked = read_image(png_of((32, 32), 8, 2, bytes(broken)))
    assert missing(checked.note) == pytest.approx(38, abs=1)


def test_a_large_picture_that_is_cut_short_is_shrunk_with_its_gap():
    picture = smooth(2600, 1300)
    data = encoded(picture, compress_level=1)
    checked = read_image(data[: len(data) // 2])
    assert checked.pixels.size == (2048, 1024)
    assert checked.pixels.getpixel((1000, 1000)) == WHITE
    small = picture.resize((2048, 1024), Image.Resampling.BICUBIC)
    assert furthest(checked.pixels.crop((0, 0, 2048, 400)), small.crop((0, 0, 2048, 400))) <= 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "AVIF", "TIFF"])
def test_what_holds_next_to_nothing_is_refused(kind):
    data = encoded(noise(160, 160), kind)
    for length in (20, len(data) // 20):
        with pytest.raises(ImageRefused, match=r"damaged|not a picture"):
            read_image(data[:length])


def test_a_bmp_without_pixels_is_refused():
    with pytest.raises(ImageRefused, match="damaged"):
        read_image(bmp((8, 8), 24, b""))


def test_what_is_not_there_has_no_say_in_the_ground():
    glyph = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    glyph.paste((255, 255, 255, 255), (20, 8, 40, 24))
    data = encoded(glyph, compress_level=0)
    checked = read_image(data[: len(data) // 2])
    assert checked.pixels.getpixel((2, 2)) == (34, 34, 34)
    assert checked.pixels.getpixel((2, 60)) == WHITE
    assert "dark grey" in checked.note
    assert "left blank" in checked.note
