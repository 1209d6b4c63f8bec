"""What one natural picture carries: its text where it stands, a chart's table, questions with answers.

Pictures have any size; boxes and places are px of the picture, x to the right and y downwards.
"""

from dataclasses import asdict, dataclass, field

from PIL import Image

from mova.language.boxes import padding
from training.pictures.records import Box, Question
from training.pictures.tables import Mark, Table

Point = tuple[float, float]


@dataclass(frozen=True)
class Run:
    """Text without a wide gap, as it stands in the ink; printable ASCII, no blank at either end.

    `points` is the middle of every character, blanks too, at half the height of a capital; `box` the ink's
    (x0, y0, x1, y1); `cap` the height of a capital, px; `role` what the text is on the picture (one of
    ROLES); runs with the same `line` stand on one line; `rotation` degrees anticlockwise (90: from below
    upwards); `category` and `series` are places in the chart's table.
    """

    text: str
    box: Box
    points: tuple[Point, ...]
    cap: float
    role: str
    line: int
    rotation: float = 0.0
    category: int | None = None
    series: int | None = None

    def touches(self, other: "Run", gap: float) -> bool:
        """Whether the two lie over each other, or beside each other with less than a `gap` of their capitals
        between."""
        x = min(self.box[2], other.box[2]) - max(self.box[0], other.box[0])
        y = min(self.box[3], other.box[3]) - max(self.box[1], other.box[1])
        return x > -gap * min(self.cap, other.cap) and y > 0

    @property
    def xs(self) -> tuple[float, ...]:
        """Where the characters stand along the line, px: x, or for text from below upwards y."""
        return tuple(y if self.rotation == 90 else x for x, y in self.points)


ROLES = (
    "title", "heading", "axis", "tick", "category", "value", "legend", "field name", "field value", "item",
    "quantity", "price", "paragraph", "sign", "button", "menu", "tab", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A picture (RGB) with what stands on it.

    `maker` drew it; `domain` is charts, documents, signs, windows, shapes or unfamiliar; `runs` every text
    on it in reading order; `table` a chart's; `boxes` named objects; `held_out` what of its making is never
    used in training (a subset of font, style, words, motif); `marks` are a chart's.
    """

    image: Image.Image
    maker: str
    domain: str
    runs: tuple[Run, ...] = ()
    questions: tuple[Question, ...] = ()
    table: Table | None = None
    boxes: tuple[tuple[str, Box], ...] = ()
    held_out: frozenset[str] = field(default_factory=frozenset)
    marks: tuple[Mark, ...] = ()

    @property
    def padding(self) -> tuple[int, int]:
        """Left and top padding, in px of the picture, that makes it a square."""
        return padding(*self.image.size)[1:]

    def caps(self, side: int) -> tuple[float, ...]:
        """Heights of the runs' capitals once the padded square is resized to `side` px."""
        return tuple(run.cap * side / max(self.image.size) for run in self.runs)


def to_plain(picture: Picture) -> dict:
    """All of a picture but its pixels, ready for JSON; places are rounded to a tenth of a pixel."""
    plain = {name: getattr(picture, name) for name in ("maker", "domain")}
    plain["held_out"] = sorted(picture.held_out)
    plain["runs"] = [_without_defaults(run) for run in picture.runs]
    plain["questions"] = [asdict(question) for question in picture.questions]
    plain["table"] = asdict(picture.table) if picture.table else None
    plain["boxes"] = [[name, _rounded(box)] for name, box in picture.boxes]
    plain["marks"] = [
        [mark.kind, *_rounded((mark.x, mark.y)), mark.category, mark.series] for mark in picture.marks
    ]
    return plain


def from_plain(plain: dict, image: Image.Image) -> Picture:
    """The picture that `to_plain` made `plain` of, with its pixels."""
    return Picture(
        image=image,
        maker=plain["maker"],
        domain=plain["domain"],
        runs=tuple(Run(**{key: _tupled(value) for key, value in run.items()}) for run in plain["runs"]),
        questions=tuple(
            Question(**question | {"experts": tuple(question["experts"])}) for question in plain["questions"]
        ),
        table=Table(**{k: _tupled(v) for k, v in plain["table"].items()}) if plain["table"] else None,
        boxes=tuple((name, tuple(box)) for name, box in plain["boxes"]),
        held_out=frozenset(plain["held_out"]),
        marks=tuple(Mark(*mark) for mark in plain.get("marks", ())),
    )


def _without_defaults(run: Run) -> dict:
    plain = {
        "text": run.text,
        "box": _rounded(run.box),
        "points": [_rounded(point) for point in run.points],
        "cap": round(run.cap, 1),
        "role": run.role,
        "line": run.line,
    }
    others = {"rotation": run.rotation or None, "category": run.category, "series": run.series}
    return plain | {key: value for key, value in others.items() if value is not None}


def _rounded(numbers) -> list[float]:
    return [round(float(number), 1) for number in numbers]


def _tupled(value):
    return tuple(_tupled(part) for part in value) if isinstance(value, list | tuple) else value
