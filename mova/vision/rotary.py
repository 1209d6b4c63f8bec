"""Two-dimensional rotary position embedding, shared by Co-DETR's ViT and the MoV-Adapter.

Half of a head's dimensions turn with the row, half with the column; neighbouring dimensions form a
pair. The tables are computed here in float32 and never taken from a checkpoint: the released file
holds them rounded to bfloat16, which is off by up to 0.002. Source: EVA-02's "fast" vision rotary.
"""

from functools import lru_cache

import torch
from torch import Tensor

BASE = 10_000.0


@lru_cache(maxsize=16)
def rotary_tables(
    side: int, head_dim: int, position_side: int | None = None, device: torch.device | None = None
) -> tuple[Tensor, Tensor]:
    """Cosine and sine tables, each float32 [side * side, head_dim], tokens row-major.

    Cell i of a row or column has position `i / side * position_side` (i when it is None): a grid finer
    than the one the weights were trained on gets fractional positions.
    """
    # Outside inference mode, so that a cached table can serve a training step later.
    with torch.inference_mode(False):
        axis_dim = head_dim // 2
        exponents = torch.arange(0, axis_dim, 2, dtype=torch.float32, device=device) / axis_dim
        cells = torch.arange(side, dtype=torch.float32, device=device)
        positions = cells if position_side is None else cells / side * position_side
        angles = torch.outer(positions, BASE**-exponents).repeat_interleave(2, dim=-1)  # [side, axis_dim]
        rows = angles[:, None, :].expand(side, side, axis_dim)
        columns = angles[None, :, :].expand(side, side, axis_dim)
        both = torch.cat([rows, columns], dim=-1).reshape(side * side, head_dim)
        return both.cos(), both.sin()


def rotate_half(x: Tensor) -> Tensor:
    """Neighbouring pairs (x0, x1) of the last dimension become (-x1, x0)."""
    first, second = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack([-second, first], dim=-1).flatten(-2)


def apply_rotary(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Queries or keys [..., tokens, head_dim] turned by their positions; computed in float32, cast back."""
    exact = x.float()
    return (exact * cos + rotate_half(exact) * sin).to(x.dtype)
