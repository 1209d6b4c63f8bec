"""Texts of a chart: letters that belong together, with their places."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from mova.vision.letters import Letter
from mova.vision.reading import Page

Point = tuple[float, float]
NUMBER = re.compile(r"-?\$?\d[\d,]*\.?\d*|-?\$?\.\d+")
TIMES = {"k": 1e3, "K": 1e3, "M": 1e6}
WIDE = 2.4  # of the usual step from letter to letter: a wider one parts two texts
FAR = 4.0  # which parts them wherever borders are
GHOST = 9.0  # px from the middle of a per cent sign to its rings;
GHOSTLY = 0.7  # of the widest step from letter to letter, in small print
LEAST_HEIGHT, USUAL_HEIGHT = 10.0, 20.0  # px of a letter, where its text does not tell


@dataclass(frozen=True)
class Text:
    """Letters that belong together, in reading order; places are px of the view. `page` is where they were
    found if that was turned; `at` is where it hangs from if that is not its middle."""

    letters: tuple[Letter, ...]
    points: tuple[Point, ...]
    page: Page | None = None
    at: Point | None = None

    @property
    def said(self) -> str:
        """Without its blanks, which only tokens know."""
        return "".join(letter.character for letter in self.letters)

    @property
    def says_something(self) -> bool:
        """Whether there is more than marks: lines are taken for some."""
        return any(letter.character.isalnum() for letter in self.letters)

    def without(self, marks: str) -> "Text":
        """Without such characters at its ends: the line from a pie to a name is taken for one of them."""
        inside = [k for k, letter in enumerate(self.letters) if letter.character not in marks]
        first, last = (inside[0], inside[-1] + 1) if inside else (0, len(self.letters))
        return replace(self, letters=self.letters[first:last], points=self.points[first:last])

    def without_ghosts(self) -> "Text":
        """Without digits in the ink of a per cent sign, whose rings are taken for some."""
        signs = [
            x for letter, (x, _) in zip(self.letters, self.points, strict=True) if letter.character == "%"
        ]
        steps = [math.dist(a, b) for a, b in pairwise(self.points)]
        near = min(GHOST, GHOSTLY * max(steps, default=GHOST))
        kept = [
            k for k, letter in enumerate(self.letters)
            if not letter.character.isdigit() or all(abs(self.points[k][0] - x) > near for x in signs)
        ]  # fmt: skip
        if len(kept) == len(self.letters):
            return self
        return replace(
            self, letters=tuple(self.letters[k] for k in kept), points=tuple(self.points[k] for k in kept)
        )

    @property
    def x(self) -> float:
        """Its middle, or where it hangs."""
        if self.at:
            return self.at[0]
        return (self.points[0][0] + self.points[-1][0]) / 2

    @property
    def y(self) -> float:
        return sum(y for _, y in self.points) / len(self.points)

    @property
    def number(self) -> float | None:
        """What it says if it is a number, with its thousands mark, currency or unit."""
        return number_in(self.said)


def number_in(text: str) -> float | None:
    """The number that a text is; None where it is none."""
    found = NUMBER.match(text)
    if not found or len(text) - found.end() > 1:
        return None
    plain = found.group().replace("$", "").replace(",", "")
    return float(plain) * TIMES.get(text[found.end() :], 1.0)


def parted(
    letters: Sequence[Letter], points: Sequence[Point], usual: float, borders: Sequence[float] = ()
) -> list[Text]:
    """One line's letters as texts: parted at gaps that are wide against the `usual` step, or where there are
    `borders` (x) at these, and only where a mark between two names was missed at a very wide gap."""
    steps = [b[0] - a[0] for a, b in pairwise(points)]
    found: list[list[int]] = [[0]]
    for k, (first, second) in enumerate(pairwise(points)):
        middle_in = any(first[0] < border <= second[0] for border in borders)
        if middle_in or steps[k] > (FAR if borders else WIDE) * usual:
            found.append([])
        found[-1].append(k + 1)
    return [Text(tuple(letters[k] for k in part), tuple(points[k] for k in part)) for part in found]


def borders_between(places: Sequence[float]) -> list[float]:
    """Half way between neighbours."""
    return [(a + b) / 2 for a, b in pairwise(sorted(places))]


def letter_height(text: Text) -> float:
    """About the height of its letters: one and a half steps from letter to letter."""
    steps = [math.dist(a, b) for a, b in pairwise(text.points)]
    return max(LEAST_HEIGHT, 1.5 * median(steps)) if steps else USUAL_HEIGHT


def in_order(labels: Sequence[Text], kind: str) -> list[Text]:
    """From above where they stand below each other, else from the left."""
    if len(labels) < 2:
        return list(labels)
    across = max(one.x for one in labels) - min(one.x for one in labels)
    down = max(one.y for one in labels) - min(one.y for one in labels)
    below = kind == "horizontal bar" or (kind == "pie" and down > across)
    return sorted(labels, key=lambda one: one.y if below else one.x)
