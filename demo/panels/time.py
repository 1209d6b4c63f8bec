"""The panel of time: the stages as bars on one axis, as they happen. Pure; escaped."""

from html import escape

from demo.panels.panel import Panel, Shown, panel_html, seconds_text
from demo.theme import EXPERT_COLOURS, STAGE_NAMES
from demo.words import Words
from mova.trace import Stage, Timings, Trace
from mova.vision.experts.pool import BY_LETTER


def time_html(shown: Shown, say: Words) -> str:
    """The stages as bars on one time axis, with milliseconds; reused ones are hatched and say so."""
    trace = shown.trace
    stages = [s for s in trace.timings.stages if not _is_empty(s, trace)] if trace else []
    running = trace is not None and shown.pending
    expected = _expected(shown, stages)
    whole = max(sum(stage.seconds for stage in stages), 1e-9)
    start, rows = 0.0, []
    for stage in stages:
        rows.append(_stage_row(stage, start / whole, stage.seconds / whole))
        start += stage.seconds
    for position, (name, letter) in enumerate(expected):
        rows.append(_expected_row(name, letter, running and position == 0))
    head = '<thead class="mova-unseen"><tr><th>Stage</th><th>Share</th><th>Time</th></tr></thead>'
    table = f'<table class="mova-time">{head}<tbody>{"".join(rows)}</tbody></table>'
    return panel_html("Time", "what took how long", table + _time_words(trace))


def _is_empty(stage: Stage, trace: Trace) -> bool:
    """Whether a stage took no time because it never happened: the router, when a person chose instead."""
    return stage.name == "router" and trace.routing is not None and trace.routing.forced


def _expected(shown: Shown, stages: list[Stage]) -> list[tuple[str, str | None]]:
    """The stages still to come, in order, as (name, letter); none once the answer is done."""
    if shown.asked and not shown.pending:
        return []
    routing, forced = shown.trace.routing if shown.trace else None, shown.forced
    letters = routing.experts if routing else forced
    plan: list[tuple[str, str | None]] = []
    if shown.with_picture or not shown.asked:
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
    timings = trace.timings if trace else Timings()
    if trace is None or timings.total is None:
        return ""
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


TIME = Panel("time", time_html, lambda trace: trace.timings)
