"""What a picture is laid on where it is transparent: a ground on which it can be seen."""

import numpy as np
from PIL import Image

# White first: it is what most pages and viewers have, and what is taken where it serves.
_GROUNDS = {"white": (255, 255, 255), "dark grey": (34, 34, 34), "mid grey": (119, 119, 119)}
_NEAR = 32  # of 255: an edge with less contrast is lost
_MOST_LOST = 0.5  # of the edges, before another ground is taken
_JUDGED_SIDE = 512  # pixels; a ground is chosen by a small copy
_SOLID = 250  # of 255: alpha from here on shows no ground


def on_ground(image: Image.Image) -> tuple[Image.Image, str | None]:
    """An RGBA picture as RGB, and a sentence on the ground where one shows through."""
    alpha = np.asarray(image.getchannel("A"))
    lowest, highest = int(alpha.min()), int(alpha.max())
    name = _best_ground(image) if highest > 0 else "white"
    ground = Image.new("RGBA", image.size, (*_GROUNDS[name], 255))
    laid = Image.alpha_composite(ground, image).convert("RGB")
    if highest == 0:
        return laid, "The picture is fully transparent: there is nothing to see on it."
    return laid, f"Its transparent parts are shown {name}." if lowest < _SOLID else None


def _best_ground(image: Image.Image) -> str:
    """White where it keeps most of what there is to see; else the ground that loses least."""
    small = image.copy()
    small.thumbnail((_JUDGED_SIDE, _JUDGED_SIDE))
    pixels = np.asarray(small).astype(np.float32)
    alpha = pixels[..., 3:] / 255
    colours = pixels[..., :3] * alpha
    lost = {name: _lost(colours, alpha, np.array(ground, np.float32)) for name, ground in _GROUNDS.items()}
    return "white" if lost["white"] <= _MOST_LOST else min(lost, key=lambda name: lost[name])


def _lost(colours: np.ndarray, alpha: np.ndarray, ground: np.ndarray) -> float:
    """Share of a picture's edges, by their strength, that cannot be seen on a ground.

    An edge is a difference between neighbours in colour or alpha; `colours` [h, w, 3] are from 0 to 255 and
    multiplied by `alpha` [h, w, 1], 0 to 1. Edges inside what is opaque are seen on any ground.
    """
    edges = lost = 0.0
    for axis in (0, 1):
        steps = np.diff(colours, axis=axis), np.diff(alpha, axis=axis)
        strength = np.maximum(np.abs(steps[0]).max(axis=-1) / 255, np.abs(steps[1])[..., 0])
        contrast = np.abs(steps[0] - ground * steps[1]).max(axis=-1)
        edges += float(strength.sum())
        lost += float(strength[contrast < _NEAR * strength].sum())
    return lost / edges if edges else 0.0
