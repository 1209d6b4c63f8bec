"""Training of the reader, sitting by sitting; what is not finished lies in `training/state`.

The folder holds the weights in bfloat16, what is known of the training, and the measurements as lines of
JSON. It is replaced, not added to, and goes when the reader's weights ship.
"""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from mova.config import ReaderSection
from mova.evaluation.rules.text import levenshtein
from mova.vision.experts.reader import ALPHABET, Reader
from mova.vision.lines import CELL, SIDE
from mova.vision.reading import page_of
from mova.vision.spelling import Spelling
from training.encoders import cell_weights
from training.list_layout import UPRIGHT
from training.loop import Loop, Sitting, mixed_precision
from training.makers.drawn import draw_chart_with_text, draw_with_text
from training.makers.records import Picture, Run
from training.pieces import Pieces
from training.reader_sheets import NEARBY, Sheet, Sheets
from training.shards import replace_weights
from training.stock import Mixture, Stock

STATE = Path(__file__).with_name("state")
STRIPS_FROM = "strips"
DRAWN = 0.3  # share of pages that are the first recipe's drawings
DRAWN_SIDES = (0.45, 1.0)  # and how large they are seen, in sides of the view
LEGIBLE = (13.0, 40.0)  # px of the capitals of large print, once the picture is made smaller
NONE_WEIGHT = 0.25  # of a place where no token ends: there are some twenty for each token
ROWS_A_STEP = 24  # rows of cells: a page, or as many rows of strips
ONLY_STRIPS = 1500  # steps before the first page
PAGES = 0.65  # share of later steps
RATE, MATRIX_RATE = 6e-4, 0.006
MEASURE_EVERY = 250


@dataclass(frozen=True)
class Copy:
    """One of a checkpoint's readers: the expert whose place it has, how often it learns from which maker's
    pages, who draws the first recipe's, and the share of charts that are turned."""

    expert: str
    pages_from: dict[str, int]
    draw: Callable[[random.Random, str], Picture] = draw_with_text
    turned: float = 0.0

    @property
    def place(self) -> str:
        """What the names of its weights begin with."""
        return f"model.vision_tower.{self.expert}.reader."


COPIES = {
    "print": Copy("vary", {"documents": 3, "windows": 2, "signs": 4, "charts": 1, "pages": 2}),
    "signs": Copy("pix2struct", {"signs": 5, "web-signs": 5, "windows": 1, "documents": 1}),
    # An axis's name is read where the chart is turned.
    "charts": Copy(
        "deplot", {"charts": 4, "web-charts": 4, "documents": 1, "signs": 1}, draw_chart_with_text, 0.25
    ),
}
PRINT = COPIES["print"]


def is_matrix(name: str, parameter: Tensor) -> bool:
    """Whether Muon trains it: the matrices of the layers."""
    return parameter.ndim == 2 and "_layers." in name and "bias_table" not in name


