"""The router's panel: seven chips A-G and "none", on a scale that shows doubt. Pure; escaped."""

from html import escape
from math import log, log10

from demo.panels.panel import Panel, Shown, badge, listed, panel_html
from demo.theme import EXPERT_COLOURS
from demo.words import Words
from mova.trace import Routing
from mova.vision.experts.pool import BY_LETTER, LETTERS, MAX_EXPERTS

NONE = "none"
DECADES = 6  # the bars' scale begins at one in a million
HESITATES = 0.05  # a choice that was not taken is named from this probability on
SMALLEST = 1e-7  # log-odds are told up to what float32 can hold


def router_html(shown: Shown, say: Words) -> str:
    """Seven chips A-G in fixed order and 'none', with the router's probabilities; picked ones are lit."""
    routing = shown.trace.routing if shown.trace else None
    waiting = shown.trace is not None and shown.pending and routing is None and shown.with_picture
    state = "waiting" if waiting else "decided" if routing else "idle"
    kinds = f"{state} toggles" if shown.what_if is not None else state
    chips = "".join(_chip(letter, routing, shown.what_if, say) for letter in (*LETTERS, NONE))
    return panel_html(
        say("router.title"),
        say("router.about"),
        f'<p class="mova-lead">{_router_lead(shown, routing, say)}</p>{_scale(routing, say)}'
        f'<ul class="mova-chips {kinds}">{chips}</ul>{_what_if(shown, say)}{_router_details(routing, say)}',
        "router",
    )


def runner_up(routing: Routing) -> tuple[str, float] | None:
    """The most probable choice that was not taken, a letter or "none", and its probability."""
    chances = chances_of(routing)
    chances = {x: p for x, p in chances.items() if x not in (routing.experts or (NONE,))}
    return max(chances.items(), key=lambda pair: pair[1]) if chances else None


def chances_of(routing: Routing | None) -> dict[str, float]:
    """Letter or "none" -> probability; empty when the router was not asked."""
    if routing is None or routing.probabilities is None:
        return {}
    chances = dict(zip(LETTERS, routing.probabilities, strict=True))
    return chances if routing.none_probability is None else chances | {NONE: routing.none_probability}


def chance_text(chance: float) -> str:
    """`0.98`, `0.02`, `3e-5`; what is nearly certain is `0.997` or `>0.999`."""
    if chance >= 0.9995:
        return ">0.999"
    if chance >= 0.995:
        return f"{chance:.3f}"
    if chance >= 0.005:
        return f"{chance:.2f}"
    return f"{chance:.0e}".replace("e-0", "e-") if chance else "0"


def log_odds_text(chance: float) -> str:
    """`+3.9`: the natural logarithm of chance against all else; `≥` where nothing finer can be told."""
    bound = "≥ " if chance > 1 - SMALLEST else "≤ " if chance < SMALLEST else ""
    chance = min(max(chance, SMALLEST), 1 - SMALLEST)
    return f"{bound}{log(chance / (1 - chance)):+.1f}".replace("-", "−")


def name_of(letter: str, say: Words) -> str:
    """An expert's name, or the word for none; escaped."""
    return say("router.none") if letter == NONE else escape(BY_LETTER[letter].name)


def _router_lead(shown: Shown, routing: Routing | None, say: Words) -> str:
    if not shown.asked:
        return say("router.empty")
    if not shown.with_picture:
        return say("router.no_picture")
    if routing is None:
        key = "ended" if not shown.pending else "choosing" if shown.trace else "waiting"
        return say(f"router.{key}")
    names = listed((name_of(letter, say) for letter in routing.experts), say)
    if routing.forced:
        return say("router.forced", names=names) if names else say("router.forced_none")
    bold = f"<b>{names or say('router.none')}</b>"
    lead = say("router.picked", names=bold) if names else say("router.picked_none", none=bold)
    second = runner_up(routing)
    if second is None or second[1] < HESITATES:
        return lead
    doubt = say("router.hesitated", name=name_of(second[0], say), chance=escape(chance_text(second[1])))
    return f'{lead} <span class="mova-doubt">{doubt}</span>'


