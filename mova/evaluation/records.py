"""Files of JSON objects -> records that know where they stand: one object a line, or one list of objects."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from mova.checkpoint.damage import fault
from mova.errors import EvaluationRefused


@dataclass(frozen=True)
class Record:
    """An object's fields, and where it stands: `file` and there `spot` ("line 3").

    `form` is the kind that the file's published form implies where the record names none.
    """

    file: Path
    spot: str
    fields: dict[str, Any]
    form: str | None = None

    def get(self, name: str) -> Any:
        return self.fields.get(name)

    def refuse(self, what: str, expected: str) -> NoReturn:
        raise EvaluationRefused(f"{self.file}, {self.spot}: {what}. Expected {expected}: correct the line.")


def read_text(file: Path) -> str:
    """The file's text, without a byte order mark. Raises EvaluationRefused."""
    try:
        data = file.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        what, _ = fault(file) or ("cannot be read from its disk", "")
        raise EvaluationRefused(f"{file} {what}. Check the path.") from error
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise EvaluationRefused(f"{file}, line {number}: not UTF-8. Save the file as UTF-8.") from error


def read_json(file: Path) -> Any:
    """The one JSON value of a file. Raises EvaluationRefused."""
    try:
        return parse_json(read_text(file))
    except (ValueError, RecursionError) as error:
        raise EvaluationRefused(f"{file} is not JSON{_from(error)}. Check the path.") from error


def parse_json(text: str) -> Any:
    """A JSON value that can be written as UTF-8 again; raises ValueError or RecursionError."""
    value = json.loads(text, parse_constant=_refuse_constant)
    json.dumps(value, ensure_ascii=False).encode()  # halves of characters can be written in JSON
    return value


class _NoNumber(ValueError):
    """What Python reads as a number and JSON does not know."""


def _from(error: Exception) -> str:
    """Where a text ceases to be JSON, or why, as far as that is known."""
    match error:
        case json.JSONDecodeError():
            return f" from line {error.lineno}, character {error.colno} on"
        case _NoNumber():
            return f": {error}"
        case UnicodeEncodeError():
            return ": it holds half a character"
    return ""


def _refuse_constant(name: str) -> NoReturn:
    raise _NoNumber(f"{name} is no JSON number")


def records(file: Path, text: str) -> Iterator[Record]:
    """The objects of a text: a list's, or one a line with blank lines passed over.

    Raises EvaluationRefused.
    """
    if text.lstrip().startswith("["):
        yield from _entries(file, text)
        return
    for number, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        record = Record(file, f"line {number}", {})
        try:
            fields = parse_json(written)
        except (ValueError, RecursionError) as error:
            _refuse_whole(file, text)
            record.refuse(f"this is not JSON{_from(error)}", "one JSON object a line")
        if not isinstance(fields, dict):
            record.refuse(f"this is JSON, but no object ({written.strip():.40})", "one JSON object a line")
        yield Record(file, record.spot, fields)


def _entries(file: Path, text: str) -> Iterator[Record]:
    """The objects of a JSON list, as LLaVA ships ScienceQA."""
    try:
        values = parse_json(text)
    except (ValueError, RecursionError) as error:
        raise EvaluationRefused(
            f"{file} begins as a JSON list, and is none{_from(error)}. Expected a list of objects, or one"
            " object a line: check the file."
        ) from error
    for number, fields in enumerate(values, 1):
        if not isinstance(fields, dict):
            Record(file, f"entry {number}", {}).refuse(
                f"this is JSON, but no object ({json.dumps(fields):.40})", "a list of objects"
            )
        yield Record(file, f"entry {number}", fields)


def _refuse_whole(file: Path, text: str) -> None:
    """A file that is one object over many lines is a benchmark's answers, or its own form of questions."""
    try:
        parse_json(text)
    except (ValueError, RecursionError):
        return
    raise EvaluationRefused(
        f"{file} is one JSON object. Expected one a line, as LLaVA writes questions: name LLaVA's file here,"
        " and this one as --annotations if it holds the expected answers."
    )
