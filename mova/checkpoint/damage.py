"""What is wrong with a file of a checkpoint, in a few words: found by looking at it, and not in a library's
error.

Each finding ("is empty", "breaks off in its header") goes behind a file's name.
"""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mova.errors import CheckpointError

FETCH = "fetch the file again"
LFS_POINTER = b"version https://git-lfs"
# What programs call a file while they fetch it.
UNFINISHED = (".incomplete", ".part", ".partial", ".crdownload", ".download", ".aria2", ".tmp")
LARGEST_HEADER = 10**8  # bytes; safetensors' own limit
LEGACY_PICKLE = b"\x80"
KINDS = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
JSON_SPACE = " \t\r\n"


def fault(path: Path) -> tuple[str, str] | None:
    """(what is wrong with a file that has to be there, what to do about it); None where nothing is seen."""
    try:
        if path.is_symlink() and not path.exists():
            return "is a link to a file that is not there", FETCH
        if not path.exists():
            return ("is not fetched to its end" if unfinished(path) else "is missing"), FETCH
        if not path.is_file():
            return "is a folder and not a file" if path.is_dir() else "is no ordinary file", FETCH
        with path.open("rb") as stream:
            head = stream.read(1024)
    except PermissionError:
        return "may not be read by you", "change its permissions"
    except (OSError, ValueError):
        return "cannot be read from its disk", "check the disk, or name another copy"
    if not head:
        return "is empty", FETCH
    if head.startswith(LFS_POINTER):
        return "only stands for a file kept by Git LFS", "run `git lfs pull` in its folder"
    if head.lstrip()[:1] == b"<":
        return "is a web page", FETCH
    return None


def is_there(path: Path) -> bool:
    """Whether there is anything of this name, be it a link to nothing."""
    return path.is_symlink() or path.exists()


def unfinished(path: Path) -> bool:
    """Whether a broken download of the file lies in its place."""
    return any(path.with_name(path.name + ending).exists() for ending in UNFINISHED)


def refused(path: Path, what: str, remedy: str = FETCH) -> CheckpointError:
    """The error for a file of which `what` is wrong."""
    return CheckpointError(f"{path} {what}: {remedy}.")


def require(path: Path) -> None:
    """Raises CheckpointError where something is wrong with a file that has to be there."""
    if found := fault(path):
        raise refused(path, *found)


def read_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file; CheckpointError with what is wrong with the file."""
    require(path)
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        value = json.loads(text)
    except UnicodeDecodeError as error:
        raise refused(path, "is not JSON, nor any text") from error
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip(JSON_SPACE)) or error.msg.startswith("Unterminated")
        where = "breaks off in the middle" if cut else f"is not JSON from line {error.lineno} on"
        raise refused(path, where) from error
    except (OSError, ValueError, RecursionError) as error:
        raise refused(path, "is not JSON that can be read") from error
    if not isinstance(value, dict):
        raise refused(path, f"holds {KINDS.get(type(value), 'a number')}, not an object in braces")
    return value


def weights_fault(path: Path) -> tuple[str, str]:
    """`fault` of a weight file that a library has refused; says something in any case."""
    if found := fault(path):
        return found
    try:
        with path.open("rb") as stream:
            head = stream.read(64)
        if len(head) < 64 or all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
            return "is too short for weights" if len(head) < 64 else "is a text and holds no weights", FETCH
        return (
            _safetensors_fault(path) if path.suffix == ".safetensors" else _pickle_fault(path, head)
        ), FETCH
    except OSError:
        return "cannot be read from its disk", "check the disk, or name another copy"


def some(names: Sequence[str], most: int = 3) -> str:
    """A few of many names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _safetensors_fault(path: Path) -> str:
    """Eight bytes with the header's length, the header as JSON, the weights' bytes."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > LARGEST_HEADER:
            return "does not begin as a safetensors file does"
        if length > size - 8:
            return "breaks off in its header"
        try:
            entries = json.loads(stream.read(length))
            end = max(entry["data_offsets"][1] for name, entry in entries.items() if name != "__metadata__")
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
            return "has a damaged header"
    whole = 8 + length + end
    if isinstance(end, int) and whole > size:
        return f"breaks off: of {whole:,} bytes {size:,} are there"
    return "has a header that does not fit what follows it"


def _pickle_fault(path: Path, head: bytes) -> str:
    """PyTorch's `.bin`: a zip archive of a pickled table and the weights' bytes."""
    if head.startswith(b"PK"):
        whole = zipfile.is_zipfile(path)
        return "holds more than plain weights, or is damaged" if whole else "breaks off before its end"
    if head.startswith(LEGACY_PICKLE):
        return "is in the form PyTorch wrote before 1.6, or is damaged"
    return "is not a file of PyTorch's"
