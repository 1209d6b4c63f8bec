"""Pictures that are brighter than a screen's white (HDR), brought down to it as Chromium does.

Curves of ITU-R BT.2100. The mapping was fitted to what Chromium 156 shows and is within 2 of 255 of it.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

PQ, HLG = 16, 18  # transfer codes of ITU-T H.273
_WHITE = 203  # candela per square metre of a white page (BT.2408)
_BRIGHTEST = 1000 / _WHITE  # in whites: what is shown as full white, and so is all above it
_BEND = 7.2
_BT2020_LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)
_BAND = 256  # rows at a time


@dataclass(frozen=True)
class HdrSpace:
    """A colour space with PQ's or HLG's curve; `matrix` [3, 3] leads from its linear RGB to linear sRGB."""

    name: str
    transfer: int
    matrix: tuple[tuple[float, ...], ...]

    def to_srgb(self, image: Image.Image) -> Image.Image:
        """An RGB picture of this space in sRGB."""
        light = _pq if self.transfer == PQ else _hlg
        pixels = np.asarray(image)
        shown = np.empty_like(pixels)
        for top in range(0, len(pixels), _BAND):
            whites = light(pixels[top : top + _BAND].astype(np.float32) / 255) / _WHITE
            # The strongest channel is brought down and takes the others along: hues stay.
            strongest = whites.max(axis=-1, keepdims=True)
            whites *= _on_a_screen(strongest) / np.maximum(strongest, 1e-9)
            shown[top : top + _BAND] = _coded(whites @ np.array(self.matrix, np.float32).T)
        return Image.fromarray(shown)


def _pq(code: np.ndarray) -> np.ndarray:
    """SMPTE ST 2084: code -> candela per square metre."""
    root = code ** (1 / 78.84375)
    return 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)


def _hlg(code: np.ndarray) -> np.ndarray:
    """ARIB STD-B67: code -> candela per square metre on a display of 1,000."""
    scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    return 1000 * scene * np.maximum(scene @ _BT2020_LUMINANCE, 1e-9)[..., None] ** 0.2


def _on_a_screen(whites: np.ndarray) -> np.ndarray:
    """Light in whites -> 0 to 1: a page's white at a half, the rest bent to end in 1."""
    above = np.log1p(_BEND * np.maximum(whites - 1, 0) / (_BRIGHTEST - 1)) / np.log1p(_BEND)
    return np.minimum(np.where(whites <= 1, whites / 2, 0.5 + above / 2), 1)


def _coded(linear: np.ndarray) -> np.ndarray:
    """Linear sRGB -> 8 bits."""
    linear = linear.clip(0, 1)
    code = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (code * 255 + 0.5).astype(np.uint8)
