"""The router's panel: seven chips A-G in fixed order and "none". Pure; all text is escaped."""

from html import escape

from demo.panels.panel import Panel, Shown, badge, panel_html
from demo.theme import EXPERT_COLOURS
from demo.words import Words
from mova.trace import Routing
from mova.vision.experts.pool import BY_LETTER, EXPERTS, LETTERS, Expert


def router_html(shown: Shown, say: Words) -> str:
    """Seven chips A-G in fixed order and 'none', with the router's probabilities; picked ones are lit."""
    routing = shown.trace.routing if shown.trace else None
    waiting = shown.trace is not None and shown.pending and routing is None and shown.with_picture
    chips = "".join(_chip(expert, routing) for expert in EXPERTS) + _none_chip(routing)
    state = "waiting" if waiting else "decided" if routing else "idle"
    return panel_html(
        "Router",
        "which experts look at the picture",
        f'<p class="mova-lead">{_router_lead(shown, routing)}</p>'
        f'<ul class="mova-chips {state}">{chips}</ul>{_router_details(routing)}',
    )


def _router_lead(shown: Shown, routing: Routing | None) -> str:
    if not shown.asked:
        return "Ask something, and the router's choice appears here."
    if not shown.with_picture:
        return "No picture in this conversation, so nothing is routed: plain text chat."
    if routing is None:
        if not shown.pending:
            return "This question ended before the router had chosen."
        return "Choosing …" if shown.trace else "Waiting for this question's turn …"
    names = ", ".join(BY_LETTER[letter].name for letter in routing.experts)
    if routing.forced:
        return f"You chose {escape(names)}; the router was not asked." if names else (
            "You chose none: CLIP alone. The router was not asked."
        )  # fmt: skip
    return f"Picked <b>{escape(names)}</b>." if names else "Picked <b>none</b>: CLIP alone is enough here."


def _chip(expert: Expert, routing: Routing | None) -> str:
    picked = routing is not None and expert.letter in routing.experts
    probability = None
    if routing is not None and routing.probabilities is not None:
        probability = routing.probabilities[LETTERS.index(expert.letter)]
    return (
        f'<li class="mova-chip{" picked" if picked else ""}" data-letter="{expert.letter}"'
        f' style="--c:{EXPERT_COLOURS[expert.letter]}" title="{escape(expert.sentence)}">'
        f'{badge(expert.letter)}<span class="mova-name">{escape(expert.name)}</span>'
        f'<span class="mova-skill">{escape(expert.skill)}</span>{_probability(probability)}'
        f'<span class="mova-mark">{"picked" if picked else ""}</span></li>'
    )


def _none_chip(routing: Routing | None) -> str:
    picked = routing is not None and not routing.experts
    probability = routing.none_probability if routing else None
    return (
        f'<li class="mova-chip none{" picked" if picked else ""}" data-letter="none">'
        '<span class="mova-badge none">–</span><span class="mova-name">none</span>'
        f'<span class="mova-skill">CLIP alone</span>{_probability(probability)}'
        f'<span class="mova-mark">{"picked" if picked else ""}</span></li>'
    )


def _probability(value: float | None) -> str:
    width = 0 if value is None else 100 * value
    return (
        f'<span class="mova-bar" aria-hidden="true"><i style="width:{width:.1f}%"></i></span>'
        f'<span class="mova-number">{"" if value is None else f"{value:.2f}"}</span>'
    )


def _router_details(routing: Routing | None) -> str:
    if routing is None or (routing.reply is None and routing.prompt is None):
        return ""
    return (
        "<details><summary>Raw reply and exact prompt</summary>"
        f"<p>Reply: <code>{escape(routing.reply or '')}</code></p>"
        "<p>The number beside an expert is how probable its letter was: a picked one's when it was written,"
        " any other's at the first letter.</p>"
        f"<pre tabindex='0'>{escape(routing.prompt or 'not recorded')}</pre></details>"
    )


ROUTER = Panel("router", router_html, lambda trace: trace.routing)
