"""Boxes as MoVA writes them: `[x1, y1, x2, y2]`, from 0 to 1 on the picture padded to a centred square."""

import re

Box = tuple[float, float, float, float]  # x1, y1, x2, y2

_DECIMAL = r"\s*([-+]?(?:\d+\.?\d*|\.\d+))\s*"
_BOX = re.compile(rf"\[{','.join([_DECIMAL] * 4)}\]")


def read_boxes(reply: str) -> list[Box]:
    """Every `[x1, y1, x2, y2]` of a reply, in order and as written: it may lie outside or be inside out."""
    boxes = []
    for found in _BOX.finditer(reply):
        x1, y1, x2, y2 = map(float, found.groups())
        boxes.append((x1, y1, x2, y2))
    return boxes


def iou(first: Box, second: Box) -> float:
    """Intersection over union, 0 to 1; a box turned inside out has no area."""
    left, top = map(max, first[:2], second[:2])
    right, bottom = map(min, first[2:], second[2:])
    shared = _area((left, top, right, bottom))
    union = _area(first) + _area(second) - shared
    return shared / union if union > 0 else 0.0


def on_square(pixels: Box, width: int, height: int) -> Box:
    """A box in pixels of a picture -> 0 to 1 on the picture padded to a centred square."""
    side, left, top = padding(width, height)
    x1, y1, x2, y2 = pixels
    return (x1 + left) / side, (y1 + top) / side, (x2 + left) / side, (y2 + top) / side


def in_pixels(box: Box, width: int, height: int) -> Box | None:
    """A box on the padded square -> pixels of the picture, cut off at its edges; None if nothing is left."""
    side, left, top = padding(width, height)
    x1, x2 = (min(max(x * side - left, 0.0), float(width)) for x in box[::2])
    y1, y2 = (min(max(y * side - top, 0.0), float(height)) for y in box[1::2])
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def padding(width: int, height: int) -> tuple[int, int, int]:
    """Side of the square a picture is padded to, and what is added left and on top, in px.

    The odd pixel of border falls right or below.
    """
    side = max(width, height)
    return side, (side - width) // 2, (side - height) // 2


def _area(corners: Box) -> float:
    x1, y1, x2, y2 = corners
    return max(0.0, x2 - x1) * max(0.0, y2 - y1)
