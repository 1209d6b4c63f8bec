"""Names of categories that are written aslant below a chart, and the view turned so that they lie level."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from mova.vision.charts.seen import SIZE, Area
from mova.vision.charts.text import Point, Text
from mova.vision.lines import CELL, SIDE

TALL = 5  # places: lower areas hold a level line
STANDING = ("bar", "grouped bar", "line")  # charts whose names stand side by side
# Degrees by which print may rise to the right. That it is level is told by reading it: across level lines the
# ink is sharp, too, where names of one height hang from an axis.
ANGLES = (*range(-75, -10, 5), *range(15, 95, 5))
UPRIGHT = 80  # from which on it is taken for print from below upwards
INK = 0.35  # of the strongest ink that counts as some
RULED = 0.5  # of a row: more ink is a rule


@dataclass(frozen=True)
class Turn:
    """The view turned by so many degrees to the right around (x, y), which lies in the middle then."""

    degrees: float
    x: float
    y: float

    def view(self, pixels: Tensor) -> Tensor:
        """The turned view of one [3, 768, 768]."""
        angle = math.radians(self.degrees)
        steps = torch.arange(SIDE, device=pixels.device, dtype=torch.float32) - (SIDE - 1) / 2
        u, v = steps[None, :], steps[:, None]
        x = self.x + u * math.cos(angle) + v * math.sin(angle)
        y = self.y - u * math.sin(angle) + v * math.cos(angle)
        grid = torch.stack((x, y), -1) / (SIDE - 1) * 2 - 1
        turned = F.grid_sample(
            pixels[None].float(), grid[None], mode="bicubic", padding_mode="border", align_corners=True
        )
        return turned[0].to(pixels.dtype)

    def rows(self, areas: Sequence[Area]) -> tuple[int, int]:
        """The rows of CELL px of the turned view that areas are in: first, and one after all."""
        angle, (x0, y0, x1, y1) = math.radians(self.degrees), around(areas)
        corners = [(x - self.x, y - self.y) for x in (x0, x1) for y in (y0, y1)]
        down = [SIDE / 2 + x * math.sin(angle) + y * math.cos(angle) for x, y in corners]
        return max(0, int(min(down) // CELL)), min(SIDE // CELL, int(max(down) // CELL) + 1)

    def back(self, point: Point) -> Point:
        """Where a point of the turned view lies on the view."""
        angle, u, v = math.radians(self.degrees), point[0] - SIDE / 2, point[1] - SIDE / 2
        return (
            self.x + u * math.cos(angle) + v * math.sin(angle),
            self.y - u * math.sin(angle) + v * math.cos(angle),
        )


def turn_of(pixels: Tensor, areas: Sequence[Area]) -> Turn | None:
    """How a view [3, 768, 768] is turned so that the print in the areas would be level if it is aslant; None
    where it is too low for that, or goes from below upwards."""
    if max((area.bottom - area.top + 1 for area in areas), default=0) < TALL:
        return None
    x0, y0, x1, y1 = around(areas)
    degrees = slant(pixels[:, y0:y1, x0:x1])
    return Turn(degrees, (x0 + x1) / 2, (y0 + y1) / 2) if degrees and degrees < UPRIGHT else None


def around(areas: Sequence[Area]) -> tuple[int, int, int, int]:
    """The box (x0, y0, x1, y1) around areas, px of the view."""
    left, top = min(area.left for area in areas), min(area.top for area in areas)
    right, bottom = max(area.right for area in areas) + 1, max(area.bottom for area in areas) + 1
    x0, y0, x1, y1 = (round(edge * SIZE) for edge in (left, top, right, bottom))
    return x0, y0, x1, y1


def hung(texts: Sequence[Text], ends: Sequence[Point]) -> list[Text]:
    """Texts that hang below marks by their middles or by their upper ends, whichever are nearer to these."""
    if not ends:
        return list(texts)
    by_end = [replace(text, at=min(text.points[0], text.points[-1], key=lambda p: p[1])) for text in texts]

    def apart(found: Sequence[Text]) -> float:
        return sum(min(abs(text.x - x) for x, _ in ends) for text in found)

    return min(list(texts), by_end, key=apart)


def slant(pixels: Tensor) -> float:
    """By how many degrees the print on [3, H, W] rises to the right: along it the ink lies in sharp rows.
    0 where there is none."""
    ink = without_rules(ink_of(pixels))
    rows, columns = (ink > INK * ink.max()).nonzero(as_tuple=True)
    if not len(rows):
        return 0.0
    weights = ink[rows, columns]
    return max(ANGLES, key=lambda degrees: sharpness(rows, columns, weights, degrees))


def ink_of(pixels: Tensor) -> Tensor:
    """[H, W]: how far each place is from the ground's colour."""
    ground = pixels.float().flatten(1).median(1).values
    return (pixels.float() - ground[:, None, None]).abs().sum(0)


def without_rules(ink: Tensor) -> Tensor:
    """Without rows of ink from side to side: an axis's line is no print."""
    ruled = (ink > INK * ink.max()).float().mean(1) > RULED
    return ink * ~ruled[:, None]


def sharpness(rows: Tensor, columns: Tensor, weights: Tensor, degrees: float) -> float:
    """How steeply the ink changes across lines that rise by so many degrees."""
    angle = math.radians(degrees)
    across = columns * math.sin(angle) + rows * math.cos(angle)
    across = across - across.min()
    places = across.long()
    share = across - places
    profile = torch.zeros(int(places.max()) + 4, device=weights.device)
    for k, part in enumerate((1 - share, torch.ones_like(share), share)):
        profile.index_add_(0, places + k, weights * part)
    return float((profile[1:] - profile[:-1]).square().sum())
