"""What a file is, by its own first bytes: names and declared types are not believed."""

import re
from dataclasses import dataclass

MAX_FILE_BYTES = 64 * 2**20
ADVICE = "Send a JPEG, PNG, WEBP, GIF, AVIF, BMP or TIFF picture."
_HEAD = 4096  # bytes that are looked at for text and for the brands of an ISO container
_EXPORT = "Export it as a PNG or JPEG picture and send that."
_FRAME = "Take a picture of the moment that matters and send that."
_UNPACK = "Take the picture out of it and send that."


@dataclass(frozen=True)
class Known:
    """A kind of file that is not read here: how it is called, and what its owner can do."""

    name: str
    advice: str


# Offset, the bytes that stand there, what that makes the file.
_SIGNS: tuple[tuple[int, bytes, Known], ...] = (
    (0, b"%PDF-", Known("a PDF document", "Export the page as a PNG or JPEG picture and send that.")),
    (0, b"8BPS", Known("a Photoshop document (PSD)", _EXPORT)),
    (0, b"gimp xcf", Known("a GIMP document (XCF)", _EXPORT)),
    (0, b"%!PS", Known("a PostScript document", _EXPORT)),
    (0, b"\xc5\xd0\xd3\xc6", Known("a PostScript document (EPS)", _EXPORT)),
    (0, b"AT&TFORM", Known("a DjVu document", _EXPORT)),
    (0, b"\xff\x0a", Known("a JPEG XL picture", _EXPORT)),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", Known("a JPEG XL picture", _EXPORT)),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", Known("a JPEG 2000 picture", _EXPORT)),
    (0, b"\xff\x4f\xff\x51", Known("a JPEG 2000 picture", _EXPORT)),
    (0, b"II\xbc\x01", Known("a JPEG XR picture", _EXPORT)),
    (0, b"FUJIFILMCCD-RAW", Known("a camera's raw file (RAF)", _EXPORT)),
    (0, b"IIU\0", Known("a camera's raw file (RW2)", _EXPORT)),
    (0, b"IIRO", Known("a camera's raw file (ORF)", _EXPORT)),
    (0, b"IIRS", Known("a camera's raw file (ORF)", _EXPORT)),
    (0, b"MMOR", Known("a camera's raw file (ORF)", _EXPORT)),
    (0, b"FOVb", Known("a camera's raw file (X3F)", _EXPORT)),
    (0, b"\0\0\x01\0", Known("an icon (ICO)", _EXPORT)),
    (0, b"\0\0\x02\0", Known("a mouse pointer (CUR)", _EXPORT)),
    (0, b"icns", Known("an icon (ICNS)", _EXPORT)),
    (0, b"DDS ", Known("a game texture (DDS)", _EXPORT)),
    (0, b"\x76\x2f\x31\x01", Known("an OpenEXR picture", _EXPORT)),
    (0, b"#?RADIANCE", Known("a Radiance HDR picture", _EXPORT)),
    (0, b"qoif", Known("a QOI picture", _EXPORT)),
    (0, b"\x0a\x05\x01", Known("a PCX picture", _EXPORT)),
    *((0, b"P%d\n" % kind, Known("a PNM picture", _EXPORT)) for kind in range(1, 8)),
    (0, b"BPG\xfb", Known("a BPG picture", _EXPORT)),
    (0, b"SIMPLE  =", Known("a FITS file", _EXPORT)),
    (0, b"\x8aMNG", Known("an MNG animation", _EXPORT)),
    (0, b"\xd7\xcd\xc6\x9a", Known("a Windows metafile (WMF)", _EXPORT)),
    (40, b" EMF", Known("a Windows metafile (EMF)", _EXPORT)),
    (128, b"DICM", Known("a DICOM file", _EXPORT)),
    (0, b"PK\x03\x04", Known("a ZIP archive or an office document", _UNPACK)),
    (0, b"PK\x05\x06", Known("an empty ZIP archive", _UNPACK)),
    (0, b"Rar!", Known("a RAR archive", _UNPACK)),
    (0, b"7z\xbc\xaf\x27\x1c", Known("a 7z archive", _UNPACK)),
    (0, b"\x1f\x8b", Known("a gzip archive", _UNPACK)),
    (0, b"\xfd7zXZ\0", Known("an xz archive", _UNPACK)),
    (0, b"BZh", Known("a bzip2 archive", _UNPACK)),
    (257, b"ustar", Known("a tar archive", _UNPACK)),
    (0, b"\xd0\xcf\x11\xe0", Known("an old office document", _UNPACK)),
    (0, b"\x1a\x45\xdf\xa3", Known("a video (WebM or Matroska)", _FRAME)),
    (8, b"AVI ", Known("a video (AVI)", _FRAME)),
    (0, b"FLV\x01", Known("a video (FLV)", _FRAME)),
    (0, b"\0\0\x01\xba", Known("a video (MPEG)", _FRAME)),
    (0, b"\0\0\x01\xb3", Known("a video (MPEG)", _FRAME)),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Known("a video (WMV)", _FRAME)),
    (8, b"WAVE", Known("a sound file (WAV)", ADVICE)),
    (0, b"ID3", Known("a sound file (MP3)", ADVICE)),
    (0, b"OggS", Known("an Ogg file", ADVICE)),
    (0, b"fLaC", Known("a sound file (FLAC)", ADVICE)),
    (0, b"\x7fELF", Known("a program", ADVICE)),
    (0, b"MZ", Known("a program", ADVICE)),
    (0, b"\0\x05\x16\x07", Known("a macOS side file", "Send the file without ._ before its name.")),
)
# Not read on purpose: of libheif's two wheels the light one (pi-heif, LGPL) ended in 2026 with a version that
# crafted files take over, and the other (pillow-heif) is GPL for its encoder. Safari alone shows HEIC anyway.
_HEIC = Known(
    "HEIC, as phones save it",
    "Share or export the photo as a JPEG and send that; on an iPhone, Settings, Camera, Formats,"
    " Most Compatible makes JPEGs from then on.",
)
_RAW = Known("a camera's raw file", _EXPORT)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_WEB_PAGE = Known("a web page (HTML)", "Open its address in a browser, save the picture itself and send it.")
_SVG = Known("an SVG drawing", _EXPORT)
_LFS = Known("a Git LFS pointer that stands for one", "Fetch the picture (git lfs pull) and send that.")
_URI = Known("a data URI saved as a text", "Open it in a browser, save the picture and send that.")
_PLAIN_TEXT = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]+")


