"""Copies of the tiny checkpoints that tests may change, LoRAs to put beside them, what the models compute."""

import json
import shutil
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from mova.vision.experts.pool import LETTERS
from mova.vision.views import build_views

IDS = torch.arange(12)[None]
RANK = 4
LANGUAGE_MODEL = r"model\.layers\.\d+\.(self_attn|mlp)\.(q_proj|down_proj)"


def save_lora(folder: Path, model, targets: str = LANGUAGE_MODEL, seed: int = 0) -> Path:
    """A LoRA with no zero weights on the projections q and down of every decoder layer of `model`."""
    folder.mkdir()
    config = {"peft_type": "LORA", "r": RANK, "lora_alpha": 2 * RANK, "target_modules": targets}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for number, layer in enumerate(model.model.layers):
        for name, linear in (
            ("self_attn.q_proj", layer.self_attn.q_proj),
            ("mlp.down_proj", layer.mlp.down_proj),
        ):
            prefix = f"base_model.model.model.layers.{number}.{name}"
            for part, shape in (
                ("lora_A", (RANK, linear.in_features)),
                ("lora_B", (linear.out_features, RANK)),
            ):
                weights[f"{prefix}.{part}.weight"] = 0.3 * torch.randn(shape, generator=generator)
    save_file(weights, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    return folder


def copy_checkpoint(source: Path, target: Path, model=None, loras: tuple[str, ...] = ()) -> Path:
    """A copy of a checkpoint that a test may change, with a LoRA for each pass named."""
    shutil.copytree(source, target)
    for seed, name in enumerate(loras, start=1):
        save_lora(target / f"{name}_lora", model, seed=seed)
    return target


def change_weights(folder, change):
    """Rewrite `model.safetensors` after `change(weights)`."""
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def change_config(folder, **fields):
    """Set fields of `config.json`."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def logits(model):
    """The language model's logits of twelve fixed tokens, float32."""
    with torch.inference_mode():
        return model(input_ids=IDS).logits.float()


def features(model, config):
    """Every encoder's features of one picture on the base grid, by letter ("" is CLIP)."""
    pixels = torch.arange(96 * 64 * 3, dtype=torch.uint8).view(64, 96, 3) * 7
    views = build_views(Image.fromarray(pixels.numpy()), config).to(model.device, model.dtype)
    with torch.inference_mode():
        found = {letter: model.encode_expert(letter, views).float() for letter in LETTERS}
        return found | {"": model.encode_base(views).float()}
