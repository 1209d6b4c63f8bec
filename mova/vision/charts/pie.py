"""The rows of a pie: each part's name with its share."""

import math
from dataclasses import dataclass

from mova.vision.charts.layout import Layout
from mova.vision.charts.rows import Row, behind, matched, swatch
from mova.vision.charts.text import Point

NEAR_RIM = 0.9  # of a pie's radius: no name stands there
ALIGNED = 9.0  # px: what begins in one column, or stands in one row


@dataclass(frozen=True)
class Part:
    """A part of a pie: the angles (radians, clockwise from the right) at which it begins and ends."""

    begins: float
    ends: float

    @property
    def share(self) -> float:
        """Of the whole, per cent."""
        return 100 * ((self.ends - self.begins) % math.tau) / math.tau


def pie_rows(layout: Layout) -> list[Row]:
    """A pie's parts: printed shares, or the angle of the part that a name stands beside."""
    rows = []
    for label, part in zip(layout.labels, named_parts(layout), strict=True):
        printed = behind(layout, label)
        if printed is None and part:
            values = layout.texts.get("value", [])
            own = [value for value in values if part_at(layout, (value.x, value.y)) == part]
            printed = own[0] if len(own) == 1 else None
        number = printed.number if printed else None
        rows.append(Row(label, printed, number if number is not None else part.share if part else None))
    return rows


def named_parts(layout: Layout) -> list[Part | None]:
    """Of each label its part: where it stands, or of the colour before its name in a legend."""
    labels = layout.labels
    if layout.centre is None or len(layout.rim) < 2:
        return [None] * len(labels)
    if not is_legend(layout):
        return [part_at(layout, (label.x, label.y)) for label in labels]
    x, y = layout.centre
    radius = sum(math.dist(place, layout.centre) for place in layout.rim) / len(layout.rim)
    colours, parts = {}, {}
    for part in parts_of(layout):
        middle = part.begins + ((part.ends - part.begins) % math.tau) / 2
        place = (x + NEAR_RIM * radius * math.cos(middle), y + NEAR_RIM * radius * math.sin(middle))
        colours[place], parts[place] = layout.colour(place), part
    places = matched([swatch(layout, label) for label in labels], colours)
    return [parts[place] if place else None for place in places]


def is_legend(layout: Layout) -> bool:
    """Whether the names stand below or beside each other and not around the pie."""
    labels = layout.labels
    starts, heights = [one.points[0][0] for one in labels], [one.y for one in labels]
    x = layout.centre[0] if layout.centre else 0.0
    around = min(starts) < x < max(starts)
    return max(starts) - min(starts) < ALIGNED or (
        max(heights) - min(heights) < ALIGNED and not (around and len(labels) == 2)
    )


def parts_of(layout: Layout) -> list[Part]:
    """The parts in the order of their angles."""
    assert layout.centre is not None, "a pie has a centre"
    x, y = layout.centre
    turns = sorted(math.atan2(b - y, a - x) % math.tau for a, b in layout.rim)
    return [Part(begins, ends) for begins, ends in zip(turns, [*turns[1:], turns[0]], strict=True)]


def part_at(layout: Layout, point: Point) -> Part | None:
    """The part of a pie in whose direction a point lies."""
    if layout.centre is None or len(layout.rim) < 2:
        return None
    x, y = layout.centre
    own = math.atan2(point[1] - y, point[0] - x) % math.tau
    found = [
        part
        for part in parts_of(layout)
        if (own - part.begins) % math.tau < (part.ends - part.begins) % math.tau
    ]
    return found[0] if found else None
