"""What a visitor sees, as values for the page's parts: all of it, or what changed while an answer grows."""

from html import escape

import gradio as gr

from demo import conversation, picture_view
from demo.panels import PANELS
from demo.panels.panel import Shown
from demo.picture_store import PictureStore
from demo.state import Exchange, Visit
from demo.words import ENGLISH

# The outputs of every handler that shows something, in the order ui.py wires them.
PARTS = (
    "conversations", "picture", "transcript", *(panel.name for panel in PANELS), "status",
    "stop", "again", "clear",
)  # fmt: skip


def update(**changed) -> tuple:
    """Values for PARTS in order; what is not named stays as it is."""
    assert set(changed) <= set(PARTS), f"not a part of the view: {set(changed) - set(PARTS)}"
    return tuple(changed[name] if name in changed else gr.skip() for name in PARTS)


def status_html(text: str, kind: str = "") -> str:
    """The line under the composer; `kind` "refused" is announced at once."""
    role = "alert" if kind == "refused" else "status"
    return f'<p class="mova-status {kind}" role="{role}">{escape(text)}</p>'


def status(text: str, kind: str = "") -> tuple:
    """The view with another line under the composer."""
    return update(status=status_html(text, kind))


def whole(
    visit: Visit, pictures: PictureStore, *, answering: bool, new_picture: bool = True, said: str = ""
) -> tuple:
    """Every part of the view, with the line `said` under the composer. With `new_picture` False the picture
    is sent again only where answers about it name boxes: it is big."""
    exchange, picture = visit.exchange, visit.conversation.picture
    asked = visit.conversation.exchanges
    boxed = picture is not None and any(picture_view.boxes_on(picture, e) for e in asked)
    shown = {panel.name: panel.draw(_shown(visit, exchange), ENGLISH) for panel in PANELS}
    if new_picture or boxed:
        shown["picture"] = picture_view.picture_html(picture, pictures.data_uri(picture), exchange)
    return update(
        conversations=conversation.conversations_html(visit),
        transcript=conversation.transcript_html(visit),
        status=status_html(said),
        stop=gr.Button(interactive=answering),
        again=gr.Button(interactive=bool(asked) and not answering),
        clear=gr.Button(interactive=bool(asked) and not answering),
        **shown,
    )


def progress(visit: Visit, before: Exchange, now: Exchange, staged: bool) -> tuple:
    """What changed of one exchange: its text, and a panel when a stage has ended that it shows. Nothing while
    the visitor looks at another conversation, no panel while another answer is on the right side."""
    if all(exchange.id != now.id for exchange in visit.conversation.exchanges):
        return update()
    changed = {"transcript": conversation.transcript_html(visit)}
    if staged and now.trace is not None and visit.shown == now.id:
        changed["status"] = status_html("Answering …")
        for panel in PANELS:
            if before.trace is None or panel.shows(before.trace) != panel.shows(now.trace):
                changed[panel.name] = panel.draw(_shown(visit, now), ENGLISH)
    return update(**changed)


def _shown(visit: Visit, exchange: Exchange | None) -> Shown:
    """What the right side shows of an exchange of the open conversation."""
    with_picture = visit.conversation.picture is not None
    if exchange is None:
        return Shown(with_picture=with_picture)
    return Shown(exchange.trace, True, exchange.pending, with_picture, exchange.settings.experts)
