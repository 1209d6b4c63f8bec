"""Bars, lines and pies on Matplotlib's axes, with value labels and legends in the ways people use."""

import math
import random
from dataclasses import dataclass, field, replace

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from training.pictures.tables import Mark, Table

COLOUR_MAPS = (
    "tab10",
    "Set1",
    "Set2",
    "Dark2",
    "Paired",
    "Pastel1",
    "viridis",
    "plasma",
    "Blues",
    "coolwarm",
)
COLOURS = ("steelblue", "skyblue", "tomato", "teal", "orange", "green", "purple", "gray", "salmon", "navy",
           "crimson", "gold", "#4c72b0", "#88c999", "#ff6f61", "darkgreen", "black", "indigo",
           "coral")  # fmt: skip
LINE_STYLES = ("-", "-", "-", "--", "-.", ":")
MARKERS = ("o", "o", "s", "^", "D", "x", "*", "")


@dataclass
class Marks:
    """Texts that name something: artist -> (role, category, series), by the artist's identity; and where
    values end, in the axes' own numbers."""

    roles: dict[int, tuple[str, int | None, int | None]] = field(default_factory=dict)
    ends: list[Mark] = field(default_factory=list)

    def note(self, artists, role: str, categories=None, series: int | None = None) -> None:
        """Say what texts are; `categories` their places in the table."""
        for k, artist in enumerate(artists):
            self.roles[id(artist)] = (role, categories[k] if categories else None, series)

    def end(self, kind: str, places, series: int = 0) -> None:
        """Where a series' values are, or a pie's parts begin: (x, y) each."""
        self.ends += [Mark(kind, float(x), float(y), k, series) for k, (x, y) in enumerate(places)]

    def on_picture(self, axes: Axes) -> tuple[Mark, ...]:
        """The same in px of the picture, once it is drawn."""
        height = axes.figure.bbox.height
        found = []
        for mark in self.ends:
            x, y = axes.transData.transform((mark.x, mark.y))
            found.append(replace(mark, x=float(x), y=float(height - y)))
        return tuple(found)


def colours_of(rng: random.Random, count: int) -> list | None:
    """None for the style's own colours, one colour for all, or one for each."""
    choice = rng.random()
    if choice < 0.5:
        return None
    if choice < 0.75:
        return [rng.choice(COLOURS)] * count
    colours = matplotlib.colormaps[rng.choice(COLOUR_MAPS)]
    if colours.N < 30:
        return [colours(k % colours.N) for k in range(count)]
    return [colours(0.15 + 0.7 * k / max(1, count - 1)) for k in range(count)]


def draw_bars(rng: random.Random, axes: Axes, table: Table, marks: Marks) -> None:
    """Standing or lying bars of one series."""
    lying = table.kind == "horizontal bar"
    draw = axes.barh if lying else axes.bar
    colours = colours_of(rng, len(table.categories))
    thickness = rng.choice((0.8, 0.8, 0.6, 0.5, 0.7, 0.9))
    options = {"color": colours} if colours else {}
    if rng.random() < 0.12:
        options |= {"edgecolor": "black", "linewidth": 1}
    bars = draw(list(table.categories), table.values[0], thickness, **options)
    # Tables are read from the top: lying bars in the order of the table, or upside down as they come.
    if lying and rng.random() < 0.4:
        axes.invert_yaxis()
    places = list(enumerate(table.values[0]))
    marks.end("end", [(value, k) for k, value in places] if lying else places)
    if table.labelled:
        inside = rng.random() < 0.15 and min(table.values[0]) > 0.25 * max(table.values[0])
        place = (
            {"label_type": "center", "color": "white"} if inside else {"padding": rng.choice((1, 3, 3, 4))}
        )
        if inside and not colours:
            for bar in bars:
                bar.set_color(
                    rng.choice(("#1f4e79", "#2d6a4f", "#7b2d26"))
                    if bar is bars[0]
                    else bars[0].get_facecolor()
                )
        labels = axes.bar_label(bars, labels=list(table.printed[0]), **place)
        marks.note(labels, "value", range(len(labels)), 0)
        if not inside:
            axes.margins(**{"x" if lying else "y": 0.12})


def draw_grouped(rng: random.Random, axes: Axes, table: Table, marks: Marks) -> None:
    """Bars of several series beside each other."""
    places, count = np.arange(len(table.categories)), len(table.series)
    width = rng.choice((0.8, 0.8, 0.7)) / count
    colours = colours_of(rng, count) if rng.random() < 0.5 else None
    for k, name in enumerate(table.series):
        options = {"color": colours[k]} if colours and len(set(map(str, colours))) == count else {}
        offset = (k - (count - 1) / 2) * width
        bars = axes.bar(places + offset, table.values[k], width, label=name, **options)
        marks.end("end", zip(places + offset, table.values[k], strict=True), k)
        if table.labelled:
            labels = axes.bar_label(bars, labels=list(table.printed[k]), padding=2)
            marks.note(labels, "value", range(len(labels)), k)
            axes.margins(y=0.12)
    axes.set_xticks(places, list(table.categories))
    add_legend(rng, axes, marks)


