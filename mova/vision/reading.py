"""What a reader's logits say is written, by rule.

The characters are sure and the tokens are not: so letters are found first (`mova/vision/letters.py`), lines
are made of them, and each line is cut into tokens (`mova/vision/cutting.py`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from torch import Tensor

from mova.vision.chances import Chances
from mova.vision.cutting import cut_into_tokens
from mova.vision.letters import BAND, COLUMN, Letter, letters_in, lines_of
from mova.vision.lines import SIDE, Line, line_at
from mova.vision.spelling import Spelling

ENOUGH = 2.5  # a size counts where it finds as many tokens as the best one, divided by this


@dataclass(frozen=True)
class Read:
    """What was read of a picture shown `side` px large in the middle of SIDE px, and how `sure` that is: the
    mean log chance of its tokens plus the log of its letters' mean chance."""

    side: int
    lines: tuple[Line, ...]
    sure: float

    @property
    def count(self) -> int:
        """How many tokens."""
        return sum(len(line.tokens) for line in self.lines)


@dataclass(frozen=True)
class Page:
    """What was found on a picture shown `side` px large in the middle of SIDE px: letters, in the rows of 32
    px from `first` on, and the chances of all tokens and characters there."""

    side: int
    first: int
    letters: list[Letter]
    chances: Chances

    def place(self, column: float, band: float) -> tuple[float, float]:
        """Where a column and a band have their middles, px of the picture shown SIDE px large."""
        edge, larger = (SIDE - self.side) / 2, SIDE / self.side
        x = (column + 0.5) * COLUMN - edge
        y = (band + 0.5) * BAND + 2 * self.first * BAND - edge
        return x * larger, y * larger

    def place_of(self, letter: Letter) -> tuple[float, float]:
        """Where a letter stands."""
        return self.place(letter.column, letter.band)

    def read(self, spelling: Spelling, mending: bool = False) -> Read:
        """The lines of all letters; with `mending` as if one of a word's letters may have been misread."""
        lines, sure = [], []
        for letters in lines_of(self.letters):
            cut = cut_into_tokens(letters, self.chances, spelling, mending)
            if cut:
                band = sum(one.band for one in letters) / len(letters)
                place = self.place(letters[cut[0].last].column, band)
                lines.append(line_at((token for piece in cut for token in piece.tokens), *place))
                sure += [piece.chance for piece in cut]
        if not sure:
            return Read(self.side, (), -math.inf)
        return Read(
            self.side, tuple(lines), fmean(sure) + math.log(fmean(letter.sure for letter in self.letters))
        )


def best_read(found: Sequence[Read]) -> Read:
    """Of several sizes of a picture the one that is surest, of those that find about as many. A page
    of small print is not given up for a headline that is surer, nor a headline for much that is unsure."""
    most = max(one.count * math.exp(one.sure) for one in found)
    return max((one for one in found if one.count * ENOUGH >= most), key=lambda one: one.sure)


def page_of(side: int, first: int, tokens: Tensor, characters: Tensor, alphabet: str) -> Page:
    """Logits of tokens [R * 192, V] and of characters [2 R * 192, A] in the rows of 32 px from `first` on ->
    what is found there."""
    chances = Chances.of(tokens, characters, alphabet)
    return Page(side, first, letters_in(chances.characters.exp(), alphabet), chances)
