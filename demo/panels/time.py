"""The panel of time: the stages as bars on one axis, as they happen. Pure; escaped."""

from collections.abc import Sequence
from html import escape

from demo.panels.panel import Panel, Shown, panel_html, seconds_text
from demo.theme import EXPERT_COLOURS
from demo.words import ENGLISH, Words
from mova.trace import Stage, Timings, Trace
from mova.vision.experts.pool import BY_LETTER

Step = tuple[str, str | None]  # a stage's name, and its expert's letter


def time_html(shown: Shown, say: Words) -> str:
    """The stages as bars on one time axis: those done with their time, reused ones hatched; those to come as
    long as they usually take; and the place in the line before all that."""
    trace = shown.trace
    stages = [s for s in trace.timings.stages if not _is_empty(s, trace)] if trace else []
    expected = _expected(shown, stages)
    usual = [shown.usual.get(step(*stage), 0.0) if shown.pending else 0.0 for stage in expected]
    whole = max(sum(stage.seconds for stage in stages) + sum(usual), 1e-9)
    start, rows = 0.0, []
    for stage in stages:
        rows.append(_stage_row(stage, start / whole, stage.seconds / whole, say))
        start += stage.seconds
    running = trace is not None and shown.pending
    for position, (coming, seconds) in enumerate(zip(expected, usual, strict=True)):
        rows.append(
            _expected_row(coming, seconds, start / whole, seconds / whole, running and not position, say)
        )
        start += seconds
    heads = "".join(f'<th scope="col">{say(f"time.{key}")}</th>' for key in ("stage", "share", "seconds"))
    head = f'<thead class="mova-unseen"><tr>{heads}</tr></thead>'
    table = f'<table class="mova-time">{head}<tbody>{"".join(rows)}</tbody></table>'
    return panel_html(
        say("time.title"),
        say("time.about"),
        _line_words(shown, say) + table + _time_words(shown, say),
        "time",
    )


def step(name: str, letter: str | None) -> str:
    """What a stage is called in `Shown.usual`: `router`, `expert E`."""
    return f"{name} {letter}" if letter else name


def took(trace: Trace) -> dict[str, float]:
    """What each stage of a trace took, by `step`; reused ones and those that never were tell nothing."""
    done = (stage for stage in trace.timings.stages if not stage.reused and not _is_empty(stage, trace))
    return {step(stage.name, stage.expert): stage.seconds for stage in done}


def _is_empty(stage: Stage, trace: Trace) -> bool:
    """Whether a stage took no time because it never happened: the router, when a person chose instead."""
    return stage.name == "router" and trace.routing is not None and trace.routing.forced


def _expected(shown: Shown, stages: Sequence[Stage]) -> list[Step]:
    """The stages still to come, in order; none once the answer is done."""
    if shown.asked and not shown.pending:
        return []
    routing, forced = shown.trace.routing if shown.trace else None, shown.forced
    letters = routing.experts if routing else forced
    plan: list[Step] = []
    if shown.with_picture or not shown.asked:
        plan += [("image", None), ("base", None)]
        plan += [("router", None)] if forced is None else []
        plan += [("expert", None)] if letters is None else [("expert", letter) for letter in letters]
        plan += [("adapter", None)]
    plan += [("prefill", None), ("decode", None)]
    done = {(stage.name, stage.expert) for stage in stages}
    return [stage for stage in plan if stage not in done]


def stage_label(name: str, letter: str | None, say: Words = ENGLISH) -> str:
    """What a stage is called on the page."""
    if letter:
        return BY_LETTER[letter].name
    return say(f"stage.{name}") if f"stage.{name}" in say else name


def _stage_row(stage: Stage, start: float, share: float, say: Words) -> str:
    colour = f";--c:{EXPERT_COLOURS[stage.expert]}" if stage.expert else ""
    kind = "reused" if stage.reused else "expert" if stage.expert else ""
    left, width = min(100 * start, 99.2), max(100 * share, 0.8)
    said = seconds_text(stage.seconds)
    if stage.reused:
        said = say("time.reused") if stage.seconds < 0.001 else say("time.reused_in", seconds=said)
    label = _row_label(stage.name, stage.expert, say)
    return (
        f'<tr class="{kind}" data-stage="{stage.name}"><th scope="row">{label}</th>'
        f'<td class="mova-track"><i style="left:{left:.2f}%;width:{width:.2f}%{colour}"></i></td>'
        f'<td class="mova-number">{said}</td></tr>'
    )


def _expected_row(coming: Step, seconds: float, start: float, share: float, now: bool, say: Words) -> str:
    """A stage that runs or is still to come: an outline as long as it took last time, which fills itself."""
    bar, said = "", say("time.now") if now else ""
    current = ' aria-current="step"' if now else ""
    if seconds:
        said = say("time.usually", seconds=seconds_text(seconds))
        place = f"left:{min(100 * start, 99.2):.2f}%;width:{max(100 * share, 0.8):.2f}%"
        bar = f'<b style="{place};--t:{seconds:.2f}s"></b>'
    return (
        f'<tr class="{"now" if now else "later"}"{current}><th scope="row">{_row_label(*coming, say)}</th>'
        f'<td class="mova-track">{bar}</td><td class="mova-number">{said}</td></tr>'
    )


def _row_label(name: str, letter: str | None, say: Words) -> str:
    label = escape(stage_label(name, letter, say))
    return (
        f'<span class="mova-dot" style="--c:{EXPERT_COLOURS[letter]}"></span>{letter} · {label}'
        if letter
        else label
    )


def _line_words(shown: Shown, say: Words) -> str:
    """The place in the line, while the question waits for its turn."""
    if not shown.pending or shown.trace is not None:
        return ""
    key = "time.next" if not shown.before else "time.one_before" if shown.before == 1 else "time.before"
    return f'<p class="mova-lead">{say(key, count=shown.before)}</p>'


def _time_words(shown: Shown, say: Words) -> str:
    """Totals, speed, memory and the request's name, once there is something to tell."""
    trace, said = shown.trace, []
    timings = trace.timings if trace else Timings()
    if trace is not None and timings.total is not None:
        said.append(say("time.total", seconds=seconds_text(timings.total)))
        if timings.first_word is not None:
            said.append(say("time.first_word", seconds=seconds_text(timings.first_word)))
        writing = sum(stage.seconds for stage in timings.stages if stage.name == "decode")
        if writing > 0 and trace.answer:
            said.append(say("time.words", count=f"{len(trace.answer.split()) / writing:.0f}"))
        if timings.tokens_per_second:
            said.append(say("time.tokens", count=f"{timings.tokens_per_second:.0f}"))
        said.append(say("time.weights", memory=f"{trace.model.memory_gb:.1f} GB"))
    if shown.request:
        said.append(f'{say("time.request")} <code class="mova-request">{escape(shown.request)}</code>')
    return f'<p class="mova-words">{" · ".join(said)}</p>' if said else ""


TIME = Panel("time", time_html, lambda trace: trace.timings)
