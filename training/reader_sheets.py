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
from mova.vision.views import CLIP_MEAN, CLIP_STD, border_colour
from training.makers.records import Picture, Run
from training.natural_layout import CELL, GRID, SIDE, UPRIGHT, NaturalLayout
from training.reader import ALPHABET, BAND, COLUMN, NARROW

NEARBY = -1  # a character's target beside one: neither right nor wrong


@dataclass(frozen=True)
class Sheet:
    """pixels [3, H, 768] normalised; tokens [H/32 * 24] places in the pieces; characters [H/16 * 192]; ink
    [H/32 * 48] the tokens where their ink is."""

    pixels: Tensor
    tokens: Tensor
    characters: Tensor
    ink: Tensor


class Sheets:
    """Makes sheets with one layout."""

    def __init__(self, layout: NaturalLayout):
        self.layout = layout

    def sheet(self, picture: Picture) -> Sheet:
        """A picture from the first row of cells that it reaches to the last."""
        square = pad_to_square(picture.image, border_colour(CLIP_MEAN))
        scale = SIDE / square.width
        view = square.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        _, top = picture.padding
        first = int(top * scale / CELL)
        last = -int(-(top + picture.image.height) * scale // CELL)
        runs = [moved(run, picture.padding, scale) for run in picture.runs]
        runs = [moved(run, (0, -first * CELL), 1) for run in runs]
        return self._sheet(view.crop((0, first * CELL, SIDE, last * CELL)), runs)

    def _sheet(self, image: Image.Image, runs: Sequence[Run]) -> Sheet:
        rows = image.height // CELL
        layout = NaturalLayout(self.layout.pieces, rows, GRID)
        index = layout.pieces.index
        tokens = [index[token] for token in layout.lines_of(runs, (0, 0), 1)]
        letters, ink = characters(runs, image.height), tokens_in_ink(runs, image.height, layout)
        return Sheet(normalised(image), torch.tensor(tokens), letters, ink)


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
    return placed(written, height, BAND, COLUMN)


def tokens_in_ink(runs: Sequence[Run], height: int, layout: NaturalLayout) -> Tensor:
    """[H/32 * 48]: the token in whose ink's middle the place lies, NEARBY beside it and where two are."""
    written = []
    for run in runs:
        if abs(run.rotation) > UPRIGHT:
            continue
        text = f" {run.text}"
        for token, start, end in layout.pieces.encode(text):
            points = [run.points[k - 1] for k in range(max(start, 1), end) if text[k] != " "]
            if points:
                x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
                written.append((x, y, layout.pieces.index[token]))
    return placed(written, height, CELL, NARROW)


def placed(written: list[tuple[float, float, int]], height: int, band: int, column: int) -> Tensor:
    """What stands at (x, y) in px, on places `band` px high and `column` wide, NEARBY around it; flat."""
    bands, columns = height // band, SIDE // column
    found = torch.zeros(bands + 2, columns + 2, dtype=torch.long)
    places: dict[tuple[int, int], int] = {}
    for x, y, what in written:
        place = int(y // band) + 1, int(x // column) + 1
        if 1 <= place[0] <= bands and 1 <= place[1] <= columns:
            places[place] = what if places.get(place, what) == what else NEARBY
    for row, col in places:
        found[row - 1 : row + 2, col - 1 : col + 2] = NEARBY
    for place, what in places.items():
        found[place] = what
    return found[1:-1, 1:-1].flatten()
