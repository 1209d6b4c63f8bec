"""The image gate: what is refused, before anything is decoded, and what is made of the rest."""

import struct
import threading
import zlib

import numpy as np
import pytest
from PIL import Image

from mova import images
from mova.errors import ImageRefused
from mova.images import KEPT_SIDE, decode_bytes, pad_to_square, read_image, upright_size
from mova.imaging.room import Room
from tests.image_files import (
    chunk,
    encoded,
    furthest,
    large_png,
    noise,
    png_of,
    profile_of,
    rows_of,
    smooth,
    with_chunks,
)

KINDS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP", "TIFF"]


def huge_png(side: int) -> bytes:
    """A PNG of side x side black pixels in a few hundred kilobytes."""
    return large_png((side, side), 1, 0, bytes(side // 8 + 1))


def huge_jpeg(width: int, height: int) -> bytes:
    """A JPEG that says it has this size and holds far less."""
    data = encoded(noise(16, 16), "JPEG")
    place = data.index(b"\xff\xc0")
    return data[: place + 5] + struct.pack(">HH", height, width) + data[place + 9 :]


def never(*_) -> None:
    raise AssertionError("decoded")


@pytest.mark.parametrize("kind", KINDS)
def test_accepted_formats_become_rgb(kind):
    checked = read_image(encoded(noise(40, 30), kind))
    assert (checked.pixels.mode, checked.pixels.size, checked.note) == ("RGB", (40, 30), None)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_formats_without_loss_keep_every_pixel(kind):
    picture = noise(40, 30)
    checked = read_image(encoded(picture, kind))
    assert checked.pixels.tobytes() == picture.tobytes()
    assert checked.converted_from is None


def test_a_path_and_its_bytes_give_the_same_picture(tmp_path):
    path = tmp_path / "picture.png"
    data = encoded(noise(20, 20))
    path.write_bytes(data)
    sources = (path, str(path), data, bytearray(data), memoryview(data))
    assert len({read_image(source).digest for source in sources}) == 1


@pytest.mark.parametrize(
    "name", ["no ending", "a.jpg", "\u202egnp.exe.png", "two\nlines'\".png", "%s{0}.png"]
)
def test_a_name_says_nothing_about_what_a_file_is(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(encoded(noise(8, 8), "WEBP"))
    assert read_image(path).pixels.size == (8, 8)


def test_digest_tells_pictures_and_shapes_apart():
    row, column = Image.new("RGB", (4, 2)), Image.new("RGB", (2, 4))
    digests = {read_image(encoded(image)).digest for image in (row, column, noise(4, 2))}
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"hello, I am no picture", "not a picture"),
        (encoded(noise(64, 64), "JPEG")[:900], "damaged"),
        (encoded(noise(64, 64), "PNG")[:900], "damaged"),
        (encoded(noise(64, 64), "WEBP")[:200], "damaged"),
        (encoded(noise(64, 64), "WEBP")[:-2], "damaged"),  # browsers show nothing of it either
        (encoded(noise(64, 64), "AVIF")[:-2], "damaged"),
        (encoded(noise(64, 64), "TIFF")[:900], "damaged"),
        (encoded(noise(64, 64), "BMP")[:600], "damaged"),
        (b"\x89PNG\r\n\x1a\nnonsense", "damaged"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (png_of((0, 4), 8, 0, b""), "damaged"),
        (huge_jpeg(0, 7), "damaged"),
    ],
)
def test_refusals_have_their_own_sentence(data, word):
    with pytest.raises(ImageRefused, match=word) as refusal:
        read_image(data)
    assert str(refusal.value).endswith(".")


def test_missing_file_and_folder_are_refused(tmp_path):
    for path in (tmp_path / "absent.png", tmp_path, tmp_path / "nul\0.png"):
        with pytest.raises(ImageRefused, match="no picture file") as refusal:
            read_image(path)
        assert str(tmp_path) not in str(refusal.value)


def test_what_the_system_does_not_let_read_is_refused_without_its_folder(tmp_path, monkeypatch):
    with pytest.raises(ImageRefused, match="cannot be read"):
        read_image(tmp_path / ("x" * 300))
    path = tmp_path / "shut.png"
    path.write_bytes(encoded(noise(8, 8)))

    def shut(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.read_bytes", shut)
    with pytest.raises(ImageRefused, match=r"'shut\.png' cannot be read") as refusal:
        read_image(path)
    assert str(tmp_path) not in str(refusal.value)


def test_a_large_file_is_refused_from_disk_and_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 1000)
    data = encoded(noise(64, 64))
    path = tmp_path / "large.png"
    path.write_bytes(data)
    for source in (path, data):
        with pytest.raises(ImageRefused, match="MB are read. Send a smaller copy"):
            read_image(source)


@pytest.mark.parametrize("side", [6500, 13000, 30000])
def test_too_many_pixels_are_refused_before_decoding(side, monkeypatch):
    data = huge_png(side)
    assert len(data) < 2**20
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    for read in (read_image, upright_size, decode_bytes):
        with pytest.raises(ImageRefused, match=f"{side} x {side} pixels; at most 40 megapixels"):
            read(data)


def test_every_format_is_refused_by_the_size_that_its_header_claims(monkeypatch):
    webp = encoded(noise(8, 8), "WEBP", lossless=True)
    gif = encoded(noise(8, 8), "GIF")
    tiff = bytearray(encoded(noise(8, 8), "TIFF"))
    for tag in (256, 257):  # width and height
        place = tiff.index(struct.pack("<HHI", tag, 4, 1))
        tiff[place + 8 : place + 12] = struct.pack("<I", 20_000)
    claims = [
        huge_jpeg(65_000, 65_000),
        webp[:21] + struct.pack("<I", 16383 | 16383 << 14) + webp[25:],
        gif[:6] + struct.pack("<HH", 60_000, 60_000) + gif[10:],
        b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 2**20, -(2**20), 1, 24) + bytes(24),
        bytes(tiff),
    ]
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    monkeypatch.setattr("PIL.WebPImagePlugin.WebPImageFile._open", never)  # it takes memory for its canvas
    for data in claims:
        with pytest.raises(ImageRefused, match="megapixels are accepted"):
            read_image(data)


