"""The views of a picture that the encoders read (spec of the released preprocessing).

Pillow resizes, numpy and torch normalise; everything is float32. Unlike the released code the patches
view always has as many rows and columns as the config says: the original rounds 13 % of square sides
to one row and column less and then lays the map out sheared.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, fields

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from mova.config import MovaConfig
from mova.images import pad_to_square
from mova.vision.experts.pool import BY_LETTER, EXPERTS, Expert
from mova.vision.lines import SIDE

AHEAD = ThreadPoolExecutor(1, "views")  # its thread is started by the first view made ahead
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Views:
    """One picture as the encoders want it.

    `base` [B, 3, s, s] for CLIP and BiomedCLIP, `dino` [B, 3, s, s] for DINOv2 (own mean, own border),
    `high` [B, 3, h, h] for Vary, Co-DETR and SAM, `patches` [B, rows * cols, 2 + p * p * 3] for Pix2Struct
    and DePlot: 1-based row and column, then the values of the patch; `reading` [B, 3, 768, 768] for
    a reader of print or a finder, in models that have one.
    """

    base: torch.Tensor
    dino: torch.Tensor
    high: torch.Tensor
    patches: torch.Tensor
    reading: torch.Tensor = field(default_factory=lambda: torch.empty(1, 0))

    def to(self, device: torch.device | str, dtype: torch.dtype) -> "Views":
        """The same views on another device and in another floating type."""
        return Views(*(getattr(self, part.name).to(device, dtype) for part in fields(Views)))


class LazyViews(Views):
    """The views of one RGB picture on a device and in a floating type, each made when an encoder asks for it:
    a question's experts seldom need them all. One that is `expect`ed is made in a thread, and waited for."""

    _coming: dict[str, Future[torch.Tensor]]

    def __init__(self, image: Image.Image, config: MovaConfig, device: torch.device, dtype: torch.dtype):
        vars(self).update(_source=(image, config, device, dtype), _coming={})

    def expect(self, name: str) -> None:
        """Begins to make a view that will be asked for, beside whatever else is done."""
        if name not in vars(self) and name not in self._coming:
            image, config, *_ = vars(self)["_source"]
            self._coming[name] = AHEAD.submit(BUILDERS[name], image, config)

    def __getattr__(self, name: str) -> torch.Tensor:
        if name not in BUILDERS:
            raise AttributeError(name)
        image, config, device, dtype = vars(self)["_source"]
        coming = self._coming.pop(name, None)
        view = BUILDERS[name](image, config) if coming is None else coming.result()
        made = vars(self)[name] = view.to(device, dtype)
        return made

    @property
    def nbytes(self) -> int:
        """Bytes of the picture and of the views made so far."""
        image = vars(self)["_source"][0]
        return 3 * image.width * image.height + sum(
            view.nbytes for view in vars(self).values() if isinstance(view, torch.Tensor)
        )


def view_of(letter: str, config: MovaConfig) -> str:
    """The view that an expert reads in a model of this configuration."""
    expert = BY_LETTER[letter]
    return "reading" if writes(expert, config) else expert.view


def writes(expert: Expert, config: MovaConfig) -> bool:
    """Whether an expert writes tokens: a reader, or a finder."""
    return bool(config.reads(expert.module) or config.finds(expert.module))


def build_views(image: Image.Image, config: MovaConfig) -> Views:
    """All views of one RGB picture, batch size 1."""
    return Views(**{name: build(image, config) for name, build in BUILDERS.items()})


def _base(image: Image.Image, config: MovaConfig) -> torch.Tensor:
    return resized(_square(image, CLIP_MEAN, config), config.base_side, CLIP_MEAN, CLIP_STD)


def _dino(image: Image.Image, config: MovaConfig) -> torch.Tensor:
    return resized(_square(image, IMAGENET_MEAN, config), config.dino_side, IMAGENET_MEAN, IMAGENET_STD)


def _high(image: Image.Image, config: MovaConfig) -> torch.Tensor:
    return resized(_square(image, CLIP_MEAN, config), config.views.high_side, CLIP_MEAN, CLIP_STD)


def _patches(image: Image.Image, config: MovaConfig) -> torch.Tensor:
    sizes = config.views
    square = _square(image, CLIP_MEAN, config)
    return flattened_patches(square, sizes.patch_rows, sizes.patch_rows, sizes.patch_size)


def _reading(image: Image.Image, config: MovaConfig) -> torch.Tensor:
    if not any(writes(expert, config) for expert in EXPERTS):
        return torch.empty(1, 0)
    return resized(_square(image, CLIP_MEAN, config), SIDE, CLIP_MEAN, CLIP_STD)


BUILDERS = {"base": _base, "dino": _dino, "high": _high, "patches": _patches, "reading": _reading}


def resized(square: Image.Image, side: int, mean: tuple[float, ...], std: tuple[float, ...]) -> torch.Tensor:
    """[1, 3, side, side]: bicubic in 8 bits as the CLIP processor does, then scaled and normalised."""
    pixels = np.asarray(square.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32) / 255
    normalised = (pixels - np.array(mean, np.float32)) / np.array(std, np.float32)
    return torch.from_numpy(normalised).permute(2, 0, 1).unsqueeze(0).contiguous()


def flattened_patches(square: Image.Image, rows: int, cols: int, patch: int) -> torch.Tensor:
    """[1, rows * cols, 2 + patch * patch * 3]: Pix2Struct's patches, row-major, without a header text.

    The picture is normalised by its own mean and deviation, borders included (as that processor does),
    then shrunk or enlarged with antialiasing so that exactly rows x cols patches cover it.
    """
    pixels = np.asarray(square, dtype=np.float32)
    deviation = max(pixels.std(dtype=np.float64), 1 / np.sqrt(pixels.size))
    normalised = ((pixels - pixels.mean(dtype=np.float64)) / deviation).astype(np.float32)
    whole = torch.from_numpy(normalised).permute(2, 0, 1).unsqueeze(0)
    size = (rows * patch, cols * patch)
    whole = F.interpolate(whole, size=size, mode="bilinear", align_corners=False, antialias=True)
    # [1, 3, rows, patch, cols, patch] -> rows, cols, row in patch, column in patch, channel
    cut = whole.reshape(1, 3, rows, patch, cols, patch).permute(0, 2, 4, 3, 5, 1)
    values = cut.reshape(1, rows * cols, patch * patch * 3)
    places = torch.cartesian_prod(torch.arange(1, rows + 1), torch.arange(1, cols + 1))
    return torch.cat([places.float().unsqueeze(0), values], dim=2)


def border_colour(mean: tuple[float, ...]) -> tuple[int, int, int]:
    """The colour of the border: the processor's mean, in 8 bits, cut."""
    red, green, blue = (int(255 * value) for value in mean)
    return red, green, blue


def _square(image: Image.Image, mean: tuple[float, ...], config: MovaConfig) -> Image.Image:
    """Padded to a square, or its centre cut out where the checkpoint was not trained on padded pictures."""
    if config.image_aspect_ratio == "pad":
        return pad_to_square(image, border_colour(mean))
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))
