"""Exchange -> HTML of the right side, "How MoVA looked": router, gate and time. Pure; all text is escaped."""

from html import escape

from demo.figures import inline_svg, plot_gates
from demo.state import Exchange
from demo.theme import EXPERT_COLOURS, INK_ON_EXPERT, STAGE_NAMES
from mova.trace import Gates, Routing, Stage, Trace
from mova.vision.experts.pool import BY_LETTER, EXPERTS, LETTERS, Expert


def badge(letter: str) -> str:
    """The square with an expert's letter in its colour."""
    style = f"--c:{EXPERT_COLOURS[letter]};--i:{INK_ON_EXPERT[letter]}"
    return f'<span class="mova-badge" style="{style}">{letter}</span>'


def seconds_text(seconds: float) -> str:
    """`312 ms` below a second, `1.2 s` above."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


# --- Router ---------------------------------------------------------------------------------------


def router_html(exchange: Exchange | None, with_picture: bool) -> str:
    """Seven chips A-G in fixed order and 'none', with the router's probabilities; picked ones are lit."""
    trace = exchange and exchange.trace
    routing = trace.routing if trace else None
    waiting = bool(trace) and exchange.pending and routing is None and with_picture
    chips = "".join(_chip(expert, routing) for expert in EXPERTS) + _none_chip(routing)
    state = "waiting" if waiting else "decided" if routing else "idle"
    return _panel(
        "Router",
        "which experts look at the picture",
        f'<p class="mova-lead">{_router_lead(exchange, routing, with_picture)}</p>'
        f'<ul class="mova-chips {state}">{chips}</ul>{_router_details(routing)}',
    )


def _router_lead(exchange: Exchange | None, routing: Routing | None, with_picture: bool) -> str:
    if exchange is None:
        return "Ask something, and the router's choice appears here."
    if not with_picture:
        return "No picture in this conversation, so nothing is routed: plain text chat."
    if routing is None:
        if not exchange.pending:
            return "This question ended before the router had chosen."
        return "Choosing …" if exchange.trace else "Waiting for this question's turn …"
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


# --- Gate -----------------------------------------------------------------------------------------


def mean_weights(gates: Gates) -> list[float]:
    """Masked gate of each expert A-G, averaged over the layers."""
    return [sum(column) / len(gates.masked) for column in zip(*gates.masked, strict=True)]


def gate_html(exchange: Exchange | None, with_picture: bool) -> str:
    """Heat maps of the gate that was used and of what it would have preferred, with alt text and table."""
    trace = exchange and exchange.trace
    if trace is None or trace.gates is None or trace.routing is None:
        waits = exchange is not None and exchange.pending and with_picture
        words = "Waiting for the experts …" if waits else _no_gate_words(exchange, with_picture)
        return _panel("Gate", "how much each layer lets each expert in", f'<p class="mova-lead">{words}</p>')
    gates, experts = trace.gates, trace.routing.experts
    used = _used_gate(gates, experts)
    preferred = _gate_figure("Preferred, had all seven been asked", "unmasked gate", gates.unmasked)
    body = f'<div class="mova-gates">{used}{preferred}</div>{_gate_table(gates)}'
    return _panel("Gate", "how much each layer lets each expert in", body)


def _no_gate_words(exchange: Exchange | None, with_picture: bool) -> str:
    if exchange is not None and not with_picture:
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


def _gate_table(gates: Gates) -> str:
    head = "".join(f'<th scope="col">{e.letter} <span>{escape(e.name)}</span></th>' for e in EXPERTS)
    rows = []
    for kind, weights in (("used", gates.masked), ("preferred", gates.unmasked)):
        for number, row in enumerate(weights, 1):
            cells = "".join(f"<td>{weight:.3f}</td>" for weight in row)
            rows.append(f'<tr><th scope="row">{kind}, layer {number}</th>{cells}</tr>')
    return (
        "<details><summary>The same as a table</summary><div class='mova-scroll' tabindex='0'>"
        f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></details>"
    )


# --- Time -----------------------------------------------------------------------------------------


