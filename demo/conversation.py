"""Visit -> the left side: the open conversation as the library's messages, and the list of all.

Pure. Texts of people and of the model are shielded (demo/safe_text.py); what the page says itself are small
pieces of HTML, escaped here. The line under an answer carries the exchange's id: choosing it brings the
answer's right side back.
"""

from html import escape
from typing import Any

from demo.panels.gate import mean_weights
from demo.panels.panel import seconds_text
from demo.panels.time import stage_label
from demo.safe_text import shielded, with_formulas
from demo.state import Conversation, Exchange, Visit
from demo.words import Words
from mova.trace import Trace
from mova.vision.experts.pool import EXPERTS

Message = dict[str, Any]


def messages(visit: Visit, say: Words) -> list[Message]:
    """Two messages for each exchange of the open conversation: what was asked, what came of it."""
    conversation = visit.conversation
    return [
        message
        for exchange in conversation.exchanges
        for message in (_question(exchange), _answer(exchange, visit, say))
    ]


def _question(exchange: Exchange) -> Message:
    return {"role": "user", "content": [_text(exchange.question)]}


def _answer(exchange: Exchange, visit: Visit, say: Words) -> Message:
    content = _said(exchange, visit, say)
    if exchange.beside is not None:
        content = [_html("mova-from", f"A · {say('compare.router')}"), *content]
        content += [_html("mova-from", f"B · {say('compare.forced')}"), *_said(exchange.beside, visit, say)]
    return {"role": "assistant", "content": content or [_html("mova-text doing", "…")]}


def _said(exchange: Exchange, visit: Visit, say: Words) -> list[Message]:
    """What came of one question: who speaks, the text, notes, why it ended, the line under it."""
    trace, with_picture = exchange.trace, visit.conversation.picture is not None
    content: list[Message] = []
    if exchange.page_says:
        content += [_html("mova-from", say("chat.from_the_page")), _text(exchange.page_says)]
    elif trace and not with_picture:
        content.append(_html("mova-from", say("chat.plain", llm=trace.model.llm)))
    if exchange.recorded:
        content.append(_html("mova-from", say("chat.recorded", model=trace.model.name if trace else "")))
    if trace and trace.answer:
        content.append(_text(with_formulas(trace.answer)))
    elif exchange.pending:
        content.append(_html("mova-text doing", doing(trace, with_picture, say)))
    for note in trace.notes if trace else ():
        content.append(_html("mova-note", say.told(note)))
    if exchange.failure:
        content.append(_html("mova-failure", say.told(exchange.failure)))
    if trace is not None and trace.done:
        content.append(_quiet_button(exchange, exchange.id == visit.shown, with_picture, say))
    return content


def _text(text: str) -> Message:
    return {"type": "text", "text": shielded(text)}


def _html(kind: str, words: str) -> Message:
    return _piece(f'<p class="{kind}">{escape(words)}</p>')


def _piece(html: str) -> Message:
    """A piece of the page's own HTML in a message."""
    props = {"value": html, "html_template": "${value}", "css_template": "", "js_on_load": None}
    return {
        "type": "component", "component": "html", "value": html, "constructor_args": {}, "props": props,
    }  # fmt: skip


def _quiet_button(exchange: Exchange, shown: bool, with_picture: bool, say: Words) -> Message:
    assert exchange.trace is not None, "only a whole answer has a line under it"
    words = escape(quiet_line(exchange.trace, with_picture, say))
    # The library copies no message that has more in it than text, so this is done here.
    copy = (
        f'<button type="button" class="mova-copy" data-act="copy" data-text="{escape(exchange.trace.answer)}"'
        f' data-copied="{escape(say("chat.copied"))}">{escape(say("chat.copy"))}</button>'
    )
    return _piece(
        f'<button type="button" class="mova-line" data-act="show" data-id="{exchange.id}"'
        f' aria-pressed="{"true" if shown else "false"}" title="{escape(say("chat.show"))}">{words}</button>'
        f"{copy if exchange.trace.answer else ''}"
    )


