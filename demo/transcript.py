"""Visit -> HTML of the left side: header, picture, conversations and transcript. Pure; escaped."""

from collections.abc import Sequence
from html import escape

from demo.gallery import Example
from demo.panels import mean_weights, seconds_text, stage_label
from demo.state import Exchange, Picture, Visit
from demo.theme import (
    EMPTY_TRANSCRIPT,
    FROM_THE_PAGE,
    INTRODUCTION,
    LICENCE_URL,
    PLAIN_CHAT,
    TAGLINE,
    TITLE,
)
from mova.language.boxes import Box, in_pixels, read_boxes
from mova.trace import ModelInfo, Trace
from mova.vision.experts.pool import EXPERTS

# Three of the seven eyes look at the same point: the mark of the page.
LOGO = (
    '<svg class="mova-logo" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="4.5"/><g>'
    '<circle cx="16" cy="4" r="2.4"/><circle cx="26.4" cy="10" r="2.4"/><circle cx="26.4" cy="22" r="2.4"/>'
    '<circle cx="16" cy="28" r="2.4"/><circle cx="5.6" cy="22" r="2.4"/><circle cx="5.6" cy="10" r="2.4"/>'
    "</g></svg>"
)


def header_html(info: ModelInfo | None, loading: str = "", fraction: float = 0.0) -> str:
    """One line that names the model honestly, or says how far loading is."""
    if info is None:
        said = (
            f'<span class="mova-model" role="status">loading … {escape(loading)}</span>'
            f'<progress max="1" value="{fraction:.3f}" aria-label="Loading the model"></progress>'
        )
    else:
        device = "CPU" if info.device == "cpu" else info.device
        facts = [info.name, info.precision, device, f"{info.memory_gb:.1f} GB"]
        honest = " · a small model trained on drawn pictures: expect simple answers" if info.embedded else ""
        said = f'<span class="mova-model"><b>{escape(" · ".join(facts))}</b>{honest}</span>'
    return (
        f'<header class="mova-header">{LOGO}<h1>{TITLE}</h1><span class="mova-tagline">{TAGLINE}</span>'
        f'{said}<button type="button" class="mova-quiet" data-act="theme">Light / dark</button></header>'
    )


def footer_html(info: ModelInfo | None, examples: Sequence[Example]) -> str:
    """Licence of the language model where it asks for it, and where the example pictures come from."""
    built = ""
    if info is not None and info.licence == "llama3":
        built = (
            f'<b>Built with Meta Llama 3</b> · <a href="{LICENCE_URL}" target="_blank" rel="noreferrer">'
            "Meta Llama 3 licence</a>"
        )
    origins = {e.path.name: f"{e.source} ({e.licence})" for e in examples}
    sources = "".join(f"<li>{escape(name)}: {escape(origin)}</li>" for name, origin in origins.items())
    return (
        f'<footer class="mova-footer"><span>{built}</span>'
        "<span>Pictures and questions stay on the machine that runs this page.</span>"
        f"<details><summary>Sources of the example pictures</summary><ul>{sources}</ul></details></footer>"
    )


def picture_html(picture: Picture | None, source: str, exchange: Exchange | None = None) -> str:
    """The open conversation's picture with the boxes that the shown exchange's answer names.

    `source` is a data URI, so nothing is served from disk.
    """
    if picture is None:
        return (
            '<div class="mova-picture none"><p>No picture yet.<br>Drop, paste or upload one below.</p></div>'
        )
    size = f"{picture.width} × {picture.height} pixels"
    words, boxes = f"The picture being asked about, {size}", boxes_on(picture, exchange)
    if boxes:
        words += f", with {'the box' if len(boxes) == 1 else f'{len(boxes)} boxes'} of the answer"
    return (
        f'<figure class="mova-picture"><div class="mova-framed">'
        f'<img src="{source}" alt="{words}" title="{size}">{_outlines(picture, boxes)}</div></figure>'
    )


def boxes_on(picture: Picture, exchange: Exchange | None) -> list[Box]:
    """The boxes of an answer that lie on the picture, in its pixels."""
    answer = exchange.trace.answer if exchange and exchange.trace else ""
    placed = (in_pixels(box, picture.width, picture.height) for box in read_boxes(answer))
    return [box for box in placed if box]


def _outlines(picture: Picture, boxes: list[Box]) -> str:
    """An SVG over the whole picture: each box twice, so that it is seen on light and on dark."""
    if not boxes:
        return ""
    drawn = "".join(
        f'<rect class="{kind}" x="{x1:.1f}" y="{y1:.1f}" width="{x2 - x1:.1f}" height="{y2 - y1:.1f}"/>'
        for x1, y1, x2, y2 in boxes
        for kind in ("under", "over")
    )
    view = f"0 0 {picture.width} {picture.height}"
    return f'<svg class="mova-boxes" viewBox="{view}" aria-hidden="true">{drawn}</svg>'


def conversations_html(visit: Visit) -> str:
    """What to look at in this picture, and every conversation as a button, newest first."""
    picture = visit.conversation.picture
    hint = f'<p class="mova-hint">{escape(picture.hint)}</p>' if picture and picture.hint else ""
    notice = f'<p class="mova-notice" role="status">{escape(visit.notice)}</p>' if visit.notice else ""
    rows = []
    for position in reversed(range(len(visit.conversations))):
        conversation = visit.conversations[position]
        count = len(conversation.exchanges)
        if not count and position != visit.current:
            continue
        now = ' aria-current="true"' if position == visit.current else ""
        rows.append(
            f'<li><button type="button" data-act="conversation" data-index="{position}"{now}>'
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
    said = [_exchange(e, i, i == visit.shown, with_picture) for i, e in enumerate(exchanges)]
    # A reader's voice waits while text is still coming: every update replaces the whole.
    busy = "true" if exchanges[-1].pending else "false"
    return (
        f'<div class="mova-transcript" role="log" aria-busy="{busy}" aria-label="Conversation">'
        f"{''.join(said)}</div>"
    )


def _exchange(exchange: Exchange, position: int, shown: bool, with_picture: bool) -> str:
    trace = exchange.trace
    text = f'<p class="mova-text">{escape(trace.answer)}</p>' if trace and trace.answer else ""
    if trace and not with_picture:
        text = f'<p class="mova-from">{escape(PLAIN_CHAT.format(llm=trace.model.llm))}</p>{text}'
    if exchange.page_says:
        text = (
            f'<p class="mova-from">{FROM_THE_PAGE}</p><p class="mova-text">{escape(exchange.page_says)}</p>'
        )
    if exchange.pending and not (trace and trace.answer):
        text += f'<p class="mova-text doing">{escape(_doing(trace, with_picture))}</p>'
    notes = "".join(f'<p class="mova-note">{escape(note)}</p>' for note in (trace.notes if trace else ()))
    failure = f'<p class="mova-failure">{escape(exchange.failure)}</p>' if exchange.failure else ""
    return (
        f'<div class="mova-question">{escape(exchange.question)}</div>'
        f'<article class="mova-answer{" shown" if shown else ""}" data-act="show" data-index="{position}">'
        f"{text}{notes}{failure}{_quiet_button(exchange, position, shown, with_picture)}</article>"
    )


def _quiet_button(exchange: Exchange, position: int, shown: bool, with_picture: bool) -> str:
    if exchange.trace is None or not exchange.trace.done:
        return ""
    words = escape(quiet_line(exchange.trace, with_picture))
    return (
        f'<button type="button" class="mova-line" data-act="show" data-index="{position}"'
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
