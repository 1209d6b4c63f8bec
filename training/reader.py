"""The reader: one encoder for everything with text, from which the experts B, D and E are to be split.

Convolutions turn a picture into columns of 4 px in bands of 16 px, and a head names the character in each;
layers of attention along whole rows turn those into the LLM's tokens on cells of 32 px. A third head, half
way, names the token whose ink lies there, wherever it is to be written, and is thrown away like the first.
"""

import string

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.natural_layout import CELL

ALPHABET = string.ascii_letters + string.digits + string.punctuation
BAND, COLUMN = 16, 4  # px of a place of the character head
NARROW = 16  # px, half a cell: a place of the third head is so wide, and as high as a cell
STEM = (24, 48, 96, 192)
WIDTH, HEADS = 256, 4
NARROW_LAYERS, WIDE_LAYERS = 4, 2
MOST_COLUMNS = 48
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

    def __init__(self, width: int = WIDTH, heads: int = HEADS):
        super().__init__()
        self.heads = heads
        self.around = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)
        distance = torch.arange(1 - MOST_COLUMNS, MOST_COLUMNS).abs()
        self.bias_table = nn.Parameter(-torch.tensor(SLOPES)[:, None] * distance)

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
    """Pixels [B, 3, H, 768] -> logits of tokens [B, H/32 * 24, V], of characters [B, H/16 * 192, A] and of
    the tokens in their ink's own places [B, H/32 * 48, V].

    H is a multiple of 32. Token 0 is the blank; character 0 is none.
    """

    def __init__(self, tokens: int):
        super().__init__()
        a, b, c, d = STEM
        self.stem = nn.Sequential(
            convolution(3, a, 2), convolution(a, b, 2), convolution(b, b), convolution(b, b),
            convolution(b, c, (2, 1)), convolution(c, c), convolution(c, c), convolution(c, d, (2, 1)),
            Wider(d), Wider(d),
        )  # fmt: skip
        self.fine_norm = nn.LayerNorm(d)
        self.character_head = nn.Linear(d, len(ALPHABET) + 1)
        self.narrow = nn.Linear(d * 2 * 4, WIDTH)
        self.narrow_place = nn.Parameter(torch.zeros(MOST_COLUMNS, WIDTH))
        self.narrow_layers = nn.ModuleList(RowLayer() for _ in range(NARROW_LAYERS))
        self.ink_norm, self.ink_head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, tokens)
        self.wide = nn.Linear(2 * WIDTH, WIDTH)
        self.wide_place = nn.Parameter(torch.zeros(MOST_COLUMNS // 2, WIDTH))
        self.wide_layers = nn.ModuleList(RowLayer() for _ in range(WIDE_LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.token_head = nn.Linear(WIDTH, tokens)
        self._start()

    def _start(self) -> None:
        for name, parameter in self.named_parameters():
            if name.endswith("_place"):
                nn.init.normal_(parameter, std=0.02)
        for layer in (*self.narrow_layers, *self.wide_layers):
            for last in (layer.proj, layer.down, layer.around):
                nn.init.normal_(last.weight, std=0.02)
                nn.init.zeros_(last.bias)

    def features(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of the cells [B, H/32, 24, WIDTH], of the places of characters [B, H/16, 192, d], and half way
        between them [B, H/32, 48, WIDTH]."""
        fine = self.stem(pixels.contiguous(memory_format=torch.channels_last))
        fine = self.fine_norm(fine.permute(0, 2, 3, 1))
        batch, bands, columns, width = fine.shape
        folded = fine.reshape(batch, bands // 2, 2, columns // 4, 4, width).transpose(2, 3).flatten(3)
        narrow = self.narrow(folded) + self.narrow_place[: columns // 4]
        for layer in self.narrow_layers:
            narrow = layer(narrow)
        wide = self.wide(narrow.unflatten(2, (-1, 2)).flatten(3)) + self.wide_place[: columns // 8]
        for layer in self.wide_layers:
            wide = layer(wide)
        return wide, fine, narrow

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        assert pixels.shape[2] % CELL == 0, f"{pixels.shape[2]} px high, a multiple of {CELL} was expected"
        wide, fine, narrow = self.features(pixels)
        heads = (
            self.token_head(self.norm(wide)),
            self.character_head(fine),
            self.ink_head(self.ink_norm(narrow)),
        )
        return tuple(logits.flatten(1, 2) for logits in heads)
