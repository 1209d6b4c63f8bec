"""Signs, plates, labels, banners and buttons drawn by Pillow: one to four words."""

import random
from dataclasses import dataclass, replace

from PIL import Image, ImageFilter

from training.makers import figures
from training.makers.fields import Habits, amount
from training.makers.fonts import choose_family, size_for_cap
from training.makers.people_words import JOBS, STREET_TYPES
from training.makers.records import Picture
from training.makers.sign_questions import questions_about
from training.makers.surface import Colour, Ink, Surface, blend, is_dark, shade
from training.makers.thing_words import FOODS, GOODS, SUBJECTS, TOPICS
from training.makers.words import Words

SHOPS = (
    "Bakery", "Bank", "Bar", "Barber", "Books", "Butcher", "Cafe", "Cinema", "Clinic", "Dentist", "Flowers",
    "Garage", "Gym", "Hair Salon", "Hotel", "Kiosk", "Library", "Market", "Museum", "Optician", "Pharmacy",
    "Pizzeria", "Police", "Post Office", "Pub", "Restaurant", "School", "Shoes", "Supermarket", "Taxi",
    "Theatre", "Toys", "Travel", "Wine Shop",
)  # fmt: skip
ORDERS = (
    "Stop", "Exit", "Entrance", "Open", "Closed", "Push", "Pull", "No Entry", "No Parking", "No Smoking",
    "Keep Out", "Keep Left", "Keep Right", "Danger", "Warning", "Caution", "Wet Floor", "Private",
    "Staff Only", "Do Not Enter", "Dead End", "One Way", "Give Way", "Slow", "Emergency Exit", "Fire Exit",
    "Way Out", "Please Knock", "Ring the Bell", "Wait Here", "Quiet Please", "No Dogs", "Mind the Step",
    "Mind the Gap", "High Voltage", "Toilets", "Lift", "Stairs", "Reception", "Information", "Tickets",
    "Lost Property", "First Aid", "Waiting Room", "Meeting Room", "Do Not Disturb", "Please Wait", "For Sale",
    "To Let", "Sold", "Reserved", "Out of Order", "Under Repair", "Beware of the Dog", "Turn Left",
    "Turn Right", "No Swimming", "No Fishing", "Speed Limit", "Bus Stop", "Car Park", "Town Hall",
)  # fmt: skip
COMMANDS = (
    "OK", "Cancel", "Save", "Send", "Next", "Back", "Play", "Pause", "Start", "Stop", "Sign In", "Sign Up",
    "Log Out", "Buy Now", "Add to Cart", "Checkout", "Download", "Upload", "Submit", "Search", "Delete",
    "Edit", "Share", "Apply", "Continue", "Subscribe", "Learn More", "Read More", "Try Again", "Book Now",
    "Get Started", "Contact Us", "Print", "Help", "Settings", "Close", "Yes", "No",
)  # fmt: skip
PLATES: tuple[Colour, ...] = (
    (190, 30, 38), (200, 20, 30), (20, 70, 150), (0, 85, 165), (10, 105, 60), (0, 120, 70), (245, 200, 30),
    (250, 215, 60), (30, 32, 36), (0, 0, 0), (255, 255, 255), (255, 255, 255), (240, 238, 228),
    (225, 115, 20), (100, 55, 135), (0, 125, 145), (120, 75, 45), (90, 95, 105), (225, 90, 130), (60, 60, 65),
)  # fmt: skip
WALLS: tuple[Colour, ...] = (
    (150, 170, 190), (205, 190, 170), (120, 130, 120), (225, 225, 220), (170, 120, 95), (90, 100, 115),
    (190, 200, 205), (245, 245, 245), (255, 255, 255), (70, 75, 80), (165, 200, 225), (110, 140, 100),
)  # fmt: skip
SIZES = (
    (640, 480), (800, 600), (600, 600), (512, 512), (900, 500), (500, 400), (400, 300), (800, 450), (700,
     300),
    (600, 800), (480, 640), (1024, 768), (360, 240), (500, 180),
)  # fmt: skip


