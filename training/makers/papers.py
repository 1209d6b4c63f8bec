"""What stands on a paper before it is laid out: kind, title, issuer, fields, items, sentences."""

import random
from dataclasses import dataclass, field, replace

from training.makers.fields import FIELDS, VALUES, Habits, amount
from training.makers.letters import Fact, some_facts
from training.makers.thing_words import FOODS, GOODS, SUBJECTS
from training.makers.words import Words


@dataclass(frozen=True)
class Entry:
    """A field as stated: its key in FIELDS, the words before it, the value."""

    key: str
    label: str
    value: str


@dataclass(frozen=True)
class Item:
    """A line of a list: what, how many ("" where not said), for how much ("" where not said)."""

    name: str
    quantity: str
    price: str


@dataclass(frozen=True)
class Paper:
    """Content of one paper; layouts leave out what finds no room and say what they wrote."""

    kind: str
    title: str
    body: str
    issuer: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    items: tuple[Item, ...] = ()
    totals: tuple[Entry, ...] = ()
    facts: tuple[Fact, ...] = ()
    sentences: tuple[str, ...] = ()
    people: tuple[str, ...] = field(default=())  # of a letter: to whom, from whom


# kind: titles, fields it may have (the first ones nearly always), body, what its items are
FORMS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str, tuple[str, ...]]] = {
    "invoice": (("Invoice", "Invoice", "Tax Invoice", "Sales Invoice"),
                ("invoice number", "date", "customer", "due", "address", "order number", "payment", "phone",
                 "account", "reference"), "items", GOODS),
    "receipt": (("Receipt", "Receipt", "Sales Receipt", "Thank you"),
                ("date", "time", "cashier", "payment", "reference", "table"), "items", FOODS),
    "bill": (("Bill", "Guest Bill", "Hotel Bill"), ("date", "table", "guest", "room", "time"), "items",
    FOODS),
    "quote": (("Quote", "Offer", "Quotation", "Estimate"),
              ("date", "customer", "expires", "reference", "contact", "delivery"), "items", GOODS),
    "delivery note": (("Delivery Note", "Packing List"),
                      ("order number", "delivery", "customer", "address", "weight", "contact"), "amounts",
                      GOODS),
    "order": (("Order", "Purchase Order", "Order Form"),
              ("order number", "date", "supplier", "customer", "delivery", "payment"), "items", GOODS),
    "menu": (("Menu", "Lunch Menu", "Our Menu", "Drinks", "Today", "Dinner"), (), "menu", FOODS),
    "price list": (("Price List", "Prices", "Our Prices"), (), "menu", GOODS),
    "shopping list": (("Shopping List", "To buy", "Groceries", "Shopping"), (), "list", FOODS),
    "to-do list": (("To do", "Tasks", "Today", "Checklist"), (), "list", ()),
    "programme": (("Programme", "Agenda", "Schedule", "Timetable", "Courses"), (), "hours", SUBJECTS),
    "ticket": (("Ticket", "Train Ticket", "Bus Ticket", "Rail Ticket"),
               ("from", "to", "date", "departs", "train", "platform", "seat", "price", "passenger",
                "booking"),
               "fields", ()),
    "boarding pass": (("Boarding Pass",),
                      ("passenger", "flight", "from", "to", "gate", "seat", "date", "departs", "booking"),
                      "fields", ()),
    "concert ticket": (("Admit One", "Concert Ticket", "Event Ticket", "Entry Ticket"),
                       ("subject", "venue", "date", "time", "seat", "price", "code"), "fields", ()),
    "form": (("Form", "Application", "Registration", "Registration Form", "Application Form",
        "Personal Data"),
             ("name", "birth", "address", "city", "country", "phone", "mail", "job", "age"), "fields", ()),
    "identity card": (("Identity Card", "ID Card", "Staff ID", "Identity Card"),
                      ("name", "card", "birth", "country", "expires", "city", "job", "department"), "card",
                      ()),
    "membership card": (("Membership Card", "Member Card", "Library Card", "Club Card"),
                        ("member", "card", "expires", "city", "phone"), "card", ()),
    "business card": (("",), ("job", "phone", "mail", "site", "address", "city"), "business card", ()),
    "booking": (("Booking", "Booking Confirmation", "Reservation", "Confirmation"),
                ("guest", "arrival", "leaving", "room", "guests", "booking", "total", "phone", "city"),
                "fields", ()),
    "report": (("Report", "Test Report", "Inspection Report", "Status Report", "Monthly Report"),
               ("project", "author", "date", "status", "department", "score", "pages", "reference"),
               "fields", ()),
    "certificate": (("Certificate", "Certificate of Attendance", "Diploma"),
                    ("name", "subject", "date", "grade", "teacher", "city"), "fields", ()),
    "payslip": (("Payslip", "Pay Slip", "Salary Statement"),
                ("employee", "department", "date", "salary", "tax", "account", "job"), "fields", ()),
    "label": (("Label", "Shipping Label", "Product Label", "Parcel"),
              ("product", "weight", "serial", "model", "price", "colour", "size", "company"), "fields", ()),
    "prescription": (("Prescription", "Medical Record", "Patient Record"),
                     ("patient", "birth", "doctor", "date", "phone", "reference"), "fields", ()),
    "pass": (("Visitor Pass", "Day Pass", "Parking Permit", "Pass"),
             ("name", "company", "date", "room", "code", "expires"), "fields", ()),
    "statement": (("Account Statement", "Statement", "Bank Statement"),
                  ("account", "date", "name", "total", "deposit", "rate"), "fields", ()),
    "contract": (("Contract", "Rental Contract", "Agreement"),
                 ("name", "company", "date", "duration", "price", "deposit", "address"), "fields", ()),
    "warranty card": (("Warranty", "Warranty Card", "Guarantee"),
                      ("product", "model", "serial", "date", "customer", "duration"), "fields", ()),
    "letter": (("",), (), "letter", ()),
    "memo": (("Memo", "Note", "Notice", "Announcement", "News"), ("date", "subject"), "letter", ()),
    "notes": (("",), ("name", "date", "city", "phone", "total", "code", "room", "price", "time", "company",
                      "product", "invoice number", "mail", "country"), "fields", ()),
}  # fmt: skip
RARE = {"notes": 3, "invoice": 3, "receipt": 3, "letter": 2, "form": 2, "menu": 2}  # more often than others


