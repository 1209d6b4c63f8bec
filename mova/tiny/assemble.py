"""The trained parts as a checkpoint folder, beside the LLM's own files, which are never rewritten."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from mova.tiny.language import TARGETS, save_lora
from mova.tiny.sizes import tiny_config
from mova.tiny.text import write_vocabulary

LARGEST_FILE = 14_000_000  # bytes


def assemble(side: nn.Module, run: Path, llm: Path, target: Path) -> None:
    """Writes config, vision side (bfloat16, files under 15 MB), LoRAs and BERT's vocabulary to `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("vision-*.safetensors"):
        old.unlink()
    weights = {
        f"model.{name}": value.detach().bfloat16().contiguous() for name, value in side.state_dict().items()
    }
    parts = split(weights)
    for number, part in enumerate(parts, start=1):
        save_file(part, target / f"vision-{number:05d}-of-{len(parts):05d}.safetensors", {"format": "pt"})
    config = tiny_config()
    config.architectures = ["MovaForCausalLM"]
    (target / "config.json").write_text(json.dumps(config.to_dict(), indent=2, sort_keys=True) + "\n")
    vocabulary = target / "bert_tokenizer" / "vocab.txt"
    vocabulary.parent.mkdir(exist_ok=True)
    vocabulary.write_bytes(write_vocabulary(run).read_bytes())
    for task in TARGETS:
        save_lora(task, run, llm, target)


def split(weights: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """The weights in order, cut into files of at most LARGEST_FILE bytes."""
    parts, size = [{}], 0
    for name, tensor in weights.items():
        if size and size + tensor.nbytes > LARGEST_FILE:
            parts.append({})
            size = 0
        parts[-1][name] = tensor
        size += tensor.nbytes
    return parts


def load_side(side: nn.Module, run: Path) -> nn.Module:
    """Puts the weights that stage 1 ended with in place."""
    side.load_state_dict(
        torch.load(run / "align.pt", weights_only=True, map_location="cpu")["weights"], strict=False
    )
    return side.eval().requires_grad_(False)
