"""What happens while a question is answered, as typed events, and how each moves the trace on.

The engine yields events; everything else drains or draws them. `advance` folds them into a trace. `seconds`
is the time of that stage alone.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from mova.contributions import Contributions
from mova.trace import Gates, Picture, Routing, Said, Stage, Trace


@dataclass(frozen=True)
class ImageRead:
    """The views of the picture are there; `digest` names its content, `thumbnail` is a small copy of it."""

    width: int
    height: int
    seconds: float
    digest: str = ""
    thumbnail: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class BaseEncoded:
    """The base encoder has seen the picture."""

    seconds: float
    reused: bool = False


@dataclass(frozen=True)
class Routed:
    """The experts are chosen."""

    routing: Routing
    seconds: float
    reused: bool = False


@dataclass(frozen=True)
class ExpertEncoded:
    """One chosen expert has seen the picture."""

    letter: str
    seconds: float
    reused: bool = False


@dataclass(frozen=True)
class Gated:
    """The adapter has fused what was seen. `contributions` float32 [layers, 7, grid, grid]: the norm of
    gate x expert output at each place of the base grid."""

    gates: Gates
    contributions: np.ndarray = field(repr=False)
    seconds: float = 0.0


@dataclass(frozen=True)
class Prefilled:
    """The language model has read the answering prompt of `tokens` places."""

    seconds: float
    tokens: int


@dataclass(frozen=True)
class Noted:
    """Something the reader should know, e.g. that the oldest turns no longer fit the context."""

    text: str


@dataclass(frozen=True)
class Piece:
    """A piece of the answer's text, `at` so many seconds after it began; joined, they are the answer."""

    text: str
    at: float = 0.0


@dataclass(frozen=True)
class Decoded:
    """The answer's text is whole, or was stopped: `seconds` of decoding alone, `tokens` made in them, their
    `ids` where they are known."""

    seconds: float
    tokens: int
    ids: tuple[int, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Done:
    """The last event, also after a stop: the whole trace."""

    trace: Trace


Event = ImageRead | BaseEncoded | Routed | ExpertEncoded | Gated | Prefilled | Noted | Piece | Decoded | Done


def advance(trace: Trace, event: Event) -> Trace:
    """The trace after `event`; folding every event over an empty trace gives the one in `Done`."""
    match event:
        case ImageRead(width=w, height=h, digest=digest, thumbnail=copy, seconds=s):
            return replace(_timed(trace, Stage("image", s)), picture=Picture(w, h, digest, copy))
        case BaseEncoded(seconds=s, reused=r):
            return _timed(trace, Stage("base", s, reused=r))
        case Routed(routing=routing, seconds=s, reused=r):
            return replace(_timed(trace, Stage("router", s, reused=r)), routing=routing)
        case ExpertEncoded(letter=letter, seconds=s, reused=r):
            return _timed(trace, Stage("expert", s, expert=letter, reused=r))
        case Gated(gates=gates, contributions=maps, seconds=s):
            experts = trace.routing.experts if trace.routing else ()
            kept = Contributions.of(maps, experts)
            return replace(_timed(trace, Stage("adapter", s)), gates=gates, contributions=kept)
        case Prefilled(seconds=s):
            return _timed(trace, Stage("prefill", s))
        case Noted(text=text):
            return replace(trace, notes=(*trace.notes, text))
        case Piece(text=text, at=at):
            return replace(trace, pieces=(*trace.pieces, Said(text, at)))
        case Decoded(seconds=s, tokens=n, ids=ids):
            whole = _timed(trace, Stage("decode", s))
            rate = n / s if s > 0 else None
            timings = replace(whole.timings, tokens=n, tokens_per_second=rate)
            return replace(whole, timings=timings, token_ids=ids)
        case Done(trace=whole):
            return whole


def _timed(trace: Trace, stage: Stage) -> Trace:
    return replace(trace, timings=replace(trace.timings, stages=(*trace.timings.stages, stage)))
