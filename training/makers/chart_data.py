"""What charts show: categories, series, values and how they are printed."""

import math
import random
from dataclasses import dataclass

from training.makers import thing_words as things
from training.makers.figures import MONTHS
from training.makers.words import Words
from training.pictures.tables import Table

KIND_WEIGHTS = {"bar": 28, "horizontal bar": 17, "grouped bar": 14, "line": 25, "pie": 16}
CLEAR = 0.07  # of the span: how far the highest and the lowest stand apart from the next one
ORDERED = things.GROUPS[:5]
ORDERED_WORDS = {word for group in ORDERED for word in group} | {"Spring", "Summer", "Autumn"}
UNITS = ("Units", "Number", "Count", "Percent", "Amount", "USD", "EUR", "Value", "kg", "Tons", "Hours",
    "Days",
         "Points", "Thousands", "Share", "Score", "Index", "People", "Degrees", "km")  # fmt: skip
DIMENSIONS = ("Month", "Year", "Region", "Category", "Group", "Product", "Team", "Country", "City", "Quarter",
              "Day", "Type", "Department", "Name", "Age group", "Level", "Sector", "Model")  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """How large values are and how one is written: decimals, thousands mark, a sign before or behind."""

    low: float
    high: float
    decimals: int
    thousands: bool = False
    before: str = ""
    behind: str = ""

    def write(self, value: float) -> str:
        """The value as printed beside a mark."""
        comma = "," if self.thousands else ""
        sign = "-" if value < 0 else ""
        return f"{sign}{self.before}{abs(value):{comma}.{self.decimals}f}{self.behind}"


SCALES = (
    *(Scale(3, 100, 0),) * 5, *(Scale(1, 20, 0),) * 2, *(Scale(10, 900, 0),) * 3,
    Scale(100, 5000, 0), Scale(100, 5000, 0, thousands=True), Scale(1000, 90000, 0, thousands=True),
    Scale(1, 10, 1), Scale(5, 100, 1), Scale(5, 100, 1), Scale(0.1, 5, 2), Scale(0.05, 1, 2),
    Scale(2, 100, 0, behind="%"), Scale(2, 100, 0, behind="%"), Scale(1, 60, 1, behind="%"),
    Scale(5, 500, 0, before="$"), Scale(100, 9000, 0, thousands=True, before="$"), Scale(1, 60, 2,
        before="$"),
    Scale(2, 90, 0, behind="k"), Scale(1, 40, 1, behind="M"),
)  # fmt: skip


def choose_kind(rng: random.Random) -> str:
    """One of KINDS."""
    return rng.choices(list(KIND_WEIGHTS), list(KIND_WEIGHTS.values()))[0]


def compose(words: Words, kind: str, most: int = 8) -> Table:
    """A table of the kind with one clear highest and lowest value in each series."""
    rng = words.rng
    count = rng.randrange(2, 7 if kind in ("pie", "grouped bar") else most + 1)
    names = categories(words, max(3, count) if kind in ("line", "pie") else count, kind)
    series = series_names(words, kind)
    scale = rng.choice(SCALES) if kind != "pie" else rng.choice((SCALES[0], SCALES[7], SCALES[13]))
    values = tuple(clear_values(rng, scale, len(names), kind) for _ in series)
    printed = rng.random() < (0.45 if kind == "grouped bar" and len(names) * len(series) > 8 else 0.58)
    if kind == "pie":
        values, printed_text, written = shares(rng, values[0], printed)
    else:
        printed_text = tuple(tuple(scale.write(v) if printed else "" for v in row) for row in values)
        written = printed_text if printed else tuple(rounded(row) for row in values)
    return Table(
        kind, title(words), *axis_names(words, kind), tuple(names), tuple(series), values, printed_text,
        written
    )  # fmt: skip


def shares(rng: random.Random, values: tuple[float, ...], printed: bool):
    """A pie's values as per cent, what is printed beside its parts, what is said of them."""
    total = sum(values)
    decimals = rng.choice((0, 1, 1, 1))
    percent = tuple(round(100 * value / total, 6) for value in values)
    text = tuple(f"{value:.{decimals}f}%" for value in percent)
    written = text if printed else tuple(f"{value:.0f}%" for value in percent)
    return (percent,), (text if printed else ("",) * len(text),), (written,)


def categories(words: Words, count: int, kind: str) -> list[str]:
    """Names of what is compared: a group that belongs together, years, names, towns, invented words."""
    rng = words.rng
    shape = rng.random()
    if shape < 0.12 and kind != "pie":
        start, step = rng.randrange(1990, 2024), rng.choice((1, 1, 1, 2, 5))
        return [str(start + k * step) for k in range(count)]
    if shape < 0.3 and kind != "pie":
        group = rng.choice(ORDERED)
        start = rng.randrange(max(1, len(group) - count + 1))
        return list(group[start : start + count])
    if shape < 0.52:
        groups = [group for group in things.GROUPS if len(group) >= count]
        found = words.sample(rng.choice(groups), count)
        if len(found) == count:
            if found[0] not in ORDERED_WORDS:
                rng.shuffle(found)
            return found
    if shape < 0.57:
        return lettered(rng, count)
    makers = (words.first, words.city, words.country, words.last, lambda: words.thing(things.GOODS),
              lambda: words.thing(things.FOODS), lambda: words.word().capitalize())  # fmt: skip
    make, found = rng.choice(makers), []
    while len(found) < count:
        name = make()
        if len(name) <= 14 and name.lower() not in (other.lower() for other in found):
            found.append(name)
    return found


