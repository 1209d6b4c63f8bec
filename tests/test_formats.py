"""Files that are no picture read here: what they are is said, and what to do."""

import gzip
import struct
import subprocess
import sys
import warnings
import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import TiffImagePlugin

from mova.errors import ImageRefused
from mova.images import read_image, upright_size
from tests.image_files import encoded, noise, tiff


def container(major: bytes, *compatible: bytes) -> bytes:
    body = major + bytes(4) + b"".join(compatible)
    return struct.pack(">I", 8 + len(body)) + b"ftyp" + body + bytes(200)


def zipped() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("picture.png", encoded(noise(8, 8)))
    return buffer.getvalue()


def directory_of(*tags: tuple[int, int, int]) -> bytes:
    """A TIFF's first directory alone: (tag, type, value)."""
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (container(b"heic", b"mif1", b"heic"), "HEIC, as phones save it"),
        (container(b"mif1", b"mif1", b"heic"), "HEIC"),
        (container(b"hevc", b"msf1"), "HEIC"),
        (container(b"crx ", b"crx ", b"isom"), r"raw file \(CR3\)"),
        (container(b"isom", b"mp41"), "MP4"),
        (container(b"qt  "), "MOV"),
        (b"\0\0\0\x08wide\0\0\0\0mdat" + bytes(90), "MOV"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"8BPS\0\1" + bytes(20), "PSD"),
        (b"\xff\x0a" + bytes(20), "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"II\xbc\1" + bytes(20), "JPEG XR"),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(40), "raw file"),
        (directory_of((50706, 1, 0x401)), "raw file"),
        (directory_of((254, 4, 1), (330, 4, 900)), "raw file"),
        (b"FUJIFILMCCD-RAW 0201", "RAF"),
        (b"IIU\0" + bytes(20), "RW2"),
        (b"\0\0\1\0\1\0" + bytes(20), "ICO"),
        (b"P6\n4 4\n255\n" + bytes(48), "PNM"),
        (bytes(128) + b"DICM", "DICOM"),
        (bytes(100) + b"TRUEVISION-XFILE.\0", "TGA"),
        (zipped(), "ZIP"),
        (b"Rar!\x1a\7\0", "RAR"),
        (gzip.compress(b"<svg/>", mtime=0), "gzip"),
        (b"\x1aE\xdf\xa3" + bytes(20), "WebM"),
        (b"RIFF\x10\0\0\0AVI LIST", "AVI"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "WAV"),
        (b"OggS" + bytes(20), "Ogg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg/>", "SVG"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html><body>404 Not Found", "web page"),
        ("<html>Nicht gefunden: größer".encode(), "web page"),
        ("<html>".encode("utf-16"), "web page"),
        (b'{"error": "not found"}', "JSON"),
        (b"<?xml version='1.0'?><Error/>", "XML"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS"),
        (b"data:image/png;base64,iVBORw0KGgo=", "data URI"),
        (b"hello, I am no picture", "a text"),
        (b"\0\5\x16\7" + bytes(30), "macOS"),
        (bytes(5000), "5000 zeros"),
        (b"\x7fELF" + bytes(20), "a program"),
    ],
)
def test_a_known_kind_of_file_is_named_with_what_to_do(data, name):
    for read in (read_image, upright_size):
        with pytest.raises(ImageRefused, match=name) as refusal:
            read(data)
        text = str(refusal.value)
        assert "not a picture of a kind that is read here" in text
        assert text.endswith(".")
        assert text.count(". ") >= 1  # what it is, then what to do


@pytest.mark.parametrize("data", [b"\x93\x01\xfe\x07 nothing known", b"\n\n", b"\xff", b"RIFF", b"BM"])
def test_an_unknown_file_is_told_what_is_read(data):
    with pytest.raises(ImageRefused, match="Send a JPEG, PNG, WEBP, GIF, AVIF, BMP or TIFF picture"):
        read_image(data)


def test_the_first_bytes_decide_and_not_the_name(tmp_path):
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"<html><h1>403 Forbidden</h1></html>")
    with pytest.raises(ImageRefused, match="web page"):
        read_image(path)


