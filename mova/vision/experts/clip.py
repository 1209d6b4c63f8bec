"""CLIP ViT-L/14, the base encoder: the picture at the resolution the language model sees."""

from torch import Tensor, nn
from transformers import CLIPVisionConfig, CLIPVisionModel

from mova.attention import IN_PARTS
from mova.config import MovaConfig
from mova.vision.grid import resize_map
from mova.vision.views import Views
from mova.vision.vit import selected_layers


class Clip(nn.Module):
    """Hidden state `mm_vision_select_layer` (-2) without the class token and without the final norm."""

    def __init__(self, config: MovaConfig):
        super().__init__()
        sizes = config.clip
        self.select = config.mm_vision_select_layer
        self.side = sizes.patch_size * config.image_feat_size
        self.model = CLIPVisionModel(
            CLIPVisionConfig(
                hidden_size=sizes.hidden_size,
                intermediate_size=sizes.intermediate_size,
                num_hidden_layers=sizes.num_hidden_layers,
                num_attention_heads=sizes.num_attention_heads,
                image_size=self.side,
                patch_size=sizes.patch_size,
                hidden_act=sizes.hidden_act,
                layer_norm_eps=sizes.layer_norm_eps,
            )
        )
        self.model.set_attn_implementation(IN_PARTS)

    def forward(self, views: Views) -> Tensor:
        """Base view [B, 3, s, s] -> [B, L, C], the base grid."""
        hidden = self.model.pre_layrnorm(self.model.embeddings(resize_map(views.base, self.side)))
        for layer in selected_layers(self.model.encoder.layers, self.select):
            hidden = layer(hidden, attention_mask=None)
        return hidden[:, 1:]
