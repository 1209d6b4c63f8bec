"""The trained parts as a checkpoint folder, beside the LLM's own files, which are never rewritten."""

import json
from pathlib import Path

from torch import nn

from mova.config import MovaConfig
from training.language import TARGETS, save_lora
from training.shards import LARGEST_FILE, write_index, write_shards
from training.sizes import tiny_config
from training.text import write_vocabulary


def write_vision(side: nn.Module, config: MovaConfig, target: Path) -> None:
    """The vision side's files and the configuration, in place of those that are there."""
    for old in target.glob("vision-*.safetensors"):
        old.unlink()
    kept = {f"model.{name}": value.detach().contiguous() for name, value in side.state_dict().items()}
    weights = {name: value.bfloat16() if value.is_floating_point() else value for name, value in kept.items()}
    write_shards(weights, target, "vision", LARGEST_FILE)
    write_index(target)
    config.architectures = ["MovaForCausalLM"]
    (target / "config.json").write_text(json.dumps(config.to_dict(), indent=2, sort_keys=True) + "\n")


def assemble(side: nn.Module, run: Path, llm: Path, target: Path) -> None:
    """Writes config, vision side (bfloat16, files under 20 MB), LoRAs and BERT's vocabulary to `target`."""
    target.mkdir(parents=True, exist_ok=True)
    write_vision(side, tiny_config(), target)
    vocabulary = target / "bert_tokenizer" / "vocab.txt"
    vocabulary.parent.mkdir(exist_ok=True)
    vocabulary.write_bytes(write_vocabulary(run).read_bytes())
    for task in TARGETS:
        save_lora(task, run, llm, target)
