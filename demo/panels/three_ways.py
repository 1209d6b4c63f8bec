"""One question in several wordings: how often each expert came. Pure; escaped."""

from collections.abc import Sequence
from html import escape

from demo.panels.panel import badge, panel_html
from demo.panels.router import NONE, chance_text, chances_of, name_of
from demo.words import Words
from mova.trace import Routing
from mova.vision.experts.pool import LETTERS

Result = tuple[str, Routing | None]  # a wording, and how it was routed (None: not yet)


def three_ways_html(results: Sequence[Result], say: Words) -> str:
    """A table: one row for each wording with the picked experts' probabilities, and how often each came."""
    if not results:
        return ""
    choices = (*LETTERS, NONE)
    heads = "".join(f'<th scope="col">{_head(choice, say)}</th>' for choice in choices)
    rows = "".join(_row(wording, routing, choices, say) for wording, routing in results)
    table = (
        f'<table class="mova-ways"><thead><tr><th scope="col">{say("ways.wording")}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody>{_counts(results, choices, say)}</table>"
    )
    scroll = f'<div class="mova-scroll" tabindex="0" role="region" aria-label="{escape(say("ways.title"))}">'
    body = f'<p class="mova-lead">{_lead(results, say)}</p>{scroll}{table}</div>'
    return panel_html(say("ways.title"), say("ways.about"), body, "ways")


def came(results: Sequence[Result]) -> dict[str, int]:
    """Letter or "none" -> how many of the routed wordings picked it."""
    routed = [routing.experts or (NONE,) for _, routing in results if routing is not None]
    return {choice: sum(choice in picked for picked in routed) for choice in (*LETTERS, NONE)}


def _lead(results: Sequence[Result], say: Words) -> str:
    routed = [frozenset(routing.experts) for _, routing in results if routing is not None]
    if len(routed) < len(results):
        return say("ways.asking", done=len(routed), count=len(results))
    return say("ways.same") if len(set(routed)) == 1 else say("ways.different", count=len(set(routed)))


def _head(choice: str, say: Words) -> str:
    mark = badge(choice) if choice != NONE else '<span class="mova-badge none" aria-hidden="true">–</span>'
    return f'{mark}<span class="mova-unseen"> {name_of(choice, say)}</span>'


def _row(wording: str, routing: Routing | None, choices: Sequence[str], say: Words) -> str:
    head = f'<th scope="row" dir="auto">{escape(wording)}</th>'
    if routing is None:
        return f'<tr>{head}<td colspan="{len(choices)}">{say("ways.waiting")}</td></tr>'
    picked, chances = routing.experts or (NONE,), chances_of(routing)
    said = {x: escape(chance_text(chances[x])) if x in chances else say("ways.yes") for x in picked}
    cells = (f'<td class="picked">{said[x]}</td>' if x in said else "<td></td>" for x in choices)
    return f"<tr>{head}{''.join(cells)}</tr>"


def _counts(results: Sequence[Result], choices: Sequence[str], say: Words) -> str:
    counts, routed = came(results), sum(routing is not None for _, routing in results)
    cells = "".join(
        f"<td>{say('ways.of', count=counts[choice], all=routed) if counts[choice] else '0'}</td>"
        for choice in choices
    )
    return f'<tfoot><tr><th scope="row">{say("ways.came")}</th>{cells}</tr></tfoot>'
