"""Charts by Matplotlib itself: its default look and the styles it ships, as people draw them."""

import logging
import random
from dataclasses import dataclass, replace
from functools import lru_cache

import matplotlib
from matplotlib import style as styles
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ticker import FuncFormatter, StrMethodFormatter
from PIL import Image, ImageChops

from training.makers.chart_data import choose_kind, compose
from training.makers.chart_ink import RecordingCanvas, Written, draw_figure, to_run
from training.makers.chart_marks import PAINTERS, Marks
from training.makers.chart_questions import questions_about
from training.makers.fonts import FAMILIES, Family, choose_family
from training.makers.records import Picture, Run
from training.makers.words import Words
from training.pictures.tables import Mark, Table

TRAIN_STYLES = (
    "ggplot", "ggplot", "fivethirtyeight", "dark_background", "classic", "fast", "grayscale", "petroff8",
    "petroff10", "tableau-colorblind10", "seaborn-v0_8-whitegrid", "seaborn-v0_8-white",
    "seaborn-v0_8-ticks", "seaborn-v0_8-deep", "seaborn-v0_8-muted", "seaborn-v0_8-pastel",
    "seaborn-v0_8-bright", "seaborn-v0_8-colorblind", "seaborn-v0_8-dark-palette", "seaborn-v0_8-paper",
    "seaborn-v0_8-notebook",
)  # fmt: skip
HELD_OUT_STYLES = (
    "Solarize_Light2", "bmh", "seaborn-v0_8", "seaborn-v0_8-darkgrid", "seaborn-v0_8-dark",
    "seaborn-v0_8-talk",
    "seaborn-v0_8-poster", "petroff6",
)  # fmt: skip
SIZES = (
    (5, 4), (6, 4), (7, 4), (5, 5), (8, 5), (8, 6), (10, 6), (9, 5), (12, 8), (6, 6), (10, 5), (7, 5), (4, 3),
    (12, 6),
)  # inches  # fmt: skip
USUAL_SIZE = (6.4, 4.8)
RESOLUTIONS = (72, 80, 96, 100, 100, 100, 100, 120, 150)
LAYOUTS = (None, None, "tight", "tight", "constrained")
DEFAULT_FONT = FAMILIES[0]
# Points per inch of the longer side: capitals of DejaVu Sans are then 12 px high on a side of 768.
LEAST_POINTS = 12.1 * 72 / (0.729 * 768)
TRIES = 20
GAP = 0.35  # of a capital's height, that texts stand apart at least
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # faces without the exact weight


@dataclass(frozen=True)
class Look:
    """How a chart is drawn: style, size in inches, resolution, points of its text, family, layout engine,
    degrees that names below the axis are turned by, and whether the picture ends close around the ink."""

    style: str
    inches: tuple[float, float]
    dpi: int
    points: float
    family: Family
    layout: str | None
    turned: int
    close: bool

    @classmethod
    def choose(cls, rng: random.Random, split: str) -> "Look":
        """Half of all charts in the default style, size and font."""
        style = "default" if rng.random() < 0.5 else rng.choice(TRAIN_STYLES)
        if split == "test" and rng.random() < 0.7:
            style = rng.choice(HELD_OUT_STYLES)
        inches = USUAL_SIZE if rng.random() < 0.45 else rng.choice(SIZES)
        points = max(10.0, LEAST_POINTS * max(inches)) * rng.choice((1.0, 1.0, 1.0, 1.1, 1.25, 1.4))
        usual = rng.random() < (0.5 if split == "train" else 0.3)
        family = DEFAULT_FONT if usual else choose_family(rng, split, named=True, kept_share=0.9)
        turned = rng.choice((0, 0, 0, 0, 0, 30, 45, 90))
        return cls(style, inches, rng.choice(RESOLUTIONS), points, family, rng.choice(LAYOUTS), turned,
                   rng.random() < 0.15)  # fmt: skip


@lru_cache(maxsize=64)
def font_name(family: Family) -> str:
    """The family's name to Matplotlib, which is shown its files."""
    for path in family.faces:
        fontManager.addfont(str(path))
    return FontProperties(fname=str(family.faces[0])).get_name()


