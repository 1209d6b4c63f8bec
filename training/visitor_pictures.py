"""Pictures as a visitor would have them: a chart, a receipt, an invoice, a sign, a window, a landscape.

Their words are given here; only the makers' own code draws them, in typefaces that Matplotlib brings.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from training.makers.charts import USUAL_SIZE, Look, paint
from training.makers.documents import Written, items_page
from training.makers.flow import Flow
from training.makers.fonts import FAMILIES
from training.makers.papers import Entry, Item, Paper
from training.makers.signs import Sign, draw_plate
from training.makers.surface import Hand, Surface
from training.makers.unfamiliar import hills
from training.makers.window_frames import LOOKS, Shown, buttons, open_window
from training.pictures.tables import Table
from training.pictures.unfamiliar import UNKNOWN_ANSWER

SANS = FAMILIES[0]
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


@dataclass(frozen=True)
class Example:
    """A picture, and a question about it with its answer, experts and a hint what to look at."""

    image: str
    draw: Callable[[], Image.Image]
    question: str
    answer: str
    experts: tuple[str, ...]
    look_at: str


def chart(kind: str, title: str, names: str, values: tuple, axis: str, printed: bool, seed: int):
    """A chart in Matplotlib's default style and size."""
    text = tuple(f"{value:g}" for value in values)
    table = Table(kind, title, "", axis, tuple(names.split()), ("",), (values,),
                  (text if printed else ("",) * len(text),), (text,))  # fmt: skip
    look = Look("default", USUAL_SIZE, 100, 10.0, SANS, None, 0, False)
    return paint(random.Random(seed), table, look)[0]


def sales() -> Image.Image:
    """Bars with their values."""
    return chart(
        "bar", "Ice cream sales", "April May June July August", (120, 210, 340, 415, 380), "Scoops", True, 14
    )


def visitors() -> Image.Image:
    """A line without values."""
    return chart(
        "line", "Museum visitors", "2019 2020 2021 2022 2023", (52, 18, 31, 47, 60), "Thousands", False, 36
    )


def page(size: tuple[int, int], cap: float) -> Flow:
    """An empty white page."""
    hand = Hand.of(SANS, cap, BLACK)
    pitch = hand.regular.size * 1.5
    return Flow(Surface(size, WHITE), hand, 40, size[0] - 40, 24, size[1] - 20, pitch)


def paper(flow: Flow, content: Paper, seed: int) -> Image.Image:
    """The paper as the documents' maker lays it out."""
    items_page(random.Random(seed), flow, content, Written())
    return flow.surface.image


def receipt() -> Image.Image:
    """A café's receipt."""
    items = (Item("Coffee", "", "3.20"), Item("Cheesecake", "", "4.50"), Item("Mineral Water", "", "2.10"))
    content = Paper("receipt", "Receipt", "items", ("Corner Cafe", "12 Mill Street"),
                    (Entry("date", "Date", "14.06.2026"), Entry("time", "Time", "15:40")), items,
                    (Entry("total", "Total", "$9.80"),))  # fmt: skip
    return paper(page((520, 640), 18), content, 8)


def invoice() -> Image.Image:
    """An invoice with two lines."""
    items = (Item("Desk Lamp", "2", "$79.80"), Item("Office Chair", "1", "$149.00"))
    entries = (Entry("invoice number", "Invoice number", "INV-2024-0031"),
               Entry("date", "Date", "2026-11-26"), Entry("customer", "Customer", "Anna Keller"))  # fmt: skip
    totals = (Entry("subtotal", "Subtotal", "$228.80"), Entry("tax", "Tax", "$45.76"),
              Entry("total", "Total", "$274.56"))  # fmt: skip
    content = Paper("invoice", "Invoice", "items", ("Northwind Supplies Ltd",), entries, items, totals)
    return paper(page((800, 640), 17), content, 9)


def street_sign() -> Image.Image:
    """A street's name on a blue plate."""
    surface = Surface((640, 420), (196, 188, 176))
    ink = Hand.of(SANS, 44, WHITE).bold
    wide = surface.measure("BAKER STREET", ink)
    box = (320 - wide / 2 - 28, 140, 320 + wide / 2 + 28, 264)
    draw_plate(random.Random(3), surface, Sign("sign", ("BAKER STREET",)), box, (0, 70, 150), ink)
    surface.write("BAKER STREET", 320, 224, ink, "sign", anchor="m")
    return surface.image


def window() -> Image.Image:
    """A question with two buttons."""
    look, shown = LOOKS[3], Shown("dialog")
    opened = open_window(random.Random(2), (640, 300), Hand.of(SANS, 14, look.ink), look, "Editor", shown)
    opened.text("Save changes to report.txt?", opened.x0, "paragraph")
    opened.y += opened.pitch * 2
    buttons(random.Random(1), opened, shown, ("Save", "Cancel"))
    return opened.surface.image


def landscape() -> Image.Image:
    """Hills in haze."""
    return hills(random.Random(11), 640, 420)


EXAMPLES = (
    Example("chart.png", sales, "Which month is the highest?", "July", ("E",),
            "A chart in Matplotlib's default style: E. Ask for the title or the value of May."),
    Example("visitors.png", visitors, "What is the title of the chart?", "Museum visitors", ("E",),
            "A line without printed values: its numbers can only be read from the axis."),
    Example("receipt.png", receipt, "How much is it in total?", "$9.80", ("B",),
            "Dense text: B reads the lines. Ask what the coffee costs."),
    Example("invoice.png", invoice, "What is the invoice number?", "INV-2024-0031", ("B",),
            "A code of many pieces: B. Ask who the customer is."),
    Example("street_sign.png", street_sign, "What does it say?", "BAKER STREET", ("D",),
            "A few large words: D. The same question about the receipt needs another expert."),
    Example("window.png", window, "Which buttons are there?", "Save, Cancel", ("D",),
            "A screenshot: D. Ask for the title of the window."),
    Example("hills.png", landscape, "What animal is this?", UNKNOWN_ANSWER, (),
            "Nothing that the model knows: no expert, and it says that it cannot tell."),
)  # fmt: skip
