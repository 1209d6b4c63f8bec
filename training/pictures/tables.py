"""What a chart shows, and where, whoever draws it."""

from dataclasses import dataclass

from mova.vision.charts.seen import KINDS as SEEN

KINDS = SEEN[1:]  # without "none"


@dataclass(frozen=True)
class Table:
    """What a chart shows. `values` and `printed` are by series, then by category.

    `printed` is what stands beside the marks ("" where nothing does); `written` is what a reader says: the
    printed text, or the value rounded to what can be read from the axis.
    """

    kind: str
    title: str
    category_axis: str
    value_axis: str
    categories: tuple[str, ...]
    series: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    printed: tuple[tuple[str, ...], ...]
    written: tuple[tuple[str, ...], ...]

    @property
    def labelled(self) -> bool:
        """Whether every value is printed."""
        return all(all(row) for row in self.printed)

    @property
    def spoken(self) -> str:
        """The kind as an answer has it."""
        return f"a {self.kind} chart"


@dataclass(frozen=True)
class Mark:
    """A place that says a value, px of the picture. `kind` is one of the sight's MARKS: the middle of a bar's
    end or a line's point, a pie's centre, or the place on its rim where the part of `category` begins.
    `category` and `series` are places in the chart's table."""

    kind: str
    x: float
    y: float
    category: int = 0
    series: int = 0
