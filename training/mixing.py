"""`python -m training.mixing TARGET OTHER`: a share of another sitting's weights into a checkpoint's.

Sittings that began at the same weights agree enough for a mean of them to be better than either: what one
forgot the other still knows, and what chance taught one alone is halved. Which share is right is measured on
the makers' test split.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

SHARE = 0.5


def mixed(weights: dict[str, Tensor], other: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """The weights with a share of the others', each in its own type; those that are alike stay as they are.

    Raises ValueError where the two do not hold the same weights.
    """
    shapes, theirs = ({name: tuple(w.shape) for name, w in one.items()} for one in (weights, other))
    if unlike := sorted(name for name in shapes.keys() | theirs if shapes.get(name) != theirs.get(name)):
        raise ValueError(
            f"The two hold other weights: {unlike[0]} is {shapes.get(unlike[0], 'missing')} in one and"
            f" {theirs.get(unlike[0], 'missing')} in the other. Name two sittings of the same part."
        )
    found = {}
    for name, own in weights.items():
        mean = torch.lerp(own.float(), other[name].float(), share).to(own.dtype)
        found[name] = own if torch.equal(own, other[name]) else mean
    return found


def mix(target: Path, other: Path, share: float, only: str = "*.safetensors") -> list[Path]:
    """Mixes a share of the weights in `other` into those of the same place in `target`, of files that match
    `only` (a glob, folders with it); says which.

    Raises FileNotFoundError where none matches or one lacks its counterpart, ValueError as `mixed` does;
    nothing is written then.
    """
    files = [path for path in sorted(target.rglob(only)) if path.suffix == ".safetensors"]
    if not files:
        raise FileNotFoundError(f"{target} holds no {only}. Name a checkpoint, or other files with --only.")
    found = {}
    for path in files:
        counterpart = other / path.relative_to(target)
        if not counterpart.exists():
            raise FileNotFoundError(f"{counterpart} is missing. Name a checkpoint with the same files.")
        found[path] = mixed(load_file(path), load_file(counterpart), share)
    for path, weights in found.items():
        save_file({name: w.contiguous() for name, w in weights.items()}, path, metadata={"format": "pt"})
        path.chmod(0o644)
    return files


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.mixing", description=__doc__)
    parser.add_argument("target", type=Path, help="checkpoint whose weights are replaced")
    parser.add_argument("other", type=Path, help="checkpoint that a share comes from")
    parser.add_argument("--share", type=float, default=SHARE, help="of the other's weights (default: half)")
    parser.add_argument(
        "--only", default="*.safetensors", help="files, such as 'vision-*' or 'answer_lora/*'"
    )
    options = parser.parse_args(arguments)
    for path in mix(options.target, options.other, options.share, options.only):
        print(path)


if __name__ == "__main__":
    main()
