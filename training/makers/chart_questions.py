"""Questions about charts: title, kind, highest, lowest, values, axes, series, comparisons."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from training.makers.superlatives import EXTREMES, extreme_asked, kind_asked, title_asked, value_asked
from training.makers.words import Words
from training.pictures.asking import DESCRIBE, SAYS, WHAT, Phrasings, ask, said_by_people, without_experts
from training.pictures.charts import HIGHEST, KIND, LOWEST, PARTS, TITLE, VALUE
from training.pictures.documents import ABSENT_ANSWER
from training.pictures.records import Question
from training.pictures.tables import Table

MOST = 8
MORE_TITLE = Phrasings(
    ("what's the title", "What's the title of this chart?", "What does the title say?",
     "Which heading is it?",
     "What is this chart called?", "Read me the chart's title.", "What is the name of this chart?",
     "What does the chart show? Read its title.", "Title?", "What is shown, according to the title?"),
    ("What name does the chart bear?", "Which title is printed above the chart?"),
)  # fmt: skip
MORE_HIGHEST = Phrasings(
    ("Which category has the highest value?", "Who is first?", "What is the tallest?",
     "Which one has the most?",
     "Which category is largest?", "Where is the value highest?", "Which one is on top?",
     "Which {p} is the highest?", "Which {p} has the largest value?", "What's the highest?",
     "Which has the biggest value?", "Which category comes out on top?"),
    ("Which category leads?", "Which of them beats all the others?"),
)  # fmt: skip
MORE_LOWEST = Phrasings(
    ("Which category has the lowest value?", "Who is last?", "What is the shortest?",
     "Which one has the least?",
     "Which category is smallest?", "Where is the value lowest?", "Which one is at the bottom?",
     "Which {p} is the lowest?", "Which {p} has the smallest value?", "What's the lowest?",
     "Which has the smallest value?", "Which category comes last?"),
    ("Which category trails?", "Which of them is beaten by all the others?"),
)  # fmt: skip
HIGHEST_VALUE = Phrasings(
    ("What is the highest value?", "How high is the highest {p}?", "What number has the highest {p}?",
     "How much is the highest?", "What is the largest value?"),
    ("What does the highest one reach?", "Which value does the highest have?"),
)  # fmt: skip
LOWEST_VALUE = Phrasings(
    ("What is the lowest value?", "How high is the lowest {p}?", "What number has the lowest {p}?",
     "How much is the lowest?", "What is the smallest value?"),
    ("What does the lowest one reach?", "Which value does the lowest have?"),
)  # fmt: skip
MORE_VALUE = Phrasings(
    ("What's the value for {x}?", "What is the value for {x}?", "How much does {x} have?",
     "How many for {x}?",
     "What is {x} at?", "Value of {x}", "Tell me the value of {x}.", "What figure is given for {x}?",
     "How much is it for {x}?", "And {x}?", "What is the number for {x}?", "What did {x} reach?"),
    ("What amount does {x} come to?", "Which figure belongs to {x}?"),
)  # fmt: skip
SERIES_VALUE = Phrasings(
    ("What is the value of {s} for {x}?", "How much is {s} in {x}?", "What is {s} for {x}?",
     "Read {s} at {x}.", "What does {s} reach at {x}?", "{s}, {x}?", "What value has {x} in {s}?",
     "How high is {s} at {x}?"),
    ("Which value does {s} have for {x}?", "For {x}, how much is {s}?"),
)  # fmt: skip
SERIES_HIGHEST = Phrasings(
    ("Where is {s} highest?", "For which category is {s} the highest?", "When does {s} peak?",
     "Which has the highest {s}?", "What has the highest value of {s}?"),
    ("At which category does {s} reach its top?",),
)  # fmt: skip
LARGER_SERIES = Phrasings(
    ("Which is higher for {x}?", "For {x}, which one is larger?", "Which series is highest at {x}?",
     "What is the largest for {x}?"),
    ("At {x}, which series is on top?",),
)  # fmt: skip
LEGEND = Phrasings(
    ("How many series are there?", "How many series are shown?", "How many entries has the legend?",
     "How many things are compared in the legend?"),
    ("What is the number of series?",),
)  # fmt: skip
LARGER = Phrasings(
    ("Which is larger, {x} or {y}?", "Which is higher: {x} or {y}?", "Is {x} or {y} larger?",
     "Which has more, {x} or {y}?", "{x} or {y}: which is bigger?", "Which of {x} and {y} is the larger?",
     "Does {x} or {y} have the higher value?", "Who has more, {x} or {y}?"),
    ("Comparing {x} with {y}, which one is ahead?", "Of {x} and {y}, which has the greater value?"),
)  # fmt: skip
SMALLER = Phrasings(
    ("Which is smaller, {x} or {y}?", "Which is lower: {x} or {y}?", "Is {x} or {y} smaller?",
     "Which has less, {x} or {y}?", "{x} or {y}: which is lower?"),
    ("Comparing {x} with {y}, which one is behind?", "Of {x} and {y}, which has the lesser value?"),
)  # fmt: skip
SHARE = Phrasings(
    ("What share has {x}?", "How large is the part of {x}?", "What percentage is {x}?",
     "How many per cent is {x}?",
     "What is the share of {x}?", "What part does {x} make up?", "What percent is {x}?"),
    ("Which share falls to {x}?", "How big is the slice of {x}?"),
)  # fmt: skip
CATEGORY_AXIS = Phrasings(
    ("What is the {a} axis called?", "What is the label of the {a} axis?", "What stands at the {a} axis?",
     "What does the {a} axis show?", "Read the {a} axis label.", "What's on the {a} axis?",
     "What is the name of the {a} axis?"),
    ("How is the {a} axis named?", "Which label does the {a} axis have?"),
)  # fmt: skip
COUNT = Phrasings(
    ("How many categories are there?", "How many categories does it compare?", "How many are compared?",
     "Count the categories.", "How many categories does the chart have?"),
    ("What is the number of categories?", "Over how many categories does it run?"),
)  # fmt: skip
ORDER = Phrasings(
    ("Which category comes {x}?", "What is the {x} category?", "Which {p} is the {x} one?",
     "Name the {x} category."),
    ("Which category stands {x}?",),
)  # fmt: skip
FREE = 0.6  # share of the questions for a value, an extreme, the kind or the title that are in no list
PUT_TOGETHER = 1000  # as their phrasing's number
PART_NAMES = {"bar": "bar", "horizontal bar": "bar", "grouped bar": "bar", "line": "point", "pie": "part"}


def questions_about(rng: random.Random, split: str, table: Table) -> tuple[Question, ...]:
    """Four to MOST questions that the picture answers, one in seven that it does not."""
    part = PART_NAMES[table.kind]

    def add(phrasings: Phrasings, answer: str, kind: str, **filled: str) -> None:
        question = ask(rng, split, phrasings, answer, "E", kind, p=part, **filled)
        if split == "train" and rng.random() < FREE:
            question = freely(rng, question, table, part, filled.get("x", ""))
        questions.append(question)

    questions: list[Question] = []
    if table.title:
        add(rng.choice((TITLE, MORE_TITLE)), table.title, "title")
        if rng.random() < 0.1:
            add(SAYS, table.title, "title")
    if rng.random() < 0.55:
        add(KIND, table.spoken, "chart kind")
    elif rng.random() < 0.25:
        add(WHAT, table.spoken, "chart kind")
    others: list = []
    about_values(rng, table, others)
    rng.shuffle(others)
    for phrasings, answer, kind, filled in others[: MOST - len(questions)]:
        add(phrasings, answer, kind, **filled)
    if rng.random() < 0.14:
        other = Words(rng, split).word().capitalize()
        if other not in table.categories:
            add(rng.choice((VALUE, MORE_VALUE)), ABSENT_ANSWER, "absent", x=other)
    if rng.random() < 0.15:
        questions.append(without_experts(rng, split, "E"))
    if rng.random() < 0.07:
        about = f" about {table.title}" if table.title else ""
        add(DESCRIBE, f"This is {table.spoken}{about}.", "describe")
    rng.shuffle(questions)
    return tuple(questions)


def freely(rng: random.Random, question: Question, table: Table, part: str, name: str) -> Question:
    """The question in words that are in no list, where there are any."""
    if question.kind in EXTREMES and len(table.series) == 1:
        text = extreme_asked(rng, table, EXTREMES[question.kind], part)
    elif question.kind == "chart kind":
        text = kind_asked(rng)
    elif question.kind == "title":
        text = title_asked(rng)
    elif question.kind in ("value", "estimate") and name:
        text = value_asked(rng, table, name, part)
    else:
        return question
    text = said_by_people(rng, text, question.kind)
    return replace(question, text=text, phrasing=PUT_TOGETHER)


def asked_anew(rng: random.Random, questions: Sequence[Question], table: Table) -> tuple[Question, ...]:
    """A stored picture's questions, some in other words where these can be put together, and those for the
    highest and the lowest in other words as well. What is held out of training is not among them."""
    part, found = PART_NAMES[table.kind], []
    for question in questions:
        name = label_asked(question, table) or ""
        if question.kind in EXTREMES and len(table.series) == 1:
            found += [question, freely(rng, question, table, part, name)]
        else:
            anew = question.experts and rng.random() < FREE
            found.append(freely(rng, question, table, part, name) if anew else question)
    return tuple(found)


def extremes_anew(rng: random.Random, table: Table, count: int) -> tuple[Question, ...]:
    """`count` more questions each for the highest and for the lowest, in words that are in no list; of
    several series none."""
    if len(table.series) != 1:
        return ()
    values, part = table.values[0], PART_NAMES[table.kind]
    found = []
    for kind, value in (("highest", max(values)), ("lowest", min(values))):
        name = table.categories[values.index(value)]
        asked = Question("", name, ("E",), kind, PUT_TOGETHER, False)
        found += [freely(rng, asked, table, part, name) for _ in range(count)]
    rng.shuffle(found)
    return tuple(found)


def label_asked(question: Question, table: Table) -> str | None:
    """The category whose value is asked for: the longest that the question names, the last of these."""
    named = [
        (len(name), found.start(), name)
        for name in table.categories
        for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", question.text)
    ]
    return max(named)[2] if named else None


def about_values(rng: random.Random, table: Table, found: list) -> None:
    """(phrasings, answer, kind, what fills them) of all that can be asked about values, axes and numbers."""
    if len(table.series) > 1:
        about_series(rng, table, found)
    else:
        about_one_series(rng, table, found)
    if rng.random() < 0.35:
        found.append((COUNT, str(len(table.categories)), "categories", {}))
    if table.kind in ("bar", "horizontal bar", "pie") and rng.random() < 0.3:
        name = f"{PART_NAMES[table.kind]}s"
        found.append((PARTS, str(len(table.categories)), "parts", {"x": name}))
    lying = table.kind == "horizontal bar"
    for label, axis in (
        (table.category_axis, "y" if lying else "x"),
        (table.value_axis, "x" if lying else "y"),
    ):
        if label:
            names = {"x": ("x", "horizontal", "lower"), "y": ("y", "vertical", "left")}[axis]
            found.append((CATEGORY_AXIS, label, "axis", {"a": rng.choice(names)}))
    if table.kind != "pie" and rng.random() < 0.2:
        place, which = rng.choice(((0, "first"), (-1, "last")))
        if table.kind != "horizontal bar":
            found.append((ORDER, table.categories[place], "order", {"x": which}))


def about_one_series(rng: random.Random, table: Table, found: list) -> None:
    """Highest, lowest, two values, a comparison."""
    values, written, names = table.values[0], table.written[0], table.categories
    high, low = values.index(max(values)), values.index(min(values))
    found.append((rng.choice((HIGHEST, MORE_HIGHEST)), names[high], "highest", {}))
    found.append((rng.choice((LOWEST, MORE_LOWEST)), names[low], "lowest", {}))
    pie = table.kind == "pie"
    kind = "value" if table.labelled else "estimate"
    ways = (SHARE, SHARE, VALUE) if pie else (VALUE, MORE_VALUE)
    for k in rng.sample(range(len(names)), min(len(names), 2 + table.labelled)):
        if not (pie and not table.labelled and rng.random() < 0.5):
            found.append((rng.choice(ways), written[k], kind, {"x": names[k]}))
    if rng.random() < 0.3 and not pie:
        top = rng.random() < 0.5
        found.append((HIGHEST_VALUE if top else LOWEST_VALUE, written[high if top else low], kind, {}))
    for one, other in [rng.sample(range(len(names)), 2)]:
        if abs(values[one] - values[other]) >= 0.08 * max(map(abs, values)):
            larger, smaller = (one, other) if values[one] > values[other] else (other, one)
            pair = {"x": names[one], "y": names[other]}
            if rng.random() < 0.65:
                found.append((LARGER, names[larger], "comparison", pair))
            else:
                found.append((SMALLER, names[smaller], "comparison", pair))


def about_series(rng: random.Random, table: Table, found: list) -> None:
    """Values of a series at a category, where a series is highest, which series is higher."""
    kind = "series value" if table.labelled else "series estimate"
    for _ in range(3):
        s, k = rng.randrange(len(table.series)), rng.randrange(len(table.categories))
        filled = {"s": table.series[s], "x": table.categories[k]}
        found.append((SERIES_VALUE, table.written[s][k], kind, filled))
    s = rng.randrange(len(table.series))
    top = table.values[s].index(max(table.values[s]))
    found.append((SERIES_HIGHEST, table.categories[top], "series highest", {"s": table.series[s]}))
    k = rng.randrange(len(table.categories))
    column = [row[k] for row in table.values]
    ordered = sorted(column)
    if ordered[-1] - ordered[-2] >= 0.08 * abs(ordered[-1]):
        best = table.series[column.index(ordered[-1])]
        found.append((LARGER_SERIES, best, "series comparison", {"x": table.categories[k]}))
    if rng.random() < 0.4:
        found.append((LEGEND, str(len(table.series)), "series count", {}))
