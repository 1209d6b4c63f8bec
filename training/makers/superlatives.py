"""Ways in which people ask which is the highest or the lowest, for a chart's kind or title, and for a value.

Few of them fit into a list: "Which month saw the fewest visitors?" names the things compared and the measure.
So a question is put together from its parts. What `Phrasings` hold out for the test split is not among them.
"""

import random
from dataclasses import dataclass

from training.makers import thing_words as things
from training.makers.contrasts import contrasted
from training.makers.figures import MONTHS, WEEK
from training.pictures.tables import Table

MONTHS_SHORT = {month[:3] for month in MONTHS}
TIMES = ("month", "day", "season", "year")
SEASONS = {"Spring", "Summer", "Autumn", "Winter"}
NOUNS = ("one", "one", "one", "category", "category", "entry", "item", "of these", "of them", "group",
         "thing", "of the {ps}", "{p}", "label", "name", "row", "option", "of all", "candidate", "contender",
         "part of the data", "of the items", "of the categories", "of the entries", "among them")  # fmt: skip
VERBS = ("has", "has", "had", "shows", "reaches", "gets", "got", "saw", "records", "holds", "takes", "makes",
         "recorded", "achieved", "scores", "accounts for", "received", "displays", "earned", "posted",
         "comes with", "is given", "attains", "contributes", "collects", "brings", "yields", "enjoys",
         "reports", "registers", "boasts", "ends up with", "stands at", "delivers", "marks")  # fmt: skip

CONTRASTED = 0.4  # share of the questions for an extreme that say it by what it does to the others


@dataclass(frozen=True)
class Extreme:
    """The words for one end of an order: adjectives, amounts after a verb, what is said of the one that is
    there, short questions, and questions by an order from one end to the other; `above` says which end."""

    adjectives: tuple[str, ...]
    amounts: tuple[str, ...]
    states: tuple[str, ...]
    shortly: tuple[str, ...]
    ordered: tuple[str, ...]
    above: bool


