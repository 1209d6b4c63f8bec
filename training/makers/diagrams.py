"""Drawings by Matplotlib that are no charts: networks, meshes, fields, surfaces, clouds of points.

Nothing is written on them and no expert was made for them, so the model is to say that it cannot tell. Hard
lines on a plain ground are what it takes most readily for something that it knows.
"""

import random
from collections.abc import Callable

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation
from PIL import Image

from training.makers.noise import any_colour, generator, noise
from training.makers.records import Picture
from training.makers.unfamiliar import SIZES, nobodys

DPI = 100
COLOURS = (
    "viridis", "plasma", "inferno", "cividis", "Greys", "Blues", "Greens", "YlOrBr", "RdPu", "GnBu",
    "coolwarm", "Spectral", "RdBu", "PiYG", "twilight", "hsv", "terrain", "ocean", "gist_earth",
    "cubehelix", "rainbow",
    "tab10", "tab20", "Set3", "Pastel1", "Accent", "flag", "prism", "bone", "copper", "pink", "gray",
)  # fmt: skip


def colours(rng: random.Random, count: int) -> np.ndarray:
    """[count, 4] out of one of the maps, or a single colour."""
    if rng.random() < 0.4:
        return np.tile([*(part / 255 for part in any_colour(rng)), 1.0], (count, 1))
    return matplotlib.colormaps[rng.choice(COLOURS)](generator(rng).random(count))


def network(rng: random.Random, axes: Axes) -> None:
    """Places with lines between those that are near, or between any."""
    source, count = generator(rng), rng.randint(6, 90)
    places = source.normal(0, 1, (count, 2)) if rng.random() < 0.5 else source.uniform(-1, 1, (count, 2))
    if rng.random() < 0.3:
        angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
        places = np.stack([np.cos(angle), np.sin(angle)], 1)
    far = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) + 9 * np.eye(count)
    for one in range(count):
        for other in far[one].argsort()[: rng.randint(1, 4)]:
            if rng.random() < 0.15:
                other = rng.randrange(count)
            axes.plot(*places[[one, other]].T, color=line_colour(rng), lw=rng.choice((0.8, 1, 1, 2)))
    sizes = source.uniform(0.2, 1, count) * rng.choice((20, 60, 200, 500))
    axes.scatter(
        *places.T, s=sizes, c=colours(rng, count), zorder=3, edgecolors=rng.choice(("none", "black"))
    )


def line_colour(rng: random.Random) -> tuple[float, ...]:
    """A grey, mostly, or any colour."""
    grey = rng.uniform(0, 0.7)
    return (grey,) * 3 if rng.random() < 0.7 else tuple(part / 255 for part in any_colour(rng))


def mesh(rng: random.Random, axes: Axes) -> None:
    """Triangles between places, as lines, filled, or both."""
    source, count = generator(rng), rng.randint(12, 400)
    net = Triangulation(*source.uniform(-1, 1, (2, count)))
    values = np.sin(net.x * rng.uniform(1, 6)) + np.cos(net.y * rng.uniform(1, 6))
    if rng.random() < 0.7:
        axes.tripcolor(net, values, cmap=rng.choice(COLOURS), shading=rng.choice(("flat", "gouraud")))
    if rng.random() < 0.7:
        axes.triplot(net, color=line_colour(rng), lw=rng.uniform(0.5, 2))


