"""Start values of the encoders: what a small encoder would otherwise spend its first hour on.

Patches begin as a whitened cosine transform (contrast and strokes stand out, paper colour does not),
positions as sinusoids, attention as a look at the neighbourhood with values passed through. On drawn
documents this leaves the plateau after 600 pictures; the libraries' own start values had not after 1400.
"""

import math

import torch
from torch import Tensor, nn
from transformers.models.sam.modeling_sam import SamVisionAttention

LUMINANCE = (0.4, 0.4, 0.2)
OPPONENTS = ((1.0, -1.0, 0.0), (0.5, 0.5, -1.0), (1.0, 1.0, 1.0))
COLOUR_FILTERS = 12
PASS_VALUES, PASS_OUTPUT = 0.7, 0.5
CONTENT = 0.04
SHARP_ROWS, SHARP_COLUMNS = 0.5, 0.12  # score lost per squared patch of distance: lines are read along rows


def start_encoder(encoder: nn.Module) -> None:
    """Sets the start values of any of the eight encoders in place."""
    with torch.no_grad():
        for name, parameter in encoder.named_parameters():
            if name.endswith("patch_projection.weight"):
                patch = math.isqrt(parameter.shape[1] // 3)
                filters = cosine_filters((parameter.shape[0], 3, patch, patch))
                parameter.copy_(filters.permute(0, 2, 3, 1).flatten(1))
            elif name.endswith(("patch_embedding.weight", "projection.weight", "patch_embed.proj.weight")):
                parameter.copy_(cosine_filters(parameter.shape))
            elif "pos" in name and "rel_pos" not in name and parameter.ndim > 1:
                _positions(parameter)
            elif name.endswith(("row_embedder.weight", "column_embedder.weight")):
                half = parameter.shape[1] // 2
                waves = sinusoids(parameter.shape[0], half, scale=1.0)
                parameter.zero_()
                parameter[:, :half] = waves if "row" in name else 0
                parameter[:, half:] = 0 if "row" in name else waves
        for name, module in encoder.named_modules():
            # SAM's own range of 1e-10 means "to be loaded"; the others' 0.02 is small for widths like these.
            if isinstance(module, nn.Linear) and "mlp" in name:
                nn.init.xavier_normal_(module.weight)
            elif isinstance(module, nn.Conv2d) and ("neck" in name or "tail" in name):
                nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
            _attention(module)


def cosine_filters(shape: tuple[int, ...]) -> Tensor:
    """[width, 3, P, P]: low frequencies of the luminance, higher ones amplified, and a few of colour."""
    width, _, side, _ = shape
    angles = (torch.arange(side) + 0.5) * math.pi / side
    waves = torch.stack([torch.cos(k * angles) / (side / 2) ** 0.5 for k in range(side)])
    pairs = sorted((i * i + j * j, i, j) for i in range(side) for j in range(side) if i + j > 0)
    filters = torch.zeros(shape)
    for n, (square, i, j) in enumerate(pairs[: width - COLOUR_FILTERS]):
        strength = 0.25 + 0.12 * square**0.5
        filters[n] = torch.tensor(LUMINANCE)[:, None, None] * torch.outer(waves[i], waves[j]) * strength
    for n in range(COLOUR_FILTERS):
        colour = torch.tensor(OPPONENTS[n % 3])[:, None, None]
        i, j = divmod(n // 3, 2)
        filters[width - COLOUR_FILTERS + n] = colour * torch.outer(waves[i], waves[j]) * 0.1
    return filters


def sinusoids(length: int, width: int, scale: float = 0.5) -> Tensor:
    """[length, width] sines and cosines, periods from 6 to 600 positions."""
    speeds = torch.exp(-math.log(100.0) * torch.arange(width // 2) / (width // 2))
    angles = torch.arange(length)[:, None] * speeds
    return torch.cat([angles.sin(), angles.cos()], dim=1) * scale


def _positions(table: Tensor) -> None:
    """A learned table over a square grid ([n, C], [1, n, C] or [1, h, w, C]), class position or not."""
    width = table.shape[-1]
    flat = table.view(-1, width)
    side = math.isqrt(len(flat))
    waves = sinusoids(side, width // 2)
    grid = torch.cat([waves[:, None].expand(side, side, -1), waves[None].expand(side, side, -1)], dim=-1)
    flat[len(flat) - side * side :] = grid.reshape(side * side, width)


def _attention(module: nn.Module) -> None:
    if isinstance(module, SamVisionAttention):
        _start_sam(module)
        return
    names = dict(module.named_children())
    if "qkv" in names:
        width = module.qkv.weight.shape[1]
        query, key, value = (module.qkv.weight[k * width : (k + 1) * width] for k in range(3))
        output, unscaled = module.proj.weight, False
    elif {"q_proj", "k_proj"} <= names.keys():
        query, key, value = (names[n].weight for n in ("q_proj", "k_proj", "v_proj"))
        output = next(names[n] for n in ("out_proj", "o_proj", "proj") if n in names).weight
        unscaled = False
    elif {"query", "key", "output"} <= names.keys():
        query, key, value, output = (names[n].weight for n in ("query", "key", "value", "output"))
        unscaled = True
    else:
        return
    _look_nearby(query, key, unscaled)
    _pass_through(value, PASS_VALUES)
    _pass_through(output, PASS_OUTPUT)


def _look_nearby(query: Tensor, key: Tensor, unscaled: bool, gain: float = 1.5) -> None:
    """Equal queries and keys: a token scores those with the same position (and content) highest."""
    nn.init.orthogonal_(query, gain / 8**0.5 if unscaled else gain)
    key.copy_(query)


def _pass_through(weight: Tensor, share: float) -> None:
    weight.normal_(0, 0.02).add_(torch.eye(*weight.shape) * share)


def _start_sam(attention: SamVisionAttention) -> None:
    """Locality from the relative positions: a constant query reads a table that falls with distance."""
    width = attention.proj.weight.shape[0]
    head = attention.rel_pos_h.shape[1]
    attention.qkv.weight.normal_(0, CONTENT)
    attention.qkv.bias.zero_()
    attention.qkv.bias[:width:head] = 1.0
    for table, sharpness in ((attention.rel_pos_h, SHARP_ROWS), (attention.rel_pos_w, SHARP_COLUMNS)):
        distance = torch.arange(len(table)) - len(table) // 2
        table.normal_(0, 0.02)
        table[:, 0] = -sharpness * distance.float() ** 2
    _pass_through(attention.qkv.weight[2 * width :], PASS_VALUES)
    _pass_through(attention.proj.weight, PASS_OUTPUT)
    attention.proj.bias.zero_()