def _chip(letter: str, routing: Routing | None, what_if: tuple[str, ...] | None, say: Words) -> str:
    picked = routing is not None and letter in (routing.experts or (NONE,))
    if letter == NONE:
        mark, title, colour, skill = (
            '<span class="mova-badge none">–</span>',
            "",
            "",
            say("router.clip_alone"),
        )
    else:
        mark = badge(letter, "hollow" if routing and not picked else "")
        title = f' title="{escape(say.told(BY_LETTER[letter].sentence))}"'
        colour, skill = f' style="--c:{EXPERT_COLOURS[letter]}"', say(f"skill.{letter}")
    inside = (
        f'{mark}<span class="mova-name">{name_of(letter, say)}</span>'
        f'<span class="mova-skill">{skill}</span>{_probability(chances_of(routing).get(letter))}'
        f'<span class="mova-mark">{say("router.mark") if picked else ""}</span>'
    )
    if what_if is not None:
        inside = _toggle(letter, what_if, inside)
    kinds = f"mova-chip{' none' if letter == NONE else ''}{' picked' if picked else ''}"
    return f'<li class="{kinds}" data-letter="{letter}"{colour}{title}>{inside}</li>'


def _what_if(shown: Shown, say: Words) -> str:
    """What can be done with the pressed chips: ask again with exactly those, or compare with the router."""
    if shown.what_if is None:
        return ""
    acts = "".join(
        f'<button type="button" class="mova-quiet" data-act="{act}">{say(key)}</button>'
        for act, key in (
            ("whatif-compare", "router.whatif_compare"),
            ("whatif-ask", "router.whatif_ask"),
            ("ways", "ways.ask"),
        )
    )
    return (
        f'<div class="mova-whatif" role="group" aria-label="{escape(say("router.whatif"))}"'
        f' title="{escape(say("router.whatif_hint"))}"><span>{say("router.whatif")}</span>{acts}</div>'
    )


def _toggle(letter: str, what_if: tuple[str, ...], inside: str) -> str:
    """The chip as a button; what a fourth choice would be cannot be pressed."""
    pressed = letter in (what_if or (NONE,))
    full = ' aria-disabled="true"' if not pressed and letter != NONE and len(what_if) == MAX_EXPERTS else ""
    return (
        f'<button type="button" class="mova-chip-toggle" data-act="whatif" data-letter="{letter}"'
        f' data-id="{letter}" aria-pressed="{"true" if pressed else "false"}"{full}>{inside}</button>'
    )


def _scale(routing: Routing | None, say: Words) -> str:
    """What the bars' width means, above them; nothing without bars."""
    if not chances_of(routing):
        return ""
    return (
        f'<div class="mova-scale" aria-hidden="true"><span>{say("router.scale")}</span>'
        "<span><i>10<sup>−6</sup></i><i>10<sup>−3</sup></i><i>1</i></span></div>"
    )


def _probability(chance: float | None) -> str:
    """A bar on a logarithmic scale, a line at every power of ten, and the number."""
    if chance is None:
        return '<span class="mova-bar empty"></span><span class="mova-number"></span>'
    width = 0.0 if chance <= 0 else 100 * min(max(1 + log10(chance) / DECADES, 0.0), 1.0)
    return (
        f'<span class="mova-bar" aria-hidden="true"><i style="width:{width:.1f}%"></i></span>'
        f'<span class="mova-number">{escape(chance_text(chance))}</span>'
    )


def _router_details(routing: Routing | None, say: Words) -> str:
    if routing is None or (routing.reply is None and routing.prompt is None):
        return ""
    return (
        f"<details><summary>{say('router.details')}</summary>{_numbers(routing, say)}"
        f"<p>{say('router.numbers')}</p>"
        f"<p>{say('router.reply')} <code>{escape(routing.reply or '')}</code></p>"
        f"<pre tabindex='0'>{escape(routing.prompt or say('router.no_prompt'))}</pre></details>"
    )


def _numbers(routing: Routing, say: Words) -> str:
    rows = "".join(
        f'<tr><th scope="row">{letter if letter != NONE else "–"} {name_of(letter, say)}</th>'
        f"<td>{chance:.3g}</td><td>{log_odds_text(chance)}</td></tr>"
        for letter, chance in chances_of(routing).items()
    )
    heads = "".join(f'<th scope="col">{say(f"router.{key}")}</th>' for key in ("probability", "log_odds"))
    if not rows:
        return ""
    return (
        f"<div class='mova-scroll' tabindex='0' role='region' aria-label='{escape(say('router.title'))}'>"
        f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


ROUTER = Panel("router", router_html, lambda trace: trace.routing)
