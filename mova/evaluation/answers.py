"""A folder of answers: which run made them, one JSON object a line, read again when the run goes on.

    run.json                        what made every answer of the folder
    answers-<experts>.jsonl         a whole run's answers
    answers-<experts>-1-of-4.jsonl  one shard's

The lines have the names of LLaVA's answer files, so its scripts can read them too.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from mova.errors import EvaluationRefused

_ELSE = "Choose another --answers folder, or delete this one"


@dataclass(frozen=True)
class Run:
    """What decides an answer beside its question: `checkpoint` and `questions` are digests of files."""

    model: str
    precision: str
    checkpoint: str
    questions: str
    max_new_tokens: int


@dataclass(frozen=True)
class Answer:
    """One answered question, or one that was refused with the sentence `error`.

    `seconds` is the whole answer's time, `first_word` the time to its first piece, None where it has none.
    """

    question_id: int | str
    prompt: str
    text: str
    model_id: str
    experts: tuple[str, ...] = ()
    seconds: float | None = None
    first_word: float | None = None
    error: str | None = None

    def to_line(self) -> str:
        """The answer as a line of JSON; `error` only where there is one."""
        values = asdict(self)
        if self.error is None:
            del values["error"]
        return json.dumps(values) + "\n"


def check_run(folder: Path, run: Run) -> None:
    """Raises EvaluationRefused when the folder's answers were made by another run."""
    file = folder / "run.json"
    if not file.is_file():
        if folder.exists() and (not folder.is_dir() or list(folder.glob("answers-*.jsonl"))):
            raise EvaluationRefused(f"{folder} holds no run.json that says what made its answers. {_ELSE}.")
        return
    try:
        before = Run(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise EvaluationRefused(f"{file} cannot be read ({error}). {_ELSE}.") from error
    old, new = asdict(before), asdict(run)
    if differing := [_difference(name, old[name], new[name]) for name in old if old[name] != new[name]]:
        raise EvaluationRefused(
            f"The answers in {folder} are of another run: {'; '.join(differing)}. {_ELSE}."
        )


def _difference(name: str, before: Any, now: Any) -> str:
    match name:
        case "checkpoint":
            return "the checkpoint's files were others"
        case "questions":
            return "the questions file had other contents"
    return f"{name.replace('_', ' ')} was {before} and is {now}"


def write_run(folder: Path, run: Run) -> None:
    """Makes the folder and its run.json, if they are not there. Raises EvaluationRefused where it cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "run.json").exists():
            whole = folder / f"run.json.{os.getpid()}"  # another shard may start at the same time
            whole.write_text(json.dumps(asdict(run), indent=2) + "\n", encoding="utf-8")
            whole.replace(folder / "run.json")
    except OSError as error:
        raise EvaluationRefused(
            f"{folder} cannot be written to ({error.strerror}). Choose another --answers folder."
        ) from error
    check_run(folder, run)


def drop_unfinished(file: Path) -> None:
    """Cuts off a last line without its end, which a run that was killed leaves."""
    if file.is_file():
        data = file.read_bytes()
        if data and not data.endswith(b"\n"):
            os.truncate(file, data.rfind(b"\n") + 1)


def read_answers(folder: Path, experts: str) -> dict[int | str, Answer]:
    """The answers with the experts of this name, of all shards, by question; the first of an id counts.

    A last line without its end is passed over: a shard may be writing it. Raises EvaluationRefused naming
    the line that holds no answer.
    """
    own = re.compile(rf"answers-{re.escape(experts)}(-\d+-of-\d+)?\.jsonl")
    answers: dict[int | str, Answer] = {}
    for file in sorted(folder.glob("answers-*.jsonl")):
        if own.fullmatch(file.name):
            for answer in _read(file):
                answers.setdefault(answer.question_id, answer)
    return answers


def _read(file: Path) -> Iterator[Answer]:
    names = {field.name for field in fields(Answer)}
    for number, line in enumerate(file.read_bytes().split(b"\n")[:-1], 1):
        try:
            given = json.loads(line)
            answer = Answer(**{name: value for name, value in given.items() if name in names})
            answer = replace(answer, experts=tuple(answer.experts))
            checked = isinstance(answer.question_id, int | str) and isinstance(answer.text, str)
        except (ValueError, TypeError, AttributeError):
            checked = False
        if not checked:
            raise EvaluationRefused(
                f"{file}, line {number}: this is no answer. Expected an object with question_id, prompt, text"
                " and model_id: delete the line, and its question is asked again."
            )
        yield answer