def field(rng: random.Random) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y and a smooth function of them, [60, 80] each."""
    y, x = np.mgrid[-2:2:60j, -3:3:80j]
    return x, y, noise(rng, 80, 60, rng.randint(2, 6), 0.3) * 2 - 1 + rng.uniform(0, 1) * np.sin(x * y)


def arrows(rng: random.Random, axes: Axes) -> None:
    """A field of arrows, or lines along it."""
    x, y, value = field(rng)
    down, across = np.gradient(value)
    if rng.random() < 0.5:
        down, across = across, -down
    step = rng.randint(2, 6)
    part = np.s_[::step, ::step]
    cmap = rng.choice(COLOURS)
    if rng.random() < 0.5:
        axes.quiver(x[part], y[part], across[part], down[part], value[part], cmap=cmap)
    else:
        axes.streamplot(
            x[0], y[:, 0], across, down, color=value, cmap=cmap, density=rng.uniform(0.5, 2), linewidth=1
        )


def levels(rng: random.Random, axes: Axes) -> None:
    """Steps of height, filled, with or without their borders."""
    x, y, value = field(rng)
    count = rng.randint(3, 20)
    if rng.random() < 0.8:
        axes.contourf(x, y, value, count, cmap=rng.choice(COLOURS))
    if rng.random() < 0.5:
        axes.contour(x, y, value, count, colors=[line_colour(rng)], linewidths=rng.uniform(0.5, 2))


def honeycomb(rng: random.Random, axes: Axes) -> None:
    """How many of very many points fall into six-sided cells."""
    x, y = cloud(rng, 4000)
    axes.hexbin(x, y, gridsize=rng.randint(8, 40), cmap=rng.choice(COLOURS), mincnt=rng.choice((0, 1)))


def cloud(rng: random.Random, count: int) -> np.ndarray:
    """[2, count] places about a few middles."""
    source = generator(rng)
    middles = source.normal(0, 2, (rng.randint(1, 6), 2))
    turned = source.normal(0, 1, (len(middles), 2, 2))
    which = source.integers(0, len(middles), count)
    places = middles[which] + np.einsum("nab,nb->na", turned[which], source.normal(0, 0.5, (count, 2)))
    return places.T


def points(rng: random.Random, axes: Axes) -> None:
    """A cloud of points of any sign."""
    count = rng.randint(60, 1500)
    sizes = generator(rng).uniform(2, rng.choice((10, 40, 150)), count)
    axes.scatter(*cloud(rng, count), s=sizes, c=colours(rng, count), marker=rng.choice("o.^sxD*+"),
                 alpha=rng.choice((1, 0.6, 0.3)))  # fmt: skip


def trails(rng: random.Random, axes: Axes) -> None:
    """Things that wandered about."""
    for _ in range(rng.randint(1, 8)):
        x, y = generator(rng).normal(0, 1, (2, rng.randint(100, 2000))).cumsum(1)
        axes.plot(x, y, color=colours(rng, 1)[0], lw=rng.uniform(0.6, 2.5))


def lineage(rng: random.Random, axes: Axes) -> None:
    """A tree of two branches each, all at right angles, standing or lying."""
    ends: list[tuple[float, float]] = [(float(k), 0.0) for k in range(rng.randint(6, 40))]
    lying, colour, wide = rng.random() < 0.5, line_colour(rng), rng.uniform(0.8, 2.5)
    while len(ends) > 1:
        k = rng.randrange(len(ends) - 1)
        (a, low), (b, high) = ends[k : k + 2]
        top = max(low, high) + rng.uniform(0.3, 1.5)
        xs, ys = (a, a, b, b), (low, top, top, high)
        axes.plot(*((ys, xs) if lying else (xs, ys)), color=colour, lw=wide)
        ends[k : k + 2] = [((a + b) / 2, top)]


def flow(rng: random.Random, axes: Axes) -> None:
    """Boxes in rows with arrows from one row to the next: how something is done, without its words."""
    rows = [rng.randint(1, 4) for _ in range(rng.randint(3, 6))]
    face, edge = colours(rng, len(rows)), line_colour(rng)
    style = rng.choice(("round,pad=0.08", "square,pad=0.08", "round4,pad=0.1", "larrow,pad=0.05", "circle"))
    for k, count in enumerate(rows):
        xs = np.linspace(-1, 1, count + 2)[1:-1] * 3
        for x in xs:
            axes.text(x, -k, " " * rng.randint(6, 14), fontsize=rng.randint(8, 20), ha="center", va="center",
                      bbox={"boxstyle": style, "fc": face[k], "ec": edge})  # fmt: skip
            if k:
                above = np.linspace(-1, 1, rows[k - 1] + 2)[1:-1] * 3
                axes.annotate("", (x, -k + 0.25), (rng.choice(list(above)), -k + 0.75),
                              arrowprops={"arrowstyle": "->", "color": edge, "lw": 1.5})  # fmt: skip
    axes.set(xlim=(-3, 3), ylim=(-len(rows) + 0.4, 0.6))


def rose(rng: random.Random, axes: Axes) -> None:
    """Petals about a middle, filled or not."""
    angle = np.linspace(0, 2 * np.pi, 1200)
    for _ in range(rng.randint(1, 5)):
        far = 0.3 + np.abs(np.cos(rng.randint(2, 12) * angle / rng.choice((1, 2)))) * rng.uniform(0.3, 1)
        colour = colours(rng, 1)[0]
        axes.plot(far * np.cos(angle), far * np.sin(angle), color=colour, lw=rng.uniform(0.8, 3))
        if rng.random() < 0.5:
            axes.fill(far * np.cos(angle), far * np.sin(angle), color=colour, alpha=0.3)


Painter = Callable[[random.Random, Axes], None]
PAINTERS: dict[str, tuple[Painter, ...]] = {
    "train": (network, mesh, arrows, levels, honeycomb, points, trails, flow),
    "test": (lineage, rose),
}
SURFACES = 0.12  # share of the training's drawings that are surfaces in space


def surface(rng: random.Random, figure: Figure) -> None:
    """A surface in space, as a net or coloured."""
    axes = figure.add_axes((0, 0, 1, 1), projection="3d")
    axes.set_axis_off()
    x, y, value = field(rng)
    if rng.random() < 0.5:
        axes.plot_wireframe(x, y, value, color=line_colour(rng), rstride=3, cstride=3, lw=0.8)
    else:
        axes.plot_surface(x, y, value, cmap=rng.choice(COLOURS), rstride=2, cstride=2)
    axes.view_init(rng.uniform(15, 70), rng.uniform(0, 360))


def diagram_image(rng: random.Random, split: str, width: int, height: int) -> Image.Image:
    """One drawing without axes or words."""
    pale = any_colour(rng, 200, 255) if rng.random() < 0.3 else (255, 255, 255)
    ground = any_colour(rng, 0, 50) if rng.random() < 0.12 else pale
    figure = Figure((width / DPI, height / DPI), dpi=DPI, facecolor=[part / 255 for part in ground])
    canvas = FigureCanvasAgg(figure)
    if split == "train" and rng.random() < SURFACES:
        surface(rng, figure)
    else:
        edge = rng.choice((0, 0.03, 0.1))
        axes = figure.add_axes((edge, edge, 1 - 2 * edge, 1 - 2 * edge))
        axes.set_axis_off()
        rng.choice(PAINTERS[split])(rng, axes)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())


def draw_diagram(rng: random.Random, split: str) -> Picture:
    """One drawing; its questions are those about anything unfamiliar."""
    image = diagram_image(rng, split, *rng.choice(SIZES))
    return nobodys(rng, split, image, "diagrams", grained=0.15)
