"""Softmax attention that never holds a whole matrix of scores.

A fused kernel makes the scores as it reads them. Where the device has none for what is asked (PyTorch then
takes its plain one), the queries are taken so many at a time that their scores stay small: the same numbers,
for each query is softmaxed by itself. transformers' encoders come here by the name `IN_PARTS`.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import sdpa_mask

from mova.checkpoint import devices

# Scores of queries with keys that one call of the plain kernel makes: it holds them twice, in float32.
MOST_SCORES = 2**24
IN_PARTS = "in_parts"


def attend_in_parts(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, scale: float | None = None
) -> Tensor:
    """[B, heads, n, d] and twice [B, heads, m, d] -> [B, heads, n, d].

    `mask` [..., n or 1, m] is added to the scores, or says who may be looked at; `scale` as in
    `scaled_dot_product_attention`.
    """
    together = queries_at_once(query, key, value, mask)
    if together >= query.shape[2]:
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=scale)
    seen = []
    for top in range(0, query.shape[2], together):
        part = slice(top, top + together)
        own = mask[..., part, :] if mask is not None and mask.shape[-2] > 1 else mask
        seen.append(F.scaled_dot_product_attention(query[:, :, part], key, value, attn_mask=own, scale=scale))
    return torch.cat(seen, dim=2)


def queries_at_once(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, shared_keys: bool = False
) -> int:
    """How many of the queries [B, heads, n, d] one call should take: all where it is fused. With
    `shared_keys` the keys have fewer heads."""
    if devices.fuses_attention(query, key, value, mask, shared_keys):
        return query.shape[2]
    return min(query.shape[2], max(1, MOST_SCORES // (query.shape[:2].numel() * key.shape[2])))


def _for_transformers(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """As transformers asks for it: -> [B, n, heads, d], and no weights. Its encoders have no dropout here."""
    seen = attend_in_parts(query, key, value, attention_mask, scaling)
    return seen.transpose(1, 2).contiguous(), None


AttentionInterface.register(IN_PARTS, _for_transformers)
AttentionMaskInterface.register(IN_PARTS, sdpa_mask)
