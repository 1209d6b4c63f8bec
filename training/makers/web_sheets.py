"""How a web page's charts look, and the SVG they are written in."""

import colorsys
import random
from dataclasses import dataclass
from html import escape

from training.makers.fonts import Family, browser_family
from training.pictures.tables import Mark

SIZES = ((640, 400), (600, 400), (700, 450), (800, 500), (800, 600), (600, 500), (500, 400), (900, 500),
         (500, 500), (720, 540), (1000, 600))  # fmt: skip
SMALLEST_CAP = 12.3  # px on a side of 768
CAP = 0.71  # of the size
GROUNDS = ("#ffffff",) * 6 + ("#fafafa", "#f7f8fa", "#fffdf5", "#eef3f8", "#1f2430", "#121417", "#2b303b")


@dataclass(frozen=True)
class Look:
    """How a page draws its charts; lengths are CSS px."""

    size: tuple[int, int]
    family: Family
    text: float
    ground: str
    ink: str
    faint: str
    colours: tuple[str, ...]
    title_at: str
    title_size: float
    bold: bool
    grid: str
    axis_line: bool
    value_line: bool
    ticks: bool
    legend: str
    corner: int
    bar_share: float
    many: bool

    @classmethod
    def choose(cls, rng: random.Random, split: str) -> "Look":
        """A look whose print is as large as promised."""
        size = rng.choice(SIZES)
        text = SMALLEST_CAP / CAP * max(size) / 768 * rng.choice((1.0, 1.0, 1.08, 1.2, 1.35))
        family = browser_family(rng, split)
        ground = rng.choice(GROUNDS)
        dark = int(ground[1:3], 16) < 100
        inks = ("#333333", "#000000", "#555555", "#666666", "#444c5c")
        ink = rng.choice(("#dddddd", "#ffffff", "#b9c0cc") if dark else inks)
        faint = rng.choice(("#3a4150", "#555555") if dark else ("#e0e0e0", "#cccccc", "#dde3ea", "#eeeeee"))
        return cls(
            size, family, text, ground, ink, faint, palette(rng, dark),
            rng.choice(("start", "middle", "middle")),
            text * rng.choice((1.0, 1.2, 1.5, 1.5, 1.8)), rng.random() < 0.6,
            rng.choice(("value", "value", "none", "both", "dashed")), rng.random() < 0.8, rng.random() < 0.4,
            rng.random() < 0.5, rng.choice(("top", "top", "bottom", "right")), rng.choice((0, 0, 0, 3, 6)),
            rng.uniform(0.35, 0.85), rng.random() < 0.25,
        )  # fmt: skip


def palette(rng: random.Random, dark: bool) -> tuple[str, ...]:
    """Eight colours that go together, neighbours clearly different."""
    start, step = rng.random(), rng.choice((0.13, 0.19, 0.27, 0.38, 0.61))
    lightness, saturation = rng.uniform(0.42, 0.68), rng.uniform(0.35, 0.95)
    found = []
    for k in range(8):
        level = min(0.82, max(0.28, lightness + rng.uniform(-0.12, 0.12) + 0.08 * dark))
        r, g, b = colorsys.hls_to_rgb((start + k * step) % 1, level, saturation)
        found.append(f"#{round(255 * r):02x}{round(255 * g):02x}{round(255 * b):02x}")
    return tuple(found)


@dataclass(frozen=True)
class Plot:
    """The frame of a chart with axes, CSS px, and the numbers at its two ends."""

    left: float
    top: float
    right: float
    bottom: float
    low: float
    high: float

    def along(self, value: float, lying: bool) -> float:
        """Where a value stands on the axis of values."""
        share = (value - self.low) / (self.high - self.low)
        return (
            self.left + share * (self.right - self.left)
            if lying
            else self.bottom - share * (self.bottom - self.top)
        )


class Sheet:
    """SVG as it is written, with marks in CSS px."""

    def __init__(self, look: Look):
        self.look, self.parts = look, []
        self.marks: list[Mark] = []
        self.turned: list[tuple[str, float, float]] = []

    def add(self, part: str) -> None:
        self.parts.append(part)

    def line(
        self, x0: float, y0: float, x1: float, y1: float, colour: str, width: float = 1, dash: str = ""
    ) -> None:
        dash = f" stroke-dasharray='{dash}'" if dash else ""
        self.add(
            f"<line x1='{x0:.1f}' y1='{y0:.1f}' x2='{x1:.1f}' y2='{y1:.1f}' stroke='{colour}'"
            f" stroke-width='{width}'{dash}/>"
        )

    def text(self, text: str, x: float, y: float, role: str, anchor: str = "middle", **more) -> None:
        """Text with its capitals' middle at y."""
        size = more.get("size", self.look.text)
        weight = " font-weight='bold'" if more.get("bold") else ""
        self.add(
            f"<text x='{x:.1f}' y='{y + CAP * size / 2:.1f}' text-anchor='{anchor}' font-size='{size:.1f}'"
            f" fill='{more.get('colour', self.look.ink)}'{weight} data-role='{role}'>{escape(text)}</text>"
        )

    def upwards(self, text: str, x: float, y: float) -> None:
        """An axis's name from below upwards, its middle at (x, y)."""
        size = self.look.text
        self.turned.append((text, x, y))
        self.add(
            f"<text transform='translate({x + CAP * size / 2:.1f} {y:.1f}) rotate(-90)' text-anchor='middle'"
            f" font-size='{size:.1f}' fill='{self.look.ink}' data-role='turned'>{escape(text)}</text>"
        )

    def html(self) -> str:
        width, height = self.look.size
        return (
            f"<!doctype html><style>body{{margin:0;background:{self.look.ground}}}"
            f"svg{{display:block;font-family:'{self.look.family.name}'}}</style>"
            f"<svg width='{width}' height='{height}'>{''.join(self.parts)}</svg>"
        )