def doing(trace: Trace | None, with_picture: bool, say: Words) -> str:
    """What is being done before the first word, in words."""
    if trace is None:
        return say("doing.turn")
    if not with_picture or any(stage.name == "prefill" for stage in trace.timings.stages):
        return say("doing.writing")
    if trace.gates is not None:
        return say("doing.reading")
    if trace.routing is not None:
        seen = {stage.expert for stage in trace.timings.stages if stage.name == "expert"}
        left = [letter for letter in trace.routing.experts if letter not in seen]
        return say("doing.expert", name=stage_label("expert", left[0])) if left else say("doing.weighing")
    return say("doing.routing") if trace.timings.stages else say("doing.looking")


def quiet_line(trace: Trace, with_picture: bool, say: Words) -> str:
    """`DePlot 0.71 · Pix2Struct 0.29 · 1.2 s to the first word · 38 tok/s`."""
    said = []
    if trace.gates is not None and any(means := mean_weights(trace.gates)):
        ranked = sorted(zip(means, EXPERTS, strict=True), key=lambda pair: -pair[0])
        said += [f"{expert.name} {mean:.2f}" for mean, expert in ranked if mean > 0]
    else:
        said.append(say("line.clip") if with_picture else say("line.text"))
    if trace.routing is not None and trace.routing.forced:
        said.append(say("line.forced"))
    if trace.settings.decoding.temperature > 0:
        said.append(say("line.seed", seed=trace.settings.decoding.seed))
    if trace.timings.first_word is not None:
        said.append(say("line.first_word", time=seconds_text(trace.timings.first_word)))
    if trace.timings.tokens_per_second:
        said.append(say("line.speed", number=f"{trace.timings.tokens_per_second:.0f}"))
    if trace.stopped:
        said.append(say("line.stopped"))
    return " · ".join(said)


def conversations_html(visit: Visit, say: Words) -> str:
    """What to look at in this picture, and every conversation as a button, newest first.

    The browser adds those that it keeps from earlier (assets/page/kept.js) to the same list.
    """
    picture = visit.conversation.picture
    hint = f'<p class="mova-hint">{escape(picture.hint)}</p>' if picture and picture.hint else ""
    notice = f'<p class="mova-notice" role="status">{escape(visit.notice)}</p>' if visit.notice else ""
    begun = any(conversation.exchanges for conversation in visit.conversations)
    rows = [
        _row(conversation, conversation.id == visit.current, say)
        for conversation in reversed(visit.conversations)
        if conversation.exchanges or (begun and conversation.id == visit.current)
    ]
    about = "" if begun else "".join(f'<p class="mova-hint">{say(f"intro.{n}")}</p>' for n in ("1", "2"))
    forget = escape(say("kept.forget"))
    return (
        f'{notice}{hint}{about}<div class="mova-list" data-kept="{escape(say("kept.count"))}">'
        f'<div class="mova-list-head"><h2>{say("conversations.title")}</h2>'
        f'<button type="button" class="mova-forget" data-act="forget" title="{escape(say("kept.about"))}"'
        f' data-sure="{escape(say("kept.sure"))}" hidden>{forget}</button></div>'
        f'<ul class="mova-conversations">{"".join(rows)}</ul></div>'
    )


def _row(conversation: Conversation, now: bool, say: Words) -> str:
    count = len(conversation.exchanges)
    title = conversation.title or say("conversations.empty")
    said = say("conversations.one") if count == 1 else say("conversations.many", count=count)
    branch = f"{say('conversations.branch')} · " if conversation.branch_of else ""
    current = ' aria-current="true"' if now else ""
    return (
        f'<li><button type="button" data-act="conversation" data-id="{conversation.id}"{current}>'
        f"<span>{escape(title)}</span><small>{branch}{said}</small></button></li>"
    )
