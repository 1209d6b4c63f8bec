"""Lines of text down a page, until it is full; fields, lists, tables and paragraphs as papers have them."""

from dataclasses import dataclass, replace

from training.makers.papers import Entry, Item
from training.makers.surface import Hand, Ink, Surface, blend

MOST_LINES = 22  # what the model is made for
SMALLEST_CAP = 12.0  # px on the picture padded to a square and resized to SIDE
SIDE = 768


def smallest_cap(surface: Surface) -> float:
    """The least height of a capital, px of the picture."""
    return SMALLEST_CAP * max(surface.image.size) / SIDE


@dataclass
class Flow:
    """A column on a surface: `y` is where the next line's box begins, `pitch` its height in px."""

    surface: Surface
    hand: Hand
    left: float
    right: float
    y: float
    bottom: float
    pitch: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def lines(self) -> int:
        """Lines of text on the picture so far."""
        return len({run.line for run in self.surface.runs})

    def has_room(self, lines: float = 1) -> bool:
        """Whether so many lines still fit on the page, in px and in the number that is allowed."""
        return self.y + lines * self.pitch <= self.bottom and self.lines + lines <= MOST_LINES

    def baseline(self, cap: float) -> float:
        """The baseline of text with such capitals in the middle of the line at `y`."""
        return self.y + (self.pitch + cap) / 2

    def fits(self, text: str, ink: Ink, width: float | None = None) -> bool:
        """Whether the text is no wider than the column, or than `width`."""
        return self.surface.measure(text, ink) <= (self.width if width is None else width)

    def small(self) -> Hand:
        """The hand as small as it may be, at most a fifth smaller."""
        return self.hand.scaled(max(0.8, min(1.0, smallest_cap(self.surface) * 1.02 / self.hand.regular.cap)))

    def line(self, text: str, ink: Ink, role: str, anchor: str = "l", x: float | None = None) -> bool:
        """Write one line and go on below it; False (and nothing written) where it does not fit."""
        if not text or not self.has_room() or not self.fits(text, ink):
            return False
        place = {"l": self.left, "m": (self.left + self.right) / 2, "r": self.right}[anchor]
        self.surface.write(text, place if x is None else x, self.baseline(ink.cap), ink, role, anchor=anchor)
        self.y += self.pitch
        return True

    def rule(self, colour, width: int = 1, gap: float = 0.3) -> None:
        """A line across the column with a gap (in lines) above and below."""
        self.y += gap * self.pitch
        self.surface.rule(self.left, self.right, self.y, colour, width)
        self.y += gap * self.pitch

    def wrapped(self, text: str, ink: Ink) -> list[str]:
        """The text cut into lines that fit."""
        lines, line = [], ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if self.fits(longer, ink):
                line = longer
            else:
                lines.append(line)
                line = word
        return [part for part in (*lines, line) if part]

    def paragraph(self, text: str, role: str = "paragraph") -> bool:
        """A paragraph, whole or not at all."""
        ink = self.hand.regular
        lines = self.wrapped(text, ink)
        if not self.has_room(len(lines)) or not all(self.fits(line, ink) for line in lines):
            return False
        for line in lines:
            self.line(line, ink, role)
        return True


def faint(flow: Flow, share: float = 0.35):
    """A colour between paper and ink."""
    return blend(flow.surface.background, flow.hand.regular.colour, share)


def write_entry(flow: Flow, entry: Entry, style: str, tab: float) -> bool:
    """One field in a style of FIELD_STYLES; `tab` is where values begin, px from the left."""
    if style == "above":
        return _above(flow, entry)
    name, value = entry.label, entry.value
    regular, bold = flow.hand.regular, flow.hand.bold
    if style == "capitals":
        name = name.upper()
    if style in ("colon", "dash", "equals"):
        mark = {"colon": ":", "dash": " -", "equals": " ="}[style]
        return flow.line(f"{name}{mark} {value}", regular, "field value")
    first = bold if style in ("bold", "bold tab") else regular
    second = bold if style == "bold value" else regular
    name += ":" if style in ("bold", "tab colon", "right", "bold value") else ""
    gap = flow.surface.measure(" ", regular)
    start = flow.surface.measure(name, first)
    across = flow.surface.measure(value, second)
    x = flow.left + (start + gap if style in ("bold", "bold value") else max(tab, start + 2 * gap))
    anchor = "l"
    if style in ("right", "dots"):
        x, anchor = flow.right, "r"
    end = x + across if anchor == "l" else flow.left + start + 2 * gap + across
    if not flow.has_room() or end > flow.right:
        return False
    _on_one_line(
        flow, [(name, flow.left, "l", first, "field name"), (value, x, anchor, second, "field value")]
    )
    if style == "dots":
        _dots(flow, flow.left + start + gap, flow.right - across - gap)
    flow.y += flow.pitch
    return True


FIELD_STYLES = (
    "colon", "colon", "colon", "tab", "tab colon", "bold", "bold tab", "bold value", "right", "above",
    "capitals", "dash", "dots", "equals",
)  # fmt: skip


