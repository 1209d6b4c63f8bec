"""A checkpoint as files: found in a folder or on the hub, checked, and read weight by weight on demand.

Weights are safetensors (sharded with or without an index) or PyTorch's `.bin` shards, which are read
memory-mapped and as plain tensors only, never as arbitrary pickles.
"""

import json
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from mova.checkpoint import gguf_blocks
from mova.errors import CheckpointError

MODEL_TYPES = ("mova", "mova_llama")  # our name and the released code's
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(@[\w.-]+)?")
LICENCE_FILES = ("LICENSE*", "LICENCE*", "NOTICE*", "USE_POLICY*")
# What inference needs of a repository; the released one also holds the experts' original weights.
HUB_FILES = ["*.json", "*.jinja", "*.safetensors", "*.bin", "*.txt", *LICENCE_FILES]
MIB = 2**20
HUB_IGNORED = ["experts/*", "optimizer*", "training_args.bin"]


@dataclass(frozen=True)
class CheckpointFiles:
    """A checkpoint's folder, the name people know it by, its `config.json` and its weight files."""

    folder: Path
    name: str
    config: dict[str, Any]
    weights: tuple[Path, ...]


def find_checkpoint(checkpoint: str | Path, revision: str | None = None, **fetching) -> CheckpointFiles:
    """The files of a folder, or of a hub id (`owner/name`, `owner/name@revision`) after downloading it.

    `fetching` are the hub's own options, such as `token` and `cache_dir`.

    Raises CheckpointError when there is no such checkpoint, or it is not a MoVA one, or not whole.
    """
    folder, name = Path(checkpoint), None
    if not folder.exists() and _is_hub_id(str(checkpoint)):
        folder, name = download(str(checkpoint), revision, **fetching)
    if folder.is_file():
        raise CheckpointError(
            f"{folder} is a file. A checkpoint is a folder with config.json and weights"
            " (*.safetensors or *.bin): name the folder."
        )
    if not folder.is_dir():
        raise CheckpointError(
            f"There is no checkpoint at {folder}. Expected a folder with config.json and weights, or a hub id"
            " such as owner/name: check the spelling."
        )
    return CheckpointFiles(folder, name or folder.resolve().name, read_config(folder), weight_files(folder))


def download(hub_id: str, revision: str | None = None, **fetching) -> tuple[Path, str]:
    """Folder of a hub repository at one revision (kept in the hub's cache), and its name with the commit."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    repository, _, written = hub_id.partition("@")
    try:
        folder = snapshot_download(
            repository, revision=revision or written or None,
            allow_patterns=HUB_FILES, ignore_patterns=HUB_IGNORED, **fetching,
        )  # fmt: skip
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        raise CheckpointError(
            f"There is no folder {hub_id} here, and the hub did not give a repository of that name"
            f" ({_first_line(error)}). Check name, revision and connection, or pass a local folder."
        ) from error
    return Path(folder), f"{repository}@{Path(folder).name[:8]}"


def read_config(folder: Path) -> dict[str, Any]:
    """`config.json` as a dict, its `model_type` checked."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{folder} has no config.json. Expected a MoVA checkpoint, which has one: name another folder."
        ) from error
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{path} cannot be read ({error}). Expected JSON: fetch the file again."
        ) from error
    found = config.get("model_type") if isinstance(config, dict) else None
    if found not in MODEL_TYPES:
        raise CheckpointError(
            f"{path} is of a model of type {found!r}. Expected one of {', '.join(MODEL_TYPES)}:"
            " choose a MoVA checkpoint."
        )
    return config


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The weight files of a folder, safetensors before `.bin`; those an index names must all be there."""
    for index, pattern in (
        ("model.safetensors.index.json", "*.safetensors"),
        ("pytorch_model.bin.index.json", "pytorch_model*.bin"),
    ):
        files = _indexed(folder / index) if (folder / index).is_file() else sorted(folder.glob(pattern))
        if missing := [file.name for file in files if not file.is_file()]:
            raise CheckpointError(
                f"{folder} lacks {', '.join(missing)}, named in {index}. Fetch the missing files again."
            )
        if files:
            return tuple(files)
    raise CheckpointError(
        f"{folder} holds no weights. Expected *.safetensors, or pytorch_model*.bin with its index:"
        " fetch the checkpoint again."
    )


def fingerprint(folder: Path, *others: Path) -> str:
    """SHA-256 over name, size, first and last MiB of a checkpoint's files and of files that go with it.

    Seconds for 23 GB. Texts about the model (`*.md`) and hidden files decide no answer and are left out.
    """
    named = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    named = {
        name: file
        for name, file in named.items()
        if not name.endswith(".md") and not any(part.startswith(".") for part in name.split("/"))
    }
    digest = sha256()
    for name, file in [*sorted(named.items()), *((other.name, other) for other in others)]:
        size = file.stat().st_size
        digest.update(f"{name}\0{size}\0".encode())
        with file.open("rb") as stream:
            digest.update(stream.read(MIB))
            stream.seek(max(0, size - MIB))
            digest.update(stream.read(MIB))
    return digest.hexdigest()


class StoredWeight:
    """One weight in a file, read (and unpacked, where it is packed) when its values are asked for.

    It stands where transformers expects a lazily read safetensors slice: `weight[...]`, `get_dtype()`.
    """

    def __init__(self, name: str, stored: Any, on_read: Callable[[], None]):
        self._name, self._stored, self._on_read = name, stored, on_read

    def __getitem__(self, index: Any) -> torch.Tensor:
        _, values = gguf_blocks.unpack(self._name, self._stored[...])
        self._on_read()
        return values[index]

    def get_dtype(self) -> str:
        """The stored type in safetensors' words, "F32" when packed."""
        if gguf_blocks.plain_name(self._name) != self._name:
            return "F32"
        if isinstance(self._stored, torch.Tensor):
            return "F" if self._stored.is_floating_point() else "I"
        return self._stored.get_dtype()


