"""What the reader's logits say is written, by rule: a token where one is likelier than none, once each."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from training.list_layout import CELL, SIDE, ListLayout, lines_of
from training.makers.records import Picture
from training.reader import COLUMN, Reader
from training.reader_sheets import normalised, squared

COLUMNS = SIDE // COLUMN
REACH = 2  # columns within which the same token in the next row is the same ink
SIDES = (SIDE, SIDE // 2, SIDE // 4)  # px of the picture, in which it is read
ENOUGH = 2.5  # a size counts where it finds as many tokens as the best one, divided by this
BLANK = 0.25  # weight in training of a place where no token ends: there are some twenty for each token
DOUBT = -math.log(BLANK)  # so much likelier than none a token must be


def tokens_read(logits: Tensor) -> Tensor:
    """Logits [R * 192, V] -> tokens [R, 192], 0 where none is; of neighbouring finds the surest."""
    return found_in(logits)[0]


def found_in(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Logits [R * 192, V] -> tokens [R, 192], 0 where none is, and how sure each is.

    Ink is read twice where the reader is unsure of its column, or of its row; different tokens in two rows
    are two lines.
    """
    doubtful = logits.float().clone()
    doubtful[:, 0] += DOUBT
    chances = doubtful.softmax(-1).view(-1, COLUMNS, logits.shape[-1])
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


def sequence(tokens: Tensor) -> list[int]:
    """The tokens of [R, 192] in reading order."""
    return tokens[tokens > 0].tolist()


@torch.no_grad()
def read(reader: Reader, picture: Picture, layout: ListLayout) -> list[int]:
    """144 token ids: a picture's text as the reader reads it, laid out.

    Large print is read from a smaller picture: of several sizes that one counts whose tokens are surest, of
    those that find about as many.
    """
    found = []
    for side in SIDES:
        pixels = normalised(squared(picture.image, side))[None].contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found.append((side, *found_in(reader(pixels)[0][0])))
    most = max(int((tokens > 0).sum()) for _, tokens, _ in found)
    if not most:
        return layout.listed([])
    # A page of small print is not given up for a headline that is surer.
    legible = [one for one in found if (one[1] > 0).sum() * ENOUGH >= most]
    side, tokens, _ = max(legible, key=lambda one: one[2][one[1] > 0].mean().item())
    edge, larger = (SIDE - side) / 2, SIDE / side
    ends = [
        (
            ((column + 0.5) * COLUMN - edge) * larger,
            ((row + 0.5) * CELL - edge) * larger,
            layout.pieces.ids[tokens[row, column]],
        )
        for row, column in tokens.nonzero().tolist()
    ]
    return layout.listed(lines_of(ends, round(CELL * larger)))
