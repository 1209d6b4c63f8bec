"""A panel -> the bytes of a figure of it, for slides and papers: an SVG or a PNG drawn from the trace.

Router and worth are bars, time is its stages on one axis, places are maps over the picture; the gate's heat
map is in demo/panels/figures.py. Pure; no pyplot.
"""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from demo.panels.figures import ACCENT, FORMS, INK, figure_bytes, gate_file
from demo.panels.overlay import PICTURE_URI, Frame
from demo.panels.panel import seconds_text
from demo.panels.router import NONE, chance_text, chances_of
from demo.panels.time import stage_label
from demo.panels.where import Maps, number_text
from demo.panels.worth import nats_text
from demo.theme import EXPERT_COLOURS
from demo.words import ENGLISH, Words
from mova.contributions import Contributions
from mova.errors import QuestionRefused
from mova.trace import Picture, Trace
from mova.vision.experts.pool import BY_LETTER

ROW = 0.36  # inches
GREY, LIGHT = "#8a8e95", "#f1f1ee"
FED_SIDE = 448  # pixels of the picture's square under a map
SOLID = 0.8  # how much of the picture a map's strongest place covers


@dataclass(frozen=True)
class Bar:
    """A row of a figure: its label, where its bar begins and how long it is, the number beside it."""

    label: str
    start: float
    length: float
    colour: str
    said: str
    hatched: bool = False


def panel_file(trace: Trace | None, panel: str, form: str, say: Words = ENGLISH) -> bytes:
    """What a panel shows of a trace as a file of one of FORMS. Raises QuestionRefused where it shows nothing
    that can be drawn.

    A PNG is in English whatever the language: the typeface that Matplotlib brings has no Chinese.
    """
    known = trace is not None and form in FORMS and panel in FIGURES
    if trace is None or not known or not FIGURES[panel].there(trace):
        raise QuestionRefused("This panel has nothing to be saved as a picture. Save the answer instead.")
    return FIGURES[panel].draw(trace, form, say if form == "svg" else ENGLISH)


def _router(trace: Trace, form: str, say: Words) -> bytes:
    chances = chances_of(trace.routing)
    picked = (trace.routing.experts or (NONE,)) if trace.routing else ()
    bars = [
        Bar(
            f"{_name(letter, say)}{' ✓' if letter in picked else ''}", 1e-6, max(chance, 1e-6) - 1e-6,
            EXPERT_COLOURS.get(letter, GREY), chance_text(chance),
        )
        for letter, chance in chances.items()
    ]  # fmt: skip
    figure = plot_bars(bars, say("router.title"), say("router.probability"), log=True)
    return figure_bytes(figure, form)


def _name(letter: str, say: Words) -> str:
    return say("router.none") if letter == NONE else f"{letter} {BY_LETTER[letter].name}"


def _gate(trace: Trace, form: str, say: Words) -> bytes:
    assert trace.gates is not None
    return gate_file(trace.gates, form, say)


def _time(trace: Trace, form: str, say: Words) -> bytes:
    bars, start = [], 0.0
    for stage in trace.timings.stages:
        label = stage_label(stage.name, stage.expert, say)
        label = f"{stage.expert} {label}" if stage.expert else label
        colour = EXPERT_COLOURS[stage.expert] if stage.expert else ACCENT
        said = say("time.reused") if stage.reused else seconds_text(stage.seconds)
        bars.append(Bar(label, start, stage.seconds, colour, said, stage.reused))
        start += stage.seconds
    return figure_bytes(plot_bars(bars, say("time.title"), f"{say('time.seconds')} (s)"), form)


def _worth(trace: Trace, form: str, say: Words) -> bytes:
    assert trace.worth is not None
    totals = zip(trace.worth.experts, trace.worth.totals, strict=True)
    bars = [Bar(_name(e, say), 0.0, total, EXPERT_COLOURS[e], nats_text(total)) for e, total in totals]
    return figure_bytes(plot_bars(bars, say("worth.title"), say("figure.nats")), form)


