"""Expert F, BiomedCLIP's ViT-B/16: medical images.

Own code: the published tower is timm's ViT with its pooling and head taken out, which no library in
our list has. Child names are timm's (without the level `trunk`), `qkv` stays fused.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mova.config import BiomedClipSection, MovaConfig
from mova.vision.grid import resize_map, to_tokens
from mova.vision.views import Views
from mova.vision.vit import PatchEmbed, attend


class FusedAttention(nn.Module):
    """Plain multi-head self-attention with a fused qkv projection."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        query, key, value = self.qkv(tokens).chunk(3, dim=-1)
        return self.proj(attend(query, key, value, self.heads))


class Mlp(nn.Module):
    """Two linear layers with an exact GELU between."""

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(tokens)))


class Block(nn.Module):
    """Pre-norm transformer block."""

    def __init__(self, sizes: BiomedClipSection):
        super().__init__()
        width = sizes.hidden_size
        self.norm1 = nn.LayerNorm(width, sizes.layer_norm_eps)
        self.attn = FusedAttention(width, sizes.num_attention_heads)
        self.norm2 = nn.LayerNorm(width, sizes.layer_norm_eps)
        self.mlp = Mlp(width, int(width * sizes.mlp_ratio))

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.attn(self.norm1(tokens))
        return tokens + self.mlp(self.norm2(tokens))


class BiomedClip(nn.Module):
    """All patch tokens after the final norm, class token dropped."""

    def __init__(self, config: MovaConfig):
        super().__init__()
        sizes = config.biomedclip
        self.side = sizes.image_size
        tokens = (sizes.image_size // sizes.patch_size) ** 2
        self.cls_token = nn.Parameter(torch.zeros(1, 1, sizes.hidden_size))
        self.pos_embed = nn.Parameter(torch.zeros(1, tokens + 1, sizes.hidden_size))
        self.patch_embed = PatchEmbed(sizes.hidden_size, sizes.patch_size)
        self.blocks = nn.ModuleList(Block(sizes) for _ in range(sizes.num_hidden_layers))
        self.norm = nn.LayerNorm(sizes.hidden_size, sizes.layer_norm_eps)

    def encode(self, pixels: Tensor) -> Tensor:
        """Pictures at `image_size` [B, 3, s, s] -> [B, 1 + n, C], the class token first."""
        patches = to_tokens(self.patch_embed(pixels))
        tokens = torch.cat([self.cls_token.expand(len(patches), -1, -1), patches], dim=1) + self.pos_embed
        for block in self.blocks:
            tokens = block(tokens)
        return self.norm(tokens)

    def forward(self, views: Views) -> Tensor:
        """Base view [B, 3, s, s], shrunk without antialias -> [B, n, C] (14x14 tokens at 8B)."""
        return self.encode(resize_map(views.base, self.side))[:, 1:]
