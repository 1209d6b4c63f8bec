"""What an encoder sees, as colours: the first principal components of its features, place by place.

Plain data without torch; mova/vision/components.py finds them.
"""

from dataclasses import dataclass, field

BASE = "base"  # stands for CLIP where a letter stands for an expert


@dataclass(frozen=True)
class Components:
    """The first three principal components of one encoder's features on the base grid.

    `letter` names the expert, or is BASE. `colours` are `side` x `side` pixels, row by row, three bytes each:
    the first component as red, the second as green, the third as blue. `shares` say how much of the
    features' variance each of the three holds, from 0 to 1.
    """

    letter: str
    side: int
    colours: bytes = field(repr=False)
    shares: tuple[float, float, float]
