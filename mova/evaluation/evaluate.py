"""Question files -> answers -> scores: a checkpoint asked as a benchmark asks it, and scored by its rules.

An owner of the 8B weights reproduces a table one benchmark at a time. Write its questions as JSON lines,
each with the prompt that the table was made with, and name the rule of scoring.py that scores them:

    {"question_id": 1, "image": "1.png", "text": "What is the date?", "kind": "anls", "answers": ["2 May"]}

    python -m mova evaluate --model zongzhuofan/llama3-mova-8b --precision bf16 \\
        --questions docvqa.jsonl --images docvqa/pictures

`anls` is for DocVQA and InfographicVQA, `relaxed` for ChartQA, `vqa` for TextVQA and VQAv2, `yes_no` for
POPE, `choice` for ScienceQA, AI2D and MMBench, `box` for RefCOCO, `exact` for GQA. The same line with
`--experts none`, `all` or `random` gives what the router is worth. With several GPUs, start
`--shard 1/4 --device cuda:0` and so on; the same line without --shard then prints the whole table.
A run that was stopped goes on where it was.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from mova.errors import EvaluationRefused, ImageRefused, QuestionRefused
from mova.evaluation.answers import (
    Answer,
    Run,
    check_run,
    drop_unfinished,
    read_answers,
    write_run,
)
from mova.evaluation.questions import Question, read_questions
from mova.evaluation.score_table import score_run
from mova.images import read_image
from mova.request import check_experts
from mova.vision.experts.pool import LETTERS

if TYPE_CHECKING:  # torch and transformers take seconds to import: only once everything else is checked
    from mova.engine import Engine
    from mova.request import Decoding

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


def _picture_of(question: Question) -> Path | int | str:
    """What a question is about: its picture; without one it stands alone."""
    return question.image or question.id


def evaluate(
    questions_file: Path,
    images: Path,
    *,
    checkpoint: str | Path | None = None,
    experts: str = "router",
    shard: str | None = None,
    answers: Path | None = None,
    precision: str | None = None,
    device: str | None = None,
    revision: str | None = None,
    bert_vocab: Path | None = None,
    max_new_tokens: int = 128,
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, Any]:
    """Asks what is not answered yet and returns the scores over all answers in the folder.

    The folder `answers` is by default beside the questions file. The checkpoint is loaded only when there
    is something to ask. Raises MovaError for whatever cannot be used, the questions' lines first.
    """
    choice, part = ExpertChoice.parse(experts), Shard.parse(shard)
    questions = read_questions(questions_file, images)
    from mova.checkpoint.files import find_checkpoint, fingerprint
    from mova.checkpoint.loading import choose_precision, default_checkpoint, find_device, load
    from mova.engine import Engine
    from mova.request import Decoding

    decoding = Decoding(max_new_tokens)
    files = find_checkpoint(checkpoint or default_checkpoint(), revision)
    precision = choose_precision(precision, find_device(device), files)
    vocabulary = [bert_vocab] if bert_vocab is not None and bert_vocab.is_file() else []
    run = Run(
        files.name, precision, fingerprint(files.folder, *vocabulary),
        sha256(questions_file.read_bytes()).hexdigest(), max_new_tokens,
    )  # fmt: skip
    folder = answers or default_folder(questions_file, run)
    _require_outside(folder, files.folder)
    check_run(folder, run)
    own_file = folder / f"answers-{choice.name}{part.suffix}.jsonl"
    drop_unfinished(own_file)
    answered = read_answers(folder, choice.name)
    waiting = [question for question in part.part(questions) if question.id not in answered]
    if waiting:
        loaded = load(
            checkpoint or default_checkpoint(), precision=precision, device=device, revision=revision,
            bert_vocab=bert_vocab, progress=progress,
        )  # fmt: skip
        write_run(folder, run)
        engine = Engine(loaded, most_experts=len(LETTERS))
        _ask_all(waiting, own_file, lambda question: _ask(engine, question, choice, decoding, run.model))
        answered = read_answers(folder, choice.name)
    model = {"name": run.model, "precision": run.precision, "checkpoint": run.checkpoint}
    return score_run(questions, answered, model, choice.name)


def _require_outside(answers: Path, checkpoint: Path) -> None:
    """Answers among the checkpoint's files would change what the checkpoint is known by."""
    if answers.resolve().is_relative_to(checkpoint.resolve()):
        raise EvaluationRefused(
            f"The answers folder {answers} lies in the checkpoint's. Choose an --answers folder outside it."
        )


def default_folder(questions_file: Path, run: Run) -> Path:
    """The folder of a run's answers, where nobody names one."""
    model = run.model.replace("/", "--")
    return questions_file.parent / f"{questions_file.stem}-answers" / f"{model}-{run.precision}"


def _ask_all(questions: Sequence[Question], file: Path, ask: Callable[[Question], Answer]) -> None:
    """Writes every answer as it comes, so that a run that is stopped loses none."""
    with file.open("a", encoding="utf-8") as lines:
        for question in tqdm(questions, desc=file.stem, unit="question", disable=None):
            lines.write(ask(question).to_line())
            lines.flush()


def _ask(
    engine: "Engine", question: Question, choice: ExpertChoice, decoding: "Decoding", model: str
) -> Answer:
    """One answer; a question that the engine refuses is an answer too, with its error."""
    from mova.engine import drain

    try:
        image = None if question.image is None else read_image(question.image)
    except ImageRefused as error:
        raise EvaluationRefused(f"The picture {question.image} cannot be shown. {error}") from error
    experts = None if image is None else choice.experts_for(question)
    try:
        trace = drain(engine.answer(question.text, image, experts=experts, decoding=decoding))
    except QuestionRefused as error:
        return Answer(question.id, question.text, "", model, error=str(error))
    chosen = () if trace.routing is None else trace.routing.experts
    timings = trace.timings
    return Answer(question.id, question.text, trace.answer, model, chosen, timings.total, timings.first_word)
