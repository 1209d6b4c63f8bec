"""Question files, as LLaVA writes them -> checked questions. What is wrong in one is said with its line.

One JSON object a line: `question_id` (number or text, each once) and `text`; `image` (a file inside the
pictures' folder) unless the question is about none. To be scored: `kind` (a rule of scoring.py) with `answer`
or, for several right ones, `answers`. To be reported apart: `category`, `tags`. `experts` is the routing that
would be right. Other fields are left alone.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PureWindowsPath
from typing import Any, NoReturn

from mova.errors import EvaluationRefused, ImageRefused, QuestionRefused
from mova.evaluation.scoring import RULES, Answers, Target
from mova.images import upright_size
from mova.language.boxes import Box, on_square
from mova.request import check_experts

FEWEST_PEOPLE = 4  # with fewer answers by people, no reply can reach 1 under VQA's rule
_TEXT_OR_NUMBER = "a text or a number"


@dataclass(frozen=True)
class Question:
    """One question. `image` is a file that exists; `kind` and `target` are None where nothing is scored.

    A box is from 0 to 1 on the picture padded to a square. `experts` None says nothing about the routing.
    """

    id: int | str
    text: str
    image: Path | None = None
    kind: str | None = None
    target: Target | None = None
    category: str | None = None
    experts: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Line:
    """A line's fields, and where it stands."""

    place: str
    fields: dict[str, Any]

    def get(self, name: str) -> Any:
        return self.fields.get(name)

    def refuse(self, what: str, expected: str) -> NoReturn:
        raise EvaluationRefused(f"{self.place}: {what}. Expected {expected}: correct the line.")


def read_questions(file: Path, images: Path) -> tuple[Question, ...]:
    """All questions of a file about pictures in the folder `images`.

    Raises EvaluationRefused naming file, line, what is wrong and what was expected.
    """
    if not images.is_dir():
        raise EvaluationRefused(f"There is no folder {images}. Expected the questions' pictures there.")
    questions: dict[int | str, Question] = {}
    for line in _lines(file):
        question = _question(line, images)
        if question.id in questions:
            line.refuse(f"`question_id` {question.id!r} was there before", "every id once")
        questions[question.id] = question
    if not questions:
        raise EvaluationRefused(
            f"{file} holds no questions. Expected one JSON object a line: check the path."
        )
    return tuple(questions.values())


def _lines(file: Path) -> Iterator[_Line]:
    """The file's objects; blank lines are passed over."""
    try:
        data = file.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise EvaluationRefused(f"{file} cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise EvaluationRefused(f"{file}, line {number}: not UTF-8. Save the file as UTF-8.") from error
    for number, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        line = _Line(f"{file}, line {number}", {})
        try:
            fields = json.loads(written, parse_constant=_refuse_constant)
            json.dumps(fields, ensure_ascii=False).encode()  # halves of characters can be written in JSON
        except (ValueError, RecursionError) as error:
            line.refuse(f"this is not JSON ({error})", "one JSON object a line")
        if not isinstance(fields, dict):
            line.refuse(f"this is JSON, but no object ({written.strip():.40})", "one JSON object a line")
        yield _Line(line.place, fields)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _question(line: _Line, images: Path) -> Question:
    kind = line.get("kind")
    if kind is not None and (not isinstance(kind, str) or kind not in RULES):
        line.refuse(f"the kind {kind!r} is unknown", f"one of {', '.join(RULES)}")
    image = _image(line, images)
    return Question(
        id=_id(line),
        text=_text(line),
        image=image,
        kind=kind,
        target=_target(line, kind, image),
        category=_category(line),
        experts=_experts(line),
        tags=_tags(line),
    )


def _id(line: _Line) -> int | str:
    given = line.get("question_id")
    if isinstance(given, bool) or not isinstance(given, int | str) or given == "":
        line.refuse(f"`question_id` is {_shown(given)}", "a whole number or a text")
    return given


def _text(line: _Line) -> str:
    given = line.get("text")
    if not isinstance(given, str) or not given.strip():
        line.refuse(f"`text` is {_shown(given)}", "the question as a text")
    return given


def _image(line: _Line, images: Path) -> Path | None:
    given = line.get("image")
    if given is None:
        return None
    if not isinstance(given, str) or not given:
        line.refuse(f"`image` is {_shown(given)}", "a file name")
    path = PureWindowsPath(given)  # reads both systems' separators, roots and drives
    if path.anchor or ".." in path.parts:
        line.refuse(f"`image` {given!r} leads out of {images}", "a path inside it")
    if not (images / given).is_file():
        line.refuse(f"there is no picture {given!r} in {images}", "a file that is there")
    return images / given


def _category(line: _Line) -> str | None:
    given = line.get("category")
    if given is not None and not isinstance(given, str):
        line.refuse(f"`category` is {_shown(given)}", "a text")
    return given


def _tags(line: _Line) -> tuple[str, ...]:
    given = line.get("tags")
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(tag, str) for tag in given):
        line.refuse(f"`tags` is {_shown(given)}", "a list of texts")
    return tuple(dict.fromkeys(given))


