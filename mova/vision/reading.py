"""What a reader's logits say is written, by rule: a token where one is likelier than none, once each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

from mova.vision.lines import CELL, SIDE, Line, lines_of

BAND, COLUMN = 16, 4  # px: a place of the reader's character head; one of its token head is as wide
PLACES = SIDE // COLUMN  # in a row
REACH = 2  # columns within which the same token in the next row is the same ink
ENOUGH = 2.5  # a size counts where it finds as many tokens as the best one, divided by this
NONE_WEIGHT = 0.25  # in training, of a place where no token ends: there are some twenty for each token
DOUBT = -math.log(NONE_WEIGHT)  # so much likelier than none a token must be


@dataclass(frozen=True)
class Found:
    """What was read of a picture shown `side` px large in the middle of SIDE px: tokens [R, 192] in the rows
    of CELL px from `first` on, 0 where none ends, and how sure each is."""

    side: int
    first: int
    tokens: Tensor
    sure: Tensor

    @property
    def count(self) -> int:
        """How many tokens."""
        return int((self.tokens > 0).sum())

    @property
    def mean(self) -> float:
        """How sure they are, all in all."""
        return self.sure[self.tokens > 0].mean().item()

    def ends(self) -> list[tuple[float, float, int]]:
        """(x, y, token) of each, in px of the view."""
        edge, larger = (SIDE - self.side) / 2, SIDE / self.side
        return [
            (((column + 0.5) * COLUMN - edge) * larger, ((self.first + row + 0.5) * CELL - edge) * larger,
             int(self.tokens[row, column]))
            for row, column in self.tokens.nonzero().tolist()
        ]  # fmt: skip


def found_in(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Logits [R * 192, V] -> tokens [R, 192], 0 where none is, and how sure each is.

    Ink is read twice where the reader is unsure of its column, or of its row; different tokens in two rows
    are two lines.
    """
    doubtful = logits.detach().to("cpu").float().clone()
    doubtful[:, 0] += DOUBT
    chances = doubtful.softmax(-1).view(-1, PLACES, logits.shape[-1])
    sure, token = chances[..., 1:].max(-1)
    token = token + 1
    found = sure > chances[..., 0]
    sure = sure * found
    nearby = F.max_pool1d(sure[:, None], 3, stride=1, padding=1)[:, 0]
    found &= sure >= nearby
    kept = found.clone()
    for row, column in found.nonzero().tolist():
        for other in (row - 1, row + 1):
            if not 0 <= other < len(found):
                continue
            first = max(0, column - REACH)
            there = slice(first, column + REACH + 1)
            same = found[other, there] & (token[other, there] == token[row, column])
            if (same & (sure[other, there] > sure[row, column])).any():
                kept[row, column] = False
    return token * kept, sure * kept


def lines_read(found: Sequence[Found]) -> list[Line]:
    """The lines of a picture of which several sizes were read: that size counts whose tokens are surest, of
    those that find about as many. A page of small print is not given up for a headline that is surer."""
    most = max(one.count for one in found)
    if not most:
        return []
    best = max((one for one in found if one.count * ENOUGH >= most), key=lambda one: one.mean)
    return lines_of(best.ends(), CELL * SIDE / best.side)
