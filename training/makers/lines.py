"""Lines of text and nothing else, on small pictures: what a reader learns letters from, quickly drawn.

They are cut out of a page as the 768 px view shows it: capitals of 12 px and more, at that scale.
"""

import random
import string

from training.makers import figures
from training.makers.documents import BANDS, PAPERS
from training.makers.fields import VALUES, Habits
from training.makers.flow import SMALLEST_CAP
from training.makers.fonts import choose_family
from training.makers.records import Picture
from training.makers.surface import Hand, Surface, is_dark, shade
from training.makers.thing_words import FOODS, GOODS
from training.makers.words import Words
from training.pictures.asking import SAYS, ask, without_experts

WIDTHS, HEIGHTS = (192, 256, 320, 384, 512, 640, 768), (48, 64, 96, 128, 192, 256)
PRINTABLE = string.ascii_letters + string.digits + string.punctuation
LONGEST_ANSWER = 40
SEPARATORS = (": ", " ", " - ", " / ", ", ", " | ", " = ")


def draw_lines(rng: random.Random, split: str) -> Picture:
    """One to eight lines at free places, each of another sort of text."""
    words, family = Words(rng, split), choose_family(rng, split)
    habits = Habits.choose(words)
    background, colour = rng.choice(PAPERS) if rng.random() < 0.8 else coloured(rng)
    size = rng.choice(WIDTHS), rng.choice(HEIGHTS)
    surface = Surface(size, shade(rng, background, 4))
    cap = SMALLEST_CAP * 2.6 ** (rng.random() ** 1.3)
    hand = Hand.of(family, min(cap, size[1] * 0.55), colour)
    pitch, y = hand.regular.size * rng.uniform(1.1, 1.9), rng.uniform(0.2, 1.0) * hand.regular.cap
    while y + hand.regular.size * 1.2 < size[1]:
        ink = hand.bold if rng.random() < 0.25 else hand.regular
        text = fitting(rng, habits, surface, ink, size[0] - 8)
        wide = surface.measure(text, ink) if text else 0
        x = rng.choice((4.0, rng.uniform(4, max(4.0, size[0] - wide - 4)), rng.uniform(4, 24)))
        if text and x + wide < size[0] - 2:
            surface.write(text, x, y + ink.cap * 1.1, ink, "paragraph")
        y += pitch
    if not surface.runs:
        return draw_lines(rng, split)
    held_out = words.held_out_with(family)
    said = " ".join(run.text for run in surface.runs)
    short = len(said) <= LONGEST_ANSWER
    question = ask(rng, split, SAYS, said, "B", "read") if short else without_experts(rng, split, "B")
    return Picture(surface.image, "lines", "documents", tuple(surface.runs), (question,),
                   held_out=frozenset(held_out))  # fmt: skip


def coloured(rng: random.Random):
    """White or black on a strong colour."""
    ground = shade(rng, rng.choice(BANDS), 20)
    return ground, (255, 255, 255) if is_dark(ground) else (0, 0, 0)


def fitting(rng: random.Random, habits: Habits, surface: Surface, ink, width: float) -> str:
    """A text that is no wider than the picture; "" where none is found."""
    for _ in range(6):
        text = some_text(rng, habits)
        while text and surface.measure(text, ink) > width:
            text = text.rpartition(" ")[0]
        if text.strip():
            return text.strip()
    return ""


def some_text(rng: random.Random, habits: Habits) -> str:
    """Words, a field with its value, a code, a ware with its price, or signs in no order."""
    words, kind = habits.words, rng.random()
    if kind < 0.3:
        text = words.sentence(rng.randrange(1, 9))
        return text if rng.random() < 0.6 else text.rstrip(".!?")
    if kind < 0.55:
        name = words.word().capitalize() if rng.random() < 0.5 else words.title(2)
        return f"{name}{rng.choice(SEPARATORS)}{VALUES[rng.choice(list(VALUES))](habits)}"
    if kind < 0.7:
        ware = words.thing(rng.choice((GOODS, FOODS)))
        return f"{ware} {habits.money.write(rng.uniform(0.1, 3000))}"
    if kind < 0.8:
        return " ".join(figures.code(rng) for _ in range(rng.randrange(1, 4)))
    if kind < 0.86:
        return words.title(rng.randrange(1, 5)).upper()
    return " ".join(
        "".join(rng.choices(PRINTABLE, k=rng.randrange(1, 9))) for _ in range(rng.randrange(1, 5))
    )
