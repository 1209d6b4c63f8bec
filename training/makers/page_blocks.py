"""Parts of web pages as HTML, with what they state: papers, articles, tables, products, tiles, messages."""

from dataclasses import dataclass, field
from html import escape

from training.makers import figures
from training.makers.fields import Habits, amount
from training.makers.letters import some_facts
from training.makers.papers import Entry, Item, entry
from training.makers.people_words import JOBS
from training.makers.thing_words import FOODS, GOODS, MEASURES, SUBJECTS
from training.pictures.asking import Phrasings


@dataclass
class Stated:
    """What a page says: as a paper does, and (phrasings, answer, kind, what fills them) besides."""

    title: str = ""
    kind: str = "page"
    body: str = "items"
    issuer: list = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    facts: list = field(default_factory=list)
    people: list = field(default_factory=list)
    others: list[tuple[Phrasings, str, str, dict]] = field(default_factory=list)


CELL = Phrasings(
    ("What is the {c} of {x}?", "What {c} does {x} have?", "Look up the {c} of {x}.", "{c} of {x}?",
     "Which {c} is given for {x}?", "In the table, what is the {c} of {x}?", "Tell me the {c} for {x}."),
    ("For {x}, what is the {c}?", "What does the table give as {c} of {x}?"),
)  # fmt: skip
ROW = Phrasings(
    ("Who has {v} as {c}?", "Which row has the {c} {v}?", "For whom or what is the {c} {v}?",
     "Where is the {c} {v}?"),
    ("Which entry shows {v} under {c}?",),
)  # fmt: skip
ROWS = Phrasings(
    ("How many rows has the table?", "How many rows are there?", "Count the rows.",
     "How many entries has the table?"),
    ("What is the number of rows?",),
)  # fmt: skip
TILE = Phrasings(
    ("What is the number for {x}?", "What does {x} show?", "How much is {x}?", "What is the value of {x}?",
     "{x}?", "What stands under {x}?", "Read the figure for {x}."),
    ("Which number is given for {x}?", "How high is {x}?"),
)  # fmt: skip
PRICE = Phrasings(
    ("How much does it cost?", "What is the price?", "What does the product cost?", "How expensive is it?",
     "Which price is shown?"),
    ("What would I pay?", "At what price is it sold?"),
)  # fmt: skip
PRODUCT = Phrasings(
    ("What is the product?", "What is for sale?", "Which product is shown?", "What can I buy here?",
     "What is the name of the product?"),
    ("What is being sold?", "Which article is on the page?"),
)  # fmt: skip
BUTTON = Phrasings(
    ("What does the button say?", "Which button is there?", "What is written on the button?",
     "Read the button.", "What can I click?"),
    ("Which word is on the button?", "What is the button called?"),
)  # fmt: skip
BYLINE = Phrasings(
    ("Who wrote the article?", "Who is the author?", "By whom is it?", "Who wrote this?"),
    ("Which author is named?",),
)  # fmt: skip
PUBLISHED = Phrasings(
    ("When was it published?", "What is the date of the article?", "On which day was it written?",
     "What date does it have?"),
    ("When did it appear?",),
)  # fmt: skip
SENDER = Phrasings(
    ("Who sent the message?", "Who is it from?", "From whom is the e-mail?", "Who is the sender?"),
    ("Who wrote this message?",),
)  # fmt: skip
RECEIVER = Phrasings(
    ("Who gets the message?", "To whom is the e-mail?", "Who is it to?", "Who is the receiver?"),
    ("To whom was it sent?",),
)  # fmt: skip
SUBJECT = Phrasings(
    ("What is the subject?", "What is the e-mail about?", "Read the subject line.",
     "Which subject does it have?"),
    ("What does the subject line say?",),
)  # fmt: skip


def tag(name: str, text: str, role: str, style: str = "") -> str:
    """An element with escaped text in it."""
    return (
        f'<{name} data-role="{role}" class="{role.replace(" ", "-")}" style="{style}">{escape(text)}</{name}>'
    )


