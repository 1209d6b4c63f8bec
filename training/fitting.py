"""`python -m training.fitting`: readers take the places of experts B, D and E, and the adapter learns of it.

Everything else of the checkpoint stays as it is, and so does what it shows without a reader. The reader's
codes are laid on the cells as its labels say, so no picture need be read: what is learnt is how a token's
code comes through two blocks of the adapter and the projector as the LLM's own embedding of it, beside
whatever the base encoder and other experts write. A second sitting at a quarter of the rate settles it.
"""

import argparse
import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoTokenizer

from mova.config import MovaConfig
from mova.vision.experts.pool import BY_LETTER, LETTERS
from mova.vision.experts.writing import spell
from training.alignment import VisionSide, alignment_loss, batch_views_of, views_for
from training.assemble import write_vision
from training.layout import TokenLayout
from training.list_layout import ListLayout
from training.locality import MARGIN, codes, start_reading, write_row
from training.loop import Loop, Sitting, mixed_precision
from training.makers.drawn import runs_of
from training.makers.records import Picture
from training.pictures.drawing import DOMAINS, Drawing, draw
from training.pieces import Pieces
from training.reader_training import STATE, load_state, new_reader
from training.stock import Mixture, Stock
from training.train import embeddings_of
from training.widening import SHIPPED, as_drawing, shipped_side

READS = {"B": (768, 384), "D": (768, 384, 192), "E": (768, 384)}  # px at which each looks
CHARTS = "E"  # which writes them as tables
MAKERS = {"documents": 3, "signs": 2, "windows": 1, "pages": 1}
MIXED = 0.3  # share of steps with a drawing of the first recipe, which other experts see as well
FIRST_CODE = 1_000_000  # a number for each code, from here on
KEPT = 0.65  # share of steps without a reader, which must show what they showed before
HOMES = {"A": "scenes", "C": "objects", "F": "scans", "G": "shapes"}
OTHERS = {"charts": 1, "photographs": 1, "unfamiliar": 1, "documents": 1, "signs": 1, "windows": 1}
CLOSENESS = 10.0  # weight of what moved, in shares of the embeddings' spread
STRANGE = 0.3  # share of the written cells that get another token: every one is met
BATCH, RATE = 8, 2e-3


def with_readers(old: VisionSide, reader: dict[str, Tensor], texts: list[str], said: Tensor) -> VisionSide:
    """The vision side with readers of these weights as the experts of READS; the rest of what is new has its
    start values. `texts` are what the tokens spell, `said` [V, H] what the LLM should be shown of each more
    than of a blank."""
    known = [letter for letter in READS if old.config.reads(BY_LETTER[letter].module)]
    side = old.rebuilt(widened_config(old.config, len(said), first=not known))
    for letter in READS:
        expert = side.vision_tower.expert(letter)
        if not old.config.sees(BY_LETTER[letter].module):  # what reads charts has a reader of its own
            expert.reader.load_state_dict(reader)
        expert.spellings.copy_(spell(texts))
    if known:
        join(side, known[0], [letter for letter in READS if letter not in known])
    else:
        start(side, old.mm_projector.mlp, said)
    return side


def start(side: VisionSide, projector: nn.Sequential, said: Tensor) -> None:
    """Start values of codes, of the attention to them, and of the rows that the projector has more."""
    # The first recipe's codes are those of the LLM's token ids; these are of numbers that no token has.
    table = codes([FIRST_CODE + place for place in range(len(said))], side.config.mm_hidden_size)
    for letter in READS:
        side.vision_tower.expert(letter).codes.weight.data.copy_(table)
        for block in side.mm_projector.blocks:
            start_reading(block, LETTERS.index(letter))
    widen(side.mm_projector.mlp, projector, table, said)


def join(side: VisionSide, known: str, letters: list[str]) -> None:
    """Readers beside one that there was: its codes, and looked at as it is."""
    for letter in letters:
        tower = side.vision_tower
        tower.expert(letter).codes.load_state_dict(tower.expert(known).codes.state_dict())
        for block in side.mm_projector.blocks:
            like = block.cross_attn[LETTERS.index(known)].state_dict()
            block.cross_attn[LETTERS.index(letter)].load_state_dict(like)


def widened_config(old: MovaConfig, vocabulary: int, first: bool) -> MovaConfig:
    """The configuration with the readers in it; the `first` ones widen the projector."""
    plain = old.to_dict()
    for letter, sides in READS.items():
        plain[BY_LETTER[letter].module]["reads"] = list(sides)
        plain["expert_channels"][LETTERS.index(letter)] = plain["mm_hidden_size"]
    plain["reader"]["vocab_size"] = vocabulary
    if first:
        plain["adapter"]["projector_hidden_size"] += vocabulary
    return MovaConfig(**plain)


