"""`python -m training.finding C|G`: the finders of things and of shapes learn what is where.

Middles, edges and words are known of every drawing. Pictures are stretched and turned left to right, for no
visitor's has these makers' proportions; one in eight shows nothing that could be found.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image, ImageEnhance
from torch import Tensor, nn
from torch.nn import functional as F

from mova.config import MovaConfig
from mova.language.boxes import Box, iou, on_square
from mova.vision.experts.finder import (
    LIKELY,
    PLACES,
    SMALL,
    Finder,
    Scout,
    Scouted,
    ShapeFinder,
    ThingFinder,
)
from mova.vision.experts.pool import BY_LETTER, LETTERS
from mova.vision.found import OUTLINE, Found
from training.alignment import VisionSide
from training.assemble import write_vision
from training.charting import add_little, rare_loss
from training.fitting import join
from training.loop import Loop, Sitting, mixed_precision
from training.makers.forms import draw_forms
from training.pictures.drawing import draw
from training.pictures.shapes import COLOURS, SHAPES
from training.pictures.things import THINGS
from training.reader_sheets import normalised, padded
from training.stock import Mixture, Stock
from training.widening import SHIPPED, shipped_side

WORDS = {"C": (" ".join(THINGS),), "G": (" ".join(COLOURS), " ".join(SHAPES), f"filled {OUTLINE}")}
FINDERS: dict[str, type[Finder]] = {"C": ThingFinder, "G": ShapeFinder}
DRAWN = {"C": {"objects": 5, "scenes": 3, "mixed": 1}, "G": {"shapes": 1}}
FORMS = 0.65  # share of shapes that are as an office program draws them
NONE = {
    "photographs": 2,
    "unfamiliar": 2,
    "documents": 1,
    "signs": 1,
    "charts": 1,
    "web-charts": 1,
    "windows": 1,
}
NOTHING = 0.12  # share of pictures that show nothing to find
STRETCHED, MIRRORED, LIT = 0.5, 0.5, 0.4
AROUND = 0.5  # weight of a place beside a middle, against one far from all
LEAST = 0.05  # places from a middle that an edge is at least, for a logarithm
RARE = -4.0  # log odds of a middle at the start
EDGE_WEIGHT, WORD_WEIGHT = 2.0, 1.0
BATCH, RATE = 8, 2e-3
OVERLAP = 0.5  # with which a box counts as found

Known = Sequence[tuple[str, Box]]  # what a thing is called, and its box, px of the picture


@dataclass(frozen=True)
class Example:
    """pixels [3, 256, 256] and what is on them."""

    pixels: Tensor
    things: tuple[Found, ...]


def things_of(letter: str, known: Known, size: tuple[int, int]) -> tuple[Found, ...]:
    """What a finder should say of things on a picture of this size."""

    def words(name: str) -> tuple[str, ...]:
        if letter == "C":
            return (name,)
        colour, form, *line = name.split()
        return colour, form, *(line or ["filled"])

    return tuple(Found(words(name), on_square(box, *size)) for name, box in known)


def example(letter: str, image: Image.Image, known: Known, rng: random.Random | None = None) -> Example:
    """A picture as it is, or with a random source stretched, mirrored, lighter or darker."""
    width, height = image.size
    if rng and rng.random() < STRETCHED:
        wide, high = rng.uniform(0.55, 1.0), rng.uniform(0.55, 1.0)
        image = image.resize((round(width * wide), round(height * high)), Image.Resampling.BILINEAR)
        known = [(name, (a * wide, b * high, c * wide, d * high)) for name, (a, b, c, d) in known]
    if rng and rng.random() < MIRRORED:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        known = [(name, (image.width - c, b, image.width - a, d)) for name, (a, b, c, d) in known]
    square = padded(image, SMALL)
    if rng and rng.random() < LIT:
        square = ImageEnhance.Brightness(square).enhance(rng.uniform(0.8, 1.15))
        square = ImageEnhance.Contrast(square).enhance(rng.uniform(0.8, 1.15))
    return Example(normalised(square), things_of(letter, known, image.size))


class Supply:
    """Draws the pictures of training."""

    def __init__(self, letter: str, stock: Stock | None):
        self.letter = letter
        self.nothing = Mixture(stock, NONE) if stock else None

    def pick(self, rng: random.Random) -> tuple[Image.Image, Known]:
        """A picture and what is on it."""
        if self.nothing and rng.random() < NOTHING:
            return self.nothing.pick(rng).image, ()
        if self.letter == "G" and rng.random() < FORMS:
            picture = draw_forms(rng, "train")
            return picture.image, picture.boxes
        shares = DRAWN[self.letter]
        domain = rng.choices(list(shares), list(shares.values()))[0]
        drawing = draw(domain, rng.randrange(1 << 40), "train")
        return drawing.image, drawing.boxes


@dataclass(frozen=True)
class Wanted:
    """Middles [B, 32, 32] of 1 where one is and AROUND beside it; of places near them, at which edges and
    words are asked for, the picture, row and column [P] each, the box in places [P, 4], the words [P, n]."""

    middles: Tensor
    places: tuple[Tensor, Tensor, Tensor]
    boxes: Tensor
    words: Tensor


def wanted(words: Sequence[Sequence[str]], examples: Sequence[Example]) -> Wanted:
    """What should be said of pictures. A place near several middles is of the thing that comes last."""
    middles = torch.zeros(len(examples), PLACES, PLACES)
    asked: dict[tuple[int, int, int], Found] = {}
    for k, one in enumerate(examples):
        at = {middle_of(thing): thing for thing in one.things}
        for (row, column), thing in at.items():
            for r, c in near(row, column):
                middles[k, r, c] = max(middles[k, r, c], AROUND)
                asked[k, r, c] = thing
        for (row, column), thing in at.items():
            middles[k, row, column] = 1
            asked[k, row, column] = thing
    boxes = [[edge * PLACES for edge in thing.box] for thing in asked.values()]
    said = [
        [known.index(word) for known, word in zip(words, thing.words, strict=True)]
        for thing in asked.values()
    ]
    picture, row, column = torch.tensor(list(asked)).reshape(-1, 3).T.long()
    boxes_of, words_of = torch.tensor(boxes).reshape(-1, 4), torch.tensor(said).reshape(-1, len(words)).long()
    return Wanted(middles, (picture, row, column), boxes_of, words_of)


def middle_of(thing: Found) -> tuple[int, int]:
    """Row and column of the place that a thing's middle lies in."""
    x0, y0, x1, y1 = thing.box
    row, column = (min(max(int(edges / 2 * PLACES), 0), PLACES - 1) for edges in (y0 + y1, x0 + x1))
    return row, column


