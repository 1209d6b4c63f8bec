"""Where scenes take place: eight drawn settings."""

import math
import random
from collections.abc import Callable

from training.pictures.canvas import Canvas, Colour
from training.pictures.records import SIDE
from training.pictures.words import listed

FRONTS = ((190, 120, 95), (150, 150, 165), (205, 180, 140), (120, 135, 150), (175, 140, 150))


def shade(rng: random.Random, colour: Colour, spread: int = 14) -> Colour:
    """The colour, a little lighter, darker or tinted."""
    return tuple(min(255, max(0, part + rng.randrange(-spread, spread + 1))) for part in colour)


def _hills(canvas: Canvas, rng: random.Random, level: float, height: float, colour: Colour) -> None:
    shift, waves = rng.uniform(0, 6), rng.uniform(1.0, 2.5)
    crest = [
        (x, level - height * math.sin(shift + waves * x * math.pi / SIDE)) for x in range(0, SIDE + 16, 16)
    ]
    canvas.polygon([*crest, (SIDE, SIDE), (0, SIDE)], fill=colour)


def _sun(canvas: Canvas, rng: random.Random, colour: Colour) -> None:
    x, y, r = rng.uniform(70, 320), rng.uniform(65, 95), rng.uniform(18, 28)
    canvas.ellipse((x - r, y - r, x + r, y + r), fill=colour)


def _clouds(canvas: Canvas, rng: random.Random, colour: Colour) -> None:
    for _ in range(rng.randrange(1, 4)):
        x, y, w = rng.uniform(20, 340), rng.uniform(60, 110), rng.uniform(22, 44)
        for dx, dy, k in ((-0.7, 4, 0.7), (0, -4, 1), (0.7, 4, 0.75)):
            r = w * 0.5 * k
            canvas.ellipse((x + dx * w - r, y + dy - r * 0.7, x + dx * w + r, y + dy + r * 0.7), fill=colour)


def beach(canvas: Canvas, rng: random.Random) -> None:
    """Sky, sea and sand."""
    canvas.gradient(shade(rng, (120, 195, 245)), (225, 243, 252))
    _sun(canvas, rng, (255, 225, 110))
    sea, sand = rng.uniform(150, 180), rng.uniform(205, 235)
    canvas.rectangle((0, sea, SIDE, SIDE), fill=shade(rng, (40, 130, 190)))
    for y in range(int(sea) + 10, int(sand), 14):
        x = rng.uniform(0, 60)
        while x < SIDE:
            canvas.line([(x, y), (x + 22, y)], (150, 205, 230), 2)
            x += rng.uniform(50, 120)
    _hills(canvas, rng, sand, 7, shade(rng, (240, 215, 160)))


def forest(canvas: Canvas, rng: random.Random) -> None:
    """Rows of firs over moss."""
    canvas.gradient(shade(rng, (165, 205, 170)), shade(rng, (90, 140, 95)))
    for level, colour in ((175, (60, 115, 75)), (215, (35, 85, 55))):
        for k in range(9):
            x, h = k * 48 + rng.uniform(-14, 14), rng.uniform(85, 135)
            canvas.rectangle((x - 4, level - 20, x + 4, level + 18), fill=(85, 60, 40))
            fill = shade(rng, colour, 10)
            canvas.polygon([(x, level - h), (x - 26, level), (x + 26, level)], fill=fill)
    _hills(canvas, rng, 222, 8, shade(rng, (75, 110, 50)))


def street(canvas: Canvas, rng: random.Random) -> None:
    """Houses with windows along a road."""
    canvas.gradient(shade(rng, (170, 200, 225)), (230, 235, 240))
    x = -10.0
    while x < SIDE:
        width, top = rng.uniform(55, 95), rng.uniform(55, 120)
        canvas.rectangle((x, top, x + width, 232), fill=shade(rng, rng.choice(FRONTS)))
        for wy in range(int(top) + 12, 210, 30):
            for wx in range(int(x) + 10, int(x + width) - 14, 24):
                canvas.rectangle(
                    (wx, wy, wx + 11, wy + 15), fill=rng.choice(((250, 235, 170), (70, 85, 110)))
                )
        x += width + 3
    canvas.rectangle((0, 228, SIDE, 250), fill=shade(rng, (185, 182, 178)))
    canvas.rectangle((0, 250, SIDE, SIDE), fill=shade(rng, (85, 86, 92)))
    for k in range(7):
        canvas.rectangle((k * 62 + 8, 312, k * 62 + 40, 318), fill=(240, 235, 215))


def kitchen(canvas: Canvas, rng: random.Random) -> None:
    """Tiles, a window, cupboards and a counter."""
    wall = shade(rng, rng.choice(((235, 232, 220), (215, 230, 232), (240, 222, 205))))
    canvas.rectangle((0, 0, SIDE, SIDE), fill=wall)
    tile = tuple(part - 16 for part in wall)
    for k in range(0, SIDE, 32):
        canvas.line([(k, 0), (k, 240)], tile)
        canvas.line([(0, k), (SIDE, k)], tile)
    x = rng.uniform(40, 230)
    canvas.rectangle((x, 62, x + 100, 150), fill=(190, 225, 245), outline=(250, 250, 250), width=5)
    canvas.line([(x + 50, 62), (x + 50, 150)], (250, 250, 250), 4)
    canvas.line([(x, 106), (x + 100, 106)], (250, 250, 250), 4)
    wood = shade(rng, rng.choice(((165, 115, 70), (120, 150, 160), (190, 90, 80))))
    canvas.rectangle((0, 222, SIDE, 240), fill=shade(rng, (225, 222, 216)))
    canvas.rectangle((0, 240, SIDE, SIDE), fill=wood)
    dark = tuple(part - 30 for part in wood)
    for k in range(0, SIDE, 96):
        canvas.rectangle((k + 8, 252, k + 88, SIDE + 8), outline=dark, width=2)
        canvas.ellipse((k + 74, 300, k + 82, 308), fill=dark)


