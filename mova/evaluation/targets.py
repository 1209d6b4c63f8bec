"""What a line of a question file expects, checked for the rule that scores it."""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from mova.errors import ImageRefused
from mova.evaluation.records import Record
from mova.evaluation.rules.choice import options_in
from mova.evaluation.rules.target import Answers, Choice, Target
from mova.evaluation.scoring import OPTIONS, PEOPLES, RULES, WORDS
from mova.images import upright_size
from mova.language.boxes import Box, on_square, padding

FEWEST_PEOPLE = 4  # with fewer answers by people, no reply can reach 1 under VQA's rule
NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)  # a box in pixels of a picture whose size is out of reach
_TEXT_OR_NUMBER = "a text or a number"
_EDGE_PIXELS = 1.0  # annotations round, and may pass a picture's edge by less than a pixel
_EDGE_SHARE = 0.01  # the same for boxes from 0 to 1, which are written with two decimals
_A_BOX = "[x1, y1, x2, y2], x1 < x2, y1 < y2, inside the picture"
_ONE_ANSWER = ("box", "choice", *WORDS, *OPTIONS)


@dataclass(frozen=True)
class Expected:
    """What a reply is compared with, None for nothing.

    `problem` says why the question cannot be asked, `note` what is odd about what is expected.
    """

    value: Target | None = None
    problem: str | None = None
    note: str | None = None


def read_target(
    record: Record, kind: str | None, image: Path | bytes | None, problem: str | None
) -> Expected:
    """What the rule compares with, from `answer`, `answers` or POPE's `label`.

    `problem` says why the picture is out of reach, if it is. Raises EvaluationRefused.
    """
    one, several = _given(record, kind)
    if one is None and several is None:
        return Expected()
    if kind is None:
        record.refuse(
            "there is an answer and no `kind`",
            f"the rule that scores it, one of {', '.join(RULES)}, in the line or as --kind for all lines",
        )
    if kind in _ONE_ANSWER and one is None:
        record.refuse(f"`answers` is given for the kind {kind}", "one `answer`")
    if kind == "box":
        return _box(record, one, image, problem)
    if kind in WORDS:
        return Expected(_word(record, kind, one))
    if kind == "choice":
        return Expected((_letter(record, kind, one),))
    if kind in OPTIONS:
        return Expected(_choice(record, kind, one))
    return Expected(_answers(record, kind, one, several))


def _given(record: Record, kind: str | None) -> tuple[Any, Any]:
    """(the one right answer, the several); a list of one is one answer, and `answer` may be a list."""
    one, several = record.get("answer"), record.get("answers")
    if one is not None and several is not None:
        record.refuse("both `answer` and `answers` are given", "one of them")
    if one is None and several is None and kind in WORDS:
        one = record.get("label")
    if isinstance(one, list) and all(isinstance(answer, str) for answer in one):
        one, several = None, one
    if isinstance(several, list) and len(several) == 1 and kind in (*_ONE_ANSWER, *PEOPLES):
        return several[0], None
    return one, several


def _answers(record: Record, kind: str, one: Any, several: Any) -> Answers:
    if several is None:
        one = _said(one)
        if not _is_text_or_number(one) or not str(one).strip():
            record.refuse(f"`answer` is {shown(one)}", _TEXT_OR_NUMBER)
        return (str(one),)
    texts = [_said(answer) for answer in several] if isinstance(several, list) else []
    if not texts or not all(map(_is_text_or_number, texts)):
        record.refuse(f"`answers` is {shown(several)}", "a list of texts with at least one in it")
    if kind in PEOPLES and len(texts) < FEWEST_PEOPLE:
        record.refuse(
            f"`answers` holds {len(texts)}, so no reply could score 1 under the rule {kind}",
            f"every person's answer, {FEWEST_PEOPLE} or more, or the one right one as `answer`",
        )
    return tuple(map(str, texts))


def _said(answer: Any) -> Any:
    """The words of a person's answer; VQAv2 keeps them in an object with more about it."""
    return answer.get("answer") if isinstance(answer, dict) else answer


def _word(record: Record, kind: str, given: Any) -> Answers:
    word = given.strip().lower() if isinstance(given, str) else None
    if word not in ("yes", "no"):
        record.refuse(f"`answer` is {shown(given)} for the kind {kind}", "yes or no")
    return (word,)


