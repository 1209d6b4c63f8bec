"""A folder of answers: which run made them, one JSON object a line, found again when the run goes on.

    run.json                        what made every answer of the folder
    answers-<experts>.jsonl         a whole run's answers
    answers-<experts>-1-of-4.jsonl  one shard's

The lines have the names of LLaVA's answer files, so its scripts can read them too. A reply belongs to its
picture, prompt and experts and to the run: a questions file may change whatever else it says.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from mova.errors import EvaluationRefused

MIB = 2**20
_ELSE = "Choose another --answers folder, or delete this one"
_UNSAID = ("error", "image", "picture", "converted_from")  # left out of a line where they are None


@dataclass(frozen=True)
class Run:
    """What decides an answer beside its question and experts: `checkpoint` is a digest of files."""

    model: str
    precision: str
    checkpoint: str
    max_new_tokens: int


@dataclass(frozen=True)
class Asked:
    """What a reply belongs to within a run. `image` is the picture's name, "" for none, and `picture` a
    digest of it, None where it is out of reach. `experts` are the ones forced on this question alone."""

    question_id: int | str
    prompt: str
    image: str = ""
    picture: str | None = None
    experts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Answer:
    """One answered question, or one that could not be asked with the sentence `error`.

    `seconds` is the whole answer's time, `first_word` the time to its first piece, None where it has none.
    `image` and `picture` are as in `Asked`; lines of earlier versions have neither. `converted_from` names
    the picture's colour space where that is not sRGB, which it was then brought to.
    """

    question_id: int | str
    prompt: str
    text: str
    model_id: str
    experts: tuple[str, ...] = ()
    seconds: float | None = None
    first_word: float | None = None
    image: str | None = None
    picture: str | None = None
    error: str | None = None
    converted_from: str | None = None

    @property
    def is_of_picture(self) -> bool:
        """Whether it says why the picture could not be shown: another picture of that name may do."""
        return self.error is not None and bool(self.image) and self.picture is None

    def to_line(self) -> str:
        """The answer as a line of JSON; those of `_UNSAID` only where there is one."""
        values = asdict(self)
        return json.dumps({n: v for n, v in values.items() if n not in _UNSAID or v is not None}) + "\n"


class Kept:
    """Answers of one run with one choice of experts, found by what they belong to."""

    def __init__(self, answers: Iterable[Answer]):
        self._by: dict[tuple, list[Answer]] = {}
        # Of several to the same the first counts, and any before one that only says why there is none.
        for answer in sorted(answers, key=lambda answer: answer.error is not None):
            for key in self._keys(answer):
                self._by.setdefault(key, []).append(answer)

    def __bool__(self) -> bool:
        return bool(self._by)

    @staticmethod
    def _keys(answer: Answer) -> Iterator[tuple]:
        if answer.image is None:
            yield "id", answer.prompt, answer.question_id
            return
        yield "name", answer.prompt, answer.image
        if answer.picture is not None:
            yield "picture", answer.prompt, answer.picture

    def find(self, asked: Asked) -> Answer | None:
        """The answer to a question, by its picture's content or, where that is out of reach, its name.

        An answer that says why a picture could not be shown is found by name in any case. Lines of earlier
        versions, which do not tell their pictures, are found by number and prompt.
        """
        named = self._by.get(("name", asked.prompt, asked.image), [])
        if asked.picture is not None:
            named = [answer for answer in named if answer.is_of_picture]
            named = [*self._by.get(("picture", asked.prompt, asked.picture), ()), *named]
        for answer in (*named, *self._by.get(("id", asked.prompt, asked.question_id), ())):
            if asked.experts is None or answer.error or set(answer.experts) == set(asked.experts):
                return replace(answer, question_id=asked.question_id)
        return None


def picture_digest(image: Path | bytes) -> str | None:
    """SHA-256 of a picture's file; None where it cannot be read."""
    if isinstance(image, bytes):
        return sha256(image).hexdigest()
    try:
        status = image.stat()
        return _file_digest(image, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return None


@lru_cache(maxsize=2**17)
def _file_digest(image: Path, changed: int, size: int) -> str:
    with image.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def read_run(folder: Path) -> Run | None:
    """The run that made the folder's answers; None where there are none. Raises EvaluationRefused."""
    file = folder / "run.json"
    if not file.is_file():
        if folder.exists() and (not folder.is_dir() or list(folder.glob("answers-*.jsonl"))):
            raise EvaluationRefused(f"{folder} holds no run.json that says what made its answers. {_ELSE}.")
        return None
    names = {field.name for field in fields(Run)}
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        # Earlier versions wrote a digest of the questions file too, which decides no answer.
        return Run(**{name: value for name, value in given.items() if name in names})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EvaluationRefused(f"{file} cannot be read. {_ELSE}.") from error


def check_run(folder: Path, run: Run) -> None:
    """Raises EvaluationRefused when the folder's answers were made by another run."""
    before = read_run(folder)
    if before is None:
        return
    old, new = asdict(before), asdict(run)
    if differing := [_difference(name, old[name], new[name]) for name in old if old[name] != new[name]]:
        raise EvaluationRefused(
            f"The answers in {folder} are of another run: {'; '.join(differing)}. {_ELSE}."
        )


def _difference(name: str, before: Any, now: Any) -> str:
    if name == "checkpoint":
        return "the checkpoint's files were others"
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


def read_answers(folder: Path, experts: str) -> list[Answer]:
    """The answers with the experts of this name, of all shards in the order of their files' names.

    A last line without its end is passed over: a shard may be writing it. Raises EvaluationRefused naming
    the line that holds no answer.
    """
    own = re.compile(rf"answers-{re.escape(experts)}(-\d+-of-\d+)?\.jsonl")
    files = [file for file in sorted(folder.glob("answers-*.jsonl")) if own.fullmatch(file.name)]
    return [answer for file in files for answer in _read(file)]


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
