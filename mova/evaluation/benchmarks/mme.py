"""MME's folder: for every category and picture a text file with its questions and yes or no."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mova.evaluation.records import Record, read_text

_INSTRUCTION = "Please answer yes or no."


def answer_files(folder: Path) -> list[Path]:
    """The text files: in `questions_answers_YN` of a category's folder, or beside its pictures."""
    beside = folder.glob("*/*.txt")
    apart = folder.glob("*/questions_answers_YN/*.txt")
    return [file for file in sorted([*beside, *apart]) if "\t" in read_text(file)]


def answers(folder: Path, files: list[Path]) -> Callable[[Record], dict[str, Any] | None]:
    """Finds a question's answer by its category, picture and words, without the instruction.

    Source: LLaVA's convert_answer_to_mme.py, which takes category and file from `question_id`.
    """
    known: dict[tuple[str, str, str], str] = {}
    for file in files:
        category = file.relative_to(folder).parts[0]
        for line in read_text(file).splitlines():
            question, _, answer = line.strip().rpartition("\t")
            if question:
                known[category, file.stem, _words(question)] = answer.strip()

    def find(record: Record) -> dict[str, Any] | None:
        parts = str(record.get("question_id")).split("/")
        key = parts[0], parts[-1].split(".")[0], _words(str(record.get("text")).partition("\n")[0])
        if key not in known:
            return None
        return {"answer": known[key], "kind": "mme", "category": record.get("category") or parts[0]}

    return find


def _words(question: str) -> str:
    return " ".join(question.replace(_INSTRUCTION, "").split())