def time_html(exchange: Exchange | None, with_picture: bool) -> str:
    """The stages as bars on one time axis, with milliseconds; reused ones are hatched and say so."""
    trace = exchange and exchange.trace
    stages = [s for s in trace.timings.stages if not _is_empty(s, trace)] if trace else []
    running = bool(trace) and exchange.pending
    expected = _expected(exchange, stages, with_picture)
    whole = max(sum(stage.seconds for stage in stages), 1e-9)
    start, rows = 0.0, []
    for stage in stages:
        rows.append(_stage_row(stage, start / whole, stage.seconds / whole))
        start += stage.seconds
    for position, (name, letter) in enumerate(expected):
        rows.append(_expected_row(name, letter, running and position == 0))
    head = '<thead class="mova-unseen"><tr><th>Stage</th><th>Share</th><th>Time</th></tr></thead>'
    table = f'<table class="mova-time">{head}<tbody>{"".join(rows)}</tbody></table>'
    return _panel("Time", "what took how long", table + _time_words(trace))


def _is_empty(stage: Stage, trace: Trace) -> bool:
    """Whether a stage took no time because it never happened: the router, when a person chose instead."""
    return stage.name == "router" and trace.routing is not None and trace.routing.forced


def _expected(
    exchange: Exchange | None, stages: list[Stage], with_picture: bool
) -> list[tuple[str, str | None]]:
    """The stages still to come, in order, as (name, letter); none once the answer is done."""
    if exchange is not None and not exchange.pending:
        return []
    routing = exchange.trace.routing if exchange and exchange.trace else None
    forced = exchange.settings.experts if exchange else None
    letters = routing.experts if routing else forced
    plan: list[tuple[str, str | None]] = []
    if with_picture or exchange is None:
        plan += [("image", None), ("base", None)]
        plan += [("router", None)] if forced is None else []
        plan += [("expert", None)] if letters is None else [("expert", letter) for letter in letters]
        plan += [("adapter", None)]
    plan += [("prefill", None), ("decode", None)]
    done = {(stage.name, stage.expert) for stage in stages}
    return [step for step in plan if step not in done]


def stage_label(name: str, letter: str | None) -> str:
    """What a stage is called on the page."""
    return BY_LETTER[letter].name if letter else STAGE_NAMES.get(name, name)


def _stage_row(stage: Stage, start: float, share: float) -> str:
    colour = f";--c:{EXPERT_COLOURS[stage.expert]}" if stage.expert else ""
    kind = "reused" if stage.reused else "expert" if stage.expert else ""
    left, width = min(100 * start, 99.2), max(100 * share, 0.8)
    said = seconds_text(stage.seconds)
    if stage.reused:
        said = "reused" if stage.seconds < 0.001 else f"reused · {said}"
    label = _row_label(stage.name, stage.expert)
    return (
        f'<tr class="{kind}" data-stage="{stage.name}"><th scope="row">{label}</th>'
        f'<td class="mova-track"><i style="left:{left:.2f}%;width:{width:.2f}%{colour}"></i></td>'
        f'<td class="mova-number">{said}</td></tr>'
    )


def _expected_row(name: str, letter: str | None, now: bool) -> str:
    return (
        f'<tr class="{"now" if now else "later"}"><th scope="row">{_row_label(name, letter)}</th>'
        f'<td class="mova-track"></td><td class="mova-number">{"now" if now else ""}</td></tr>'
    )


def _row_label(name: str, letter: str | None) -> str:
    label = escape(stage_label(name, letter))
    return (
        f'<span class="mova-dot" style="--c:{EXPERT_COLOURS[letter]}"></span>{letter} · {label}'
        if letter
        else label
    )


def _time_words(trace: Trace | None) -> str:
    if trace is None or trace.timings.total is None:
        return ""
    timings = trace.timings
    said = [f"{seconds_text(timings.total)} in all"]
    if timings.first_word is not None:
        said.append(f"first word after {seconds_text(timings.first_word)}")
    writing = sum(stage.seconds for stage in timings.stages if stage.name == "decode")
    if writing > 0 and trace.answer:
        said.append(f"{len(trace.answer.split()) / writing:.0f} words/s")
    if timings.tokens_per_second:
        said.append(f"{timings.tokens_per_second:.0f} tokens/s")
    said.append(f"weights {trace.model.memory_gb:.1f} GB")
    return f'<p class="mova-words">{" · ".join(said)}</p>'


def _panel(title: str, about: str, body: str) -> str:
    name = title.lower()
    return (
        f'<section class="mova-panel" data-panel="{name}" aria-labelledby="mova-{name}">'
        f'<h2 id="mova-{name}">{title} <span>{about}</span></h2>{body}</section>'
    )