@torch.no_grad()
def widen(new: nn.Sequential, old: nn.Sequential, table: Tensor, said: Tensor) -> None:
    """The old projector's rows first, then a lookup of the readers' codes: `said` [V, H] where one stands."""
    rows = old[0].out_features
    new[0].weight[:rows], new[0].bias[:rows] = old[0].weight, old[0].bias
    new[2].weight[:, :rows], new[2].bias[:] = old[2].weight, old[2].bias
    for row, (code, word) in enumerate(zip(table, said, strict=True), start=rows):
        write_row(new, row, code, word)
    # What every silent row leaks through the GELU would add up to a drift towards all words at once.
    new[2].bias -= new[2].weight[:, rows:].sum(1) * nn.functional.gelu(torch.tensor(-MARGIN))


def trained(side: VisionSide) -> None:
    """Only what the readers' codes come through learns: their values, and the projector."""
    side.requires_grad_(False)
    for block in side.mm_projector.blocks:
        for letter in READS:
            attention = block.cross_attn[LETTERS.index(letter)]
            for part in (attention.v_proj, attention.inner_attn_ln, attention.proj):
                part.requires_grad_(True)
    side.mm_projector.mlp.requires_grad_(True)


class OwnRows:
    """The projector's first rows as they came: no gradient reaches them, and what decay took is put back."""

    def __init__(self, projector: nn.Sequential, rows: int):
        self.projector, self.rows = projector, rows
        self.held = [part.detach().clone() for part in self._parts()]
        for parameter, place in ((projector[0].weight, 0), (projector[0].bias, 0), (projector[2].weight, 1)):
            parameter.register_hook(partial(self._silenced, place))
        projector[2].bias.requires_grad_(False)

    def _parts(self) -> tuple[Tensor, ...]:
        first, second, rows = self.projector[0], self.projector[2], self.rows
        return first.weight[:rows], first.bias[:rows], second.weight[:, :rows]

    def _silenced(self, place: int, gradient: Tensor) -> Tensor:
        gradient = gradient.clone()
        gradient.narrow(place, 0, self.rows).zero_()
        return gradient

    @torch.no_grad()
    def put_back(self) -> None:
        """After training."""
        for part, held in zip(self._parts(), self.held, strict=True):
            part.copy_(held)


@dataclass(frozen=True)
class Lesson:
    """A picture, who looks at it, the reader's tokens on its cells (places in the pieces), the question, and
    the LLM's tokens that should come of it."""

    drawing: Drawing
    letters: tuple[str, ...]
    cells: list[int]
    question: str
    wanted: list[int]


class Lessons:
    """Draws lessons of one set of experts each."""

    def __init__(self, stock: Stock, layout: ListLayout, old: TokenLayout):
        self.mixture, self.layout, self.old = Mixture(stock, MAKERS), layout, old
        self.charts, self.others = Mixture(stock, {"charts": 1}), Mixture(stock, OTHERS)
        self.pieces = layout.pieces

    def group(self, rng: random.Random, size: int) -> list[Lesson]:
        """Lessons that the same experts see."""
        if rng.random() < MIXED:
            return [self._drawn(rng)]
        letters = rng.choice((("B",), ("D",), (CHARTS,), (CHARTS,), ("B", "D")))
        return [self._natural(rng, letters) for _ in range(size)]

    def kept(self, rng: random.Random, size: int) -> list[Lesson]:
        """Pictures that no reader looks at: those of an expert, or of all kinds before it is known whose."""
        letter = rng.choice([*HOMES, "", "", ""])
        lessons = []
        for _ in range(size):
            if letter or rng.random() < MIXED:
                domain = HOMES[letter] if letter else rng.choice(DOMAINS)
                drawing = draw(domain, rng.randrange(1 << 40), "train")
            else:
                drawing = as_drawing(self.others.pick(rng))
            lessons.append(Lesson(drawing, tuple(letter), [], "What is this?", []))
        return lessons

    def cells_of(self, picture: Picture) -> list[int]:
        """Places in the pieces, as a reader without a mistake writes them; charts as tables."""
        return [self.pieces.index[token] for token in self.layout.written(picture)]

    def strange(self, cells: list[int], rng: random.Random) -> list[int]:
        """Some of the written cells with any token."""
        last = len(self.pieces.ids) - 1
        return [rng.randint(2, last) if cell > 1 and rng.random() < STRANGE else cell for cell in cells]

    def wanted(self, cells: list[int], beside: list[int] | None = None) -> list[int]:
        """The LLM's tokens for what is read; elsewhere what other experts write, or the blank."""
        beside = beside or [self.old.blank] * len(cells)
        return [self.pieces.ids[c] if c else other for c, other in zip(cells, beside, strict=True)]

    def _natural(self, rng: random.Random, letters: tuple[str, ...]) -> Lesson:
        picture = (self.charts if letters == (CHARTS,) else self.mixture).pick(rng)
        cells = self.strange(self.cells_of(picture), rng)
        question = rng.choice(picture.questions).text if picture.questions else "What does it say?"
        return Lesson(as_drawing(picture), letters, cells, question, self.wanted(cells))

    def _drawn(self, rng: random.Random) -> Lesson:
        """A drawing with a question that a reader and another expert answer together."""
        while True:
            drawing = draw("mixed", rng.randrange(1 << 40), "train")
            asked = [q for q in drawing.questions if len(set(q.experts) & READS.keys()) == 1]
            if asked and (runs := runs_of(drawing)):
                break
        question = rng.choice(asked)
        letters = tuple(sorted(question.experts))
        table = drawing.table if CHARTS in letters else None
        cells = self.strange(self.cells_of(Picture(drawing.image, "drawn", "mixed", runs, table=table)), rng)
        others = [letter for letter in letters if letter not in READS]
        beside = self.old.written(drawing, others) if others else None
        return Lesson(drawing, letters, cells, question.text, self.wanted(cells, beside))


