"""GQA's own questions (testdev_balanced_questions.json): what was expected, by the question's number."""

from collections.abc import Callable
from typing import Any

from mova.evaluation.records import Record


def is_gqa(value: Any) -> bool:
    """Whether a JSON value is GQA's questions by number."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(
            isinstance(question, dict) and {"answer", "imageId"} <= set(question)
            for question in value.values()
        )
    )


def gqa(value: dict[str, Any]) -> Callable[[Record], dict[str, Any] | None]:
    """Finds a question's answer, and whether GQA's eval.py counts it as binary or open."""

    def find(record: Record) -> dict[str, Any] | None:
        question = value.get(str(record.get("question_id")))
        if question is None:
            return None
        found = {"answer": question["answer"], "kind": "gqa"}
        if isinstance(question.get("types"), dict):
            is_open = question["types"].get("structural") == "query"
            found["tags"] = [*(record.get("tags") or ()), "open" if is_open else "binary"]
        return found

    return find
