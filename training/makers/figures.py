"""Numbers as people print them: money, dates, times, codes, telephone numbers."""

import random
import string
from dataclasses import dataclass
from datetime import date, timedelta

from training.makers.words import MAIL_HOSTS, Words

CURRENCIES = ("$", "$", "$", "USD", "EUR", "EUR", "GBP", "CHF", "")
DATE_FORMS = (
    "{y}-{m:02}-{d:02}", "{d:02}.{m:02}.{y}", "{d}.{m}.{y}", "{mon} {d}, {y}", "{d} {month} {y}",
    "{month} {d}, {y}", "{d} {mon} {y}", "{m:02}/{d:02}/{y}", "{m}/{d}/{s:02}", "{d:02}/{m:02}/{y}",
    "{d} {month}", "{mon} {d}", "{week}, {d} {month}", "{d:02}-{m:02}-{y}",
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CODE_STEMS = ("INV", "ORD", "NO", "REF", "SN", "ID", "PO", "RE", "TK", "CL", "AB", "K", "X")


@dataclass(frozen=True)
class Money:
    """How one paper writes amounts: currency, before or behind, decimals, thousands mark."""

    currency: str
    behind: bool
    decimals: int
    point: str
    thousands: str

    @classmethod
    def choose(cls, rng: random.Random) -> "Money":
        """A way that is in use somewhere; a decimal comma is rare."""
        currency = rng.choice(CURRENCIES)
        comma = rng.random() < 0.08
        return cls(
            currency,
            len(currency) > 1 and rng.random() < 0.6,
            rng.choice((2, 2, 2, 2, 0)),
            "," if comma else ".",
            "." if comma else rng.choice((",", ",", "")),
        )

    def write(self, amount: float) -> str:
        """The amount as printed."""
        plain = f"{amount:,.{self.decimals}f}"
        plain = plain.translate({ord(","): self.thousands, ord("."): self.point})
        if not self.currency:
            return plain
        gap = " " if len(self.currency) > 1 else ""
        return f"{plain} {self.currency}" if self.behind else f"{self.currency}{gap}{plain}"


def write_date(day: date, form: str) -> str:
    """A day in one of DATE_FORMS."""
    month = MONTHS[day.month - 1]
    return form.format(y=day.year, s=day.year % 100, m=day.month, d=day.day, month=month, mon=month[:3],
                       week=WEEK[day.weekday()])  # fmt: skip


def some_day(rng: random.Random) -> date:
    """A day between 1995 and 2035."""
    return date(1995, 1, 1) + timedelta(days=rng.randrange(40 * 365))


def some_date(rng: random.Random) -> str:
    """Any day in any form."""
    return write_date(some_day(rng), rng.choice(DATE_FORMS))


def clock(rng: random.Random) -> str:
    """A time of day."""
    hour, minute = rng.randrange(24), rng.choice((0, 15, 30, 45, rng.randrange(60)))
    shape = rng.random()
    if shape < 0.6:
        return f"{hour:02}:{minute:02}"
    half = f"{(hour - 1) % 12 + 1}:{minute:02}"
    return (
        f"{half} {'am' if hour < 12 else 'pm'}" if shape < 0.85 else f"{half} {'AM' if hour < 12 else 'PM'}"
    )


def digits(rng: random.Random, count: int) -> str:
    """A number of so many digits that does not begin with 0."""
    return str(rng.randrange(10 ** (count - 1), 10**count))


def phone(rng: random.Random) -> str:
    """A telephone number that belongs to nobody in particular."""
    shape = rng.random()
    if shape < 0.3:
        return f"+{rng.randrange(1, 99)} {digits(rng, 3)} {digits(rng, rng.choice((4, 6, 7)))}"
    if shape < 0.6:
        return f"{digits(rng, 3)}-{digits(rng, 4)}"
    if shape < 0.8:
        return f"({digits(rng, 3)}) 555-{digits(rng, 4)}"
    return f"0{digits(rng, 3)} {digits(rng, rng.choice((3, 5, 6)))}"


def code(rng: random.Random) -> str:
    """A number of a paper or a thing: INV-2024-0031, A7K2, 48-1190 and the like."""
    shape = rng.random()
    if shape < 0.25:
        return f"{rng.choice(CODE_STEMS)}-{rng.randrange(2015, 2031)}-{rng.randrange(10000):04}"
    if shape < 0.45:
        return f"{rng.choice(CODE_STEMS)}{rng.choice(('-', '', ' ', '/'))}{digits(rng, rng.randrange(3, 7))}"
    if shape < 0.6:
        return f"{digits(rng, rng.randrange(2, 5))}{rng.choice('-/.')}{digits(rng, rng.randrange(2, 5))}"
    if shape < 0.8:
        return digits(rng, rng.randrange(4, 9))
    symbols = string.ascii_uppercase + string.digits
    return "".join(rng.choices(symbols, k=rng.randrange(4, 9)))


def mail(words: Words) -> str:
    """An e-mail address at a host that does not exist."""
    name = words.first().lower()
    if words.rng.random() < 0.5:
        name += words.rng.choice((".", "_", "")) + words.last().lower()
    return f"{name}@{words.rng.choice(MAIL_HOSTS)}"


def site(words: Words) -> str:
    """A web address that does not exist."""
    stem = words.last().lower()
    return f"{words.rng.choice(('www.', '', ''))}{stem}.{words.rng.choice(('example', 'test'))}"


def quantity(rng: random.Random) -> str:
    """A measure with its unit."""
    unit = rng.choice(("kg", "g", "cm", "m", "km", "l", "ml", "mm", "t"))
    amount = rng.choice((f"{rng.randrange(1, 500)}", f"{rng.uniform(0.1, 99):.1f}"))
    return f"{amount} {unit}"


def percent(rng: random.Random) -> str:
    """A share."""
    return rng.choice(
        (f"{rng.randrange(1, 100)}%", f"{rng.uniform(0, 100):.1f}%", f"{rng.randrange(1, 100)} %")
    )
