"""What papers state: each field with the words before it, what a question calls it, and its value."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from training.makers import figures, people_words
from training.makers.figures import Money
from training.makers.thing_words import GOODS, SUBJECTS
from training.makers.words import Words
from training.pictures.asking import Phrasings


@dataclass(frozen=True)
class Habits:
    """What one paper keeps the same: its words, how it writes amounts and dates."""

    words: Words
    money: Money
    date_form: str

    @classmethod
    def choose(cls, words: Words) -> "Habits":
        """Habits of one paper."""
        return cls(words, Money.choose(words.rng), words.rng.choice(figures.DATE_FORMS))

    @property
    def rng(self) -> random.Random:
        return self.words.rng


@dataclass(frozen=True)
class Field:
    """The words a field may be labelled with, its names in a question, what sort of value it has."""

    labels: tuple[str, ...]
    called: tuple[str, ...]
    sort: str
    ways: Phrasings | None = None


def amount(habits: Habits, low: float = 1, high: float = 3000) -> float:
    """An amount; small ones are as likely as large ones."""
    return round(low * (high / low) ** habits.rng.random(), habits.money.decimals)


VALUES: dict[str, Callable[[Habits], str]] = {
    "person": lambda h: h.words.person(),
    "company": lambda h: h.words.company(),
    "city": lambda h: h.words.city(),
    "country": lambda h: h.words.country(),
    "street": lambda h: h.words.street(),
    "place": lambda h: h.words.place(),
    "date": lambda h: figures.write_date(figures.some_day(h.rng), h.date_form),
    "time": lambda h: figures.clock(h.rng),
    "money": lambda h: h.money.write(amount(h)),
    "code": lambda h: figures.code(h.rng),
    "count": lambda h: str(h.rng.choice((h.rng.randrange(1, 10), h.rng.randrange(1, 100),
                                          h.rng.randrange(100, 5000)))),
    "small": lambda h: str(h.rng.randrange(1, 60)),
    "phone": lambda h: figures.phone(h.rng),
    "mail": lambda h: figures.mail(h.words),
    "site": lambda h: figures.site(h.words),
    "percent": lambda h: figures.percent(h.rng),
    "quantity": lambda h: figures.quantity(h.rng),
    "job": lambda h: h.words.pick(people_words.JOBS),
    "subject": lambda h: h.words.thing(SUBJECTS),
    "good": lambda h: h.words.thing(GOODS),
    "word": lambda h: h.words.word().capitalize(),
    "words": lambda h: h.words.title(2),
    "seat": lambda h: f"{h.rng.randrange(1, 60)}{h.rng.choice('ABCDEFGH')}",
    "state": lambda h: h.rng.choice(("Paid", "Open", "New", "Draft", "Sent", "Done", "Approved", "Closed",
                                     "Active", "Pending", "Cancelled", "Confirmed")),
    "payment": lambda h: h.rng.choice(("Cash", "Card", "Visa", "Mastercard", "Bank transfer", "Invoice",
                                       "PayPal", "Cheque")),
    "grade": lambda h: h.rng.choice(("A", "A+", "B", "B-", "C", "1", "2", "3", "passed", "very good",
        "good")),
    "period": lambda h: f"{h.rng.randrange(2, 60)} {h.rng.choice(PERIODS)}",
}  # fmt: skip
PERIODS = ("days", "weeks", "months", "minutes", "hours")

WHO_FOR = Phrasings(
    ("Who is it for?", "Whose name is on it?", "Which person is named?", "Who is named here?",
     "Who would get this?", "Who is it made out to?", "Who is the person on it?", "Whose is it?"),
    ("To whom does it belong?", "Who is mentioned?"),
)  # fmt: skip
WHEN = Phrasings(
    ("When is it?", "What day is it?", "On which day is it?", "On what date is it?", "When was it written?",
     "Which day would that be?", "What is the date on it?", "What date does it carry?"),
    ("Which day is given?", "How is it dated?"),
)  # fmt: skip
SUM = Phrasings(
    ("How much is it in total?", "How much must be paid?", "What is the sum?", "What do I owe?",
     "How much would it be in all?", "How much does it come to?", "What is the final amount?",
     "How much do I have to pay?"),
    ("What does it all cost?", "What is to be paid?"),
)  # fmt: skip
CLOCK = Phrasings(
    ("At what time?", "What time is it at?", "When does it start?", "At what hour is it?",
     "What time is given?"),
    ("Which time is printed?", "From what time on?"),
)  # fmt: skip
FROM = Phrasings(
    ("Where does the trip start?", "Where does it leave from?", "Where is it from?",
     "Where would I leave from?"),
    ("What is the starting place?", "Where does one get on?"),
)  # fmt: skip
TO = Phrasings(
    ("Where does the trip end?", "Where does it go to?", "Where is it going?", "Where would I be going?"),
    ("What is the destination?", "Where does one get off?"),
)  # fmt: skip
CALL = Phrasings(
    ("Which number can I call?", "How can I reach them by phone?", "What number should I ring?",
     "What is their phone number?"),
    ("Which number is there to call?",),
)  # fmt: skip
PAYMENT = Phrasings(
    ("How was it paid?", "How is it paid?", "What was it paid with?", "Was it cash or card?"),
    ("In which way was it paid?",),
)  # fmt: skip
SEAT = Phrasings(("Where do I sit?", "Which seat is it?", "Which seat do I have?"), ("What seat is booked?",))
JOB = Phrasings(
    ("What does this person do?", "What is the job?", "What does this person work as?"),
    ("Which profession is given?",),
)  # fmt: skip
MAIL = Phrasings(
    ("Where can I write an e-mail to?", "What is the e-mail address?"), ("Which e-mail is given?",)
)

FIELDS = {
    "name": Field(("Name", "Full name", "Name"), ("name",), "person", WHO_FOR),
    "customer": Field(("Customer", "Client", "Bill to", "Sold to", "Buyer"), ("customer",), "person",
    WHO_FOR),
    "guest": Field(("Guest", "Guest name"), ("guest",), "person", WHO_FOR),
    "passenger": Field(("Passenger", "Traveller"), ("passenger",), "person", WHO_FOR),
    "patient": Field(("Patient", "Patient name"), ("patient",), "person", WHO_FOR),
    "student": Field(("Student", "Pupil"), ("student",), "person", WHO_FOR),
    "member": Field(("Member", "Card holder", "Holder"), ("member",), "person", WHO_FOR),
    "employee": Field(("Employee", "Staff member"), ("employee",), "person", WHO_FOR),
    "doctor": Field(("Doctor", "Physician"), ("doctor",), "person"),
    "teacher": Field(("Teacher", "Trainer", "Instructor"), ("teacher",), "person"),
    "contact": Field(("Contact", "Contact person"), ("contact",), "person"),
    "cashier": Field(("Cashier", "Served by", "Your server"), ("cashier",), "person"),
    "author": Field(("Author", "Written by"), ("author",), "person"),
    "company": Field(("Company", "Firm"), ("company",), "company"),
    "supplier": Field(("Supplier", "Vendor", "Seller"), ("supplier",), "company"),
    "city": Field(("City", "Town"), ("city",), "city"),
    "address": Field(("Address", "Street"), ("address",), "street"),
    "country": Field(("Country", "Nationality"), ("country",), "country"),
    "venue": Field(("Place", "Venue", "Location"), ("place", "location"), "city"),
    "from": Field(("From", "Departure"), ("starting place",), "city", FROM),
    "to": Field(("To", "Destination", "Arrival"), ("destination",), "city", TO),
    "date": Field(("Date", "Date", "Day", "Issued", "Date of issue"), ("date",), "date", WHEN),
    "due": Field(("Due date", "Due", "Pay by", "Payable by"), ("due date",), "date"),
    "delivery": Field(("Delivery date", "Delivered on", "Ship date"), ("delivery date",), "date"),
    "expires": Field(("Valid until", "Expires", "Expiry date"), ("expiry date",), "date"),
    "birth": Field(("Date of birth", "Born", "Birth date", "DOB"), ("date of birth",), "date"),
    "arrival": Field(("Check-in", "Arrival date"), ("arrival date",), "date"),
    "leaving": Field(("Check-out", "Departure date"), ("departure date",), "date"),
    "time": Field(("Time", "Start", "Begins"), ("time",), "time", CLOCK),
    "departs": Field(("Departs", "Dep.", "Leaves"), ("departure time",), "time"),
    "arrives": Field(("Arrives", "Arr."), ("arrival time",), "time"),
    "invoice number": Field(
        ("Invoice number", "Invoice No", "Invoice no.", "Invoice #", "Invoice"), ("invoice number",), "code"),
    "order number": Field(("Order number", "Order No", "Order no.", "Order", "Order ID"), ("order number",),
    "code"),
    "customer number": Field(("Customer No", "Customer number", "Customer ID"), ("customer number",), "code"),
    "booking": Field(("Booking", "Booking code", "Reservation", "Booking no."), ("booking code",), "code"),
    "reference": Field(("Reference", "Ref", "Ref.", "Your reference"), ("reference",), "code"),
    "serial": Field(("Serial number", "Serial No", "S/N"), ("serial number",), "code"),
    "card": Field(("Card No", "Card number", "Member No", "ID", "ID number"), ("card number",), "code"),
    "account": Field(("Account", "Account number", "Account No"), ("account number",), "code"),
    "code": Field(("Code", "PIN", "Access code"), ("code",), "code"),
    "flight": Field(("Flight", "Flight no."), ("flight number",), "code"),
    "train": Field(("Train", "Train no."), ("train number",), "code"),
    "model": Field(("Model", "Type"), ("model",), "code"),
    "phone": Field(("Phone", "Tel", "Tel.", "Telephone", "Mobile"), ("phone number",), "phone", CALL),
    "mail": Field(("Email", "E-mail", "Mail"), ("e-mail address",), "mail", MAIL),
    "site": Field(("Web", "Website", "Site"), ("website",), "site"),
    "room": Field(("Room", "Room No"), ("room",), "count"),
    "gate": Field(("Gate",), ("gate",), "small"),
    "platform": Field(("Platform", "Track"), ("platform",), "small"),
    "seat": Field(("Seat",), ("seat",), "seat", SEAT),
    "table": Field(("Table", "Table no."), ("table",), "small"),
    "pages": Field(("Pages",), ("number of pages",), "count"),
    "age": Field(("Age",), ("age",), "small"),
    "guests": Field(("Guests", "Persons", "Adults"), ("number of guests",), "small"),
    "quantity": Field(("Quantity", "Qty", "Amount ordered"), ("quantity",), "count"),
    "weight": Field(("Weight", "Net weight", "Gross weight"), ("weight",), "quantity"),
    "size": Field(("Size", "Length", "Width"), ("size",), "quantity"),
    "product": Field(("Product", "Item", "Article", "Description"), ("product",), "good"),
    "colour": Field(("Colour", "Color"), ("colour",), "word"),
    "subject": Field(("Subject", "Course", "Class", "Topic"), ("subject",), "subject"),
    "job": Field(("Job", "Position", "Job title", "Role"), ("job",), "job", JOB),
    "department": Field(("Department", "Team", "Division"), ("department",), "word"),
    "project": Field(("Project", "Project name"), ("project",), "words"),
    "grade": Field(("Grade", "Mark", "Result"), ("grade",), "grade"),
    "score": Field(("Score", "Points"), ("score",), "count"),
    "status": Field(("Status", "State"), ("status",), "state"),
    "payment": Field(("Payment", "Paid by", "Method"), ("payment method",), "payment", PAYMENT),
    "duration": Field(("Duration", "Period", "Notice"), ("duration",), "period"),
    "discount": Field(("Discount", "Rebate"), ("discount",), "percent"),
    "rate": Field(("Rate", "Interest", "Tax rate"), ("rate",), "percent"),
    "subtotal": Field(("Subtotal", "Net", "Net amount"), ("subtotal",), "money"),
    "tax": Field(("Tax", "VAT", "Sales tax"), ("tax",), "money"),
    "total": Field(("Total", "Total", "Amount due", "TOTAL", "Grand total", "Sum", "Balance due"),
                   ("total", "total amount"), "money", SUM),
    "price": Field(("Price", "Fare", "Cost", "Fee"), ("price",), "money"),
    "deposit": Field(("Deposit", "Paid", "Advance"), ("deposit",), "money"),
    "salary": Field(("Salary", "Gross pay", "Wage"), ("salary",), "money"),
    "cash": Field(("Cash", "Given", "Tendered"), ("cash given",), "money"),
    "change": Field(("Change", "Change due"), ("change",), "money"),
}  # fmt: skip
