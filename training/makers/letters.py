"""Sentences that state something, with the questions they answer."""

from collections.abc import Callable
from dataclasses import dataclass

from training.makers import figures, people_words
from training.makers.fields import VALUES, Habits
from training.makers.thing_words import GOODS
from training.pictures.asking import Phrasings


@dataclass(frozen=True)
class Fact:
    """A sentence, and its facts: what is asked, what fills the question, the answer, what sort it is."""

    text: str
    asked: tuple[tuple[Phrasings, str, str, str], ...]


def _ways(*train: str, held_out: tuple[str, ...]) -> Phrasings:
    return Phrasings(train, held_out)


DAY_OF = _ways(
    "When is the {x}?", "On which day is the {x}?", "What is the date of the {x}?", "What day is the {x}?",
    "For when is the {x} planned?",
    held_out=("Which day is the {x} on?", "On what date does the {x} take place?"),
)  # fmt: skip
HOUR_OF = _ways(
    "At what time is the {x}?", "What time does the {x} begin?", "At which hour is the {x}?",
    "What time is the {x}?",
    held_out=("From what time on is the {x}?", "Which time is given for the {x}?"),
)  # fmt: skip
PLACE_OF = _ways(
    "Where is the {x}?", "In which place is the {x}?", "Where does the {x} take place?",
    "Which town is the {x} in?",
    held_out=("In which town is the {x} held?", "Where will the {x} be?"),
)  # fmt: skip
ARRIVES = _ways(
    "When will it arrive?", "When does the order arrive?", "On which day does it come?",
    "When can I expect the delivery?", held_out=("What is the day of delivery?",),
)  # fmt: skip
ORDERED = _ways(
    "What was ordered?", "What will arrive?", "Which goods are sent?", "What is being delivered?",
    held_out=("What is on its way?",),
)  # fmt: skip
PAY = _ways(
    "How much must be paid?", "What has to be paid?", "How much is to be paid?", "What amount is asked for?",
    "How much money is it?", held_out=("What sum is due?", "How much do they ask for?"),
)  # fmt: skip
PAY_BY = _ways(
    "By when must it be paid?", "Until when can one pay?", "What is the last day to pay?",
    "When is the payment due?", held_out=("Before which day is it to be paid?",),
)  # fmt: skip
ADDRESS = _ways(
    "What is the new address?", "Where does the writer live now?", "Which address is given?",
    "What street is it?", held_out=("To which address did the writer move?",),
)  # fmt: skip
JOINS = _ways(
    "Who is joining?", "Who will start?", "Who is the new person?", "Which person joins the team?",
    held_out=("Whose first day is it?",),
)  # fmt: skip
JOB_OF = _ways(
    "As what does this person join?", "What is the new person's job?", "Which job will it be?",
    held_out=("What will the new person work as?",),
)  # fmt: skip
COSTS = _ways(
    "How much is the {x}?", "What does the {x} cost?", "What is the price of the {x}?", "Price of the {x}?",
    held_out=("What would I pay for the {x}?",),
)  # fmt: skip
REACH = _ways(
    "What is the phone number?", "How can the writer be reached?", "Which number can I call?",
    "What number should I call?", held_out=("Under which number is the writer to be reached?",),
)  # fmt: skip
LEAVES = _ways(
    "When does the train leave?", "At what time does it leave?", "What time is the train?",
    held_out=("When does the train go?",),
)  # fmt: skip
LEAVES_FROM = _ways(
    "Where does the train leave from?", "From which town does it leave?", "Which station is it?",
    held_out=("In which town does the journey begin?",),
)  # fmt: skip
CODE_IS = _ways(
    "What is the code?", "Which code is given?", "What is the code for the {x}?", "Tell me the code.",
    held_out=("Which code opens the {x}?",),
)  # fmt: skip
EVENTS = ("meeting", "party", "concert", "lesson", "dinner", "interview", "wedding", "exam", "match", "tour")


def event(habits: Habits) -> Fact:
    """Something that will take place."""
    what = habits.rng.choice(EVENTS)
    day, hour, town = (VALUES[sort](habits) for sort in ("date", "time", "city"))
    text = f"The {what} is on {day} at {hour} in {town}."
    return Fact(text, ((DAY_OF, what, day, "date"), (HOUR_OF, what, hour, "time"),
                       (PLACE_OF, what, town, "city")))  # fmt: skip


def delivery(habits: Habits) -> Fact:
    """Goods on their way."""
    what, day = habits.words.thing(GOODS).lower(), VALUES["date"](habits)
    what = f"{habits.rng.randrange(2, 60)} {what}"
    text = f"Your order of {what} will arrive on {day}."
    return Fact(text, ((ARRIVES, "", day, "date"), (ORDERED, "", what, "good")))


def payment(habits: Habits) -> Fact:
    """Money to be paid."""
    money, day = VALUES["money"](habits), VALUES["date"](habits)
    return Fact(f"Please pay {money} by {day}.", ((PAY, "", money, "money"), (PAY_BY, "", day, "date")))


def move(habits: Habits) -> Fact:
    """A new address."""
    address = f"{habits.words.street()}, {habits.words.city()}"
    return Fact(f"My new address is {address}.", ((ADDRESS, "", address, "street"),))


def new_colleague(habits: Habits) -> Fact:
    """Someone who starts."""
    who = f"{habits.words.first()} {habits.words.last()}"
    job, day = habits.words.pick(people_words.JOBS), VALUES["date"](habits)
    return Fact(f"{who} joins us as {job} on {day}.", ((JOINS, "", who, "person"), (JOB_OF, "", job, "job")))


def price(habits: Habits) -> Fact:
    """What something costs."""
    what, money = habits.words.thing(GOODS).lower(), VALUES["money"](habits)
    return Fact(f"The price of the {what} is {money}.", ((COSTS, what, money, "money"),))


def reachable(habits: Habits) -> Fact:
    """A telephone number."""
    number = figures.phone(habits.rng)
    return Fact(f"You can reach me at {number}.", ((REACH, "", number, "phone"),))


def train(habits: Habits) -> Fact:
    """When a train leaves."""
    town, hour = habits.words.city(), figures.clock(habits.rng)
    return Fact(
        f"The train leaves {town} at {hour}.", ((LEAVES, "", hour, "time"), (LEAVES_FROM, "", town, "city"))
    )


def code(habits: Habits) -> Fact:
    """A code for something."""
    what, number = habits.rng.choice(("door", "safe", "locker", "gate", "garage")), figures.code(habits.rng)
    return Fact(f"The code for the {what} is {number}.", ((CODE_IS, what, number, "code"),))


FACTS: tuple[Callable[[Habits], Fact], ...] = (
    event, event, delivery, payment, move, new_colleague, price, reachable, train, code,
)  # fmt: skip


def some_facts(habits: Habits, count: int) -> list[Fact]:
    """So many sentences of different kinds."""
    chosen = list(dict.fromkeys(habits.rng.sample(FACTS, min(len(FACTS), count + 1))))[:count]
    facts, seen = [], set()
    for make in chosen:
        fact = make(habits)
        sorts = {sort for _, _, _, sort in fact.asked}
        # Two sentences with dates would make a question about a date ambiguous.
        if not sorts & seen:
            facts.append(fact)
            seen |= sorts
    return facts
