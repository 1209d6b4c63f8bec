"""`python -m training.charting`: the sight of charts learns from charts that several tools draw.

What it must say is known of every picture: what each text is, where marks end, which kind of chart it is.
Pictures are stretched and have their colours changed, for no other tool has these tools' proportions and
palettes. One in ten is no chart.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoTokenizer

from mova.config import MovaConfig
from mova.vision.charts.seen import KINDS, MARKS, PLACES, ROLES, SURE, Seen
from mova.vision.experts.chart import HALF, ChartSight
from mova.vision.experts.pool import BY_LETTER
from mova.vision.experts.reader import Wider
from mova.vision.experts.unet import UNet
from training.alignment import VisionSide
from training.assemble import write_vision
from training.fitting import CHARTS
from training.loop import Loop, Sitting, mixed_precision
from training.makers.drawn import draw_chart_with_text
from training.makers.records import Picture, Run
from training.pictures.tables import Mark
from training.pieces import Pieces
from training.reader_sheets import normalised, padded
from training.reader_training import load_state, new_reader
from training.stock import Mixture, Stock
from training.widening import shipped_side

WIDTHS = (16, 32, 64, 96, 128)
SHARES = {"charts": 4, "web-charts": 4}
OTHERS = {"documents": 2, "signs": 1, "windows": 2, "pages": 2, "unfamiliar": 2, "photographs": 1, "forms": 2}
OTHER, DRAWN = 0.1, 0.12  # shares of pictures that are no charts, and that are the first recipe's charts
BATCH, RATE = 8, 2e-3
STRETCHED, COLOURED, DIMMED = 0.6, 0.35, 0.1
NONE_WEIGHT = 0.15  # of a place without print
AROUND = 0.5  # weight of a place beside a mark, against one far from all
ROLE_WEIGHT, OFFSET_WEIGHT, KIND_WEIGHT = 10.0, 2.0, 0.3
RARE = -5.0  # log odds of a mark at the start


@dataclass(frozen=True)
class Example:
    """pixels [3, 384, 384]; roles [96, 96]; marks [M, 96, 96] of 1 where one is and AROUND beside it; offsets
    [2, 96, 96]; the place of the kind in KINDS."""

    pixels: Tensor
    roles: Tensor
    marks: Tensor
    offsets: Tensor
    kind: int


def example(picture: Picture, rng: random.Random | None = None) -> Example:
    """A picture as it is, or with a random source stretched and in other colours."""
    image, wide, high = picture.image, 1.0, 1.0
    if rng and rng.random() < STRETCHED:
        wide, high = rng.uniform(0.7, 1.0), rng.uniform(0.7, 1.0)
        image = image.resize(
            (round(image.width * wide), round(image.height * high)), Image.Resampling.BILINEAR
        )
    side = max(image.size)
    left, top = ((side - length) // 2 for length in image.size)
    square = padded(image, HALF)
    if rng:
        square = coloured(square, rng)
    scale = PLACES / side

    def place(x: float, y: float) -> tuple[float, float]:
        return (x * wide + left) * scale, (y * high + top) * scale

    marks, offsets = mark_places([(mark, *place(mark.x, mark.y)) for mark in picture.marks])
    roles = role_places([(run, *place(*run.box[:2]), *place(*run.box[2:])) for run in picture.runs])
    kind = KINDS.index(picture.table.kind) if picture.table else 0
    return Example(normalised(square), roles if kind else torch.zeros_like(roles), marks, offsets, kind)


def coloured(image: Image.Image, rng: random.Random) -> Image.Image:
    """Sometimes the colours changed with each other, sometimes turned dark."""
    pixels = np.asarray(image)
    if rng.random() < COLOURED:
        pixels = pixels[..., rng.sample(range(3), 3)]
    if rng.random() < DIMMED:
        pixels = 255 - pixels
    if rng.random() < COLOURED:
        low, high = rng.uniform(0, 50), rng.uniform(200, 255)
        pixels = (low + pixels.astype(np.float32) / 255 * (high - low)).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(pixels))


def role_places(found: Sequence[tuple[Run, float, float, float, float]]) -> Tensor:
    """[96, 96]: what the print is that covers a place's middle; nearly covers, for print is thin."""
    roles = torch.zeros(PLACES, PLACES, dtype=torch.long)
    for run, x0, y0, x1, y1 in found:
        if run.role in ROLES:
            a, b, c, d = (max(0, round(edge)) for edge in (x0 - 0.3, y0 - 0.3, x1 + 0.3, y1 + 0.3))
            roles[b : max(d, b + 1), a : max(c, a + 1)] = ROLES.index(run.role)
    return roles


