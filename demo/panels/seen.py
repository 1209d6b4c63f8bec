"""What an encoder sees, as colours beside the picture: drawn when somebody asks for it. Pure; escaped."""

from collections.abc import Sequence
from html import escape

from demo.panels.overlay import Frame, colours_uri, fed_style, square_html
from demo.panels.panel import badge
from demo.words import Words
from mova.components import BASE, Components
from mova.trace import Picture
from mova.vision.experts.pool import BY_LETTER

COLOURS = ("red", "green", "blue")


def encoder_name(letter: str, say: Words) -> str:
    """An expert's name, or the base encoder's."""
    return say("seen.base") if letter == BASE else BY_LETTER[letter].name


def seen_buttons(letters: Sequence[str], say: Words) -> str:
    """A button for each encoder to be asked what it sees: `data-act="see"`, its letter in `data-id`."""
    buttons = "".join(
        f'<button type="button" class="mova-quiet" data-act="see" data-id="{letter}">'
        f"{'' if letter == BASE else badge(letter)} {escape(encoder_name(letter, say))}</button>"
        for letter in (*letters, BASE)
    )
    return f'<p class="mova-see"><span>{escape(say("seen.lead"))}</span>{buttons}</p>'


def components_html(components: Components, picture: Picture | None, say: Words) -> str:
    """The colours of one encoder's features beside the picture as it was fed, with words about them."""
    letter, side = components.letter, components.side
    name, frame = encoder_name(letter, say), Frame.of(picture)
    uri = colours_uri(side, components.colours)
    colours = f'<div class="mova-over"><img alt="" src="{uri}"></div>'
    label = escape(say("seen.alt", side=side, name=name))
    squares = [
        (say("seen.picture"), square_html(frame, "", escape(say("seen.picture")))),
        (say("seen.colours"), square_html(frame, colours, label)),
    ]
    figures = "".join(
        f'<figure class="mova-map"><figcaption>{escape(caption)}</figcaption>{square}</figure>'
        for caption, square in squares
    )
    shares = dict(zip(COLOURS, (f"{share:.0%}" for share in components.shares), strict=True))
    return (
        f'<div class="mova-where mova-seen" data-letter="{letter}" style="{fed_style(picture)}">'
        f"<h3>{'' if letter == BASE else badge(letter)} {escape(say('seen.title', name=name))}</h3>"
        f'<div class="mova-maps n2">{figures}</div>'
        f'<p class="mova-words">{escape(say("seen.words"))} {escape(say("seen.shares", **shares))}</p></div>'
    )
