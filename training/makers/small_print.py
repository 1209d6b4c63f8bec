"""Pages and charts whose print is too small to be read: the model is to say so."""

import random

from training.makers.documents import PAPERS
from training.makers.flow import SIDE, Flow
from training.makers.fonts import choose_family
from training.makers.records import Picture
from training.makers.surface import Hand, Surface, shade
from training.makers.words import Words
from training.pictures import documents
from training.pictures.asking import SAYS, ask, without_experts
from training.pictures.unfamiliar import ABOUT, SMALL_ANSWER

SIZES = ((800, 1000), (1000, 800), (768, 1024), (1240, 1754), (1200, 900), (850, 1100), (1280, 720))
LEAST, MOST = 3.5, 8.0  # px of a capital at 768: from 12 px on print can be read, between nothing is promised


def draw_small_print(rng: random.Random, split: str) -> Picture:
    """A page of many lines in one to three columns, or a few lines that are as small."""
    words, family = Words(rng, split), choose_family(rng, split)
    width, height = rng.choice(SIZES)
    background, colour = rng.choice(PAPERS)
    surface = Surface((width, height), shade(rng, background, 3))
    cap = rng.uniform(LEAST, MOST) * max(width, height) / SIDE
    hand = Hand.of(family, cap, colour)
    margin = rng.uniform(0.03, 0.12) * width
    columns = rng.choice((1, 1, 1, 2, 2, 3))
    pitch, step = hand.regular.size * rng.uniform(1.2, 1.9), (width - 2 * margin) / columns
    few = rng.random() < 0.25
    for k in range(columns):
        left = margin + k * step
        flow = Flow(surface, hand, left, left + step - hand.regular.size, margin, height - margin, pitch)
        write(rng, words, flow, rng.randrange(3, 9) if few else 99)
    held_out = words.held_out_with(family)
    return Picture(surface.image, "small-print", "documents", tuple(surface.runs),
                   questions_about(rng, split), held_out=frozenset(held_out))  # fmt: skip


def write(rng: random.Random, words: Words, flow: Flow, most: int) -> None:
    """Paragraphs down a column."""
    lines = 0
    while flow.y + flow.pitch < flow.bottom and lines < most:
        ink = flow.hand.bold if rng.random() < 0.1 else flow.hand.regular
        for text in flow.wrapped(words.sentence(rng.randrange(4, 40)), ink):
            if flow.y + flow.pitch > flow.bottom or lines >= most or not flow.fits(text, ink):
                break
            flow.surface.write(text, flow.left, flow.baseline(ink.cap), ink, "paragraph")
            flow.y += flow.pitch
            lines += 1
        flow.y += flow.pitch * rng.choice((0, 0, 0.5, 1))


def questions_about(rng: random.Random, split: str) -> tuple:
    """What the page says cannot be read; that it is a page can be seen."""
    fields = ("title", "date", "total", "name", "price", "address")
    ways = ((SAYS, {}), (documents.TITLE, {}), (ABOUT, {}), (documents.FIELD, {"field": rng.choice(fields)}))
    questions = [
        ask(rng, split, phrasings, SMALL_ANSWER, "B", "too small", **filled) for phrasings, filled in ways
    ]
    if rng.random() < 0.3:
        questions.append(without_experts(rng, split, "B"))
    rng.shuffle(questions)
    return tuple(questions)
