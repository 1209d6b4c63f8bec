"""The history strip: one row for each question of a conversation, the experts as columns. Pure; escaped.

Routing is seen to follow the question. Every row is a button that brings the right side of its answer back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from demo.panels.gate import mean_weights
from demo.panels.panel import badge, listed, panel_html
from demo.theme import EXPERT_COLOURS
from demo.words import Words
from mova.trace import Trace
from mova.vision.experts.pool import BY_LETTER, LETTERS


@dataclass(frozen=True)
class HistoryRow:
    """One question: its exchange's id, what is known of its answer, whether it is on the right side now."""

    id: str
    question: str
    trace: Trace | None = None
    shown: bool = False


def history_html(rows: Sequence[HistoryRow], say: Words) -> str:
    """The strip; empty before the first question."""
    if not rows:
        return ""
    heads = "".join(badge(letter, "small") for letter in LETTERS)
    head = f'<div class="mova-history-head" aria-hidden="true"><span></span>{heads}</div>'
    body = f'{head}<ol class="mova-history">{"".join(_row(row, say) for row in rows)}</ol>'
    return panel_html(say("history.title"), say("history.about"), body, "history")


def _row(row: HistoryRow, say: Words) -> str:
    weights = _weights(row.trace)
    words = escape(_words(row.trace, weights, say))
    if weights:
        cells = "".join(_cell(letter, weights) for letter in LETTERS)
    else:
        cells = f'<span class="mova-history-note">{words}</span>'
    return (
        f'<li><button type="button" data-act="show" data-id="{escape(row.id)}"'
        f' aria-pressed="{"true" if row.shown else "false"}" title="{escape(row.question)}">'
        f'<span class="mova-history-question" dir="auto">{escape(row.question)}</span>'
        f'<span class="mova-unseen">{"" if not weights else f": {words}"}</span>'
        f'<span class="mova-history-cells" aria-hidden="true">{cells}</span></button></li>'
    )


def _weights(trace: Trace | None) -> dict[str, float | None]:
    """Picked letter -> its mean weight, None before the gate has weighed."""
    if trace is None or trace.routing is None:
        return {}
    if trace.gates is None:
        return dict.fromkeys(trace.routing.experts)
    means = mean_weights(trace.gates)
    return {letter: means[LETTERS.index(letter)] for letter in trace.routing.experts}


def _words(trace: Trace | None, weights: dict[str, float | None], say: Words) -> str:
    if weights:
        named = ((BY_LETTER[letter].name, weight) for letter, weight in weights.items())
        return listed((name if weight is None else f"{name} {weight:.2f}" for name, weight in named), say)
    if trace is None or (trace.routing is None and not trace.done):
        return say("history.waiting")
    return say("history.clip_alone") if trace.routing else say("history.not_routed")


def _cell(letter: str, weights: dict[str, float | None]) -> str:
    """A bar as high as the weight, in the expert's colour, with the number; a dot for one not picked."""
    if letter not in weights:
        return '<span class="mova-history-cell">·</span>'
    weight = weights[letter]
    height = 100 * min(max(1.0 if weight is None else weight, 0.0), 1.0)
    return (
        f'<span class="mova-history-cell picked" style="--c:{EXPERT_COLOURS[letter]};--w:{height:.0f}%">'
        f"{letter if weight is None else f'{weight:.2f}'}</span>"
    )