def open_weights(
    files: tuple[Path, ...], on_read: Callable[[], None] = lambda: None
) -> dict[str, StoredWeight]:
    """Every weight of the files by its plain name; `on_read` is called after each one that is read."""
    weights: dict[str, StoredWeight] = {}
    for file in files:
        for name, stored in _entries(file):
            plain = gguf_blocks.plain_name(name)
            if plain in weights:
                raise CheckpointError(
                    f"{plain} is in {file.name} and in another file too. Expected every weight once:"
                    f" remove the weight files that do not belong to the checkpoint from {file.parent}."
                )
            weights[plain] = StoredWeight(name, stored, on_read)
    return weights


def packed_weights(files: tuple[Path, ...]) -> dict[str, Any]:
    """The weights that are stored in blocks, by their stored names; each is read when `[...]` asks for it."""
    entries = (entry for file in files if file.suffix == ".safetensors" for entry in _entries(file))
    return {name: stored for name, stored in entries if gguf_blocks.plain_name(name) != name}


def _entries(file: Path) -> list[tuple[str, Any]]:
    try:
        if file.suffix == ".safetensors":
            handle = safe_open(file, framework="pt", device="cpu")
            return [(name, handle.get_slice(name)) for name in handle.keys()]  # noqa: SIM118 (no dict)
        tensors = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, OSError, EOFError) as error:
        raise CheckpointError(
            f"{file} cannot be read as plain weights ({_first_line(error)}). The file is damaged or not a"
            " weight file: fetch it again."
        ) from error
    if not isinstance(tensors, dict) or not all(isinstance(t, torch.Tensor) for t in tensors.values()):
        raise CheckpointError(
            f"{file} is not a table of weights. Expected a PyTorch state dict: fetch it again."
        )
    return list(tensors.items())


def _indexed(index: Path) -> list[Path]:
    try:
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{index} is not an index of weights ({error!r}). Fetch the file again."
        ) from error
    if strays := [name for name in names if Path(name).name != name]:
        raise CheckpointError(f"{index} names files outside its folder ({strays[0]}): fetch the file again.")
    return [index.parent / name for name in sorted(names)]


def _is_hub_id(text: str) -> bool:
    """`owner/name`; but where `owner` is a folder here, a mistyped path and not a hub id."""
    return HUB_ID.fullmatch(text) is not None and not Path(text).parent.is_dir()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