def snow(canvas: Canvas, rng: random.Random) -> None:
    """Mountains, white ground and flakes."""
    canvas.gradient(shade(rng, (175, 200, 220)), (235, 242, 248))
    for _ in range(3):
        x, w, h = rng.uniform(20, 360), rng.uniform(80, 130), rng.uniform(90, 140)
        canvas.polygon([(x - w, 225), (x, 225 - h), (x + w, 225)], fill=shade(rng, (125, 145, 165)))
        canvas.polygon(
            [(x - w / 4, 225 - h * 0.75), (x, 225 - h), (x + w / 4, 225 - h * 0.75)], fill=(250, 252, 255)
        )
    _hills(canvas, rng, 218, 9, (244, 248, 252))
    for _ in range(45):
        x, y, r = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(1.5, 3.5)
        canvas.ellipse((x - r, y - r, x + r, y + r), fill=(255, 255, 255))


def desert(canvas: Canvas, rng: random.Random) -> None:
    """Dunes and cactuses under a hot sky."""
    canvas.gradient(shade(rng, (250, 190, 120)), (255, 232, 190))
    _sun(canvas, rng, (255, 245, 200))
    _hills(canvas, rng, 190, 20, shade(rng, (225, 165, 95)))
    _hills(canvas, rng, 225, 14, shade(rng, (210, 145, 75)))
    for _ in range(rng.randrange(1, 4)):
        x, y, green = rng.uniform(20, 360), rng.uniform(185, 215), (70, 125, 70)
        canvas.rectangle((x - 5, y - 50, x + 5, y), fill=green, radius=5)
        canvas.rectangle((x - 17, y - 34, x, y - 27), fill=green, radius=3)
        canvas.rectangle((x - 17, y - 46, x - 10, y - 27), fill=green, radius=3)


def night(canvas: Canvas, rng: random.Random) -> None:
    """Stars, a moon and dark hills."""
    canvas.gradient(shade(rng, (12, 16, 45), 8), shade(rng, (50, 55, 105), 8))
    for _ in range(50):
        x, y, r = rng.uniform(0, SIDE), rng.uniform(0, 230), rng.uniform(0.7, 2)
        canvas.ellipse((x - r, y - r, x + r, y + r), fill=(250, 245, 210))
    x, y = rng.uniform(60, 330), rng.uniform(70, 95)
    canvas.ellipse((x - 22, y - 22, x + 22, y + 22), fill=(245, 238, 200))
    canvas.ellipse((x - 12, y - 26, x + 28, y + 14), fill=(20, 24, 58))
    _hills(canvas, rng, 235, 14, shade(rng, (28, 36, 52), 8))


def farm(canvas: Canvas, rng: random.Random) -> None:
    """A red barn, a fence and a field."""
    canvas.gradient(shade(rng, (140, 200, 240)), (225, 240, 245))
    _clouds(canvas, rng, (255, 255, 255))
    canvas.rectangle((0, 200, SIDE, SIDE), fill=shade(rng, (120, 175, 75)))
    x, red = rng.uniform(30, 240), shade(rng, (175, 50, 45))
    canvas.rectangle((x, 125, x + 110, 215), fill=red)
    canvas.polygon([(x - 10, 127), (x + 25, 88), (x + 85, 88), (x + 120, 127)], fill=(95, 60, 55))
    canvas.rectangle((x + 38, 160, x + 72, 215), fill=(240, 235, 225))
    canvas.line([(x + 38, 160), (x + 72, 215)], red, 3)
    canvas.line([(x + 72, 160), (x + 38, 215)], red, 3)
    for y in (222, 236):
        canvas.rectangle((0, y, SIDE, y + 4), fill=(215, 195, 160))
    for k in range(0, SIDE, 40):
        canvas.rectangle((k + 6, 212, k + 13, 248), fill=(205, 183, 146))


Painter = Callable[[Canvas, random.Random], None]
# Setting: what draws it, how an answer calls it, and what likes to be there.
SETTINGS: dict[str, tuple[Painter, str, list[str]]] = {
    "beach": (beach, "the beach", listed("dog crab turtle bird ball boat chair duck fish")),
    "forest": (forest, "the forest", listed("bear rabbit owl bird snake tiger butterfly snail monkey tree")),
    "street": (street, "the street", listed("car bus truck bike dog cat tree balloon ball house")),
    "kitchen": (kitchen, "the kitchen", listed("cup cake apple banana cat mouse clock chair gift")),
    "snow": (snow, "the snow", listed("penguin rabbit dog bear house tree owl hat train bird")),
    "desert": (desert, "the desert", listed("camel snake lion turtle truck plane robot bird horse car")),
    "night": (night, "the night sky", listed("rocket owl cat robot house plane tree balloon mouse bike")),
    "farm": (farm, "the farm", listed("cow horse pig sheep chicken duck dog flower tree truck")),
}  # fmt: skip