def near(row: int, column: int) -> list[tuple[int, int]]:
    """A place and those around it."""
    rows, columns = (range(max(0, at - 1), min(PLACES, at + 2)) for at in (row, column))
    return [(r, c) for r in rows for c in columns]


def loss_of(words, scouted: Scouted, examples: Sequence[Example]) -> tuple[Tensor, dict[str, float]]:
    """The sum over what must be said, and shares that are right."""
    true = wanted(words, examples)
    logits = scouted.middles[:, 0].float()
    loss = rare_loss(logits, true.middles)
    if not len(true.boxes):
        return loss, {}
    picture, row, column = true.places
    shared = overlaps(scouted.edges.float()[picture, :, row, column], true)
    loss = loss + EDGE_WEIGHT * (1 - shared).mean()
    right = torch.ones(len(true.boxes), dtype=torch.bool)
    for spoken, wanted_words in zip(scouted.words, true.words.T, strict=True):
        at = spoken.float()[picture, :, row, column]
        loss = loss + WORD_WEIGHT * F.cross_entropy(at, wanted_words)
        right &= at.argmax(1) == wanted_words
    found = (logits[true.middles == 1].sigmoid() > LIKELY).float().mean().item()
    return loss, {"overlap": shared.mean().item(), "words": right.float().mean().item(), "middles": found}


def overlaps(edges: Tensor, true: Wanted) -> Tensor:
    """Intersection over union [P] of the boxes that log distances [P, 4] of edges say with the true ones."""
    _, row, column = true.places
    middle = torch.stack([column, row, column, row], 1) + 0.5
    outwards = torch.tensor([-1.0, -1.0, 1.0, 1.0])
    wanted_edges = ((true.boxes - middle) * outwards).clamp(min=LEAST)
    guessed = edges.clamp(-4, 4).exp()
    shared, one, other = (
        (e[:, 0] + e[:, 2]) * (e[:, 1] + e[:, 3])
        for e in (torch.minimum(wanted_edges, guessed), wanted_edges, guessed)
    )
    return shared / (one + other - shared)


