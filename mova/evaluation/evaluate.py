"""Question files -> answers -> scores: a checkpoint asked as a benchmark asks it, and scored by its rules.

An owner of the 8B weights reproduces a table one benchmark at a time, from the files that LLaVA ships and,
where those say nothing of what is expected, the benchmark's own:

    python -m mova evaluate --model zongzhuofan/llama3-mova-8b --precision bf16 \\
        --questions llava_textvqa_val_v051_ocr.jsonl --images train_images \\
        --annotations TextVQA_0.5.1_val.json

Or from JSON lines, each with the prompt that the table was made with and the rule of scoring.py:

    {"question_id": 1, "image": "1.png", "text": "What is the date?", "kind": "anls", "answers": ["2 May"]}

The same line with `--experts none`, `all` or `random` gives what the router is worth. With several GPUs,
start `--shard 1/4 --device cuda:0` and so on; the same line without --shard then prints the whole table.
A run that was stopped goes on where it was. Replies are kept and scores are not: after a correction of what
is expected the same line, or --score-only without a model, scores what is there.
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from mova.errors import EvaluationRefused, ImageRefused, QuestionRefused
from mova.evaluation.answers import (
    Answer,
    Asked,
    Kept,
    Run,
    check_run,
    drop_unfinished,
    picture_digest,
    read_answers,
    read_run,
    write_run,
)
from mova.evaluation.questions import Question, read_questions
from mova.evaluation.score_table import score_run
from mova.images import read_image
from mova.progress import Report, unheard
from mova.request import check_experts
from mova.vision.experts.pool import LETTERS

if TYPE_CHECKING:  # torch and transformers take seconds to import: only once everything else is checked
    from mova.engine import Engine
    from mova.request import Decoding

logger = logging.getLogger("mova.evaluation")
_FIXED = {"router": None, "none": (), "all": tuple(LETTERS)}


@dataclass(frozen=True)
class ExpertChoice:
    """Who chooses the experts, under the name that files and tables have: `router`, `none`, `all`,
    `random` or letters."""

    name: str
    letters: tuple[str, ...] | None = None

    @classmethod
    def parse(cls, text: str) -> "ExpertChoice":
        """A choice as it is written; raises QuestionRefused for letters that are no experts."""
        text = text.strip()
        if text in _FIXED:
            return cls(text, _FIXED[text])
        if text == "random":
            return cls(text)
        letters = check_experts([letter.strip() for letter in text.split(",")], len(LETTERS))
        return cls(",".join(sorted(letters)), tuple(sorted(letters)))

    def experts_for(self, question: Question) -> tuple[str, ...] | None:
        """What the engine is told: letters to force, or None for the router."""
        if self.name != "random":
            return self.letters
        return random_experts(question.id, len(question.experts or "?"))


def random_experts(question_id: int | str, count: int) -> tuple[str, ...]:
    """`count` letters drawn from the question's id alone: the same at every run."""
    drawn = sorted(LETTERS, key=lambda letter: sha256(f"{question_id} {letter}".encode()).digest())
    return tuple(sorted(drawn[:count]))


@dataclass(frozen=True)
class Shard:
    """Every `count`-th picture, from the `number`-th on (1 to `count`), with all questions about it."""

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str | None) -> "Shard":
        """`2/4`, or None for all questions; raises EvaluationRefused."""
        if text is None:
            return cls()
        found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text.strip())
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise EvaluationRefused(
                f"There is no shard {text!r}. Expected k/n with 1 <= k <= n, such as 1/4."
            )
        return cls(int(found[1]), int(found[2]))

    def part(self, questions: Sequence[Question]) -> Sequence[Question]:
        """This shard's questions; a picture's stay together, so that what was made of it is used again."""
        pictures = dict.fromkeys(_picture_of(question) for question in questions)
        own = set(list(pictures)[self.number - 1 :: self.count])
        return [question for question in questions if _picture_of(question) in own]

    @property
    def suffix(self) -> str:
        """What the shard's file has in its name."""
        return f"-{self.number}-of-{self.count}" if self.count > 1 else ""


def _picture_of(question: Question) -> Path | bytes | int | str:
    """What a question is about: its picture; without one it stands alone."""
    return question.image or question.id