def test_variants_that_no_browser_shows_are_named():
    jpeg = encoded(noise(8, 8), "JPEG")
    place = jpeg.index(b"\xff\xc0")
    lossless = jpeg[:place] + b"\xff\xc3" + jpeg[place + 2 :]
    twelve = jpeg[: place + 4] + b"\x0c" + jpeg[place + 5 :]
    bmp = bytearray(encoded(noise(8, 8), "BMP"))
    bmp[30] = 5  # a PNG inside
    values = np.full((4, 4), 90, np.uint8)
    tiff_of_96_bits = tiff(values).replace(
        struct.pack("<HHII", 258, 4, 1, 8), struct.pack("<HHII", 258, 4, 1, 96)
    )
    for data in (lossless, twelve, bytes(bmp), tiff_of_96_bits):
        with pytest.raises(ImageRefused, match="a variant that is not read here"):
            read_image(data)


def overlapping(order: str, count: int, each: int = 60_000) -> bytes:
    """A directory of tags that all claim the same bytes."""
    tags = b"".join(struct.pack(order + "HHII", 1000 + n, 7, each, 8) for n in range(count))
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HIH", 42, 8, count)
    return head + tags + bytes(4) + bytes(60_000)


@pytest.mark.parametrize("order", "<>")
def test_directories_that_claim_more_than_the_file_has_are_never_loaded(order, monkeypatch):
    loaded = []
    load = TiffImagePlugin.ImageFileDirectory_v2.load
    monkeypatch.setattr(
        TiffImagePlugin.ImageFileDirectory_v2, "load", lambda *of: (loaded.append(of), load(*of))
    )
    avif = encoded(noise(8, 8), "AVIF")
    once = overlapping(order, 2)
    twice = once.replace(struct.pack(order + "HH", 1001, 7), struct.pack(order + "HH", 1000, 7))
    many = overlapping(order, 2000, each=1)
    for data in (overlapping(order, 900), twice, many, avif + overlapping(order, 900)):
        with pytest.raises(ImageRefused, match="damaged"):
            read_image(data)
    assert not loaded


@pytest.mark.parametrize("tag", [34665, 34853])
def test_a_tiffs_further_directories_are_never_loaded(tag, monkeypatch):
    values = np.arange(48, dtype=np.uint8).reshape(6, 8)
    place = len(tiff(values, (tag, 4, 1, bytes(4))))
    data = tiff(values, (tag, 4, 1, struct.pack("<I", place))) + overlapping("<", 5)[8:]
    loaded, load = [], TiffImagePlugin.ImageFileDirectory_v2.load

    def noted(self, file):
        loaded.append(file.tell())
        return load(self, file)

    monkeypatch.setattr(TiffImagePlugin.ImageFileDirectory_v2, "load", noted)
    assert read_image(data).pixels.size == (8, 6)
    assert loaded and place not in loaded


def test_what_pillow_would_warn_of_is_read_without_a_word():
    unit = (296, 3, 2, struct.pack("<HH", 2, 2))  # one value is expected
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_image(tiff(np.full((4, 4), 90, np.uint8), unit)).pixels.getpixel((1, 1)) == (90, 90, 90)


def test_nothing_is_printed_where_nobody_set_up_logging(tmp_path):
    samples = tiff(np.full((4, 4), 90, np.uint8)).replace(
        struct.pack("<HHII", 277, 4, 1, 1), struct.pack("<HHII", 277, 4, 1, 300)
    )
    broken = encoded(noise(32, 32), "TIFF", compression="tiff_adobe_deflate")
    (tmp_path / "a").write_bytes(samples)
    (tmp_path / "b").write_bytes(broken.replace(b"\x78\x9c", b"\x78\x9d"))
    code = """
import sys
from mova.errors import ImageRefused
from mova.images import read_image
for name in sys.argv[1:]:
    try:
        read_image(name)
    except ImageRefused:
        pass
"""
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path / "a"), str(tmp_path / "b")]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_a_chain_of_directories_that_never_ends_takes_no_time():
    links = b"".join(struct.pack("<HI", 0, 8 + 6 * (n + 1)) for n in range(100_000))
    with pytest.raises(ImageRefused, match="damaged"):
        read_image(b"II*\0\x08\0\0\0" + links)
