"""The small copy of a picture that a trace carries along."""

import base64
import io

from PIL import Image

THUMBNAIL_SIDE = 640  # pixels of the longer side
MOST_BYTES = 120_000


def thumbnail(pixels: Image.Image) -> str:
    """A checked RGB picture as a data URI of a WEBP, at most THUMBNAIL_SIDE a side and MOST_BYTES long."""
    small = pixels.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    for quality in (82, 60, 35, 10):
        buffer = io.BytesIO()
        small.save(buffer, "WEBP", quality=quality, method=2)
        if buffer.tell() <= MOST_BYTES:
            break
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
