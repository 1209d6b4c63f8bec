"""Expert D, Pix2Struct-large's encoder: signs and labels."""

from torch import Tensor, nn
from transformers import Pix2StructVisionConfig, Pix2StructVisionModel

from mova.attention import IN_PARTS
from mova.config import MovaConfig, Pix2StructSection
from mova.vision.views import Views


class PatchEncoder(nn.Module):
    """A Pix2Struct-type encoder of the patches view; its last hidden state."""

    def __init__(self, sizes: Pix2StructSection):
        super().__init__()
        self.model = Pix2StructVisionModel(
            Pix2StructVisionConfig(
                hidden_size=sizes.hidden_size,
                patch_embed_hidden_size=sizes.patch_embed_hidden_size,
                d_ff=sizes.d_ff,
                d_kv=sizes.d_kv,
                num_hidden_layers=sizes.num_hidden_layers,
                num_attention_heads=sizes.num_attention_heads,
                seq_len=sizes.seq_len,
                layer_norm_eps=sizes.layer_norm_eps,
            )
        )
        self.model.set_attn_implementation(IN_PARTS)

    def forward(self, views: Views) -> Tensor:
        """Patches view [B, n, 2 + p] -> [B, n, C] (45x45 tokens at 8B)."""
        # An embedding's type, not a linear layer's: a packed 4-bit weight is uint8.
        patches = views.patches.to(self.model.embeddings.row_embedder.weight.dtype)
        return self.model(patches).last_hidden_state


class Pix2Struct(PatchEncoder):
    """Pix2Struct at the sizes of the section of that name."""

    def __init__(self, config: MovaConfig):
        super().__init__(config.pix2struct)
