"""POPE's label files (coco_pope_random.json and the like): questions with `label`, one a line."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mova.evaluation.records import Record, read_text, records

CATEGORIES = ("random", "popular", "adversarial")


def is_label(value: Any) -> bool:
    """Whether a JSON value is a line of one of POPE's files."""
    return isinstance(value, dict) and {"image", "text", "label"} <= set(value)


def label_files(folder: Path) -> list[Path]:
    """POPE's files in a folder, one for a category."""
    return [file for file in sorted(folder.glob("*_pope_*.json")) if _category(file)]


def labels(files: Iterable[Path]) -> Callable[[Record], dict[str, Any] | None]:
    """Finds a question's label by its category, picture and words. Raises EvaluationRefused.

    The category is the file's, from its name; a file of another name labels every category. LLaVA's
    eval_pope.py goes by the order within the category instead, which is the same where the files agree.
    """
    known: dict[tuple[str | None, Any, str], Any] = {}
    for file in files:
        for record in records(file, read_text(file)):
            key = _category(file), record.get("image"), _words(record)
            known[key] = record.get("label")

    def find(record: Record) -> dict[str, Any] | None:
        for category in (record.get("category"), None):
            label = known.get((category, record.get("image"), _words(record)))
            if label is not None:
                return {"answer": label, "kind": "yes_no"}
        return None

    return find


def _category(file: Path) -> str | None:
    name = file.stem.rpartition("_")[2]
    return name if name in CATEGORIES else None


def _words(record: Record) -> str:
    return str(record.get("text")).partition("\n")[0].strip()
