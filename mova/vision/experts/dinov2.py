"""Expert A, DINOv2-giant: natural scenes."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import Dinov2Config, Dinov2Model
from transformers.models.dinov2.modeling_dinov2 import Dinov2Embeddings

from mova.attention import IN_PARTS
from mova.config import MovaConfig
from mova.vision.grid import resize_map
from mova.vision.views import Views
from mova.vision.vit import selected_layers


class ScaledPositionEmbeddings(Dinov2Embeddings):
    """transformers' embeddings, but positions of another grid are sampled as in the published code.

    That code hands the interpolation a scale factor of (n + 0.1) / side, which is also used for the
    sample positions; transformers 5 hands it the size n. At other sizes than the native one the two
    give features several percent apart.
    """

    def interpolate_pos_encoding(self, embeddings: Tensor, height: int, width: int) -> Tensor:
        """Positions [1, 1 + rows * columns, C] for a picture of height x width pixels."""
        side = round((self.position_embeddings.shape[1] - 1) ** 0.5)
        patch = self.patch_embeddings.patch_size[0]
        rows, columns = height // patch, width // patch
        if (rows, columns) == (side, side):
            return self.position_embeddings
        grid = self.position_embeddings[:, 1:].transpose(1, 2).unflatten(2, (side, side))
        resized = F.interpolate(
            grid.float(),
            scale_factor=((rows + 0.1) / side, (columns + 0.1) / side),
            mode="bicubic",
            align_corners=False,
        ).to(grid.dtype)
        assert resized.shape[-2:] == (rows, columns)
        return torch.cat([self.position_embeddings[:, :1], resized.flatten(2).transpose(1, 2)], dim=1)


class Dinov2(nn.Module):
    """Hidden state `mm_vision_select_layer` (-2) without the class token and without the final norm."""

    def __init__(self, config: MovaConfig):
        super().__init__()
        sizes = config.dinov2
        self.select = config.mm_vision_select_layer
        self.largest_side = sizes.largest_side
        self.model = Dinov2Model(
            Dinov2Config(
                hidden_size=sizes.hidden_size,
                num_hidden_layers=sizes.num_hidden_layers,
                num_attention_heads=sizes.num_attention_heads,
                mlp_ratio=sizes.mlp_ratio,
                image_size=sizes.image_size,
                patch_size=sizes.patch_size,
                use_swiglu_ffn=sizes.use_swiglu_ffn,
                layer_norm_eps=sizes.layer_norm_eps,
            )
        )
        self.model.set_attn_implementation(IN_PARTS)
        # The part is replaced, not the model subclassed: a subclass would lose the model's key conversions.
        self.model.embeddings = ScaledPositionEmbeddings(self.model.config)

    def forward(self, views: Views) -> Tensor:
        """DINOv2's base view [B, 3, s, s], shrunk to `largest_side` if wider -> [B, n, C] (37x37 at 8B)."""
        pixels = views.dino
        if pixels.shape[-1] > self.largest_side:
            pixels = resize_map(pixels, self.largest_side)
        hidden = self.model.embeddings(pixels)
        for layer in selected_layers(self.model.encoder.layer, self.select):
            hidden = layer(hidden)
        return hidden[:, 1:]
