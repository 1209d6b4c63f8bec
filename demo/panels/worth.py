"""The panel of worth: the answer's words shaded by the expert whose removal costs them most. Pure; escaped.

Every word carries each expert's share as a number; assets/page/worth.css shades by the expert that is chosen,
so that choosing one asks nobody anything.
"""

from collections.abc import Sequence
from hashlib import sha256
from html import escape

from demo.panels.panel import Panel, Shown, badge, panel_html
from demo.theme import EXPERT_COLOURS
from demo.words import Words
from mova.trace import Trace
from mova.vision.experts.pool import BY_LETTER
from mova.worth import Passed, Word, Worth

UNDERLINES = ("solid", "dashed", "dotted", "double")
LEAST_SCALE = 1.0  # nats: an answer that no expert mattered to is not shaded as if one had
NEGLIGIBLE = 0.005  # nats: what is said as 0.00
SEEN = 0.03  # of the scale: the least that an eye tells from nothing
MOST_STOPS = 12  # words that the Tab key stops at
LONG = 300  # characters: an answer that scrolls, so that the Tab key has to reach it


def worth_html(shown: Shown, say: Words) -> str:
    """What each picked expert was worth to the answer's words: as shades, bars and a table; before anybody
    asked, a button."""
    worth = shown.trace.worth if shown.trace else None
    if worth is not None and worth.words:
        body = _found(worth, say)
    elif shown.weighing is not None:
        body = _working(shown.weighing, say)
    else:
        body = _before(shown, say)
    return panel_html(say("worth.title"), say("worth.about"), body, "worth")


def nats_text(nats: float) -> str:
    """`9.54`, `−2.66`; never a minus before 0.00."""
    return f"{0.0 if abs(nats) < NEGLIGIBLE else nats:.2f}".replace("-", "−")


def _before(shown: Shown, say: Words) -> str:
    trace = shown.trace
    if reason := _why_not(shown):
        return f'<p class="mova-lead">{say(reason)}</p>'
    assert trace is not None and trace.routing is not None
    passes = len(trace.routing.experts) + 1
    return (
        f'<div class="mova-worth-offer"><p class="mova-lead">{say("worth.offer", passes=passes)}</p>'
        f'<button type="button" class="mova-act" data-act="worth">{say("worth.ask")}</button></div>'
    )


def _why_not(shown: Shown) -> str:
    """Key of the sentence that says why nothing can be found out, or not yet; empty when it can."""
    trace = shown.trace
    if not shown.asked:
        return "worth.idle"
    if not shown.with_picture:
        return "worth.no_picture"
    if trace is None or shown.pending:
        return "worth.later" if shown.pending else "worth.unknown"
    if trace.routing is not None and not trace.routing.experts:
        return "worth.none"
    if not trace.answer:
        return "worth.empty"
    return "" if shown.live and trace.routing is not None and trace.token_ids else "worth.unknown"


def _working(passed: Passed, say: Words) -> str:
    told = say("worth.passes", done=passed.done, passes=passed.passes)
    return (
        f'<div class="mova-worth-offer" role="status"><p class="mova-lead">{say("worth.working")} {told}</p>'
        f'<progress max="{passed.passes}" value="{passed.done}" aria-label="{told}"></progress></div>'
    )


def _found(worth: Worth, say: Words) -> str:
    name = escape(BY_LETTER[worth.experts[0]].name)
    alone = len(worth.experts) == 1
    lead = say("worth.lead_one", name=name) if alone else say("worth.lead")
    note = say("worth.half") if alone else f"{say('worth.half')} {say('worth.add_up')}"
    scale = max([LEAST_SCALE, *(abs(fall) for word in worth.words for fall in word.falls)])
    styles = "".join(
        f"--c{letter}:{EXPERT_COLOURS[letter]};--u{letter}:{UNDERLINES[place % len(UNDERLINES)]};"
        for place, letter in enumerate(worth.experts)
    )
    return (
        f'<div class="mova-worth" style="{styles}"><p class="mova-lead">{lead}</p>'
        f"{_bars(worth, say)}{_text(worth, scale, say)}{_legend(worth, scale, say)}"
        f'<p class="mova-lead">{note}</p></div>{_table(worth, say)}'
    )


def _bars(worth: Worth, say: Words) -> str:
    """One row for each expert, largest first; with several, each is a choice of what shades the words."""
    totals = sorted(zip(worth.experts, worth.totals, strict=True), key=lambda pair: -pair[1])
    low, high = min(0.0, totals[-1][1]), max(0.0, totals[0][1])
    span = max(high - low, LEAST_SCALE)
    rows = []
    for letter, total in totals:
        left, width = (min(total, 0.0) - low) / span, abs(total) / span
        rows.append(
            f'{badge(letter)}<span class="mova-name"><u style="--c:var(--c{letter});--u:var(--u{letter})">'
            f'{escape(BY_LETTER[letter].name)}</u></span><span class="mova-track" aria-hidden="true"'
            f' style="--zero:{-100 * low / span:.2f}%"><i style="left:{100 * left:.2f}%;'
            f'width:{100 * width:.2f}%;--c:var(--c{letter})"{" class=less" if total < 0 else ""}></i></span>'
            f'<span class="mova-number">{say("worth.nats", nats=nats_text(total))}</span>'
        )
    if len(totals) == 1:
        return f'<p class="mova-worth-bars"><span class="mova-worth-row">{rows[0]}</span></p>'
    name = f"worth-{sha256(repr(worth).encode()).hexdigest()[:12]}"  # two panels on a page choose apart

    def choice(value: str, row: str, state: str = "") -> str:
        radio = f'<input type="radio" name="{name}" value="{value}"{state}>'
        return f'<label class="mova-worth-row" data-by="{value}">{radio}{row}</label>'

    choices = [choice(letter, row) for (letter, _), row in zip(totals, rows, strict=True)]
    most = choice("most", f'<span class="mova-worth-most">{say("worth.most")}</span>', " checked")
    return (
        f'<fieldset class="mova-worth-bars"><legend>{say("worth.choose")}</legend>'
        f"{most}{''.join(choices)}</fieldset>"
    )