def draw_chart(rng: random.Random, split: str) -> Picture:
    """One chart. Where names lie over each other or text is cut off, it is drawn in another way."""
    words = Words(rng, split)
    look, kind = Look.choose(rng, split), choose_kind(rng)
    for trial in range(TRIES):
        if trial % 4 == 0:
            words = Words(rng, split)
            table = compose(words, kind, most=8 if trial < 8 else 4)
        image, runs, marks = paint(rng, table, look)
        if is_clean(image, runs, table):
            break
        look = mended(look, trial)
    style = {"style"} if look.style in HELD_OUT_STYLES else set()
    return Picture(
        image, "charts", "charts", runs, questions_about(rng, split, table), table,
        held_out=frozenset(words.held_out_with(look.family) | style), marks=marks,
    )  # fmt: skip


def mended(look: Look, trial: int) -> Look:
    """Another try: names turned, then a layout that makes room, then smaller text, then the usual size."""
    changes = (
        {"turned": 30 if look.turned == 0 else 90}, {"layout": "constrained"},
        {"points": max(10.0, LEAST_POINTS * max(look.inches))}, {"inches": USUAL_SIZE, "points": 10.0,
            "turned": 45},
    )  # fmt: skip
    return replace(look, **changes[trial % 4])


def paint(
    rng: random.Random, table: Table, look: Look
) -> tuple[Image.Image, tuple[Run, ...], tuple[Mark, ...]]:
    """The chart's pixels, runs and marks."""
    with styles.context(look.style, after_reset=True):
        matplotlib.rcParams.update({
            "font.family": [font_name(look.family)], "font.size": look.points, "axes.unicode_minus": False,
            "axes.formatter.useoffset": False,
        })  # fmt: skip
        _even_sizes(look.points)
        figure = Figure(figsize=look.inches, dpi=look.dpi, layout=look.layout)
        RecordingCanvas(figure)
        axes = figure.add_subplot()
        marks = Marks()
        PAINTERS[table.kind](rng, axes, table, marks)
        furnish(rng, axes, table, marks, look)
        image, written = draw_figure(figure)
        _note_ticks(axes, table, marks)
        runs, ends = tuple(runs_of(written, marks, figure)), marks.on_picture(axes)
    return crop_close(image, runs, ends) if look.close else (image, runs, ends)


def _even_sizes(points: float) -> None:
    """Sizes that a style gives in points follow the size of the text, none below it."""
    for key in ("axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"):
        size = matplotlib.rcParams[key]
        if not isinstance(size, str):
            matplotlib.rcParams[key] = max(points, size * points / 10)
        elif size in ("small", "x-small", "xx-small"):
            matplotlib.rcParams[key] = "medium"


def furnish(rng: random.Random, axes: Axes, table: Table, marks: Marks, look: Look) -> None:
    """Title, axis names, grid, the ticks' form and turn."""
    if table.title:
        options: dict = {"loc": "left"} if rng.random() < 0.08 else {}
        if rng.random() < 0.2:
            options |= {"fontweight": "bold"}
        if rng.random() < 0.15:
            options |= {"fontsize": look.points * rng.choice((1.0, 1.4, 1.6))}
        marks.note([axes.set_title(table.title, **options)], "title")
    if table.kind == "pie":
        return
    lying = table.kind == "horizontal bar"
    first, second = (axes.set_ylabel, axes.set_xlabel) if lying else (axes.set_xlabel, axes.set_ylabel)
    for write, name in ((first, table.category_axis), (second, table.value_axis)):
        if name:
            marks.note([write(name)], "axis")
    value_axis = axes.xaxis if lying else axes.yaxis
    if rng.random() < 0.3:
        axes.grid(True, axis=rng.choice(("both", "x" if lying else "y")), linestyle=rng.choice(("-", "--",
            ":")),
                  alpha=rng.choice((0.3, 0.6, 1.0)))  # fmt: skip
        axes.set_axisbelow(True)
    if rng.random() < 0.15:
        axes.spines[["top", "right"]].set_visible(False)
    if table.labelled and rng.random() < 0.12:
        value_axis.set_ticks([])
    else:
        form_ticks(rng, value_axis, table)
    if look.turned and not lying:
        axes.tick_params(axis="x", rotation=look.turned)
        if look.turned < 90:
            for label in axes.get_xticklabels():
                label.set(ha="right", rotation_mode="anchor")


