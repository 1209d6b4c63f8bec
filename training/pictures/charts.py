"""Charts (expert E): bars, lying bars, lines and pies of three to five values."""

import math
import random
from dataclasses import dataclass, replace

from training.pictures import words
from training.pictures.asking import DESCRIBE, HOW_MANY, WHAT, Phrasings, ask, without_experts
from training.pictures.canvas import Canvas, Effects, Ink, cells_of, choose_crop, fact_cells, set_line
from training.pictures.fonts import BOLD_FONTS, HELD_OUT_FONTS, TRAIN_FONTS
from training.pictures.records import CELL, SIDE, Drawing, Label, Question
from training.pictures.tables import Table

TITLE = Phrasings(
    ("What is the title?", "What is the chart about?", "What is written at the top?", "Read the title.",
     "What is the heading?", "Which title does it have?", "What is the title of the chart?"),
    ("How is it titled?", "What is the subject of the chart?"),
)  # fmt: skip
KIND = Phrasings(
    ("What kind of chart is this?", "What type of chart is it?", "Which chart type is used?",
     "What sort of chart do you see?", "Is it a bar chart, a line chart or a pie chart?",
     "How is the data shown?", "In which form are the values shown?",
     "What would you call this chart?"),
    ("Name the type of chart.", "How are the numbers drawn?"),
)  # fmt: skip
HIGHEST = Phrasings(
    ("Which is the highest?", "What has the highest value?", "Which one is highest?", "What is the maximum?",
     "Which value is the biggest?", "Which has the most?", "What comes first by value?", "What ranks first?",
     "Which one is ahead?", "Which one is the strongest?", "Which would you say is the highest?",
     "Could you name the highest?"),
    ("Which one leads?", "What is at the top of the ranking?"),
)  # fmt: skip
LOWEST = Phrasings(
    ("Which is the lowest?", "What has the lowest value?", "Which one is lowest?", "What is the minimum?",
     "Which value is the smallest?", "Which has the least?", "What comes last by value?", "What ranks last?",
     "Which one is the weakest?", "Which one is at the end?", "Which would you say is the lowest?",
     "Could you name the lowest?"),
    ("Which one is behind all others?", "What is at the bottom of the ranking?"),
)  # fmt: skip
VALUE = Phrasings(
    ("What is the value of {x}?", "How much is {x}?", "What value has {x}?", "Which number belongs to {x}?",
     "Read the value of {x}.", "{x}?", "Give the number for {x}.", "How big is {x}?", "What does {x} reach?",
     "What number has {x}?", "How much would {x} be?", "Could you read the value of {x}?",
     "What is shown for {x}?",
     "Which value do you see for {x}?"),
    ("How high is {x}?", "What do you read for {x}?"),
)  # fmt: skip
PARTS = Phrasings(
    ("How many {x} are there?", "How many {x} does it have?", "Count the {x}.", "How many {x} do you see?",
     "Number of {x}?"),
    ("What is the number of {x}?", "Please count the {x}."),
)  # fmt: skip
PAPERS = ((255, 255, 255), (250, 248, 240), (240, 244, 250), (245, 240, 248), (236, 244, 238), (32, 36, 46))
PALETTES = (
    ((66, 114, 180), (225, 130, 50), (85, 160, 95), (195, 70, 75), (135, 105, 185)),
    ((30, 140, 145), (240, 170, 60), (220, 90, 100), (100, 130, 60), (90, 90, 140)),
    ((235, 95, 85), (60, 160, 200), (250, 195, 75), (120, 190, 130), (170, 110, 190)),
)
STANDING = 3
PART_NAMES = {"bar": "bars", "lying": "bars", "line": "points", "pie": "parts"}


@dataclass(frozen=True)
class Chart:
    """What a chart shows: its kind, title, categories with values, whether the values are printed."""

    kind: str
    title: str
    names: tuple[str, ...]
    values: tuple[int, ...]
    printed: bool

    @property
    def spoken(self) -> str:
        """The kind as an answer has it."""
        return self.table.spoken

    @property
    def table(self) -> Table:
        """What another tool's chart of these values would show; a pie's parts bear their shares."""
        kind = "horizontal bar" if self.kind == "lying" else self.kind
        said = tuple(str(value) for value in self.values)
        written = said
        if kind == "pie" and not self.printed:
            written = tuple(f"{100 * value / sum(self.values):.0f}%" for value in self.values)
        printed = said if self.printed else ("",) * len(said)
        values = tuple(float(value) for value in self.values)
        return Table(kind, self.title, "", "", self.names, ("",), (values,), (printed,), (written,))

    @property
    def highest(self) -> str:
        return self.names[self.values.index(max(self.values))]

    @property
    def lowest(self) -> str:
        return self.names[self.values.index(min(self.values))]