def mark_places(found: Sequence[tuple[Mark, float, float]]) -> tuple[Tensor, Tensor]:
    """marks [M, 96, 96] and offsets [2, 96, 96] of marks at (x, y) in places."""
    marks, offsets = torch.zeros(len(MARKS), PLACES, PLACES), torch.zeros(2, PLACES, PLACES)
    inside = [(m, x, y) for m, x, y in found if 0 <= x < PLACES and 0 <= y < PLACES]
    for mark, x, y in inside:
        kind, row, column = MARKS.index(mark.kind), int(y), int(x)
        near = marks[kind, max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        near.clamp_(min=AROUND)
    for mark, x, y in inside:
        marks[MARKS.index(mark.kind), int(y), int(x)] = 1
        offsets[:, int(y), int(x)] = torch.tensor([x % 1, y % 1])
    return marks, offsets


def rare_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Focal loss a place that is `wanted` (1), of logits for places of which few are; one that nearly is
    (below 1) counts the less the nearer it is. Source: CenterNet (arXiv 1904.07850), equation 1."""
    chance, there = logits.sigmoid(), wanted == 1
    right = -((1 - chance) ** 2) * F.logsigmoid(logits)
    wrong = -((1 - wanted) ** 4) * chance**2 * F.logsigmoid(-logits)
    return torch.where(there, right, wrong).sum() / max(1, int(there.sum()))


def loss_of(seen: Seen, examples: Sequence[Example]) -> tuple[Tensor, dict[str, float]]:
    """The sum over what must be said, and shares that are right."""
    roles, marks, offsets = (
        torch.stack([getattr(one, name) for one in examples]) for name in ("roles", "marks", "offsets")
    )
    kinds = torch.tensor([one.kind for one in examples])
    weights = torch.full((len(ROLES),), 1.0)
    weights[0] = NONE_WEIGHT
    loss = F.cross_entropy(seen.roles.float(), roles, weights)
    chance = seen.marks.float().sigmoid()
    there = marks == 1
    mark_loss = rare_loss(seen.marks.float(), marks)
    place = there.any(1, keepdim=True).expand_as(offsets)
    offset_loss = (seen.offsets.float() - offsets)[place].abs().mean() if place.any() else loss * 0
    kind_loss = F.cross_entropy(seen.kind.float(), kinds)
    written = roles > 0
    numbers = {
        "roles": (seen.roles.argmax(1) == roles)[written].float().mean().item() if written.any() else 1.0,
        "kind": (seen.kind.argmax(-1) == kinds).float().mean().item(),
        "marks": (chance[there] > SURE).float().mean().item() if there.any() else 1.0,
        "false": ((chance > SURE) & (marks == 0)).sum().item() / max(1, int(there.sum())),
    }  # fmt: skip
    return ROLE_WEIGHT * loss + mark_loss + OFFSET_WEIGHT * offset_loss + KIND_WEIGHT * kind_loss, numbers


class Supply:
    """Draws the pictures of training."""

    def __init__(self, charts: Stock, others: Stock):
        self.charts, self.others = Mixture(charts, SHARES), Mixture(others, OTHERS)

    def pick(self, rng: random.Random) -> Picture:
        """A chart of a tool, one of the first recipe's, or no chart."""
        chance = rng.random()
        if chance < OTHER:
            return self.others.pick(rng)
        if chance < OTHER + DRAWN:
            return draw_chart_with_text(rng, "train")
        return self.charts.pick(rng)


@torch.no_grad()
def measured(sight: ChartSight, charts: Stock, count: int) -> dict[str, dict[str, float]]:
    """What is right on each maker's first pictures."""
    found = {}
    for maker, places in charts.by_maker().items():
        totals: dict[str, float] = {}
        for place in places[:count]:
            one = example(charts[place])
            _, numbers = loss_of(sight(one.pixels[None]), [one])
            totals = {name: totals.get(name, 0) + value / count for name, value in numbers.items()}
        found[maker] = {name: round(value, 3) for name, value in totals.items()}
    return found


def add_little(net: UNet) -> None:
    """Start values: what a layer adds is little."""
    for layer in net.modules():
        if isinstance(layer, Wider):
            nn.init.normal_(layer.down.weight, std=0.02)
            nn.init.zeros_(layer.down.bias)


def new_sight() -> ChartSight:
    """With start values: marks are rare, and what a layer adds is little."""
    sight = ChartSight(WIDTHS)
    nn.init.constant_(sight.mark_head.bias.data[: len(MARKS)], RARE)
    add_little(sight)
    return sight


def train(sight: ChartSight, supply: Supply, loop: Loop) -> None:
    """Trains until the loop's sitting is over."""

    def of(step: int) -> tuple[Tensor, dict[str, float]]:
        rng = random.Random(f"charting {step}")
        examples = [example(supply.pick(rng), rng) for _ in range(BATCH)]
        with mixed_precision("cpu"):
            seen = sight(torch.stack([one.pixels for one in examples]))
        return loss_of(seen, examples)

    loop.run(of)


def with_sight(old: VisionSide, sight: ChartSight, reader: dict[str, Tensor] | None) -> VisionSide:
    """The vision side whose reader of charts sees them; with its own `reader` weights if it has some."""
    plain = old.config.to_dict()
    plain[BY_LETTER[CHARTS].module]["sight"] = list(WIDTHS)
    side = old.rebuilt(MovaConfig(**plain))
    expert = side.vision_tower.expert(CHARTS)
    expert.sight.load_state_dict(sight.state_dict())
    if reader:
        expert.reader.load_state_dict(reader)
    return side


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.charting", description=__doc__)
    parser.add_argument("--charts", type=Path, default=Path("runs/charts"), help="drawn by training.stock")
    parser.add_argument("--stock", type=Path, default=Path("runs/stock"), help="of what is no chart")
    parser.add_argument("--run", type=Path, default=Path("runs/charting"))
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument(
        "--measure", type=Path, help="a folder of charts of the test split: what is right on them"
    )
    parser.add_argument("--target", type=Path, help="a checkpoint whose reader of charts gets the sight")
    parser.add_argument("--reader", type=Path, help="state of its own reader, by training.resume")
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    sight = new_sight()
    sitting = Sitting(
        1_000_000, BATCH, RATE, log_every=20, save_every=200, minutes=options.minutes, ending=0.4
    )
    loop = Loop(options.run, "charting", sight, sitting)
    train(sight, Supply(Stock(options.charts), Stock(options.stock)), loop)
    if options.target:
        own = None
        if options.reader:
            reader = new_reader(len(Pieces(AutoTokenizer.from_pretrained(options.target)).ids))
            load_state(reader, options.reader)
            own = reader.state_dict()
        side = with_sight(shipped_side(options.target), sight, own)
        write_vision(side, side.config, options.target)
    if options.measure:
        print(json.dumps(measured(sight.eval(), Stock(options.measure, split="test"), 60)))


if __name__ == "__main__":
    main()