def form_ticks(rng: random.Random, axis, table: Table) -> None:
    """Thousands marks, per cent or a currency at the ticks where the values have them."""
    sample = table.printed[0][0]
    highest = max(max(row) for row in table.values)
    if sample.startswith("$") and rng.random() < 0.6:
        axis.set_major_formatter(
            FuncFormatter(lambda value, _: f"${value:,.0f}" if highest > 20 else f"${value:g}")
        )
    elif sample.endswith("%") and rng.random() < 0.6:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}%"))
    elif highest > 2000 and rng.random() < 0.5:
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    elif highest > 2000 and rng.random() < 0.1:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 1000:g}k"))


def _note_ticks(axes: Axes, table: Table, marks: Marks) -> None:
    """After drawing: which texts at the axes name categories and which are numbers."""
    for axis in (axes.xaxis, axes.yaxis):
        named = table.kind != "pie" and (axis is axes.yaxis) == (table.kind == "horizontal bar")
        for label in axis.get_ticklabels():
            text = label.get_text()
            if named and text in table.categories:
                marks.note([label], "category", [table.categories.index(text)])
            else:
                marks.note([label], "tick")


def runs_of(written: list[Written], marks: Marks, figure: Figure) -> list[Run]:
    """Runs in reading order; those on one baseline share a line."""
    found = []
    for text in written:
        role, category, series = marks.roles.get(id(text.artist), ("note", None, None))
        found.append(to_run(text, role, 0, category, series))
    found.sort(key=lambda run: (round(run.points[0][1] / 4), run.points[0][0]))
    lines: list[float] = []
    numbered = []
    for run in found:
        y = run.points[0][1]
        if run.rotation or not lines or abs(lines[-1] - y) > run.cap * 0.4:
            lines.append(y)
        numbered.append(replace(run, line=len(lines)))
    return numbered


def is_clean(image: Image.Image, runs: tuple[Run, ...], table: Table) -> bool:
    """Whether all text lies on the picture, none over another, and every category is there."""
    width, height = image.size
    inside = all(
        run.box[0] >= 0 and run.box[1] >= 0 and run.box[2] <= width and run.box[3] <= height for run in runs
    )
    wanted = [table.title, table.category_axis, table.value_axis, *table.categories]
    there = {run.text for run in runs}
    if not inside or any(text and text not in there for text in wanted):
        return False
    words = [run for run in runs if run.role != "tick" and run.rotation in (0, 90)]
    ordinary = [run for run in runs if run.rotation in (0, 90)]
    return not any(one.touches(other, GAP) for one in words for other in ordinary if one is not other)


def crop_close(
    image: Image.Image, runs: tuple[Run, ...], marks: tuple[Mark, ...]
) -> tuple[Image.Image, tuple[Run, ...], tuple[Mark, ...]]:
    """The picture without its empty borders but for some px, as `bbox_inches="tight"` leaves it."""
    ground = Image.new("RGB", image.size, image.getpixel((0, 0)))
    box = ImageChops.difference(image, ground).getbbox()
    if box is None:
        return image, runs, marks
    pad = 10
    x0, y0 = max(0, box[0] - pad), max(0, box[1] - pad)
    cropped = image.crop((x0, y0, min(image.width, box[2] + pad), min(image.height, box[3] + pad)))
    marks = tuple(replace(mark, x=mark.x - x0, y=mark.y - y0) for mark in marks)
    return cropped, tuple(moved(run, -x0, -y0) for run in runs), marks


def moved(run: Run, dx: float, dy: float) -> Run:
    """A run elsewhere on the picture."""
    box = tuple(part + (dx, dy)[k % 2] for k, part in enumerate(run.box))
    return replace(run, box=box, points=tuple((x + dx, y + dy) for x, y in run.points))
