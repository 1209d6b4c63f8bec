"""What one answer leaves behind: a `Trace`, whole in memory and whole as JSON.

Plain data without torch. The engine's events (mova/events.py) are folded into it; the command line, the API
and the page read it. The inner views (letter probabilities, masked and unmasked gates, contributions)
follow the definitions of the paper's routing and gating (sections 3.2 and 3.3).

    from_json(to_json(trace)) == trace        # through json.dumps and json.loads too

It is the JSON that `python -m mova ask --json` prints and the endpoint streams. What they promise of it, in
these places: `answer`; under `trace` the `question`, `routing`, `gates`, `timings`, `model`, `notes` and
`stopped`.
"""

from dataclasses import dataclass
from typing import Any

from mova.contributions import Contributions
from mova.language.prompts import Turn
from mova.request import Decoding, Settings
from mova.worth import Worth

SCHEMA = 1  # raised when a reader of the older form would misread the new one

Json = dict[str, Any]


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

    def to_json(self) -> Json:
        return {
            "reply": self.reply,
            "experts": list(self.experts),
            "probabilities": None if self.probabilities is None else list(self.probabilities),
            "forced": self.forced,
            "none_probability": self.none_probability,
        }

    @classmethod
    def from_json(cls, plain: Json, prompt: str | None) -> "Routing":
        probabilities = plain["probabilities"]
        return cls(
            plain["reply"],
            tuple(plain["experts"]),
            None if probabilities is None else tuple(probabilities),
            plain["forced"],
            plain["none_probability"],
            prompt,
        )


@dataclass(frozen=True)
class Gates:
    """Gating weights per adapter layer (layers x 7).

    `masked` are the weights used: softmax over the routed experts, top 3, renormalised; all zero
    when nothing is routed. `unmasked` is the softmax over all seven: what the gate would have preferred.
    """

    masked: tuple[tuple[float, ...], ...]
    unmasked: tuple[tuple[float, ...], ...]

    def to_json(self) -> Json:
        return {"masked": [list(r) for r in self.masked], "unmasked": [list(r) for r in self.unmasked]}

    @classmethod
    def from_json(cls, plain: Json) -> "Gates":
        return cls(tuple(map(tuple, plain["masked"])), tuple(map(tuple, plain["unmasked"])))


@dataclass(frozen=True)
class Stage:
    """One stage of an answer: `name` is one of image, base, router, expert, adapter, prefill, decode."""

    name: str
    seconds: float
    expert: str | None = None
    reused: bool = False

    def to_json(self) -> Json:
        return {"stage": self.name, "expert": self.expert, "seconds": self.seconds, "reused": self.reused}

    @classmethod
    def from_json(cls, plain: Json) -> "Stage":
        return cls(plain["stage"], plain["seconds"], plain["expert"], plain["reused"])


@dataclass(frozen=True)
class Timings:
    """Seconds per stage in the order they happened, and what follows from them."""

    stages: tuple[Stage, ...] = ()
    first_word: float | None = None
    total: float | None = None
    tokens: int = 0
    tokens_per_second: float | None = None

    def to_json(self) -> Json:
        return {
            "stages": [s.to_json() for s in self.stages],
            "first_word": self.first_word,
            "total": self.total,
            "tokens": self.tokens,
            "tokens_per_second": self.tokens_per_second,
        }

    @classmethod
    def from_json(cls, plain: Json) -> "Timings":
        stages = tuple(map(Stage.from_json, plain["stages"]))
        others = ("first_word", "total", "tokens", "tokens_per_second")
        return cls(stages, *(plain[name] for name in others))


@dataclass(frozen=True)
class ModelInfo:
    """Which model answered: `precision` is what the modules hold, `memory_gb` what its weights take,
    `checkpoint` the digest of its files."""

    name: str
    precision: str
    device: str
    memory_gb: float
    llm: str
    licence: str | None = None
    embedded: bool = False
    checkpoint: str | None = None

    @property
    def short(self) -> str:
        """Name, precision and device."""
        return f"{self.name}, {self.precision}, {self.device}"

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "precision": self.precision,
            "device": self.device,
            "memory_gb": self.memory_gb,
            "llm": self.llm,
            "licence": self.licence,
            "embedded": self.embedded,
            "checkpoint": self.checkpoint,
        }

    @classmethod
    def from_json(cls, plain: Json) -> "ModelInfo":
        return cls(**plain)


