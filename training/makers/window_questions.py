"""Questions about windows: title, message, buttons, fields, menus, rows, what is selected or ticked."""

import random

from training.makers.fields import FIELDS
from training.pictures.asking import SAYS, WHAT, Phrasings, ask, without_experts
from training.pictures.documents import ABSENT_ANSWER, FIELD
from training.pictures.records import Question

MOST = 7
TITLE = Phrasings(
    ("What is the title of the window?", "What does the title bar say?", "What is the title?",
     "Which window is it?", "Read the title of the window.", "What is written in the title bar?",
     "What is the window called?", "What stands at the top of the window?"),
    ("How is the window titled?", "Which title does the window have?"),
)  # fmt: skip
MESSAGE = Phrasings(
    ("What does the message say?", "What does the dialog say?", "Read the message.", "What is the message?",
     "What does the window tell me?", "What is the text of the message?"),
    ("Which message is shown?", "What am I told here?"),
)  # fmt: skip
FIRST_LINE = Phrasings(
    ("What is the first line of the text?", "How does the text begin?", "Read the first line of the text.",
     "What was typed first?"),
    ("With which line does the text begin?",),
)  # fmt: skip
BUTTONS = Phrasings(
    ("Which buttons are there?", "What are the buttons?", "Name the buttons.", "Which buttons can I press?",
     "What do the buttons say?", "List the buttons."),
    ("What buttons does it have?", "Between which buttons can I choose?"),
)  # fmt: skip
BUTTON = Phrasings(
    ("What does the button say?", "Which button is there?", "What is written on the button?",
     "Read the button.", "What is the button called?", "What can I press?"),
    ("Which word is on the button?", "What is the only button?"),
)  # fmt: skip
PLACED_BUTTON = Phrasings(
    ("What does the {x} button say?", "Which is the {x} button?", "Read the {x} button.",
     "What is on the {x} button?"),
    ("Which word is on the {x} button?",),
)  # fmt: skip
MENUS = Phrasings(
    ("Which menus are there?", "What are the menus?", "Name the menus.", "List the menus.",
     "What does the menu bar say?"),
    ("What menus does it have?",),
)  # fmt: skip
PLACED = Phrasings(
    ("What is the {x} {w}?", "Which {w} comes {x}?", "Name the {x} {w}.", "Read the {x} {w}."),
    ("Which is the {x} {w}?",),
)  # fmt: skip
SELECTED = Phrasings(
    ("Which one is selected?", "What is selected?", "Which row is highlighted?", "Which entry is marked?",
     "What is highlighted?"),
    ("Which line is chosen?", "Which of them is picked?"),
)  # fmt: skip
ROW_VALUE = Phrasings(
    ("What stands behind {x}?", "What is given for {x}?", "What is next to {x}?", "What is shown for {x}?"),
    ("What is on the right of {x}?",),
)  # fmt: skip
ROWS = Phrasings(
    ("How many entries are there?", "How many rows are there?", "How many are listed?", "Count the entries."),
    ("What is the number of rows?",),
)  # fmt: skip
TAB = Phrasings(
    ("Which tab is active?", "Which tab is open?", "Which tab am I on?", "What is the selected tab?"),
    ("Which tab is in front?",),
)  # fmt: skip
TICKED = Phrasings(
    ("Is {x} ticked?", "Is {x} on?", "Is the box {x} checked?", "Is {x} switched on?", "Is {x} selected?"),
    ("Has {x} been ticked?", "Is there a tick at {x}?"),
)  # fmt: skip


def questions_about(rng: random.Random, split: str, shown) -> tuple[Question, ...]:
    """Two to MOST questions about one window."""

    def add(phrasings: Phrasings, answer: str, kind: str, **filled: str) -> None:
        questions.append(ask(rng, split, phrasings, answer, "D", kind, **filled))

    questions: list[Question] = []
    about_parts(rng, shown, add)
    about_rows(rng, shown, add)
    for line in shown.entries:
        add(FIELD, line.value, "field", field=rng.choice(FIELDS[line.key].called))
    for name, on in shown.ticked.items():
        if rng.random() < 0.5:
            add(TICKED, "yes" if on else "no", "ticked", x=name)
    rng.shuffle(questions)
    del questions[MOST - 2 :]
    if shown.title:
        add(TITLE, shown.title, "title")
    if rng.random() < 0.25:
        add(WHAT, "a window" if shown.kind != "dialog" else "a dialog", "what")
    if shown.entries and rng.random() < 0.25:
        sorts = {FIELDS[line.key].sort for line in shown.entries}
        keys = [key for key, field in FIELDS.items() if field.sort not in sorts]
        add(FIELD, ABSENT_ANSWER, "absent", field=rng.choice(FIELDS[rng.choice(keys)].called))
    if rng.random() < 0.15 or not questions:
        questions.append(without_experts(rng, split, "D"))
    return tuple(questions)


def about_parts(rng: random.Random, shown, add) -> None:
    """Message, buttons, menus, tab."""
    if shown.kind == "dialog":
        add(MESSAGE if rng.random() < 0.8 else SAYS, shown.message, "message")
    elif shown.message:
        add(FIRST_LINE, shown.message, "message")
    if len(shown.buttons) == 1:
        add(BUTTON, shown.buttons[0], "button")
    elif shown.buttons:
        add(BUTTONS, ", ".join(shown.buttons), "button")
        place = rng.choice((0, -1))
        add(PLACED_BUTTON, shown.buttons[place], "button", x="right" if place else "left")
    if len(shown.menus) > 1:
        if rng.random() < 0.4:
            add(MENUS, ", ".join(shown.menus), "menu")
        place = rng.choice((0, -1))
        add(PLACED, shown.menus[place], "menu", x="last" if place else "first", w="menu")
    if shown.tab:
        add(TAB, shown.tab, "tab")


def about_rows(rng: random.Random, shown, add) -> None:
    """The rows of a list or a menu."""
    if not shown.rows:
        return
    place = rng.choice((0, -1))
    add(PLACED, shown.rows[place][0], "row", x="last" if place else "first", w="entry")
    if shown.selected:
        add(SELECTED, shown.selected, "selected")
    for name, more in rng.sample(shown.rows, min(2, len(shown.rows))):
        if more:
            add(ROW_VALUE, more, "row value", x=name)
    if rng.random() < 0.3:
        add(ROWS, str(len(shown.rows)), "row count")
