"""Matplotlib's Agg renderer that remembers every text it draws, and where."""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from PIL import Image

from training.makers.fonts import cap_height, letter_edges, load_face
from training.makers.records import Run


@dataclass(frozen=True)
class Written:
    """A text as it was drawn: its artist, its baseline's left end in px, face and size in px, degrees."""

    text: str
    artist: object
    x: float
    y: float
    face: str
    size: float
    angle: float


class RecordingRenderer(RendererAgg):
    """Draws as usual and keeps what text it was given."""

    written: list[Written]

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        """See RendererBase.draw_text; y is from the top."""
        if s.strip():
            size = self.points_to_pixels(prop.get_size_in_points())
            self.written.append(Written(s, mtext, float(x), float(y), findfont(prop), size, float(angle)))
        super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)


class RecordingCanvas(FigureCanvasAgg):
    """A canvas whose renderer remembers texts."""

    def get_renderer(self):
        """One renderer for each size, as FigureCanvasAgg has it."""
        width, height = self.figure.bbox.size
        key = width, height, self.figure.dpi
        if getattr(self, "_key", None) != key:
            self._renderer, self._key = RecordingRenderer(width, height, self.figure.dpi), key
            self._renderer.written = []
        self.renderer = self._renderer
        return self._renderer

    def take(self) -> tuple[Image.Image, list[Written]]:
        """Draw the figure; its pixels and its texts."""
        self.get_renderer().written.clear()
        self.draw()
        pixels = Image.fromarray(np.asarray(self.buffer_rgba())).convert("RGB")
        return pixels, list(self.get_renderer().written)


def draw_figure(figure: Figure) -> tuple[Image.Image, list[Written]]:
    """Pixels and texts of a figure that was made with a RecordingCanvas."""
    return figure.canvas.take()


def to_run(written: Written, role: str, line: int, category: int | None, series: int | None) -> Run:
    """The text as a run: characters along its baseline, the box around its turned ink."""
    text = written.text.replace("−", "-").strip()
    font = load_face(written.face, written.size)
    edges = letter_edges(written.face, written.size, text)
    cap = cap_height(written.face, written.size)
    angle = math.radians(written.angle)
    along, up = (math.cos(angle), -math.sin(angle)), (-math.sin(angle), -math.cos(angle))

    def at(advance: float, height: float) -> tuple[float, float]:
        return (
            written.x + along[0] * advance + up[0] * height,
            written.y + along[1] * advance + up[1] * height,
        )

    points = tuple(at((a + b) / 2, cap / 2) for a, b in zip(edges, edges[1:], strict=False))
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    corners = [at(x, -y) for x in (left, right) for y in (top, bottom)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return Run(
        text, (min(xs), min(ys), max(xs), max(ys)), points, cap, role, line, written.angle, category, series
    )