class Supply:
    """Draws the sheets of a step out of a stock: the same for the same step and stock."""

    def __init__(self, stock: Stock, pieces: Pieces, copy: Copy = PRINT):
        self.stock, self.sheets, self.copy = stock, Sheets(pieces), copy
        found, pages_from = stock.by_maker(), copy.pages_from
        self.strips = found.get(STRIPS_FROM, [])
        self.pages = Mixture(stock, pages_from) if found.keys() & pages_from.keys() else None
        if not self.strips:
            raise FileNotFoundError(
                f"The stock has no strips ({len(stock)} other pictures). Draw some: python -m training.stock"
                f" FOLDER --makers {STRIPS_FROM} --split {stock.split}"
            )

    def step(self, step: int) -> list[Sheet]:
        """Sheets of one height: strips at first, later mostly pages."""
        rng = random.Random(f"reader {step}")
        if self.pages and step >= ONLY_STRIPS and rng.random() < PAGES:
            return self.alike(lambda: self.drawn(rng) if rng.random() < DRAWN else self.page(rng))
        return self.alike(lambda: self.strip(rng))

    def alike(self, draw: Callable[[], Sheet]) -> list[Sheet]:
        """Sheets as high as the first, about ROWS_A_STEP rows in all."""
        found = [draw()]
        height = found[0].pixels.shape[1]
        for _ in range(2 * ROWS_A_STEP):
            if (len(found) + 1) * height > ROWS_A_STEP * CELL:
                break
            sheet = draw()
            if sheet.pixels.shape[1] == height:
                found.append(sheet)
            elif len(found) * height > ROWS_A_STEP * CELL / 2:
                break
        return found

    def strip(self, rng: random.Random) -> Sheet:
        """A strip of text."""
        return self.sheets.sheet(self.stock[rng.choice(self.strips)])

    def page(self, rng: random.Random) -> Sheet:
        """A picture with text, of any maker; where its print is large, small enough to be read."""
        assert self.pages, "asked for only where there are some"
        while True:
            picture = self.pages.pick(rng)
            if self.copy.turned and picture.table and rng.random() < self.copy.turned:
                picture = turned_right(picture)
            if picture.runs:
                return self.sheets.sheet(picture, legible_side(rng, picture))

    def drawn(self, rng: random.Random) -> Sheet:
        """A drawing of the first recipe with text."""
        side = 2 * round(SIDE * rng.uniform(*DRAWN_SIDES) / 2)
        return self.sheets.sheet(self.copy.draw(rng, self.stock.split), side)


def turned_right(picture: Picture) -> Picture:
    """A picture a quarter to the right: what was written from below upwards is upright."""
    height = picture.image.height

    def turned(run: Run) -> Run:
        (x0, y0, x1, y1), points = run.box, tuple((height - y, x) for x, y in run.points)
        return replace(run, box=(height - y1, x0, height - y0, x1), points=points, rotation=run.rotation - 90)

    image = picture.image.transpose(Image.Transpose.ROTATE_270)
    runs = tuple(run for run in map(turned, picture.runs) if abs(run.rotation) <= UPRIGHT)
    return replace(picture, image=image, runs=runs, marks=())


def new_reader(tokens: int) -> Reader:
    """A reader with its start values: what a layer adds is little."""
    reader = Reader(ReaderSection(vocab_size=tokens))
    nn.init.normal_(reader.narrow_place, std=0.02)
    lasts = [part for layer in reader.narrow_layers for part in (layer.proj, layer.down, layer.around)]
    for last in (*lasts, reader.own_down):
        nn.init.normal_(last.weight, std=0.02)
        nn.init.zeros_(last.bias)
    return reader