@dataclass(frozen=True)
class Picture:
    """The picture asked about, in pixels as it was read. `digest` names its content, `thumbnail` is a small
    copy of it, a WEBP as a data URI (mova/thumbnail.py)."""

    width: int
    height: int
    digest: str = ""
    thumbnail: str | None = None

    def to_json(self) -> Json:
        return {
            "width": self.width,
            "height": self.height,
            "digest": self.digest,
            "thumbnail": self.thumbnail,
        }

    @classmethod
    def from_json(cls, plain: Json) -> "Picture":
        return cls(**plain)


@dataclass(frozen=True)
class Said:
    """A piece of the answer's text, and when it came: seconds since the answer began."""

    text: str
    at: float


@dataclass(frozen=True)
class Trace:
    """Everything known about one question so far.

    `contributions` are the maps themselves, or the digest under which somebody keeps them. `token_ids` are
    the tokens that the answer was made of, without the one that ended it; `worth` is what each expert was
    worth to it, once somebody asked. Both are left out of the JSON where there is none.
    """

    question: str
    model: ModelInfo
    history: tuple[Turn, ...] = ()
    settings: Settings = Settings()
    picture: Picture | None = None
    routing: Routing | None = None
    gates: Gates | None = None
    contributions: Contributions | str | None = None
    pieces: tuple[Said, ...] = ()
    timings: Timings = Timings()
    notes: tuple[str, ...] = ()
    stopped: bool = False
    done: bool = False
    token_ids: tuple[int, ...] = ()
    worth: Worth | None = None

    @property
    def answer(self) -> str:
        """The text so far."""
        return "".join(piece.text for piece in self.pieces)

    def __str__(self) -> str:
        return self.answer


def to_json(trace: Trace) -> Json:
    """The whole trace as plain JSON values; `from_json` gives an equal trace back.

    `token_ids` and `worth` have no key where a trace has none, so that a trace saved before there were any is
    saved again as it was.
    """
    maps = trace.contributions
    later: Json = {}
    if trace.token_ids:
        later["token_ids"] = list(trace.token_ids)
    if trace.worth is not None:
        later["worth"] = trace.worth.to_json()
    return {
        "schema": SCHEMA,
        "answer": trace.answer,
        "trace": {
            "question": trace.question,
            "history": [{"question": t.question, "answer": t.answer} for t in trace.history],
            "settings": _settings_to_json(trace.settings),
            "picture": trace.picture and trace.picture.to_json(),
            "prompt": trace.routing and trace.routing.prompt,
            "routing": trace.routing and trace.routing.to_json(),
            "gates": trace.gates and trace.gates.to_json(),
            "contributions": maps.to_json() if isinstance(maps, Contributions) else maps,
            "pieces": [[piece.text, piece.at] for piece in trace.pieces],
            "timings": trace.timings.to_json(),
            "model": trace.model.to_json(),
            "notes": list(trace.notes),
            "stopped": trace.stopped,
            "done": trace.done,
            **later,
        },
    }


def from_json(plain: Json) -> Trace:
    """The trace that `to_json` wrote down. Raises ValueError for another schema, KeyError and TypeError for
    what is no trace."""
    if plain["schema"] != SCHEMA:
        raise ValueError(f"the trace has schema {plain['schema']!r}; {SCHEMA} is read here")
    told = plain["trace"]
    maps = told["contributions"]
    return Trace(
        question=told["question"],
        model=ModelInfo.from_json(told["model"]),
        history=tuple(Turn(turn["question"], turn["answer"]) for turn in told["history"]),
        settings=_settings_from_json(told["settings"]),
        picture=told["picture"] and Picture.from_json(told["picture"]),
        routing=told["routing"] and Routing.from_json(told["routing"], told["prompt"]),
        gates=told["gates"] and Gates.from_json(told["gates"]),
        contributions=Contributions.from_json(maps) if isinstance(maps, dict) else maps,
        pieces=tuple(Said(text, at) for text, at in told["pieces"]),
        timings=Timings.from_json(told["timings"]),
        notes=tuple(told["notes"]),
        stopped=told["stopped"],
        done=told["done"],
        token_ids=tuple(map(int, told.get("token_ids", ()))),
        worth=Worth.from_json(told["worth"]) if "worth" in told else None,
    )


def _settings_to_json(settings: Settings) -> Json:
    decoding = settings.decoding
    return {
        "experts": None if settings.experts is None else list(settings.experts),
        "max_new_tokens": decoding.max_new_tokens,
        "temperature": decoding.temperature,
        "top_p": decoding.top_p,
        "seed": decoding.seed,
    }


def _settings_from_json(plain: Json) -> Settings:
    values = dict(plain)
    experts = values.pop("experts")
    return Settings(None if experts is None else tuple(experts), Decoding(**values))
