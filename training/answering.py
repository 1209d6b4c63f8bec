"""`python -m training.answering`: the answering LoRA learns to answer from what readers and finders write.

Four pictures in ten are the first recipe's own, so that nothing is unlearnt. Text is shown as the labels say
it, with some tokens wrong, or as the reader reads it (`training/readings.py`): what it did not read is
answered with that it cannot be read. Finders look for themselves. What neither looks at is taught as in
`training/widening.py`; and what no expert is made for is not made up, whichever looks.

Two sittings of other seeds beside each other, on a core each, are put together by `training.mixing`.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoTokenizer

from training.alignment import VisionSide
from training.chart_answers import as_read
from training.finding import FINDERS
from training.fitting import CHARTS, READS, look
from training.language import ROUNDED, LayerWeights, build_speaker, speaking_loss
from training.list_layout import ListLayout
from training.loop import Loop, Sitting
from training.makers.chart_questions import extremes_anew
from training.makers.drawn import runs_of
from training.makers.records import Picture
from training.packing import Packed
from training.perfect_tokens import TRAINED, NaturalLessons, answerable, disturbed, start_from
from training.pictures.drawing import DOMAINS, Drawing, Question, draw
from training.pieces import Pieces
from training.readings import Readings, drawn_key
from training.stock import Mixture, Stock
from training.widening import SHIPPED, Before, as_drawing, honest, save, shipped_side, talked_about

DRAWN = 0.4  # share of pictures that are the first recipe's
# More often what readers and finders are needed for: the other domains are kept, not learnt.
DOMAINS_DRAWN = dict.fromkeys(DOMAINS, 1) | {
    "documents": 2, "signs": 2, "charts": 2, "mixed": 2, "objects": 4, "shapes": 2, "scenes": 2,
}  # fmt: skip
TEXT = {"charts": 5, "web-charts": 5, "documents": 6, "signs": 3, "web-signs": 2, "windows": 1, "pages": 3}
OTHERS = {"unfamiliar": 3, "small-print": 1, "photographs": 2, "forms": 4}
OTHER = 0.35  # share of natural pictures that are not read
NOBODYS = ("unfamiliar", "photographs")  # which no expert is made for,
WRONGLY = "CGAFCGAFBDE"  # and who may look at them all the same,
SENT = 0.5  # so often
AS_READ = 0.7  # of those that are, where there is a reading
MORE_EXTREMES = 3  # questions more for the highest of a chart, and for the lowest: few steps, many words
BATCH, RATE = 2, 8e-4
TRIES = 8  # to come upon a picture that was read
REREAD = 100  # steps, after which new readings are looked for


@dataclass(frozen=True)
class Seen:
    """A picture, where it is kept (a key of the readings), and the text on it if a reader may look."""

    drawing: Drawing
    key: str
    text: Picture | None
    natural: bool


class Pictures:
    """Draws the pictures of training."""

    def __init__(self, stock: Stock, readings: Readings):
        self.text, self.others, self.readings = Mixture(stock, TEXT), Mixture(stock, OTHERS), readings

    def pick(self, rng: random.Random) -> Seen:
        """One of the first recipe's, or of the stock's."""
        if rng.random() < DRAWN:
            return self._drawn(rng)
        mixture = self.others if rng.random() < OTHER else self.text
        place = self._place(mixture, rng)
        picture = mixture.stock[place]
        text = picture if mixture is self.text else None
        return Seen(talked_about(as_drawing(picture), rng), mixture.stock.key(place), text, natural=True)

    def _place(self, mixture: Mixture, rng: random.Random) -> int:
        """Half of the time one of those that were read."""
        tries = TRIES if mixture is self.text and rng.random() < AS_READ else 1
        places = [mixture.place(rng) for _ in range(tries)]
        return next((place for place in places if mixture.stock.key(place) in self.readings), places[0])

    def _drawn(self, rng: random.Random) -> Seen:
        domain = rng.choices(list(DOMAINS_DRAWN), list(DOMAINS_DRAWN.values()))[0]
        seeds = self.readings.seeds(domain)
        seed = rng.choice(seeds) if seeds and rng.random() < AS_READ else rng.randrange(1 << 40)
        drawing = draw(domain, seed, "train")
        text = Picture(drawing.image, "drawn", domain, runs_of(drawing), table=drawing.table)
        return Seen(talked_about(drawing, rng), drawn_key(domain, seed), text, natural=False)


@dataclass(frozen=True)
class Teacher:
    """Lessons as the vision side shows them, with answers that can be given."""

    side: VisionSide
    lessons: NaturalLessons
    layout: ListLayout
    readings: Readings
    before: Before

    def lesson(self, seen: Seen, rng: random.Random, speaker) -> tuple[Packed, Tensor]:
        """A packed sequence and the image tokens [144, H] for it."""
        questions, letters = self.lessons.chosen(seen.drawing, rng)
        if CHARTS in letters and seen.drawing.table:
            questions += extremes_anew(rng, seen.drawing.table, MORE_EXTREMES)
        if not letters and seen.drawing.domain in NOBODYS and rng.random() < SENT:
            letters = (rng.choice(WRONGLY),)
        read = [letter for letter in letters if letter in READS and seen.text is not None]
        cells = {}
        for letter in read:
            cells[letter], questions = self._cells(seen, letter, questions, rng)
        cells = {letter: torch.tensor([found]) for letter, found in cells.items()}
        with torch.no_grad():
            tokens = look(self.side, [seen.drawing], letters, cells, [questions[0].text])[0]
        if seen.natural and seen.text is None and not set(letters) & FINDERS.keys():
            questions = honest(questions, self.before.right(speaker, self.lessons, questions, tokens))
        return self.lessons.packed(questions), tokens

    def _cells(
        self, seen: Seen, letter: str, questions: Sequence[Question], rng: random.Random
    ) -> tuple[list[int], list[Question]]:
        """What is read (places in the pieces), and the questions with what can be answered from it."""
        pieces, found = self.layout.pieces, self.readings.of(seen.key, letter)
        written = self.layout.written(seen.text if letter == CHARTS else replace(seen.text, table=None))
        if found is None:
            ids = disturbed(written, rng.choice(TRAINED), pieces, rng)
            return [pieces.index[token] for token in ids], list(questions)
        ids = [pieces.ids[cell] for cell in found]
        if letter == CHARTS and seen.text.table:
            return found, as_read(questions, seen.text.table, ids, pieces)
        return found, answerable(questions, written, ids, pieces)


def train(teacher: Teacher, pictures: Pictures, speaker, loop: Loop, seed: int = 0) -> None:
    """Trains until the loop's sitting is over."""
    layers = LayerWeights(speaker.get_base_model())

    def loss_of(step: int) -> tuple[Tensor, dict[str, float]]:
        rng = random.Random(f"answering {seed} {step}")
        if step % REREAD == 0:
            teacher.readings.load()
        layers.hold(rounded=False)
        given = [teacher.lesson(pictures.pick(rng), rng, speaker) for _ in range(BATCH)]
        layers.hold(rounded=rng.random() < ROUNDED)
        return speaking_loss(speaker, [packed for packed, _ in given], [tokens for _, tokens in given])

    loop.run(loss_of)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.answering", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="with readers (training.fitting); its LoRA is replaced")
    parser.add_argument("--shipped", type=Path, default=SHIPPED, help="whose LoRA it starts from")
    parser.add_argument("--stock", type=Path, default=Path("runs/stock"), help="drawn by training.stock")
    parser.add_argument("--readings", type=Path, default=Path("runs/readings"), help="by training.readings")
    parser.add_argument("--run", type=Path, default=Path("runs/answering"))
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0, help="of the pictures that are shown")
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    layout = ListLayout(Pieces(AutoTokenizer.from_pretrained(options.checkpoint)))
    speaker = build_speaker(options.checkpoint, "answer")
    start_from(speaker, options.shipped / "answer_lora")
    readings = Readings(options.readings)
    teacher = Teacher(
        shipped_side(options.checkpoint), NaturalLessons(layout.pieces), layout, readings, Before(speaker)
    )
    sitting = Sitting(100_000, BATCH, RATE, log_every=10, minutes=options.minutes, ending=0.4)
    loop = Loop(options.run, "answering", speaker, sitting)
    train(teacher, Pictures(Stock(options.stock), readings), speaker, loop, options.seed)
    save(speaker, options.checkpoint / "answer_lora")


if __name__ == "__main__":
    main()