HIGHEST = Extreme(
    ("highest", "highest", "largest", "largest", "biggest", "greatest", "tallest", "top", "maximum", "best",
     "longest", "peak", "topmost", "uppermost", "strongest", "record", "maximal", "dominant", "most extreme",
     "number one", "most sizeable", "most substantial", "most considerable", "superior", "foremost"),
    ("the most", "the most", "the largest amount", "the largest share", "more than all others",
     "more than any other", "the most {m}", "the greatest {m}", "the highest {m}", "the most of all",
     "the biggest number", "the biggest part", "the lion's share", "the greatest amount",
     "the record", "the maximum", "most", "the bulk", "more than everyone else", "more than anything else",
     "the largest quantity", "the greatest number", "an amount above all the rest", "the maximum {m}"),
    ("is the highest", "is the largest", "is number one", "is the winner", "tops the chart", "tops the list",
     "comes in first", "takes first place", "dominates", "is the most important", "is in first place",
     "wins", "won", "did best", "performs best", "does best", "stands out as the largest", "peaks",
     "surpasses the rest", "exceeds the others", "is the most popular", "scores best", "has the edge",
     "is the best", "was best", "is the champion", "outdoes the rest", "is far above the rest",
     "towers over the rest", "rises above the others", "ranks highest", "ranks first",
     "heads the field", "is unrivalled", "outperforms the others", "outranks the rest",
     "outnumbers the others",
     "outstrips all others", "outshines the rest", "overtakes everyone else", "eclipses the others",
     "holds the record", "sets the record", "takes the crown", "gets the gold medal", "stands highest",
     "rises highest", "climbs highest", "reaches furthest",
     "has no equal", "is second to none", "is the frontrunner", "is ahead of the pack", "comes out ahead",
     "is ahead of everyone else", "prevails", "triumphs", "excels", "is the record holder",
     "is the strongest",
     "is the most successful", "is the most common", "is most frequent", "is the most valuable",
     "is the most significant", "is the greatest of all", "is the star", "is the main one",
     "contributes most", "contributes the most", "counts most", "makes up the largest part",
     "is bigger than everything else", "is larger than any other", "is higher than all the rest",
     "is not exceeded by any other", "is never surpassed", "sits at the top", "is at the very top",
     "is up at the top", "takes the top spot", "claims the top position", "is on the top step",
     "hits the high point", "marks the maximum", "reaches the maximum", "shows the peak",
     "has the best result",
     "is the biggest of the lot", "looks the largest", "looks tallest", "appears to be the highest",
     "is preferred", "is the favourite", "do people like best", "is chosen most often", "sold best",
     "is worth the most", "weighs the most", "matters most", "is the heavyweight",
     "is the giant here", "is the giant among them", "has the upper hand", "is most prominent"),
    ("Highest?", "The maximum?", "The biggest one?", "The winner?", "Top category?", "Who won?",
     "Name the highest.", "Name the largest one.", "Name the top one.", "Point out the biggest.",
     "Find the maximum.", "Find the highest {p}.", "Give me the highest one.",
     "Identify the largest {p}.", "What is the winner?", "What is number one?", "What's the biggest?",
     "Show me the top one.", "What is the best one?", "The most?", "What is the largest of all?",
     "What is the label of the highest {p}?", "What is the name of the largest {p}?",
     "What tops the others?", "Who comes first?", "Max?", "Largest {p}?", "Tallest {p}?", "Peak?",
     "Number one?",
     "Who is the champion?", "Who is the best?", "Who is strongest?", "What is the high point?",
     "What is the peak?", "Where is the peak?", "Where is the maximum?", "Where is the top?",
     "Nothing is higher than which one?", "Which one would get the gold medal?",
     "What stands out at the top?",
     "Which one should I pick for the most {m}?", "What is there most of?", "What do we have the most of?",
     "Which one can nobody match?", "What is the record holder called?", "Say which is the largest.",
     "I am looking for the biggest one.", "I want to know the largest.", "The name of the highest one?",
     "To which one does the highest {p} belong?", "To what does the largest value belong?",
     "What does the tallest {p} stand for?", "What does the biggest {p} represent?",
     "Which label belongs to the maximum?", "Which label does the largest {p} have?",
     "Under which {p} is the largest number?", "Whose number is the largest?", "Who did best?",
     "Who has the most?", "Who has more than the others?", "What sticks out at the upper end?"),
    ("Sorted from high to low, what is first?", "From largest to smallest: what comes first?",
     "In descending order, which is first?", "In ascending order, which is last?",
     "Going from smallest to largest, what is last?", "If I sort them downwards, which comes first?",
     "Ordered by size, which would be at the top?", "At the upper end of the scale is which one?",
     "Compare all of them: which is the largest?", "Compare the {ps}. Which is tallest?",
     "Look at all the {ps}: which one is highest?", "Of all the {ps}, which is the biggest?",
     "Between all these, which is on the highest level?", "Out of everything shown, what is largest?",
     "Among all, what has the maximum?", "Comparing the values, where is the maximum?"),
    above=True,
)  # fmt: skip
LOWEST = Extreme(
    ("lowest", "lowest", "smallest", "smallest", "least", "shortest", "minimum", "worst", "tiniest", "bottom",
     "slightest", "weakest", "poorest", "slimmest", "minimal", "bottommost", "lowermost", "littlest",
     "most modest", "most meagre", "rock-bottom", "scantiest", "inferior", "most negligible"),
    ("the least", "the least", "the smallest amount", "the smallest share", "less than all others",
     "less than any other", "the least {m}", "the smallest {m}", "the lowest {m}", "the fewest",
     "the least of all", "the smallest number", "the smallest part", "the lowest amount", "the minimum",
     "the lowest number", "next to nothing", "less than everyone else", "less than anything else",
     "the smallest quantity", "fewer than all the others", "an amount below all the rest", "the minimum {m}",
     "the tiniest share"),
    ("is the lowest", "is the smallest", "is the loser", "comes in last", "takes last place",
     "is the least important", "is in last place", "loses", "lost", "did worst", "performs worst",
     "does worst", "stands out as the smallest", "stays below the rest", "is below all of the others",
     "is the least popular", "scores worst", "is the worst", "was worst", "falls short of the rest",
     "lies under the others", "brings up the rear", "is far below the rest", "is dwarfed by the rest",
     "stays under the others", "ranks lowest", "ranks last",
     "is the straggler", "is the laggard", "lags", "lags far back", "is outperformed by all",
     "is outranked by the rest", "is outnumbered by the others", "is surpassed by every other",
     "is exceeded by all the others", "is overshadowed by the rest", "is overtaken by everyone else",
     "takes the wooden spoon", "stands lowest", "sinks lowest", "drops lowest", "falls lowest",
     "hits the low point", "hits bottom", "bottoms out",
     "marks the minimum", "reaches the minimum", "reaches least far", "is the weakest", "is the poorest",
     "is the least successful", "is the least common", "is the rarest", "is least frequent",
     "is the least valuable", "is the least significant", "is the smallest of all", "is the minor one",
     "contributes least", "contributes the least", "counts least", "makes up the smallest part",
     "is smaller than everything else", "is smaller than any other", "is lower than all the rest",
     "does not exceed any other", "surpasses none of the others", "sits at the bottom",
     "is at the very bottom",
     "is down at the bottom", "takes the bottom spot",
     "is on the lowest step",
     "undercuts the rest", "shows the low", "has the worst result", "is the tiniest of the lot",
     "looks the smallest", "looks shortest", "appears to be the lowest", "is unpopular",
     "is liked the least", "do people like least", "is chosen least often", "sold worst",
     "is worth the least", "weighs the least", "matters least", "is the lightweight", "is the dwarf here",
     "is the dwarf among them", "is the underdog", "is least prominent"),
    ("Lowest?", "The minimum?", "The smallest one?", "The loser?", "Who lost?", "Name the lowest.",
     "Name the smallest one.", "Name the last one by value.", "Point out the smallest.", "Find the minimum.",
     "Find the lowest {p}.", "Give me the lowest one.", "Identify the smallest {p}.", "What is the loser?",
     "What's the smallest?", "Show me the lowest one.", "What is the worst one?", "The least?",
     "What is the smallest of all?", "What is the label of the lowest {p}?",
     "What is the name of the smallest {p}?", "Who comes last?", "Min?", "Smallest {p}?", "Shortest {p}?",
     "Low point?", "Who is the worst?", "Who is weakest?", "What is the low point?", "What is the low?",
     "Where is the low point?", "Where is the minimum?", "Where is the bottom?",
     "Nothing is lower than which one?", "What stands out at the bottom?",
     "Which one should I avoid for want of {m}?", "What is there least of?", "What do we have the least of?",
     "Which one does everything else surpass?", "What is the last one by size called?",
     "Say which is the smallest.", "I am looking for the smallest one.", "I want to know the smallest.",
     "The name of the lowest one?", "To which one does the lowest {p} belong?",
     "To what does the smallest value belong?", "What does the shortest {p} stand for?",
     "What does the smallest {p} represent?", "Which label belongs to the minimum?",
     "Which label does the smallest {p} have?", "Under which {p} is the smallest number?",
     "Whose number is the smallest?", "Who did worst?", "Who has the least?", "Who has less than the others?",
     "What sticks out at the lower end?"),
    ("Sorted from high to low, what is last?", "From largest to smallest: what comes last?",
     "In descending order, which is last?", "In ascending order, which is first?",
     "Going from smallest to largest, what is first?", "If I sort them upwards, which comes first?",
     "Ordered by size, which would be at the bottom?", "At the lower end of the scale is which one?",
     "Compare all of them: which is the smallest?", "Compare the {ps}. Which is shortest?",
     "Look at all the {ps}: which one is lowest?", "Of all the {ps}, which is the smallest?",
     "Between all these, which is on the lowest level?", "Out of everything shown, what is smallest?",
     "Among all, what has the minimum?", "Comparing the values, where is the minimum?"),
    above=False,
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
TITLE_NOUNS = ("title", "title", "heading", "headline", "caption", "name")  # not "top": that is a highest
TITLE_ASKED = (
    "What is the {t} of {n}?", "What's the {t} of {n}?", "What {t} does {n} have?", "What {t} has {n}?",
    "What is the {t} that {n} carries?", "What {t} was given to {n}?", "What is the {t}?", "{T}?",
    "The {t} of {n}?", "Read the {t} of {n}.", "Read out the {t}.", "Read me the {t}.",
    "Tell me the {t} of {n}.", "Give the {t} of {n}.", "Quote the {t}.", "Copy the {t}.", "Repeat the {t}.",
    "What does the {t} say?", "What does the {t} of {n} read?", "What is written as the {t}?",
    "What are the words of the {t}?", "What words are above {n}?", "What is written above {n}?",
    "What stands above {n}?", "What does it say above {n}?", "What is {n} called?", "What do they call {n}?",
    "Under what {t} is the data shown?", "Under which {t} do the numbers stand?", "What is {n} about?",
    "What is {n} on?", "What does {n} deal with?", "What does {n} describe?", "What is {n} showing?",
    "What topic does {n} have?", "What is the topic of {n}?", "What is the theme of {n}?",
    "What is being shown in {n}?", "What is measured here, according to the {t}?",
    "About what does {n} tell us?", "What is it all about?", "With what is {n} concerned?",
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
    if rng.random() < CONTRASTED:
        text = f"{which} {noun} {contrasted(rng, extreme.above)}?"
    elif shape < 0.17:
        text = rng.choice(extreme.shortly)
    elif shape < 0.22:
        text = rng.choice(extreme.ordered)
    elif shape < 0.5:
        text = f"{which} {noun} {rng.choice(extreme.states)}?"
    elif shape < 0.64:
        thing = rng.choice(("value", "number", "figure", "{m}", "{p}", "total", "result", "amount", "share",
                            "level", "count", "score", "quantity", "rate", "reading", "point"))  # fmt: skip
        text = f"{which} {noun} {verb} the {adjective} {thing}?"
    elif shape < 0.78:
        text = f"{which} {noun} {verb} {rng.choice(extreme.amounts)}?"
    elif shape < 0.9:
        text = rng.choice((f"Which {{p}} is the {adjective}?", f"What is the {adjective} {{p}}?",
                           f"What is the {adjective} {noun}?", f"Which is the {adjective} {noun}?",
                           f"Whose {{p}} is the {adjective}?", f"Whose {{m}} is {adjective}?"))  # fmt: skip
    elif noun in TIMES:
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


def title_asked(rng: random.Random) -> str:
    """A question for the title of a chart."""
    noun, chart = rng.choice(TITLE_NOUNS), f"{rng.choice(('the', 'this'))} {rng.choice(KIND_NOUNS)}"
    return rng.choice(TITLE_ASKED).format(t=noun, T=noun.capitalize(), n=chart)


def value_asked(rng: random.Random, table: Table, name: str, part: str) -> str:
    """A question for a category's value."""
    return rng.choice(VALUE_ASKED).format(x=name, p=part, m=measure_of(rng, table))
