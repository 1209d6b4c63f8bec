"""Two answers to one question, side by side: who looked, what they weighed, how long it took, what differs.

A pure function of what is shown of each; escaped.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher
from html import escape

from demo.panels.gate import mean_weights
from demo.panels.panel import Shown, badge, seconds_text
from demo.theme import EXPERT_COLOURS
from demo.words import Words
from mova.trace import Trace
from mova.vision.experts.pool import EXPERTS, LETTERS


def compare_html(pair: Sequence[Shown], say: Words) -> str:
    """The comparison of two answers, as far as both are."""
    texts = [shown.trace.answer if shown.trace else "" for shown in pair]
    done = all(shown.trace is not None and shown.trace.done for shown in pair)
    marked = differing(*texts) if done else tuple(escape(text) for text in texts)
    columns = "".join(
        _column(shown, text, say, name) for shown, text, name in zip(pair, marked, "AB", strict=True)
    )
    same = done and texts[0] == texts[1]
    verdict = say("compare.same" if same else "compare.differ") if done else say("compare.running")
    return (
        '<section class="mova-panel mova-compare" data-panel="compare" aria-labelledby="mova-compare">'
        f'<h2 id="mova-compare">{say("compare.title")} <span>{say("compare.about")}</span></h2>'
        f'<div class="mova-columns">{columns}</div><p class="mova-words">{verdict}</p></section>'
    )


def differing(first: str, second: str) -> tuple[str, str]:
    """Both texts as HTML with the words marked that the other does not have in that place."""
    words = first.split(), second.split()
    marked: tuple[list[str], list[str]] = ([], [])
    for kind, a, b, c, d in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        for out, text in ((marked[0], " ".join(words[0][a:b])), (marked[1], " ".join(words[1][c:d]))):
            if text:
                out.append(escape(text) if kind == "equal" else f"<mark>{escape(text)}</mark>")
    return " ".join(marked[0]), " ".join(marked[1])


def _column(shown: Shown, text: str, say: Words, name: str) -> str:
    trace = shown.trace
    who = say("compare.router") if shown.forced is None else say("compare.forced")
    return (
        f'<article class="mova-column" aria-label="{name}: {escape(who)}">'
        f'<h3><span class="mova-side">{name}</span>{escape(who)} {_picked(trace, shown, say)}</h3>'
        f'<p class="mova-text" dir="auto">{text or "…"}</p>{_gate(trace, say)}{_time(trace, say)}</article>'
    )


def _picked(trace: Trace | None, shown: Shown, say: Words) -> str:
    letters = trace.routing.experts if trace and trace.routing else shown.forced
    if letters is None:
        return ""
    return "".join(badge(letter) for letter in letters) or f"<small>{say('line.clip')}</small>"


def _gate(trace: Trace | None, say: Words) -> str:
    """A bar for each picked expert: its mean weight, that of each layer in words."""
    if trace is None or trace.gates is None or trace.routing is None:
        return f'<p class="mova-lead">{say("compare.no_gate")}</p>'
    means = mean_weights(trace.gates)
    rows = []
    for expert in EXPERTS:
        if expert.letter not in trace.routing.experts:
            continue
        place = LETTERS.index(expert.letter)
        layers = " · ".join(f"{row[place]:.2f}" for row in trace.gates.masked)
        bar = f'<i style="width:{100 * means[place]:.1f}%;--c:{EXPERT_COLOURS[expert.letter]}"></i>'
        told = f"{escape(say('compare.layers'))} {layers}"
        rows.append(
            f'<tr><th scope="row">{badge(expert.letter)}</th>'
            f'<td class="mova-bar-cell"><span class="mova-bar">{bar}</span></td>'
            f'<td class="mova-number" title="{told}">{means[place]:.2f}</td></tr>'
        )
    if not rows:
        return f'<p class="mova-lead">{say("compare.clip")}</p>'
    caption = f"<caption>{say('compare.gate')}</caption>"
    return f'<table class="mova-mini">{caption}<tbody>{"".join(rows)}</tbody></table>'


def _time(trace: Trace | None, say: Words) -> str:
    if trace is None or trace.timings.total is None:
        return ""
    reused = [stage.expert for stage in trace.timings.stages if stage.reused and stage.expert]
    said = [say("compare.total", time=seconds_text(trace.timings.total))]
    if trace.timings.first_word is not None:
        said.append(say("line.first_word", time=seconds_text(trace.timings.first_word)))
    if reused:
        said.append(say("compare.reused", letters=", ".join(reused)))
    return f'<p class="mova-words">{escape(" · ".join(said))}</p>'
