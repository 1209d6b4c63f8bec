"""What every panel of the right side is, and the small pieces they share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo.theme import EXPERT_COLOURS, INK_ON_EXPERT
from demo.words import Words
from mova.trace import Trace


@dataclass(frozen=True)
class Shown:
    """What the right side shows: one question, as far as it is.

    `trace` is None while nothing was asked (`asked` False) or nothing has happened yet; `pending` while an
    answer is still to come; `forced` are the experts that a person asked for in the router's place.
    """

    trace: Trace | None = None
    asked: bool = False
    pending: bool = False
    with_picture: bool = False
    forced: tuple[str, ...] | None = None

    @classmethod
    def of(cls, trace: Trace) -> "Shown":
        """A trace by itself, e.g. out of a file."""
        return cls(trace, True, not trace.done, trace.picture is not None, trace.settings.experts)


@dataclass(frozen=True)
class Panel:
    """One panel of "How MoVA looked".

    `draw` makes its HTML in the words of a language: a pure function. `shows` is the part of a trace that it
    draws: while an answer is being made the panel is drawn again when that part has changed.
    """

    name: str
    draw: Callable[[Shown, Words], str]
    shows: Callable[[Trace], Any]


def panel_html(title: str, about: str, body: str, name: str = "") -> str:
    """A panel's frame: its title, a few words about it, its body. The page knows it by `name`, which is the
    title's own unless that is written in another language."""
    name = name or title.lower()
    return (
        f'<section class="mova-panel" data-panel="{name}" aria-labelledby="mova-{name}">'
        f'<h2 id="mova-{name}">{title} <span>{about}</span></h2>{body}</section>'
    )


def badge(letter: str) -> str:
    """The square with an expert's letter in its colour."""
    style = f"--c:{EXPERT_COLOURS[letter]};--i:{INK_ON_EXPERT[letter]}"
    return f'<span class="mova-badge" style="{style}">{letter}</span>'


def seconds_text(seconds: float) -> str:
    """`312 ms` below a second, `1.2 s` above."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"