def _letter(record: Record, kind: str, given: Any) -> str:
    if not isinstance(given, str) or len(given) != 1 or not "A" <= given <= "Z":
        record.refuse(f"`answer` is {shown(given)} for the kind {kind}", "one capital letter")
    return given


def _choice(record: Record, kind: str, given: Any) -> Choice:
    letter, options = _letter(record, kind, given), _options(record)
    if ascii_uppercase.index(letter) >= len(options):
        record.refuse(
            f"`answer` is {letter}, and there are {len(options)} options",
            "a letter among `options`, or among lines that begin `A. ` in the question",
        )
    return Choice(letter, options)


def _options(record: Record) -> tuple[str, ...]:
    """The options in `options` (a list, or an object by letter), else those that the question lists."""
    given = record.get("options")
    if given is None:
        return options_in(str(record.get("text") or record.get("question")))
    if isinstance(given, dict) and list(given) == list(ascii_uppercase[: len(given)]):
        given = list(given.values())
    listed = isinstance(given, list) and 0 < len(given) <= len(ascii_uppercase)
    if not listed or not all(map(_is_text_or_number, given)):
        record.refuse(f"`options` is {shown(given)}", "a list of texts, for A, B and so on")
    return tuple(map(str, given))


def _box(record: Record, given: Any, image: Path | bytes | None, problem: str | None) -> Expected:
    numbers = isinstance(given, list) and len(given) == 4 and all(map(_is_number, given))
    if not numbers or given[0] >= given[2] or given[1] >= given[3]:
        record.refuse(f"`answer` is {shown(given)} for the kind box", _A_BOX)
    if image is None:
        record.refuse("the kind box is about a picture, and `image` names none", "a file name there")
    left, top, right, bottom = map(float, given)
    box, shares = (left, top, right, bottom), max(given) <= 1
    if shares and min(given) < 0:
        record.refuse(f"`answer` is {shown(given)}, a box outside its picture", _A_BOX)
    try:
        size = None if problem else _size(image)
    except FileNotFoundError:  # no folder of pictures was given, so none can be looked at
        if not shares:
            record.refuse("a box in pixels needs the picture's size", "the pictures' folder as --images")
        size = None
    except (ImageRefused, OSError) as error:
        size, problem = None, f"The picture {record.get('image')!r} cannot be read. {error}"
    if size is None:
        return Expected(box if shares else NOWHERE, problem)
    if shares:
        return Expected(box, note=_of_border(box, *size))
    return Expected(_in_pixels(record, box, *size))


def _in_pixels(record: Record, box: Box, width: int, height: int) -> Box:
    x1, y1, x2, y2 = box
    if max(-x1, -y1, x2 - width, y2 - height) >= _EDGE_PIXELS:
        record.refuse(
            f"`answer` is {shown(record.get('answer'))}, a box outside its picture, which has"
            f" {width} x {height} pixels",
            _A_BOX,
        )
    return on_square(box, width, height)


def _of_border(box: Box, width: int, height: int) -> str | None:
    """A box from 0 to 1 that reaches past the picture was made for the picture alone, not for the square."""
    side, left, top = padding(width, height)
    inside = (left / side, top / side, (left + width) / side, (top + height) / side)
    past = max(inside[0] - box[0], inside[1] - box[1], box[2] - inside[2], box[3] - inside[3])
    if past <= _EDGE_SHARE:
        return None
    return (
        "a box outside its picture, on the border that pads it to a square. Boxes from 0 to 1 are on that"
        " square: write them in pixels if they are not"
    )


def _size(image: Path | bytes) -> tuple[int, int]:
    """(width, height) of a picture; raises ImageRefused, and OSError where there is no such file."""
    if isinstance(image, bytes):
        return upright_size(image)
    status = image.stat()
    return _file_size(image, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1024)
def _file_size(image: Path, changed: int, length: int) -> tuple[int, int]:
    return upright_size(image)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_text_or_number(value: Any) -> bool:
    return isinstance(value, str) or _is_number(value)


def shown(value: Any) -> str:
    """A value as a sentence quotes it."""
    return "missing" if value is None else f"{json.dumps(value):.60}"
