"""Trace -> matplotlib Figure -> the bytes of a file. Pure; no pyplot.

For what is saved and exported alone: the page draws its cells itself, which is fifty times as fast.
"""

import io
import warnings
from collections.abc import Sequence

import matplotlib
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from demo.words import ENGLISH, Words
from mova.trace import Gates
from mova.vision.experts.pool import EXPERTS

INK, ACCENT, ON_ACCENT = "#1d1f23", "#5a4fcf", "#ffffff"
CELL_WIDTH, CELL_HEIGHT = 0.82, 0.40  # inches
LEFT, TOP, BELOW = 0.62, 0.44, 0.72  # inches around the cells: for layers, the title, the experts
FORMS = ("svg", "png")

# Text stays text (selectable, in the reader's font); a fixed salt makes equal figures equal files.
matplotlib.rcParams["svg.fonttype"] = "none"
matplotlib.rcParams["svg.hashsalt"] = "mova"


def plot_gates(weights: Sequence[Sequence[float]], title: str = "", say: Words = ENGLISH) -> Figure:
    """Heat map of gating weights, layers x 7 experts, the number written in every cell.

    The darkness of a cell is its weight on a fixed scale from 0 to 1, so that two figures compare.
    """
    layers, experts = len(weights), len(EXPERTS)
    width = LEFT + experts * CELL_WIDTH + 0.08
    height = TOP + layers * CELL_HEIGHT + BELOW
    figure = Figure(figsize=(width, height), facecolor="white")
    box = (LEFT / width, BELOW / height, experts * CELL_WIDTH / width, layers * CELL_HEIGHT / height)
    axes = figure.add_axes(box)
    axes.set(xlim=(0, experts), ylim=(layers, 0))
    axes.set_title(title or say("figure.gates"), fontsize=11, color=INK, loc="left")
    axes.set_xlabel(say("figure.expert"), fontsize=9, color=INK)
    axes.set_ylabel(say("figure.layer"), fontsize=9, color=INK)
    names = [f"{expert.letter}\n{expert.name}" for expert in EXPERTS]
    axes.set_xticks([column + 0.5 for column in range(experts)], names, fontsize=9)
    axes.set_yticks([row + 0.5 for row in range(layers)], [str(row + 1) for row in range(layers)], fontsize=9)
    axes.tick_params(length=0, colors=INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for row, weights_of_layer in enumerate(weights):
        for column, weight in enumerate(weights_of_layer):
            _draw_cell(axes, column, row, weight)
    return figure


def _draw_cell(axes, column: int, row: int, weight: float) -> None:
    strength = min(max(weight, 0.0), 1.0)
    axes.add_patch(
        Rectangle(
            (column + 0.03, row + 0.05), 0.94, 0.9,
            facecolor=ACCENT, alpha=0.05 + 0.95 * strength, linewidth=0,
        )
    )  # fmt: skip
    axes.text(
        column + 0.5, row + 0.52, f"{weight:.2f}", ha="center", va="center", fontsize=9,
        color=ON_ACCENT if strength > 0.6 else INK,
    )  # fmt: skip


def figure_bytes(figure: Figure, form: str) -> bytes:
    """The figure as a file of one of FORMS; equal figures give equal bytes."""
    if form not in FORMS:
        raise ValueError(f"a figure is saved as {' or '.join(FORMS)}, not as {form!r}")
    buffer = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
    with warnings.catch_warnings():
        # Matplotlib measures with a typeface that has no Chinese; an SVG is shown in the reader's own.
        warnings.filterwarnings("ignore", "(?i)glyph .* missing")
        figure.savefig(buffer, format=form, dpi=200, metadata=metadata)
    return buffer.getvalue()


def gate_file(gates: Gates, form: str, say: Words = ENGLISH, *, preferred: bool = False) -> bytes:
    """The gate that was used, or the one that was `preferred`, as a file of one of FORMS.

    A PNG is in English whatever the language: the typeface that Matplotlib brings has no Chinese.
    """
    say = say if form == "svg" else ENGLISH
    kind, weights = ("preferred", gates.unmasked) if preferred else ("used", gates.masked)
    return figure_bytes(plot_gates(weights, say(f"figure.{kind}"), say), form)