def draw_lines(rng: random.Random, axes: Axes, table: Table, marks: Marks) -> None:
    """One to three lines through points, with or without marks."""
    style, marker = rng.choice(LINE_STYLES), rng.choice(MARKERS)
    colour = rng.choice(COLOURS) if rng.random() < 0.35 and len(table.series) == 1 else None
    for k, name in enumerate(table.series):
        options = {"color": colour} if colour else {}
        if len(table.series) > 1:
            marker = rng.choice(MARKERS)
        axes.plot(list(table.categories), table.values[k], linestyle=style, marker=marker or None,
                  label=name or None, linewidth=rng.choice((1.5, 1.5, 2, 2.5)), **options)  # fmt: skip
        marks.end("end", enumerate(table.values[k]), k)
        if table.labelled:
            labels = [
                axes.annotate(text, (j, value), xytext=(0, rng.choice((5, 6, 8))), textcoords="offset points",
                              ha="center")
                for j, (text, value) in enumerate(zip(table.printed[k], table.values[k], strict=True))
            ]  # fmt: skip
            marks.note(labels, "value", range(len(labels)), k)
            axes.margins(y=0.14)
    if len(table.series) == 1 and rng.random() < 0.15:
        axes.fill_between(range(len(table.categories)), table.values[0], alpha=0.25)
    if len(table.series) > 1:
        add_legend(rng, axes, marks)


def draw_pie(rng: random.Random, axes: Axes, table: Table, marks: Marks) -> None:
    """A pie or a ring, its parts named beside them or in a legend."""
    names = list(table.categories)
    legend = rng.random() < 0.25
    options: dict = {"startangle": rng.choice((0, 90, 90, 140, rng.randrange(360)))}
    options["counterclock"] = rng.random() < 0.7
    colours = colours_of(rng, len(names))
    if colours and len(set(map(str, colours))) == len(names):
        options["colors"] = colours
    if rng.random() < 0.2:
        options["wedgeprops"] = {"width": 0.45}
    if rng.random() < 0.15:
        options["explode"] = [0.08 if k == 0 else 0 for k in range(len(names))]
    if table.labelled:
        printed = iter(table.printed[0])
        options |= {"autopct": lambda share: next(printed), "pctdistance": rng.choice((0.6, 0.7, 0.78))}
    drawn = axes.pie(table.values[0], labels=None if legend else names, **options)
    marks.end("centre", [(0, 0)])
    begins = [
        (wedge, math.radians(wedge.theta1 if options["counterclock"] else wedge.theta2)) for wedge in drawn[0]
    ]
    marks.end("rim", [(w.center[0] + w.r * math.cos(a), w.center[1] + w.r * math.sin(a)) for w, a in begins])
    if not legend:
        marks.note(drawn[1], "category", range(len(names)), 0)
    if table.labelled:
        marks.note(drawn[2], "value", range(len(names)), 0)
        make_readable(drawn[0], drawn[2])
    if legend:
        box = axes.legend(drawn[0], names, loc="center left", bbox_to_anchor=(0.95, 0.5))
        marks.note(box.get_texts(), "category", range(len(names)), 0)


def make_readable(wedges, texts) -> None:
    """Texts on parts of nearly their own brightness become black or white."""
    for wedge, text in zip(wedges, texts, strict=True):
        below, own = (0.3 * r + 0.59 * g + 0.11 * b for r, g, b, _ in
                      (wedge.get_facecolor(), to_rgba(text.get_color())))  # fmt: skip
        if abs(below - own) < 0.4:
            text.set_color("white" if below < 0.5 else "black")


def add_legend(rng: random.Random, axes: Axes, marks: Marks) -> None:
    """The legend of several series, inside or beside the axes."""
    places = ({"loc": "best"},) * 4 + ({"loc": "upper left"}, {"loc": "upper right"},
              {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)},
              {"loc": "upper center", "ncols": 3, "bbox_to_anchor": (0.5, -0.12)})  # fmt: skip
    legend = axes.legend(**rng.choice(places))
    for k, text in enumerate(legend.get_texts()):
        marks.note([text], "legend", None, k)


PAINTERS = {"bar": draw_bars, "horizontal bar": draw_bars, "grouped bar": draw_grouped, "line": draw_lines,
            "pie": draw_pie}  # fmt: skip
