"""MMBench's questions: a table with the pictures in it, as VLMEvalKit's other multiple-choice tables are.

Columns index, question, image (Base64), A to D and, where there are any, hint, answer, category and
l2-category. The prompt is LLaVA's (llava/eval/model_vqa_mmbench.py with `--single-pred-prompt`).
"""

import binascii
import csv
import io
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from mova.errors import EvaluationRefused
from mova.evaluation.records import Record
from mova.images import MAX_BYTES

LETTER_PROMPT = "Answer with the option's letter from the given choices directly."
CHINESE_PROMPT = "请直接回答选项字母。"
# What LLaVA takes for no value: what pandas reads as none, and the words of its own `is_none`.
_NONE = {"", "nan", "-nan", "none", "null", "na", "n/a", "<na>", "#n/a", "#na"}
_REFERENCE = 64  # VLMEvalKit: a shorter `image` is the index of the row that has the picture


def is_table(text: str) -> bool:
    """Whether a file's text is a table with a question in every row."""
    return {"index", "question"} <= set(text.partition("\n")[0].rstrip("\r").split("\t"))


def rows(file: Path, text: str) -> Iterator[Record]:
    """A record for every row, its fields named as in LLaVA's question files. Raises EvaluationRefused."""
    table = list(_table(file, text))
    pictures = {row["index"]: row.get("image") for _, row in table}
    chinese = sum(map(_has_chinese, (row["question"] for _, row in table))) > len(table) / 2
    prompt = CHINESE_PROMPT if chinese else LETTER_PROMPT
    for spot, row in table:
        picture = pictures[row["index"]]
        if picture and len(picture) <= _REFERENCE:
            picture = pictures.get(picture, picture)
        options = _options(row)
        yield Record(file, spot, _fields(row, picture, options, prompt), "mmbench" if options else None)


def _table(file: Path, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(where it stands, its values by column) of every row."""
    limit = csv.field_size_limit(2 * MAX_BYTES)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t", restval="")
        for row in reader:
            if None in row:
                raise EvaluationRefused(
                    f"{file}, line {reader.line_num}: the row has more values than the table has columns."
                    " Expected values parted by tabs: correct the line."
                )
            yield f"line {reader.line_num}", row
    except csv.Error as error:
        raise EvaluationRefused(
            f"{file}, line {reader.line_num}: the table cannot be read from here on. Check the file."
        ) from error
    finally:
        csv.field_size_limit(limit)


def _fields(row: dict[str, str], picture: str | None, options: list[str], prompt: str) -> dict[str, Any]:
    hint, answer = row.get("hint") or "", row.get("answer") or ""
    lines = [] if _is_none(hint) else [hint]
    lines += [row["question"], *(f"{a}. {b}" for a, b in zip(ascii_uppercase, options, strict=False))]
    index = row["index"].strip().removesuffix(".0")  # as pandas writes whole numbers of a column with gaps
    fields: dict[str, Any] = {
        "question_id": int(index) if index.isdecimal() else index,
        "text": "\n".join([*lines, prompt] if options else lines),
        "image": _picture(picture),
    }
    if options:
        fields["options"] = options
    if not _is_none(answer):
        fields["answer"] = answer.strip()
    if not _is_none(row.get("category") or ""):
        fields["category"] = row["category"]
    if not _is_none(row.get("l2-category") or ""):
        fields["tags"] = [row["l2-category"]]
    return fields


def _options(row: dict[str, str]) -> list[str]:
    """The options up to the first that has no value, as LLaVA's `get_options` takes them."""
    options = []
    for letter in ascii_uppercase:
        if _is_none(row.get(letter) or ""):
            break
        options.append(row[letter])
    return options


def _picture(written: str | None) -> bytes | str | None:
    """The picture's bytes, or its file's name; bytes that are no picture are refused when it is shown."""
    if written is None:
        return None  # the table is about no pictures
    if len(written) <= _REFERENCE and "." in written:
        return written
    try:
        return b64decode(written)
    except (binascii.Error, ValueError):
        return b""


def _is_none(value: str) -> bool:
    return value.strip().lower() in _NONE


def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)