@torch.no_grad()
def measured(finder: Finder, letter: str, count: int) -> dict[str, dict[str, float]]:
    """On drawings of the test split: shares of pictures with all things and their words right, of things that
    are found with their words in the right place, and things too many for each there is."""
    found = {}
    for source in (*DRAWN[letter], *(["forms"] if letter == "G" else [])):
        whole = near = many = all_things = 0
        for seed in range(count):
            if source == "forms":
                picture = draw_forms(random.Random(f"finding {seed}"), "test")
            else:
                picture = draw(source, seed, "test")
            one = example(letter, picture.image, picture.boxes)
            said = finder.found(finder.scout(one.pixels[None]))
            whole += sorted(thing.words for thing in one.things) == sorted(thing.words for thing in said)
            here = [any(a.words == b.words and iou(a.box, b.box) > OVERLAP for b in said) for a in one.things]
            near, all_things = near + sum(here), all_things + len(here)
            many += max(0, len(said) - sum(here))
        rates = (whole / count, near / max(1, all_things), many / max(1, all_things))
        found[source] = dict(
            zip(("pictures", "things", "too many"), (round(rate, 3) for rate in rates), strict=True)
        )
    return found


def new_finder(letter: str, config: MovaConfig) -> Finder:
    """With start values: middles are rare, and what a layer adds is little."""
    finder = FINDERS[letter](config, config.mm_hidden_size, WORDS[letter])
    nn.init.constant_(finder.scout.place_head.bias.data[:1], RARE)
    add_little(finder.scout)
    return finder


def train(finder: Finder, supply: Supply, loop: Loop) -> None:
    """Trains the scout until the loop's sitting is over."""
    scout: Scout = finder.scout

    def of(step: int) -> tuple[Tensor, dict[str, float]]:
        rng = random.Random(f"finding {supply.letter} {step}")
        examples = [example(supply.letter, *supply.pick(rng), rng) for _ in range(BATCH)]
        with mixed_precision("cpu"):
            scouted = scout(torch.stack([one.pixels for one in examples]))
        return loss_of(finder.words, scouted, examples)

    loop.run(of)


def with_finder(old: VisionSide, letter: str, scout: dict[str, Tensor]) -> VisionSide:
    """The vision side with a finder in an expert's place; it writes with the readers' tokens and codes."""
    plain, module, known = old.config.to_dict(), BY_LETTER[letter].module, "B"
    plain[module]["finds"] = list(WORDS[letter])
    plain["expert_channels"][LETTERS.index(letter)] = plain["mm_hidden_size"]
    side = old.rebuilt(MovaConfig(**plain))
    expert = side.vision_tower.expert(letter)
    expert.scout.load_state_dict(scout)
    expert.spellings.copy_(side.vision_tower.expert(known).spellings)
    join(side, known, [letter])
    return side.eval().requires_grad_(False)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.finding", description=__doc__)
    parser.add_argument("letter", choices=FINDERS)
    parser.add_argument(
        "--stock", type=Path, default=Path("runs/stock"), help="of what shows nothing to find"
    )
    parser.add_argument("--run", type=Path, default=Path("runs/finding"))
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--shipped", type=Path, default=SHIPPED, help="the checkpoint it is made for")
    parser.add_argument("--target", type=Path, help="a copy of it, whose vision side gets the finder")
    parser.add_argument("--measure", type=int, default=200, help="drawings of each kind it is measured on")
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    side = shipped_side(options.target or options.shipped)
    finder = new_finder(options.letter, side.config)
    finder.codes.requires_grad_(False)
    sitting = Sitting(
        1_000_000, BATCH, RATE, log_every=20, save_every=200, minutes=options.minutes, ending=0.4
    )
    loop = Loop(options.run, f"finding-{options.letter}", finder, sitting)
    train(finder, Supply(options.letter, Stock(options.stock)), loop)
    if options.target:
        side = with_finder(side, options.letter, finder.scout.state_dict())
        write_vision(side, side.config, options.target)
    print(json.dumps(measured(finder.eval(), options.letter, options.measure)))


if __name__ == "__main__":
    main()
