"""The LoRAs beside a checkpoint's weights, in peft's format: one folder for each pass that has one.

Source: the paper's first version routes with a LoRA of its own (section 3.2); the one for answering is ours.
"""

import json
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from transformers import PreTrainedModel

from mova.checkpoint.key_map import require_all_keys
from mova.checkpoint.library_logs import captured_load_reports
from mova.errors import CheckpointError

LORAS = {"routing": "routing_lora", "answer": "answer_lora"}  # pass -> folder beside the weights
WEIGHTS, SETTINGS = "adapter_model.safetensors", "adapter_config.json"


def loras_of(model: PreTrainedModel) -> frozenset[str]:
    """The passes ("routing", "answer") that have a LoRA in the model."""
    return frozenset(LORAS) & frozenset(getattr(model, "peft_config", {}))


def load_loras(model: PreTrainedModel, folder: Path) -> frozenset[str]:
    """Load every pass's LoRA that `folder` has into the model, switched off; the passes that have one.

    Raises CheckpointError for a folder that is no LoRA, or not one of this model.
    """
    for name, place in LORAS.items():
        if (folder / place).is_dir():
            _load(model, folder / place, name)
    return loras_of(model)


def save_lora(model: PreTrainedModel, folder: Path, name: str) -> None:
    """Write the LoRA of a pass into its place in `folder`."""
    lora = folder / LORAS[name]
    lora.mkdir(exist_ok=True)
    weights = model.get_adapter_state_dict(name)
    save_file(
        {f"base_model.model.{key}": weight.contiguous() for key, weight in weights.items()},
        lora / WEIGHTS,
        metadata={"format": "pt"},
    )
    settings: Any = model.peft_config[name]  # the library declares less than it is
    # The folder it was loaded from means nothing elsewhere.
    plain = {key: sorted(v) if isinstance(v, set) else v for key, v in settings.to_dict().items()}
    plain["base_model_name_or_path"] = ""
    (lora / SETTINGS).write_text(json.dumps(plain, indent=2, sort_keys=True) + "\n")


def _load(model: PreTrainedModel, lora: Path, name: str) -> None:
    """Load one LoRA, switched off. Every key must find its place."""
    if not (lora / SETTINGS).is_file() or not (lora / WEIGHTS).is_file():
        raise CheckpointError(
            f"{lora} is not a LoRA in peft's format. Expected {SETTINGS}, {WEIGHTS}:"
            " fetch them again, or remove the folder."
        )
    try:
        # The library's own report counts another LoRA's weights as missing; judged by our own count below.
        with captured_load_reports():
            keys = model.load_adapter(str(lora), adapter_name=name)
    except (ValueError, RuntimeError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"{lora} cannot be loaded ({error}). Expected a LoRA for this model."
        ) from error
    missing = {key for key in keys.missing_keys if f".{name}." in key}
    require_all_keys(str(lora), {**keys.to_dict(), "missing_keys": missing})
    with safe_open(lora / WEIGHTS, framework="pt") as file:
        stored = len(file.keys())
    places = sum(f".{name}." in key for key, _ in model.named_parameters())
    if not places or stored != places:
        raise CheckpointError(
            f"{lora} holds {stored} weights and the model has {places} places for them. Expected a LoRA"
            " on linear layers of the language model: train it on this checkpoint."
        )
    model.disable_adapters()
