"""What one answer leaves behind: typed events while it is made, one `Trace` when it is done.

Everything here is plain data (no torch): the engine yields events, `advance` folds them into a
trace, and the command line, the API and the page read the trace. The inner views (letter
probabilities, masked and unmasked gates, contributions) follow the definitions of the paper's
routing and gating (sections 3.2 and 3.3).
"""

from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True)
class Routing:
    """Which experts were chosen for a question, and how sure the router was.

    `probabilities` are seven numbers A-G: a picked letter's at the step that emitted it, any other
    letter's at the first letter step. `reply` and `probabilities` are None when the choice was forced.
    """

    reply: str | None
    experts: tuple[str, ...]
    probabilities: tuple[float, ...] | None
    forced: bool = False
    none_probability: float | None = None
    prompt: str | None = None

    def to_json(self) -> dict:
        return {
            "reply": self.reply,
            "experts": list(self.experts),
            "probabilities": None if self.probabilities is None else list(self.probabilities),
            "forced": self.forced,
            "none_probability": self.none_probability,
        }


@dataclass(frozen=True)
class Gates:
    """Gating weights per adapter layer (layers x 7).

    `masked` are the weights used: softmax over the routed experts, top 3, renormalised; all zero
    when nothing is routed. `unmasked` is the softmax over all seven: what the gate would have preferred.
    """

    masked: tuple[tuple[float, ...], ...]
    unmasked: tuple[tuple[float, ...], ...]

    def to_json(self) -> dict:
        return {"masked": [list(r) for r in self.masked], "unmasked": [list(r) for r in self.unmasked]}


@dataclass(frozen=True)
class Stage:
    """One stage of an answer: `name` is one of image, base, router, expert, adapter, prefill, decode."""

    name: str
    seconds: float
    expert: str | None = None
    reused: bool = False

    def to_json(self) -> dict:
        return {"stage": self.name, "expert": self.expert, "seconds": self.seconds, "reused": self.reused}


@dataclass(frozen=True)
class Timings:
    """Seconds per stage in the order they happened, and what follows from them."""

    stages: tuple[Stage, ...] = ()
    first_word: float | None = None
    total: float | None = None
    tokens: int = 0
    tokens_per_second: float | None = None

    def to_json(self) -> dict:
        return {
            "stages": [s.to_json() for s in self.stages],
            "first_word": self.first_word,
            "total": self.total,
            "tokens": self.tokens,
            "tokens_per_second": self.tokens_per_second,
        }


@dataclass(frozen=True)
class ModelInfo:
    """Which model answered: `precision` is what the modules hold, `memory_gb` what its weights take."""

    name: str
    precision: str
    device: str
    memory_gb: float
    llm: str
    licence: str | None = None
    embedded: bool = False

    def to_json(self) -> dict:
        return {
            "name": self.name,
            "precision": self.precision,
            "device": self.device,
            "memory_gb": self.memory_gb,
            "llm": self.llm,
        }


@dataclass(frozen=True)
class Trace:
    """Everything known about one question so far. `contributions` is layers x 7 x grid x grid (L2 norms)."""

    question: str
    model: ModelInfo
    answer: str = ""
    routing: Routing | None = None
    gates: Gates | None = None
    contributions: np.ndarray | None = field(default=None, repr=False, compare=False)
    timings: Timings = Timings()
    notes: tuple[str, ...] = ()
    stopped: bool = False
    done: bool = False

    def to_json(self) -> dict:
        """The JSON of `python -m mova ask --json` and of the API: the answer and its trace so far."""
        return {
            "answer": self.answer,
            "trace": {
                "question": self.question,
                "routing": self.routing and self.routing.to_json(),
                "gates": self.gates and self.gates.to_json(),
                "timings": self.timings.to_json(),
                "model": self.model.to_json(),
                "notes": list(self.notes),
                "stopped": self.stopped,
            },
        }


# Events, in the order an answer makes them. `seconds` is the time of that stage alone.


@dataclass(frozen=True)
class ImageRead:
    width: int
    height: int
    seconds: float


@dataclass(frozen=True)
class BaseEncoded:
    seconds: float
    reused: bool = False


@dataclass(frozen=True)
class Routed:
    routing: Routing
    seconds: float
    reused: bool = False


@dataclass(frozen=True)
class ExpertEncoded:
    letter: str
    seconds: float
    reused: bool = False


@dataclass(frozen=True)
class Gated:
    gates: Gates
    contributions: np.ndarray = field(repr=False)
    seconds: float = 0.0


@dataclass(frozen=True)
class Prefilled:
    seconds: float
    tokens: int


@dataclass(frozen=True)
class Noted:
    """Something the reader should know, e.g. that the oldest turns no longer fit the context."""

    text: str


@dataclass(frozen=True)
class Piece:
    """A piece of the answer's text; the pieces joined are the answer."""

    text: str


@dataclass(frozen=True)
class Decoded:
    """The answer's text is whole, or was stopped: `seconds` of decoding alone, `tokens` made in them."""

    seconds: float
    tokens: int


@dataclass(frozen=True)
class Done:
    """The last event, also after a stop: the whole trace."""

    trace: Trace


Event = ImageRead | BaseEncoded | Routed | ExpertEncoded | Gated | Prefilled | Noted | Piece | Decoded | Done


def advance(trace: Trace, event: Event) -> Trace:
    """The trace after `event`; folding every event over an empty trace gives the one in `Done`."""
    match event:
        case ImageRead(seconds=s):
            return _timed(trace, Stage("image", s))
        case BaseEncoded(seconds=s, reused=r):
            return _timed(trace, Stage("base", s, reused=r))
        case Routed(routing=routing, seconds=s, reused=r):
            return replace(_timed(trace, Stage("router", s, reused=r)), routing=routing)
        case ExpertEncoded(letter=letter, seconds=s, reused=r):
            return _timed(trace, Stage("expert", s, expert=letter, reused=r))
        case Gated(gates=gates, contributions=maps, seconds=s):
            return replace(_timed(trace, Stage("adapter", s)), gates=gates, contributions=maps)
        case Prefilled(seconds=s):
            return _timed(trace, Stage("prefill", s))
        case Noted(text=text):
            return replace(trace, notes=(*trace.notes, text))
        case Piece(text=text):
            return replace(trace, answer=trace.answer + text)
        case Decoded(seconds=s, tokens=n):
            whole = _timed(trace, Stage("decode", s))
            rate = n / s if s > 0 else None
            return replace(whole, timings=replace(whole.timings, tokens=n, tokens_per_second=rate))
        case Done(trace=whole):
            return whole


def _timed(trace: Trace, stage: Stage) -> Trace:
    return replace(trace, timings=replace(trace.timings, stages=(*trace.timings.stages, stage)))
