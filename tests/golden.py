"""Reader of the recorded numbers in `goldens/` (README there): weights by recipe, tensors, comparison.

`MOVA_GOLDENS` names another folder of the same form; every size, case, phase and weight is read from it.
"""

import json
import os
import zlib
from dataclasses import dataclass, fields
from functools import cache
from math import prod
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import BertTokenizer, PreTrainedModel
from transformers.conversion_mapping import register_checkpoint_conversion_mapping
from transformers.core_model_loading import WeightRenaming

from mova.checkpoint import key_map
from mova.checkpoint.text_vocabulary import load_text_tokenizer
from mova.config import SECTIONS, MovaConfig
from mova.vision.views import Views

GOLDENS = Path(os.environ.get("MOVA_GOLDENS") or Path(__file__).parent / "goldens")

RELATIVE_NORM_LIMIT = 1e-4
LOWVAR_LIMIT = 3e-4


@dataclass(frozen=True)
class Golden:
    """One fixture: `info` is its JSON, `tensors` its recorded tensors."""

    name: str
    info: dict
    tensors: dict[str, Tensor]

    @property
    def config(self) -> dict:
        """The published names and values of every size."""
        return self.info["config"]

    def __getitem__(self, name: str) -> Tensor:
        return self.tensors[name]

    def weights(self, recipe: str = "recipe") -> dict[str, Tensor]:
        """Every parameter under its published name, rebuilt by the named recipe."""
        phase = self.info["phase"]
        return {
            name: by_recipe(name, row["shape"], phase, row["a"], row["b"])
            for name, row in self.info[recipe].items()
        }

    def names(self, start: str) -> list[str]:
        """Recorded tensors whose name begins so."""
        return [name for name in self.tensors if name.startswith(start)]


@cache
def golden(name: str) -> Golden:
    """The fixture of that name."""
    file = GOLDENS / f"{name}.safetensors"
    info = json.loads((GOLDENS / f"{name}.json").read_text())
    return Golden(name, info, load_file(file) if file.exists() else {})


def by_recipe(name: str, shape: list[int], phase: int, a: float, b: float) -> Tensor:
    """A float32 tensor that is a fixed function of its name and flat index: b + a * v, v in [-1, 1)."""
    seed = (zlib.crc32(name.encode()) + phase * 2654435769) % 2**32
    x = np.arange(prod(shape), dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(2246822507)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(3266489909)
    x = x ^ (x >> np.uint32(16))
    v = (x >> np.uint32(8)).astype(np.float32) / np.float32(2**23) - np.float32(1)
    return torch.from_numpy(np.float32(b) + np.float32(a) * v).reshape(shape)


def assert_close(actual: Tensor, expected: Tensor, limit: float = RELATIVE_NORM_LIMIT) -> None:
    """Norm of the difference over norm of the reference is within `limit`."""
    assert actual.shape == expected.shape, f"shape {tuple(actual.shape)}, recorded {tuple(expected.shape)}"
    difference = (actual.double() - expected.double()).norm() / expected.double().norm()
    assert difference <= limit, f"relative difference {difference:.2e}, limit {limit:.0e}"


def assert_close_lowvar(actual: Tensor, expected: Tensor) -> None:
    """Largest difference over largest reference, for outputs of tiny activations (a wrong epsilon shows)."""
    assert actual.shape == expected.shape, f"shape {tuple(actual.shape)}, recorded {tuple(expected.shape)}"
    difference = (actual - expected).abs().max() / expected.abs().max()
    assert difference < LOWVAR_LIMIT, (
        f"largest relative difference {difference:.2e}, limit {LOWVAR_LIMIT:.0e}"
    )


# Published names of sizes against ours, where they differ.
_SIZES = {
    "embed_dim": "hidden_size",
    "depth": "num_hidden_layers",
    "num_heads": "num_attention_heads",
    "out_chans": "output_channels",
    "img_size": "image_size",
    "pt_hw_seq_len": "rotary_side",
}


def section(kind: str, published: dict) -> dict:
    """One section of `MovaConfig` from the sizes as a fixture gives them; sizes we derive are left out."""
    sizes = {_SIZES.get(name, name): value for name, value in published.items()}
    if kind == "codetr":
        patch = sizes.setdefault("patch_size", 16)
        sizes["position_side"] = sizes["pretrain_img_size"] // patch
        sizes["image_size"] = sizes.get("input_side", sizes["image_size"])
        windowed = sizes["window_block_indexes"]
        sizes["global_attn_indexes"] = [i for i in range(sizes["num_hidden_layers"]) if i not in windowed]
    known = {field.name for field in fields(SECTIONS[kind])}
    return {name: value for name, value in sizes.items() if name in known}


def tower_config(published: dict, **flat) -> MovaConfig:
    """The configuration of a fixture's eight encoders; `flat` are further fields."""
    sections = {kind: section(kind, published[kind]) for kind in SECTIONS if kind in published}
    return MovaConfig(
        image_feat_size=published["image_feat_size"],
        expert_channels=published["expert_channels"],
        mm_hidden_size=published["clip"]["hidden_size"],
        views={"high_side": published["sam"]["img_size"]},
        **sections,
        **flat,
    )


def views(**given: Tensor) -> Views:
    """Views of which only the given ones exist."""
    names = (field.name for field in fields(Views))
    return Views(**{name: given.get(name, torch.empty(0)) for name in names})


def text_tokenizer(config: MovaConfig) -> BertTokenizer:
    """The fixtures' toy WordPiece vocabulary, read the way a checkpoint's is."""
    with TemporaryDirectory() as folder:
        own = Path(folder) / "bert_tokenizer"
        own.mkdir()
        copyfile(GOLDENS / "bert_vocab.txt", own / "vocab.txt")
        return load_text_tokenizer(Path(folder), config)


def load_vision(build, config: MovaConfig, published: dict[str, Tensor]) -> nn.Module:
    """What `build(config)` makes in place of the vision tower, holding weights under published full names.

    The weights go the way of a checkpoint: transformers' loading with our key map.
    """

    class PublishedVision(PreTrainedModel):
        config_class = MovaConfig
        base_model_prefix = "model"
        _keys_to_ignore_on_load_unexpected = key_map.DROPPED

        def __init__(self, config: MovaConfig):
            super().__init__(config)
            self.model = nn.Module()
            self.model.vision_tower = build(config)
            self.post_init()

    renames = [WeightRenaming(theirs, ours) for theirs, ours in key_map.VISION_RENAMES]
    register_checkpoint_conversion_mapping("PublishedVision", renames, overwrite=True)
    whole, report = PublishedVision.from_pretrained(
        None, config=config, state_dict=published, output_loading_info=True
    )
    problems = {name: keys for name, keys in report.items() if keys}
    assert not problems, problems
    return whole.model.vision_tower.eval()


def load_encoder(
    kind: type[nn.Module], module: str, tower: int, config: MovaConfig, weights: dict
) -> nn.Module:
    """One encoder alone, from weights under its own published names."""

    def build(config: MovaConfig) -> nn.Module:
        return nn.ModuleDict({module: kind(config)})

    prefix = f"model.vision_tower.vision_tower_{tower}."
    return load_vision(build, config, {prefix + name: value for name, value in weights.items()})[module]
