"""Strips of a page at the scale of the 768 px view, full of text from side to side.

They hold the texts of `lines`, four times as many in the time that a reader takes for a row.
"""

import random
from dataclasses import replace

from training.makers.documents import PAPERS
from training.makers.fields import Habits
from training.makers.flow import SIDE, SMALLEST_CAP
from training.makers.fonts import Family, choose_family
from training.makers.lines import coloured, some_text
from training.makers.records import Picture
from training.makers.surface import Hand, Surface, shade
from training.makers.words import Words
from training.pictures.asking import without_experts

HEIGHT = 192  # px; padded to a square, its rows of cells are rows of the square's
WIDTHS = (160, 224, 288, 384, 512, SIDE, SIDE)
LEAST_WIDTH = 130
LETTERS = 36  # on a line from side to side, at most: a row holds 24 tokens
PITCH = (30, 42)  # px from line to line, at least: about 22 lines to a page


def draw_strip(rng: random.Random, split: str) -> Picture:
    """Blocks of text beside each other in one typeface, each with its own size and paper."""
    words, family = Words(rng, split), choose_family(rng, split)
    habits = Habits.choose(words)
    surface = Surface((SIDE, HEIGHT), shade(rng, (255, 255, 255), 4))
    left = 0
    while left < SIDE:
        width = min(rng.choice(WIDTHS), SIDE - left)
        if SIDE - left - width < LEAST_WIDTH:
            width = SIDE - left
        write_block(rng, habits, surface, family, left, left + width)
        left += width
    held_out = words.held_out_with(family)
    questions = (without_experts(rng, split, "B"),)
    runs = tuple(sorted(surface.runs, key=lambda run: (run.line, run.box[0])))
    return Picture(surface.image, "strips", "documents", runs, questions, held_out=frozenset(held_out))


def write_block(
    rng: random.Random, habits: Habits, surface: Surface, family: Family, left: int, right: int
) -> None:
    """Lines from top to bottom, one or more runs of text on each."""
    ground, colour = rng.choice(PAPERS) if rng.random() < 0.8 else coloured(rng)
    ground = shade(rng, ground, 4)
    surface.rectangle((left, 0, right, HEIGHT), fill=ground)
    hand = Hand.of(family, SMALLEST_CAP * 2.6 ** (rng.random() ** 1.3), colour)
    pitch = max(hand.regular.size * rng.uniform(1.1, 1.7), rng.uniform(*PITCH))
    y, end, most = rng.uniform(0, 0.6) * hand.regular.size, right - 3, LETTERS * (right - left) / SIDE
    while y + hand.regular.size * 1.25 < HEIGHT:
        line, ink = surface.new_line(), hand.bold if rng.random() < 0.25 else hand.regular
        if rng.random() < 0.1:
            ink = replace(
                ink, colour=tuple((3 * a + b) // 4 for a, b in zip(ink.colour, ground, strict=True))
            )
        x = left + rng.choice((3.0, rng.uniform(3, 30)))
        left_over = most
        while x < end - 2 * ink.size:
            text = fitting(surface, some_text(rng, habits), ink, end - x, left_over)
            left_over -= len(text) + 2
            if not text:
                break
            surface.write(text, x, y + ink.cap * 1.15, ink, "paragraph", line=line)
            x += surface.measure(text, ink) + ink.size * rng.uniform(1.0, 4.0)
        y += pitch


def fitting(surface: Surface, text: str, ink, width: float, letters: float) -> str:
    """As many words of a text as are no wider and no longer; "" where the first is."""
    while text and (len(text) > letters or surface.measure(text, ink) > width):
        text = text.rpartition(" ")[0]
    return text.strip()
