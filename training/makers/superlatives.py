"""Ways in which people ask which is the highest or the lowest, of what kind a chart is, and for a value.

Few of them fit into a list: "Which month saw the fewest visitors?" names the things compared and the measure.
So a question is put together from its parts. What `Phrasings` hold out for the test split is not among them.
"""

import random
from dataclasses import dataclass

from training.makers import thing_words as things
from training.makers.figures import MONTHS, WEEK
from training.pictures.tables import Table

MONTHS_SHORT = {month[:3] for month in MONTHS}
SEASONS = {"Spring", "Summer", "Autumn", "Winter"}
NOUNS = ("one", "one", "category", "entry", "item", "of these", "of them", "group", "thing", "of the {ps}")
VERBS = ("has", "has", "had", "shows", "reaches", "gets", "got", "saw", "records", "holds", "takes", "makes",
         "recorded", "achieved", "scores", "accounts for", "received", "displays")  # fmt: skip


@dataclass(frozen=True)
class Extreme:
    """The words for one end of an order."""

    adjectives: tuple[str, ...]
    amounts: tuple[str, ...]
    states: tuple[str, ...]
    shortly: tuple[str, ...]


HIGHEST = Extreme(
    ("highest", "largest", "biggest", "greatest", "tallest", "top", "maximum", "best", "longest", "peak"),
    ("the most", "the most", "the largest amount", "the largest share", "more than all others",
     "more than any other", "the most {m}", "the greatest {m}", "the highest {m}"),
    ("is the highest", "is the largest", "is number one", "is the winner", "tops the chart", "tops the list",
     "comes in first", "takes first place", "dominates", "is the most important", "is in first place",
     "wins", "won", "did best", "performs best", "does best", "stands out as the largest", "peaks",
     "surpasses the rest", "exceeds the others", "is the most popular", "scores best", "has the edge",
     "is the best", "was best", "is the champion", "outdoes the rest"),
    ("Highest?", "The maximum?", "The biggest one?", "The winner?", "Top category?", "Who won?",
     "Name the highest.", "Name the largest one.", "Name the top one.", "Point out the biggest.",
     "Find the maximum.", "Find the highest {p}.", "Give me the highest one.",
     "Identify the largest {p}.", "What is the winner?", "What is number one?", "What's the biggest?",
     "Show me the top one.", "What is the best one?", "The most?", "What is the largest of all?",
     "What is the label of the highest {p}?", "What is the name of the largest {p}?",
     "What tops the others?", "Who comes first?"),
)  # fmt: skip
LOWEST = Extreme(
    ("lowest", "smallest", "least", "shortest", "minimum", "worst", "tiniest", "bottom", "slightest"),
    ("the least", "the least", "the smallest amount", "the smallest share", "less than all others",
     "less than any other", "the least {m}", "the smallest {m}", "the lowest {m}", "the fewest"),
    ("is the lowest", "is the smallest", "is the loser", "comes in last", "takes last place",
     "is the least important", "is in last place", "loses", "lost", "did worst", "performs worst",
     "does worst", "stands out as the smallest", "stays below the rest", "is below all of the others",
     "is the least popular", "scores worst", "is the worst", "was worst", "falls short of the rest",
     "lies under the others", "brings up the rear"),
    ("Lowest?", "The minimum?", "The smallest one?", "The loser?", "Who lost?", "Name the lowest.",
     "Name the smallest one.", "Name the last one by value.", "Point out the smallest.", "Find the minimum.",
     "Find the lowest {p}.", "Give me the lowest one.", "Identify the smallest {p}.", "What is the loser?",
     "What's the smallest?", "Show me the lowest one.", "What is the worst one?", "The least?",
     "What is the smallest of all?", "What is the label of the lowest {p}?",
     "What is the name of the smallest {p}?", "Who comes last?"),
)  # fmt: skip
EXTREMES = {"highest": HIGHEST, "lowest": LOWEST}
KIND_NOUNS = ("chart", "chart", "graph", "plot", "diagram", "figure", "visualisation")
KIND_ASKED = (
    "{W} {k} of {n} is this?", "{W} {k} of {n} is it?", "{W} {k} of {n} is shown?",
    "{W} {k} of {n} do we have here?", "{W} {k} of {n} am I looking at?", "{W} {k} of {n} is drawn here?",
    "{W} {k} of {n} was used?", "{W} {k} of {n} can be seen?", "{W} {k} of {n} has been chosen?",
    "{W} {n} {k} is this?", "{W} {n} {k} is used here?", "Tell me the {k} of {n}.", "Give the {n} {k}.",
    "Say what {k} of {n} it is.", "Identify the {k} of {n}.", "The {k} of {n}?",
    "Of what {k} is this {n}?", "What do you call this {k} of {n}?", "{N} {k}?",
    "How is the data displayed?", "How is it plotted?", "How is the information presented?",
    "How are the figures visualised?", "In what form is the data drawn?",
    "With what {k} of {n} is the data shown?", "Is this a bar {n}, a line {n} or a pie {n}?",
    "Is it a pie {n} or something else?", "Is it a line or a bar {n}?", "Are these bars, a line or a pie?",
    "Do you see bars, lines or a pie?", "Which {n} is this: bar, line, pie?",
)  # fmt: skip
VALUE_ASKED = (
    "What is the {m} of {x}?", "What is the {m} for {x}?", "How high is the {m} of {x}?",
    "What was the {m} in {x}?", "How many {m} does {x} have?", "How much {m} does {x} have?",
    "What {m} does {x} show?", "{x}: how much?", "What is {x}'s value?", "What's the figure for {x}?",
    "Read off {x}.", "Give me the value for {x}.", "How large is the value of {x}?", "How tall is {x}?",
    "What is the amount for {x}?", "What is the level of {x}?", "At what value is {x}?",
    "Where does {x} stand?", "How far does {x} go?", "What does {x} show?",
    "What does the {p} for {x} show?", "How high is the {p} of {x}?",
    "What value does the {p} of {x} have?", "What number do you see for {x}?", "How much was {x}?",
    "What is the reading for {x}?", "What's {x}?",
)  # fmt: skip


