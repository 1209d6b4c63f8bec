"""What the reader is trained on: pictures as the 768 px view shows them, with the tokens and letters on them.

Rows of cells that are mere border are left out: a strip costs a quarter of a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from mova.images import pad_to_square
from mova.vision.experts.reader import ALPHABET
from mova.vision.letters import BAND, COLUMN
from mova.vision.lines import CELL, SIDE
from mova.vision.views import CLIP_MEAN, CLIP_STD, border_colour
from training.list_layout import UPRIGHT, token_ends
from training.makers.records import Picture, Run
from training.pieces import Pieces

NEARBY = -1  # a target beside what is written: neither right nor wrong
EDGE = 0.15  # share of a row in which a token may as well be read in the next row


@dataclass(frozen=True)
class Sheet:
    """pixels [3, H, 768] normalised; tokens [H/32 * 192] places in the pieces, each where it ends;
    characters [H/16 * 192]."""

    pixels: Tensor
    tokens: Tensor
    characters: Tensor


class Sheets:
    """Makes sheets in one set of pieces."""

    def __init__(self, pieces: Pieces):
        self.pieces = pieces

    def sheet(self, picture: Picture, side: int = SIDE) -> Sheet:
        """A picture from its first row of cells to its last; its padded square is `side` px (even)."""
        view, scale, edge = squared(picture.image, side), side / max(picture.image.size), (SIDE - side) / 2
        _, top = picture.padding
        first = int((top * scale + edge) / CELL)
        bottom = round((top + picture.image.height) * scale + edge, 3)
        last = min(SIDE // CELL, -int(-bottom // CELL))
        runs = [moved(run, picture.padding, scale) for run in picture.runs]
        runs = [moved(run, (edge, edge - first * CELL), 1) for run in runs]
        return self._sheet(view.crop((0, first * CELL, SIDE, last * CELL)), runs)

    def _sheet(self, image: Image.Image, runs: Sequence[Run]) -> Sheet:
        tokens = tokens_in_ink(runs, image.height, self.pieces)
        return Sheet(normalised(image), tokens, characters(runs, image.height))


def padded(image: Image.Image, side: int) -> Image.Image:
    """The picture padded to a square, `side` px wide."""
    return pad_to_square(image, border_colour(CLIP_MEAN)).resize((side, side), Image.Resampling.BICUBIC)


def squared(image: Image.Image, side: int = SIDE) -> Image.Image:
    """The padded square, `side` px wide in the middle of SIDE px of border."""
    square = padded(image, side)
    if side == SIDE:
        return square
    whole = Image.new("RGB", (SIDE, SIDE), border_colour(CLIP_MEAN))
    whole.paste(square, ((SIDE - side) // 2, (SIDE - side) // 2))
    return whole


def normalised(image: Image.Image) -> Tensor:
    """[3, H, W] as the views have it."""
    pixels = np.asarray(image, dtype=np.float32) / 255
    pixels = (pixels - np.array(CLIP_MEAN, np.float32)) / np.array(CLIP_STD, np.float32)
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()


def moved(run: Run, offset: tuple[float, float], scale: float) -> Run:
    """The run where it stands after a move by `offset` and then a resize."""
    (dx, dy), (x0, y0, x1, y1) = offset, run.box
    box = ((x0 + dx) * scale, (y0 + dy) * scale, (x1 + dx) * scale, (y1 + dy) * scale)
    points = tuple(((x + dx) * scale, (y + dy) * scale) for x, y in run.points)
    return replace(run, box=box, points=points, cap=run.cap * scale)


def characters(runs: Sequence[Run], height: int) -> Tensor:
    """[H/16 * 192]: 1 + the place in ALPHABET of the character whose middle lies there, 0 for none, NEARBY
    where the next place has one."""
    written = [
        (x, y, ALPHABET.index(character) + 1)
        for run in runs
        for character, (x, y) in zip(run.text, run.points, strict=True)
        if character != " " and abs(run.rotation) <= UPRIGHT
    ]
    return placed(written, height, BAND)


def tokens_in_ink(runs: Sequence[Run], height: int, pieces: Pieces) -> Tensor:
    """[H/32 * 192]: the token whose last character's middle lies there, NEARBY beside it and where two are;
    above and below it only where it stands near the edge of its row.

    Where a token ends a character says; where its middle is, only all of them.
    """
    written = [(x, y, pieces.index[token]) for x, y, token in token_ends(runs, pieces)]
    return placed(written, height, CELL, EDGE)


def placed(written: list[tuple[float, float, int]], height: int, band: int, edge: float = 1.0) -> Tensor:
    """What stands at (x, y) in px, on places `band` px high and COLUMN wide, NEARBY around it; flat.

    Above or below it only where it lies in that `edge` of its band.
    """
    bands, columns = height // band, SIDE // COLUMN
    found = torch.zeros(bands + 2, columns + 2, dtype=torch.long)
    places: dict[tuple[int, int], int] = {}
    for x, y, what in written:
        place = int(y // band) + 1, int(x // COLUMN) + 1
        if not (1 <= place[0] <= bands and 1 <= place[1] <= columns):
            continue
        places[place] = what if places.get(place, what) == what else NEARBY
        (row, col), depth = place, y / band % 1
        above, below = depth < edge, depth > 1 - edge
        found[row - above : row + 1 + below, col - 1 : col + 2] = NEARBY
    for place, what in places.items():
        found[place] = what
    return found[1:-1, 1:-1].flatten()
