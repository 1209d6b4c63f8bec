"""A canvas on the 12 x 12 grid: shapes, text set in cells, paper and camera effects.

All coordinates are px of the 384 px square; `scale` draws the same picture larger.
"""

import io
import random
import re
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from training.pictures.fonts import load_font, measure
from training.pictures.records import CELL, GRID, SIDE, Box, Label
from training.pictures.tables import Mark
from training.pictures.words import SPLIT_WORDS

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Ink:
    """How text is set: face, size in px per em, colour."""

    font: str
    size: int
    colour: Colour


@dataclass(frozen=True)
class Crop:
    """What is cut from both sides of the square, px: left = right, top = bottom; one of them is 0."""

    x: int = 0
    y: int = 0

    @property
    def columns(self) -> range:
        """Columns of the grid that stay whole."""
        return range(-(-self.x // CELL), GRID - -(-self.x // CELL))

    @property
    def rows(self) -> range:
        """Rows of the grid that stay whole."""
        return range(-(-self.y // CELL), GRID - -(-self.y // CELL))


def choose_crop(rng: random.Random, widest: int = 48, tallest: int = 48) -> Crop:
    """Half the pictures square; the others lose up to `widest` px above and below, or `tallest` beside."""
    kind = rng.random()
    if kind < 0.5:
        return Crop()
    if kind < 0.8:
        return Crop(y=2 * rng.randrange(widest // 2 + 1))
    return Crop(x=2 * rng.randrange(tallest // 2 + 1))


class Canvas:
    """A square drawing surface that is cropped at the end."""

    def __init__(self, background: Colour, crop: Crop = Crop(), scale: int = 1):
        self.scale = scale
        self.crop = crop
        self.image = Image.new("RGB", (SIDE * scale, SIDE * scale), background)
        self.draw = ImageDraw.Draw(self.image)
        self.marks: list[Mark] = []

    def mark(self, kind: str, x: float, y: float, category: int = 0) -> None:
        """Notes that a value ends at (x, y)."""
        self.marks.append(
            Mark(kind, (x - self.crop.x) * self.scale, (y - self.crop.y) * self.scale, category)
        )

    def _up(self, numbers) -> list[float]:
        return [number * self.scale for number in numbers]

    def rectangle(self, box: Box, fill=None, outline=None, width: int = 1, radius: int = 0) -> None:
        """A box, with rounded corners where `radius` (px) is not 0."""
        self.draw.rounded_rectangle(
            self._up(box), radius * self.scale, fill=fill, outline=outline, width=width * self.scale
        )

    def ellipse(self, box: Box, fill=None, outline=None, width: int = 1) -> None:
        """An ellipse in the box."""
        self.draw.ellipse(self._up(box), fill=fill, outline=outline, width=width * self.scale)

    def arc(self, box: Box, start: float, end: float, colour: Colour, width: int = 1) -> None:
        """A part of an ellipse's outline, degrees clockwise from three o'clock."""
        self.draw.arc(self._up(box), start, end, fill=colour, width=width * self.scale)

    def pie(self, box: Box, start: float, end: float, fill: Colour, outline=None) -> None:
        """A slice, degrees clockwise from three o'clock."""
        self.draw.pieslice(self._up(box), start, end, fill=fill, outline=outline, width=self.scale)

    def polygon(self, points, fill=None, outline=None, width: int = 1) -> None:
        """A closed polygon through (x, y) points."""
        flat = [(x * self.scale, y * self.scale) for x, y in points]
        self.draw.polygon(flat, fill=fill, outline=outline, width=width * self.scale)

    def line(self, points, colour: Colour, width: int = 1) -> None:
        """A polyline through (x, y) points."""
        flat = [(x * self.scale, y * self.scale) for x, y in points]
        self.draw.line(flat, fill=colour, width=width * self.scale, joint="curve")

    def gradient(self, top: Colour, bottom: Colour, box: Box = (0, 0, SIDE, SIDE)) -> None:
        """A vertical blend between two colours."""
        x0, y0, x1, y1 = (round(number) for number in self._up(box))
        ramp = Image.linear_gradient("L").resize((x1 - x0, y1 - y0))
        size = ramp.size
        self.image.paste(
            Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp), (x0, y0)
        )

    def paste(self, picture: Image.Image, x: float, y: float, size: float, angle: float = 0.0) -> Box:
        """Paste an RGBA picture centred at (x, y), `size` px wide; returns the box of what can be seen."""
        side = max(1, round(size * self.scale))
        picture = picture.resize((side, side), Image.Resampling.BILINEAR)
        if angle:
            picture = picture.rotate(angle, Image.Resampling.BILINEAR)
        left, top = round(x * self.scale - side / 2), round(y * self.scale - side / 2)
        self.image.paste(picture, (left, top), picture)
        box = picture.getchannel("A").point(lambda alpha: 255 if alpha > 40 else 0).getbbox()
        x0, y0, x1, y1 = box or (0, 0, side, side)
        return tuple(number / self.scale for number in (left + x0, top + y0, left + x1, top + y1))

    def measure(self, text: str, ink: Ink) -> float:
        """Width of the text, px of the square."""
        return measure(ink.font, ink.size * self.scale, text) / self.scale

    def text(self, text: str, x: float, baseline: float, ink: Ink, tracking: float = 0.0) -> list[float]:
        """Draw text from x on, with `tracking` px more between letters; returns each letter's x centre."""
        edges = [x + self.measure(text[:k], ink) + k * tracking for k in range(len(text) + 1)]
        if tracking:
            for letter, edge in zip(text, edges, strict=False):
                self.letters(letter, edge, baseline, ink)
        else:
            self.letters(text, x, baseline, ink)
        return [(left + right - tracking) / 2 for left, right in zip(edges, edges[1:], strict=False)]

    def letters(self, text: str, x: float, baseline: float, ink: Ink) -> None:
        """Draw text from x on, without measuring where its letters stand."""
        font = load_font(ink.font, ink.size * self.scale)
        self.draw.text((x * self.scale, baseline * self.scale), text, fill=ink.colour, font=font, anchor="ls")

    def finish(self, effects: "Effects") -> Image.Image:
        """The cropped picture with its camera effects."""
        x, y = self.crop.x * self.scale, self.crop.y * self.scale
        picture = self.image.crop((x, y, self.image.width - x, self.image.height - y))
        return effects.apply(picture)

    def on_picture(self, labels) -> tuple[Label, ...]:
        """Labels moved from the square to px of the cropped, scaled picture."""
        moved = []
        for label in labels:
            xs = tuple((x - self.crop.x) * self.scale for x in label.xs)
            moved.append(Label(label.text, self.box_on_picture(label.box), label.role, xs))
        return tuple(moved)

    def box_on_picture(self, box: Box) -> Box:
        """A box moved from the square to px of the cropped, scaled picture."""
        x0, y0, x1, y1 = box
        x, y = self.crop.x, self.crop.y
        return tuple((v - d) * self.scale for v, d in zip((x0, y0, x1, y1), (x, y, x, y), strict=True))


PIECE = re.compile(r"[A-Za-z]+|\d|[^\sA-Za-z\d]")
START = 5  # px between a cell's edge and the word that starts in it
EDGE = 8  # px that a word's middle keeps from its cell's edges
GAP = 8  # px kept free behind a word, so that the next piece starts in a cell of its own


def pieces(word: str) -> list[str]:
    """A written word cut where the language model cuts it: letters together, digits and marks alone."""
    return PIECE.findall(word)


def cells_of(canvas: Canvas, text: str, ink: Ink) -> int:
    """Columns a line of text takes when every piece starts in a cell of its own."""
    return sum(_columns(canvas, piece, ink) for word in text.split() for piece in pieces(word))


def _columns(canvas: Canvas, piece: str, ink: Ink) -> int:
    if not piece.isalpha():
        return 1
    width = canvas.measure(piece, ink) + len(piece) * _spread(piece)
    return -(-int(width + GAP + _shift(width)) // CELL)


def _shift(width: float) -> float:
    """px a word is moved right so that its middle, which names its cell, is not near the cell's edge."""
    middle = (START + width / 2) % CELL
    return max(0.0, EDGE - middle) if middle <= CELL - EDGE else CELL - middle + EDGE


def _spread(piece: str) -> float:
    return 4.0 if piece in SPLIT_WORDS else 0.0


def set_line(
    canvas: Canvas,
    text: str,
    column: int,
    row: int,
    ink: Ink,
    nudge: tuple[float, float] = (0.0, 0.0),
    at_start: bool = False,
) -> list[Label]:
    """Write a line in one row band from a column on, each piece in cells of its own; one label a word.

    `nudge` moves the line by a few px; `at_start` lets a word's middle fall where it falls. A word
    before a mark ends at its cell's edge, so the mark stands close to it and yet in the next cell.
    """
    dx, dy = nudge
    baseline = row * CELL + CELL / 2 + ink.size * 0.36 + dy
    labels = []
    for word in text.split():
        xs, edges = [], []
        parts = pieces(word)
        for k, piece in enumerate(parts):
            span = _columns(canvas, piece, ink)
            width = canvas.measure(piece, ink)
            free = span * CELL - width
            tracking = _spread(piece)
            if not piece.isalpha():
                near = k and parts[k - 1].isalpha()
                x = column * CELL + (4 if near else free / 2)
            elif k + 1 < len(parts):
                tracking = min(5.0, max(0.0, free - 8) / len(piece))
                x = column * CELL + max(4.0, free - tracking * len(piece) - 2)
            else:
                shift = 0.0 if at_start else _shift(width + len(piece) * tracking)
                x = column * CELL + START + shift
            xs += canvas.text(piece, x + dx, baseline, ink, tracking)
            edges += [x + dx, x + dx + width + tracking * (len(piece) - 1)]
            column += span
        top = row * CELL + dy
        labels.append(Label(word, (min(edges), top, max(edges), top + CELL), "word", tuple(xs)))
    return labels


def inside_cell(place: float) -> float:
    """A coordinate moved away from its cell's edges: which cell it lies in must not hang on a pixel."""
    cell = place // CELL * CELL
    return min(max(place, cell + EDGE), cell + CELL - EDGE)


def fact_cells(words: list[str], row: int, column: int, role: str = "fact") -> list[Label]:
    """Words an expert adds to what can be seen, one a cell from (row, column) on."""
    labels = []
    for k, word in enumerate(words):
        x, y = (column + k) * CELL, row * CELL
        labels.append(Label(word, (x, y, x + CELL, y + CELL), role))
    return labels


@dataclass(frozen=True)
class Effects:
    """What a camera or a messenger does to a picture: blur (px), noise (0..1), light, JPEG quality."""

    blur: float = 0.0
    noise: float = 0.0
    noise_bytes: bytes = b""
    light: float = 1.0
    jpeg: int = 0

    @classmethod
    def choose(cls, rng: random.Random, strength: float = 1.0) -> "Effects":
        """Mild effects, each on a part of the pictures."""
        noisy = rng.random() < 0.35 * strength
        return cls(
            blur=rng.uniform(0.2, 0.7) if rng.random() < 0.25 * strength else 0.0,
            noise=rng.uniform(0.02, 0.06) if noisy else 0.0,
            noise_bytes=rng.randbytes((SIDE // 2) ** 2) if noisy else b"",
            light=rng.uniform(0.82, 1.08) if rng.random() < 0.3 * strength else 1.0,
            jpeg=rng.randrange(55, 92) if rng.random() < 0.3 * strength else 0,
        )

    def apply(self, picture: Image.Image) -> Image.Image:
        """A new picture of the same size."""
        if self.blur:
            picture = picture.filter(ImageFilter.BoxBlur(self.blur * picture.width / SIDE))
        if self.light != 1.0:
            picture = picture.point(lambda value: min(255, int(value * self.light)))
        if self.noise_bytes:
            grain = Image.frombytes("L", (SIDE // 2, SIDE // 2), self.noise_bytes).resize(picture.size, 0)
            grain = grain.point(lambda value: 128 + int((value - 128) * self.noise)).convert("RGB")
            picture = ImageChops.add(picture, grain, offset=-128)
        if self.jpeg:
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=self.jpeg)
            picture = Image.open(buffer).convert("RGB")
        return picture
