"""Start values of the adapter: every expert's cell lands on the same cell of the stream.

Nothing is added to the adapter. Its rotary attention peaks at the query's own cell when queries and
keys are constant vectors with weight on the fast frequencies; values and output projections start near the
identity (or as the encoder's own token classifier, turned into codes), everything else at zero.
"""

import torch
from torch import Tensor, nn

from mova.adapter import AdapterBlock, MovAdapter, RotaryAttention

LEVEL = 4.0  # how far the constant part of a normed feature stands out, in units of its own norm
SHARPNESS = 47.0  # attention score per axis and frequency; the next cell is e^-4 of one's own
SHARPER = 4.0  # so much more for a reader: what leaks out of a code into an empty cell is normed to its size
FREQUENCIES = 4
PRESENCE = 0.5  # of a reader's code, which a norm makes twice as long as the projector's rows expect
MARGIN = 3.0  # a cell's code has length 7 or so in the stream; others reach 0.5


def start_local(adapter: MovAdapter) -> None:
    """Sets the published zeros (ends of self-attention, SwiGLU and RegNet) and local attention."""
    with torch.no_grad():
        nn.init.zeros_(adapter.pos_embed)
        for block in adapter.blocks:
            for norm1, norm2, attention in zip(block.norm1, block.norm2, block.cross_attn, strict=True):
                _constant(norm1)
                _constant(norm2)
                _peak_at_own_cell(attention)
                nn.init.eye_(attention.v_proj.weight)
                nn.init.eye_(attention.proj.weight)
                nn.init.zeros_(attention.proj.bias)
            for layer in (block.self_attn.proj, block.mlp.w3):
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)
        for stage in (adapter.downsample[0], adapter.downsample[2]):
            nn.init.zeros_(stage.b1.conv3.bn.weight)


@torch.no_grad()
def start_reading(block: AdapterBlock, index: int) -> None:
    """Start values of one expert whose features are codes of the stream's width: each is added to its own
    cell, and nothing where no code is."""
    attention, width = block.cross_attn[index], block.norm1[index].bias.numel()
    for norm in (block.norm1[index], block.norm2[index]):
        nn.init.ones_(norm.weight)
        _constant(norm)
    _peak_at_own_cell(attention, SHARPER)
    # The norm's bias is the same in all channels: without their mean, an empty cell's value is zero.
    attention.v_proj.weight.copy_(torch.eye(width) - 1 / width)
    attention.inner_attn_ln.reset_parameters()
    attention.proj.weight.copy_(torch.eye(width) * PRESENCE)
    nn.init.zeros_(attention.proj.bias)


def _constant(norm: nn.LayerNorm) -> None:
    """A normed feature has mean 0 over channels, so its part along (1, 1, ...) is the bias alone."""
    nn.init.constant_(norm.bias, LEVEL / norm.bias.numel() ** 0.5)


def _peak_at_own_cell(attention: RotaryAttention, sharper: float = 1.0) -> None:
    width = attention.q_proj.weight.shape[0]
    head = torch.zeros(width // attention.heads)
    half = len(head) // 2
    for k in range(FREQUENCIES):
        head[2 * k] = head[half + 2 * k] = (sharper * SHARPNESS) ** 0.5
    constant = head.repeat(attention.heads)
    for projection in (attention.q_proj, attention.k_proj):
        source = projection.weight.shape[1]
        projection.weight.copy_(constant[:, None].expand(-1, source) / (source**0.5 * LEVEL))


def codes(vocabulary: list[int], width: int) -> Tensor:
    """A fixed random unit code per token id, [V, width]: what the stream holds where the token stands."""
    table = [torch.randn(width, generator=torch.Generator().manual_seed(token)) for token in vocabulary]
    return nn.functional.normalize(torch.stack(table), dim=-1)


def write_codes(attention: RotaryAttention, head: nn.Linear, norm: nn.LayerNorm, table: Tensor) -> None:
    """Starts an expert's values as its token classifier's logits turned into codes.

    `head` [V, C_e] reads features normed by `norm`; a cell that reads as token t then holds about t's
    code, and the norm before the output projection sets its size.
    """
    with torch.no_grad():
        weight = head.weight * norm.weight
        values = table.T @ (weight - weight.mean(0, keepdim=True))
        attention.v_proj.weight.copy_(values / values.norm(dim=1).mean())


def start_projector(projector: nn.Sequential, table: Tensor, embeddings: Tensor) -> None:
    """Linear, GELU, Linear as a lookup: first rows are codes [V, C], second columns embeddings [V, H]."""
    first, second = projector[0], projector[2]
    count = len(table)
    assert count <= first.out_features, f"{count} tokens, but the projector is {first.out_features} wide"
    with torch.no_grad():
        nn.init.normal_(first.weight[count:], 0, table.shape[1] ** -0.5)
        nn.init.zeros_(second.weight)
        for row in range(count):
            write_row(projector, row, table[row], embeddings[row] - embeddings[0])
        second.bias.copy_(embeddings[0])
        # What every silent row leaks through the GELU would add up to a drift towards the blank.
        second.bias -= second.weight[:, :count].sum(1) * nn.functional.gelu(torch.tensor(-MARGIN))


@torch.no_grad()
def write_row(projector: nn.Sequential, row: int, code: Tensor, said: Tensor) -> None:
    """One hidden row of the lookup: where the code [C] stands in the stream, `said` [H] is added."""
    projector[0].weight[row] = code
    projector[0].bias[row] = -MARGIN
    projector[2].weight[:, row] = said / MARGIN