def noun_of(rng: random.Random, table: Table) -> str:
    """What one of the categories is, where their names say it or an axis does; otherwise any noun."""
    names = set(table.categories)
    if names <= set(MONTHS) or names <= MONTHS_SHORT:
        return "month"
    if names <= set(WEEK):
        return "day"
    if names <= SEASONS:
        return "season"
    if all(name.isdigit() and len(name) == 4 for name in names):
        return "year"
    if table.category_axis and rng.random() < 0.5:
        return table.category_axis.lower()
    return rng.choice(NOUNS)


def measure_of(rng: random.Random, table: Table) -> str:
    """What is measured, as the value axis says it, or in a word that people use for it."""
    if table.value_axis and rng.random() < 0.6:
        return table.value_axis.lower()
    return rng.choice(things.MEASURES).lower()


def extreme_asked(rng: random.Random, table: Table, extreme: Extreme, part: str) -> str:
    """A question for the highest or the lowest of one series."""
    shape = rng.random()
    which = rng.choice(("Which", "Which", "What"))
    noun, measure = noun_of(rng, table), measure_of(rng, table)
    adjective, verb = rng.choice(extreme.adjectives), rng.choice(VERBS)
    if shape < 0.2:
        text = rng.choice(extreme.shortly)
    elif shape < 0.45:
        text = f"{which} {noun} {rng.choice(extreme.states)}?"
    elif shape < 0.62:
        thing = rng.choice(("value", "number", "figure", "{m}", "{p}", "total", "result", "amount", "share"))
        text = f"{which} {noun} {verb} the {adjective} {thing}?"
    elif shape < 0.78:
        text = f"{which} {noun} {verb} {rng.choice(extreme.amounts)}?"
    elif shape < 0.9:
        text = rng.choice((f"Which {{p}} is the {adjective}?", f"What is the {adjective} {{p}}?",
                           f"What is the {adjective} {noun}?", f"Which is the {adjective} {noun}?",
                           f"Whose {{p}} is the {adjective}?", f"Whose {{m}} is {adjective}?"))  # fmt: skip
    elif noun in ("month", "day", "season", "year"):
        text = rng.choice((
            f"When is it {adjective}?", f"When was the {{m}} {adjective}?",
            f"In which {noun} was it {adjective}?", f"In what {noun} is the {{m}} {adjective}?",
            f"When do we see the {adjective} {{m}}?", f"In which {noun} was {{m}} {adjective}?",
        ))  # fmt: skip
    else:
        text = rng.choice((
            f"Where is the {{m}} {adjective}?", f"For which {noun} is it {adjective}?",
            f"For which one is {{m}} {adjective}?", f"Who {verb} the {adjective} {{m}}?",
            f"Who {verb} {rng.choice(extreme.amounts)}?", f"Where do we find the {adjective} {{m}}?",
        ))  # fmt: skip
    return text.format(p=part, ps=f"{part}s", m=measure).replace("  ", " ")


def kind_asked(rng: random.Random) -> str:
    """A question for the kind of a chart."""
    noun = rng.choice(KIND_NOUNS)
    kind = rng.choice(("kind", "type", "sort", "kind", "type", "form", "style"))
    return rng.choice(KIND_ASKED).format(W=rng.choice(("What", "Which")), k=kind, n=noun, N=noun.capitalize())


def value_asked(rng: random.Random, table: Table, name: str, part: str) -> str:
    """A question for a category's value."""
    return rng.choice(VALUE_ASKED).format(x=name, p=part, m=measure_of(rng, table))