def evaluate(
    questions_file: Path,
    images: Path | None = None,
    *,
    annotations: Path | None = None,
    kind: str | None = None,
    checkpoint: str | Path | None = None,
    experts: str = "router",
    shard: str | None = None,
    answers: Path | None = None,
    precision: str | None = None,
    device: str | None = None,
    revision: str | None = None,
    bert_vocab: Path | None = None,
    max_new_tokens: int = 128,
    score_only: bool = False,
    progress: Report = unheard,
) -> dict[str, Any]:
    """Asks what is not answered yet and returns the scores over all answers in the folder.

    The folder `answers` is by default beside the questions file. The checkpoint is loaded only when there
    is something to ask, and with `score_only` nothing is. A question that cannot be asked is recorded as such
    and counts as wrong. Raises MovaError for whatever cannot be used, the questions' lines first.
    """
    choice, part = ExpertChoice.parse(experts), Shard.parse(shard)
    questions = read_questions(questions_file, images, annotations, kind, asked=not score_only)
    if score_only:
        folder = answers or find_folder(questions_file, precision)
        run = _known_run(folder)
        _require_answers(folder, choice)
        return _scores(folder, run, questions, choice)
    if images is None:
        _require_no_files(questions_file, questions)
    from mova.checkpoint.devices import find_device
    from mova.checkpoint.files import describe_checkpoint, fetch_weights, fetch_words, fingerprint
    from mova.checkpoint.loading import default_checkpoint, load
    from mova.checkpoint.plan import choose_precision, make_plan
    from mova.checkpoint.text_vocabulary import load_text_tokenizer
    from mova.engine import Engine
    from mova.request import Decoding

    decoding = Decoding(max_new_tokens)
    described, place = describe_checkpoint(checkpoint or default_checkpoint(), revision), find_device(device)
    precision = choose_precision(precision, place, described)
    if described.origin is not None:  # refused before gigabytes are fetched
        plan = make_plan(described, precision, place)
        load_text_tokenizer(fetch_words(described), plan.config, bert_vocab)
    files = fetch_weights(described, progress)
    vocabulary = [bert_vocab] if bert_vocab is not None and bert_vocab.is_file() else []
    run = Run(files.name, precision, fingerprint(files.folder, *vocabulary), max_new_tokens)
    folder = answers or default_folder(questions_file, run)
    _require_outside(folder, files.folder)
    check_run(folder, run)
    own_file = folder / f"answers-{choice.name}{part.suffix}.jsonl"
    drop_unfinished(own_file)
    kept = Kept(read_answers(folder, choice.name))
    waiting = _waiting(part.part(questions), kept, choice)
    engine = None
    if any(_can_be_shown(question) for question in waiting):
        loaded = load(
            checkpoint or default_checkpoint(), precision=precision, device=device, revision=revision,
            bert_vocab=bert_vocab, progress=progress,
        )  # fmt: skip
        engine = Engine(loaded, most_experts=len(LETTERS))
    if waiting:
        write_run(folder, run)
        _ask_all(waiting, own_file, kept, _asker(engine, choice, decoding, run.model))
    return _scores(folder, run, questions, choice)


def _scores(folder: Path, run: Run, questions: Sequence[Question], choice: ExpertChoice) -> dict[str, Any]:
    """The scores of the folder's answers to the questions, computed anew."""
    kept = Kept(read_answers(folder, choice.name))
    answers = [_kept_answer(question, kept, choice) for question in questions]
    model = {"name": run.model, "precision": run.precision, "checkpoint": run.checkpoint}
    return score_run(questions, answers, model, choice.name)


def _kept_answer(question: Question, kept: Kept, choice: ExpertChoice) -> Answer | None:
    return kept.find(_asked(question, choice)) if kept else None


def _asked(question: Question, choice: ExpertChoice) -> Asked:
    """What the question's reply belongs to; the digest of its picture is taken here."""
    picture = None if question.image is None or question.problem else picture_digest(question.image)
    drawn = choice.experts_for(question) if choice.name == "random" and question.image is not None else None
    return Asked(question.id, question.text, question.image_name, picture, drawn)


def _waiting(questions: Sequence[Question], kept: Kept, choice: ExpertChoice) -> list[Question]:
    """Questions without an answer, and those whose picture could not be shown: it may be another now."""
    answers = ((question, _kept_answer(question, kept, choice)) for question in questions)
    return [
        question
        for question, answer in answers
        if answer is None or (answer.is_of_picture and not question.problem)
    ]


def _can_be_shown(question: Question) -> bool:
    """Whether the question can be put to a model at all."""
    try:
        if question.image is not None and question.problem is None:
            read_image(question.image)
    except (ImageRefused, OSError):
        return False
    return question.problem is None


