"""How much each expert added at each place of the picture: the maps that a trace keeps, small and exact.

The adapter gives, per layer and expert, the norm of gate x cross-attention output at every place of the
base grid (paper section 3.3). A trace keeps them in 256 levels, each map with a scale of its own, for the
picked experts alone: 20 KB at 8B instead of 194 KB, and JSON holds them without loss.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from mova.vision.experts.pool import LETTERS, indices

LEVELS = 255


@dataclass(frozen=True)
class Contributions:
    """Maps of the picked `experts` over `side` x `side` places in `layers` layers.

    `scales` [layers, experts] are the largest value of each map, `levels` one byte a place (layer, expert,
    row, column): a value is scale * level / 255, at most 0.2 % of the map's largest beside the adapter's.
    """

    experts: tuple[str, ...]
    layers: int
    side: int
    scales: tuple[tuple[float, ...], ...]
    levels: bytes = field(repr=False)

    @classmethod
    def of(cls, maps: np.ndarray, experts: Sequence[str]) -> "Contributions":
        """The maps [layers, 7, side, side] of the picked experts, in levels."""
        layers, _, side, _ = maps.shape
        picked = maps[:, indices(tuple(experts))].astype(np.float64)
        scales = picked.max(axis=(2, 3)) if picked.size else np.zeros((layers, 0))
        steps = np.where(scales > 0, scales, 1.0)[..., None, None]
        levels = np.rint(picked / steps * LEVELS).astype(np.uint8)
        rows = tuple(tuple(float(scale) for scale in row) for row in scales)
        return cls(tuple(experts), layers, side, rows, levels.tobytes())

    def maps(self) -> np.ndarray:
        """The values, float32 [layers, 7, side, side]; zero for experts that were not picked."""
        shape = (self.layers, len(self.experts), self.side, self.side)
        levels = np.frombuffer(self.levels, np.uint8).reshape(shape)
        scales = np.array(self.scales, np.float32).reshape(shape[:2])[..., None, None]
        whole = np.zeros((self.layers, len(LETTERS), self.side, self.side), np.float32)
        whole[:, indices(self.experts)] = levels * scales / LEVELS
        return whole

    @cached_property
    def digest(self) -> str:
        """SHA-256 that names these maps: equal maps have equal names."""
        told = f"{self.experts} {self.layers} {self.side} {self.scales} ".encode()
        return sha256(told + self.levels).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Plain values, the levels in base64."""
        return {
            "experts": list(self.experts),
            "layers": self.layers,
            "side": self.side,
            "scales": [list(row) for row in self.scales],
            "levels": base64.b64encode(self.levels).decode(),
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Contributions":
        """The maps that `to_json` gave. Raises ValueError when sizes and levels disagree."""
        experts, layers, side = tuple(plain["experts"]), plain["layers"], plain["side"]
        scales = tuple(tuple(row) for row in plain["scales"])
        try:
            levels = base64.b64decode(plain["levels"], validate=True)
        except binascii.Error as error:
            raise ValueError(f"the contributions' levels are not base64 ({error})") from error
        count = layers * len(experts) * side * side
        if len(levels) != count or [len(row) for row in scales] != [len(experts)] * layers:
            raise ValueError(f"the contributions hold {len(levels)} levels; {count} were expected")
        return cls(experts, layers, side, scales, levels)