def look(
    side: VisionSide,
    drawings: list[Drawing],
    letters: tuple[str, ...],
    cells: dict[str, Tensor],
    questions: list[str],
) -> Tensor:
    """The image tokens [B, 144, H] of pictures that the same experts see; `cells` [B, 144] is what those of
    them that are readers wrote, in place of looking."""
    tower, others = side.vision_tower, tuple(letter for letter in letters if letter not in cells)
    views = batch_views_of([views_for(drawing, others, side.config) for drawing in drawings])
    with torch.no_grad():
        base, experts = tower.encode_base(views), tower.features(views, others)
        experts |= {letter: tower.expert(letter).written(read) for letter, read in cells.items()}
        text = side.read(questions)
    return side.fuse(base, experts, text, letters).tokens


def fused(side: VisionSide, lessons: list[Lesson]) -> Tensor:
    """The image tokens [B, 144, H] of lessons that the same experts see."""
    letters, read = lessons[0].letters, torch.tensor([lesson.cells for lesson in lessons])
    cells = {letter: read for letter in letters if letter in READS}
    drawings, questions = [one.drawing for one in lessons], [one.question for one in lessons]
    return look(side, drawings, letters, cells, questions)


def fit(side: VisionSide, before: VisionSide, lessons: Lessons, embeddings: Tensor, loop: Loop) -> None:
    """Trains until the loop's sitting is over; what no reader looks at stays as it was `before`."""
    spread = (embeddings - embeddings.mean(0)).square().sum(-1).mean()

    def kept_loss(rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        group = lessons.kept(rng, loop.plan.batch)
        with mixed_precision("cpu"), torch.no_grad():
            wanted = fused(before, group)
        with mixed_precision("cpu"):
            tokens = fused(side, group)
        distance = (tokens.float() - wanted.float()).square().sum(-1).mean() / spread
        return CLOSENESS * distance, {f"moved_{''.join(group[0].letters) or 'none'}": distance.item()}

    seen = {token for seed in range(400) for token in _others(lessons.old, seed)}
    ids = [lessons.old.blank, *(i for i in (*lessons.pieces.ids, *seen) if i != lessons.old.blank)]
    ids = list(dict.fromkeys(ids))
    index, table = {token: k for k, token in enumerate(ids)}, embeddings[ids]

    def loss_of(step: int) -> tuple[Tensor, dict[str, float]]:
        rng = random.Random(f"fitting {step}")
        if rng.random() < KEPT:
            return kept_loss(rng)
        group = lessons.group(rng, loop.plan.batch)
        wanted = torch.tensor([[index.get(token, 0) for token in lesson.wanted] for lesson in group])
        with mixed_precision("cpu"):
            tokens = fused(side, group)
        loss, numbers = alignment_loss(tokens, wanted, table)
        letters = "".join(group[0].letters)
        return loss, numbers | {f"right_{letters if len(group) > 1 else 'beside'}": numbers["right"]}

    loop.run(loss_of)


def _others(layout: TokenLayout, seed: int) -> list[int]:
    drawing = draw("mixed", seed, "train")
    return layout.written(drawing, drawing.labels)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.fitting", description=__doc__)
    parser.add_argument("--shipped", type=Path, default=SHIPPED, help="the checkpoint it starts from")
    parser.add_argument("--target", type=Path, required=True, help="a copy of it, whose files are replaced")
    parser.add_argument("--stock", type=Path, default=Path("runs/stock"), help="drawn by training.stock")
    parser.add_argument("--run", type=Path, default=Path("runs/fitting"))
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--rate", type=float, default=RATE)
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(options.shipped)
    pieces, old = Pieces(tokenizer), TokenLayout(tokenizer)
    embeddings = embeddings_of(options.shipped)
    said = embeddings[pieces.ids] - embeddings[old.blank]
    reader = new_reader(len(said))
    load_state(reader, STATE, options.shipped)
    before = shipped_side(options.shipped)
    side = with_readers(before, reader.state_dict(), pieces.texts, said)
    trained(side)
    rows = OwnRows(side.mm_projector.mlp, side.mm_projector.mlp[0].out_features - len(said))
    sitting = Sitting(100_000, BATCH, options.rate, log_every=10, minutes=options.minutes, ending=0.5)
    lessons = Lessons(Stock(options.stock), ListLayout(pieces), old)
    fit(side, before, lessons, embeddings, Loop(options.run, "fitting", side, sitting))
    rows.put_back()
    write_vision(side, side.config, options.target)


if __name__ == "__main__":
    main()
