"""Attention with SAM's decomposed relative positions, without the whole bias in memory.

A query's bias towards a key is the sum of one number for the row and one for the column between them. All of
them at once are 4 GB for 4096 tokens and 16 heads; here rows of queries are taken so many at a time
that the numbers they need stay small. Source: mvitv2's decomposed relative positions, as SAM uses them.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import SamVisionConfig
from transformers.models.sam.modeling_sam import SamVisionAttention, SamVisionEncoder

from mova.attention import attend_in_parts

MOST_BIASES = 2**23  # numbers held at a time


class RelativeAttention(SamVisionAttention):
    """transformers' attention of a SAM block with the same weights and result, in bounded memory."""

    def forward(self, hidden_states: Tensor, output_attentions: bool | None = None) -> tuple[Tensor, Any]:
        """A map [B, h, w, C] -> (the same, None in place of attention weights)."""
        batch, height, width, channels = hidden_states.shape
        heads = self.num_attention_heads
        qkv = self.qkv(hidden_states).view(batch, height * width, 3, heads, -1)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)  # each [B, heads, h * w, d]
        rows = self.get_rel_pos(height, height, self.rel_pos_h)  # [h, h, d]
        columns = self.get_rel_pos(width, width, self.rel_pos_w)
        seen = torch.empty_like(hidden_states)
        step = max(1, MOST_BIASES // (batch * heads * width * height * width))
        for top in range(0, height, step):
            part = slice(top, min(top + step, height))
            asking = query[:, :, part.start * width : part.stop * width]
            grid = asking.unflatten(2, (-1, width))
            by_row = torch.einsum("bnhwc,hkc->bnhwk", grid, rows[part])
            by_column = torch.einsum("bnhwc,wkc->bnhwk", grid, columns)
            bias = (by_row[..., :, None] + by_column[..., None, :]).flatten(4).flatten(2, 3)
            found = attend_in_parts(asking, key, value, bias)
            seen[:, part] = found.transpose(1, 2).reshape(batch, -1, width, channels)
        return self.proj(seen), None


def bound_attention(encoder: SamVisionEncoder, config: SamVisionConfig) -> SamVisionEncoder:
    """The encoder with every block's attention replaced, before its weights are loaded."""
    for layer in encoder.layers:
        layer.attn = RelativeAttention(config, layer.window_size)
    return encoder