@dataclass(frozen=True)
class Sign:
    """What one calls it, and what stands on it, line by line."""

    noun: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(self.lines)


def draw_sign(rng: random.Random, split: str) -> Picture:
    """One sign on a wall, on a pole or filling the picture."""
    words = Words(rng, split)
    sign = cased(rng, compose(words))
    family = choose_family(rng, split)
    face = str(family.faces[1 if rng.random() < 0.6 else 0])
    surface = ground(rng)
    put_up(rng, surface, sign, face)
    held_out = words.held_out_with(family)
    return Picture(
        surface.image, "signs", "signs", tuple(surface.runs), questions_about(rng, split, sign),
        held_out=frozenset(held_out),
    )  # fmt: skip


def compose(words: Words) -> Sign:
    """A street, a shop, a price, an order, a door, a road, a banner, a button, some words."""
    rng = words.rng
    kind = rng.choice(("street", "street", "shop", "shop", "order", "order", "door", "price", "road",
        "banner",
                       "button", "label", "words", "words", "number", "town"))  # fmt: skip
    return Sign(NOUNS.get(kind, "sign"), tuple(COMPOSERS[kind](words)))


NOUNS = {"button": "button", "label": "label", "price": "label", "banner": "banner", "shop": "sign"}


def street(words: Words) -> list[str]:
    """The name of a street."""
    kind = words.rng.choice(STREET_TYPES)
    name = f"{words.rng.choice((words.last, words.city, words.first))()} {kind}"
    return words.rng.choice(([name], name.split(" ", 1), [f"{words.rng.randrange(1, 200)} {name}"]))


def shop(words: Words) -> list[str]:
    """A shop with or without its owner."""
    kind, owner = words.pick(SHOPS), words.last()
    lines = ([kind], [kind, owner], [f"{kind} {owner}"], [f"{owner}'s {kind}"], [owner], [f"{owner} & Sons"])
    return words.rng.choice(lines)


def order(words: Words) -> list[str]:
    """What to do or not to do."""
    text = words.pick(ORDERS)
    if text == "Speed Limit":
        return [text, str(10 * words.rng.randrange(2, 13))]
    if text in ("Exit", "Closed", "Open") and words.rng.random() < 0.4:
        return [
            text,
            words.rng.choice((*figures.WEEK, "24 hours", "9 - 17", f"{words.rng.randrange(1, 40)}")),
        ]
    parts = text.split()
    return parts if len(parts) in (2, 3) and words.rng.random() < 0.3 else [text]


def door(words: Words) -> list[str]:
    """Whose door it is."""
    name = words.person()
    room = f"{words.rng.choice(('Room', 'Office', 'Lab', 'Ward', 'Suite'))} {words.rng.randrange(1, 500)}"
    return words.rng.choice(([name], [room], [room, name], [name, words.pick(JOBS)]))


def price(words: Words) -> list[str]:
    """A ware and its price."""
    habits = Habits.choose(words)
    cost = habits.money.write(amount(habits, 0.5, 500))
    ware = words.thing(words.rng.choice((FOODS, GOODS)))
    return words.rng.choice(([ware, cost], [cost], [f"{ware} {cost}"], [ware, cost]))


def road(words: Words) -> list[str]:
    """A place and how far it is."""
    far = f"{words.rng.randrange(1, 400)}{words.rng.choice((' km', ' km', ' m', ''))}"
    lines = ([words.city(), far], [f"{words.city()} {far}"], [words.city(), words.city()], [words.city()])
    return words.rng.choice(lines)


