"""`config.json` into a `MovaConfig`, each field checked before a library sees it: what is wrong is named."""

from dataclasses import fields
from math import isqrt
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import torch

from mova.checkpoint.damage import refused
from mova.checkpoint.files import Described
from mova.config import SECTIONS, MovaConfig
from mova.errors import CheckpointError

CORRECT = "correct the field, or fetch the file again"
WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", NoneType: "null"}
# Sizes and counts a file may leave out, and that have to be at least one where it names them.
SIZES = (
    *("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"),
    *("num_key_value_heads", "max_position_embeddings", "head_dim", "mm_hidden_size", "image_feat_size"),
    *("topk_experts", "num_projector_layers", "num_routing_tokens"),
)
MOST_LAYERS = 1000  # a model is outlined layer by layer before its weights are looked at


def build_config(files: Described) -> MovaConfig:
    """The checkpoint's configuration; CheckpointError where a field is not what it should be."""
    _check_fields(files)
    try:
        return MovaConfig.from_dict(dict(files.config))
    except Exception as error:  # the library checks fields with exception types of its own
        raise _refused(files, "holds values that do not go together", "fetch the file again") from error


def _check_fields(files: Described) -> None:
    """Types, signs and the sizes that have to go into one another."""
    config = files.config
    kinds = {field.name: field.type for field in fields(MovaConfig)}
    for name, value in config.items():
        if name in SECTIONS:
            _check_section(files, name, value)
        elif name in kinds:
            _check_kind(files, name, value, kinds[name])
    for name in SIZES:
        _check_size(files, name, config.get(name))
    width, heads = config.get("hidden_size"), config.get("num_attention_heads")
    if width and heads and width % heads:
        raise _refused(
            files, f"has {heads} `num_attention_heads`, which do not divide `hidden_size`, {width}"
        )
    if (tokens := config.get("num_routing_tokens")) and isqrt(tokens) ** 2 != tokens:
        raise _refused(files, f"has {tokens} for `num_routing_tokens`, which has to be a square number")
    if (config.get("image_feat_size") or 0) % 2:
        raise _refused(files, f"has {config['image_feat_size']} for `image_feat_size`, which has to be even")
    for name in ("bos_token_id", "eos_token_id"):
        ids = config.get(name)
        if any(
            one >= config.get("vocab_size", one + 1) for one in (ids if isinstance(ids, list) else [ids or 0])
        ):
            raise _refused(files, f"has {ids!r:.60} for `{name}`, which lies beyond `vocab_size`")
    if not isinstance(config.get("quantization_config") or {}, dict):
        raise _refused(files, "has a `quantization_config` that is no object in braces")
    for name in ("dtype", "torch_dtype"):
        value = config.get(name)
        if isinstance(value, str) and value != "auto" and not _is_dtype(value):
            raise _refused(files, f"has {value!r:.60} for `{name}`, which is no type of PyTorch's")


def _check_section(files: Described, section: str, value: Any) -> None:
    """The sizes of one encoder, the adapter or the views."""
    if value is None:
        return
    if not isinstance(value, dict):
        raise _refused(files, f"has {value!r:.60} for `{section}`, where an object in braces is expected")
    kinds = {field.name: field.type for field in fields(SECTIONS[section])}
    for name, given in value.items():
        where = f"{section}.{name}"
        if name not in kinds:
            raise _refused(files, f"names `{where}`, which there is not")
        _check_kind(files, where, given, kinds[name])
        _check_size(files, where, given)


def _check_kind(files: Described, name: str, value: Any, kind: Any) -> None:
    if not _is_of(value, kind):
        words = ", or ".join(_words(kind))
        raise _refused(files, f"has {value!r:.60} for `{name}`, where {words} is expected")


def _check_size(files: Described, name: str, value: Any) -> None:
    if isinstance(value, int) and not isinstance(value, bool) and value < 1:
        raise _refused(files, f"has {value} for `{name}`, which has to be at least 1")
    if name.endswith("_layers") and isinstance(value, int) and value > MOST_LAYERS:
        raise _refused(files, f"has {value:,} for `{name}`, more than any model has")


def _is_of(value: Any, kind: Any) -> bool:
    """Whether a value out of JSON is of a declared type; kinds that are not plain are for the library."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return any(_is_of(value, one) for one in inner)
    if origin in (list, tuple):
        return isinstance(value, list | tuple) and all(_is_of(item, inner[0]) for item in value)
    if kind in (int, float):
        return isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
    return isinstance(value, kind) if kind in WORDS else True


def _words(kind: Any) -> list[str]:
    if get_origin(kind) in (UnionType, Union):
        return list(dict.fromkeys(word for one in get_args(kind) for word in _words(one)))
    return ["a list of whole numbers" if get_origin(kind) in (list, tuple) else WORDS[kind]]


def _is_dtype(name: str) -> bool:
    return isinstance(getattr(torch, name.removeprefix("torch."), None), torch.dtype)


def _refused(files: Described, what: str, remedy: str = CORRECT) -> CheckpointError:
    return refused(files.folder / "config.json", what, remedy)
