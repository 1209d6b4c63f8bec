"""Questions about papers: each field, prices, who and when, what kind it is, and what is not there."""

import random
from collections import Counter

from training.makers.fields import FIELDS
from training.makers.papers import Entry, Item, Paper
from training.makers.words import Words
from training.pictures.asking import WHAT, Phrasings, ask, without_experts
from training.pictures.documents import ABSENT_ANSWER, FIELD, KIND, PRICE_OF, TITLE
from training.pictures.records import Question
from training.pictures.words import article

MOST = 9  # questions about one paper
MORE_FIELD = Phrasings(
    ("What stands behind {field}?", "What is written next to {field}?", "Which {field} does it have?",
     "Look up the {field}.", "What {field} is on it?", "Please read the {field}.", "{field}, please.",
     "What is the {field} on this?", "Which {field} is it?", "Do you see the {field}? What is it?",
     "May I know the {field}?", "Tell me which {field} is on it.", "what's the {field}",
     "What's the {field}?", "Could you read out the {field}?", "Copy the {field} for me."),
    ("Which {field} stands there?", "What does the paper give as {field}?", "What have we got as {field}?"),
)  # fmt: skip
QUANTITY_OF = Phrasings(
    ("How many {x} are on it?", "What is the quantity of {x}?", "How many {x} were bought?",
     "What number of {x} is given?", "Quantity of {x}?",
     "How many pieces of {x}?"),
    ("How many {x} does it list?", "In what quantity is {x} given?"),
)  # fmt: skip
COSTING = Phrasings(
    ("What costs {x}?", "Which item costs {x}?", "What is sold for {x}?", "Which one is {x}?",
     "What would I get for {x}?", "Which line has the price {x}?"),
    ("For what is {x} charged?", "Which entry comes to {x}?"),
)  # fmt: skip
FIRST = Phrasings(
    ("What is the first item?", "Which item comes first?", "What is listed first?", "Name the first entry.",
     "What is at the top of the list?", "What comes first on the list?"),
    ("Which is the first one listed?", "With what does the list begin?"),
)  # fmt: skip
LAST = Phrasings(
    ("What is the last item?", "Which item comes last?", "What is listed last?", "Name the last entry.",
     "What is at the end of the list?"),
    ("Which is the last one listed?", "With what does the list end?"),
)  # fmt: skip
COUNT = Phrasings(
    ("How many items are there?", "How many items are listed?", "Count the items.", "How long is the list?",
     "How many entries does the list have?", "How many things are on it?"),
    ("What number of items is listed?", "How many lines does the list have?"),
)  # fmt: skip
WHEN_IS = Phrasings(
    ("When is {x}?", "At what time is {x}?", "When does {x} begin?", "What time is {x}?",
     "At which hour is {x}?"),
    ("For what time is {x} set?", "From when on is {x}?"),
)  # fmt: skip
WHAT_AT = Phrasings(
    ("What is at {x}?", "What begins at {x}?", "What happens at {x}?", "Which entry is at {x}?",
     "What is planned for {x}?"),
    ("What takes place at {x}?", "What is on at {x}?"),
)  # fmt: skip
WRITTEN_TO = Phrasings(
    ("Who is the letter to?", "To whom is it written?", "Who is addressed?", "Who is greeted?",
     "Who is it for?", "Who should read this letter?", "Whom does the letter address?"),
    ("To whom does one write here?", "For whom is the letter?"),
)  # fmt: skip
WRITTEN_BY = Phrasings(
    ("Who wrote it?", "Who signed it?", "Who is it from?", "Who is the sender?", "Whose name is at the end?",
     "Who is the writer?", "By whom is the letter?"),
    ("Which name stands at the end?", "Who sends this?"),
)  # fmt: skip
OWNER = Phrasings(
    ("Whose card is it?", "What is the name on the card?", "Who is it?", "Which name is on it?",
     "What is the person's name?"),
    ("To whom does the card belong?", "Which person's card is this?"),
)  # fmt: skip
FIRM = Phrasings(
    ("Which company is it from?", "Who issued it?", "What is the name of the company?", "Which firm is it?",
     "Which company is named at the top?", "What business is it from?"),
    ("Which firm stands at the top?", "Whose paper is this?"),
)  # fmt: skip
UNFIT_LABELS = (
    "bill to", "sold to", "issued", "due", "pay by", "payable by", "delivered on", "born", "leaves", "begins",
    "start", "departs", "arrives", "from", "to", "served by", "your server", "written by", "given",
    "tendered",
    "paid", "paid by", "expires", "invoice", "order", "id", "code", "item", "class", "state", "day",
    "valid until", "amount ordered",
)  # fmt: skip


