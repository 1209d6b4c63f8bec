"""Trace -> matplotlib Figure, and Figure -> SVG that takes the page's font and colours. Pure; no pyplot.

Figures are drawn in three sentinel colours. `inline_svg` replaces them by CSS, so one drawing serves the
light and the dark page and is crisp at any size.
"""

import io
import re
from collections.abc import Sequence

import matplotlib
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mova.vision.experts.pool import EXPERTS

INK, ACCENT, ON_ACCENT = "#010203", "#040506", "#070809"
CSS_OF = {INK: "currentColor", ACCENT: "var(--mova-accent)", ON_ACCENT: "var(--mova-on-accent)"}
CELL_WIDTH, CELL_HEIGHT, MARGIN_LEFT, MARGIN_TOP = 0.43, 0.36, 0.62, 0.30  # inches

# Text stays text (selectable, in the page's font); a fixed salt makes equal figures equal strings.
matplotlib.rcParams["svg.fonttype"] = "none"
matplotlib.rcParams["svg.hashsalt"] = "mova"


def plot_gates(weights: Sequence[Sequence[float]]) -> Figure:
    """Heat map of gating weights, layers x 7 experts, the number written in every cell.

    The darkness of a cell is its weight on a fixed scale from 0 to 1, so that two figures compare.
    """
    layers, experts = len(weights), len(EXPERTS)
    width = MARGIN_LEFT + experts * CELL_WIDTH
    height = MARGIN_TOP + layers * CELL_HEIGHT + 0.04
    figure = Figure(figsize=(width, height))
    figure.patch.set_alpha(0)
    axes = figure.add_axes(
        (MARGIN_LEFT / width, 0.04 / height, experts * CELL_WIDTH / width, layers * CELL_HEIGHT / height)
    )
    axes.set(xlim=(0, experts), ylim=(layers, 0))
    axes.set_axis_off()
    for column, expert in enumerate(EXPERTS):
        axes.text(column + 0.5, -0.22, expert.letter, ha="center", va="bottom", color=INK, fontsize=9)
    for row, weights_of_layer in enumerate(weights):
        axes.text(-0.2, row + 0.5, f"Layer {row + 1}", ha="right", va="center", color=INK, fontsize=8)
        for column, weight in enumerate(weights_of_layer):
            _draw_cell(axes, column, row, weight)
    return figure


def _draw_cell(axes, column: int, row: int, weight: float) -> None:
    strength = min(max(weight, 0.0), 1.0)
    axes.add_patch(
        Rectangle(
            (column + 0.04, row + 0.05), 0.92, 0.9,
            facecolor=ACCENT, alpha=0.05 + 0.9 * strength, linewidth=0,
        )
    )  # fmt: skip
    axes.text(
        column + 0.5, row + 0.52, f"{weight:.2f}", ha="center", va="center", fontsize=8,
        color=ON_ACCENT if strength > 0.75 else INK, alpha=1.0 if weight >= 0.005 else 0.45,
    )  # fmt: skip


def inline_svg(figure: Figure) -> str:
    """The figure as an `<svg>` element for the page; words about it (its alt text) are the caller's."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    # The stylesheet and metadata matplotlib adds would leak into the page around it.
    svg = re.sub(r"<(metadata|style)\b.*?</\1>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px; font-family: inherit", svg)
    for sentinel, css in CSS_OF.items():
        svg = svg.replace(sentinel, css)
    svg = re.sub(
        r'(<svg [^>]*?)width="([\d.]+)pt" height="[\d.]+pt"', r'\1width="100%"', svg, count=1, flags=re.S
    )
    return svg.replace("<svg ", '<svg aria-hidden="true" ', 1).strip()
