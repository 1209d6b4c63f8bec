"""Charts as web pages have them: SVG in many looks, rendered by Chromium."""

import math
import random
from dataclasses import replace
from itertools import combinations

from training.makers.browser import studio
from training.makers.chart_data import choose_kind, compose
from training.makers.chart_questions import questions_about
from training.makers.records import Picture, Run
from training.makers.web_marks import draw_bars, draw_lines, draw_pie
from training.makers.web_sheets import CAP, Look, Plot, Sheet
from training.makers.words import Words
from training.pictures.tables import Table

TRIES = 12
GAP = 0.4  # of a capital's height, that texts stand apart at least
STEPS = (1, 2, 2.5, 5, 10)


def draw_web_chart(rng: random.Random, split: str) -> Picture:
    """One chart. Where texts lie over each other, another is drawn."""
    for trial in range(TRIES):
        words = Words(rng, split)
        look, kind = Look.choose(rng, split), choose_kind(rng)
        table = compose(words, kind, most=8 if trial < TRIES // 2 else 4)
        sheet = Sheet(look)
        sheet_of(rng, sheet, table)
        scale = rng.choice((1.0, 1.0, 1.0, 1.5, 2.0))
        shot = studio().shoot(sheet.html(), look.size, scale)
        runs = with_places(shot.runs, sheet, table, scale)
        if is_clean(runs, table, shot.image.size):
            break
    marks = tuple(replace(mark, x=mark.x * scale, y=mark.y * scale) for mark in sheet.marks)
    held_out = words.held_out_with(look.family)
    return Picture(
        shot.image, "web-charts", "charts", runs, questions_about(rng, split, table), table,
        held_out=frozenset(held_out), marks=marks,
    )  # fmt: skip


def with_places(runs: tuple[Run, ...], sheet: Sheet, table: Table, scale: float) -> tuple[Run, ...]:
    """The runs with their categories, and the axis's name that is turned."""
    found = []
    for run in runs:
        if run.role == "category" and run.text in table.categories:
            run = replace(run, category=table.categories.index(run.text))
        if run.role != "turned":
            found.append(run)
    size = sheet.look.text * scale
    for text, x, y in sheet.turned:
        x, y, half = x * scale, y * scale, 0.27 * size * len(text)
        points = tuple((x, y + half - 2 * half * (k + 0.5) / len(text)) for k in range(len(text)))
        box = (x - CAP * size / 2, y - half, x + CAP * size / 2, y + half)
        found.append(Run(text, box, points, CAP * size, "axis", len(found) + 100, 90))
    return tuple(found)


def is_clean(runs: tuple[Run, ...], table: Table, size: tuple[int, int]) -> bool:
    """Whether all that should be there is, and no text lies over another."""
    there = [run.text for run in runs]
    if any(name not in there for name in table.categories) or (table.title and table.title not in there):
        return False
    if any(one.touches(other, GAP) for one, other in combinations(runs, 2)):
        return False
    return all(run.box[0] >= 0 and run.box[2] <= size[0] and run.box[3] <= size[1] for run in runs)


def sheet_of(rng: random.Random, sheet: Sheet, table: Table) -> None:
    """Title and legend, then the chart in what room they leave."""
    look = sheet.look
    width, height = look.size
    pad, top = look.text * rng.uniform(0.6, 1.4), 0.0
    if table.title:
        top = look.title_size * rng.uniform(0.9, 1.3)
        x = {"start": pad, "middle": width / 2}[look.title_at]
        sheet.text(table.title, x, top, "title", look.title_at, size=look.title_size, bold=look.bold)
        top += look.title_size * 0.7
    right, bottom = width - pad, height - pad
    names = table.categories if table.kind == "pie" and rng.random() < 0.4 else table.series
    keyed = len(names) > 1
    if keyed:
        role = "category" if table.kind == "pie" else "legend"
        top, right, bottom = write_legend(rng, sheet, names, role, (pad, top, right, bottom))
    room = (pad, top + look.text * rng.uniform(0.6, 1.4), right, bottom)
    if table.kind == "pie":
        draw_pie(rng, sheet, table, room, keyed)
    else:
        draw_axes_chart(rng, sheet, table, room)


def write_legend(
    rng: random.Random,
    sheet: Sheet,
    names: tuple[str, ...],
    role: str,
    room: tuple[float, float, float, float],
) -> tuple[float, float, float]:
    """Swatches with names; returns top, right and bottom of what is left."""
    look = sheet.look
    left, top, right, bottom = room
    size, swatch = look.text, look.text * rng.uniform(0.7, 1.3)
    widths = [swatch + 0.4 * size + 0.58 * size * len(name) + 1.4 * size for name in names]
    if look.legend == "right" or sum(widths) > right - left:
        x = right - max(widths) + size
        y = top + size + (bottom - top) * rng.choice((0.0, 0.1, 0.25))
        for k, name in enumerate(names):
            swatch_at(rng, sheet, x, y + 1.6 * size * k, swatch, look.colours[k])
            sheet.text(name, x + swatch + 0.4 * size, y + 1.6 * size * k, role, "start")
        return top, x - size, bottom
    x = {0: left, 1: (left + right - sum(widths)) / 2, 2: right - sum(widths)}[rng.choice((0, 1, 1, 2))]
    y = bottom - 0.5 * size if look.legend == "bottom" else top + 0.8 * size
    for k, name in enumerate(names):
        swatch_at(rng, sheet, x, y, swatch, look.colours[k])
        sheet.text(name, x + swatch + 0.4 * size, y, role, "start")
        x += widths[k]
    return (top, right, bottom - 1.7 * size) if look.legend == "bottom" else (top + 1.5 * size, right, bottom)


def swatch_at(rng: random.Random, sheet: Sheet, x: float, y: float, wide: float, colour: str) -> None:
    """The colour of an entry: a box, a disc or a line."""
    high = sheet.look.text * 0.7
    sheet.add(
        f"<rect x='{x:.1f}' y='{y - high / 2:.1f}' width='{wide:.1f}' height='{high:.1f}'"
        f" rx='{sheet.look.corner}' fill='{colour}'/>"
    )


def nice_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from at most `low` to at least `high`."""
    rough = (high - low) / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * s for s in STEPS if power * s >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [k * step for k in range(first, last + 1)]


def tick_text(rng_form: int, table: Table, value: float, step: float) -> str:
    """A number at the axis, with the marks that the values have where the page writes them."""
    sample = table.written[0][0]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if step * 10**decimals % 1 > 0.01:
        decimals += 1
    comma = "," if rng_form != 1 else ""
    text = f"{abs(value):{comma}.{decimals}f}"
    sign = "-" if value < 0 else ""
    if rng_form == 2:
        before = "$" if sample.startswith("$") else ""
        behind = sample[-1] if sample[-1:] in ("%", "k", "M") else ""
        return f"{sign}{before}{text}{behind}"
    return sign + text


def draw_axes_chart(
    rng: random.Random, sheet: Sheet, table: Table, room: tuple[float, float, float, float]
) -> None:
    """Bars or lines between two axes."""
    values = [value for row in table.values for value in row]
    low = min(0.0, *values)
    if table.kind == "line" and rng.random() < 0.3:
        low = min(values) - 0.2 * (max(values) - min(values))
    ticks = nice_ticks(low, max(values) * rng.choice((1.0, 1.0, 1.1)), rng.choice((4, 5, 5, 6, 8)))
    form = rng.choice((0, 0, 1, 2))
    texts = [tick_text(form, table, tick, ticks[1] - ticks[0]) for tick in ticks]
    numbers = not (table.labelled and rng.random() < 0.2)
    plot = frame(sheet, table, room, [text if numbers else "" for text in texts], ticks)
    grid(rng, sheet, table, plot, ticks, texts if numbers else [])
    places = category_places(sheet, table, plot)
    if table.kind == "line":
        draw_lines(rng, sheet, table, plot, places)
    else:
        draw_bars(rng, sheet, table, plot, places)


def frame(
    sheet: Sheet, table: Table, room: tuple[float, float, float, float], texts: list[str], ticks: list[float]
) -> Plot:
    """The axes' frame, with room for what stands beside them; the axes' names are written."""
    look, lying = sheet.look, table.kind == "horizontal bar"
    left, top, right, bottom = room
    size = look.text
    below, beside = (
        (table.value_axis, table.category_axis) if lying else (table.category_axis, table.value_axis)
    )
    if below:
        sheet.text(below, (left + right) / 2, bottom - 0.5 * size, "axis")
        bottom -= 1.5 * size
    words = table.categories if lying else texts
    wide = 0.6 * size * max(map(len, words)) + 0.8 * size
    if beside:
        sheet.upwards(beside, left + 0.5 * size, (top + bottom) / 2)
        left += 1.5 * size
    bottom -= 1.7 * size
    return Plot(left + wide, top, right - size, bottom, ticks[0], ticks[-1])


def grid(
    rng: random.Random, sheet: Sheet, table: Table, plot: Plot, ticks: list[float], texts: list[str]
) -> None:
    """Grid lines, axes, ticks and the numbers beside them."""
    look, lying = sheet.look, table.kind == "horizontal bar"
    dash = "4 4" if look.grid == "dashed" else ""
    for k, tick in enumerate(ticks):
        at = plot.along(tick, lying)
        if look.grid != "none":
            ends = (at, plot.top, at, plot.bottom) if lying else (plot.left, at, plot.right, at)
            sheet.line(*ends, look.faint, 1, dash)
        if texts and lying:
            sheet.text(texts[k], at, plot.bottom + 0.9 * look.text, "tick")
        elif texts:
            sheet.text(texts[k], plot.left - 0.5 * look.text, at, "tick", "end")
        if look.ticks and texts:
            sheet.line(
                *((at, plot.bottom, at, plot.bottom + 5) if lying else (plot.left - 5, at, plot.left, at)),
                look.ink,
            )
    lines = [(plot.left, plot.top, plot.left, plot.bottom), (plot.left, plot.bottom, plot.right, plot.bottom)]
    own, other = (lines[0], lines[1]) if lying else (lines[1], lines[0])
    if look.axis_line:
        sheet.line(*own, look.ink, rng.choice((1, 1, 2)))
    if look.value_line:
        sheet.line(*other, look.ink, 1)


def category_places(sheet: Sheet, table: Table, plot: Plot) -> list[float]:
    """Where each category stands on its axis; its name is written."""
    look, lying, count = sheet.look, table.kind == "horizontal bar", len(table.categories)
    length = plot.bottom - plot.top if lying else plot.right - plot.left
    places = []
    for k, name in enumerate(table.categories):
        at = (plot.top if lying else plot.left) + length * (k + 0.5) / count
        places.append(at)
        if lying:
            sheet.text(name, plot.left - 0.5 * look.text, at, "category", "end")
        else:
            sheet.text(name, at, plot.bottom + 0.9 * look.text, "category")
    return places