def test_a_phones_jpeg_is_decoded_small_instead_of_refused():
    tile = smooth(510, 510)
    data = encoded(tile.resize((8160, 6120)), "JPEG", quality=60)
    checked = read_image(data)
    assert checked.pixels.size == (2048, 1536)
    assert furthest(checked.pixels, tile.resize((2048, 1536))) <= 12
    assert upright_size(data) == (8160, 6120)
    assert decode_bytes(data) < 160 * 2**20


@pytest.mark.parametrize(("width", "height"), [(8064, 6048), (12000, 9000), (16320, 12240)])
def test_the_largest_phone_pictures_are_accepted_by_their_header(width, height):
    assert upright_size(huge_jpeg(width, height)) == (width, height)


def test_a_jpeg_that_would_take_too_much_memory_or_time_is_refused(monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    progressive = huge_jpeg(15_000, 15_000).replace(b"\xff\xc0", b"\xff\xc2", 1)
    with pytest.raises(ImageRefused, match="MB of memory to read"):
        read_image(progressive.replace(b"\x03\x01\x22\x00", b"\x03\x01\x11\x00"))  # all colours in full
    many = huge_jpeg(8000, 8000).removesuffix(b"\xff\xd9") + b"\xff\xda\0\2" * 500 + b"\xff\xd9"
    with pytest.raises(ImageRefused, match="made of 501 scans"):
        read_image(many)
    cut = encoded(noise(8, 8), "JPEG")[:-2] + b"\xff\xda\0\2" * 100_000
    with pytest.raises(ImageRefused, match="made of 100001 scans"):
        read_image(cut)


def test_large_but_allowed_pictures_are_kept_smaller():
    checked = read_image(encoded(Image.new("RGB", (5000, 2500), "red")))
    assert checked.pixels.size == (KEPT_SIDE, KEPT_SIDE // 2)
    assert checked.pixels.getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("size", [(2500, 1000), (700, 4200)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_what_is_kept_is_the_whole_picture_resized(size, mode):
    picture = smooth(*size)
    if mode == "RGBA":
        picture.putalpha(picture.getchannel("R").point(lambda value: 255 if value > 90 else 0))
    picture = picture.quantize(64) if mode == "P" else picture.convert(mode)
    checked = read_image(encoded(picture, compress_level=1))
    wanted = picture.convert("RGB") if mode == "P" else picture
    wanted = wanted.resize(checked.pixels.size, Image.Resampling.BICUBIC)
    if mode == "RGBA":
        wanted = Image.alpha_composite(Image.new("RGBA", wanted.size, "white"), wanted)
    assert furthest(checked.pixels, wanted) <= 1


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (2, 1), (1, 2049), (1, 20_000), (20_000, 1), (3, 60_000)]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_tiny_and_very_thin_pictures_stay_pictures(width, height, kind):
    checked = read_image(encoded(Image.new("RGB", (width, height), "teal"), kind))
    longest = max(width, height)
    wanted = [max(1, round(side * min(1, KEPT_SIDE / longest))) for side in (width, height)]
    assert list(checked.pixels.size) == wanted
    assert np.abs(np.asarray(checked.pixels).astype(int) - (0, 128, 128)).max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "MPO"])
def test_orientation_is_applied_in_every_container(kind, orientation):
    exif = Image.Exif()
    exif[0x010F] = "a maker"
    exif[0x0112] = orientation
    more = {"append_images": [Image.new("RGB", (8, 8))], "save_all": True} if kind == "MPO" else {}
    data = encoded(smooth(64, 48), kind, exif=exif, **more)
    turns = {
        1: lambda image: image,
        2: lambda image: image[:, ::-1],
        3: lambda image: image[::-1, ::-1],
        4: lambda image: image[::-1],
        5: lambda image: image.swapaxes(0, 1),
        6: lambda image: image[::-1].swapaxes(0, 1),
        7: lambda image: image[::-1, ::-1].swapaxes(0, 1),
        8: lambda image: image[:, ::-1].swapaxes(0, 1),
    }
    wanted = Image.fromarray(np.ascontiguousarray(turns[orientation](np.asarray(smooth(64, 48)))))
    checked = read_image(data)
    assert checked.pixels.size == upright_size(data) == wanted.size
    assert furthest(checked.pixels, wanted) <= 12
    assert checked.note is None


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_means_nothing_is_upright(value):
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1" + struct.pack(">HH", value, 0) + bytes(4)
    assert upright_size(encoded(noise(6, 4), "JPEG", exif=exif)) == (6, 4)


def test_sixteen_bit_grey_is_scaled_not_clipped():
    grey = Image.fromarray(np.array([[0, 1000, 32768, 65535]], dtype=np.uint16))
    for kind in ("PNG", "TIFF"):
        pixels = read_image(encoded(grey, kind)).pixels
        assert [pixels.getpixel((x, 0))[0] for x in range(4)] == [0, 4, 128, 255]


@pytest.mark.parametrize(("kind", "channels"), [(2, 3), (6, 4), (4, 2)])
def test_sixteen_bit_colours_are_read(kind, channels):
    values = np.full((4, 4, channels), 65535, ">u2")
    values[..., 0] = 32768
    pixels = read_image(png_of((4, 4), 16, kind, rows_of(values))).pixels
    assert pixels.getpixel((1, 1)) == ((128, 128, 128) if kind == 4 else (128, 255, 255))


def test_grey_palette_and_cmyk_are_read():
    for image, kind in [
        (Image.new("L", (4, 4), 100), "PNG"),
        (Image.new("1", (4, 4), 1), "PNG"),
        (noise(8, 8).quantize(8), "PNG"),
        (Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"),
        (Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "TIFF"),
    ]:
        pixels = read_image(encoded(image, kind)).pixels
        assert pixels.mode == "RGB"
        if image.mode == "CMYK":
            assert pixels.getpixel((4, 4)) == pytest.approx((255, 0, 0), abs=3)


def test_padding_is_centred_with_the_odd_pixel_below():
    padded = pad_to_square(Image.new("RGB", (5, 2), "white"), (1, 2, 3))
    assert padded.size == (5, 5)
    column = [padded.getpixel((0, y)) for y in range(5)]
    assert column == [(1, 2, 3), (255, 255, 255), (255, 255, 255), (1, 2, 3), (1, 2, 3)]


def test_parts_that_no_viewer_needs_do_not_hide_a_picture():
    png = encoded(noise(8, 8))
    wrong = bytearray(with_chunks(png, (b"tIME", bytes(7))))
    wrong[33 + 8 + 7] ^= 1  # its checksum
    text = with_chunks(png, (b"zTXt", b"workflow\0\0" + zlib.compress(bytes(3_000_000))))
    note = png.replace(chunk(b"IEND", b""), chunk(b"prVt", b"?") + chunk(b"IEND", b""))
    broken_exif = with_chunks(png, (b"eXIf", b"MM\0*\xff\xff\xff\xff"))
    frames = with_chunks(png, (b"acTL", struct.pack(">II", 3, 0)), (b"fcTL", b"?"))
    for data in (bytes(wrong), text, note, broken_exif, frames):
        assert read_image(data).pixels.tobytes() == noise(8, 8).tobytes()


def test_what_is_kept_carries_no_metadata():
    exif = Image.Exif()
    exif[0x010F] = "a maker"
    data = encoded(noise(8, 8), exif=exif, icc_profile=profile_of("tagged_Display_P3.png"), dpi=(72, 72))
    checked = read_image(data)
    assert checked.pixels.info == {}
    assert read_image(encoded(checked.pixels)).digest == checked.digest


def test_two_pictures_are_decoded_at_once_and_others_wait(monkeypatch):
    monkeypatch.setattr(images, "DECODING", Room(most_at_once=2))
    decode, meeting, active, most = images.decode, threading.Barrier(2, timeout=60), [], []

    def counted(opened):
        active.append(opened)
        meeting.wait()  # passes only because a second one is in here at the same time
        most.append(len(active))
        meeting.wait()
        active.remove(opened)
        return decode(opened)

    monkeypatch.setattr(images, "decode", counted)
    data = [encoded(noise(8, side)) for side in range(8, 14)]
    readers = [threading.Thread(target=read_image, args=(each,)) for each in data]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert most == [2] * 6
