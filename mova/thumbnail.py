"""The small copy of a picture that a trace carries along."""

from PIL import Image

from mova.imaging.data_uri import data_uri_of

THUMBNAIL_SIDE = 640  # pixels of the longer side
MOST_BYTES = 120_000


def thumbnail(pixels: Image.Image) -> str:
    """A checked RGB picture as a data URI of a WEBP, at most THUMBNAIL_SIDE a side and MOST_BYTES long."""
    small = pixels.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    for quality in (82, 60, 35, 10):
        uri = data_uri_of(small, "WEBP", quality=quality, method=2)
        if len(uri) * 3 <= MOST_BYTES * 4:  # base64 has 4 characters for 3 bytes
            break
    return uri
