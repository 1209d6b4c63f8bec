"""What is read is what people see: pictures in Chromium, pixel by pixel, against ours."""

import base64
import struct

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from mova.images import read_image
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
    press_profile,
    profile_of,
    smooth,
    with_chunks,
)

pytestmark = pytest.mark.browser
GROUNDS = {"white": 255, "dark grey": 34, "mid grey": 119}
DRAW = """
async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext("2d", { colorSpace: "srgb", willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
  return [canvas.width, canvas.height, btoa(text)];
}
"""


def pictures() -> dict[str, tuple[bytes, str]]:
    """Name -> file and its type."""
    picture, wide, adobe = (
        smooth(48, 36),
        profile_of("tagged_Display_P3.png"),
        profile_of("tagged_Adobe_RGB.png"),
    )
    clear = picture.copy()
    clear.putalpha(picture.getchannel("R"))
    glyph = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    glyph.paste((250, 250, 250, 255), (8, 8, 20, 24))
    best = {"quality": 100, "subsampling": 0}
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + bytes(52)
    ramp = encoded(Image.fromarray(np.arange(256, dtype=np.uint8)[None].repeat(2, axis=0)))
    found = {
        "JPEG P3": (encoded(picture, "JPEG", icc_profile=wide, **best), "jpeg"),
        "JPEG grey": (encoded(picture.convert("L"), "JPEG", icc_profile=grey_profile(1.8)), "jpeg"),
        "JPEG CMYK": (encoded(picture.convert("CMYK"), "JPEG", **best), "jpeg"),
        "JPEG press": (encoded(picture.convert("CMYK"), "JPEG", icc_profile=press_profile(), **best), "jpeg"),
        "PNG broken profile": (encoded(picture, icc_profile=wide[:150]), "png"),
        "PNG alpha P3": (encoded(clear, icc_profile=wide), "png"),
        "PNG glyph": (encoded(glyph), "png"),
        "PNG palette": (encoded(picture.quantize(9), transparency=2, icc_profile=adobe), "png"),
        "PNG gamma": (with_chunks(ramp, gamma(0.55), chromaticities(P3_POINTS)), "png"),
        "PNG gamma alone": (with_chunks(ramp, gamma(1)), "png"),
        "PNG PQ": (with_chunks(ramp, coded(9, 16)), "png"),
        "PNG HLG": (with_chunks(encoded(picture), coded(9, 18)), "png"),
        "PNG coded": (with_chunks(encoded(picture, icc_profile=adobe), coded(12, 13)), "png"),
        "PNG 16 bits": ((CASES / "gray16_with_transparent_colour.png").read_bytes(), "png"),
        "PNG cut short": (encoded(noise(40, 40))[:3000], "png"),
        "WEBP": (encoded(clear, "WEBP", lossless=True, icc_profile=adobe), "webp"),
        "AVIF": (encoded(picture, "AVIF", icc_profile=adobe, quality=100), "avif"),
        "GIF": (gif((8, 6), ((1, 2), (5, 4), 2, None)), "gif"),
        "GIF cut short": (encoded(noise(40, 40).quantize(200), "GIF", interlace=0)[:1500], "gif"),
        "BMP runs": (bmp((4, 2), 8, bytes([1, 1, 0, 2, 1, 1, 2, 2, 0, 1]), 1, bytes(range(16))), "bmp"),
        "BMP alpha": (bmp((2, 1), 32, struct.pack("<2I", 0x80FF0000, 0xFF), after=masks), "bmp"),
        "BMP cut short": (encoded(noise(40, 40), "BMP")[:3000], "bmp"),
    }  # fmt: skip
    for orientation in (3, 6):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for kind in ("JPEG", "PNG", "AVIF"):
            found[f"{kind} turned {orientation}"] = encoded(picture, kind, exif=exif), kind.lower()
    return found


@pytest.fixture(scope="module")
def shown(chromium_path):
    """Name -> [height, width, 4] of 8 bits, as an <img> shows it on a canvas."""
    with sync_playwright() as playwright:
        options = {"executable_path": chromium_path, "args": ["--no-sandbox", "--force-color-profile=srgb"]}
        browser = playwright.chromium.launch(**options)
        page = browser.new_page()
        drawn = {}
        for name, (data, kind) in pictures().items():
            address = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
            width, height, values = page.evaluate(DRAW, address)
            drawn[name] = np.frombuffer(base64.b64decode(values), np.uint8).reshape(height, width, 4)
        browser.close()
    return drawn


@pytest.mark.parametrize("name", pictures())
def test_what_is_read_is_what_chromium_shows(name, shown):
    checked = read_image(pictures()[name][0])
    ground = next((GROUNDS[each] for each in GROUNDS if f"shown {each}." in (checked.note or "")), 255)
    alpha = shown[name][..., 3:] / 255
    wanted = shown[name][..., :3] * alpha + ground * (1 - alpha)
    assert checked.pixels.size == shown[name].shape[1::-1]
    # A GIF's row that came in part is shown as far as it came; here it is missing.
    rows = np.abs(np.asarray(checked.pixels) - wanted).max(axis=(1, 2))
    assert np.sort(rows)[: -1 if name == "GIF cut short" else None].max() <= 4
