"""What the vision transformers of our own share: patches, attention of several heads, feed-forwards.

BiomedCLIP's and Co-DETR's encoders and the MoV-Adapter are built of these; the other encoders are
transformers' own. Child names are those of the published checkpoints.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from mova.attention import attend_in_parts
from mova.vision.rotary import apply_rotary


class PatchEmbed(nn.Module):
    """Pictures [B, 3, s, s] -> one token per patch, as a map [B, C, s / patch, s / patch]."""

    def __init__(self, width: int, patch_size: int):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch_size, stride=patch_size)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.proj(pixels.to(self.proj.weight.dtype))


class SwiGLU(nn.Module):
    """Gated feed-forward with a LayerNorm before its last projection (as in EVA-02)."""

    def __init__(self, width: int, hidden: int, eps: float):
        super().__init__()
        self.w1 = nn.Linear(width, hidden)
        self.w2 = nn.Linear(width, hidden)
        self.ffn_ln = nn.LayerNorm(hidden, eps)
        self.w3 = nn.Linear(hidden, width)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.w3(self.ffn_ln(F.silu(self.w1(tokens)) * self.w2(tokens)))


def attend(
    query: Tensor, key: Tensor, value: Tensor, heads: int, rotary: tuple[Tensor, Tensor] | None = None
) -> Tensor:
    """Softmax attention of several heads: [B, n, C] and twice [B, m, C] -> [B, n, C], heads side by side.

    `rotary` are cosine and sine tables [n, head_dim] that turn queries and keys (then m = n).
    """
    query, key, value = (states.unflatten(-1, (heads, -1)).transpose(1, 2) for states in (query, key, value))
    if rotary is not None:
        query, key = apply_rotary(query, *rotary), apply_rotary(key, *rotary)
    return attend_in_parts(query, key, value).transpose(1, 2).flatten(2)


def selected_layers(layers: nn.ModuleList, select: int) -> nn.ModuleList:
    """The layers to run for `hidden_states[select]`, where 0 is the embeddings and -1 the last layer."""
    count = select if select >= 0 else len(layers) + 1 + select
    return layers[:count]
