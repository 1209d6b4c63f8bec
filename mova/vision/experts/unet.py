"""A small U-Net: what the small model sees places of a picture with, where print is not all there is."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mova.vision.experts.reader import Wider, convolution

LEVELS = 3  # halvings after the first two


class UNet(nn.Module):
    """Pixels [B, 3, S, S] -> features of places of 4, 8, ... px and what is left of the whole picture.

    `widths` are those at 1/2, 1/4, 1/8, 1/16 and 1/32 of the side; so many of the LEVELS are gone back `up`.
    """

    def __init__(self, widths: tuple[int, ...], up: int = LEVELS):
        super().__init__()
        a, b, c, d, e = widths
        self.stem = nn.Sequential(convolution(3, a, 2), convolution(a, b, 2), Wider(b))
        self.down = nn.ModuleList(
            nn.Sequential(convolution(narrow, wide, 2), *(Wider(wide) for _ in range(depth)))
            for narrow, wide, depth in ((b, c, 2), (c, d, 3), (d, e, 3))
        )
        back = ((d, e), (c, d), (b, c))[:up]
        self.up = nn.ModuleList(nn.Conv2d(wide, narrow, 1) for narrow, wide in back)
        self.joined = nn.ModuleList(nn.Sequential(Wider(narrow), Wider(narrow)) for narrow, _ in back)
        self.whole = nn.Linear(e, e)

    def features(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Of places [B, C, n, n], and of the whole picture [B, E]."""
        features = self.stem(pixels.contiguous(memory_format=torch.channels_last))
        levels = [features]
        for down in self.down:
            levels.append(down(levels[-1]))
        deepest = levels.pop()
        whole = F.gelu(self.whole(deepest.mean((2, 3))))
        features = deepest + whole[:, :, None, None]
        for up, joined in zip(self.up, self.joined, strict=True):
            features = F.interpolate(up(features), scale_factor=2, mode="bilinear", align_corners=False)
            features = joined(features + levels.pop())
        return features, whole
