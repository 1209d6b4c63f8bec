"""An engine without a model: the same events as the real one, at a pace a person can follow."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mova.components import Components
from mova.errors import QuestionRefused
from mova.events import (
    BaseEncoded,
    Decoded,
    Done,
    Event,
    ExpertEncoded,
    Gated,
    ImageRead,
    Piece,
    Prefilled,
    Routed,
    advance,
)
from mova.request import Decoding, Settings
from mova.thumbnail import thumbnail
from mova.trace import Gates, ModelInfo, Routing, Trace
from mova.vision.experts.pool import LETTERS
from mova.worth import Passed, Worth

INFO = ModelInfo("mova-fake", "fp32", "CPU", 0.5, "none", embedded=True)
LAYERS, GRID = 3, 4
# The first word of a question decides the picks, so that a test can ask for what it wants to see.
PICKS = {"What": ("E", "D"), "Which": ("C",), "Hello": (), "How": ("C", "A", "G")}


class FakeEngine:
    """Answers every question with as many numbered words as fit, one every `pace` seconds.

    `words` may be large to make an answer worth stopping; a stage takes five paces, a reused one none.
    """

    def __init__(self, pace: float = 0.02, words: int = 12, info: ModelInfo = INFO):
        self.info = info
        self._pace, self._words = pace, words
        self._seen: set[str] = set()
        self.begun = threading.Event()  # a picture was, before its question
        self._lock = threading.Lock()

    def begin(self, image, stop=None) -> None:
        """What depends on the picture alone."""
        with self._lock:
            self._seen.add(image.digest)
        self.begun.set()

    def answer(
        self, question: str, image=None, history: Sequence = (), *, experts=None, decoding=None, stop=None
    ) -> Iterator[Event]:
        if "refuse" in question:
            raise QuestionRefused("This question is refused for a test. Ask another one.")
        if "fault" in question:
            raise RuntimeError("a fault for a test")
        with self._lock:
            began, first_word = time.monotonic(), None
            asked = None if experts is None else tuple(experts)
            trace = Trace(question, self.info, tuple(history), Settings(asked, decoding or Decoding()))
            stop = stop or threading.Event()
            for event in self._events(question, image, history, experts, decoding, stop):
                if isinstance(event, Piece):
                    event = replace(event, at=time.monotonic() - began)
                    first_word = first_word or event.at
                trace = advance(trace, event)
                yield event
                if stop.is_set() and not isinstance(event, Piece):
                    break
            timings = replace(trace.timings, first_word=first_word, total=time.monotonic() - began)
            yield Done(replace(trace, timings=timings, stopped=stop.is_set(), done=True))

    def worth(self, trace: Trace, image, *, stop=None) -> Iterator[Passed | Worth]:
        """Each expert matters most to every third word, less the later it was picked, and a little against
        the word after that."""
        if trace.picture is None or trace.routing is None or not trace.routing.experts or not trace.answer:
            raise QuestionRefused("No expert was picked for this answer, so none can be taken away.")
        if image is None or image.digest != trace.picture.digest:
            raise QuestionRefused(
                "The picture of this answer is no longer kept here: upload it and ask again."
            )
        return self._worth(trace, stop or threading.Event())

    def _worth(self, trace: Trace, stop: threading.Event) -> Iterator[Passed | Worth]:
        assert trace.routing is not None
        experts, passes = trace.routing.experts, len(trace.routing.experts) + 1
        with self._lock:
            for done in range(passes):
                yield Passed(done, passes)
                if stop.is_set():
                    return
                self._work()
            yield Passed(passes, passes)
        texts = re.findall(r"\s*\S+", trace.answer)
        whole = [-0.1 - 0.05 * (number % 4) for number in range(len(texts))]
        without = [
            [base - _fall(number, place) for number, base in enumerate(whole)]
            for place in range(len(experts))
        ]
        yield Worth.of(experts, texts, whole, without)

    def components(self, image, letter: str, *, stop=None) -> Components | None:
        """Colours that depend on picture and letter alone; the second time they cost nothing."""
        with self._lock:
            if f"{image.digest}{letter} seen" not in self._seen:
                self._work()
            if stop is not None and stop.is_set():
                return None
            self._seen.add(f"{image.digest}{letter} seen")
            seed = int.from_bytes(f"{image.digest}{letter}".encode()[-8:])
            colours = np.random.default_rng(seed).integers(0, 256, (GRID, GRID, 3), np.uint8)
            return Components(letter, GRID, colours.tobytes(), (0.5, 0.25, 0.125))

    def route(self, question: str, image, *, stop=None) -> Routing | None:
        with self._lock:
            self._work()
            return None if stop is not None and stop.is_set() else self._route(question, None)

    def _events(self, question, image, history, experts, decoding, stop) -> Iterator[Event]:
        if image is not None:
            yield from self._look(question, image, experts)
        yield Prefilled(self._work(), tokens=180)
        size = f"{image.pixels.width}x{image.pixels.height} " if image else ""
        began, count = (
            time.monotonic(),
            min(decoding.max_new_tokens if decoding else self._words, self._words),
        )
        for number in range(count):
            if stop.is_set():
                break
            time.sleep(self._pace)
            yield Piece(self.says(f"{size}turn {len(history) + 1}: {question[:30]} word{number}", number))
        yield Decoded(time.monotonic() - began, number + 1, tuple(range(number + 1)))

    def says(self, whole: str, number: int) -> str:
        """The piece of text of this number; `whole` is what the first one says."""
        return whole if number == 0 else f" word{number}"

    def _look(self, question, image, experts) -> Iterator[Event]:
        reused = image.digest in self._seen
        small = thumbnail(image.pixels)
        yield ImageRead(image.pixels.width, image.pixels.height, self._work() / 5, image.digest, small)
        yield BaseEncoded(0.0004 if reused else self._work(), reused)
        routing = self._route(question, experts)
        yield Routed(routing, self._work() if experts is None else 0.0, reused)
        for letter in routing.experts:
            known = f"{image.digest}{letter}" in self._seen
            yield ExpertEncoded(letter, 0.0003 if known else self._work() * 2, known)
            self._seen.add(f"{image.digest}{letter}")
        self._seen.add(image.digest)
        yield Gated(_gates(routing.experts), _maps(routing.experts), self._work())

    def _route(self, question, experts) -> Routing:
        if experts is not None:
            return Routing(None, tuple(experts), None, forced=True)
        picked = PICKS.get(question.split()[0].strip("?,.!"), ("A",))
        chances = [0.02] * 7
        for place, letter in enumerate(picked):
            chances[LETTERS.index(letter)] = (0.91, 0.78, 0.55)[place]
        prompt = f"You are a helpful assistant router. …\n\nQuestion:\n{question}"
        return Routing(
            ",".join(picked) or "none", picked, tuple(chances), False, 0.01 if picked else 0.9, prompt
        )

    def _work(self) -> float:
        time.sleep(self._pace * 5)
        return self._pace * 5


def _fall(number: int, place: int) -> float:
    """Nats by which the word of this number falls without the expert picked in this place."""
    return (3.5 / (place + 1), -0.4, 0.05)[(number - place) % 3]


def _gates(picked: Sequence[str]) -> Gates:
    """Weights that fall off with the order of the picks and differ by layer."""
    unmasked, masked = [], []
    for layer in range(LAYERS):
        scores = np.full(7, 0.4)
        for place, letter in enumerate(picked):
            scores[LETTERS.index(letter)] = 2.2 - 0.5 * place + 0.3 * layer
        soft = np.exp(scores) / np.exp(scores).sum()
        mask = np.array([letter in picked for letter in LETTERS])
        unmasked.append(tuple(soft.tolist()))
        masked.append(tuple((soft * mask / max((soft * mask).sum(), 1e-9)).tolist()))
    return Gates(tuple(masked), tuple(unmasked))


def _maps(picked: Sequence[str]) -> np.ndarray:
    """Contributions that grow to the right in the first layer and downwards in the others."""
    maps = np.zeros((LAYERS, 7, GRID, GRID))
    for place, letter in enumerate(picked):
        slope = (np.arange(GRID) + 1) / (place + 1)
        maps[:, LETTERS.index(letter)] = np.broadcast_to(slope[:, None], (GRID, GRID))
        maps[0, LETTERS.index(letter)] = slope
    return maps
