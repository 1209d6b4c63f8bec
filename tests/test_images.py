"""The image gate: what is refused, before anything is decoded, and what is made of the rest."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from mova.errors import ImageRefused
from mova.images import KEPT_SIDE, pad_to_square, read_image


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def huge_png(side: int) -> bytes:
    """A PNG of side x side black pixels in a few hundred kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compressobj(9)
    row = b"\0" * (1 + side // 8 + 1)
    body = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_accepted_formats_become_rgb(kind):
    checked = read_image(encoded(noise(40, 30), kind))
    assert (checked.pixels.mode, checked.pixels.size, checked.note) == ("RGB", (40, 30), None)


def test_a_path_and_its_bytes_give_the_same_picture(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(encoded(noise(20, 20)))
    assert read_image(path).digest == read_image(str(path)).digest == read_image(path.read_bytes()).digest


def test_digest_tells_pictures_and_shapes_apart():
    row, column = Image.new("RGB", (4, 2)), Image.new("RGB", (2, 4))
    digests = {read_image(encoded(image)).digest for image in (row, column, noise(4, 2))}
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"hello, I am no picture", "not a picture"),
        (encoded(noise(8, 8), "BMP"), "not a picture"),
        (encoded(noise(8, 8), "TIFF"), "not a picture"),
        (b"%PDF-1.7 ...", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (encoded(noise(64, 64), "JPEG")[:900], "damaged"),
        (encoded(noise(64, 64), "PNG")[:900], "damaged"),
        (encoded(noise(64, 64), "WEBP")[:200], "damaged"),
        (b"\x89PNG\r\n\x1a\nnonsense", "damaged"),
        (b"\xff\xd8\xff\xe0", "damaged"),
    ],
)
def test_refusals_have_their_own_sentence(data, word):
    with pytest.raises(ImageRefused, match=word) as refusal:
        read_image(data)
    assert str(refusal.value).endswith(".")


def test_missing_file_and_folder_are_refused(tmp_path):
    for path in (tmp_path / "absent.png", tmp_path):
        with pytest.raises(ImageRefused, match="no picture file"):
            read_image(path)


@pytest.mark.parametrize("side", [6500, 13000, 30000])
def test_too_many_pixels_are_refused_before_decoding(side, monkeypatch):
    data = huge_png(side)
    assert len(data) < 2**20

    def never(self):
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    size = f"{side} x {side} pixels" if side < 13400 else "far too many pixels"
    with pytest.raises(ImageRefused, match=f"{size}; at most 40 megapixels"):
        read_image(data)


def test_large_but_allowed_pictures_are_kept_smaller():
    checked = read_image(encoded(Image.new("RGB", (5000, 2500), "red")))
    assert checked.pixels.size == (KEPT_SIDE, KEPT_SIDE // 2)
    assert checked.pixels.getpixel((0, 0)) == (255, 0, 0)


def test_a_very_thin_picture_stays_a_picture():
    assert read_image(encoded(Image.new("RGB", (30000, 1)))).pixels.size == (KEPT_SIDE, 1)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_animation_keeps_its_first_frame_and_says_so(kind):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    checked = read_image(data)
    red, _, blue = checked.pixels.getpixel((8, 8))
    assert red > 200 and blue < 60
    assert "first frame" in checked.note


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6
    checked = read_image(encoded(noise(40, 20), "JPEG", exif=exif))
    assert checked.pixels.size == (20, 40)


def test_transparency_is_laid_on_white():
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    assert read_image(encoded(clear)).pixels.getpixel((1, 1)) == (255, 255, 255)
    palette = clear.quantize(4)
    assert read_image(encoded(palette)).pixels.getpixel((1, 1)) == (255, 255, 255)


def test_sixteen_bit_grey_is_scaled_not_clipped():
    grey = Image.fromarray(np.array([[0, 32768, 65535]], dtype=np.uint16))
    pixels = read_image(encoded(grey)).pixels
    assert [pixels.getpixel((x, 0))[0] for x in range(3)] == [0, 127, 255]


def test_grey_palette_and_cmyk_are_read():
    for image, kind in [
        (Image.new("L", (4, 4), 100), "PNG"),
        (Image.new("1", (4, 4), 1), "PNG"),
        (noise(8, 8).quantize(8), "PNG"),
        (Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"),
    ]:
        assert read_image(encoded(image, kind)).pixels.mode == "RGB"


def test_padding_is_centred_with_the_odd_pixel_below():
    padded = pad_to_square(Image.new("RGB", (5, 2), "white"), (1, 2, 3))
    assert padded.size == (5, 5)
    column = [padded.getpixel((0, y)) for y in range(5)]
    assert column == [(1, 2, 3), (255, 255, 255), (255, 255, 255), (1, 2, 3), (1, 2, 3)]