def _experts(line: _Line) -> tuple[str, ...] | None:
    given = line.get("experts")
    if given is None:
        return None
    if not isinstance(given, list):
        line.refuse(f"`experts` is {_shown(given)}", 'a list of letters such as ["E", "D"]')
    try:
        return check_experts(given)
    except QuestionRefused as error:
        raise EvaluationRefused(f"{line.place}: `experts` cannot be right: {error}") from error


def _target(line: _Line, kind: str | None, image: Path | None) -> Target | None:
    """What the rule compares with, from `answer` or `answers`; None where the line has neither."""
    one, several = line.get("answer"), line.get("answers")
    if one is None and several is None:
        return None
    if one is not None and several is not None:
        line.refuse("both `answer` and `answers` are given", "one of them")
    if kind is None:
        line.refuse("there is an answer and no `kind`", f"the rule that scores it, one of {', '.join(RULES)}")
    if kind in ("box", "yes_no", "choice") and one is None:
        line.refuse(f"`answers` is given for the kind {kind}", "one `answer`")
    match kind:
        case "box":
            return _box(line, one, image)
        case "yes_no":
            return _yes_no(line, one)
        case "choice":
            return _letter(line, one)
    return _answers(line, kind, one, several)


def _answers(line: _Line, kind: str, one: Any, several: Any) -> Answers:
    if several is None:
        if not _is_text_or_number(one) or not str(one).strip():
            line.refuse(f"`answer` is {_shown(one)}", _TEXT_OR_NUMBER)
        return (str(one),)
    if not isinstance(several, list) or not several or not all(map(_is_text_or_number, several)):
        line.refuse(f"`answers` is {_shown(several)}", "a list of texts with at least one in it")
    if kind == "vqa" and len(several) < FEWEST_PEOPLE:
        line.refuse(
            f"`answers` holds {len(several)}, so no reply could score 1 under the rule vqa",
            f"every person's answer, {FEWEST_PEOPLE} or more, or the one right one as `answer`",
        )
    return tuple(map(str, several))


def _yes_no(line: _Line, given: Any) -> Answers:
    word = given.strip().lower() if isinstance(given, str) else None
    if word not in ("yes", "no"):
        line.refuse(f"`answer` is {_shown(given)} for the kind yes_no", "yes or no")
    return (word,)


def _letter(line: _Line, given: Any) -> Answers:
    if not isinstance(given, str) or len(given) != 1 or not "A" <= given <= "Z":
        line.refuse(f"`answer` is {_shown(given)} for the kind choice", "one capital letter")
    return (given,)


def _box(line: _Line, given: Any, image: Path | None) -> Box:
    numbers = isinstance(given, list) and len(given) == 4 and all(map(_is_number, given))
    if not numbers or min(given) < 0 or given[0] >= given[2] or given[1] >= given[3]:
        line.refuse(f"`answer` is {_shown(given)} for the kind box", "[x1, y1, x2, y2], x1 < x2, y1 < y2")
    if image is None:
        line.refuse("the kind box is about a picture, and `image` names none", "a file name there")
    if max(given) <= 1:
        x1, y1, x2, y2 = map(float, given)
        return x1, y1, x2, y2
    try:
        return on_square(tuple(given), *_size(image))
    except ImageRefused as error:
        raise EvaluationRefused(
            f"{line.place}: the picture {image.name!r} cannot be read. {error}"
        ) from error


@lru_cache(maxsize=1024)
def _size(image: Path) -> tuple[int, int]:
    return upright_size(image)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_text_or_number(value: Any) -> bool:
    return isinstance(value, str) or _is_number(value)


def _shown(value: Any) -> str:
    """A value as a sentence quotes it."""
    return "missing" if value is None else f"{json.dumps(value):.60}"
