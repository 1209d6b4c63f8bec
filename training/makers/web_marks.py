"""The bars, lines and pies of a web page's charts."""

import math
import random
from itertools import pairwise

from training.makers.web_sheets import Plot, Sheet
from training.pictures.tables import Mark, Table


def draw_bars(rng: random.Random, sheet: Sheet, table: Table, plot: Plot, places: list[float]) -> None:
    """Standing, lying or grouped bars."""
    look, lying, series = sheet.look, table.kind == "horizontal bar", len(table.series)
    pitch = abs(places[1] - places[0]) if len(places) > 1 else 100
    wide = pitch * look.bar_share / series
    inside = table.labelled and rng.random() < 0.2
    zero = plot.along(max(plot.low, 0), lying)
    for s, row in enumerate(table.values):
        for k, value in enumerate(row):
            colour = look.colours[s if series > 1 else k if look.many else 0]
            at, end = places[k] + (s - (series - 1) / 2) * wide, plot.along(value, lying)
            a, b = sorted((zero, end))
            box = (a, at - wide / 2, b - a, wide * 0.94) if lying else (at - wide / 2, a, wide * 0.94, b - a)
            x, y, w, h = box
            sheet.add(
                f"<rect x='{x:.1f}' y='{y:.1f}' width='{w:.1f}' height='{h:.1f}'"
                f" rx='{min(look.corner, w / 4, h / 2):.1f}' fill='{colour}'/>"
            )
            middle = at - wide * 0.03
            sheet.marks.append(Mark("end", end, middle, k, s) if lying else Mark("end", middle, end, k, s))
            if table.labelled:
                label_bar(sheet, table.printed[s][k], end, middle, lying, value < 0, inside)


def label_bar(sheet: Sheet, text: str, end: float, at: float, lying: bool, below: bool, inside: bool) -> None:
    """A value at its bar's end, beyond it or within."""
    size, way = sheet.look.text, -1 if below != inside else 1
    colour = "#ffffff" if inside else sheet.look.ink
    if lying:
        anchor = "start" if way > 0 else "end"
        sheet.text(text, end + way * 0.4 * size, at, "value", anchor, colour=colour)
    else:
        sheet.text(text, at, end - way * 0.75 * size, "value", colour=colour)


def draw_lines(rng: random.Random, sheet: Sheet, table: Table, plot: Plot, places: list[float]) -> None:
    """One to three lines, straight or smooth, with or without points and the area below."""
    look = sheet.look
    smooth, dots, area = rng.random() < 0.3, rng.random() < 0.7, rng.random() < 0.2
    width = rng.choice((1.5, 2, 2, 3))
    for s, row in enumerate(table.values):
        colour = look.colours[s]
        points = [(x, plot.along(value, False)) for x, value in zip(places, row, strict=True)]
        path = f"M{points[0][0]:.1f},{points[0][1]:.1f}" + "".join(
            f"C{(a + c) / 2:.1f},{b:.1f} {(a + c) / 2:.1f},{d:.1f} {c:.1f},{d:.1f}"
            if smooth
            else f"L{c:.1f},{d:.1f}"
            for (a, b), (c, d) in pairwise(points)
        )
        if area and len(table.series) == 1:
            closed = f"{path}L{points[-1][0]:.1f},{plot.bottom:.1f}L{points[0][0]:.1f},{plot.bottom:.1f}Z"
            sheet.add(f"<path d='{closed}' fill='{colour}' opacity='.25'/>")
        sheet.add(f"<path d='{path}' fill='none' stroke='{colour}' stroke-width='{width}'/>")
        hollow = rng.random() < 0.4
        for k, (x, y) in enumerate(points):
            if dots:
                fill = look.ground if hollow else colour
                sheet.add(
                    f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{width + 2}' fill='{fill}' stroke='{colour}'"
                    f" stroke-width='{width}'/>"
                )
            sheet.marks.append(Mark("end", x, y, k, s))
            if table.labelled:
                sheet.text(table.printed[s][k], x, y - look.text, "value")


def draw_pie(
    rng: random.Random, sheet: Sheet, table: Table, room: tuple[float, float, float, float], keyed: bool
) -> None:
    """A pie or a ring with names beside its parts, unless a legend has them."""
    look = sheet.look
    left, top, right, bottom = room
    x, y = (left + right) / 2, (top + bottom) / 2
    edge = 0.0 if keyed else 1.6 * look.text
    wide = 0.0 if keyed else 0.6 * look.text * max(map(len, table.categories)) + look.text
    radius = max(30.0, min((right - left) / 2 - wide, (bottom - top) / 2 - edge))
    hole = radius * rng.choice((0, 0, 0, 0.4, 0.55, 0.7))
    angle = rng.choice((-math.pi / 2, -math.pi / 2, 0, rng.uniform(0, 6.28)))
    way = 1 if rng.random() < 0.8 else -1
    total = sum(table.values[0])
    within = table.labelled and hole < 0.5 * radius and (keyed or rng.random() < 0.5)
    sheet.marks.append(Mark("centre", x, y))
    for k, (name, value) in enumerate(zip(table.categories, table.values[0], strict=True)):
        turn = way * 2 * math.pi * value / total
        sheet.marks.append(Mark("rim", x + radius * math.cos(angle), y + radius * math.sin(angle), k))
        sheet.add(part_of_pie((x, y), radius, hole, angle, turn, look.colours[k], look.ground))
        middle = angle + turn / 2
        across, down = math.cos(middle), math.sin(middle)
        printed = table.printed[0][k] if table.labelled else ""
        if within:
            at = max(0.65 * radius, (radius + hole) / 2)
            sheet.text(printed, x + at * across, y + at * down, "value", colour="#ffffff")
        if not keyed:
            far = radius + 0.9 * look.text
            anchor = "start" if across > 0.15 else "end" if across < -0.15 else "middle"
            sheet.line(
                x + radius * across, y + radius * down, x + (far - 3) * across, y + (far - 3) * down, look.ink
            )
            name_at = (x + far * across, y + far * down)
            sheet.text(name, *name_at, "category", anchor)
            if printed and not within:
                sheet.text(printed, name_at[0], name_at[1] + 1.25 * look.text, "value", anchor)
        angle += turn


def part_of_pie(
    centre: tuple[float, float], radius: float, hole: float, angle: float, turn: float, colour: str, line: str
) -> str:
    """A slice, or a piece of a ring."""
    x, y = centre
    large, sweep = int(abs(turn) > math.pi), int(turn > 0)

    def at(r: float, a: float) -> str:
        return f"{x + r * math.cos(a):.1f},{y + r * math.sin(a):.1f}"

    end = angle + turn
    return (
        f"<path d='M{at(radius, angle)}A{radius:.1f},{radius:.1f} 0 {large} {sweep} {at(radius, end)}"
        f"L{at(hole, end)}A{hole:.1f},{hole:.1f} 0 {large} {1 - sweep} {at(hole, angle)}Z'"
        f" fill='{colour}' stroke='{line}'/>"
    )
