"""Windows as several desktops draw them: frame and title, buttons, fields, boxes to tick."""

import random
from dataclasses import dataclass, field, replace

from training.makers.papers import Entry
from training.makers.surface import Colour, Hand, Surface, blend, is_dark, shade

OPTIONS = ("Show hidden files", "Dark mode", "Start with system", "Send reports", "Remember me",
    "Play sounds",
           "Use proxy", "Check spelling", "Auto save", "Full screen", "Notifications", "Location",
           "Bluetooth",
           "Keep me signed in", "Wrap lines", "Show grid", "Backup daily", "Ask before closing")  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How a desktop draws: bar, ground, accent, corners, buttons, what closes a window."""

    bar: Colour
    ground: Colour
    accent: Colour
    radius: float
    centred: bool
    buttons: str  # raised, flat, filled, outlined
    closing: str  # cross, lights, squares, none

    @property
    def ink(self) -> Colour:
        return (240, 240, 242) if is_dark(self.ground) else (20, 20, 22)

    @property
    def bar_ink(self) -> Colour:
        return (255, 255, 255) if is_dark(self.bar) else (20, 20, 22)


LOOKS = (
    Look((0, 0, 128), (192, 192, 192), (0, 0, 128), 0, False, "raised", "squares"),
    Look((0, 84, 227), (236, 233, 216), (49, 106, 197), 6, False, "raised", "squares"),
    Look((255, 255, 255), (255, 255, 255), (0, 120, 215), 0, False, "flat", "cross"),
    Look((243, 243, 243), (249, 249, 249), (0, 103, 192), 8, False, "filled", "cross"),
    Look((232, 232, 232), (246, 246, 246), (0, 122, 255), 10, True, "filled", "lights"),
    Look((56, 56, 58), (40, 40, 42), (10, 132, 255), 10, True, "flat", "lights"),
    Look((235, 235, 235), (250, 250, 250), (53, 132, 228), 10, True, "flat", "cross"),
    Look((48, 48, 48), (36, 36, 36), (120, 174, 237), 10, True, "outlined", "cross"),
    Look((63, 81, 181), (255, 255, 255), (63, 81, 181), 0, False, "filled", "none"),
    Look((0, 121, 107), (250, 250, 250), (0, 121, 107), 4, False, "outlined", "none"),
    Look((119, 33, 111), (247, 247, 247), (233, 84, 32), 6, True, "flat", "cross"),
)


@dataclass
class Shown:
    """What a window shows, for the questions about it."""

    kind: str
    title: str = ""
    message: str = ""
    buttons: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    menus: list[str] = field(default_factory=list)
    rows: list[tuple[str, str]] = field(default_factory=list)
    selected: str = ""
    tab: str = ""
    ticked: dict[str, bool] = field(default_factory=dict)


@dataclass
class Window:
    """A window being drawn: `x0`..`y1` its inside, `y` where the next line begins."""

    surface: Surface
    hand: Hand
    look: Look
    x0: float
    x1: float
    y: float
    y1: float
    pitch: float

    def fits(self, text: str, width: float | None = None) -> bool:
        return self.surface.measure(text, self.hand.regular) <= (
            self.x1 - self.x0 if width is None else width
        )

    def text(
        self, text: str, x: float, role: str, hand: Hand | None = None, anchor="l", line=None, bold=False
    ):
        """One run in the middle of the line at `y`."""
        hand = hand or self.hand
        ink = hand.bold if bold else hand.regular
        baseline = self.y + (self.pitch + ink.cap) / 2
        return self.surface.write(text, x, baseline, ink, role, anchor=anchor, line=line)


def open_window(rng: random.Random, size, hand: Hand, look: Look, title: str, shown: Shown) -> Window:
    """The frame with its bar and title."""
    desk = rng.random() < 0.35
    ground = (
        shade(rng, rng.choice(((0, 128, 128), (70, 110, 160), (90, 90, 110), (200, 210, 220))))
        if desk
        else look.ground
    )
    surface = Surface(size, ground)
    edge = rng.uniform(0.02, 0.06) * min(size) if desk else 0
    box = (edge, edge, size[0] - 1 - edge, size[1] - 1 - edge)
    if desk:
        surface.rectangle(
            box, fill=look.ground, outline=blend(look.ground, (0, 0, 0), 0.4), radius=look.radius
        )
    high = hand.regular.cap * rng.uniform(2.4, 3.2)
    surface.rectangle(
        (box[0], box[1], box[2], box[1] + high), fill=look.bar, radius=look.radius if desk else 0
    )
    surface.rectangle((box[0], box[1] + high / 2, box[2], box[1] + high), fill=look.bar)
    pitch = hand.regular.size * rng.uniform(1.5, 1.9)
    margin = hand.regular.size * rng.uniform(0.6, 1.3)
    window = Window(surface, hand, look, box[0] + margin, box[2] - margin, box[1] + high + pitch * 0.3,
                    box[3] - margin * 0.6, pitch)  # fmt: skip
    left, right = draw_closing(window, box, high)
    ink = hand.coloured(look.bar_ink)
    ink = ink.bold if rng.random() < 0.5 else ink.regular
    if surface.measure(title, ink) < right - left - margin:
        x, anchor = ((box[0] + box[2]) / 2, "m") if look.centred else (left + margin * 0.6, "l")
        if anchor == "m" and surface.measure(title, ink) / 2 > min(x - left, right - x):
            x, anchor = left + margin * 0.6, "l"
        surface.write(title, x, box[1] + (high + ink.cap) / 2, ink, "title", anchor=anchor)
        shown.title = title
    return window


def draw_closing(window: Window, box, high: float) -> tuple[float, float]:
    """What closes the window; where the title's room begins and ends."""
    surface, look = window.surface, window.look
    middle, r = box[1] + high / 2, high * 0.17
    if look.closing == "lights":
        for k, colour in enumerate(((255, 95, 86), (255, 189, 46), (39, 201, 63))):
            x = box[0] + high * (0.5 + 0.6 * k)
            surface.draw.ellipse((x - r, middle - r, x + r, middle + r), fill=colour)
        return box[0] + high * 2.1, box[2]
    if look.closing in ("cross", "squares"):
        x = box[2] - high * 0.55
        if look.closing == "squares":
            surface.rectangle((x - 2 * r, middle - 2 * r, x + 2 * r, middle + 2 * r), fill=look.ground,
                              outline=blend(look.ground, (0, 0, 0), 0.5))  # fmt: skip
        colour = (20, 20, 20) if look.closing == "squares" and not is_dark(look.ground) else look.bar_ink
        surface.draw.line((x - r, middle - r, x + r, middle + r), fill=colour, width=2)
        surface.draw.line((x - r, middle + r, x + r, middle - r), fill=colour, width=2)
        return box[0], x - 3 * r
    return box[0], box[2]


