"""`python -m training.kinds`: the shipped base encoder learns what kind of picture others' pictures are.

With nothing routed the model's image tokens say what kind of picture it is, and that is all the router sees.
Here the base encoder alone is trained, through the adapter as it stands; what the routed experts write over
it must stay as it was.
"""

import argparse
import copy
import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from PIL import Image, ImageOps
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F
from transformers import AutoTokenizer

from training.alignment import SHARES, VisionSide, alignment_loss, batch_views_of, views_for
from training.layout import TokenLayout
from training.loop import Loop, Sitting, mixed_precision
from training.makers.records import Picture
from training.pictures.drawing import DOMAINS, Drawing, draw, pick_experts
from training.shards import replace_weights
from training.stock import Mixture, Stock
from training.train import embeddings_of
from training.widening import SHIPPED, shipped_side

EXPERT_OF = {"charts": "E", "documents": "B", "windows": "B", "signs": "D", "shapes": "G", "unfamiliar": ""}
MAKERS = {
    "charts": 6, "web-charts": 6, "documents": 4, "pages": 2, "windows": 4, "signs": 4, "web-signs": 5,
    "small-print": 1, "unfamiliar": 4, "photographs": 5, "forms": 5, "formulas": 4, "artwork": 5,
    "diagrams": 5, "sketches": 6,
}  # fmt: skip
BATCH, REPLAYED, RATE = 12, 2, 4e-4
NATURAL = 0.6  # share of pictures from the stock
KEEP = 20.0  # weight of what the experts write against the kinds
CALMED = ("pre_layrnorm", "out_proj", "fc2")  # what `calm_base` made small
CALM = 0.05


def pace(name: str) -> float:
    """Share of the learning rate: small weights move by small steps."""
    return CALM if any(part in name for part in CALMED) else 1.0


def varied(image: Image.Image, rng: random.Random) -> Image.Image:
    """Half of the pictures wider or narrower, in other colours, or as their negative."""
    if rng.random() < 0.5:
        return image
    if rng.random() < 0.6:
        width = round(image.width * rng.uniform(0.65, 1.5))
        image = image.resize((width, image.height), Image.Resampling.BICUBIC)
    if rng.random() < 0.4:
        bands = list(image.split())
        rng.shuffle(bands)
        image = Image.merge("RGB", bands)
    return ImageOps.invert(image) if rng.random() < 0.15 else image


