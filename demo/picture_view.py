"""The open conversation's picture, with the boxes that an answer names drawn on it. Pure; escaped."""

from demo.state import Exchange, KeptPicture
from demo.theme import PICTURE_GONE
from mova.language.boxes import Box, in_pixels, read_boxes


def picture_html(picture: KeptPicture | None, source: str, exchange: Exchange | None = None) -> str:
    """The open conversation's picture with the boxes that the shown exchange's answer names.

    `source` is a data URI, so nothing is served from disk; empty when the picture is no longer kept.
    """
    if picture is None:
        return (
            '<div class="mova-picture none"><p>No picture yet.<br>Drop, paste or upload one below.</p></div>'
        )
    size = f"{picture.width} × {picture.height} pixels"
    if not source:
        return f'<div class="mova-picture none"><p>{PICTURE_GONE}</p><p>It had {size}.</p></div>'
    words, boxes = f"The picture being asked about, {size}", boxes_on(picture, exchange)
    if boxes:
        words += f", with {'the box' if len(boxes) == 1 else f'{len(boxes)} boxes'} of the answer"
    return (
        f'<figure class="mova-picture"><div class="mova-framed">'
        f'<img src="{source}" alt="{words}" title="{size}">{_outlines(picture, boxes)}</div></figure>'
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