@dataclass(frozen=True)
class Style:
    """Colours and face of a chart, and its rows: the title's and the last one free."""

    ink: Ink
    palette: tuple
    many_coloured: bool
    title_row: int
    last_row: int
    first_column: int
    columns: int


def draw_chart(rng: random.Random, split: str, scale: int = 1) -> Drawing:
    """One chart on paper."""
    chart = compose(rng, split)
    # What stands needs the whole width.
    crop = choose_crop(rng, 40, 0 if chart.kind in ("bar", "line") else 32)
    paper = rng.choice(PAPERS)
    canvas = Canvas(paper, crop, scale)
    unseen_font = split == "test" and rng.random() < 0.15
    style = choose_style(rng, canvas, paper, rng.choice(HELD_OUT_FONTS if unseen_font else TRAIN_FONTS))
    labels = write_title(canvas, rng, chart.title, style) + draw_plot(canvas, rng, chart, style)
    image = canvas.finish(Effects.choose(rng))
    return Drawing(
        image, "charts", {"E": canvas.on_picture(labels)}, questions_about(rng, split, chart),
        scale=scale, held_out=frozenset({"font"} if unseen_font else ()), table=chart.table,
        marks=tuple(canvas.marks),
    )  # fmt: skip


def compose(rng: random.Random, split: str) -> Chart:
    """Title, categories and values with one clear highest and lowest."""
    topic, measure = words.pick_pair(rng, words.TOPICS, words.MEASURES, split)
    title = rng.choice(
        (
            measure,
            f"{topic} {measure}",
            f"{topic} {measure}",
            f"{topic} {measure} {rng.choice(words.MONTHS[:8])}",
        )
    )
    kind = rng.choice(("bar", "bar", "lying", "line", "pie"))
    group = rng.choice(words.CATEGORIES)
    # Below what stands there is room for three names, each with its value beside it.
    count = STANDING if kind in ("bar", "line") else rng.randrange(3, min(5, len(group)) + 1)
    names = tuple(group[k] for k in sorted(rng.sample(range(len(group)), count)))
    printed = rng.random() < 0.6
    while True:
        if printed:
            values = [rng.randrange(3, 99) for _ in names]
        else:
            values = [5 * rng.randrange(1, 13) for _ in names]
        if kind == "pie":  # as most are drawn, and who is small can be told from a distance
            values.sort(reverse=True)
        ordered = sorted(values)
        if ordered[-1] - ordered[-2] >= 4 and ordered[1] - ordered[0] >= 4:
            return Chart(kind, title, names, tuple(values), printed)


def choose_style(rng: random.Random, canvas: Canvas, paper, font: str) -> Style:
    """Ink against the paper, a palette, and the rows the crop leaves."""
    ink = (30, 32, 38) if sum(paper) > 380 else (232, 234, 240)
    rows, columns = canvas.crop.rows, canvas.crop.columns
    title_row = rows.start + rng.choice((0, 0, 1)) * (len(rows) > 9)
    return Style(
        Ink(font, rng.randrange(17, 21), ink), rng.choice(PALETTES), rng.random() < 0.5, title_row,
        min(10, rows.stop - 1), columns.start, len(columns),
    )  # fmt: skip


