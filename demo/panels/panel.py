"""What every panel of the right side is, and the small pieces they share."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.theme import EXPERT_COLOURS, INK_ON_EXPERT
from demo.words import Words
from mova.trace import Trace
from mova.worth import Passed


@dataclass(frozen=True)
class Shown:
    """What the right side shows: one question, as far as it is.

    `trace` is None while nothing was asked (`asked` False) or nothing has happened yet; `pending` while an
    answer is still to come; `forced` are the experts that a person asked for in the router's place. `live`
    says that the model which gave the answer is at hand and can be asked more about it; `weighing` is how far
    it is with finding out what each expert was worth. `before` is how many questions come first while this
    one waits, `usual` what each stage took last time (seconds by `step`), `request` the name of this question
    in the terminal's log. With `what_if` the router's chips are buttons, those of these letters pressed; ()
    is CLIP alone.
    """

    trace: Trace | None = None
    asked: bool = False
    pending: bool = False
    with_picture: bool = False
    forced: tuple[str, ...] | None = None
    live: bool = False
    weighing: Passed | None = None
    before: int = 0
    usual: Mapping[str, float] = field(default_factory=dict)
    request: str = ""
    what_if: tuple[str, ...] | None = None

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
    """A panel's frame: its title, a few words about it, its body. `name` stays the same in any language;
    without one it is the title."""
    name = name or title.lower()
    return (
        f'<section class="mova-panel" data-panel="{name}" aria-labelledby="mova-{name}">'
        f'<h2 id="mova-{name}">{title} <span>{about}</span></h2>{body}</section>'
    )


def badge(letter: str, kind: str = "") -> str:
    """The square with an expert's letter in its colour; `kind` may be "hollow" (not picked) and "small"."""
    style = f"--c:{EXPERT_COLOURS[letter]};--i:{INK_ON_EXPERT[letter]}"
    return f'<span class="{f"mova-badge {kind}".strip()}" style="{style}">{letter}</span>'


def listed(parts: Iterable[str], say: Words) -> str:
    """`DePlot, Vary`, with the comma of the language."""
    return say("list.comma").join(parts)


def seconds_text(seconds: float) -> str:
    """`312 ms` below a second, `1.2 s` above."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"
