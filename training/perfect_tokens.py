"""`python -m training.perfect_tokens`: what the LLM can do with natural pictures read without a mistake.

No encoder: the labels are laid out as a perfect reader would, straight in the LLM's own embeddings, and only
the answer LoRA is trained, from where the shipped one ended. Then the same with a share of the tokens wrong
or a cell off, which says how good a reader must become, and with pictures as the reader
reads them (`--read`), which says how good it is. The layout is chosen by this.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import AutoTokenizer

from mova.language.prompts import IMAGE_TOKEN
from mova.vision.experts.reader import ReadingExpert
from mova.vision.experts.writing import spell
from training.language import Lessons, build_speaker, speaking_loss
from training.list_layout import ListLayout
from training.loop import Loop, Sitting, mixed_precision
from training.makers.records import Picture
from training.packing import Packed, collate
from training.pictures.records import Drawing, Question
from training.pictures.unfamiliar import UNREAD_ANSWER
from training.pieces import Pieces
from training.reader_sheets import normalised, squared
from training.reader_training import STATE, load_state
from training.sizes import tiny_config
from training.stock import Mixture, Stock

SHARES = (0.0, 0.01, 0.03, 0.1)  # of the tokens, wrong: measured
TRAINED = (0.0, 0.0, 0.03, 0.1)  # and trained with
MAKERS = {"documents": 3, "charts": 3, "signs": 1, "windows": 1, "pages": 1}  # how often each is drawn
MOST_QUESTIONS, BATCH, RATE = 14, 2, 1e-3
SIDES = (768, 384, 192)  # px at which the reader looks
READ = 0.5  # share of pictures that the reader reads, where it does
# The rows of the table: questions of a domain by their kind, "" for all others.
ROWS = {
    "charts": {"title": "title", "highest": "highest", "lowest": "lowest", "chart kind": "kind",
               "value": "labelled values", "series value": "labelled values", "estimate": "unlabelled values",
               "series estimate": "unlabelled values", "comparison": "comparisons", "": "other"},
    "documents": {"title": "title", "absent": "not there", "document kind": "kind", "": "fields"},
    "signs": {"": "read"}, "windows": {"": "what it shows"},
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A picture as the LLM is shown it: token ids [144], and the questions on it."""

    tokens: list[int]
    questions: tuple[Question, ...]
    domain: str


class NaturalLessons(Lessons):
    """Prompts behind 144 tokens; replies in the pieces that stand on the picture."""

    def __init__(self, pieces: Pieces):
        super().__init__(pieces.tokenizer, "answer")
        self.pieces = pieces

    def reply(self, question: Question) -> list[int]:
        return [*self.pieces.ids_of(f" {question.answer}"), self.end]

    def in_turn(self, drawing: Drawing, questions: list[Question]) -> list[Question]:
        """Of a chart one question of each kind before a second, for extremes are asked twice."""
        if not drawing.table:
            return questions
        kinds = [question.kind for question in questions]
        turns = [kinds[:k].count(kind) for k, kind in enumerate(kinds)]
        return [question for _, question in sorted(zip(turns, questions, strict=True), key=itemgetter(0))]


Written = Callable[[Picture], list[int]]  # a picture -> its 144 token ids


def shown(picture: Picture, written: Written, rng: random.Random) -> Shown | None:
    """A picture with some of its questions that need an expert; None where it has none."""
    questions = [question for question in picture.questions if question.experts]
    rng.shuffle(questions)
    if not questions:
        return None
    return Shown(written(picture), tuple(questions[:MOST_QUESTIONS]), picture.domain)


@dataclass(frozen=True)
class Eyes:
    """How pictures come to their tokens: all by their labels, or those with text by a reader."""

    layout: ListLayout
    reader: ReadingExpert | None = None

    def written(self, picture: Picture) -> list[int]:
        """As a reader without a mistake writes it."""
        return self.layout.written(picture)

    def read(self, picture: Picture) -> list[int]:
        """As the reader reads it; charts, which are another expert's, without a mistake."""
        if self.reader is None or picture.table:
            return self.written(picture)
        pixels = normalised(squared(picture.image))
        with torch.no_grad(), mixed_precision("cpu"):
            return [self.layout.pieces.ids[place] for place in self.reader.read(pixels)]

    def honest(self, one: Shown, picture: Picture) -> Shown:
        """What stands on the picture and was not read is not answered."""
        questions = answerable(one.questions, self.written(picture), one.tokens, self.layout.pieces)
        return replace(one, questions=tuple(questions))