def write_title(canvas: Canvas, rng: random.Random, title: str, style: Style) -> list[Label]:
    """The title, near the middle or at the left, as large as it fits."""
    font = rng.choice((style.ink.font, rng.choice(BOLD_FONTS)))
    ink = replace(style.ink, font=font, size=rng.randrange(21, 27))
    while (need := cells_of(canvas, title, ink)) > style.columns:
        ink = replace(ink, size=ink.size - 1)
    column = style.first_column + rng.choice((0, (style.columns - need) // 2))
    return set_line(canvas, title, column, style.title_row, ink, (rng.uniform(0, 4), rng.uniform(-2, 2)))


def draw_plot(canvas: Canvas, rng: random.Random, chart: Chart, style: Style) -> list[Label]:
    """The plot itself; what E writes beside the title: names, values, highest and lowest, the kind."""
    painter = {"bar": draw_standing, "line": draw_standing, "lying": draw_lying, "pie": draw_pie}[chart.kind]
    labels = painter(canvas, rng, chart, style)
    kind = "bar" if chart.kind == "lying" else chart.kind
    return labels + fact_cells([kind, "chart", str(len(chart.names))], 11, 0)


def mark_of(chart: Chart, name: str) -> list[str]:
    """What stands behind a name: whether its value is the highest or the lowest."""
    return ["highest"] if name == chart.highest else ["lowest"] if name == chart.lowest else []


def print_value(canvas: Canvas, value: int, row: int, column: int, ink: Ink) -> list[Label]:
    """A printed value, a digit a cell."""
    return [replace(label, role="value") for label in set_line(canvas, str(value), column, row, ink)]


def draw_standing(canvas: Canvas, rng: random.Random, chart: Chart, style: Style) -> list[Label]:
    """Bars that stand or a line through points; below each its name, its mark and its value in one row."""
    width, first = style.columns // STANDING, style.first_column
    floor = style.last_row * CELL - 2
    ceiling = (style.title_row + 3) * CELL + 4
    top_value = max(chart.values) if chart.printed else 10 * math.ceil(max(chart.values) / 10)
    labels: list[Label] = []
    if not chart.printed:
        faint = _between(canvas, style.ink.colour, 0.25)
        labels += draw_axis(canvas, style, (ceiling, floor), top_value, faint)
    canvas.line([(first * CELL, floor), ((first + width * STANDING) * CELL, floor)], style.ink.colour, 2)
    points = []
    for k, (name, value) in enumerate(zip(chart.names, chart.values, strict=True)):
        column = first + k * width
        top = floor - (floor - ceiling) * value / top_value
        middle = (column + 1.05) * CELL
        points.append((middle, top))
        canvas.mark("end", middle, top, k)
        if chart.kind == "bar":
            half = rng.choice((18, 20, 24) if chart.printed else (13, 15))
            canvas.rectangle((middle - half, top, middle + half, floor - 1), fill=_colour(style, k))
        labels += write_name(canvas, rng, name, column, style)
        labels += fact_cells(mark_of(chart, name), style.last_row, column + 1)
        if chart.printed:
            labels += print_value(canvas, value, style.last_row, column + 2, style.ink)
        else:
            labels += fact_cells(list(str(value)), style.last_row, column + 2, "value")
    if chart.kind == "line":
        canvas.line(points, style.palette[0], 4)
        for x, y in points:
            canvas.ellipse((x - 6, y - 6, x + 6, y + 6), fill=style.palette[1])
    return labels


def draw_axis(canvas: Canvas, style: Style, span: tuple[float, float], top_value: int, faint) -> list[Label]:
    """Grid lines with small numbers at the left, every 10 or 20."""
    ceiling, floor = span
    step = 10 if top_value <= 40 else 20
    small = replace(style.ink, size=11)
    left, right = canvas.crop.x, SIDE - canvas.crop.x
    labels = []
    for tick in range(0, top_value + 1, step):
        y = floor - (floor - ceiling) * tick / top_value
        canvas.line([(left + 22, y), (right - 4, y)], faint)
        labels.append(_tick(canvas, tick, left + 4, y + 4, small))
    return labels


def _tick(canvas: Canvas, tick: int, x: float, baseline: float, ink: Ink) -> Label:
    """A number at an axis."""
    xs = canvas.text(str(tick), x, baseline, ink)
    box = (x, baseline - ink.size * 0.75, x + canvas.measure(str(tick), ink), baseline)
    return Label(str(tick), box, "tick", tuple(xs))


def write_name(canvas: Canvas, rng: random.Random, name: str, column: int, style: Style) -> list[Label]:
    """A category's name, so small that its middle lies in its first cell."""
    ink = style.ink
    while canvas.measure(name, ink) > 2 * CELL - 14:
        ink = replace(ink, size=ink.size - 1)
    nudge = rng.uniform(-3, 0), rng.uniform(-1, 1)
    return set_line(canvas, name, column, style.last_row, ink, nudge, at_start=True)


def draw_lying(canvas: Canvas, rng: random.Random, chart: Chart, style: Style) -> list[Label]:
    """Bars that lie, names at the left, values behind them."""
    first_row = style.title_row + 1 + (style.last_row - style.title_row >= 2 * len(chart.names) + 1)
    pitch = 2 if style.last_row - first_row + 1 >= 2 * len(chart.names) else 1
    start = (style.first_column + 3) * CELL - 16
    longest = (style.columns - 3 - 2.6) * CELL
    labels = []
    for k, (name, value) in enumerate(zip(chart.names, chart.values, strict=True)):
        row = first_row + k * pitch
        end = start + longest * value / max(chart.values)
        canvas.rectangle((start, row * CELL + 4, end, (row + 1) * CELL - 4), fill=_colour(style, k))
        canvas.mark("end", end, (row + 0.5) * CELL, k)
        labels += write_name(canvas, rng, name, style.first_column, replace(style, last_row=row))
        labels += fact_cells(mark_of(chart, name), row, style.first_column + 1)
        column = int(end + 26) // CELL
        if chart.printed:
            labels += print_value(canvas, value, row, column, style.ink)
        else:
            labels += fact_cells(list(str(value)), row, column, "value")
    canvas.line([(start, first_row * CELL), (start, (first_row + pitch * len(chart.names)) * CELL)],
                style.ink.colour, 2)  # fmt: skip
    if not chart.printed:
        labels += draw_lower_axis(
            canvas, style, start, longest, max(chart.values), first_row + pitch * len(chart.names)
        )
    return labels


def draw_lower_axis(
    canvas: Canvas, style: Style, start: float, longest: float, most: int, row: int
) -> list[Label]:
    """Small numbers below lying bars."""
    y = min(row * CELL, (style.last_row + 1) * CELL) + 12
    labels = []
    for tick in range(0, most + 1, 20 if most > 30 else 10):
        x = start + longest * tick / most
        canvas.line([(x, y - 14), (x, y - 10)], style.ink.colour)
        labels.append(_tick(canvas, tick, x - 5, y + 1, replace(style.ink, size=11)))
    return labels


def draw_pie(canvas: Canvas, rng: random.Random, chart: Chart, style: Style) -> list[Label]:
    """A pie at the left, its parts listed with their colours and values at the right."""
    left = style.first_column * CELL + 6
    legend = style.first_column + style.columns - 5
    radius = min(92, (legend * CELL - left) / 2 - 8)
    x, y = left + radius, (style.title_row + style.last_row + 1.5) / 2 * CELL
    angle = rng.uniform(0, 360)
    paper = canvas.image.getpixel((2, 2))
    room = style.last_row - style.title_row
    pitch = 2 if room >= 2 * len(chart.names) else 1
    row = style.title_row + 1 + max(0, (room - pitch * len(chart.names)) // 2)
    labels = []
    canvas.mark("centre", x, y)
    for k, (name, value) in enumerate(zip(chart.names, chart.values, strict=True)):
        canvas.mark(
            "rim", x + radius * math.cos(math.radians(angle)), y + radius * math.sin(math.radians(angle)), k
        )
        turn = 360 * value / sum(chart.values)
        canvas.pie(
            (x - radius, y - radius, x + radius, y + radius), angle, angle + turn, style.palette[k], paper
        )
        angle += turn
        top = row * CELL + 9
        canvas.rectangle((legend * CELL + 2, top, legend * CELL + 16, top + 14), fill=style.palette[k])
        labels += write_name(canvas, rng, name, legend + 1, replace(style, last_row=row))
        labels += fact_cells(mark_of(chart, name), row, legend + 2)
        if chart.printed:
            labels += print_value(canvas, value, row, legend + 3, style.ink)
        row += pitch
    return labels


def _colour(style: Style, k: int):
    return style.palette[k if style.many_coloured else 0]


def _between(canvas: Canvas, colour, part: float):
    paper = canvas.image.getpixel((2, 2))
    return tuple(int(a + (b - a) * part) for a, b in zip(paper, colour, strict=True))


def questions_about(rng, split: str, chart: Chart) -> tuple[Question, ...]:
    """Title, kind, highest, lowest, two values; a pie without printed values is not asked for them."""
    questions = [
        ask(rng, split, TITLE, chart.title, "E", "title"),
        ask(rng, split, KIND, chart.spoken, "E", "chart kind"),
        ask(rng, split, HIGHEST, chart.highest, "E", "highest"),
        ask(rng, split, LOWEST, chart.lowest, "E", "lowest"),
    ]
    if chart.printed or chart.kind != "pie":
        for name in rng.sample(chart.names, 2):
            value = str(chart.values[chart.names.index(name)])
            questions.append(ask(rng, split, VALUE, value, "E", "value", x=name))
    if rng.random() < 0.3:
        questions.append(
            ask(rng, split, PARTS, str(len(chart.names)), "E", "parts", x=PART_NAMES[chart.kind])
        )
    if rng.random() < 0.15:
        questions.append(ask(rng, split, HOW_MANY, str(len(chart.names)), "E", "parts"))
    if rng.random() < 0.25:
        questions.append(ask(rng, split, WHAT, chart.spoken, "E", "what"))
    if rng.random() < 0.2:
        text = f"This is {chart.spoken} about {chart.title}. The highest is {chart.highest}."
        questions.append(ask(rng, split, DESCRIBE, text, "E", "describe"))
    if rng.random() < 0.25:
        questions.append(without_experts(rng, split, "E"))
    rng.shuffle(questions)
    return tuple(questions[:8])
