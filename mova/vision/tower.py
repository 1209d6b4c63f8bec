"""The vision tower: CLIP and the pool of seven experts, each run only when asked for."""

from collections.abc import Iterable

from torch import Tensor, nn

from mova.config import MovaConfig
from mova.vision.experts.biomedclip import BiomedClip
from mova.vision.experts.chart import ChartExpert
from mova.vision.experts.clip import Clip
from mova.vision.experts.codetr import CoDetr
from mova.vision.experts.deplot import Deplot
from mova.vision.experts.dinov2 import Dinov2
from mova.vision.experts.finder import ShapeFinder, ThingFinder
from mova.vision.experts.pix2struct import Pix2Struct
from mova.vision.experts.pool import BY_LETTER, EXPERTS, LETTERS
from mova.vision.experts.reader import ReadingExpert
from mova.vision.experts.sam import Sam
from mova.vision.experts.vary import Vary
from mova.vision.grid import resize_tokens
from mova.vision.views import Views

ENCODERS = {
    "dinov2": Dinov2,
    "vary": Vary,
    "codetr": CoDetr,
    "pix2struct": Pix2Struct,
    "deplot": Deplot,
    "biomedclip": BiomedClip,
    "sam": Sam,
}
FINDERS = {"codetr": ThingFinder, "sam": ShapeFinder}


def build_expert(config: MovaConfig, letter: str) -> nn.Module:
    """An expert's encoder: the published one, or a reader or finder where the configuration says so."""
    module = BY_LETTER[letter].module
    if sides := config.reads(module):
        width, sight = config.expert_channels[LETTERS.index(letter)], config.sees(module)
        return ChartExpert(config, width, sides, sight) if sight else ReadingExpert(config, width, sides)
    if words := config.finds(module):
        return FINDERS[module](config, config.expert_channels[LETTERS.index(letter)], words)
    return ENCODERS[module](config)


class VisionTower(nn.Module):
    """Children are `clip` and the experts by the pool's `module` names. Nothing is kept between calls."""

    def __init__(self, config: MovaConfig):
        super().__init__()
        self.side = config.image_feat_size
        self.clip = Clip(config)
        for expert in EXPERTS:
            self.add_module(expert.module, build_expert(config, expert.letter))

    def encode_base(self, views: Views) -> Tensor:
        """CLIP's features, [B, L, C]: the base grid."""
        return self.clip(views)

    def expert(self, letter: str) -> nn.Module:
        """One expert's encoder."""
        return self.get_submodule(BY_LETTER[letter].module)

    def encode_expert(self, letter: str, views: Views) -> Tensor:
        """One expert's features on its own square grid, [B, n, C_e]."""
        return self.expert(letter)(views)

    def to_base_grid(self, tokens: Tensor) -> Tensor:
        """Features [B, n, C_e] of any square grid on the base grid, [B, L, C_e]."""
        return resize_tokens(tokens, self.side)

    def features(self, views: Views, letters: Iterable[str]) -> dict[str, Tensor]:
        """The named experts' features on the base grid, {letter: [B, L, C_e]}; the others are not run."""
        return {letter: self.to_base_grid(self.encode_expert(letter, views)) for letter in letters}
