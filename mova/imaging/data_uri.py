"""A picture inside a text: `data:image/png;base64,...` (RFC 2397)."""

import base64
import binascii
import io
import re
from urllib.parse import unquote_to_bytes

from PIL import Image

from mova.errors import ImageRefused
from mova.imaging.formats import MAX_FILE_BYTES, too_many_bytes

_HEAD = re.compile(r"\s*data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)
_MOST_HEAD = 1000  # characters before the comma
_LOOSE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MOST_PERCENT = 4 * 2**20  # characters; larger ones are slow to read and nobody writes them
_IN_BASE64 = {"%2B": "+", "%2F": "/", "%3D": "=", "%0A": "", "%0D": "", "%20": ""}
_SPACE = dict.fromkeys(map(ord, " \t\n\r\f"))
_TOO_LONG = "The data URI is too long. Send a smaller copy, or the file itself."
_EXPECTED = "Expected data:image/png;base64, and the picture's bytes in base64: encode the file again."


def is_data_uri(text: str) -> bool:
    """Whether a text means to be a data URI."""
    return text[:100].lstrip()[:5].lower() == "data:"


def read_data_uri(text: str) -> bytes:
    """The bytes of a data URI, in base64 or percent form; what they are is not looked at.

    Raises ImageRefused where the text is no data URI of a picture, is broken, or holds too much; what it
    holds is never quoted.
    """
    head = _HEAD.match(text[:_MOST_HEAD])
    if head is None:
        raise ImageRefused(f"The text is not a data URI. {_EXPECTED}")
    kind, options = head[1].strip().lower(), head[2].lower().split(";")
    if kind and not kind.startswith("image/") and kind != "application/octet-stream":
        raise ImageRefused(f"The data URI does not say that it is a picture. {_EXPECTED}")
    body = text[head.end() :]
    in_base64 = options[-1].strip() == "base64"
    # Base64 has 4 characters for 3 bytes, and some more for line ends.
    if len(body) > (2 * MAX_FILE_BYTES if in_base64 else _MOST_PERCENT):
        raise ImageRefused(_TOO_LONG)
    found = _from_base64(body) if in_base64 else _from_percent(body)
    if not found:
        raise ImageRefused(f"The data URI is empty. {_EXPECTED}")
    if len(found) > MAX_FILE_BYTES:
        raise ImageRefused(too_many_bytes(len(found)))
    return found


def data_uri_of(picture: Image.Image, kind: str, **options) -> str:
    """The picture as a data URI in a format of Pillow's ("PNG", "WEBP"), written with its `options`."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _from_percent(body: str) -> bytes:
    if not body.isascii() or _LOOSE_PERCENT.search(body):
        raise ImageRefused(f"The data URI is broken: it is neither base64 nor percent-encoded. {_EXPECTED}")
    return unquote_to_bytes(body)


def _from_base64(body: str) -> bytes:
    """As browsers read it: spaces and line ends do not count; the padding may be left out, not be wrong."""
    written = body.translate(_SPACE)
    for code, meant in _IN_BASE64.items() if "%" in written else ():
        written = written.replace(code, meant).replace(code.lower(), meant)
    if "=" not in written:
        written += "=" * (-len(written) % 4)
    try:
        return base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImageRefused(f"The data URI's base64 is broken or cut short. {_EXPECTED}") from error