def article(habits: Habits, stated: Stated) -> str:
    """A headline, a byline and paragraphs with some facts."""
    words, rng = habits.words, habits.rng
    stated.kind = "article"
    stated.title = words.title(rng.randrange(2, 6))
    parts = [tag("h1", stated.title, "title")]
    writer, day = words.person(), figures.write_date(figures.some_day(rng), habits.date_form)
    if rng.random() < 0.7:
        parts.append(
            f"<p class=meta>{tag('span', f'By {writer}', 'note')} &nbsp; {tag('span', day, 'note')}</p>"
        )
        stated.others += [(BYLINE, writer, "person", {}), (PUBLISHED, day, "date", {})]
    stated.facts = some_facts(habits, rng.choice((1, 2, 2)))
    sentences = [fact.text for fact in stated.facts]
    sentences += [words.sentence(rng.randrange(5, 12)) for _ in range(rng.randrange(1, 5))]
    rng.shuffle(sentences)
    cut = rng.randrange(1, len(sentences) + 1)
    for block in (sentences[:cut], sentences[cut:]):
        if block:
            parts.append(tag("p", " ".join(block), "paragraph"))
            if rng.random() < 0.2 and block is not sentences[cut:]:
                parts.append(tag("h2", words.title(2), "heading"))
    return "".join(parts)


def table(habits: Habits, stated: Stated) -> str:
    """A table of people, wares, towns or things that are invented, with one to three columns of facts."""
    words, rng = habits.words, habits.rng
    stated.kind = "table"
    columns = rng.sample(list(COLUMNS), rng.choice((1, 2, 2, 3)))
    subject, make = rng.choice((("Name", words.first), ("City", words.city), ("Product",
        lambda: words.thing(GOODS)),
                                ("Country", words.country), ("Team", words.last), ("Model",
                                 lambda: figures.code(rng)),
                                ("Dish", lambda: words.thing(FOODS)), ("Course",
                                 lambda: words.thing(SUBJECTS))))  # fmt: skip
    columns = [column for column in columns if column != subject]
    names = list(dict.fromkeys(make() for _ in range(rng.randrange(2, 9))))
    parts = []
    if rng.random() < 0.7:
        stated.title = rng.choice(
            (words.title(2), PLURALS.get(subject, f"{subject}s"), f"{words.city()} {rng.choice(MEASURES)}")
        )
        parts.append(tag("h1", stated.title, "title"))
    head = "".join(tag("th", text, "heading") for text in (subject, *columns))
    rows = []
    for name in names:
        cells = [COLUMNS[column](habits) for column in columns]
        row = [tag("td", name, "item")] + [tag("td", cell, "field value") for cell in cells]
        rows.append(f"<tr>{''.join(row)}</tr>")
        for column, cell in zip(columns, cells, strict=True):
            stated.others.append((CELL, cell, "cell", {"c": column.lower(), "x": name}))
    if rng.random() < 0.3:
        stated.others.append((ROWS, str(len(names)), "item count", {}))
    return "".join(parts) + f"<table class=grid><tr>{head}</tr>{''.join(rows)}</table>"


PLURALS = {"City": "Cities", "Country": "Countries", "Dish": "Dishes"}
COLUMNS = {
    "Price": lambda h: h.money.write(amount(h)),
    "Date": lambda h: figures.write_date(figures.some_day(h.rng), h.date_form),
    "Age": lambda h: str(h.rng.randrange(1, 99)),
    "City": lambda h: h.words.city(),
    "Score": lambda h: str(h.rng.randrange(1, 1000)),
    "Phone": lambda h: figures.phone(h.rng),
    "Share": lambda h: figures.percent(h.rng),
    "Weight": lambda h: figures.quantity(h.rng),
    "Code": lambda h: figures.code(h.rng),
    "Job": lambda h: h.words.pick(JOBS),
    "Time": lambda h: figures.clock(h.rng),
    "Rank": lambda h: str(h.rng.randrange(1, 60)),
    "Owner": lambda h: h.words.person(),
    "Status": lambda h: h.rng.choice(("Open", "Closed", "Paid", "Late", "New", "Sold", "Done")),
    "Stock": lambda h: str(h.rng.randrange(0, 2000)),
}