def answerable(
    questions: Sequence[Question], written: list[int], read: list[int], pieces: Pieces
) -> list[Question]:
    """The questions, with UNREAD_ANSWER for answers that are `written` on the picture and were not `read`."""
    wanted, found = (" ".join(pieces.text_of(ids).split()) for ids in (written, read))
    return [
        replace(q, answer=UNREAD_ANSWER) if q.answer in wanted and q.answer not in found else q
        for q in questions
    ]


def disturbed(tokens: list[int], share: float, pieces: Pieces, rng: random.Random) -> list[int]:
    """A share of the written cells wrong: half of them another piece, half changed with a neighbour."""
    found = list(tokens)
    for place, token in enumerate(tokens):
        if token in (pieces.blank, pieces.newline) or rng.random() >= share:
            continue
        if rng.random() < 0.5:
            found[place] = rng.choice(pieces.ids[2:])
        else:
            other = min(max(place + rng.choice((-1, 1)), 0), len(found) - 1)
            found[place], found[other] = found[other], found[place]
    return found


def pick(mixture: Mixture, rng: random.Random, eyes: Eyes) -> Shown:
    """A picture, a share of them as the reader reads it where there is one."""
    while True:
        place, reads = mixture.place(rng), eyes.reader is not None and rng.random() < READ
        picture = mixture.stock[place] if reads else mixture.stock.labelled(place)
        one = shown(picture, eyes.read if reads else eyes.written, rng)
        if one:
            return eyes.honest(one, picture) if reads else one


def train(speaker: nn.Module, lessons: NaturalLessons, stock: Stock, loop: Loop, eyes: Eyes) -> None:
    """Trains the LoRA until the loop's sitting is over."""
    embeddings = speaker.get_base_model().model.embed_tokens.weight.detach()
    mixture = Mixture(stock, MAKERS)

    def loss_of(step: int) -> tuple[Tensor, dict[str, float]]:
        rng = random.Random(f"perfect {step}")
        chosen = [pick(mixture, rng, eyes) for _ in range(BATCH)]
        tokens = [disturbed(s.tokens, rng.choice(TRAINED), lessons.pieces, rng) for s in chosen]
        pictures = [embeddings[torch.tensor(ids)] for ids in tokens]
        return speaking_loss(speaker, [lessons.packed(s.questions) for s in chosen], pictures)

    loop.run(loss_of)


@torch.no_grad()
def answered(speaker: nn.Module, packed: Packed, picture: Tensor) -> list[bool]:
    """Whether greedy decoding would give each reply, as it does where each token is the likeliest next."""
    llm = speaker.get_base_model()
    ids, positions, mask, targets = collate([packed])
    place = ids == IMAGE_TOKEN
    embeds = llm.model.embed_tokens(ids.masked_fill(place, 0))
    embeds = embeds.masked_scatter(place[..., None], picture.to(embeds.dtype))
    with mixed_precision("cpu"):
        hidden = llm.model(inputs_embeds=embeds, attention_mask=mask.to(embeds.dtype), position_ids=positions,
                           use_cache=False).last_hidden_state  # fmt: skip
        wanted = targets[0] != -100
        right = llm.lm_head(hidden[0, wanted]).argmax(-1) == targets[0, wanted]
    places = wanted.nonzero().flatten().tolist()
    starts = [k for k, place in enumerate(places) if not k or places[k - 1] != place - 1]
    return [bool(right[a:b].all()) for a, b in zip(starts, [*starts[1:], len(places)], strict=True)]


def row_of(domain: str, question: Question) -> Iterator[str]:
    """The rows of the table a question counts in."""
    rows = ROWS.get(domain, {"": "other"})
    row = rows.get(question.kind, rows[""])
    yield f"{domain}: {row}"
    if domain == "documents" and row == "fields" and sum(letter.isdigit() for letter in question.answer) >= 2:
        yield "documents: exact numbers"