def buttons(rng: random.Random, window: Window, shown: Shown, names) -> None:
    """Buttons in a row, at the right, in the middle or at the left, low in the window."""
    look, cap = window.look, window.hand.regular.cap
    pad, gap = cap * rng.uniform(1.0, 1.8), cap * 0.9
    widths = [window.surface.measure(name, window.hand.regular) + 2 * pad for name in names]
    total = sum(widths) + gap * (len(names) - 1)
    high = cap * 2.4
    if window.y + high > window.y1 or total > window.x1 - window.x0:
        return
    if rng.random() < 0.5:
        window.y = min(window.y1 - high, window.y + rng.uniform(0, 2) * window.pitch)
    x = rng.choice((window.x0, (window.x0 + window.x1 - total) / 2, window.x1 - total, window.x1 - total))
    number = window.surface.new_line()
    for k, (name, width) in enumerate(zip(names, widths, strict=True)):
        first = k == 0
        fill = {"raised": blend(look.ground, (255, 255, 255), 0.3), "flat": blend(look.ground, look.ink, 0.1),
                "filled": look.accent if first else blend(look.ground, look.ink, 0.08),
                "outlined": look.ground}[look.buttons]  # fmt: skip
        outline = look.accent if look.buttons == "outlined" else blend(look.ground, look.ink, 0.4)
        box = (x, window.y, x + width, window.y + high)
        window.surface.rectangle(box, fill=fill, outline=outline, radius=min(look.radius, high / 2))
        colour = (255, 255, 255) if is_dark(fill) else (15, 15, 18)
        ink = replace(window.hand.regular, colour=colour)
        window.surface.write(name, x + width / 2, window.y + (high + ink.cap) / 2, ink, "button", line=number,
                             anchor="m")  # fmt: skip
        shown.buttons.append(name)
        x += width + gap
    window.y += high


def frame(window: Window, x0: float, x1: float) -> None:
    """The frame of a field on the line at `y`."""
    look = window.look
    fill = blend(look.ground, (255, 255, 255) if not is_dark(look.ground) else (0, 0, 0), 0.7)
    window.surface.rectangle((x0, window.y + 1, x1, window.y + window.pitch - 1), fill=fill,
                             outline=blend(look.ground, look.ink, 0.45), radius=min(4,
                                 look.radius))  # fmt: skip


def tick_boxes(rng: random.Random, window: Window, shown: Shown, count: int) -> None:
    """Options that are on or off."""
    side = window.hand.regular.cap * 1.3
    for name in rng.sample(OPTIONS, count):
        if window.y + 2.6 * window.pitch > window.y1 or not window.fits(
            name, window.x1 - window.x0 - 2 * side
        ):
            continue
        top, on = window.y + (window.pitch - side) / 2, rng.random() < 0.5
        box = (window.x0, top, window.x0 + side, top + side)
        fill = window.look.accent if on and window.look.buttons != "raised" else (255, 255, 255)
        window.surface.rectangle(
            box, fill=fill, outline=blend(window.look.ground, window.look.ink, 0.6), radius=2
        )
        if on:
            colour = (255, 255, 255) if fill == window.look.accent else (0, 0, 0)
            points = [(box[0] + side * a, top + side * b) for a, b in ((0.2, 0.5), (0.42, 0.75), (0.8, 0.25))]
            window.surface.draw.line(points, fill=colour, width=max(2, int(side / 6)))
        window.text(name, window.x0 + side * 1.5, "field name")
        window.y += window.pitch
        shown.ticked[name] = on
