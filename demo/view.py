"""What a visitor sees, as values for the page's parts: all of it, or what changed while an answer grows."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any

import gradio as gr

from demo import conversation, picture_view
from demo.compare import compare_html
from demo.panels import PANELS
from demo.panels.history import HistoryRow, history_html
from demo.panels.panel import Shown
from demo.panels.seen import seen_buttons
from demo.panels.time import TIME
from demo.picture_store import PictureStore
from demo.state import Exchange, Visit
from demo.trace_store import TraceStore
from demo.words import Words, words_for

# The outputs of every handler that shows something, in the order ui.py wires them.
PARTS = (
    "composer", "conversations", "picture", "transcript", "compare", "history",
    *(panel.name for panel in PANELS), "ways", "seen", "status", "stop", "again", "clear", "ids", "outbox",
    "done",
)  # fmt: skip


def update(**changed) -> tuple:
    """Values for PARTS in order; what is not named stays as it is."""
    assert set(changed) <= set(PARTS), f"not a part of the view: {set(changed) - set(PARTS)}"
    return tuple(changed[name] if name in changed else gr.skip() for name in PARTS)


def with_part(shown: tuple, name: str, value: object) -> tuple:
    """The view with one part's value changed."""
    return tuple(value if part == name else old for part, old in zip(PARTS, shown, strict=True))


def with_outbox(shown: tuple, letter: str) -> tuple:
    """The view with a letter (JSON) for the page's script: something to keep or to save."""
    number = secrets.token_hex(4)  # equal letters are two letters
    return with_part(shown, "outbox", f'<i data-number="{number}" data-letter="{escape(letter)}"></i>')


def with_done(shown: tuple, number: int) -> tuple:
    """The view with the number of the act that it comes of: the page sends the next one then."""
    return with_part(shown, "done", f'<i data-number="{number}"></i>')


def stop_button(active: bool) -> gr.Button:
    """Stop, while there is something to be stopped."""
    return gr.Button(interactive=active)


def status_html(text: str, kind: str = "") -> str:
    """The line under the composer; `kind` "refused" is announced at once."""
    role = "alert" if kind == "refused" else "status"
    return f'<p class="mova-status {kind}" role="{role}">{escape(text)}</p>'


def status(text: str, kind: str = "") -> tuple:
    """The view with another line under the composer."""
    return update(status=status_html(text, kind))


def whole(
    visit: Visit, pictures: PictureStore, traces: TraceStore, engine: Any = None, *, answering: bool,
    new_picture: bool = True,
) -> tuple:  # fmt: skip
    """Every part of the view. With `new_picture` False the picture is sent again only where answers about it
    name boxes: it is big."""
    say, picture, exchange = words_for(visit.language), visit.conversation.picture, visit.exchange
    asked = visit.conversation.exchanges
    boxed = picture is not None and any(picture_view.boxes_on(picture, e) for e in asked)
    now = shown_of(visit, exchange, traces, engine)
    shown = {panel.name: panel.draw(now, say) for panel in PANELS}
    source = pictures.data_uri(picture)
    if new_picture or boxed or not source:
        source = source or thumbnail(visit, traces)
        shown["picture"] = picture_view.picture_html(picture, source, exchange, say)
    return update(
        conversations=conversation.conversations_html(visit, say),
        transcript=transcript_of(visit),
        compare=compare_part(visit, traces),
        history=history_html(_rows(visit), say),
        ways="",
        status=status_html(""),
        stop=stop_button(answering),
        seen=_seen(now, say),
        again=gr.Button(interactive=bool(asked) and not answering),
        clear=gr.Button(interactive=bool(asked) and not answering),
        ids=[e.id for e in asked],
        **shown,
    )