def compose(words: Words) -> Paper:
    """One paper of any kind."""
    rng = words.rng
    kinds = list(FORMS)
    kind = rng.choices(kinds, [RARE.get(name, 1) for name in kinds])[0]
    titles, fields, body, goods = FORMS[kind]
    habits = Habits.choose(words)
    paper = Paper(kind, title_of(words, rng.choice(titles)), body, issuer=issuer_of(habits))
    paper = replace(paper, entries=tuple(state(habits, fields)))
    if body in ("items", "menu", "amounts", "list", "hours"):
        paper = add_items(habits, paper, goods)
    if body == "letter":
        facts = tuple(some_facts(habits, rng.choice((1, 2, 2, 3))))
        sentences = tuple(words.sentence(rng.randrange(4, 13)) for _ in range(rng.randrange(0, 4)))
        paper = replace(paper, facts=facts, sentences=sentences, people=(words.person(), words.person()))
    if body == "business card":
        paper = replace(paper, people=(f"{words.first()} {words.last()}",))
    return paper


def title_of(words: Words, title: str) -> str:
    """The title as printed: now and then in capitals, or with the name of something."""
    rng = words.rng
    if title and rng.random() < 0.12:
        title = f"{title} {words.word().capitalize()}"
    return title.upper() if rng.random() < 0.3 else title