def _require_no_files(questions_file: Path, questions: Sequence[Question]) -> None:
    if any(isinstance(question.image, Path) for question in questions):
        raise EvaluationRefused(
            f"{questions_file} names picture files, and no folder of pictures is given."
            " Name it with --images."
        )


def _require_outside(answers: Path, checkpoint: Path) -> None:
    """Answers among the checkpoint's files would change what the checkpoint is known by."""
    if answers.resolve().is_relative_to(checkpoint.resolve()):
        raise EvaluationRefused(
            f"The answers folder {answers} lies in the checkpoint's. Choose an --answers folder outside it."
        )


def default_folder(questions_file: Path, run: Run) -> Path:
    """The folder of a run's answers, where nobody names one."""
    return _answer_folders(questions_file) / f"{run.model.replace('/', '--')}-{run.precision}"


def _answer_folders(questions_file: Path) -> Path:
    return questions_file.parent / f"{questions_file.stem}-answers"


def find_folder(questions_file: Path, precision: str | None = None) -> Path:
    """The one folder of answers beside a questions file (of a precision, if one is given).

    Raises EvaluationRefused where there is none, or more than one.
    """
    place = _answer_folders(questions_file)
    found = [file.parent for file in sorted(place.glob("*/run.json"))]
    found = [folder for folder in found if precision in (None, _known_run(folder).precision)]
    if len(found) != 1:
        there = f"there are {', '.join(folder.name for folder in found)}" if found else "there is none"
        raise EvaluationRefused(
            f"Scores need the one folder of answers in {place}, and {there}. Name it with --answers."
        )
    return found[0]


def _known_run(folder: Path) -> Run:
    run = read_run(folder)
    if run is None:
        raise EvaluationRefused(f"There are no answers in {folder}. Name their folder with --answers.")
    return run


def _require_answers(folder: Path, choice: ExpertChoice) -> None:
    if not read_answers(folder, choice.name):
        raise EvaluationRefused(
            f"{folder} holds no answer with the experts {choice.name}. Name others with --experts, or leave"
            " out --score-only to ask."
        )


def _ask_all(
    questions: Sequence[Question], file: Path, kept: Kept, ask: Callable[[Question], Answer]
) -> None:
    """Writes every answer as it comes, so that a run that is stopped loses none."""
    with file.open("a", encoding="utf-8") as lines:
        for question in tqdm(questions, desc=file.stem, unit="question", disable=None):
            answer = ask(question)
            if answer.error is not None:
                logger.warning("Question %r cannot be asked: %s", question.id, answer.error)
                before = kept.find(Asked(question.id, question.text, question.image_name))
                if before is not None and before.error == answer.error:
                    continue  # it is written down already
            lines.write(answer.to_line())
            lines.flush()


def _asker(
    engine: "Engine | None", choice: ExpertChoice, decoding: "Decoding", model: str
) -> Callable[[Question], Answer]:
    """Asks each question, what is the same about the same picture once: POPE has it in three categories."""
    answered: dict[Asked, Answer] = {}

    def ask(question: Question) -> Answer:
        same = replace(_asked(question, choice), question_id="")
        if same not in answered:
            answered[same] = _ask(engine, question, choice, decoding, model)
        return replace(answered[same], question_id=question.id)

    return ask


def _ask(
    engine: "Engine | None", question: Question, choice: ExpertChoice, decoding: "Decoding", model: str
) -> Answer:
    """One answer; a question that cannot be asked is an answer too, with its error."""
    from mova.engine import drain

    said = Answer(question.id, question.text, "", model, image=question.image_name)
    if question.problem is not None:
        return replace(said, error=question.problem)
    try:
        image = None if question.image is None else read_image(question.image)
    except (ImageRefused, OSError) as error:
        return replace(said, error=f"The picture {question.image_name!r} cannot be shown. {error}")
    if question.image is not None and image is not None:
        digest = picture_digest(question.image)
        said = replace(said, picture=digest, converted_from=image.converted_from)
    assert engine is not None, "a question that can be asked is put to an engine"
    experts = None if image is None else choice.experts_for(question)
    try:
        trace = drain(engine.answer(question.text, image, experts=experts, decoding=decoding))
    except QuestionRefused as error:
        return replace(said, error=str(error))
    chosen = () if trace.routing is None else trace.routing.experts
    timings = trace.timings
    return replace(
        said, text=trace.answer, experts=chosen, seconds=timings.total, first_word=timings.first_word
    )
