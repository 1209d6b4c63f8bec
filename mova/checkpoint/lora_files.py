"""The LoRAs beside a checkpoint's weights, in peft's format: one folder for each pass that has one.

Source: the paper's first version routes with a LoRA of its own (section 3.2); the one for answering is ours.
"""

import json
import re
import warnings
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from transformers import PreTrainedModel

from mova.checkpoint.damage import is_there, read_object, refused, require, weights_fault
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
        if is_there(folder / place):
            _load(model, folder / place, name)
    return loras_of(model)


def require_loras(folder: Path) -> None:
    """CheckpointError where a LoRA of `folder` is none, seen before anything is loaded."""
    for place in LORAS.values():
        if is_there(folder / place):
            _require_lora(folder / place)


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
    stored = _require_lora(lora)
    try:
        # The library's own report counts another LoRA's weights as missing; judged by our own count below.
        with captured_load_reports(), warnings.catch_warnings(action="ignore"):
            keys = model.load_adapter(str(lora), adapter_name=name)
    except Exception as error:  # peft raises what it happens to meet
        raise CheckpointError(
            f"{lora} does not go with this model: its rank, its layers or a setting in {SETTINGS} is another"
            "'s. Fetch it again, or remove the folder to do without it."
        ) from error
    missing = {key for key in keys.missing_keys if f".{name}." in key}
    require_all_keys(str(lora), {**keys.to_dict(), "missing_keys": missing})
    places = sum(f".{name}." in key for key, _ in model.named_parameters())
    if not places or stored != places:
        raise CheckpointError(
            f"{lora} holds {stored} weights and the model has {places} places for them. Expected a LoRA"
            " on linear layers of the language model: train it on this checkpoint."
        )
    model.disable_adapters()


def _require_lora(lora: Path) -> int:
    """The number of weights of a folder whose two files are sound; CheckpointError where one is not."""
    if not lora.is_dir() or not is_there(lora / SETTINGS) or not is_there(lora / WEIGHTS):
        raise CheckpointError(
            f"{lora} is not a LoRA in peft's format. Expected {SETTINGS}, {WEIGHTS}:"
            " fetch them again, or remove the folder."
        )
    settings = read_object(lora / SETTINGS)
    for field, fits, expected in FIELDS:
        if not fits(value := settings.get(field)):
            raise refused(lora / SETTINGS, f"has {value!r:.60} for `{field}`, where {expected} is expected")
    require(lora / WEIGHTS)
    try:
        with safe_open(lora / WEIGHTS, framework="pt") as file:
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
    except (SafetensorError, OSError) as error:
        raise refused(lora / WEIGHTS, *weights_fault(lora / WEIGHTS)) from error
    for name, weight in weights.items():
        if not weight.is_floating_point() or not torch.isfinite(weight.float()).all():
            raise refused(lora / WEIGHTS, f"holds values in {name} that are no floating-point numbers")
    return len(weights)


def _is_pattern(value: Any) -> bool:
    """A regular expression of layers' names, or a list of their last parts."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(part, str) for part in value)
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


# What peft needs of a LoRA's settings: (field, what it may be, that in words).
FIELDS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("peft_type", lambda value: value == "LORA", "LORA"),
    ("r", lambda value: type(value) is int and value > 0, "a whole number from 1 on"),
    ("lora_alpha", lambda value: type(value) in (int, float) and isfinite(value), "a number"),
    ("target_modules", _is_pattern, "a pattern or a list of layers' names"),
)
