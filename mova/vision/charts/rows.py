"""The rows of a chart with axes: each category with its value, or a value of each series."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mova.vision.charts.layout import Colour, Layout
from mova.vision.charts.text import Point, Text, in_order, letter_height

T = TypeVar("T")
ONE_ROW = 0.9  # of a letter's height: what stands no further above or below is in one row
AT_MARK = 2.5  # in heights of a letter: a value further aside belongs to another mark
WITHIN = 6.0  # px between a bar's end and where its colour is looked for
SWATCH = ((0.9, 2.0), (2.0, 3.5))  # in heights of a letter: how far before its name
UNLIKE = 0.6  # of colours, in the views' own numbers


@dataclass(frozen=True)
class Row:
    """A category and its value: printed, or told by a mark; None where neither is there. `reach` is how far
    its mark reaches, px, or how large its part of a pie is; `told` what that says; `written` what is taken
    for printed where that was misread."""

    label: Text
    printed: Text | None = None
    value: float | None = None
    reach: float | None = None
    told: float | None = None
    written: str | None = None


def rows_of(layout: Layout) -> list[Row]:
    """The categories of one series in reading order with their values."""
    return [
        row_of(layout, label, nearest(ends_at(layout, label), label, layout.lying)) for label in layout.labels
    ]


def row_of(layout: Layout, label: Text, end: Point | None) -> Row:
    """A category with the value of one mark."""
    printed, reach = printed_for(layout, label, end), None
    if end is not None:
        reach = end[0] if layout.lying else -end[1]
    told = layout.scale(reach) if layout.scale and reach is not None else None
    return Row(label, printed, value_of(printed, told), reach, told)


def value_of(printed: Text | None, told: float | None) -> float | None:
    """A printed number, or what a mark tells where none could be read."""
    number = printed.number if printed else None
    return told if number is None else number


def series_of(layout: Layout) -> list[tuple[Text, list[Row]]]:
    """The series that a legend names, each with its rows; none where there is one series."""
    names = layout.texts.get("legend", [])
    if len(names) < 2 or layout.kind == "pie":
        return []
    names = in_order(names, "pie")
    colours = [swatch(layout, name) for name in names]
    found = [marks_of(layout, colours, label) for label in layout.labels]
    return [
        (name, [row_of(layout, label, ends[k]) for label, ends in zip(layout.labels, found, strict=True)])
        for k, name in enumerate(names)
    ]


def marks_of(layout: Layout, colours: Sequence[Colour], label: Text) -> list[Point | None]:
    """A category's marks in the order of the series, which have these colours: bars as they stand, others by
    theirs."""
    ends = sorted(ends_at(layout, label))
    if layout.kind == "grouped bar" and len(ends) == len(colours):
        return list(ends)
    return matched(colours, {end: mark_colour(layout, end) for end in ends})


def matched(wanted: Sequence[Colour], found: dict[Point, Colour]) -> list[Point | None]:
    """For each colour the place that has it; the likest pairs first."""
    pairs = (
        (math.dist(colour, other), k, place)
        for k, colour in enumerate(wanted)
        for place, other in found.items()
    )
    return paired(pairs, len(wanted))


def paired(pairs: Iterable[tuple[float, int, T]], count: int) -> list[T | None]:
    """For each of `count` things its partner out of (distance, which thing, partner): the nearest pairs
    first, and no partner twice."""
    chosen: dict[int, T] = {}
    for _, k, partner in sorted(pairs):
        if k not in chosen and partner not in chosen.values():
            chosen[k] = partner
    return [chosen.get(k) for k in range(count)]


def mark_colour(layout: Layout, end: Point) -> Colour:
    """Of a bar a little within its end, of a line on it."""
    x, y = end
    inside = {"bar": (x, y + WITHIN), "grouped bar": (x, y + WITHIN), "horizontal bar": (x - WITHIN, y)}
    return layout.colour(inside.get(layout.kind, end))


def swatch(layout: Layout, name: Text) -> Colour:
    """The colour before an entry of a legend: of the places there the one least like the ground. Further off
    only where there is none near, for the entry before may end there."""
    first, high = name.points[0][0], letter_height(name)
    found = ground = layout.colour((first, name.y - high))
    for near, far in SWATCH:
        steps = range(round(near * high), round(far * high), 3)
        places = [(first - step, name.y + down) for step in steps for down in (-8, -5, -2, 1, 4, 7)]
        found = max(map(layout.colour, places), key=lambda colour: math.dist(colour, ground))
        if math.dist(found, ground) > UNLIKE:
            break
    return found


def ends_at(layout: Layout, label: Text) -> list[Point]:
    """The marks that stand over a label, or beside it: nearer to it than to any other."""
    axis = 1 if layout.lying else 0
    at = (label.x, label.y)[axis]
    others = [(one.x, one.y)[axis] for one in layout.labels if one is not label]
    return [
        end for end in layout.ends if all(abs(end[axis] - at) < abs(end[axis] - other) for other in others)
    ]


def nearest(ends: Sequence[Point], label: Text, lying: bool) -> Point | None:
    """Of several marks the one in the middle of its label."""
    axis = 1 if lying else 0
    return min(ends, key=lambda end: abs(end[axis] - (label.x, label.y)[axis]), default=None)


def printed_for(layout: Layout, label: Text, end: Point | None) -> Text | None:
    """The printed value of a category: behind its name where the values stand in the names' rows, else at its
    mark."""
    values, high = layout.texts.get("value", []), letter_height(label)
    if value := behind(layout, label):
        return value
    if end is None or not values:
        return None
    value = min(values, key=lambda one: math.dist((one.x, one.y), end))
    offset = abs(value.y - end[1]) if layout.lying else abs(value.x - end[0])
    return value if offset < AT_MARK * high else None


def behind(layout: Layout, label: Text) -> Text | None:
    """The value behind a name in its row, before the next name: its digits may stand far apart."""
    high = letter_height(label)
    names = [one.x for one in layout.labels if one.x > label.x and abs(one.y - label.y) < high]
    end = min(names, default=math.inf)
    row = [one for one in layout.texts.get("value", []) if abs(one.y - label.y) < ONE_ROW * high]
    row = sorted((one for one in row if label.x < one.x < end), key=lambda one: one.x)
    if not row:
        return None
    letters = tuple(letter for one in row for letter in one.letters)
    return Text(letters, tuple(point for one in row for point in one.points))