def measure(speaker: nn.Module, lessons: NaturalLessons, asked: list[Shown], share: float) -> dict:
    """{row: (questions, share right)} with a share of the tokens wrong."""
    embeddings = speaker.get_base_model().model.embed_tokens.weight.detach()
    found: dict[str, list[bool]] = defaultdict(list)
    for number, one in enumerate(asked):
        tokens = disturbed(one.tokens, share, lessons.pieces, random.Random(f"{number} {share}"))
        results = answered(speaker, lessons.packed(one.questions), embeddings[torch.tensor(tokens)])
        for question, right in zip(one.questions, results, strict=True):
            for row in row_of(one.domain, question):
                found[row].append(right)
    return {row: (len(rights), round(sum(rights) / len(rights), 3)) for row, rights in sorted(found.items())}


def start_from(speaker: nn.Module, folder: Path) -> None:
    """Puts a LoRA in peft's format in place."""
    weights = load_file(folder / "adapter_model.safetensors")
    renamed = {
        name.replace(".lora_A.weight", ".lora_A.default.weight").replace(
            ".lora_B.weight", ".lora_B.default.weight"
        ): tensor.float()
        for name, tensor in weights.items()
    }
    _, unexpected = speaker.load_state_dict(renamed, strict=False)
    assert not unexpected, unexpected


def table(results: dict[str, dict]) -> str:
    """Markdown: a row each, a column for each way in which the tokens came."""
    lines = ["| | questions |" + "".join(f" {way} |" for way in results)]
    lines.append("| --- |" + " --- |" * (len(results) + 1))
    first = next(iter(results.values()))
    for row, (count, _) in first.items():
        lines.append(f"| {row} | {count} |" + "".join(f" {results[s][row][1]:.2f} |" for s in results))
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.perfect_tokens", description=__doc__)
    parser.add_argument(
        "--llm", type=Path, default=Path("assets/mova-tiny"), help="folder with the LLM's files"
    )
    parser.add_argument("--stock", type=Path, default=Path("runs/stock"), help="drawn by training.stock")
    parser.add_argument("--run", type=Path, default=Path("runs/perfect"))
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument(
        "--pictures", type=int, default=60, help="pictures of each maker that are asked about"
    )
    parser.add_argument("--makers", nargs="*", choices=MAKERS, default=list(MAKERS), help="asked about")
    parser.add_argument("--read", action="store_true", help="half of the text as the reader reads it")
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    eyes = eyes_of(ListLayout(Pieces(AutoTokenizer.from_pretrained(options.llm))), options.read, options.llm)
    lessons, speaker = NaturalLessons(eyes.layout.pieces), build_speaker(options.llm, "answer")
    start_from(speaker, options.llm / "answer_lora")
    sitting = Sitting(
        steps=100_000, batch=BATCH, rate=RATE, log_every=5, save_every=50, minutes=options.minutes
    )
    train(speaker, lessons, Stock(options.stock), Loop(options.run, "perfect", speaker, sitting), eyes)
    test = Stock(options.stock, split="test")
    places = [
        k
        for maker, found in test.by_maker().items()
        if maker in options.makers
        for k in found[: options.pictures]
    ]
    rng = random.Random("perfect examination")
    asked = [one for k in places if (one := shown(test.labelled(k), eyes.written, rng))]
    results = {f"{share:.0%} wrong": measure(speaker, lessons, asked, share) for share in SHARES}
    if options.read:
        rng = random.Random("perfect examination")
        asked = [one for k in places if (one := shown(test[k], eyes.read, rng))]
        results["as read"] = measure(speaker, lessons, asked, 0.0)
    print(json.dumps(results))
    print(table(results))


def eyes_of(layout: ListLayout, reads: bool, checkpoint: Path) -> Eyes:
    """With the reader as it stands, if it `reads`."""
    if not reads:
        return Eyes(layout)
    config = tiny_config()
    expert = ReadingExpert(config, config.mm_hidden_size, SIDES)
    load_state(expert.reader, STATE, checkpoint)
    expert.spellings.copy_(spell(layout.pieces.texts))
    return Eyes(layout, expert.eval())


if __name__ == "__main__":
    main()