def progress(
    visit: Visit,
    before: Exchange,
    now: Exchange,
    staged: bool,
    traces: TraceStore,
    usual: Mapping[str, float],
) -> tuple:
    """What changed of one exchange: its text, and a panel when a stage has ended that it shows. Nothing while
    the visitor looks at another conversation, no panel while another answer is on the right side.
    `usual` is what each stage took last time."""
    if all(now.id != each.id for whole in visit.conversation.exchanges for each in whole.both):
        return update()
    say = words_for(visit.language)
    changed: dict = {"transcript": transcript_of(visit)}
    if (pair := compared(visit)) and now.id in (pair.id, pair.both[-1].id):
        changed["compare"] = compare_part(visit, traces)
    if staged and now.trace is not None:
        changed["status"] = status_html(say("status.answering"))
        # Stop at every stage: what a stopped answer says last may come after a new one.
        changed |= {} if now.trace.done else {"stop": stop_button(True)}
        if now.trace.routing and not (before.trace and before.trace.routing):
            changed["history"] = history_html(_rows(visit), say)
        if visit.shown == now.id:
            shown = replace(shown_of(visit, now, traces), usual=usual)
            for panel in PANELS:
                if before.trace is None or panel.shows(before.trace) != panel.shows(now.trace):
                    changed[panel.name] = panel.draw(shown, say)
    return update(**changed)


def transcript_of(visit: Visit) -> list[conversation.Message]:
    """The open conversation as the chat shows it."""
    return conversation.messages(visit, words_for(visit.language))


def compared(visit: Visit) -> Exchange | None:
    """The shown exchange with the one beside it; None where there is none."""
    for whole in visit.conversation.exchanges:
        if whole.beside is not None and visit.shown in (whole.id, whole.beside.id):
            return whole
    return None


def compare_part(visit: Visit, traces: TraceStore) -> str:
    """The two answers of the shown pair side by side; empty where there is no pair."""
    pair = compared(visit)
    if pair is None:
        return ""
    return compare_html([shown_of(visit, each, traces) for each in pair.both], words_for(visit.language))


def _seen(shown: Shown, say: Words) -> str:
    """The buttons that ask what an encoder sees, where the model is at hand that can be asked."""
    routing = shown.trace.routing if shown.trace else None
    return seen_buttons(routing.experts, say) if shown.live and routing and not shown.pending else ""


def shown_of(visit: Visit, exchange: Exchange | None, traces: TraceStore, engine: Any = None) -> Shown:
    """What the right side shows of an exchange of the open conversation; `engine` is the model that can be
    asked more about it."""
    with_picture = visit.conversation.picture is not None
    if exchange is None:
        return Shown(with_picture=with_picture)
    trace = exchange.trace and traces.whole(exchange.trace)
    picture = visit.conversation.picture
    here = engine is not None and picture is not None and bool(picture.path)
    live = here and trace is not None and trace.model.checkpoint == engine.info.checkpoint
    what_if = trace.routing.experts if live and trace and trace.routing and not exchange.pending else None
    forced = exchange.settings.experts
    return Shown(trace, True, exchange.pending, with_picture, forced, live, what_if=what_if)


def waiting(visit: Visit, traces: TraceStore, before: int, usual: Mapping[str, float], said: str) -> tuple:
    """The view while a question waits behind so many others."""
    shown = replace(shown_of(visit, visit.exchange, traces), before=before, usual=usual)
    return update(status=status_html(said), time=TIME.draw(shown, words_for(visit.language)))


def _rows(visit: Visit) -> list[HistoryRow]:
    """The questions of the open conversation, where there is a picture to be looked at."""
    if visit.conversation.picture is None or len(visit.conversation.exchanges) < 2:
        return []
    every = [each for whole in visit.conversation.exchanges for each in whole.both]
    return [HistoryRow(e.id, e.question, e.trace, e.id == visit.shown) for e in every]


def thumbnail(visit: Visit, traces: TraceStore) -> str:
    """The small copy of the open conversation's picture that its traces carry; empty when they have none."""
    for exchange in visit.conversation.exchanges:
        trace = exchange.trace and traces.whole(exchange.trace)
        if trace and trace.picture and trace.picture.thumbnail:
            return trace.picture.thumbnail
    return ""
