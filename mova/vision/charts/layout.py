"""A chart's layout: a reader's letters as texts by what they are, with its marks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from statistics import median

import torch
from torch import Tensor

from mova.vision.charts.axis import axis_scale
from mova.vision.charts.seen import PLACES, ROLES, SIZE, Area, Roles, Seen, kind_of, marks_in, within
from mova.vision.charts.slanted import STANDING, hung, turn_of
from mova.vision.charts.text import Point, Text, borders_between, in_order, parted
from mova.vision.letters import Letter, lines_of
from mova.vision.lines import CELL, SIDE
from mova.vision.reading import Page

Colour = tuple[float, float, float]
ReadRows = Callable[[Tensor, tuple[int, int]], Page]
LEADERS = "-_~\\/|,.'`"  # what the line from a pie to a name is taken for
TICKS = f"^{LEADERS}"  # what an axis's ticks are taken for where the view is turned


@dataclass(frozen=True)
class Layout:
    """What is seen of a chart: its kind, texts by what they are, ends, centre and rim of its marks, and the
    colour at a place."""

    kind: str
    texts: dict[str, list[Text]]
    ends: list[Point]
    centre: Point | None = None
    rim: tuple[Point, ...] = ()
    colour: Callable[[Point], Colour] = lambda point: (0.0, 0.0, 0.0)

    @property
    def lying(self) -> bool:
        """Whether values go from left to right."""
        return self.kind == "horizontal bar"

    @cached_property
    def labels(self) -> list[Text]:
        """The categories in reading order."""
        found = self.texts.get("category", [])
        return in_order([one.without(LEADERS) for one in found] if self.kind == "pie" else found, self.kind)

    @cached_property
    def scale(self) -> Callable[[float], float] | None:
        """What the axis says of a place along it."""
        return axis_scale(self.texts.get("tick", []), self.lying)


def layout_of(page: Page, seen: Seen, pixels: Tensor, read: ReadRows) -> Layout:
    """A chart's kind, texts and marks on a view [3, 768, 768]. `read` reads some rows of a view that was
    turned: what is written from below upwards, or aslant."""
    kind, marks, roles = kind_of(seen), marks_in(seen), Roles(seen)
    turned = {role: roles.turned(role) for role in roles.areas}
    letters: dict[str, list[Letter]] = {role: [] for role in ROLES}
    for letter in page.letters:
        point = page.place_of(letter)
        role = roles.at(point)
        if not within(turned.get(role, ()), point):
            letters[role].append(letter)
    whole = ("title", "axis", *(["category"] if kind == "horizontal bar" else []))
    series = len(texts_of({"legend": letters["legend"]}, page).get("legend", ()))
    texts = texts_of(letters, page, columns_between(kind, marks["end"], series), whole)
    for role, areas in turned.items():
        if areas:
            upright = read(torch.rot90(pixels, -1, (1, 2)), rows_of_areas(areas))
            texts[role] = [*texts.get(role, ()), *turned_texts(upright, areas)]
    names = roles.areas["category"]
    if kind in STANDING and (turn := turn_of(pixels, names)):
        slanted = texts_within(read(turn.view(pixels), turn.rows(names)), names, turn.back)
        if sureness(slanted) > sureness(texts.get("category", ())):
            texts["category"] = hung([text.without(TICKS) for text in slanted], marks["end"])
    centre = marks["centre"][0] if marks["centre"] else None
    colour = partial(colour_at, pixels)
    return Layout(kind, texts, marks["end"], centre, tuple(marks["rim"]), colour)


def texts_of(
    letters: dict[str, list[Letter]],
    page: Page,
    borders: Sequence[float] = (),
    whole: Sequence[str] = (),
) -> dict[str, list[Text]]:
    """A page's letters by what they are as texts: those of the roles `whole` a line each, others parted at
    gaps; `borders` (x) part the categories of one line."""
    steps = [step for own in letters.values() for line in lines_of(own) for step in steps_in(page, line)]
    usual = median(steps) if steps else 0.0
    found: dict[str, list[Text]] = {}
    for role, own in letters.items():
        for line in lines_of(own):
            points = [page.place_of(letter) for letter in line]
            if role in whole:
                texts = [Text(tuple(line), tuple(points))]
            else:
                texts = parted(line, points, usual, borders if role == "category" else ())
            texts = [text.without_ghosts() for text in texts]
            found.setdefault(role, []).extend(text for text in texts if text.says_something)
    return found


def steps_in(page: Page, line: Sequence[Letter]) -> list[float]:
    """px from each letter to the next."""
    xs = [page.place_of(letter)[0] for letter in line]
    return [b - a for a, b in pairwise(xs)]


def columns_between(kind: str, marks: Sequence[Point], series: int) -> list[float]:
    """Where the categories of standing bars and lines part: half way between their marks."""
    xs = sorted(x for x, _ in marks)
    if kind == "grouped bar" and series > 1 and len(xs) % series == 0:
        groups = [xs[k : k + series] for k in range(0, len(xs), series)]
        return borders_between([sum(group) / series for group in groups])
    if kind not in ("bar", "line"):
        return []
    apart = [x for before, x in zip([-SIDE, *xs], xs, strict=False) if x - before > 2 * SIZE]
    return borders_between(apart)  # lines of several series have their marks above each other


def rows_of_areas(areas: Sequence[Area]) -> tuple[int, int]:
    """The rows of CELL px of the view turned to the right that the areas are in: first, and one after all."""
    first, last = min(area.left for area in areas), max(area.right for area in areas)
    return int(max(0, first - 1) * SIZE // CELL), int(min(PLACES - 1, last + 1) * SIZE // CELL) + 1


def turned_texts(page: Page, areas: Sequence[Area]) -> list[Text]:
    """The texts in areas of the view, of a page that was turned to the right: x there is upwards here."""

    def back(point: Point) -> Point:
        return point[1], SIDE - 1 - point[0]

    return texts_within(page, areas, back, whole=("",))


def texts_within(
    page: Page, areas: Sequence[Area], back: Callable[[Point], Point], whole: Sequence[str] = ()
) -> list[Text]:
    """The texts of a turned page in areas of the view; `back` says where on this a place of the page lies."""
    letters = [one for one in page.letters if within(areas, back(page.place_of(one)))]
    texts = texts_of({"": letters}, page, whole=whole).get("", [])
    return [Text(text.letters, tuple(map(back, text.points)), page) for text in texts]


def sureness(texts: Sequence[Text]) -> float:
    """How sure the letters of texts are, all together."""
    return sum(letter.sure for text in texts for letter in text.letters)


def colour_at(pixels: Tensor, point: Point) -> Colour:
    """The colour around a point of a view [3, H, W]."""
    x, y = (min(max(round(part), 1), SIDE - 2) for part in point)
    red, green, blue = pixels[:, y - 1 : y + 2, x - 1 : x + 2].float().mean((1, 2)).tolist()
    return red, green, blue
