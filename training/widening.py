"""`python -m training.widening routing|answer`: the shipped LoRAs learn about pictures that other tools make.

The encoders stay as they are. The router learns which expert a chart, a page, a window or a sign of any tool
needs; the answering LoRA learns to say that it cannot read what the encoders cannot, in place of an answer it
makes up. Half of the pictures are the first recipe's own, so that nothing is unlearnt. Two sittings of other
seeds, each with its own --run, are put together by `training.mixing`.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from peft import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoTokenizer

from mova.config import MovaConfig
from training.alignment import RealTokens, VisionSide
from training.language import (
    ROUNDED,
    LayerWeights,
    Lessons,
    build_speaker,
    pick_drawing,
    speaking_loss,
    with_talk,
)
from training.loop import Loop, Sitting
from training.makers.chart_questions import asked_anew
from training.makers.records import Picture
from training.perfect_tokens import answered, start_from
from training.pictures.drawing import DOMAINS, Drawing, Question
from training.pictures.unfamiliar import UNREAD_ANSWER
from training.stock import Mixture, Stock
from training.text import load_text_tokenizer

SHIPPED = Path("assets/mova-tiny")
NATURAL = 0.5  # share of pictures from the stock
MAKERS = {
    "charts": 4, "web-charts": 4, "documents": 3, "signs": 4, "web-signs": 4, "windows": 3, "pages": 1,
    "unfamiliar": 2, "small-print": 1, "photographs": 2, "forms": 2, "formulas": 2, "artwork": 2,
    "diagrams": 2, "sketches": 3,
}  # fmt: skip
# Of the first recipe's own: more often what the router takes for something else.
OWN = dict.fromkeys(DOMAINS, 1) | {"objects": 2, "documents": 2}
# What the picture's looks tell, without a letter being read.
SEEN = ("chart kind", "document kind", "sort", "too small", "unknown")
BATCH, RATE = 3, 4e-4


def shipped_side(folder: Path) -> VisionSide:
    """The vision side of a checkpoint, frozen."""
    config = MovaConfig(**json.loads((folder / "config.json").read_text()))
    side = VisionSide(config, load_text_tokenizer(folder))
    weights: dict[str, Tensor] = {}
    for path in sorted(folder.glob("vision-*.safetensors")):
        weights |= load_file(path)
    side.load_state_dict({name.removeprefix("model."): w for name, w in weights.items()})  # as float32
    return side.eval().requires_grad_(False)


def as_drawing(picture: Picture) -> Drawing:
    """A natural picture where the first recipe's are expected: nothing is known of its cells."""
    return Drawing(
        picture.image, picture.domain, {}, picture.questions, held_out=picture.held_out, table=picture.table
    )


def talked_about(drawing: Drawing, rng: random.Random) -> Drawing:
    """A picture with its questions, a chart's in words found anew, and some talk."""
    if drawing.table:
        drawing = replace(drawing, questions=asked_anew(rng, drawing.questions, drawing.table))
    return with_talk(drawing, rng)


class Pictures:
    """Draws the pictures of training: the first recipe's own, and those of a stock by their maker's share."""

    def __init__(self, stock: Stock):
        self.natural = Mixture(stock, MAKERS)

    def pick(self, rng: random.Random) -> tuple[Drawing, bool]:
        """A picture, and whether another tool than the first recipe's made it."""
        if rng.random() >= NATURAL:
            return pick_drawing(rng, OWN), False
        return talked_about(as_drawing(self.natural.pick(rng)), rng), True


def honest(questions: Sequence[Question], right: Sequence[bool]) -> list[Question]:
    """The questions, with UNREAD_ANSWER for the answers that are not `right` and must be read."""
    return [
        question if ok or not question.experts or question.kind in SEEN
        else replace(question, answer=UNREAD_ANSWER)
        for question, ok in zip(questions, right, strict=True)
    ]  # fmt: skip


class Before:
    """A LoRA as it was when training began: what it can read is what may be answered."""

    def __init__(self, speaker: nn.Module):
        trained = [parameter for parameter in speaker.parameters() if parameter.requires_grad]
        self.held = [(parameter, parameter.detach().clone()) for parameter in trained]

    def right(
        self, speaker: nn.Module, lessons: Lessons, questions: Sequence[Question], tokens: Tensor
    ) -> list[bool]:
        """Which of the questions about a picture's tokens it answers without a mistake."""
        now = [parameter.data for parameter, _ in self.held]
        for parameter, then in self.held:
            parameter.data = then
        found = answered(speaker, lessons.packed(questions), tokens)
        for (parameter, _), data in zip(self.held, now, strict=True):
            parameter.data = data
        return found


@dataclass(frozen=True)
class Widening:
    """One LoRA's training on pictures of both sorts."""

    speaker: nn.Module
    lessons: Lessons
    source: RealTokens
    pictures: Pictures
    seed: int = 0  # of the pictures that are shown

    def run(self, loop: Loop, before: Before) -> None:
        """Trains until the loop's sitting is over."""
        layers = LayerWeights(self.speaker.get_base_model())

        def loss_of(step: int) -> tuple[Tensor, dict[str, float]]:
            rng = random.Random(f"widening {self.lessons.task} {self.seed} {step}")
            layers.hold(rounded=False)
            given = [self._lesson(rng, before) for _ in range(BATCH)]
            layers.hold(rounded=rng.random() < ROUNDED)
            return speaking_loss(self.speaker, [packed for packed, _ in given], [t for _, t in given])

        loop.run(loss_of)

    def _lesson(self, rng: random.Random, before: Before):
        drawing, natural = self.pictures.pick(rng)
        questions, letters = self.lessons.chosen(drawing, rng)
        tokens = self.source(drawing, letters, questions[0].text)
        if natural and self.lessons.task == "answer":
            questions = honest(questions, before.right(self.speaker, self.lessons, questions, tokens))
        return self.lessons.packed(questions), tokens


def save(speaker: nn.Module, folder: Path) -> None:
    """Replaces a LoRA's weights; its configuration stays."""
    weights = {name: w.bfloat16().contiguous() for name, w in get_peft_model_state_dict(speaker).items()}
    save_file(weights, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    (folder / "adapter_model.safetensors").chmod(0o644)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.widening", description=__doc__)
    parser.add_argument("task", choices=("routing", "answer"))
    parser.add_argument("--shipped", type=Path, default=SHIPPED, help="the checkpoint it starts from")
    parser.add_argument("--target", type=Path, help="checkpoint whose LoRA is replaced (default: the same)")
    parser.add_argument("--stock", type=Path, default=Path("runs/stock"), help="drawn by training.stock")
    parser.add_argument("--run", type=Path, default=Path("runs/wide"))
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seed", type=int, default=0, help="of the pictures that are shown")
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    lora = f"{options.task}_lora"
    speaker = build_speaker(options.shipped, options.task)
    start_from(speaker, options.shipped / lora)
    before = Before(speaker)
    sitting = Sitting(100_000, BATCH, options.rate, log_every=10, minutes=options.minutes)
    loop = Loop(options.run, options.task, speaker, sitting)
    lessons = Lessons(AutoTokenizer.from_pretrained(options.shipped), options.task)
    source = RealTokens(shipped_side(options.shipped), options.task)
    Widening(speaker, lessons, source, Pictures(Stock(options.stock)), options.seed).run(loop, before)
    save(speaker, (options.target or options.shipped) / lora)


if __name__ == "__main__":
    main()
