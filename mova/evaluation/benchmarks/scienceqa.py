"""ScienceQA: LLaVA's question file, a list of conversations, and ScienceQA's own problems.json."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mova.evaluation.benchmarks.mmbench import LETTER_PROMPT
from mova.evaluation.records import Record
from mova.evaluation.rules.choice import named_letter, options_in

LETTERS = "ABCDE"  # LLaVA's llava/eval/eval_science_qa.py, `--options`


def is_conversation(record: Record) -> bool:
    """Whether a record is a conversation as LLaVA trains on them."""
    return isinstance(record.get("conversations"), list)


def from_conversation(record: Record) -> Record:
    """The conversation's first question and its answer under the names of LLaVA's question files.

    A question with lettered options is asked for the letter, as LLaVA's llava/eval/model_vqa_science.py
    does with `--single-pred-prompt`. Raises EvaluationRefused.
    """
    said = [turn.get("value") for turn in record.get("conversations") if isinstance(turn, dict)]
    if not said or not isinstance(said[0], str):
        turn = '{"from": "human", "value": "..."}'
        record.refuse("`conversations` begins with no question", f"turns such as {turn}")
    text = said[0].replace("<image>", "").strip()
    answer = said[1] if len(said) > 1 and isinstance(said[1], str) else None
    letter = None if answer is None else named_letter(answer)
    if letter or options_in(text):
        text = text if text.endswith(LETTER_PROMPT) else f"{text}\n{LETTER_PROMPT}"
    own = {name: value for name, value in record.fields.items() if name != "conversations"}
    fields = {"question_id": record.get("id"), "text": text} | own
    if (letter or answer) and not {"answer", "answers"} & set(own):
        fields["answer"] = letter or answer
    return replace(record, fields=fields, form="choice" if letter else record.form)


def is_problems(value: Any) -> bool:
    """Whether a JSON value is ScienceQA's problems by number."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(problem, dict) and "choices" in problem for problem in value.values())
    )


def problems(value: dict[str, Any]) -> Callable[[Record], dict[str, Any] | None]:
    """Finds the letter of a question's right choice by its number."""

    def find(record: Record) -> dict[str, Any] | None:
        place = value.get(str(record.get("question_id")), {}).get("answer")
        known = isinstance(place, int) and 0 <= place < len(LETTERS)
        return {"answer": LETTERS[place], "kind": "choice"} if known else None

    return find