def questions_about(rng: random.Random, split: str, paper: Paper, written) -> tuple[Question, ...]:
    """Questions whose answers were written, at most MOST; one in six about what was not."""

    def add(phrasings: Phrasings, answer: str, kind: str, **filled: str) -> None:
        questions.append(ask(rng, split, phrasings, answer, "B", kind, **filled))

    questions: list[Question] = []
    for entry in written.entries:
        about_entry(rng, add, entry, written.entries)
    about_items(rng, add, paper, written.items)
    for fact in written.facts:
        for phrasings, filled, answer, sort in fact.asked:
            add(phrasings, answer, sort, x=filled)
    about_people(add, paper, written.people)
    rng.shuffle(questions)
    del questions[MOST - 3 :]
    other_firm = any(entry.key in ("company", "supplier") for entry in written.entries)
    if written.title and paper.body != "business card":
        add(TITLE, written.title, "title")
    elif written.issuer and paper.body != "business card" and not other_firm and rng.random() < 0.6:
        add(FIRM, written.issuer[0], "company")
    if paper.kind != "notes" and rng.random() < 0.5:
        add(rng.choice((KIND, KIND, WHAT)), article(paper.kind), "document kind")
    if rng.random() < 0.3:
        absent(rng, split, add, written)
    if rng.random() < 0.15:
        questions.append(without_experts(rng, split, "B"))
    return tuple(questions)


def about_entry(rng: random.Random, add, entry: Entry, entries: list[Entry]) -> None:
    """One question about a field, in its own way where no other field could be meant."""
    field = FIELDS[entry.key]
    sorts = Counter(FIELDS[other.key].sort for other in entries)
    alone = sorts[field.sort] == 1 or field.sort == "money"
    if field.ways and alone and rng.random() < 0.4:
        add(field.ways, entry.value, field.sort)
        return
    name = rng.choice(field.called)
    label = entry.label.lower()
    if rng.random() < 0.3 and label not in UNFIT_LABELS and label.replace(" ", "").replace("-", "").isalpha():
        name = label
    add(rng.choice((FIELD, FIELD, MORE_FIELD)), entry.value, field.sort, field=name)


def about_items(rng: random.Random, add, paper: Paper, items: list[Item]) -> None:
    """Prices, quantities, hours, the first, the last, how many."""
    if not items:
        return
    prices = Counter(item.price for item in items)
    for item in items:
        name = item.name if rng.random() < 0.6 else item.name.lower()
        if paper.body == "hours":
            add(WHEN_IS, item.price, "time", x=name)
            if prices[item.price] == 1:
                add(WHAT_AT, item.name, "item", x=item.price)
            continue
        if item.price:
            add(PRICE_OF, item.price, "price", good=name)
            if prices[item.price] == 1 and rng.random() < 0.3:
                add(COSTING, item.name, "item", x=item.price)
        if item.quantity and rng.random() < 0.5:
            add(QUANTITY_OF, item.quantity, "count", x=name)
    if rng.random() < 0.4:
        first, last = (f"{item.name}" for item in (items[0], items[-1]))
        add(*rng.choice(((FIRST, first, "item"), (LAST, last, "item"))))
    if rng.random() < 0.25:
        add(COUNT, str(len(items)), "item count")


def about_people(add, paper: Paper, people: list[str]) -> None:
    """To and from whom a letter is; whose a business card is."""
    if not people:
        return
    first, second = people
    if paper.body == "business card":
        add(OWNER, first, "person")
        return
    if first:
        add(WRITTEN_TO, first, "person")
    if second:
        add(WRITTEN_BY, second, "person")


def absent(rng: random.Random, split: str, add, written) -> None:
    """A question about a field or an item that is not on the paper."""
    if written.items and written.items[0].price and rng.random() < 0.4:
        names = {item.name for item in written.items}
        other = Words(rng, split).word()
        if other.capitalize() not in names:
            add(PRICE_OF, ABSENT_ANSWER, "absent", good=other)
        return
    sorts = {FIELDS[entry.key].sort for entry in written.entries} | {"company", "street", "place", "phone"}
    sorts |= {sort for fact in written.facts for *_, sort in fact.asked} | (
        {"person"} if written.people else set()
    )
    if written.items:
        sorts |= {"money", "good", "time", "count", "small"}
    keys = [key for key, field in FIELDS.items() if field.sort not in sorts]
    add(FIELD, ABSENT_ANSWER, "absent", field=rng.choice(FIELDS[rng.choice(keys)].called))