def plot_bars(bars: Sequence[Bar], title: str, axis: str, *, log: bool = False) -> Figure:
    """Bars one below the other, the number at the end of each."""
    figure = Figure(figsize=(6.6, 1.0 + ROW * max(len(bars), 1)), facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    for row, bar in enumerate(bars):
        axes.barh(
            row, bar.length, left=bar.start, height=0.62, color="white" if bar.hatched else bar.colour,
            hatch="////" if bar.hatched else None, edgecolor=bar.colour, linewidth=1 if bar.hatched else 0,
        )  # fmt: skip
        end = max(bar.start + bar.length, bar.start)
        axes.text(end, row, f"  {bar.said}", va="center", fontsize=9, color=INK)
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars], fontsize=9)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=11, color=INK, loc="left")
    axes.set_xlabel(axis, fontsize=9, color=INK)
    if log:
        axes.set(xscale="log", xlim=(1e-6, 1.0))
        axes.minorticks_off()
    axes.margins(x=0.12)
    axes.tick_params(length=0, colors=INK, labelsize=9)
    axes.grid(axis="x", color=LIGHT)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


def _where(trace: Trace, form: str, say: Words) -> bytes:
    """Each picked expert's map over the picture as it was fed, the mean over the layers: clear at its least
    value, full at its largest; both are told."""
    assert isinstance(trace.contributions, Contributions)
    maps, fed = Maps.of(trace.contributions), _fed(trace.picture)
    count = len(maps.experts)
    figure = Figure(figsize=(3.2 * count, 3.9), facecolor="white", layout="constrained")
    figure.suptitle(say("where.title"), fontsize=11, color=INK)
    for place, letter in enumerate(maps.experts):
        axes = figure.add_subplot(1, count, place + 1)
        axes.imshow(fed, extent=(0, 1, 0, 1))
        values = maps.values[0, place]
        least, most = float(values.min()), float(values.max())
        strengths = (values - least) / ((most - least) or 1.0)
        red, green, blue = bytes.fromhex(EXPERT_COLOURS[letter][1:])
        colours = np.full((*strengths.shape, 4), (red / 255, green / 255, blue / 255, 0.0))
        colours[..., 3] = SOLID * np.clip(strengths, 0, 1)
        axes.imshow(colours, extent=(0, 1, 0, 1), interpolation="nearest")
        told = f"{maps.share(0, place):.0%}, {number_text(least)} … {number_text(most)}"
        axes.set_title(f"{_name(letter, say)}: {told}", fontsize=10, color=INK)
        axes.set_axis_off()
    return figure_bytes(figure, form)


def _fed(picture: Picture | None) -> Image.Image:
    """The picture's small copy on its square, as the encoders were fed it."""
    square = Image.new("RGB", (FED_SIDE, FED_SIDE), LIGHT)
    uri = picture.thumbnail if picture else None
    if uri and PICTURE_URI.fullmatch(uri):
        frame = Frame.of(picture)
        size = (max(1, round(frame.width * FED_SIDE)), max(1, round(frame.height * FED_SIDE)))
        with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as small:
            copy = small.convert("RGB").resize(size)
        square.paste(copy, (round(frame.left * FED_SIDE), round(frame.top * FED_SIDE)))
    return square


@dataclass(frozen=True)
class _Figure:
    draw: Callable[[Trace, str, Words], bytes]
    there: Callable[[Trace], bool]


FIGURES = {
    "router": _Figure(_router, lambda t: bool(chances_of(t.routing))),
    "gate": _Figure(_gate, lambda t: t.gates is not None),
    "time": _Figure(_time, lambda t: bool(t.timings.stages)),
    "where": _Figure(
        _where, lambda t: isinstance(t.contributions, Contributions) and bool(t.contributions.experts)
    ),
    "worth": _Figure(_worth, lambda t: t.worth is not None and bool(t.worth.words)),
}
