"""A checkpoint as files: found in a folder or on the hub, checked, and read weight by weight on demand.

Weights are safetensors (sharded with or without an index) or PyTorch's `.bin` shards, which are read
memory-mapped and as plain tensors only, never as arbitrary pickles.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from mova.checkpoint import gguf_blocks
from mova.checkpoint.damage import (
    UNFINISHED,
    fault,
    is_there,
    read_object,
    refused,
    some,
    unfinished,
    weights_fault,
)
from mova.checkpoint.hub import Origin, fetch_files, find_origin
from mova.errors import CheckpointError
from mova.progress import Report, unheard

MODEL_TYPES = ("mova", "mova_llama")  # our name and the released code's
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(@[\w.-]+)?")
LICENCE_FILES = ("LICENSE*", "LICENCE*", "NOTICE*", "USE_POLICY*")
# What inference needs of a repository; the released one also holds the experts' original weights.
HUB_FILES = ["*.json", "*.jinja", "*.safetensors", "*.bin", "*.txt", *LICENCE_FILES]
# What the tokenizers are made of: little, and read before the weights are fetched.
WORD_FILES = ["*token*.json", "*.jinja", "*.txt"]
MIB = 2**20
HUB_IGNORED = ["experts/*", "optimizer*", "training_args.bin"]
WEIGHT_ENDINGS = (".safetensors", ".bin")
EXPECTED = "a folder with config.json and weights, or a hub id such as owner/name"
AGAIN = f"Name {EXPECTED}"
LONGEST_NAME = 255  # characters of a file's name on any disk


@dataclass(frozen=True)
class Described:
    """A checkpoint as far as its `config.json` tells: the folder, the name people know it by, what it says,
    and the repository and commit that its weights may have to be fetched from."""

    folder: Path
    name: str
    config: dict[str, Any]
    origin: Origin | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class CheckpointFiles(Described):
    """A checkpoint with its weight files, all of them there."""

    weights: tuple[Path, ...]


def find_checkpoint(checkpoint: str | Path, revision: str | None = None, **fetching) -> CheckpointFiles:
    """The files of a folder, or of a hub id (`owner/name`, `owner/name@revision`) after downloading it.

    `fetching` are the hub's own options, such as `token` and `cache_dir`.

    Raises CheckpointError when there is no such checkpoint, or it is not a MoVA one, or not whole;
    DeviceError when the disk has no room for it.
    """
    return fetch_weights(describe_checkpoint(checkpoint, revision, **fetching))


def describe_checkpoint(checkpoint: str | Path, revision: str | None = None, **fetching) -> Described:
    """What `config.json` says; of a hub id nothing else is downloaded. Parameters and errors as above."""
    written = str(checkpoint)
    if not written.strip():
        raise CheckpointError(f"No checkpoint is named. {AGAIN}.")
    folder, name, origin = _home(Path(checkpoint)), None, None
    try:
        here = folder.exists()
        if not here and _is_hub_id(written):
            origin = find_origin(written, revision, **fetching)
            folder, name = origin.folder, origin.name
        is_file, is_folder = folder.is_file(), folder.is_dir()
    except OSError as error:
        raise CheckpointError(
            f"{written:.300} cannot be looked at: the name is too long, or you may not read there. {AGAIN}."
        ) from error
    if is_file:
        raise CheckpointError(
            f"{written} is a file. A checkpoint is a folder with config.json and weights"
            " (*.safetensors or *.bin): name the folder."
        )
    if not is_folder and origin is None:
        raise CheckpointError(
            f"There is no checkpoint at {written}. Expected {EXPECTED}: check the spelling."
        )
    return Described(folder, name or folder.resolve().name, read_config(folder), origin=origin)


def fetch_words(described: Described) -> Path:
    """The folder with the checkpoint's tokenizers, downloaded where they are not here yet: what is missing
    beside the weights can be said before those are fetched. Raises CheckpointError and DeviceError."""
    if described.origin is None:
        return described.folder
    return fetch_files(described.origin, WORD_FILES, HUB_IGNORED, unheard)


def fetch_weights(described: Described, progress: Report | None = None) -> CheckpointFiles:
    """The checkpoint with everything that inference needs, downloaded where it is not here yet.

    `progress` hears of the bytes; without it the hub's library draws its own bars.

    Raises CheckpointError when it is not whole, DeviceError when the disk has no room for it.
    """
    folder, origin = described.folder, described.origin
    if origin is not None:
        folder = fetch_files(origin, HUB_FILES, HUB_IGNORED, progress)
    return CheckpointFiles(folder, described.name, described.config, weight_files(folder), origin=origin)


def read_config(folder: Path) -> dict[str, Any]:
    """`config.json` as a dict, its `model_type` checked."""
    path = folder / "config.json"
    if not is_there(path):
        raise CheckpointError(
            f"{folder} has no config.json. Expected a MoVA checkpoint, which has one: name another folder."
        )
    config = read_object(path)
    found = config.get("model_type")
    if found not in MODEL_TYPES:
        raise CheckpointError(
            f"{path} is of a model of type {found!r:.60}. Expected one of {', '.join(MODEL_TYPES)}:"
            " choose a MoVA checkpoint."
        )
    return config


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The weight files of a folder, safetensors before `.bin`; those an index names must all be there."""
    for index, pattern in (
        ("model.safetensors.index.json", "*.safetensors"),
        ("pytorch_model.bin.index.json", "pytorch_model*.bin"),
    ):
        named = is_there(folder / index)
        files = _indexed(folder / index) if named else sorted(folder.glob(pattern))
        if missing := [file.name for file in files if not is_there(file)]:
            begun = any(unfinished(folder / name) for name in missing)
            raise CheckpointError(
                f"{folder} lacks {some(missing)}, named in {index}"
                f"{', with a broken download in its place' if begun else ''}. Fetch the missing files again."
            )
        for file in files:
            if found := fault(file):
                raise refused(file, *found)
        if files:
            return tuple(files)
    broken = sorted(path.name for path in folder.iterdir() if _is_unfinished_weight(path))
    raise CheckpointError(
        f"{folder} holds no weights{f', only the broken download {some(broken)}' if broken else ''}. Expected"
        " *.safetensors, or pytorch_model*.bin with its index: fetch the checkpoint again."
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

    @property
    def is_float(self) -> bool:
        """Whether the values are floating-point numbers, packed or not."""
        return self.get_dtype().startswith(("F", "BF"))


def open_weights(
    files: tuple[Path, ...], on_read: Callable[[], None] = lambda: None
) -> dict[str, StoredWeight]:
    """Every weight of the files by its plain name; `on_read` is called after each one that is read."""
    weights: dict[str, StoredWeight] = {}
    for file in files:
        for name, stored in _entries(file):
            plain = gguf_blocks.plain_name(name)
            if plain != name and not _is_packed(name, stored):
                raise refused(file, f"holds {name} in blocks of another kind than its name says")
            if plain in weights:
                raise CheckpointError(
                    f"{plain} is in {file.name} and in another file too. Expected every weight once:"
                    f" remove the weight files that do not belong to the checkpoint from {file.parent}."
                )
            weights[plain] = StoredWeight(name, stored, on_read)
    return weights


def require_numbers(weights: dict[str, StoredWeight], name: str) -> None:
    """CheckpointError where weights of a checkpoint that is not quantised are stored as something else than
    floating-point numbers: they would be converted silently, into noise."""
    odd = [
        key for key, weight in weights.items() if key.endswith((".weight", ".bias")) and not weight.is_float
    ]
    if odd:
        raise CheckpointError(
            f"{len(odd)} weights of {name} are not stored as floating-point numbers: {some(odd)}. Fetch the"
            " checkpoint again, or its quantisation's own config.json with it."
        )


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
    except Exception as error:  # each library has its own, and torch.load passes on whatever it meets
        what, remedy = weights_fault(file)
        raise CheckpointError(f"{file} cannot be read as plain weights: it {what}, so {remedy}.") from error
    if not isinstance(tensors, dict) or not all(
        isinstance(name, str) and isinstance(weight, torch.Tensor) and weight.layout == torch.strided
        for name, weight in tensors.items()
    ):
        raise refused(file, "is not a table of names and weights")
    return list(tensors.items())


def _is_packed(name: str, stored: Any) -> bool:
    if isinstance(stored, torch.Tensor):
        return gguf_blocks.is_packed(name, stored.dtype == torch.uint8, tuple(stored.shape))
    return gguf_blocks.is_packed(name, stored.get_dtype() == "U8", tuple(stored.get_shape()))


def _indexed(index: Path) -> list[Path]:
    """The files an index names, all of them beside it."""
    table = read_object(index).get("weight_map")
    if not isinstance(table, dict) or not table:
        raise refused(index, "is not an index of weights: it has no `weight_map`")
    names = list(table.values())
    if strays := [name for name in names if not isinstance(name, str) or not _is_plain(name)]:
        raise refused(
            index, f"names {strays[0]!r:.80}, which is no weight file beside it, or outside its folder"
        )
    return [index.parent / name for name in sorted(set(names))]


def _is_plain(name: str) -> bool:
    """The name of a weight file, without any folder."""
    simple = name.isprintable() and not set(name) & set("/\\") and len(name.encode()) <= LONGEST_NAME
    return simple and name.endswith(WEIGHT_ENDINGS)


def _is_unfinished_weight(path: Path) -> bool:
    return path.suffix in UNFINISHED and Path(path.stem).suffix in WEIGHT_ENDINGS


def _home(path: Path) -> Path:
    """The path with `~` read as a home folder, which a shell does not do everywhere."""
    try:
        return path.expanduser()
    except RuntimeError:  # nobody of that name
        return path


def _is_hub_id(text: str) -> bool:
    """`owner/name`; but where `owner` is a folder here, a mistyped path and not a hub id."""
    return HUB_ID.fullmatch(text) is not None and not Path(text).parent.is_dir()