def product(habits: Habits, stated: Stated) -> str:
    """A product with its price, a button and some fields."""
    words, rng = habits.words, habits.rng
    stated.kind = "product page"
    stated.title = words.thing(rng.choice((GOODS, FOODS)))
    price = habits.money.write(amount(habits, 1, 2000))
    button = rng.choice(("Add to Cart", "Buy Now", "Add to Basket", "Order", "Reserve", "Buy"))
    hue = rng.randrange(360)
    picture = f'<div class=photo style="background:hsl({hue} 40% {rng.randrange(50, 85)}%)"></div>'
    parts = [tag("h1", stated.title, "title"), tag("div", price, "price", "font-weight:700")]
    stated.others += [
        (PRICE, price, "money", {}),
        (PRODUCT, stated.title, "good", {}),
        (BUTTON, button, "button", {}),
    ]
    if rng.random() < 0.5:
        parts.insert(rng.randrange(1, 3), tag("p", words.sentence(rng.randrange(4, 10)), "paragraph"))
    for key in rng.sample(
        ("weight", "colour", "model", "size", "delivery", "supplier"), rng.choice((0, 1, 2, 3))
    ):
        stated.entries.append(entry(habits, key))
    parts += [field_row(habits, stated_entry) for stated_entry in stated.entries]
    parts.append(tag("button", button, "button"))
    picture = picture if rng.random() < 0.7 else ""
    return f"<div class=product>{picture}<div>{''.join(parts)}</div></div>"


def field_row(habits: Habits, stated: Entry, style: str = "line") -> str:
    """A field: its name beside or above its value."""
    colon = ":" if style == "line" else ""
    name, value = tag("span", stated.label + colon, "field name"), tag("span", stated.value, "field value")
    return f'<div class="field {style}">{name} {value}</div>'


def tiles(habits: Habits, stated: Stated) -> str:
    """A dashboard: numbers, each with what it counts."""
    words, rng = habits.words, habits.rng
    stated.kind = "dashboard"
    names = words.sample(MEASURES, rng.randrange(2, 7))
    rng.shuffle(names)
    boxes = []
    for name in names:
        value = rng.choice((f"{rng.randrange(1, 100000):,}", figures.percent(rng),
            habits.money.write(amount(habits)),
                            str(rng.randrange(1, 1000)), f"{rng.uniform(0, 99):.1f}"))  # fmt: skip
        number, label = tag("div", value, "value"), tag("div", name, "field name")
        boxes.append(f"<div class=tile>{number}{label}</div>" if rng.random() < 0.5 else
                     f"<div class=tile>{label}{number}</div>")  # fmt: skip
        stated.others.append((TILE, value, "tile", {"x": name}))
    head = ""
    if rng.random() < 0.8:
        stated.title = rng.choice(
            ("Dashboard", "Overview", f"{words.last()} Report", words.title(2), "Statistics")
        )
        head = tag("h1", stated.title, "title")
    return f"{head}<div class=tiles>{''.join(boxes)}</div>"


def message(habits: Habits, stated: Stated) -> str:
    """An e-mail with its head."""
    words, rng = habits.words, habits.rng
    stated.kind = "e-mail"
    sender = rng.choice((words.person(), figures.mail(words)))
    receiver = rng.choice((words.person(), figures.mail(words)))
    stated.title = words.title(rng.randrange(1, 5))
    day = figures.write_date(figures.some_day(rng), habits.date_form)
    head = [Entry("sender", "From", sender), Entry("receiver", "To", receiver), Entry("date", "Date", day),
            Entry("topic", "Subject", stated.title)]  # fmt: skip
    stated.others += [(SENDER, sender, "person", {}), (RECEIVER, receiver, "person", {}),
                      (SUBJECT, stated.title, "title", {}), (PUBLISHED, day, "date", {})]  # fmt: skip
    stated.facts = some_facts(habits, 1) if rng.random() < 0.7 else []
    stated.facts = [fact for fact in stated.facts if all(sort != "date" for *_, sort in fact.asked)]
    text = [fact.text for fact in stated.facts] + [
        words.sentence(rng.randrange(4, 10)) for _ in range(rng.randrange(1, 4))
    ]
    body = tag("p", f"Dear {words.first()},", "paragraph") + tag("p", " ".join(text), "paragraph")
    rows = "".join(field_row(habits, line) for line in head if rng.random() < 0.95)
    return f"<div class=head>{rows}</div>{body}"


BLOCKS = {"article": article, "table": table, "product": product, "tiles": tiles, "message": message}