def _on_one_line(flow: Flow, parts: list[tuple[str, float, str, Ink, str]]) -> None:
    """Runs (text, x, anchor, ink, role) beside each other, on one baseline."""
    number = flow.surface.new_line()
    baseline = flow.baseline(flow.hand.regular.cap)
    for text, x, anchor, ink, role in parts:
        if text:
            flow.surface.write(text, x, baseline, ink, role, line=number, anchor=anchor)


def _dots(flow: Flow, start: float, end: float) -> None:
    """Leading dots; they are ink and not text."""
    y, step = flow.baseline(flow.hand.regular.cap), flow.hand.regular.cap * 0.6
    for k in range(int((end - start) / step)):
        x = start + (k + 0.5) * step
        flow.surface.draw.ellipse((x - 1, y - 2, x + 1, y), fill=flow.hand.regular.colour)


def _above(flow: Flow, entry: Entry) -> bool:
    """The field's name in small letters above its value."""
    small = flow.small().coloured(faint(flow, 0.75)).regular
    name = entry.label.upper() if entry.label.islower() or len(entry.label) < 9 else entry.label
    value = flow.hand.regular
    if not flow.has_room(2) or not flow.fits(entry.value, value) or not flow.fits(name, small):
        return False
    pitch, flow.pitch = flow.pitch, flow.pitch * 0.85
    flow.line(name, small, "field name")
    flow.pitch = pitch
    return flow.line(entry.value, value, "field value")


def entry_tab(flow: Flow, entries: list[Entry]) -> float:
    """Where values begin, so that all names end before it."""
    widest = max((flow.surface.measure(f"{entry.label}:", flow.hand.bold) for entry in entries), default=0)
    return widest + flow.hand.regular.size * 0.9


@dataclass(frozen=True)
class Columns:
    """Of a list: where its columns begin or end, px, and how it is ruled."""

    quantity_first: bool
    quantity: float
    headed: bool
    ruling: str  # none, rows, zebra, box

    def wide(self) -> bool:
        """Whether rows are drawn apart by lines or bands."""
        return self.ruling != "none"


def write_items(flow: Flow, items: list[Item], columns: Columns, names: tuple[str, str, str], role="item"):
    """A list with its columns; returns the items that found room."""
    counted = any(item.quantity for item in items)
    priced = any(item.price for item in items)
    if columns.headed and flow.has_room(2):
        ink = flow.hand.bold
        _on_one_line(flow, _cells(flow, columns, *names, counted, priced, ink, ("heading",) * 3))
        flow.y += flow.pitch
        flow.surface.rule(flow.left, flow.right, flow.y - 1, faint(flow, 0.6), 2)
    written = []
    for k, item in enumerate(items):
        space = flow.width - _prices_width(flow, items) - (_counts_width(flow) if counted else 0)
        if not flow.has_room() or not flow.fits(item.name, flow.hand.regular, space):
            continue
        if columns.ruling == "zebra" and k % 2:
            box = (flow.left - 4, flow.y, flow.right + 4, flow.y + flow.pitch)
            flow.surface.rectangle(box, fill=faint(flow, 0.08))
        roles = (role, "quantity", "price")
        parts = _cells(flow, columns, item.name, item.quantity, item.price, counted, priced,
            flow.hand.regular,
                       roles)  # fmt: skip
        _on_one_line(flow, parts)
        flow.y += flow.pitch
        if columns.ruling in ("rows", "box"):
            flow.surface.rule(flow.left, flow.right, flow.y - 1, faint(flow, 0.3))
        written.append(item)
    return written


def _cells(flow: Flow, columns: Columns, name, quantity, price, counted, priced, ink: Ink, roles) -> list:
    left = flow.left
    parts = []
    if counted and columns.quantity_first:
        parts.append((quantity, left, "l", ink, roles[1]))
        left += _counts_width(flow)
    parts.append((name, left, "l", ink, roles[0]))
    if counted and not columns.quantity_first:
        end = flow.right - _prices_width(flow) if priced else flow.right
        parts.append((quantity, end, "r", ink, roles[1]))
    if priced:
        parts.append((price, flow.right, "r", ink, roles[2]))
    return parts


def _counts_width(flow: Flow) -> float:
    return flow.hand.regular.size * 3.2


def _prices_width(flow: Flow, items: list[Item] = ()) -> float:
    widest = max((flow.surface.measure(item.price, flow.hand.regular) for item in items), default=0)
    return max(widest + flow.hand.regular.size, flow.hand.regular.size * 5)


def write_total(flow: Flow, entry: Entry, style: str, bold: bool) -> bool:
    """A line below a list, the amount at the right."""
    ink = flow.hand.bold if bold else flow.hand.regular
    name = entry.label + (":" if style == "colon" else "")
    width = flow.surface.measure(name, ink) + flow.surface.measure(entry.value, ink) + 2 * ink.size
    if not flow.has_room() or width > flow.width:
        return False
    x = flow.left if style == "across" else flow.right - flow.surface.measure(entry.value, ink) - ink.size
    anchor = "l" if style == "across" else "r"
    parts = [(name, x, anchor, ink, "field name"), (entry.value, flow.right, "r", ink, "field value")]
    _on_one_line(flow, parts)
    flow.y += flow.pitch
    return True


def part(flow: Flow, left: float, right: float) -> Flow:
    """A narrower column of the same page, from the same line on."""
    return replace(flow, left=left, right=right)
