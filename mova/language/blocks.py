"""Products with weights that the checkpoint keeps in 4 or 8 bits: a decoding step reads a third of the bytes.

PyTorch's own 4-bit product for processors, in bfloat16, over the numbers as they are stored: only the scales
are rounded, and to what a bfloat16 weight is rounded to anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mova.checkpoint.gguf_blocks import NIBBLES, VALUES_PER_BLOCK, Nibbles

INNER_TILES = 1  # the layout the CPU's kernel reads
ROW_MULTIPLE = 16
COPIES = {".q4_1": 1, ".q8_0": 2}


@dataclass(frozen=True)
class BlockProduct:
    """States [T, in] -> bfloat16 [T, out]. `packed` is the kernel's layout, `scales` [blocks, out, 2].

    A weight of 8 bits is two of 4 bits side by side, which read the same states: `copies` is 2.
    """

    packed: Tensor
    scales: Tensor
    copies: int = 1

    def __call__(self, states: Tensor) -> Tensor:
        given = states.to(torch.bfloat16)
        if self.copies > 1:
            given = torch.cat([given] * self.copies, dim=1)
        return torch._weight_int4pack_mm_for_cpu(given, self.packed, VALUES_PER_BLOCK, self.scales)


def block_product(names: Sequence[str], stored: Mapping[str, Any]) -> BlockProduct | None:
    """One product of the weights of these names; None where they are not all stored in one kind of blocks,
    or where PyTorch has no such product."""
    if not hasattr(torch, "_weight_int4pack_mm_for_cpu"):
        return None
    for suffix, read in NIBBLES.items():
        if all(name + suffix in stored for name in names):
            return _pack([read(stored[name + suffix][...]) for name in names], COPIES[suffix])
    return None


def _pack(parts: Sequence[Nibbles], copies: int) -> BlockProduct | None:
    values = torch.cat([part.values for part in parts])
    if len(values) % ROW_MULTIPLE:
        return None
    scales = torch.stack(
        [torch.cat([part.scale for part in parts]), torch.cat([part.centre for part in parts])], dim=-1
    )
    packed = torch._convert_weight_to_int4pack_for_cpu(values.to(torch.int32), INNER_TILES)
    return BlockProduct(packed, scales.transpose(0, 1).to(torch.bfloat16).contiguous(), copies)