def banner(words: Words) -> list[str]:
    """Something that takes place, or a sale."""
    rng = words.rng
    if rng.random() < 0.35:
        return rng.choice((["Sale", figures.percent(rng)], [f"{10 * rng.randrange(1, 9)}% off"],
                           ["Summer Sale"], ["New", words.thing(GOODS)]))  # fmt: skip
    what, when = words.pick(SUBJECTS), rng.choice((rng.choice(figures.WEEK), figures.some_date(rng)))
    return rng.choice(([what, when], [what, words.city()], [f"{words.city()} {words.pick(TOPICS)} Festival"],
                       ["Welcome to", words.city()], [what]))  # fmt: skip


def button(words: Words) -> list[str]:
    """A command."""
    return [words.pick(COMMANDS)]


def label(words: Words) -> list[str]:
    """A code or a thing with its measure."""
    rng = words.rng
    return rng.choice(([figures.code(rng)], [words.thing(GOODS), figures.code(rng)],
                       [words.thing(FOODS), figures.quantity(rng)], [words.company(),
                           figures.code(rng)]))  # fmt: skip


def some_words(words: Words) -> list[str]:
    """One to four words in one or two lines."""
    count = words.rng.choice((1, 1, 2, 2, 3, 4))
    found = [words.word().capitalize() if words.rng.random() < 0.6 else words.word() for _ in range(count)]
    cut = words.rng.randrange(1, count) if count > 1 and words.rng.random() < 0.5 else count
    return [" ".join(line) for line in (found[:cut], found[cut:]) if line]


def number(words: Words) -> list[str]:
    """A number with what it counts, or alone."""
    rng = words.rng
    what = rng.choice(("Platform", "Gate", "Bus", "Line", "Exit", "Room", "Floor", "Track", "House", "No."))
    count = str(rng.choice((rng.randrange(1, 30), rng.randrange(1, 400))))
    return rng.choice(([f"{what} {count}"], [what, count], [count]))


def town(words: Words) -> list[str]:
    """A town or a country at its border."""
    return words.rng.choice(([words.city()], [words.country()], [words.city(), words.country()]))


COMPOSERS = {
    "street": street, "shop": shop, "order": order, "door": door, "price": price, "road": road,
    "banner": banner, "button": button, "label": label, "words": some_words, "number": number, "town": town,
}  # fmt: skip


def cased(rng: random.Random, sign: Sign) -> Sign:
    """In capitals, in small letters, or as it is."""
    share = rng.random()
    change = str.upper if share < 0.4 else str.lower if share < 0.47 else str
    return replace(sign, lines=tuple(change(line) for line in sign.lines))


def ground(rng: random.Random) -> Surface:
    """What the sign hangs on: a plain wall, one in uneven light, bricks, sky above grass."""
    wall = shade(rng, rng.choice(WALLS))
    surface = Surface(rng.choice(SIZES), wall)
    kind, (width, height) = rng.random(), surface.image.size
    if kind < 0.3:
        ramp = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180))).resize((width, height))
        other = Image.new("RGB", (width, height), blend(wall, rng.choice(((0, 0, 0), (255, 255, 255))), 0.3))
        surface.image.paste(other, (0, 0), ramp)
    elif kind < 0.42:
        draw_bricks(rng, surface)
    elif kind < 0.55:
        horizon = int(height * rng.uniform(0.5, 0.85))
        surface.rectangle((0, 0, width, horizon), fill=shade(rng, (165, 200, 235)))
        surface.rectangle((0, horizon, width, height), fill=shade(rng, (105, 140, 85)))
        surface.image.paste(surface.image.filter(ImageFilter.BoxBlur(2)))
    return surface


def draw_bricks(rng: random.Random, surface: Surface) -> None:
    """A brick wall."""
    surface.rectangle((0, 0, *surface.image.size), fill=shade(rng, (190, 175, 165)))
    brick, high = shade(rng, (155, 85, 65)), rng.randrange(18, 44)
    for k, y in enumerate(range(0, surface.height, high)):
        for x in range(-high * (k % 2), surface.width, high * 2):
            surface.rectangle((x + 1, y + 1, x + high * 2 - 2, y + high - 2), fill=shade(rng, brick, 10))