def lettered(rng: random.Random, count: int) -> list[str]:
    """A, B, C or Team 1, Team 2 and so on."""
    stem = rng.choice(("", "", "Group ", "Team ", "Type ", "Site ", "Class ", "Plan ", "Model "))
    signs = rng.choice(("ABCDEFGHIJ", "1234567890" if stem else "ABCDEFGHIJ"))
    return [stem + sign for sign in signs[:count]]


def series_names(words: Words, kind: str) -> list[str]:
    """One series without a name, or two or three with names for a legend."""
    rng = words.rng
    if kind == "grouped bar":
        count = rng.choice((2, 2, 2, 3))
    elif kind == "line":
        count = rng.choice((1, 1, 1, 2, 2, 3))
    else:
        count = 1
    if count == 1:
        return [""]
    shape = rng.random()
    if shape < 0.3:
        start = rng.randrange(2005, 2024)
        return [str(start + k) for k in range(count)]
    if shape < 0.45:
        return list(rng.choice((("Men", "Women", "Children"), ("Plan", "Actual", "Forecast"), ("Before",
            "After", "Later"),
                                ("Online", "Store", "Phone"), ("Min", "Mean", "Max"), ("A", "B",
                                 "C"))))[:count]  # fmt: skip
    return categories(words, count, "pie")


def clear_values(rng: random.Random, scale: Scale, count: int, kind: str) -> tuple[float, ...]:
    """Values of which the highest and the lowest stand out."""
    low = scale.low if rng.random() < 0.6 else scale.low + (scale.high - scale.low) * rng.uniform(0, 0.5)
    if kind == "pie":
        low = max(low, scale.high * 0.12)
    negative = kind in ("bar", "line") and rng.random() < 0.03
    while True:
        values = [round(rng.uniform(low, scale.high), scale.decimals) for _ in range(count)]
        if negative:
            values[rng.randrange(count)] *= -1
        if rng.random() < 0.25:
            values.sort(reverse=rng.random() < 0.6)
        ordered = sorted(values)
        gap = CLEAR * (ordered[-1] - min(0, ordered[0]))
        if ordered[-1] - ordered[-2] >= gap and ordered[1] - ordered[0] >= gap and len(set(values)) == count:
            return tuple(values)


def rounded(values: tuple[float, ...]) -> tuple[str, ...]:
    """Values as one can read them from an axis: to about a hundredth of the highest."""
    quantum = 10 ** (math.floor(math.log10(max(abs(value) for value in values))) - 1)
    decimals = max(0, -round(math.log10(quantum)))
    return tuple(f"{round(value / quantum) * quantum:.{decimals}f}" for value in values)


def title(words: Words) -> str:
    """A chart's title; one in ten has none."""
    rng = words.rng
    topic, measure = words.open_name(things.TOPICS), words.pick(things.MEASURES)
    shapes = (
        measure, f"{topic} {measure}", f"{topic} {measure}", f"{topic} {measure}",
        f"{topic} {measure} {rng.randrange(1995, 2031)}", f"{topic} {measure} in {rng.randrange(1995, 2031)}",
        f"{measure} by {rng.choice(DIMENSIONS)}", f"{topic} {measure} by {rng.choice(DIMENSIONS)}",
        f"{measure} in {words.city()}", f"{measure} per {rng.choice(DIMENSIONS)}",
        f"{rng.choice(('Monthly', 'Annual', 'Weekly', 'Daily', 'Average', 'Total'))} {topic} {measure}",
        f"{words.last()} {measure}", f"{topic} {measure} ({rng.choice(UNITS)})",
        f"{measure}: {words.country()}", f"{rng.choice(MONTHS)} {measure}", words.title(2), words.title(3),
    )  # fmt: skip
    chosen = rng.choice(shapes)
    if rng.random() < 0.1:
        return ""
    case = rng.random()
    return chosen.upper() if case < 0.05 else chosen.capitalize() if case < 0.12 else chosen


def axis_names(words: Words, kind: str) -> tuple[str, str]:
    """Names of the axis of categories and of that of values, "" where there is none."""
    rng = words.rng
    if kind == "pie" or rng.random() < 0.4:
        return "", ""
    value = rng.choice((words.pick(things.MEASURES), rng.choice(UNITS),
                        f"{words.pick(things.MEASURES)} ({rng.choice(UNITS)})",
                        words.word().capitalize()))  # fmt: skip
    category = rng.choice((rng.choice(DIMENSIONS), rng.choice(DIMENSIONS), words.word().capitalize()))
    shown = rng.random()
    return (category if shown < 0.8 else ""), (value if shown > 0.15 else "")
