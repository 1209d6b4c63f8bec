"""A reader of print, which the small model has in the place of some experts.

Convolutions turn a picture into columns of 4 px in bands of 16 px, and a head names the character in each.
Layers of attention along whole rows of 32 px see which characters make a token, and the second head names, in
columns of 4 px again, the token that ends there. What is written follows from that by a rule
(`mova/vision/reading.py`); a code for each token, on the cell it is laid on, is what the adapter is given.
"""

import string
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mova.config import MovaConfig, ReaderSection
from mova.vision.experts.writing import WritingExpert
from mova.vision.lines import CELL, SIDE, Line, on_cells
from mova.vision.reading import Page, best_read, page_of
from mova.vision.spelling import Spelling

ALPHABET = string.ascii_letters + string.digits + string.punctuation
MOST_COLUMNS = 48  # places of 16 px, half a cell, for the layers of attention
EVEN = 0.05  # two of 255 levels, normalised: what differs by less is of one colour
SLOPES = (1.0, 0.25, 0.05, 0.0)  # score lost per column of distance at the start, a head each


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of a map [B, C, H, W]."""

    def forward(self, features: Tensor) -> Tensor:
        return super().forward(features.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def convolution(width: int, out: int, stride: int | tuple[int, int] = 1) -> nn.Sequential:
    """3 x 3, normed, GELU."""
    return nn.Sequential(nn.Conv2d(width, out, 3, stride, 1), ChannelNorm(out), nn.GELU())


class Wider(nn.Module):
    """A residual block that looks 7 x 7 places around."""

    def __init__(self, width: int):
        super().__init__()
        self.around = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = ChannelNorm(width)
        self.up, self.down = nn.Conv2d(width, 2 * width, 1), nn.Conv2d(2 * width, width, 1)

    def forward(self, features: Tensor) -> Tensor:
        return features + self.down(F.gelu(self.up(self.norm(self.around(features)))))


class RowLayer(nn.Module):
    """What stands around a place, then attention along its whole row, then an MLP: [B, R, N, C] alike."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.around = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)
        distance = torch.arange(1 - MOST_COLUMNS, MOST_COLUMNS).abs()
        slopes = torch.tensor([SLOPES[head % len(SLOPES)] for head in range(heads)])
        self.bias_table = nn.Parameter(-slopes[:, None] * distance)

    def forward(self, features: Tensor) -> Tensor:
        near = self.around(features.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        features = features + near
        features = features + self._attend(self.norm1(features))
        return features + self.down(F.gelu(self.up(self.norm2(features))))

    def _attend(self, features: Tensor) -> Tensor:
        columns, width = features.shape[2:]
        rows = features.flatten(0, 1)
        q, k, v = self.qkv(rows).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        place = torch.arange(columns, device=features.device)
        bias = self.bias_table[:, place[None] - place[:, None] + MOST_COLUMNS - 1]
        scores = q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5 + bias
        out = (scores.float().softmax(-1).to(v.dtype) @ v).transpose(1, 2).flatten(-2)
        return self.proj(out).view_as(features)


class Reader(nn.Module):
    """Pixels [B, 3, H, 768] -> logits of the tokens where they end [B, H/32 * 192, V], and of the characters
    [B, H/16 * 192, A].

    H is a multiple of 32. Token 0 and character 0 are none.
    """

    def __init__(self, sizes: ReaderSection):
        super().__init__()
        (a, b, c, d), width = sizes.stem, sizes.hidden_size
        self.stem = nn.Sequential(
            convolution(3, a, 2), convolution(a, b, 2), convolution(b, b), convolution(b, b),
            convolution(b, c, (2, 1)), convolution(c, c), convolution(c, c), convolution(c, d, (2, 1)),
            Wider(d), Wider(d),
        )  # fmt: skip
        self.fine_norm = nn.LayerNorm(d)
        self.character_head = nn.Linear(d, len(ALPHABET) + 1)
        self.narrow = nn.Linear(d * 2 * 4, width)
        self.narrow_place = nn.Parameter(torch.zeros(MOST_COLUMNS, width))
        self.narrow_layers = nn.ModuleList(
            RowLayer(width, sizes.num_attention_heads) for _ in range(sizes.num_hidden_layers)
        )
        self.own = nn.Linear(2 * d, width)
        self.own_norm = nn.LayerNorm(width)
        self.own_up, self.own_down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.ink_norm, self.ink_head = nn.LayerNorm(width), nn.Linear(width, sizes.vocab_size)

    def features(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Of the places of tokens [B, H/32, 192, width] and of those of characters [B, H/16, 192, d]."""
        fine = self.stem(pixels.contiguous(memory_format=torch.channels_last))
        fine = self.fine_norm(fine.permute(0, 2, 3, 1))
        batch, bands, columns, width = fine.shape
        rows = fine.reshape(batch, bands // 2, 2, columns, width)
        folded = rows.unflatten(3, (columns // 4, 4)).transpose(2, 3).flatten(3)
        narrow = self.narrow(folded) + self.narrow_place[: columns // 4]
        for layer in self.narrow_layers:
            narrow = layer(narrow)
        own = narrow.repeat_interleave(4, dim=2) + self.own(rows.transpose(2, 3).flatten(3))
        own = own + self.own_down(F.gelu(self.own_up(self.own_norm(own))))
        return self.ink_norm(own), fine

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        assert pixels.shape[2] % CELL == 0, f"{pixels.shape[2]} px high, a multiple of {CELL} was expected"
        ink, fine = self.features(pixels)
        return self.ink_head(ink).flatten(1, 2), self.character_head(fine).flatten(1, 2)


class ReadingExpert(WritingExpert):
    """An expert that reads, by the reader and the rule.

    It looks at the picture in each of `sides` px of the view's SIDE, the smaller ones for larger print.
    """

    def __init__(self, config: MovaConfig, width: int, sides: tuple[int, ...]):
        super().__init__(config, width)
        self.sides = sides
        self.reader = Reader(config.reader)

    def read(self, pixels: Tensor) -> list[int]:
        """One picture [3, 768, 768] -> the tokens on its 144 cells."""
        spelling = self.spelling
        pages = [self.page(pixels, side) for side in self.sides]
        reads = [page.read(spelling) for page in pages]
        # Which size counts is told by what was read of it, not by what is made of that.
        page = pages[reads.index(best_read(reads))]
        return on_cells(self.lines(pixels, page, spelling))

    def lines(self, pixels: Tensor, page: Page, spelling: Spelling) -> Sequence[Line]:
        """What is written of a picture, of which the page that counts is known."""
        return page.read(spelling, mending=True).lines

    def page(self, pixels: Tensor, side: int, rows: tuple[int, int] | None = None) -> Page:
        """What is found on a picture [3, 768, 768] shown `side` px large, in its `rows` or those with ink."""
        seen = resized_within(pixels[None].to(self.reader.ink_head.weight.dtype), side)
        first, end = rows or rows_with_ink(seen[0])
        tokens, characters = self.reader(seen[:, :, first * CELL : end * CELL])
        top = (SIDE - side) // 2 // CELL + first
        return page_of(side, top, tokens[0], characters[0], ALPHABET)


def resized_within(pixels: Tensor, side: int) -> Tensor:
    """Pictures [B, 3, 768, 768] at `side` px, in the middle of as wide a border: [B, 3, side, 768]."""
    if side == SIDE:
        return pixels
    small = F.interpolate(pixels.float(), (side, side), mode="bicubic", align_corners=False, antialias=True)
    return F.pad(small.to(pixels.dtype), ((SIDE - side) // 2,) * 2)


def rows_with_ink(pixels: Tensor) -> tuple[int, int]:
    """First row of CELL px of a picture [3, H, W] that is not of one colour, and the one after the last; at
    least one row. What stands above and below, a border or empty paper, costs as much as print to read."""
    rows = pixels.float().unflatten(1, (-1, CELL))
    spread = rows.amax((2, 3)) - rows.amin((2, 3))  # of each channel in each row
    uneven = (spread.amax(0) > EVEN).nonzero().flatten().tolist()
    return (uneven[0], uneven[-1] + 1) if uneven else (0, 1)
