"""Expert G, SAM ViT-H's image encoder with its neck: shapes and outlines."""

from torch import Tensor, nn
from transformers import SamVisionConfig
from transformers.models.sam.modeling_sam import SamVisionEncoder

from mova.config import MovaConfig, SamTypeSection
from mova.vision.grid import to_tokens
from mova.vision.relative_attention import bound_attention
from mova.vision.views import Views


def build_sam_encoder(sizes: SamTypeSection, image_size: int) -> SamVisionEncoder:
    """A SAM-type encoder for pictures of `image_size` pixels a side; random weights."""
    config = SamVisionConfig(
        hidden_size=sizes.hidden_size,
        output_channels=sizes.output_channels,
        num_hidden_layers=sizes.num_hidden_layers,
        num_attention_heads=sizes.num_attention_heads,
        image_size=image_size,
        patch_size=sizes.patch_size,
        window_size=sizes.window_size,
        global_attn_indexes=list(sizes.global_attn_indexes),
        mlp_ratio=float(sizes.mlp_ratio),  # JSON may say 4, and the field is strict
    )
    return bound_attention(SamVisionEncoder(config), config)


def encode_high(encoder: SamVisionEncoder, views: Views) -> Tensor:
    """High view [B, 3, s, s] -> the neck's map [B, C, s / patch, s / patch]."""
    pixels = views.high.to(encoder.neck.conv1.weight.dtype)
    return encoder(pixels).last_hidden_state


class Sam(nn.Module):
    """The neck's output."""

    def __init__(self, config: MovaConfig):
        super().__init__()
        self.model = build_sam_encoder(config.sam, config.views.high_side)

    def forward(self, views: Views) -> Tensor:
        """High view [B, 3, s, s] -> [B, n, C] (64x64 tokens at 8B)."""
        return to_tokens(encode_high(self.model, views))
