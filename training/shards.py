"""Weights as numbered safetensors files of bounded size."""

import json
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

LARGEST_FILE = 19_000_000  # bytes of weights; the repository takes trained files below 20 MB


def split(weights: dict[str, Tensor], limit: int) -> list[dict[str, Tensor]]:
    """The weights in order, cut into groups of at most `limit` bytes (a larger weight stands alone)."""
    groups, size = [{}], 0
    for name, tensor in weights.items():
        if size and size + tensor.nbytes > limit:
            groups.append({})
            size = 0
        groups[-1][name] = tensor
        size += tensor.nbytes
    return groups


def write_shards(weights: dict[str, Tensor], folder: Path, stem: str, limit: int) -> list[Path]:
    """Writes `<stem>-00001-of-0000n.safetensors` and so on; returns the files."""
    groups, files = split(weights, limit), []
    for number, group in enumerate(groups, start=1):
        files.append(folder / f"{stem}-{number:05d}-of-{len(groups):05d}.safetensors")
        save_file(group, files[-1], metadata={"format": "pt"})
        files[-1].chmod(0o644)  # safetensors writes files only their owner can read
    return files


def write_index(folder: Path) -> Path:
    """Writes `model.safetensors.index.json`: which of the folder's files holds each weight."""
    places, size = {}, 0
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
        places |= dict.fromkeys(names, path.name)
        size += path.stat().st_size
    index = folder / "model.safetensors.index.json"
    told = {"metadata": {"total_size": size}, "weight_map": dict(sorted(places.items()))}
    index.write_text(json.dumps(told, indent=1) + "\n")
    return index


def replace_weights(folder: Path, weights: dict[str, Tensor]) -> None:
    """Replaces these weights of a checkpoint's vision where they lie, in the type that they have there.

    Raises ValueError where the checkpoint lacks one; nothing is written then.
    """
    files = {path: load_file(path) for path in sorted(folder.glob("vision-*.safetensors"))}
    if missing := sorted(weights.keys() - {name for held in files.values() for name in held}):
        raise ValueError(
            f"{folder} has {len(weights) - len(missing)} of the {len(weights)} weights to be replaced;"
            f" {missing[0]} is missing. Name a copy of the small model."
        )
    for path, held in files.items():
        if own := {
            name: weights[name].to(w.dtype).contiguous() for name, w in held.items() if name in weights
        }:
            save_file(held | own, path, metadata={"format": "pt"})
            path.chmod(0o644)
