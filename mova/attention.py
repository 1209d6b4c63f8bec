"""Softmax attention that never holds a whole matrix of scores.

A fused kernel makes the scores as it reads them. Where the device has none for what is asked (PyTorch then
takes its plain one), the queries are taken so many at a time that their scores stay small: the same numbers,
for each query is softmaxed by itself. transformers' encoders come here by the name `IN_PARTS`.
"""

from collections.abc import Callable
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
PRODUCT_SCORES = 2**21  # at a time where whole products make them: they stay in the processor's cache
GROUP_ROWS = 256  # queries at a time: what the mask hides behind them is not computed
# The sides of their products are multiples of it: the processor's library keeps code for each size.
GROUP_PLACES = 64


def attend_in_parts(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, scale: float | None = None
) -> Tensor:
    """[B, heads, n, d] and twice [B, heads, m, d] -> [B, heads, n, d].

    `mask` [..., n or 1, m] is added to the scores, or says who may be looked at; `scale` as in
    `scaled_dot_product_attention`.
    """
    attend: Callable[..., Tensor]
    if query.device.type == "cpu" and query.dtype is torch.bfloat16:
        attend, together = _by_products, _fitting(query, key, PRODUCT_SCORES)
    else:
        attend, together = F.scaled_dot_product_attention, queries_at_once(query, key, value, mask)
    if together >= query.shape[2]:
        return attend(query, key, value, attn_mask=mask, scale=scale)
    seen = []
    for top in range(0, query.shape[2], together):
        part = slice(top, top + together)
        own = mask[..., part, :] if mask is not None and mask.shape[-2] > 1 else mask
        seen.append(attend(query[:, :, part], key, value, attn_mask=own, scale=scale))
    return torch.cat(seen, dim=2)


def _by_products(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None, scale: float | None
) -> Tensor:
    """As `scaled_dot_product_attention` in 16 bits on a processor: whole products are twice as fast there as
    the fused kernel's small ones. The softmax is float32."""
    query = query * (query.shape[-1] ** -0.5 if scale is None else scale)
    scores = (query @ key.transpose(-1, -2)).float()
    if attn_mask is not None and attn_mask.dtype is torch.bool:
        scores.masked_fill_(~attn_mask, float("-inf"))
    elif attn_mask is not None:
        scores.add_(attn_mask)
    return scores.softmax(dim=-1).to(value.dtype) @ value


def attend_in_groups(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor, end: int) -> Tensor:
    """Scaled queries [n, heads, d] over [kv heads, m, d] -> [n, heads * d]; n and m are multiples of
    GROUP_PLACES, and the last query stands at the last of the `end` <= m places that there are.

    `mask` [n, m] is added to the scores. The heads that share keys are one product: in 16 bits a processor
    does that twice as fast as its fused kernel, which is made of small ones. The softmax is float32.
    """
    count, heads, width = query.shape
    shared = heads // len(keys)
    grouped = query.unflatten(1, (-1, shared)).permute(1, 2, 0, 3)  # [kv heads, shared, n, d]
    out = query.new_empty((count, len(keys), shared, width))
    for top in range(0, count, GROUP_ROWS):
        part = slice(top, min(top + GROUP_ROWS, count))
        last = end - count + part.stop  # nobody in this part looks further
        seen, rows = slice(last + -last % GROUP_PLACES), part.stop - top
        scores = torch.bmm(grouped[:, :, part].flatten(1, 2), keys[:, seen].transpose(1, 2))
        weights = scores.float().unflatten(1, (shared, rows)).add_(mask[part, seen]).softmax(dim=-1)
        found = torch.bmm(weights.to(values.dtype).flatten(1, 2), values[:, seen])
        out[part] = found.unflatten(1, (shared, rows)).permute(2, 0, 1, 3)
    return out.flatten(1)


def queries_at_once(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, shared_keys: bool = False
) -> int:
    """How many of the queries [B, heads, n, d] one call should take: all where it is fused. With
    `shared_keys` the keys have fewer heads."""
    if devices.fuses_attention(query, key, value, mask, shared_keys):
        return query.shape[2]
    return _fitting(query, key, MOST_SCORES)


def _fitting(query: Tensor, key: Tensor, scores: int) -> int:
    """How many of the queries [B, heads, n, d] make at most so many scores with all the keys."""
    return min(query.shape[2], max(1, scores // (query.shape[:2].numel() * key.shape[2])))


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
