"""What the sight of charts says: what print is where, where marks end, which kind of chart it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

from mova.vision.charts.text import Point
from mova.vision.lines import SIDE

ROLES = ("none", "title", "axis", "tick", "category", "value", "legend")
KINDS = ("none", "bar", "horizontal bar", "grouped bar", "line", "pie")
MARKS = ("end", "centre", "rim")
PLACES = 96  # of 8 px along each side of the reading view
SIZE = SIDE / PLACES  # px of a place
SURE = 0.4  # of a mark
LEAST_TURNED, TURNED = 3, 1.5  # places high, and times as high as wide


@dataclass(frozen=True)
class Seen:
    """Logits of what print is [B, R, 96, 96], of marks [B, M, 96, 96], where in their place these are
    [B, 2, 96, 96] (x and y, from 0 to 1), and of the kind [B, K]."""

    roles: Tensor
    marks: Tensor
    offsets: Tensor
    kind: Tensor


def marks_in(seen: Seen) -> dict[str, list[Point]]:
    """The marks of one picture by kind, px of the view: the likeliest of its neighbours each."""
    chances = seen.marks[:1].float().sigmoid()
    best = chances * (F.max_pool2d(chances, 3, 1, 1) == chances) * (chances > SURE)
    found: dict[str, list[Point]] = {kind: [] for kind in MARKS}
    for kind, row, column in best[0].nonzero().tolist():
        x, y = seen.offsets[0, :, row, column].tolist()
        found[MARKS[kind]].append(((column + x) * SIZE, (row + y) * SIZE))
    return found


def kind_of(seen: Seen) -> str:
    """Of the chart; "none" where it is none."""
    return KINDS[int(seen.kind[0].argmax())]


@dataclass(frozen=True)
class Area:
    """Places of one role that touch: first and last row and column."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def is_turned(self) -> bool:
        """Whether print in it goes from below upwards: it is high and narrow."""
        high, wide = self.bottom - self.top + 1, self.right - self.left + 1
        return high >= LEAST_TURNED and high > TURNED * wide


class Roles:
    """What print is where: of a place and those around it the likeliest but none."""

    def __init__(self, seen: Seen):
        chances = seen.roles[:1].float().softmax(1)
        self.places = (F.avg_pool2d(chances, 3, 1, 1)[0, 1:].argmax(0) + 1).tolist()
        written = chances[0].argmax(0).tolist()
        self.areas = {role: areas_of(written, ROLES.index(role)) for role in ("axis", "category")}

    def at(self, point: Point) -> str:
        """The role of what stands at (x, y) px."""
        row, column = place_of(point)
        return ROLES[self.places[row][column]]

    def turned(self, role: str) -> list[Area]:
        """Where print of a role goes from below upwards; few high ones among others are none of it."""
        found = [area for area in self.areas[role] if area.is_turned]
        return found if role == "axis" or 2 * len(found) >= len(self.areas[role]) else []


def place_of(point: Point) -> tuple[int, int]:
    """Row and column of the place at (x, y) px."""
    column, row = (min(max(int(part / SIZE), 0), PLACES - 1) for part in point)
    return row, column


def areas_of(places: list[list[int]], role: int) -> list[Area]:
    """The areas of a role, of two places and more."""
    left = {(row, column) for row in range(PLACES) for column in range(PLACES) if places[row][column] == role}
    found = []
    while left:
        waiting, area = [left.pop()], []
        while waiting:
            row, column = waiting.pop()
            area.append((row, column))
            near = {(row + a, column + b) for a in (-1, 0, 1) for b in (-1, 0, 1)} & left
            left -= near
            waiting += near
        rows, columns = zip(*area, strict=True)
        if len(area) > 1:
            found.append(Area(min(rows), min(columns), max(rows), max(columns)))
    return found


def within(areas: Sequence[Area], point: Point) -> bool:
    """Whether a point lies in one of the areas, or right beside it."""
    row, column = place_of(point)
    return any(a.top - 1 <= row <= a.bottom + 1 and a.left - 1 <= column <= a.right + 1 for a in areas)