def format_of(data: bytes) -> str | None:
    """JPEG, PNG, GIF, WEBP, AVIF, BMP or TIFF; None for all else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return None if data[8:10] == b"CR" else "TIFF"  # Canon's raw files begin as TIFF does
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in (12, 40, 52, 56, 64, 108, 124):
        return "BMP"
    return "AVIF" if _brands(data) & {b"avif", b"avis"} else None


def not_read(data: bytes) -> str:
    """The sentences for a file that is none of the formats read here."""
    known = _known(data)
    if known is None:
        return f"The file is not a picture of a kind that is read here. {ADVICE}"
    return f"The file is {known.name}, not a picture of a kind that is read here. {known.advice}"


def too_many_bytes(size: int) -> str:
    """The sentences for a file of `size` bytes, which is too large."""
    most = MAX_FILE_BYTES // 2**20
    return f"The file has {size / 2**20:.0f} MB; at most {most} MB are read. Send a smaller copy."


def damaged(kind: str) -> str:
    """The sentences for a file of a format that is read, which cannot be."""
    return (
        f"The {kind} file is damaged or cut short and cannot be read to its end."
        " Save or download it again and send that copy."
    )


def uncommon(kind: str, what: str) -> str:
    """The sentences for a variant of a format that browsers do not show either."""
    return f"The {kind} file is {what}, a variant that is not read here. Export it as a PNG and send that."


def raw_file() -> str:
    """The sentences for a camera's raw file that is laid out as a TIFF."""
    return f"The file is {_RAW.name}, not a picture of a kind that is read here. {_RAW.advice}"


def _known(data: bytes) -> Known | None:
    for offset, sign, known in _SIGNS:
        if data.startswith(sign, offset):
            return known
    if data[:2] in (b"II", b"MM") and data[8:10] == b"CR":
        return _RAW
    if data.endswith(b"TRUEVISION-XFILE.\0"):
        return Known("a TGA picture", _EXPORT)
    return _container(data) or _text(data[:_HEAD]) or _emptiness(data)


def _brands(data: bytes) -> set[bytes]:
    """Major and compatible brands of an ISO container (HEIC, AVIF, MP4, ...); empty for all else."""
    if data[4:8] != b"ftyp":
        return set()
    body = data[8 : min(int.from_bytes(data[:4], "big"), _HEAD)]
    return {body[:4], *(body[start : start + 4] for start in range(8, len(body), 4))}


def _container(data: bytes) -> Known | None:
    brands = _brands(data)
    if not brands:
        sample = data[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
        return Known("a video (MOV)", _FRAME) if sample else None
    if b"crx " in brands:
        return Known("a camera's raw file (CR3)", _EXPORT)
    if brands & _HEIC_BRANDS:
        return _HEIC
    if b"qt  " in brands:
        return Known("a video (MOV)", _FRAME)
    return Known("a video or sound file (MP4)", _FRAME)


def _text(head: bytes) -> Known | None:
    """Text saved in a picture's place: an error page, a drawing in XML, a pointer."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    words = head.removeprefix(b"\xef\xbb\xbf").strip().lower()
    if not words or not _PLAIN_TEXT.fullmatch(words):
        return None
    if words.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in words:
        return _WEB_PAGE
    if b"<svg" in words:
        return _SVG
    if words.startswith(b"version https://git-lfs"):
        return _LFS
    if words.startswith(b"data:image/"):
        return _URI
    if words.startswith(b"<?xml"):
        return Known("an XML text", ADVICE)
    if words.startswith((b"{", b"[")):
        return Known("a JSON text", ADVICE)
    return None if any(byte >= 0x80 for byte in words) else Known("a text", ADVICE)


def _emptiness(data: bytes) -> Known | None:
    """A download that reserved its place and never came."""
    if data.count(0) == len(data):
        return Known(f"{len(data)} zeros", "Save or download it again and send that copy.")
    return None