def issuer_of(habits: Habits) -> tuple[str, ...]:
    """Firm, street, town, telephone: the first so many of them."""
    lines = (habits.words.company(), *(VALUES[sort](habits) for sort in ("street", "place", "phone")))
    return lines[: habits.rng.choice((0, 1, 1, 2, 3, 4))]


def state(habits: Habits, keys: tuple[str, ...]) -> list[Entry]:
    """Some of the fields with values, in the order given or, now and then, in any."""
    rng = habits.rng
    kept = [key for k, key in enumerate(keys) if rng.random() < (0.85 if k < 4 else 0.55)]
    if rng.random() < 0.2:
        rng.shuffle(kept)
    return [entry(habits, key) for key in kept]


def entry(habits: Habits, key: str, value: str = "") -> Entry:
    """A field with a value of its sort, unless one is given."""
    stated = FIELDS[key]
    label = habits.rng.choice(stated.labels)
    return Entry(key, label, value or VALUES[stated.sort](habits))


def add_items(habits: Habits, paper: Paper, goods: tuple[str, ...]) -> Paper:
    """The paper with its list, and where there are prices with what they come to."""
    rng, words = habits.rng, habits.words
    count = rng.randrange(2, 8)
    names = list(dict.fromkeys(words.thing(goods) if goods else task(words) for _ in range(count)))
    if paper.body == "list":
        quantities = rng.random() < 0.3
        items = [Item(name, str(rng.randrange(1, 12)) if quantities else "", "") for name in names]
        return replace(paper, items=tuple(items))
    if paper.body == "hours":
        start = rng.randrange(7, 15)
        hours = [f"{start + k:02}:{rng.choice(('00', '15', '30', '45'))}" for k in range(len(names))]
        return replace(paper, items=tuple(Item(n, "", h) for n, h in zip(names, hours, strict=True)))
    counted = paper.body == "amounts" or (paper.body == "items" and rng.random() < 0.6)
    top = 60 if goods is FOODS else 400
    rows = [(name, rng.choice((1, 1, 2, 3, 4, 5, 10, 12)), amount(habits, 1, top)) for name in names]
    items = tuple(
        Item(name, str(number) if counted else "",
             "" if paper.body == "amounts" else habits.money.write(price * (number if counted else 1)))
        for name, number, price in rows
    )  # fmt: skip
    if paper.body != "items":
        return replace(paper, items=items)
    total = sum(price * (number if counted else 1) for _, number, price in rows)
    return replace(paper, items=items, totals=tuple(totals_of(habits, total, paper.kind)))


def totals_of(habits: Habits, total: float, kind: str) -> list[Entry]:
    """What stands below the items."""
    rng, write = habits.rng, habits.money.write
    if rng.random() < 0.5:
        return [entry(habits, "total", write(total))]
    tax = round(total * rng.choice((0.05, 0.07, 0.1, 0.19, 0.2, 0.25)), habits.money.decimals)
    lines = [entry(habits, "subtotal", write(total)), entry(habits, "tax", write(tax))]
    lines.append(entry(habits, "total", write(total + tax)))
    if kind == "receipt" and rng.random() < 0.4:
        given = 10 * -(-(total + tax) // 10)
        lines += [entry(habits, "cash", write(given)), entry(habits, "change", write(given - total - tax))]
    return lines


def task(words: Words) -> str:
    """Something to do."""
    verb = words.rng.choice(("Call", "Write to", "Meet", "Visit", "Ask", "Pay", "Help", "Thank"))
    if words.rng.random() < 0.5:
        return f"{verb} {words.first()}"
    verb = words.rng.choice(("Buy", "Clean", "Repair", "Bring", "Sell", "Order", "Fetch", "Wash", "Pack"))
    return f"{verb} {words.rng.choice(('', 'the ', 'a '))}{words.thing(GOODS).lower()}"


def random_paper(rng: random.Random, split: str) -> tuple[Words, Paper]:
    """A paper with the source of its words."""
    words = Words(rng, split)
    return words, compose(words)
