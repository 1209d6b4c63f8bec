"""Token sequences seen as square grids: the resizing between encoders, base grid and adapter."""

import math

import torch.nn.functional as F
from torch import Tensor


def to_map(tokens: Tensor) -> Tensor:
    """Tokens [B, n, C] of a square grid, row-major, as a map [B, C, side, side]."""
    side = math.isqrt(tokens.shape[1])
    assert side * side == tokens.shape[1], f"{tokens.shape[1]} tokens are not a square grid"
    return tokens.transpose(1, 2).unflatten(2, (side, side))


def to_tokens(grid: Tensor) -> Tensor:
    """A map [B, C, h, w] as tokens [B, h * w, C], row-major."""
    return grid.flatten(2).transpose(1, 2)


def resize_map(grid: Tensor, side: int) -> Tensor:
    """A map or picture [B, C, h, w] at side x side: bilinear in float32, no antialias, cast back."""
    if grid.shape[-2:] == (side, side):
        return grid
    resized = F.interpolate(grid.float(), size=(side, side), mode="bilinear", align_corners=False)
    return resized.to(grid.dtype)


def resize_tokens(tokens: Tensor, side: int) -> Tensor:
    """Tokens [B, n, C] of a square grid brought to side * side tokens as `resize_map` does."""
    if tokens.shape[1] == side * side:
        return tokens
    return to_tokens(resize_map(to_map(tokens), side))


def resize_positions(table: Tensor, side: int) -> Tensor:
    """A position table [n, C] of a square grid at side * side positions: bicubic in float32, cast back."""
    if table.shape[0] == side * side:
        return table
    grid = to_map(table[None].float())
    resized = F.interpolate(grid, size=(side, side), mode="bicubic", align_corners=False)
    return to_tokens(resized)[0].to(table.dtype)


def pool_map(grid: Tensor, side: int) -> Tensor:
    """A map [B, C, h, w] pooled to side x side cells by adaptive averaging."""
    return F.adaptive_avg_pool2d(grid, side)
