"""Features of an encoder -> their first three principal components as the colours of a small picture."""

from math import isqrt

import torch
from torch import Tensor

from mova.components import Components

COUNT = 3
MIDDLE = 0.5  # a component that does not vary
LOW, HIGH = 0.02, 0.98  # quantiles that become 0 and 255: single odd places do not set the scale
_NOTHING = 1e-9  # share of the variance below which a component is rounding


def find_components(features: Tensor, letter: str) -> Components:
    """Features [1, n, C] of a square grid, as an encoder gave them, with the `letter` they belong to.

    The mean over the places is taken off; nothing else is done to the features. A component's sign means
    nothing, so it is turned to have its longer tail upwards: equal features have equal colours, always.
    """
    places = features[0].detach().to("cpu", torch.float64)
    side = isqrt(len(places))
    assert side * side == len(places), f"{len(places)} features are not a square grid"
    centred = places - places.mean(dim=0)
    # The places' products have the covariance's own eigenvalues, and their eigenvectors are the scores.
    values, vectors = torch.linalg.eigh(centred @ centred.T)
    whole = float(values.clamp(min=0).sum())
    colours = torch.full((len(places), COUNT), MIDDLE, dtype=torch.float64)
    shares = [0.0] * COUNT
    for place in range(min(COUNT, len(values))):
        share = float(values[-1 - place]) / whole if whole > 0 else 0.0
        if share > _NOTHING:
            shares[place], colours[:, place] = share, _scaled(vectors[:, -1 - place])
    levels = (colours * 255).round().to(torch.uint8)
    return Components(letter, side, levels.numpy().tobytes(), (shares[0], shares[1], shares[2]))


def _scaled(scores: Tensor) -> Tensor:
    """One component's scores [n] from 0 to 1, its longer tail upwards."""
    if scores.pow(3).sum() < 0:
        scores = -scores
    low, high = scores.quantile(LOW), scores.quantile(HIGH)
    if high <= low:  # a few odd places among equal ones
        low, high = scores.min(), scores.max()
    return ((scores - low) / (high - low).clamp(min=1e-12)).clamp(0, 1)
