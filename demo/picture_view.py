"""The open conversation's picture, with the boxes that an answer names drawn on it. Pure; escaped."""

from html import escape

from demo.state import Exchange, KeptPicture
from demo.words import ENGLISH, Words
from mova.language.boxes import Box, in_pixels, read_boxes


def picture_html(
    picture: KeptPicture | None, source: str, exchange: Exchange | None = None, say: Words = ENGLISH
) -> str:
    """The open conversation's picture with the boxes that the shown exchange's answer names.

    `source` is a data URI, so nothing is served from disk; empty when the picture is no longer kept.
    """
    if picture is None:
        words = f"<p>{say('picture.none')}<br>{say('picture.add')}</p>"
        return f'<div class="mova-picture none">{words}</div>'
    size = say("picture.size", width=picture.width, height=picture.height)
    if not source:
        words = f"<p>{say('picture.gone')}</p><p>{say('picture.had', size=size)}</p>"
        return f'<div class="mova-picture none">{words}</div>'
    boxes = boxes_on(picture, exchange)
    key = "picture.alt" if not boxes else "picture.alt_box" if len(boxes) == 1 else "picture.alt_boxes"
    words = escape(say(key, size=size, count=len(boxes)))
    return (
        f'<figure class="mova-picture"><div class="mova-framed">'
        f'<img src="{source}" alt="{words}" title="{escape(size)}">{_outlines(picture, boxes)}</div></figure>'
    )


def boxes_on(picture: KeptPicture, exchange: Exchange | None) -> list[Box]:
    """The boxes of an answer that lie on the picture, in its pixels."""
    answer = exchange.trace.answer if exchange and exchange.trace else ""
    placed = (in_pixels(box, picture.width, picture.height) for box in read_boxes(answer))
    return [box for box in placed if box]


def _outlines(picture: KeptPicture, boxes: list[Box]) -> str:
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