def put_up(rng: random.Random, surface: Surface, sign: Sign, face: str) -> None:
    """The plate with its words somewhere on the ground, or the whole picture as the plate."""
    plate = shade(rng, rng.choice(PLATES), 8)
    colour = ink_on(rng, plate)
    whole = rng.random() < 0.25
    room = surface.width * (0.94 if whole else rng.uniform(0.5, 0.88))
    ink = Ink(face, size_for_cap(face, 100), colour)
    widest = max(surface.measure(line, ink) for line in sign.lines)
    cap = min(
        100 * room / widest * 0.9, surface.height * rng.uniform(0.1, 0.5) / (1.8 * len(sign.lines)) * 1.8
    )
    least = 14 * max(surface.image.size) / 768
    cap = min(max(cap, least), 100 * 0.96 * surface.width / widest)
    ink = Ink(face, size_for_cap(face, cap), colour)
    wide = max(surface.measure(line, ink) for line in sign.lines)
    pitch = cap * rng.uniform(1.6, 2.1)
    high = cap + pitch * (len(sign.lines) - 1)
    margin = cap * rng.uniform(0.5, 1.1)
    x = rng.uniform(0, max(0.0, surface.width - wide - 2 * margin)) + margin
    x = min(x, surface.width - wide - 4) if x + wide < surface.width else (surface.width - wide) / 2
    y = rng.uniform(margin, max(margin + 1, surface.height - high - margin))
    if whole:
        surface.rectangle((0, 0, *surface.image.size), fill=plate)
        x, y = (surface.width - wide) / 2, (surface.height - high) / 2
    else:
        draw_plate(
            rng, surface, sign, (x - margin, y - margin, x + wide + margin, y + high + margin), plate, ink
        )
    centred = rng.random() < 0.75
    for k, line in enumerate(sign.lines):
        place, anchor = (x + wide / 2, "m") if centred else (x, "l")
        role = "button" if sign.noun == "button" else "sign"
        surface.write(line, place, y + cap + k * pitch, ink, role, anchor=anchor)


def ink_on(rng: random.Random, plate: Colour) -> Colour:
    """White on dark plates; black or a strong colour on light ones."""
    if is_dark(plate):
        return rng.choice(((255, 255, 255),) * 5 + ((250, 215, 60), (240, 238, 228)))
    if sum(plate) < 600:  # strong colours are hard to read on plates that are neither light nor dark
        return 0, 0, 0
    return rng.choice(((0, 0, 0),) * 4 + ((20, 70, 150), (190, 30, 38), (10, 95, 55), (35, 38, 45)))


def draw_plate(rng: random.Random, surface: Surface, sign: Sign, box, plate: Colour, ink: Ink) -> None:
    """A plate with corners, a rim, a shadow, a pole, as it happens."""
    x0, y0, x1, y1 = box
    high = y1 - y0
    radius = high * rng.choice((0, 0, 0.08, 0.15, 0.5 if sign.noun == "button" else 0.2))
    if sign.noun == "sign" and y1 < surface.height and rng.random() < 0.3:
        middle, half = (x0 + x1) / 2, max(3, high * 0.04)
        surface.rectangle((middle - half, y1, middle + half, surface.height), fill=(120, 122, 126))
    if rng.random() < 0.3:
        moved = (x0 + 4, y0 + 5, x1 + 4, y1 + 5)
        surface.rectangle(moved, fill=blend(surface.background, (0, 0, 0), 0.4), radius=radius)
    surface.rectangle(box, fill=plate, radius=radius)
    if rng.random() < 0.4:
        inset = max(2.0, high * rng.choice((0.0, 0.04)))
        inner = (x0 + inset, y0 + inset, x1 - inset, y1 - inset)
        width = max(2, round(high * rng.uniform(0.01, 0.035)))
        surface.rectangle(inner, outline=ink.colour, width=width, radius=max(0.0, radius - inset))
