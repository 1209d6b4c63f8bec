"""Expected answers that a benchmark keeps in files of their own: which benchmark's they are, and how to find
a question's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mova.errors import EvaluationRefused
from mova.evaluation.benchmarks import gqa, mme, people, pope, scienceqa
from mova.evaluation.records import Record, parse_json, read_json, read_text, records

Find = Callable[[Record], dict[str, Any] | None]
FORMS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Find]], ...] = (
    (people.is_textvqa, people.textvqa),
    (people.is_docvqa, people.docvqa),
    (people.is_vqav2, people.vqav2),
    (scienceqa.is_problems, scienceqa.problems),
    (gqa.is_gqa, gqa.gqa),
)
EXPECTED = (
    "the JSON of TextVQA, DocVQA, VQAv2 or GQA, ScienceQA's problems.json, POPE's label files or their"
    " folder, or MME's folder"
)


def read_annotations(path: Path) -> Find:
    """What finds the expected answer of a record, as fields to add to it; None for one that is not there.

    Raises EvaluationRefused for a file or folder of no form that is known.
    """
    if path.is_dir():
        return _from_folder(path)
    text = read_text(path)
    try:
        value = parse_json(text)
    except (ValueError, RecursionError):  # one object a line, or nothing that is known
        value = None
    for recognised, finder in FORMS:
        if recognised(value):
            return finder(value)
    if value is None and text.lstrip().startswith("{"):
        value = next(records(path, text)).fields
    if pope.is_label(value):
        return pope.labels([path])
    raise _unknown(path)


def _from_folder(folder: Path) -> Find:
    problems = folder / "problems.json"
    if problems.is_file():
        value = read_json(problems)
        if scienceqa.is_problems(value):
            return scienceqa.problems(value)
        raise _unknown(problems)
    if files := pope.label_files(folder):
        return pope.labels(files)
    if files := mme.answer_files(folder):
        return mme.answers(folder, files)
    raise _unknown(folder)


def _unknown(path: Path) -> EvaluationRefused:
    return EvaluationRefused(
        f"{path} holds expected answers of no form that is known. Expected {EXPECTED}: check the path."
    )
