"""Question files -> checked questions. What is wrong in one is said with its line, before anything is asked.

As LLaVA writes them, one JSON object a line: `question_id` (number or text; many questions may share one)
and `text` (or `question`); `image` (a file inside the pictures' folder) unless the question is about none.
To be scored: `kind` (a rule of scoring.py) with `answer` or, for several right ones, `answers` (or POPE's
`label`). To be reported apart: `category`, `tags`. `experts` is the routing that would be right. Other fields
are left alone. MMBench's table, LLaVA's file for ScienceQA and benchmarks that keep the expected answers in
another file are read too: benchmarks/.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from os.path import isfile  # False, too, where nobody may look, as Path.is_file is not
from pathlib import Path, PureWindowsPath
from typing import Any

from mova.errors import EvaluationRefused, QuestionRefused
from mova.evaluation.benchmarks import mmbench, scienceqa
from mova.evaluation.benchmarks.annotations import read_annotations
from mova.evaluation.records import Record, read_text, records
from mova.evaluation.rules.target import Target
from mova.evaluation.scoring import RULES
from mova.evaluation.targets import read_target, shown
from mova.request import check_experts

logger = logging.getLogger("mova.evaluation")
_LISTED = 3  # places a warning names before it only counts


@dataclass(frozen=True)
class Question:
    """One question. `image` is a file, or a picture's bytes; `kind` and `target` are None where nothing is
    scored.

    A box is from 0 to 1 on the picture padded to a square. `experts` None says nothing about the routing.
    `problem` says why the question cannot be asked. `image_name` is how its file names the picture.
    """

    id: int | str
    text: str
    image: Path | bytes | None = field(default=None, repr=False)
    kind: str | None = None
    target: Target | None = None
    category: str | None = None
    experts: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    problem: str | None = None
    image_name: str = field(default="", compare=False)


def read_questions(
    file: Path,
    images: Path | None,
    annotations: Path | None = None,
    kind: str | None = None,
    asked: bool = True,
) -> tuple[Question, ...]:
    """All questions of a file about pictures in the folder `images`.

    `annotations` is a benchmark's own file or folder of expected answers, `kind` the rule for lines that name
    none. Unless they are to be `asked`, pictures may be missing, and so may their folder. What is odd and can
    be lived with is logged as a warning. Raises EvaluationRefused naming file, line, what is wrong and what
    was expected.
    """
    if images is not None and not images.is_dir():
        if not asked:
            return read_questions(file, None, annotations, kind, asked)
        raise EvaluationRefused(f"There is no folder {images}. Expected the questions' pictures there.")
    if kind is not None and kind not in RULES:
        raise EvaluationRefused(f"The kind {kind!r} is unknown. Expected one of {', '.join(RULES)}.")
    found = list(_records(file))
    if not found:
        raise EvaluationRefused(
            f"{file} holds no questions. Expected one JSON object a line: check the path."
        )
    if annotations is not None:
        found = _annotated(found, annotations)
    read = [_question(record, images, kind) for record in found]
    questions = tuple(question for question, _ in read)
    if asked:
        _warn_of_pictures(found, questions, images)
    _warn_of_targets(found, questions)
    notes = [note for _, note in read]
    for note in dict.fromkeys(filter(None, notes)):
        _warn([record for record, own in zip(found, notes, strict=True) if own == note], note)
    return questions


def _records(file: Path) -> Iterator[Record]:
    """The file's questions, each under the names of LLaVA's question files."""
    text = read_text(file)
    for record in mmbench.rows(file, text) if mmbench.is_table(text) else records(file, text):
        yield scienceqa.from_conversation(record) if scienceqa.is_conversation(record) else record


def _annotated(found: Sequence[Record], annotations: Path) -> list[Record]:
    """The records with the answers that another file expects, in place of their own."""
    find = read_annotations(annotations)
    added = [find(record) for record in found]
    missing = [record for record, fields in zip(found, added, strict=True) if fields is None]
    if len(missing) == len(found):
        raise EvaluationRefused(
            f"{annotations} holds the expected answer of no question in {found[0].file}, the first of which"
            f" has `question_id` {shown(found[0].get('question_id'))}. Expected the same benchmark and split:"
            " check both paths."
        )
    if missing:
        _warn(missing, f"no expected answer in {annotations}: asked and not scored")
    return [_with(record, fields) for record, fields in zip(found, added, strict=True)]


def _with(record: Record, added: dict[str, Any] | None) -> Record:
    own = {name: value for name, value in record.fields.items() if name not in ("answer", "answers", "label")}
    if added is None:
        return replace(record, fields=own)
    form = record.form or added["kind"]
    return replace(record, fields=own | {n: v for n, v in added.items() if n != "kind"}, form=form)


def _question(record: Record, images: Path | None, given_kind: str | None) -> tuple[Question, str | None]:
    """A record's question, and what is odd about what it expects."""
    image, problem = _image(record, images)
    kind = _kind(record, given_kind)
    target = read_target(record, kind, image, problem)
    question = Question(
        id=_id(record),
        text=_text(record),
        image=image,
        kind=kind,
        target=target.value,
        category=_category(record),
        experts=_experts(record),
        tags=_tags(record),
        problem=problem or target.problem,
        image_name=_image_name(record, image),
    )
    return question, target.note


