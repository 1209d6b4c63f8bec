"""Expert C, Co-DETR's ViT-L: finding objects. An EVA-02-style ViT that attends in windows.

Own code: no library in our list has it. Child names are the published ones, except that the biases
stored beside the query and value projections (`q_bias`, `v_bias`) are those layers' own here.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers.models.sam.modeling_sam import SamLayerNorm

from mova.config import CodetrSection, MovaConfig
from mova.vision.grid import resize_map, resize_positions, to_tokens
from mova.vision.rotary import rotary_tables
from mova.vision.views import Views
from mova.vision.vit import PatchEmbed, SwiGLU, attend

BLOCK_EPS = 1e-6
OUT_NORM_EPS = 1e-5


class WindowAttention(nn.Module):
    """Self-attention over one window (or the whole grid) with rotary positions; queries and values have a
    bias, keys have none."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.proj = nn.Linear(width, width)

    def forward(self, tokens: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """[B, n, C] -> the same; `rotary` tables are [n, head_dim]."""
        query, key, value = self.q_proj(tokens), self.k_proj(tokens), self.v_proj(tokens)
        return self.proj(attend(query, key, value, self.heads, rotary))


class Block(nn.Module):
    """Pre-norm block over a map [B, h, w, C]; `window` 0 attends globally."""

    def __init__(self, sizes: CodetrSection, window: int):
        super().__init__()
        width = sizes.hidden_size
        self.window = window
        self.position_side = sizes.rotary_side
        self.head_dim = width // sizes.num_attention_heads
        self.norm1 = nn.LayerNorm(width, BLOCK_EPS)
        self.attn = WindowAttention(width, sizes.num_attention_heads)
        self.norm2 = nn.LayerNorm(width, BLOCK_EPS)
        self.mlp = SwiGLU(width, int(width * sizes.mlp_ratio), BLOCK_EPS)

    def forward(self, grid: Tensor) -> Tensor:
        side = grid.shape[1]
        normed = self.norm1(grid)
        windows = split_windows(normed, self.window) if self.window else normed.flatten(1, 2)
        rotary = rotary_tables(self.window or side, self.head_dim, self.position_side, grid.device)
        attended = self.attn(windows, rotary)
        if self.window:
            grid = grid + join_windows(attended, self.window, side)
        else:
            grid = grid + attended.unflatten(1, (side, side))
        return grid + self.mlp(self.norm2(grid))


def split_windows(grid: Tensor, window: int) -> Tensor:
    """A square map [B, s, s, C] -> [B * windows, window * window, C], zero-padded at right and bottom.

    Padding is not masked: padded tokens take part in attention, as in the published code.
    """
    missing = -grid.shape[1] % window
    padded = F.pad(grid, (0, 0, 0, missing, 0, missing))
    tiles = padded.unflatten(2, (-1, window)).unflatten(1, (-1, window))  # [B, rows, w, columns, w, C]
    return tiles.transpose(2, 3).flatten(3, 4).flatten(0, 2)


def join_windows(windows: Tensor, window: int, side: int) -> Tensor:
    """The inverse of `split_windows` for a map of `side`: padding is cut off again."""
    count = -(-side // window)
    tiles = windows.unflatten(1, (window, window)).unflatten(0, (-1, count, count))
    return tiles.transpose(2, 3).flatten(3, 4).flatten(1, 2)[:, :side, :side]


class CoDetr(nn.Module):
    """Final LayerNorm, neck, then brought to `output_side` x `output_side` tokens."""

    def __init__(self, config: MovaConfig):
        super().__init__()
        sizes = config.codetr
        width, channels = sizes.hidden_size, sizes.output_channels
        self.image_size = sizes.image_size
        self.output_side = sizes.output_side
        # The stored table has a class position in front, which nothing uses.
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + sizes.position_side**2, width))
        self.patch_embed = PatchEmbed(width, sizes.patch_size)
        self.blocks = nn.ModuleList(
            Block(sizes, window=0 if index in sizes.global_attn_indexes else sizes.window_size)
            for index in range(sizes.num_hidden_layers)
        )
        self.out_norm = nn.LayerNorm(width, OUT_NORM_EPS)
        self.neck = nn.Sequential(
            nn.Conv2d(width, channels, 1, bias=False),
            SamLayerNorm(channels, eps=BLOCK_EPS, data_format="channels_first"),
            nn.GELU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            SamLayerNorm(channels, eps=BLOCK_EPS, data_format="channels_first"),
        )

    def forward(self, views: Views) -> Tensor:
        """High view [B, 3, s, s], enlarged to `image_size` by nearest -> [B, n, C] (37x37 at 8B)."""
        pixels = F.interpolate(views.high, size=(self.image_size, self.image_size), mode="nearest")
        grid = self.patch_embed(pixels).movedim(1, -1)  # [B, side, side, C]
        side = grid.shape[1]
        grid = grid + resize_positions(self.pos_embed[0, 1:], side).unflatten(0, (side, side))
        for block in self.blocks:
            grid = block(grid)
        features = self.neck(self.out_norm(grid).movedim(-1, 1))
        return to_tokens(resize_map(features, self.output_side))
