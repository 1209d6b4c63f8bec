"""Letters out of what a reader says of each place, and lines out of letters.

A letter is found in more than one place of the character head; the surest of neighbouring finds counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import median

import torch
from torch import Tensor

from mova.vision.lines import SIDE

BAND, COLUMN = 16, 4  # px: a place of the reader's character head; one of its token head is two bands high
PLACES = SIDE // COLUMN  # in a row
GAP = 24  # columns: what is further apart is on one line only where both stand in one band
REACH = 1  # columns within which the same letter in the next band is the same ink
TOGETHER = 0.2  # share of a line's letters that may stand where another's do, of one and the same line
TWICE = 0.9  # so sure beside itself, a letter may be two
SURE = 0.97  # a letter beside another of more is one of its own,
WHOLE = 1.0  # and so is one whose columns are so sure together
ALIKE = {"0": "o", "1": "l", "I": "l", "|": "l"}  # beside small letters and capitals


@dataclass(frozen=True)
class Letter:
    """A character in a band and a column, how sure it is, and whether it may be two of one."""

    band: int
    column: int
    character: str
    sure: float
    twice: bool = False


def usual_step(letters: Sequence[Letter]) -> float:
    """Columns from letter to letter in a line, as most are; 0 where there is one letter."""
    steps = [second.column - first.column for first, second in pairwise(letters)]
    return median(steps) if steps else 0


def letters_in(chances: Tensor, alphabet: str) -> list[Letter]:
    """Chances [R, 192, A], of which 0 is none, -> the letters; of neighbouring finds the surest."""
    sure, character = chances[..., 1:].max(-1)
    alike = torch.tensor(likeness(alphabet))[character]
    sure = sure * (sure > chances[..., 0])
    letters = []
    for band, column in sure.nonzero().tolist():
        near = [(band, 1), *((other, REACH) for other in (band - 1, band + 1) if 0 <= other < len(sure))]
        own = sure[band, column] >= SURE or _whole(sure[band], alike[band], column) >= WHOLE
        rivals = [
            float(sure[row, beside])
            for row, reach in near
            for beside in range(max(0, column - reach), min(PLACES, column + reach + 1))
            if (row, beside) != (band, column)
            and (alike[row, beside] == alike[band, column] or (row == band and not own))
        ]
        if not any(rival > sure[band, column] for rival in rivals):
            name = alphabet[int(character[band, column])]
            twice = name.isalpha() and _is_wide(sure[band], character[band], column)
            letters.append(Letter(band, column, name, float(sure[band, column]), twice))
    return letters


def _whole(sure: Tensor, alike: Tensor, column: int) -> float:
    """How sure the columns around one are together that say the same."""
    found = float(sure[column])
    for step in (-1, 1):
        beside = column + step
        while 0 <= beside < len(sure) and sure[beside] > 0 and alike[beside] == alike[column]:
            found += float(sure[beside])
            beside += step
    return found


def _is_wide(sure: Tensor, character: Tensor, column: int) -> bool:
    """Whether a letter is as good as sure in another column, too: narrow ones may be two."""
    beside = [column - 1] * (column > 0) + [column + 1] * (column + 1 < len(sure))
    return any(sure[one] >= TWICE and character[one] == character[column] for one in beside)


def plain(character: str) -> str:
    """A character without what its ink does not tell: its case, and whether it is a letter or a digit."""
    return ALIKE.get(character, character.lower())


@cache
def likeness(alphabet: str) -> list[int]:
    """For each character the place of the first that the same ink may be taken for."""
    inks = [plain(one) for one in alphabet]
    return [inks.index(one) for one in inks]


def lines_of(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Letters as lines, from above, each from left to right.

    A line may change its band on the way. So letters without a wide gap in one band are a piece of one, and
    the nearest pieces of a band and the next are joined first, but for those that stand below each other.
    """
    pieces = _pieces(letters)
    line = dict(enumerate(pieces))  # by the place of its first piece
    owner = list(range(len(pieces)))
    for _, a, b in sorted(_pairs(pieces)):
        first, second = owner[a], owner[b]
        if first != second and _apart(line[first], line[second]):
            line[first] = line[first] + line.pop(second)
            owner = [first if one == second else one for one in owner]
    found = [sorted(one, key=lambda letter: letter.column) for one in line.values()]
    return sorted(found, key=lambda one: sum(letter.band for letter in one) / len(one))


def _pieces(letters: Sequence[Letter]) -> list[list[Letter]]:
    pieces: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda one: (one.band, one.column)):
        last = pieces[-1][-1] if pieces else None
        if last and last.band == letter.band and letter.column - last.column <= GAP:
            pieces[-1].append(letter)
        else:
            pieces.append([letter])
    return pieces


def _pairs(pieces: list[list[Letter]]) -> list[tuple[int, int, int]]:
    """(columns between them, pieces) of all that may be of one line; those in one band come last."""
    found = []
    for b, second in enumerate(pieces):
        for a, first in enumerate(pieces[:b]):
            between = max(second[0].column - first[-1].column, first[0].column - second[-1].column, 0)
            if first[0].band == second[0].band:
                found.append((PLACES + between, a, b))
            elif second[0].band - first[0].band == 1 and between <= GAP:
                found.append((between, a, b))
    return found


def _apart(first: list[Letter], second: list[Letter]) -> bool:
    """Whether hardly any letter of the shorter one stands below or above one of the other."""
    few, many = sorted((first, second), key=len)
    taken = {letter.column + near for letter in many for near in (-1, 0, 1)}
    return sum(letter.column in taken for letter in few) <= TOGETHER * len(few)