def _kind(record: Record, given: str | None) -> str | None:
    """The rule that the record names, else the one given for all, else the one of the file's form."""
    kind = record.get("kind")
    if kind is not None and (not isinstance(kind, str) or kind not in RULES):
        record.refuse(f"the kind {kind!r} is unknown", f"one of {', '.join(RULES)}")
    return kind or given or record.form or ("yes_no" if _is_labelled(record) else None)


def _is_labelled(record: Record) -> bool:
    """Whether the record is one of POPE's, whose `label` is what is expected."""
    expected = record.get("answer") is not None or record.get("answers") is not None
    return not expected and str(record.get("label")).strip().lower() in ("yes", "no")


def _id(record: Record) -> int | str:
    given = record.get("question_id")
    if isinstance(given, bool) or not isinstance(given, int | str) or given == "":
        record.refuse(f"`question_id` is {shown(given)}", "a whole number or a text")
    return given


def _text(record: Record) -> str:
    given = record.get("text")
    given = record.get("question") if given is None else given
    if not isinstance(given, str) or not given.strip():
        record.refuse(f"`text` is {shown(given)}", "the question as a text")
    return given


def _image(record: Record, images: Path | None) -> tuple[Path | bytes | None, str | None]:
    """(the picture, why it cannot be shown); a file is only looked for in a folder that is given."""
    given = record.get("image")
    if given is None or isinstance(given, bytes):
        return given, None
    if not isinstance(given, str) or not given:
        record.refuse(f"`image` is {shown(given)}", "a file name")
    path = PureWindowsPath(given)  # reads both systems' separators, roots and drives
    if path.anchor or ".." in path.parts:
        record.refuse(f"`image` {given!r} leads out of {images or 'the pictures folder'}", "a path inside it")
    if images is None:
        return Path(given), None
    file = images / given
    return file, None if isfile(file) else f"There is no picture {given!r} in {images}."


def _image_name(record: Record, image: Path | bytes | None) -> str:
    if isinstance(image, bytes):
        return f"{record.file.name}, index {record.get('question_id')}"
    return "" if image is None else record.get("image")


def _category(record: Record) -> str | None:
    given = record.get("category")
    if given is not None and not isinstance(given, str):
        record.refuse(f"`category` is {shown(given)}", "a text")
    return given


def _tags(record: Record) -> tuple[str, ...]:
    given = record.get("tags")
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(tag, str) for tag in given):
        record.refuse(f"`tags` is {shown(given)}", "a list of texts")
    return tuple(dict.fromkeys(given))


def _experts(record: Record) -> tuple[str, ...] | None:
    given = record.get("experts")
    if given is None:
        return None
    if not isinstance(given, list):
        record.refuse(f"`experts` is {shown(given)}", 'a list of letters such as ["E", "D"]')
    try:
        return check_experts(given)
    except QuestionRefused as error:
        raise EvaluationRefused(
            f"{record.file}, {record.spot}: `experts` cannot be right: {error}"
        ) from error


def _warn_of_pictures(found: Sequence[Record], questions: Sequence[Question], images: Path | None) -> None:
    """Says which pictures are missing or cannot be read; refuses a folder that has none of them."""
    named = [(r, q) for r, q in zip(found, questions, strict=True) if q.image is not None]
    troubled = [(record, question.image) for record, question in named if question.problem]
    absent = [record for record, image in troubled if isinstance(image, Path) and not isfile(image)]
    broken = [record for record, image in troubled if not isinstance(image, Path) or isfile(image)]
    if absent and len(absent) == len(named):
        first = absent[0]
        raise EvaluationRefused(
            f"{first.file}, {first.spot}: there is no picture {first.get('image')!r} in {images}, nor any"
            " other that the file names. Expected a file that is there: check the folder's path."
        )
    for those, what in ((absent, f"no such picture in {images}"), (broken, "the picture cannot be read")):
        if those:
            name = those[0].get("image")
            such = f" ({name!r})" if isinstance(name, str) else ""
            _warn(those, f"{what}{such}: not asked, and wrong unless an answer is kept")


def _warn_of_targets(found: Sequence[Record], questions: Sequence[Question]) -> None:
    """Says which questions have a rule and nothing to compare with, or that none has."""
    pairs = zip(found, questions, strict=True)
    forgotten = [record for record, question in pairs if question.kind and question.target is None]
    if forgotten:
        _warn(forgotten, "a `kind` and no `answer` to score against: asked and not scored")
    elif all(question.target is None for question in questions):
        logger.warning(
            "%s: no question says what is expected, so all are asked and none is scored. Write `answer` and"
            " `kind` beside them, or name the benchmark's own answers with --annotations.",
            found[0].file,
        )


def _warn(odd: Sequence[Record], what: str) -> None:
    """One line for all records that the same is odd about, naming the first places."""
    places = ", ".join(record.spot for record in odd[:_LISTED])
    more = f" and {len(odd) - _LISTED} more" if len(odd) > _LISTED else ""
    logger.warning("%s, %s%s: %s.", odd[0].file, places, more, what)
