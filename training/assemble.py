"""The trained parts as a checkpoint folder, beside the LLM's own files, which are never rewritten."""

import json
from pathlib import Path

from torch import nn

from training.language import TARGETS, save_lora
from training.shards import LARGEST_FILE, write_index, write_shards
from training.sizes import tiny_config
from training.text import write_vocabulary


def assemble(side: nn.Module, run: Path, llm: Path, target: Path) -> None:
    """Writes config, vision side (bfloat16, files under 20 MB), LoRAs and BERT's vocabulary to `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("vision-*.safetensors"):
        old.unlink()
    weights = {
        f"model.{name}": value.detach().bfloat16().contiguous() for name, value in side.state_dict().items()
    }
    write_shards(weights, target, "vision", LARGEST_FILE)
    write_index(target)
    config = tiny_config()
    config.architectures = ["MovaForCausalLM"]
    (target / "config.json").write_text(json.dumps(config.to_dict(), indent=2, sort_keys=True) + "\n")
    vocabulary = target / "bert_tokenizer" / "vocab.txt"
    vocabulary.parent.mkdir(exist_ok=True)
    vocabulary.write_bytes(write_vocabulary(run).read_bytes())
    for task in TARGETS:
        save_lora(task, run, llm, target)
