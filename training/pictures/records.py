"""What one drawn picture carries: labels per expert, questions with answers, boxes."""

from dataclasses import dataclass, field

from PIL import Image

from mova.language.boxes import padding
from training.pictures.tables import Mark, Table

SIDE = 384  # px of the padded square a picture is looked at
CELL = 32  # px of one cell of the pooled grid
GRID = SIDE // CELL

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """Something an expert writes on the grid.

    `text` is what it writes; `box` (x0, y0, x1, y1) in px on the picture (facts and pictures that are
    not square may reach into the padding: negative or past the edge); `role` is word, object, setting,
    fact, count, place, value or tick (which no expert writes); `xs` the x centre of every character of
    `text`, px on the picture, and empty for what is not drawn as letters.
    """

    text: str
    box: Box
    role: str
    xs: tuple[float, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question with its answer, the experts it needs (most important first) and its phrasing.

    `held_out` marks a phrasing that is never used in the training split.
    """

    text: str
    answer: str
    experts: tuple[str, ...]
    kind: str
    phrasing: int
    held_out: bool


@dataclass(frozen=True)
class Drawing:
    """A picture (RGB), its domain, labels by expert letter, questions, and named boxes in px.

    `scale` is px of the picture per px of the 384 px square; `held_out` names what of its making is
    never used in training (a subset of font, words, arrangement); `table` and `marks` are a chart's.
    """

    image: Image.Image
    domain: str
    labels: dict[str, tuple[Label, ...]]
    questions: tuple[Question, ...]
    boxes: tuple[tuple[str, Box], ...] = ()
    scale: int = 1
    held_out: frozenset[str] = field(default_factory=frozenset)
    table: Table | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def padding(self) -> tuple[int, int]:
        """Left and top padding, in px of the picture, that makes it a square."""
        return padding(*self.image.size)[1:]

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """(row, column) of the 12 x 12 grid over the padded square at a point of the picture."""
        left, top = self.padding
        cell = CELL * self.scale
        return int((y + top) // cell), int((x + left) // cell)
