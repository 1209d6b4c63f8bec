"""Pillow's pictures are seen as the files with the same content are, at every door that takes them."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from mova import Engine
from mova.errors import ImageRefused
from mova.images import CheckedImage, read_image
from mova.processor import MovaProcessor
from mova.request import Decoding
from tests.image_files import (
    CASES,
    P3_POINTS,
    bmp,
    chromaticities,
    coded,
    encoded,
    gamma,
    gif,
    grey_profile,
    noise,
    png_of,
    press_profile,
    profile_of,
    rows_of,
    smooth,
    tiff,
    with_chunks,
)

P3 = profile_of("tagged_Display_P3.png")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY = smooth().convert("L")
CLEAR = smooth().convert("RGBA")
CLEAR.putalpha(GREY)
QUANTISED = CLEAR.quantize(16, method=Image.Quantize.FASTOCTREE)
GLYPH = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
GLYPH.paste((255, 255, 255, 255), (10, 8, 14, 24))
DEEP = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
DEEP_RGB = np.array([[[65535, 0, 0], [0, 51400, 0], [700, 700, 700]]], ">u2")


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def frames(kind: str, *images: Image.Image) -> bytes:
    return encoded(images[0], kind, save_all=True, append_images=images[1:])


# What Pillow keeps whole once it has decoded.
FILES = {
    "plain": encoded(noise(30, 20)),
    **{f"turned {number} {kind}": encoded(smooth(), kind, exif=turned(number))
       for number in (3, 6, 7) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")},
    "turned and Display P3": encoded(smooth(), "JPEG", exif=turned(8), icc_profile=P3),
    "an unreadable EXIF": encoded(smooth(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xff"),
    **{f"Display P3 {kind}": encoded(smooth(), kind, icc_profile=P3)
       for kind in ("PNG", "JPEG", "WEBP", "AVIF", "TIFF")},
    "sRGB": encoded(smooth(), icc_profile=SRGB),
    "a broken profile": encoded(smooth(), icc_profile=P3[:200]),
    "a grey profile": encoded(GREY, icc_profile=grey_profile(1.8)),
    "gamma": with_chunks(encoded(smooth()), gamma(0.6)),
    "gamma and primaries": with_chunks(encoded(smooth()), gamma(0.45455), chromaticities(P3_POINTS)),
    "CMYK": encoded(smooth().convert("CMYK"), "JPEG"),
    "CMYK of a press": encoded(smooth().convert("CMYK"), "TIFF", icc_profile=press_profile()),
    "Lab": encoded(Image.merge("LAB", smooth().split()), "TIFF"),
    "white on nothing": encoded(GLYPH),
    "half clear": encoded(CLEAR),
    "half clear, Display P3": encoded(CLEAR, icc_profile=P3),
    "half clear WEBP": encoded(CLEAR, "WEBP", lossless=True),
    "grey and alpha": encoded(CLEAR.convert("LA")),
    "nothing to see": encoded(Image.new("RGBA", (8, 8), (9, 9, 9, 0))),
    "a palette": encoded(smooth().quantize(16), icc_profile=P3),
    "a palette with alpha": encoded(QUANTISED),
    "a palette with a clear colour": encoded(smooth().quantize(4), transparency=1),
    "a clear grey": encoded(GREY, transparency=60),
    "a clear colour": encoded(Image.new("RGB", (8, 8), (1, 2, 3)), transparency=(1, 2, 3)),
    "16 bits": encoded(Image.fromarray(DEEP)),
    "16 bits TIFF": tiff(DEEP, order=">"),
    "16 bits with a clear grey": (CASES / "gray16_with_transparent_colour.png").read_bytes(),
    "16 bits with a clear colour": png_of(
        (3, 1), 16, 2, rows_of(DEEP_RGB), (b"tRNS", b"\xff\xff\0\0\0\0")
    ),
    "32 bits": encoded(Image.fromarray(DEEP.astype(np.float32) / 700 - 9), "TIFF"),
    "whole numbers of 32 bits": encoded(Image.fromarray(DEEP.astype(np.int32)), "TIFF"),
    "1 bit": encoded(GREY.convert("1")),
    "BMP": encoded(smooth(), "BMP"),
    "several pages": frames("TIFF", smooth(), noise(64, 48)),
    **{f"animated {kind}": frames(kind, smooth(), noise(64, 48)) for kind in ("GIF", "PNG", "WEBP", "AVIF")},
    "larger than is kept": encoded(smooth(2600, 700), compress_level=1),
    "larger than is kept, with alpha": encoded(CLEAR.resize((2600, 700)), compress_level=1),
}  # fmt: skip
# What is lost with the file.
FILES_ALONE = {
    "coded HDR": with_chunks(encoded(smooth()), coded(9, 16)),
    "two bits with a clear grey": png_of((4, 1), 2, 0, b"\0\x1b", (b"tRNS", b"\0\2")),
    "cut short": encoded(noise(60, 60))[:6000],
    "begins blank": frames("GIF", Image.new("RGB", (16, 16)), noise(16, 16)),
    "covered in part": gif((4, 2), ((1, 0), (2, 2), 1, None)),
    "a layout that Pillow refuses": bmp((2, 1), 16, b"\xff\x7f\0\0", 3, after=bytes(12)),
    "larger than any view": encoded(smooth(5000, 300), "JPEG"),
}


def seen(checked: CheckedImage) -> tuple:
    return checked.pixels.mode, checked.pixels.size, checked.digest, checked.note, checked.converted_from


@pytest.mark.parametrize("name", FILES)
def test_a_decoded_picture_is_seen_as_its_file(name):
    picture = Image.open(BytesIO(FILES[name]))
    picture.load()
    assert seen(read_image(picture)) == seen(read_image(FILES[name]))


@pytest.mark.parametrize("name", FILES | FILES_ALONE)
def test_a_picture_that_was_opened_and_not_decoded_is_its_file(name, tmp_path):
    data = (FILES | FILES_ALONE)[name]
    file = tmp_path / "picture"
    file.write_bytes(data)
    wanted = seen(read_image(data))
    for source in (BytesIO(data), file):
        try:
            picture = Image.open(source)
        except OSError:  # Pillow reads fewer files
            continue
        assert seen(read_image(picture)) == wanted
        assert seen(read_image(picture)) == wanted


@pytest.mark.parametrize("name", FILES)
def test_the_picture_that_was_given_stays_as_it_is(name):
    picture, other = (Image.open(BytesIO(FILES[name])) for _ in range(2))
    read_image(picture)  # before it is decoded, and after
    other.load()
    picture.load()
    read_image(picture)
    assert (picture.mode, picture.size, picture.tobytes()) == (other.mode, other.size, other.tobytes())
    assert picture.info == other.info and picture.tell() == 0


RAW_16 = [Image.frombytes(mode, (64, 48), (np.asarray(GREY).astype(kind) * 257).tobytes())
          for mode, kind in (("I;16B", ">u2"), ("I;16L", "<u2"))]  # fmt: skip


@pytest.mark.parametrize(
    ("picture", "wanted"),
    [
        (smooth().convert("YCbCr"), smooth()),
        (smooth().convert("HSV"), smooth()),
        (smooth().convert("RGBX"), smooth()),
        (CLEAR.convert("RGBa"), CLEAR),
        (CLEAR.convert("LA").convert("La"), CLEAR.convert("LA")),
        (QUANTISED.convert("PA"), QUANTISED),
        *((each, GREY) for each in (*RAW_16, GREY.convert("F"), GREY.convert("I"))),
    ],
    ids=lambda image: image.mode,
)
def test_every_mode_of_pillows_is_read(picture, wanted):
    found, expected = (np.asarray(read_image(each).pixels).astype(int) for each in (picture, wanted))
    assert np.abs(found - expected).max() <= 4


def test_a_picture_of_pixels_alone_is_taken_as_it_is():
    checked = read_image(noise(8, 8))
    assert checked.pixels.tobytes() == noise(8, 8).tobytes()
    assert (checked.note, checked.converted_from) == (None, None)


def test_what_its_owner_did_to_a_picture_is_seen():
    picture = Image.open(BytesIO(encoded(smooth(), exif=turned(6), icc_profile=P3)))
    upright = ImageOps.exif_transpose(picture)
    assert seen(read_image(upright)) == seen(read_image(picture))
    red = Image.open(BytesIO(FILES["plain"]))
    red.paste("red", (0, 0, *red.size))
    assert read_image(red).pixels.getpixel((3, 3)) == (255, 0, 0)
    marked = smooth()
    marked.getexif()[0x0112] = 6
    assert seen(read_image(marked)) == seen(read_image(encoded(smooth(), exif=turned(6))))


def test_xmp_turns_no_picture():
    written = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><d tiff:Orientation="6"/></x:xmpmeta>'
    data = encoded(smooth(), "JPEG", xmp=written)
    picture = Image.open(BytesIO(data))
    picture.load()
    assert seen(read_image(picture)) == seen(read_image(data))


def test_an_animation_is_the_frame_it_stands_at():
    picture = Image.open(BytesIO(frames("PNG", smooth(), noise(64, 48), GREY.convert("RGB"))))
    picture.seek(1)
    checked = read_image(picture)
    assert checked.pixels.tobytes() == noise(64, 48).tobytes()
    assert checked.note == "The picture is animated: only its frame 2 is looked at."
    pages = Image.open(BytesIO(FILES["several pages"]))
    pages.seek(1)
    assert read_image(pages).note == "The file has several pages: only page 2 is looked at."


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Image.new("RGB", (0, 4)), "has 0 x 4 pixels"),
        (lambda: Image.open(BytesIO(encoded(noise(60, 60))[:200])), "PNG file is damaged"),
        (
            lambda: Image.open(BytesIO(encoded(noise(60, 60), "PPM")[:200])),
            "PPM file is damaged or cut short",
        ),
    ],
)
def test_a_picture_with_nothing_to_see_is_refused(make: Callable[[], Image.Image], words):
    with pytest.raises(ImageRefused, match=words):
        read_image(make())


def test_a_file_that_was_closed_is_refused(tmp_path):
    (tmp_path / "picture.png").write_bytes(FILES["plain"])
    with Image.open(tmp_path / "picture.png") as picture:
        pass
    with pytest.raises(ImageRefused, match="PNG"):
        read_image(picture)


def test_pillows_other_formats_are_read_from_pillow():
    picture = Image.open(BytesIO(encoded(noise(9, 7), "PPM")))
    assert read_image(picture).pixels.tobytes() == noise(9, 7).tobytes()


@pytest.mark.parametrize("decoded", [True, False])
def test_every_door_sees_the_picture_as_the_file(tiny_loaded, tiny_checkpoint, tmp_path, decoded):
    file = tmp_path / "turned.png"
    file.write_bytes(encoded(CLEAR, exif=turned(6), icc_profile=P3))
    picture = Image.open(file)
    if decoded:
        picture.load()
    engine, processor = Engine(tiny_loaded), MovaProcessor.from_pretrained(tiny_checkpoint)
    asked = [
        engine.ask(each, "what?", experts=["A", "G"], decoding=Decoding(max_new_tokens=4))
        for each in (picture, file, read_image(file))
    ]
    assert len({(trace.answer, str(trace.gates)) for trace in asked}) == 1
    inputs = [processor(images=each, text="what?") for each in (picture, file, read_image(file).pixels)]
    for name in ("base", "dino", "high", "patches"):
        assert all(each[name].equal(inputs[0][name]) for each in inputs)
