"""The gate's panel: heat maps of the weights used and of those it would have preferred. Pure; escaped."""

from html import escape

from demo.panels.figures import inline_svg, plot_gates
from demo.panels.panel import Panel, Shown, badge, panel_html
from demo.words import Words
from mova.trace import Gates
from mova.vision.experts.pool import BY_LETTER, EXPERTS, LETTERS

ABOUT = "how much each layer lets each expert in"


def mean_weights(gates: Gates) -> list[float]:
    """Masked gate of each expert A-G, averaged over the layers."""
    return [sum(column) / len(gates.masked) for column in zip(*gates.masked, strict=True)]


def gate_html(shown: Shown, say: Words) -> str:
    """Heat maps of the gate that was used and of what it would have preferred, with alt text and table."""
    trace = shown.trace
    if trace is None or trace.gates is None or trace.routing is None:
        waits = shown.pending and shown.with_picture
        words = "Waiting for the experts …" if waits else _no_gate_words(shown)
        return panel_html("Gate", ABOUT, f'<p class="mova-lead">{words}</p>')
    gates, experts = trace.gates, trace.routing.experts
    used = _used_gate(gates, experts)
    preferred = _gate_figure("Preferred, had all seven been asked", "unmasked gate", gates.unmasked)
    body = f'<div class="mova-gates">{used}{preferred}</div>{_gate_table(gates, say)}'
    return panel_html("Gate", ABOUT, body)


def _no_gate_words(shown: Shown) -> str:
    if shown.asked and not shown.with_picture:
        return "No picture, no gate."
    return "The weights of every adapter layer appear here."


def _used_gate(gates: Gates, experts: tuple[str, ...]) -> str:
    if len(experts) > 1:
        return _gate_figure("Used, among the picked", "masked gate", gates.masked)
    if experts:
        name = escape(BY_LETTER[experts[0]].name)
        words = (
            f"{badge(experts[0])}<span><b>1.00 by construction</b>: {name} is the only expert picked.</span>"
        )
    else:
        words = (
            "<span><b>0.00 everywhere</b>: no expert was picked, so the answer rests on CLIP alone.</span>"
        )
    return (
        f'<figure class="mova-figure"><figcaption>Used, among the picked</figcaption><p>{words}</p></figure>'
    )


def _gate_figure(caption: str, kind: str, weights: tuple[tuple[float, ...], ...]) -> str:
    strongest = [
        f"layer {number}: {BY_LETTER[LETTERS[row.index(max(row))]].name} {max(row):.2f}"
        for number, row in enumerate(weights, 1)
    ]
    words = (
        f"Heat map of the {kind}, {len(weights)} layers by seven experts. Strongest, {'; '.join(strongest)}."
    )
    return (
        f'<figure class="mova-figure"><figcaption>{caption}</figcaption>'
        f'<div role="img" aria-label="{escape(words)}">{inline_svg(plot_gates(weights))}</div></figure>'
    )


def _gate_table(gates: Gates, say: Words) -> str:
    head = "".join(f'<th scope="col">{e.letter} <span>{escape(e.name)}</span></th>' for e in EXPERTS)
    rows = []
    for kind, weights in (("used", gates.masked), ("preferred", gates.unmasked)):
        for number, row in enumerate(weights, 1):
            cells = "".join(f"<td>{weight:.3f}</td>" for weight in row)
            rows.append(f'<tr><th scope="row">{kind}, layer {number}</th>{cells}</tr>')
    return (
        f"<details><summary>{say('panel.table')}</summary><div class='mova-scroll' tabindex='0'>"
        f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></details>"
    )


GATE = Panel("gate", gate_html, lambda trace: trace.gates)
