"""Colour spaces that files name instead of describing: made into ICC profiles.

Names and numbers are those of ITU-T H.273 ("coding-independent code points"), as PNG's cICP chunk and
AVIF's nclx box hold them, and of PNG's gAMA and cHRM chunks.
"""

import struct
from collections.abc import Callable

import numpy as np

from mova.imaging.hdr import HLG, PQ, HdrSpace

Chromaticities = tuple[float, ...]  # x and y of white, red, green and blue
_D65 = (0.3127, 0.3290)
_SRGB = (*_D65, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
_PRIMARIES: dict[int, tuple[str, Chromaticities]] = {
    1: ("BT.709", _SRGB),
    4: ("BT.470 M", (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08)),
    5: ("BT.470 BG", (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06)),
    6: ("BT.601", (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)),
    7: ("SMPTE 240M", (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)),
    9: ("BT.2020", (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)),
    11: ("DCI-P3", (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
    12: ("Display P3", (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
    22: ("EBU 3213", (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077)),
}
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])  # white of the space that ICC profiles lead to
# libpng's rule, which browsers keep: a gamma this near to sRGB's is meant to be sRGB.
_SAME_GAMMA = 0.05
_SRGB_GAMMA = 0.45455
_VIDEO_TRANSFERS = {1, 6, 14, 15}  # one curve under four names


def coded_profile(primaries: int, transfer: int) -> bytes | HdrSpace | None:
    """A coded colour space, as an ICC profile where one can say it; None where a code is not known or says
    "unspecified"."""
    if primaries not in _PRIMARIES:
        return None
    name, chromaticities = _PRIMARIES[primaries]
    if transfer in (PQ, HLG):
        ours, theirs = _to_d50(_SRGB), _to_d50(chromaticities)
        assert ours is not None and theirs is not None, f"{name} spans no colours"
        matrix = np.linalg.solve(ours, theirs)
        return HdrSpace(
            f"{name} {'PQ' if transfer == PQ else 'HLG'}", transfer, tuple(map(tuple, matrix.tolist()))
        )
    curve = _TRANSFERS.get(transfer)
    return curve and _profile(name, chromaticities, curve(np.linspace(0, 1, 256)))


def still_profile(primaries: int, transfer: int) -> bytes | HdrSpace | None:
    """As `coded_profile`, of a still in a video's container: browsers show its video curve as sRGB's."""
    return coded_profile(primaries, 13 if transfer in _VIDEO_TRANSFERS else transfer)


def gamma_profile(gamma: float, chromaticities: Chromaticities | None) -> bytes | None:
    """An ICC profile of PNG's gAMA, with or without cHRM; None where they say nothing or sRGB."""
    if gamma <= 0:
        return None
    if chromaticities is None:
        if abs(gamma / _SRGB_GAMMA - 1) <= _SAME_GAMMA:
            return None
        chromaticities = _SRGB
    return _profile(f"gamma {1 / gamma:.2f}", chromaticities, np.linspace(0, 1, 256) ** (1 / gamma))


def _profile(name: str, chromaticities: Chromaticities, curve: np.ndarray) -> bytes | None:
    """ICC version 2: three primaries and one curve of 256 points, linear light from 0 to 1."""
    matrix = _to_d50(chromaticities)
    if matrix is None:
        return None
    points = np.clip(np.rint(np.nan_to_num(curve) * 65535), 0, 65535).astype(">u2")
    table = b"curv\0\0\0\0" + struct.pack(">I", len(points)) + points.tobytes()
    text = name.encode("ascii") + b"\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78,
        b"wtpt": _xyz(_D50),
        **{sign: _xyz(column) for sign, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), matrix.T, strict=True)},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), table),
    }
    start = 128 + 4 + 12 * len(tags)
    index, body = struct.pack(">I", len(tags)), b""
    for sign, content in tags.items():
        index += sign + struct.pack(">II", start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    size = start + len(body)
    head = struct.pack(">I4xI", size, 0x02400000) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    return head + _xyz(_D50)[8:] + bytes(48) + index + body


def _to_d50(chromaticities: Chromaticities) -> np.ndarray | None:
    """3 x 3 from linear RGB to XYZ under D50; None where the points span no colours."""
    points = np.array(chromaticities).reshape(4, 2)
    if (points[:, 1] <= 0).any():
        return None
    whole = np.array([[x / y, 1, (1 - x - y) / y] for x, y in points]).T
    white, primaries = whole[:, 0], whole[:, 1:]
    if abs(np.linalg.det(primaries)) < 1e-6:
        return None
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    matrix = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD @ primaries
    matrix = matrix * np.linalg.solve(primaries, white)
    # What does not fit an ICC profile's numbers is no colour space either.
    return matrix if np.isfinite(matrix).all() and (abs(matrix) < 8).all() else None


def _xyz(values: np.ndarray) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(value) * 65536) for value in values))


def _video(code: np.ndarray) -> np.ndarray:
    """BT.709, BT.601 and BT.2020, as displays show them (BT.1886)."""
    return code**2.4


def _srgb(code: np.ndarray) -> np.ndarray:
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


_TRANSFERS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    **dict.fromkeys(_VIDEO_TRANSFERS, _video),
    4: lambda code: code**2.2,
    5: lambda code: code**2.8,
    8: lambda code: code,
    13: _srgb,
    17: lambda code: code**2.6 * 52.37 / 48,
}
