"""Expert B, Vary: dense documents. SAM ViT-B and one stride-2 convolution."""

from torch import Tensor, nn

from mova.config import MovaConfig
from mova.vision.experts.sam import build_sam_encoder, encode_high
from mova.vision.grid import to_tokens
from mova.vision.views import Views


class Vary(nn.Module):
    """SAM's neck output halved in each direction and widened (`net_2` in the released checkpoint)."""

    def __init__(self, config: MovaConfig):
        super().__init__()
        sizes = config.vary
        self.model = build_sam_encoder(sizes, config.views.high_side)
        self.tail = nn.Conv2d(sizes.output_channels, sizes.tail_channels, 3, stride=2, padding=1, bias=False)

    def forward(self, views: Views) -> Tensor:
        """High view [B, 3, s, s] -> [B, n, C] (32x32 tokens at 8B)."""
        return to_tokens(self.tail(encode_high(self.model, views)))
