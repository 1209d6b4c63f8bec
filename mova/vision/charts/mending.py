"""Printed numbers that do not say what their marks say: a digit or a point of them was misread.

Where most printed numbers agree with the marks, one that does not, or that is written otherwise than they
are, is taken for the likeliest text that does.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from mova.vision.charts.rows import Row
from mova.vision.charts.text import number_in

NEAR = 0.03  # of the highest: as exactly as a mark tells its value
LEAST_AGREEING = 2
DIGITS = "0123456789"
FORM = re.compile(r"-?(\$?)(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?([%kKM]?)")


def form_of(said: str) -> tuple[str, int, str] | None:
    """How a number is written: what stands before it, its decimals, what stands behind; None for others."""
    found = FORM.fullmatch(said)
    return (found[1], len(found[2] or ""), found[3]) if found else None


def mended(tables: Sequence[Sequence[Row]]) -> list[list[Row]]:
    """The rows of each series, with what is `written` where a printed number was misread."""
    told = [abs(row.told) for rows in tables for row in rows if row.told is not None]
    printed = [(row.printed.said, row.told) for row in chain(*tables) if row.printed and row.told is not None]
    mending = Mending(NEAR * max(told, default=0.0))
    agreeing = [said for said, value in printed if mending.agrees(said, value)]
    if len(agreeing) < max(LEAST_AGREEING, len(printed) / 2):
        return [list(rows) for rows in tables]
    usual = Counter(map(form_of, agreeing)).most_common(1)[0][0]
    mending = replace(mending, form=usual)
    return [[mending.of(row) for row in rows] for rows in tables]


@dataclass(frozen=True)
class Mending:
    """`near` is how far a number may be from what its mark tells; `form` how all are written, once known."""

    near: float
    form: tuple[str, int, str] | None = None

    def agrees(self, said: str, told: float) -> bool:
        """Whether a text is a number that the mark may tell."""
        number = number_in(said)
        near = number is not None and abs(number - told) <= self.near
        return near and self.form in (None, form_of(said))

    def of(self, row: Row) -> Row:
        """The row as it is likeliest printed. Where nothing alike agrees, as the mark tells it if what was
        read is no number of that form, or else as it was read."""
        if row.printed is None or row.told is None or self.agrees(row.printed.said, row.told):
            return row
        said, told = row.printed.said, row.told
        for texts in likely(said):
            apart = {text: abs((number_in(text) or 0.0) - told) for text in texts if self.agrees(text, told)}
            if apart:
                best = min(apart, key=lambda text: apart[text])
                return replace(row, written=best, value=number_in(best))
        if self.form is None or form_of(said) == self.form:
            return row
        before, decimals, behind = self.form
        minus = "-" if told < 0 else ""
        return replace(row, written=f"{minus}{before}{abs(told):.{decimals}f}{behind}", value=told)


def likely(said: str) -> Iterator[list[str]]:
    """What may have been read so: with a point more, with one in a mark's place, with a digit more that
    stands beside another or the point, with any, with one sign less, with another digit."""
    places = range(len(said))
    ends = range(len(said) + 1)
    yield [f"{said[:k]}.{said[k:]}" for k in ends]
    yield [f"{said[:k]}.{said[k + 1 :]}" for k in places if not said[k].isdigit()]
    beside = [(k, sign) for k in ends for sign in said[max(0, k - 2) : k + 2]]
    yield [f"{said[:k]}{sign}{said[k:]}" for k, sign in beside if sign.isdigit()]
    yield [f"{said[:k]}{digit}{said[k:]}" for k in ends for digit in DIGITS]
    yield [said[:k] + said[k + 1 :] for k in places]
    yield [f"{said[:k]}{digit}{said[k + 1 :]}" for k in places for digit in DIGITS]