def _text(worth: Worth, scale: float, say: Words) -> str:
    """The answer, every word with each expert's share of the scale."""
    order = sorted(range(len(worth.words)), key=lambda place: -max(worth.words[place].falls))
    stops = {place for place in order[:MOST_STOPS] if max(worth.words[place].falls) >= scale / 10}
    words = "".join(
        _word(word, worth.experts, scale, place in stops, say) for place, word in enumerate(worth.words)
    )
    needed = [_needs(worth.words[place], worth.experts, say) for place in order[:3]]
    told = say("worth.semicolon").join(filter(None, needed))
    alt = say("worth.needs_most", words=told) if told else say("worth.needs_none")
    tab = ' tabindex="0"' if worth.spans[-1][1] > LONG else ""
    return (
        f'<figure class="mova-worth-figure"><figcaption class="mova-unseen">{say("worth.words")}.'
        f' {alt}</figcaption><p class="mova-worth-text"{tab}>{words}</p></figure>'
    )


def _word(word: Word, experts: Sequence[str], scale: float, stop: bool, say: Words) -> str:
    """The word with its shares, between -1 and 1, and the class of the expert that it needs most."""
    body = word.text.lstrip()
    shares = ";".join(
        f"--{letter}:{fall / scale:.3f}"
        for letter, fall in zip(experts, word.falls, strict=True)
        if abs(fall) >= NEGLIGIBLE
    )
    told = " · ".join(f"{x} {nats_text(fall)}" for x, fall in zip(experts, word.falls, strict=True))
    most = experts[0] if len(experts) == 1 else _most(word, experts)
    return (
        f"{escape(word.text[: len(word.text) - len(body)])}"
        f'<mark{f" class={most}" if most else ""} style="{shares}"{" tabindex=0" if stop else ""}'
        f' title="{escape(say("worth.nats", nats=told))}">{escape(body)}</mark>'
    )


def _most(word: Word, experts: Sequence[str]) -> str:
    """The expert whose removal costs the word most; none where no removal does."""
    fall = max(word.falls)
    return experts[word.falls.index(fall)] if fall >= NEGLIGIBLE else ""


def _needs(word: Word, experts: Sequence[str], say: Words) -> str:
    letter = _most(word, experts)
    if not letter:
        return ""
    values = {"nats": nats_text(max(word.falls)), "name": escape(BY_LETTER[letter].name)}
    return say("worth.needs", word=escape(word.text.strip()), **values)


def _legend(worth: Worth, scale: float, say: Words) -> str:
    """What shade and hatching mean, where there is any to be seen."""
    falls = [fall for word in worth.words for fall in word.falls]
    parts = []
    if max(falls) >= SEEN * scale:
        parts.append(f'<i class="shade"></i>{say("worth.strongest", nats=nats_text(scale))}')
    if min(falls) <= -SEEN * scale:
        parts.append(f'<i class="hatch"></i>{say("worth.hatched")}')
    spans = "".join(f"<span>{part}</span>" for part in parts)
    return f'<p class="mova-worth-legend">{spans}</p>' if parts else ""


def _table(worth: Worth, say: Words) -> str:
    without = say("worth.without")
    head = "".join(
        f'<th scope="col">{letter} <span>{escape(BY_LETTER[letter].name)}<br>{without}</span></th>'
        for letter in worth.experts
    )
    rows = [(escape(word.text.strip()), word.log_probability, word.falls) for word in worth.words]
    whole = (say("worth.whole"), worth.log_probability, worth.totals)

    def row(text: str, base: float, falls: Sequence[float]) -> str:
        cells = "".join(f"<td>{number:.3f}</td>".replace("-", "−") for number in (base, *falls))
        return f'<tr><th scope="row">{text}</th>{cells}</tr>'

    return (
        f"<details><summary>{say('panel.table')}</summary><div class='mova-scroll' tabindex='0'>"
        f'<table class="mova-worth-table"><thead><tr><th scope="col">{say("worth.word")}</th>'
        f'<th scope="col">{say("worth.base")}</th>{head}</tr></thead>'
        f"<tbody>{''.join(row(*each) for each in rows)}</tbody><tfoot>{row(*whole)}</tfoot></table>"
        f"</div></details>"
    )


def _shows(trace: Trace) -> tuple:
    """What the panel draws of a trace: until the worth is known, whether it could be asked for."""
    return trace.worth, trace.done, trace.routing


WORTH = Panel("worth", worth_html, _shows)
