"""The rows of a pie: each part's name with its share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mova.vision.charts.layout import Layout
from mova.vision.charts.rows import Row, behind, matched, paired, swatch, value_of
from mova.vision.charts.text import Text

WHOLE = 100.0  # per cent
NEAR_RIM = 0.9  # of a pie's radius: no name stands there
ALIGNED = 9.0  # px: what begins in one column, or stands in one row


@dataclass(frozen=True, order=True)
class Part:
    """A part of a pie: the angles (radians, clockwise from the right) at which it begins and ends."""

    begins: float
    ends: float

    @property
    def share(self) -> float:
        """Of the whole, per cent."""
        return 100 * ((self.ends - self.begins) % math.tau) / math.tau

    @property
    def middle(self) -> float:
        """The angle half way between its ends."""
        return self.begins + ((self.ends - self.begins) % math.tau) / 2


def pie_rows(layout: Layout) -> list[Row]:
    """A pie's parts: printed shares, or the angle of the part that a name stands beside."""
    values = layout.texts.get("value", [])
    shares = dict(zip(towards(layout, values), values, strict=True))
    legend, rows = is_legend(layout), []
    for label, part in zip(layout.labels, named_parts(layout), strict=True):
        printed = behind(layout, label) if legend else None
        if printed is None and part:
            printed = shares.get(part)
        share = part.share if part else None
        rows.append(Row(label, printed, value_of(printed, share), share, share))
    return completed(rows)


def completed(rows: list[Row]) -> list[Row]:
    """The rows, with what the others leave of a hundred for the one of which nothing is known."""
    unknown = [place for place, row in enumerate(rows) if row.value is None]
    rest = WHOLE - sum(row.value or 0.0 for row in rows)
    shares = all(row.printed is None or row.printed.said.endswith("%") for row in rows)
    if len(unknown) != 1 or len(rows) < 2 or not shares or not 0 < rest < WHOLE:
        return rows
    (place,) = unknown
    return [*rows[:place], replace(rows[place], value=rest), *rows[place + 1 :]]


def named_parts(layout: Layout) -> list[Part | None]:
    """Of each label its part: where it stands, or of the colour before its name in a legend."""
    labels = layout.labels
    if layout.centre is None or len(layout.rim) < 2 or not labels:
        return [None] * len(labels)
    if not is_legend(layout):
        return towards(layout, labels)
    x, y = layout.centre
    radius = sum(math.dist(place, layout.centre) for place in layout.rim) / len(layout.rim)
    colours, parts = {}, {}
    for part in parts_of(layout):
        across, down = math.cos(part.middle), math.sin(part.middle)
        place = (x + NEAR_RIM * radius * across, y + NEAR_RIM * radius * down)
        colours[place], parts[place] = layout.colour(place), part
    places = matched([swatch(layout, label) for label in labels], colours)
    return [parts[place] if place else None for place in places]


def is_legend(layout: Layout) -> bool:
    """Whether the names stand below or beside each other and not around the pie."""
    labels = layout.labels
    if not labels:
        return False
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


def towards(layout: Layout, texts: Sequence[Text]) -> list[Part | None]:
    """For each text the part in whose direction it lies, to which no other lies nearer: texts stand at the
    middles of their parts."""
    if layout.centre is None or len(layout.rim) < 2:
        return [None] * len(texts)
    x, y = layout.centre
    parts = parts_of(layout)
    angles = [math.atan2(text.y - y, text.x - x) for text in texts]
    pairs = (
        (abs(math.remainder(angle - part.middle, math.tau)), k, part)
        for k, angle in enumerate(angles)
        for part in parts
    )
    return paired(pairs, len(texts))
