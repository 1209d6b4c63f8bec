"""Colours: what a file says about them, and what a browser then shows. The numbers are Chromium 156's."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from mova.images import check_pixels, read_image
from tests.image_files import (
    CASES,
    P3_POINTS,
    SRGB_POINTS,
    bmp,
    chromaticities,
    coded,
    colours_of,
    encoded,
    furthest,
    gamma,
    grey_profile,
    icc,
    noise,
    press_profile,
    profile_of,
    row_of,
    smooth,
    with_chunks,
)

P3, ADOBE, PROPHOTO = map(
    profile_of, ("tagged_Display_P3.png", "tagged_Adobe_RGB.png", "tagged_ProPhoto_RGB.png")
)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SQUARES = row_of((200, 50, 50), (50, 200, 50), (64, 64, 64), (192, 192, 192))
AS_THEY_ARE = [(200, 50, 50), (50, 200, 50), (64, 64, 64), (192, 192, 192)]
FROM_P3 = [(219, 14, 35), (0, 205, 0), (62, 62, 62), (193, 193, 193)]


def near(found, wanted, most: int = 2) -> bool:
    return np.abs(np.array(found) - np.array(wanted)).max() <= most


@pytest.mark.parametrize("space", ["Display P3", "Adobe RGB", "ProPhoto RGB"])
def test_a_tagged_picture_is_read_as_a_browser_shows_it(space):
    checked = read_image(CASES / f"tagged_{space.replace(' ', '_')}.png")
    drawn = [(220, 30, 30), (30, 180, 30), (255, 140, 0), (224, 172, 140), (128, 128, 128)]
    assert near([checked.pixels.getpixel((x, 10)) for x in range(10, 100, 20)], drawn)
    assert checked.converted_from in ("P3", "Adobe", "ProPhoto")
    assert checked.note is None  # its owner sees the same colours


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF"])
def test_every_container_carries_its_profile(kind):
    options = {"JPEG": {"subsampling": 0, "quality": 100}, "WEBP": {"lossless": True}}
    options["AVIF"] = {"subsampling": "4:4:4", "quality": 100}
    data = encoded(SQUARES, kind, icc_profile=P3, **options.get(kind, {}))
    assert near(colours_of(read_image(data).pixels), FROM_P3, most=4)


def test_a_bmps_own_profile_counts():
    pixels = b"".join(bytes(reversed(colour)) for colour in AS_THEY_ARE)
    later = bytes(16) + b"DEBM" + bytes(48) + struct.pack("<4I", 4, 124 + len(pixels), len(ADOBE), 0)
    data = bmp((4, 1), 24, pixels, after=later) + ADOBE
    assert near(np.asarray(read_image(data).pixels)[0, :3], [(232, 46, 46), (0, 201, 12), (62, 62, 62)])


@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_srgbs_own_profile_changes_no_pixel(kind, mode):
    picture = noise(64, 64).quantize(64) if mode == "P" else noise(64, 64).convert(mode)
    tagged = read_image(encoded(picture, kind, icc_profile=SRGB))
    assert tagged.digest == read_image(encoded(picture, kind)).digest
    assert tagged.converted_from is None


@pytest.mark.parametrize(
    "profile",
    [
        P3[:200],
        P3[:-40],
        b"",
        b"no profile" * 50,
        P3[:12] + b"link" + P3[16:],  # a way between two spaces says nothing about one
        P3[:16] + b"XYZ " + P3[20:],
        icc(b"RGB ", {}),
        grey_profile(1.8),  # for a picture of another kind
        press_profile(),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_profile_that_cannot_be_used_is_passed_over(kind, profile):
    checked = read_image(encoded(noise(32, 32), kind, icc_profile=profile))
    assert checked.digest == read_image(encoded(noise(32, 32), kind)).digest
    assert checked.converted_from is None


def test_a_jpegs_profile_is_put_together_from_its_parts_and_only_when_all_are_there():
    long = P3 + bytes(100_000)
    data = encoded(SQUARES, "JPEG", icc_profile=long, subsampling=0, quality=100)
    assert near(colours_of(read_image(data).pixels), FROM_P3, most=4)
    place = data.index(b"ICC_PROFILE\0\2")
    missing = data.replace(data[place : place + 14], b"ANY_PROFILE\0\2\2")
    assert near(colours_of(read_image(missing).pixels), AS_THEY_ARE, most=4)


def test_grey_pictures_take_a_grey_profile_or_an_rgb_one():
    ramp = Image.fromarray(np.array([[0, 36, 72, 108, 144, 180, 216, 252]], np.uint8))
    shown = [0, 48, 90, 127, 161, 193, 223, 253]
    for picture in (ramp, ramp.convert("LA")):
        pixels = read_image(encoded(picture, icc_profile=grey_profile(1.8))).pixels
        assert near(np.asarray(pixels)[0, :, 0], shown)
    wide = Image.fromarray(np.array([[0, 16, 32, 64, 96, 128, 160, 192, 224, 255]], np.uint8))
    pixels = read_image(encoded(wide, icc_profile=PROPHOTO)).pixels
    assert near(np.asarray(pixels)[0, :, 0], [0, 20, 43, 81, 115, 146, 176, 203, 230, 255])


def test_palettes_and_transparent_pictures_are_converted_too():
    assert near(colours_of(read_image(encoded(SQUARES.quantize(8), icc_profile=P3)).pixels), FROM_P3)
    clear = SQUARES.copy()
    clear.putalpha(Image.new("L", clear.size, 255))
    clear.paste((0, 0, 0, 0), (0, 0, 8, 8))
    pixels = read_image(encoded(clear, icc_profile=P3)).pixels
    assert near(colours_of(pixels), [(255, 255, 255), *FROM_P3[1:]])


def test_printers_colours_with_and_without_a_profile():
    inks = [(0, 0, 0, 0), (255, 0, 0, 0), (0, 0, 0, 255), (100, 50, 20, 30)]
    picture = Image.new("CMYK", (32, 8))
    for number, ink in enumerate(inks):
        picture.paste(ink, (8 * number, 0, 8 * number + 8, 8))
    for kind in ("JPEG", "TIFF"):
        options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
        plain = read_image(encoded(picture, kind, **options))
        assert near(colours_of(plain.pixels), [(255, 255, 255), (0, 255, 255), (0, 0, 0), (137, 181, 207)], 3)
        assert plain.converted_from is None
        tagged = read_image(encoded(picture, kind, icc_profile=press_profile(), **options))
        shown = [(255, 255, 255), (41, 255, 255), (24, 24, 24), (154, 191, 215)]
        assert near(colours_of(tagged.pixels), shown, 3)
        assert tagged.converted_from == "A press"


def test_ycck_and_inverted_jpegs_are_read_as_adobe_writes_them():
    picture = Image.new("CMYK", (16, 16), (40, 90, 140, 60))
    data = encoded(picture, "JPEG", quality=100, subsampling=0)
    place = data.index(b"Adobe") + 11  # the transform: 0 CMYK, 2 YCCK
    ycck = read_image(data[:place] + b"\2" + data[place + 1 :]).pixels.getpixel((8, 8))
    # The values stored are inverted; YCC says which CMY is meant: 255 less that of RGB.
    y, cb, cr, black = 255 - 40, 255 - 90, 255 - 140, 255 - 60
    rgb = (y + 1.402 * (cr - 128), y - 0.344 * (cb - 128) - 0.714 * (cr - 128), y + 1.772 * (cb - 128))
    inks = [min(max(255 - value, 0), 255) for value in rgb]
    assert np.abs(np.array(ycck) - [value * black / 255 for value in inks]).max() <= 4


def test_lab_is_converted():
    lab = Image.merge("LAB", [Image.new("L", (4, 4), value) for value in (138, 209, 198)])  # L 54, a 81, b 70
    checked = read_image(encoded(lab, "TIFF"))
    assert near([checked.pixels.getpixel((1, 1))], [(255, 0, 0)], most=6)
    assert checked.converted_from == "Lab"


GREYS = [0, 16, 32, 64, 96, 128, 160, 192, 224, 255]
RAMP = Image.fromarray(np.repeat(np.array([GREYS], np.uint8)[..., None], 3, axis=-1))


@pytest.mark.parametrize(
    ("chunks", "shown"),
    [
        ([gamma(0.45455)], GREYS),  # meant to be sRGB, and so is what is near it
        ([gamma(0.46)], GREYS),
        ([gamma(0)], GREYS),
        ([gamma(1)], [0, 71, 99, 137, 165, 188, 208, 225, 241, 255]),
        ([gamma(0.55)], [0, 19, 42, 80, 114, 146, 175, 203, 230, 255]),
        ([gamma(1), (b"sRGB", b"\0")], GREYS),
        ([chromaticities(P3_POINTS)], GREYS),
        ([gamma(1), chromaticities((0,) * 8)], GREYS),
        ([gamma(0.45455), chromaticities(SRGB_POINTS)], [0, 7, 26, 62, 96, 129, 161, 193, 225, 255]),
        ([coded(1, 13)], GREYS),
        ([coded(1, 1)], [0, 4, 20, 54, 87, 121, 155, 189, 222, 255]),
        ([coded(1, 8)], [0, 71, 99, 137, 165, 188, 208, 225, 241, 255]),
        ([coded(2, 2)], GREYS),
        ([coded(99, 13)], GREYS),
        ([(b"cICP", bytes([1, 8, 0, 0]))], GREYS),  # narrow range
        ([(b"cICP", b"\1")], GREYS),
        ([gamma(1), coded(1, 13)], GREYS),
    ],
)
def test_a_pngs_words_on_colour_are_taken_as_browsers_take_them(chunks, shown):
    checked = read_image(with_chunks(encoded(RAMP), *chunks))
    assert near(np.asarray(checked.pixels)[0, :, 1], shown)
    assert (checked.converted_from is None) == (shown == GREYS)


def test_of_a_pngs_words_on_colour_the_best_counts():
    tagged = encoded(SQUARES, icc_profile=P3)
    for data in (tagged, with_chunks(tagged, (b"sRGB", b"\0")), with_chunks(tagged, gamma(1))):
        assert near(colours_of(read_image(data).pixels), FROM_P3)
    assert near(colours_of(read_image(with_chunks(tagged, coded(1, 13))).pixels), AS_THEY_ARE)
    by_code = [(218, 24, 40), (0, 204, 0), (64, 64, 64), (192, 192, 192)]
    named = read_image(with_chunks(encoded(SQUARES), coded(12, 13)))
    assert near(colours_of(named.pixels), by_code)
    assert named.converted_from == "Display P3"


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        ((12, 13), [(218, 24, 39), (0, 204, 0), (64, 64, 64)]),
        ((1, 1), AS_THEY_ARE[:3]),  # a video's curve is shown as sRGB's
        ((1, 8), [(229, 122, 121), (121, 229, 122), (137, 137, 137)]),
        ((2, 2), AS_THEY_ARE[:3]),
    ],
)
def test_an_avifs_colour_codes_count(codes, shown):
    data = bytearray(encoded(SQUARES, "AVIF", quality=100, subsampling="4:4:4"))
    place = data.index(b"colrnclx") + 8
    data[place : place + 4] = struct.pack(">HH", *codes)
    assert near(colours_of(read_image(bytes(data)).pixels)[:3], shown, most=3)


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        ((9, 16), [0, 1, 5, 30, 70, 132, 213, 255, 255, 255]),
        ((9, 18), [0, 3, 14, 43, 71, 99, 135, 189, 228, 255]),
    ],
)
def test_hdr_is_brought_down_to_a_screen_and_says_so(codes, shown):
    checked = read_image(with_chunks(encoded(RAMP), coded(*codes)))
    assert near(np.asarray(checked.pixels)[0, :, 1], shown, most=3)
    assert "HDR" in checked.note
    assert checked.converted_from.startswith("BT.2020")


def test_large_pictures_are_converted_after_shrinking(monkeypatch):
    sizes = []
    apply = ImageCms.ImageCmsTransform.apply

    def noted(transform, image):
        sizes.append(image.size)
        return apply(transform, image)

    monkeypatch.setattr(ImageCms.ImageCmsTransform, "apply", noted)
    picture = smooth(4200, 900)
    checked = read_image(encoded(picture, icc_profile=ADOBE, compress_level=1))
    assert max(map(max, sizes)) == 2048
    small = picture.resize((2048, 439), Image.Resampling.BICUBIC)
    assert furthest(checked.pixels, read_image(encoded(small, icc_profile=ADOBE)).pixels) <= 6


def test_a_profiles_name_is_cleaned():
    name = b"<b>\x1b[31m\n" + b"x" * 500
    profile = icc(b"GRAY", {b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name + bytes(79),
                            b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
                            b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, 256) + b"\0\0"})  # fmt: skip
    found = read_image(encoded(Image.new("L", (4, 4), 90), icc_profile=profile)).converted_from
    assert found.isprintable()
    assert len(found) <= 60


def test_pixels_given_as_pixels_are_taken_as_they_are():
    picture = noise(8, 8)
    checked = check_pixels(picture, "a note")
    assert (checked.pixels.tobytes(), checked.note, checked.converted_from) == (
        picture.tobytes(),
        "a note",
        None,
    )