def labelled(picture: Picture, rng: random.Random) -> Drawing:
    """A natural picture with the kind that it is of, whatever its colours and shape; what nobody knows may be
    seen from any side."""
    letter, image = EXPERT_OF[picture.domain], varied(picture.image, rng)
    if not letter:
        if rng.random() < 0.5:
            image = ImageOps.mirror(image)
        if rng.random() < 0.3:
            width, height = (rng.randint(2 * side // 5, side) for side in image.size)
            x, y = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
            image = image.crop((x, y, x + width, y + height))
    return Drawing(image, picture.domain, {letter: []} if letter else {}, picture.questions)


class Seen:
    """Draws the pictures of a step: the first recipe's own, and those of a stock by their maker's share."""

    def __init__(self, stock: Stock):
        self.natural = Mixture(stock, MAKERS)

    def pick(self, rng: random.Random) -> Drawing:
        """One picture."""
        if rng.random() >= NATURAL:
            return self.own(rng)
        return labelled(self.natural.pick(rng), rng)

    def own(self, rng: random.Random, domain: str | None = None) -> Drawing:
        """A picture of the first recipe, as often as it was drawn then."""
        domain = domain or rng.choices(DOMAINS, [SHARES[domain] for domain in DOMAINS])[0]
        return draw(domain, rng.randrange(1 << 40), "train")


@dataclass(frozen=True)
class KindTraining:
    """`side` with the base encoder that learns; `before` the one that it was."""

    side: VisionSide
    before: torch.nn.Module
    seen: Seen
    layout: TokenLayout
    embeddings: Tensor  # of the whole LLM

    @cached_property
    def spread(self) -> Tensor:
        """The embeddings' variance."""
        return (self.embeddings - self.embeddings.mean(0)).square().mean()

    def run(self, loop: Loop) -> None:
        """Trains until the loop's sitting is over."""
        vocabulary = [self.layout.blank, *self.layout.kinds.values()]
        place = {token: k for k, token in enumerate(vocabulary)}
        table = self.embeddings[vocabulary]

        def loss_of(step: int) -> tuple[Tensor, dict[str, float]]:
            rng = random.Random(f"kinds {step}")
            drawings = [self.seen.pick(rng) for _ in range(BATCH)]
            wanted = torch.tensor([[place[i] for i in self.layout.kind(d)] for d in drawings])
            questions = [rng.choice(d.questions).text for d in drawings]
            with mixed_precision("cpu"):
                tokens = self.side.look(drawings, (), questions).tokens
                changed = self._changed(rng)
            loss, numbers = alignment_loss(tokens, wanted, table)
            return loss + KEEP * changed, numbers | {"changed": changed.item()}

        loop.run(loss_of)

    def _changed(self, rng: random.Random) -> Tensor:
        """How far the tokens of routed pictures are from what they were, as a share of all variance."""
        first = self.seen.own(rng)
        drawings = [first] + [self.seen.own(rng, first.domain) for _ in range(REPLAYED - 1)]
        letters = tuple(sorted(pick_experts(rng, first))) or ("B",)  # no question needs one: B writes nothing
        views = batch_views_of([views_for(d, letters, self.side.config) for d in drawings])
        questions = [rng.choice(d.questions).text for d in drawings]
        with torch.no_grad():
            experts = self.side.vision_tower.features(views, letters)
            text = self.side.read(questions)
            was = self.side.fuse(self.before(views), experts, text, letters).tokens
        now = self.side.fuse(self.side.vision_tower.clip(views), experts, text, letters).tokens
        return F.mse_loss(now.float(), was.float()) / self.spread


def base_files(folder: Path) -> list[Path]:
    """The files of a checkpoint that hold the base encoder. Raises FileNotFoundError where none does."""
    found = []
    for path in sorted(folder.glob("vision-*.safetensors")):
        with safe_open(path, "pt") as file:
            if any(".clip." in name for name in file.keys()):  # noqa: SIM118 (it is no dict)
                found.append(path)
    if not found:
        raise FileNotFoundError(
            f"{folder} holds no base encoder in vision-*.safetensors. Name a copy of the small model with"
            " --target."
        )
    return found


def save(side: VisionSide, folder: Path) -> None:
    """Replaces the base encoder's weights in a checkpoint. Errors as `replace_weights`."""
    own = {f"model.{name}": weight for name, weight in side.state_dict().items() if ".clip." in name}
    replace_weights(folder, own)


def first_state(module: torch.nn.Module, path: Path) -> torch.nn.Module:
    """A copy of the module as it was when the first sitting began, which `path` remembers."""
    before = copy.deepcopy(module)
    if path.exists():
        before.load_state_dict(load_file(path))
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in before.state_dict().items()}, path)
    return before


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.kinds", description=__doc__)
    parser.add_argument("--shipped", type=Path, default=SHIPPED, help="the checkpoint it starts from")
    parser.add_argument("--target", type=Path, help="checkpoint that is changed (default: the same)")
    parser.add_argument("--stock", type=Path, default=Path("runs/stock"), help="drawn by training.stock")
    parser.add_argument("--run", type=Path, default=Path("runs/kinds"))
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--rate", type=float, default=RATE)
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    side = shipped_side(options.shipped)
    clip, target = side.vision_tower.clip, options.target or options.shipped
    base_files(target)
    before = first_state(clip, options.run / "before.safetensors")
    clip.requires_grad_(True)
    layout = TokenLayout(AutoTokenizer.from_pretrained(options.shipped))
    training = KindTraining(side, before, Seen(Stock(options.stock)), layout, embeddings_of(options.shipped))
    sitting = Sitting(100_000, BATCH, options.rate, log_every=10, minutes=options.minutes)
    training.run(Loop(options.run, "kinds", side, sitting, pace))
    save(side, target)


if __name__ == "__main__":
    main()
