"""Visit -> HTML of the left side: the list of conversations, and the open one. Pure; escaped."""

from html import escape

from demo.panels.gate import mean_weights
from demo.panels.panel import seconds_text
from demo.panels.time import stage_label
from demo.state import Exchange, Visit
from demo.theme import EMPTY_TRANSCRIPT, FROM_THE_PAGE, INTRODUCTION, PLAIN_CHAT
from mova.trace import Trace
from mova.vision.experts.pool import EXPERTS


def conversations_html(visit: Visit) -> str:
    """What to look at in this picture, and every conversation as a button, newest first."""
    picture = visit.conversation.picture
    hint = f'<p class="mova-hint">{escape(picture.hint)}</p>' if picture and picture.hint else ""
    notice = f'<p class="mova-notice" role="status">{escape(visit.notice)}</p>' if visit.notice else ""
    rows = []
    for conversation in reversed(visit.conversations):
        count = len(conversation.exchanges)
        if not count and conversation.id != visit.current:
            continue
        now = ' aria-current="true"' if conversation.id == visit.current else ""
        rows.append(
            f'<li><button type="button" data-act="conversation" data-id="{conversation.id}"{now}>'
            f"<span>{escape(conversation.title)}</span>"
            f"<small>{count} question{'' if count == 1 else 's'}</small></button></li>"
        )
    listing = f'<h3>Conversations</h3><ul class="mova-conversations">{"".join(rows)}</ul>'
    if not any(conversation.exchanges for conversation in visit.conversations):
        return f'{notice}<p class="mova-hint">{INTRODUCTION[0]}</p><p class="mova-hint">{INTRODUCTION[1]}</p>'
    return notice + hint + listing


def transcript_html(visit: Visit) -> str:
    """Questions and answers as plain text; under each answer one line that brings its right side back."""
    exchanges = visit.conversation.exchanges
    if not exchanges:
        return f'<div class="mova-empty"><p>{EMPTY_TRANSCRIPT}</p></div>'
    with_picture = visit.conversation.picture is not None
    said = [_exchange(e, e.id == visit.shown, with_picture) for e in exchanges]
    # A reader's voice waits while text is still coming: every update replaces the whole.
    busy = "true" if exchanges[-1].pending else "false"
    return (
        f'<div class="mova-transcript" role="log" aria-busy="{busy}" aria-label="Conversation">'
        f"{''.join(said)}</div>"
    )


def _exchange(exchange: Exchange, shown: bool, with_picture: bool) -> str:
    trace = exchange.trace
    text = f'<p class="mova-text" dir="auto">{escape(trace.answer)}</p>' if trace and trace.answer else ""
    if trace and not with_picture:
        text = f'<p class="mova-from">{escape(PLAIN_CHAT.format(llm=trace.model.llm))}</p>{text}'
    if exchange.page_says:
        said = f'<p class="mova-text" dir="auto">{escape(exchange.page_says)}</p>'
        text = f'<p class="mova-from">{FROM_THE_PAGE}</p>{said}'
    if exchange.pending and not (trace and trace.answer):
        text += f'<p class="mova-text doing">{escape(_doing(trace, with_picture))}</p>'
    notes = "".join(f'<p class="mova-note">{escape(note)}</p>' for note in (trace.notes if trace else ()))
    failure = f'<p class="mova-failure">{escape(exchange.failure)}</p>' if exchange.failure else ""
    return (
        f'<div class="mova-question" dir="auto">{escape(exchange.question)}</div>'
        f'<article class="mova-answer{" shown" if shown else ""}" data-act="show" data-id="{exchange.id}">'
        f"{text}{notes}{failure}{_quiet_button(exchange, shown, with_picture)}</article>"
    )


def _quiet_button(exchange: Exchange, shown: bool, with_picture: bool) -> str:
    if exchange.trace is None or not exchange.trace.done:
        return ""
    words = escape(quiet_line(exchange.trace, with_picture))
    return (
        f'<button type="button" class="mova-line" data-act="show" data-id="{exchange.id}"'
        f' aria-pressed="{"true" if shown else "false"}" title="Show how MoVA looked">{words}</button>'
    )


def _doing(trace: Trace | None, with_picture: bool) -> str:
    """What is being done before the first word, in words."""
    if trace is None:
        return "Waiting for its turn …"
    if not with_picture or any(stage.name == "prefill" for stage in trace.timings.stages):
        return "Writing …"
    if trace.gates is not None:
        return "Reading the prompt …"
    if trace.routing is not None:
        seen = {stage.expert for stage in trace.timings.stages if stage.name == "expert"}
        left = [letter for letter in trace.routing.experts if letter not in seen]
        return f"{stage_label('expert', left[0])} is looking …" if left else "Weighing the experts …"
    return "The router is choosing …" if trace.timings.stages else "Looking at the picture …"


def quiet_line(trace: Trace, with_picture: bool) -> str:
    """`DePlot 0.71 · Pix2Struct 0.29 · 1.2 s to the first word · 38 tok/s`."""
    said = []
    if trace.gates is not None and any(means := mean_weights(trace.gates)):
        ranked = sorted(zip(means, EXPERTS, strict=True), key=lambda pair: -pair[0])
        said += [f"{expert.name} {mean:.2f}" for mean, expert in ranked if mean > 0]
    else:
        said.append("CLIP alone" if with_picture else "text only")
    if trace.routing is not None and trace.routing.forced:
        said.append("your choice")
    if trace.timings.first_word is not None:
        said.append(f"{seconds_text(trace.timings.first_word)} to the first word")
    if trace.timings.tokens_per_second:
        said.append(f"{trace.timings.tokens_per_second:.0f} tok/s")
    if trace.stopped:
        said.append("stopped")
    return " · ".join(said)
