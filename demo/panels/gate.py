"""The gate's panel: heat maps of the weights used and of those it would have preferred. Pure; escaped."""

from collections.abc import Sequence
from html import escape

from demo.panels.panel import Panel, Shown, badge, panel_html
from demo.words import Words
from mova.trace import Gates
from mova.vision.experts.pool import BY_LETTER, EXPERTS, LETTERS

# From these weights on a cell is so full of the accent that its number is written in the other ink: on the
# light page and on the dark one. tests/test_demo_contrast.py measures every step.
OTHER_INK_LIGHT, OTHER_INK_DARK = 0.85, 0.66

Weights = Sequence[Sequence[float]]


def mean_weights(gates: Gates) -> list[float]:
    """Masked gate of each expert A-G, averaged over the layers."""
    return [sum(column) / len(gates.masked) for column in zip(*gates.masked, strict=True)]


def gate_html(shown: Shown, say: Words) -> str:
    """Heat maps of the gate that was used and of what it would have preferred, with alt text and table."""
    trace = shown.trace
    if trace is None or trace.gates is None or trace.routing is None:
        body = f'<p class="mova-lead">{_no_gate_words(shown, say)}</p>'
    else:
        gates, experts = trace.gates, trace.routing.experts
        used = _used_gate(gates, experts, say)
        preferred = _gate_figure("preferred", gates.unmasked, LETTERS, say)
        body = f'<div class="mova-gates">{used}{preferred}</div>{_gate_table(gates, say)}'
    return panel_html(say("gate.title"), say("gate.about"), body, "gate")


def _no_gate_words(shown: Shown, say: Words) -> str:
    if shown.pending and shown.with_picture:
        return say("gate.waiting")
    if shown.asked and not shown.with_picture:
        return say("gate.no_picture")
    return say("gate.empty")


def _used_gate(gates: Gates, experts: tuple[str, ...], say: Words) -> str:
    if len(experts) > 1:
        return _gate_figure("used", gates.masked, experts, say)
    if experts:
        one = f"<b>{say('gate.by_construction')}</b>"
        words = say("gate.only_one", one=one, name=escape(BY_LETTER[experts[0]].name))
        words = f"{badge(experts[0])}<span>{words}</span>"
    else:
        zero = f"<b>{say('gate.zero')}</b>"
        words = f"<span>{say('gate.none', zero=zero)}</span>"
    return (
        f'<figure class="mova-figure"><figcaption>{say("gate.used")}</figcaption>'
        f'<p class="mova-said">{words}</p></figure>'
    )


def _gate_figure(kind: str, weights: Weights, letters: Sequence[str], say: Words) -> str:
    strongest = [
        say("gate.strongest", layer=number, name=_strongest(row), weight=f"{max(row):.2f}")
        for number, row in enumerate(weights, 1)
    ]
    words = say(f"gate.alt_{kind}", layers=len(weights), strongest=say("list.semicolon").join(strongest))
    return (
        f'<figure class="mova-figure"><figcaption>{say(f"gate.{kind}")}</figcaption>'
        f'<div class="mova-heat" role="img" aria-label="{escape(words)}">'
        f"{_heat_map(weights, letters, say)}</div></figure>"
    )


def _strongest(row: Sequence[float]) -> str:
    return BY_LETTER[LETTERS[list(row).index(max(row))]].name


def _heat_map(weights: Weights, letters: Sequence[str], say: Words) -> str:
    """The cells, row by row; the fuller a cell of the accent, the larger its weight, from 0 to 1."""
    heads = "".join(badge(letter, "" if letter in letters else "hollow") for letter in LETTERS)
    rows = []
    for number, row in enumerate(weights, 1):
        rows.append(f'<span class="mova-layer">{number}</span>{"".join(map(_cell, row))}')
    return f'<span class="mova-layer">{say("gate.layer")}</span>{heads}{"".join(rows)}'


def _cell(weight: float) -> str:
    strength = min(max(weight, 0.0), 1.0)
    kinds = "mova-cell"
    kinds += " over-light" if strength >= OTHER_INK_LIGHT else ""
    kinds += " over-dark" if strength >= OTHER_INK_DARK else ""
    number = f"{weight:.2f}" if weight else "0"
    return f'<span class="{kinds}" style="--w:{100 * strength:.1f}%">{number}</span>'


def _gate_table(gates: Gates, say: Words) -> str:
    head = "".join(f'<th scope="col">{e.letter} <span>{escape(e.name)}</span></th>' for e in EXPERTS)
    rows = []
    for kind, weights in (("used", gates.masked), ("preferred", gates.unmasked)):
        for number, row in enumerate(weights, 1):
            cells = "".join(f"<td>{weight:.3f}</td>" for weight in row)
            rows.append(f'<tr><th scope="row">{say(f"gate.row_{kind}", layer=number)}</th>{cells}</tr>')
    return (
        f"<details><summary>{say('panel.table')}</summary><div class='mova-scroll' tabindex='0'"
        f" role='region' aria-label='{escape(say('gate.title'))}'>"
        f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></details>"
    )


GATE = Panel("gate", gate_html, lambda trace: trace.gates)
