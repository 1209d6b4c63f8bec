"""Lists of questions with their answers: TextVQA's, DocVQA's and VQAv2's annotation files."""

import re
from collections.abc import Callable
from typing import Any

from mova.evaluation.records import Record

Find = Callable[[Record], dict[str, Any] | None]


def is_textvqa(value: Any) -> bool:
    """Whether a JSON value is TextVQA's (TextVQA_0.5.1_val.json): `data` with image_id, question, answers."""
    return _list_of(value, "data", "image_id", "question", "answers")


def textvqa(value: dict[str, Any]) -> Find:
    """Finds ten people's answers by the picture and the question, as LLaVA's eval_textvqa.py does."""
    answers = {(str(one["image_id"]), str(one["question"]).lower()): one["answers"] for one in value["data"]}

    def find(record: Record) -> dict[str, Any] | None:
        key = str(record.get("question_id")), asked_in(str(record.get("text"))).lower()
        return {"answers": answers[key], "kind": "textvqa"} if key in answers else None

    return find


def asked_in(prompt: str) -> str:
    """The question of a TextVQA prompt, without OCR tokens and instruction.

    Source: LLaVA's llava/eval/eval_textvqa.py, `prompt_processor`.
    """
    if prompt.startswith("OCR tokens: "):
        found = re.search("Question: (.*?) Short answer:", prompt, re.DOTALL)
        return found[1] if found else prompt
    lines = prompt.split("\n")
    tokens_first = prompt.startswith("Reference OCR token:") and len(lines) == 3
    return lines[1] if tokens_first else lines[0]


def is_docvqa(value: Any) -> bool:
    """Whether a JSON value is DocVQA's or InfographicVQA's: `data` with questionId and answers."""
    return _list_of(value, "data", "questionId", "answers")


def docvqa(value: dict[str, Any]) -> Find:
    """Finds a question's right answers by its number."""
    return _by_number({str(one["questionId"]): one["answers"] for one in value["data"]}, "anls")


def is_vqav2(value: Any) -> bool:
    """Whether a JSON value is VQAv2's (v2_mscoco_val2014_annotations.json)."""
    return _list_of(value, "annotations", "question_id", "answers")


def vqav2(value: dict[str, Any]) -> Find:
    """Finds ten people's answers by the question's number."""
    return _by_number({str(one["question_id"]): one["answers"] for one in value["annotations"]}, "vqa")


def _by_number(answers: dict[str, Any], kind: str) -> Find:
    def find(record: Record) -> dict[str, Any] | None:
        number = str(record.get("question_id"))
        return {"answers": answers[number], "kind": kind} if number in answers else None

    return find


def _list_of(value: Any, name: str, *fields: str) -> bool:
    """Whether `value[name]` is a list of objects with all of these fields."""
    entries = value.get(name) if isinstance(value, dict) else None
    return (
        isinstance(entries, list)
        and bool(entries)
        and all(isinstance(entry, dict) and set(fields) <= set(entry) for entry in entries)
    )