def legible_side(rng: random.Random, picture: Picture) -> int:
    """SIDE, or where most capitals would be larger than LEGIBLE then, a side at which they are not."""
    caps = sorted(picture.caps(SIDE))
    middle = caps[len(caps) // 2]
    if middle <= LEGIBLE[1]:
        return SIDE
    return 2 * round(SIDE * rng.uniform(*LEGIBLE) / middle / 2)


def stacked(sheets: list[Sheet]) -> tuple[Tensor, Tensor, Tensor]:
    """pixels [B, 3, H, W], tokens [B, n], characters [B, 2n]."""
    return tuple(
        torch.stack([getattr(sheet, name) for sheet in sheets]) for name in ("pixels", "tokens", "characters")
    )


def reading_loss(reader: Reader, sheets: list[Sheet]) -> tuple[Tensor, dict[str, float]]:
    """Loss of both heads, with the shares that were read right."""
    pixels, tokens, characters = stacked(sheets)
    with mixed_precision(pixels.device.type):
        token_logits, character_logits = reader(pixels)
    loss = weighted_loss(token_logits, tokens, NONE_WEIGHT) + weighted_loss(character_logits, characters)
    numbers = {
        "characters": share_right(character_logits, characters, characters > 0),
        "tokens": share_right(token_logits, tokens, tokens > 0),
        "no_character": share_right(character_logits, characters, characters == 0),
        "no_token": share_right(token_logits, tokens, tokens == 0),
    }
    return loss, numbers


def weighted_loss(logits: Tensor, wanted: Tensor, blank: float | None = None) -> Tensor:
    """Cross-entropy, where a blank weighs `blank`, or all blanks together no more than what is written; what
    is NEARBY does not count.

    The sum is divided by the weights, or by twice what is written where that is less: many blanks must not
    make a step's lesson about the tokens small.
    """
    written = wanted > 0
    weights = cell_weights(written) if blank is None else torch.where(written, 1.0, blank)
    weights = weights.masked_fill(wanted == NEARBY, 0.0)
    chosen = weights > 0
    losses = F.cross_entropy(logits[chosen].float(), wanted[chosen], reduction="none")
    return (losses * weights[chosen]).sum() / min(weights.sum().item(), 2.0 * max(1, written.sum().item()))


def share_right(logits: Tensor, wanted: Tensor, where: Tensor) -> float:
    """Share of the places `where` at which the likeliest is the one wanted."""
    if not where.any():
        return 1.0
    return (logits[where].argmax(-1) == wanted[where]).float().mean().item()


def text_read(reader: Reader, sheets: list[Sheet], spelling: Spelling) -> float:
    """Share of the sheets' tokens that is read, what must be inserted, left out or replaced taken off."""
    written = edits = 0
    for sheet, *logits in zip(sheets, *reader(stacked(sheets)[0]), strict=True):
        wanted = sheet.tokens[sheet.tokens > 0].tolist()
        lines = page_of(SIDE, 0, *logits, ALPHABET).read(spelling).lines
        found = [token for line in lines for token in line.tokens]
        edits += levenshtein("".join(map(chr, found)), "".join(map(chr, wanted)))
        written += len(wanted)
    return max(0.0, 1 - edits / max(1, written))


@dataclass(frozen=True)
class Examination:
    """Sheets of pictures kept apart, by what of them is new: fonts, words, both, neither; and pages."""

    sheets: dict[str, list[list[Sheet]]]
    spelling: Spelling

    @classmethod
    def of(
        cls, stock: Stock, pieces: Pieces, strips: int = 24, pages: int = 12, copy: Copy = PRINT
    ) -> "Examination":
        """Drawn from the test split of a stock; groups that it has no pictures of are left out."""
        supply, rng = Supply(stock, pieces, copy), random.Random("reader examination")
        groups: dict[str, list[int]] = {}
        for place in supply.strips:
            kept = " and ".join(sorted(stock.plain(place)["held_out"]))
            groups.setdefault(f"new {kept}" if kept else "seen", []).append(place)
        found = {}
        for name, places in sorted(groups.items()):
            sheets = [supply.sheets.sheet(stock[place]) for place in places[:strips]]
            found[name] = [sheets[k : k + 8] for k in range(0, len(sheets), 8)]
        if supply.pages:
            found["pages"] = [[supply.page(rng)] for _ in range(pages)]
            found["drawn"] = [[supply.drawn(rng)] for _ in range(pages)]
        return cls(found, Spelling(pieces.places))

    @torch.no_grad()
    def measure(self, reader: Reader) -> dict[str, dict[str, float]]:
        """For each group the shares of characters and tokens right at their places, and of the text."""
        reader.eval()
        result = {}
        for name, batches in self.sheets.items():
            shares: dict[str, list[float]] = {}
            for batch in batches:
                numbers = reading_loss(reader, batch)[1] | {"text": text_read(reader, batch, self.spelling)}
                for key, value in numbers.items():
                    shares.setdefault(key, []).append(value)
            result[name] = {key: round(sum(values) / len(values), 4) for key, values in shares.items()}
        reader.train()
        return result


def save_state(reader: Reader, state: dict, measured: list[dict], folder: Path) -> None:
    """Replaces what lies in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.bfloat16().contiguous() for name, tensor in reader.state_dict().items()}
    save_file(weights, folder / "reader.new", metadata={"format": "pt"})
    (folder / "reader.new").chmod(0o644)
    (folder / "reader.new").replace(folder / "reader.safetensors")
    (folder / "reader.json").write_text(json.dumps(state, indent=1) + "\n")
    (folder / "reader.jsonl").write_text("".join(json.dumps(line) + "\n" for line in measured))


def shipped_reader(checkpoint: Path, copy: Copy = PRINT) -> dict[str, Tensor]:
    """The weights of a checkpoint's reader, float32: of this copy, or of PRINT where it has none of its own;
    none where it has no reader."""
    found: dict[str, dict[str, Tensor]] = {copy.place: {}, PRINT.place: {}}
    for path in sorted(checkpoint.glob("vision-*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118
                for place, weights in found.items():
                    if name.startswith(place):
                        weights[name.removeprefix(place)] = file.get_tensor(name).float()
    return found[copy.place] or found[PRINT.place]


def put(state: Path, checkpoint: Path, copy: Copy) -> None:
    """Puts the weights of `state` into the copy's place in a checkpoint. Errors as `replace_weights`."""
    weights = load_file(state / "reader.safetensors")
    replace_weights(checkpoint, {copy.place + name: tensor for name, tensor in weights.items()})


def load_state(
    reader: Reader, folder: Path, checkpoint: Path | None = None, copy: Copy = PRINT
) -> tuple[dict, list[dict]]:
    """Puts the weights in place; returns what is known of the training, and its measurements.

    Without a state in the folder it goes on from a checkpoint's reader, with pages at once; where that has
    none, the reader stays as it is, at step 0.
    """
    if not (folder / "reader.safetensors").exists():
        shipped = shipped_reader(checkpoint, copy) if checkpoint else {}
        if shipped:
            reader.load_state_dict(shipped)
        return {"step": ONLY_STRIPS if shipped else 0, "core_minutes": 0.0, "seed": 0}, []
    weights = load_file(folder / "reader.safetensors")
    reader.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    lines = (folder / "reader.jsonl").read_text().splitlines()
    return json.loads((folder / "reader.json").read_text()), [json.loads(line) for line in lines]


def train_reader(
    run: Path,
    stock: Path,
    state: Path,
    pieces: Pieces,
    minutes: float,
    last: int,
    checkpoint: Path | None = None,
    copy: Copy = PRINT,
) -> None:
    """One sitting of so many minutes, at most to step `last`; replaces the state every MEASURE_EVERY steps.
    It is this `copy` that learns.

    Goes on from `run`/reader.pt with its optimisers' state, or from `state` where that is further; without
    either from the reader of a checkpoint.
    """
    torch.manual_seed(0)
    began = time.process_time()
    reader = new_reader(len(pieces.ids)).to(memory_format=torch.channels_last)
    known, measured = load_state(reader, state, checkpoint, copy)
    sitting = Sitting(
        steps=last, batch=1, rate=RATE, matrix_rate=MATRIX_RATE, warm_up=100, log_every=10,
        minutes=minutes, first=known["step"], ending=0.7,
    )  # fmt: skip
    loop = Loop(run, "reader", reader, sitting, is_matrix=is_matrix)
    if loop.step < known["step"]:
        load_state(reader, state, checkpoint, copy)
        loop.step = known["step"]
    supply = Supply(Stock(stock), pieces, copy)
    examination = Examination.of(Stock(stock, split="test"), pieces, copy=copy)

    def keep() -> None:
        spent = known["core_minutes"] + (time.process_time() - began) / 60
        now = {"step": loop.step, "core_minutes": round(spent, 1)}
        measured.append(now | examination.measure(reader))
        print(json.dumps(measured[-1]), flush=True)
        save_state(reader, known | now, measured, state)

    def loss_of(step: int) -> tuple[Tensor, dict[str, float]]:
        if step % MEASURE_EVERY == 0 and step > known["step"]:
            keep()
        return reading_loss(reader, supply.step(step))

    loop.run(loss_of)
    keep()
