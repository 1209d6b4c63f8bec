"""The engine: one question -> typed events, in two passes through one language model.

    engine = Engine(load("assets/mova-tiny"))
    for event in engine.answer("How many are there?", read_image("picture.png")):
        ...

Pass 1 routes (base features alone, the pool's description, up to 16 tokens), pass 2 answers with the
chosen experts' features fused by the gate: mova/stages.py has them one by one. One answer runs at a time;
another one waits.
"""

import logging
import os
import threading
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import torch
from PIL import Image

from mova.ablation import check_weighable, weigh
from mova.checkpoint.devices import is_lost, is_out_of_memory
from mova.checkpoint.loading import Loaded, loaded_of
from mova.checkpoint.working_room import KEPT_BYTES
from mova.components import BASE, Components
from mova.errors import DeviceError
from mova.events import Done, Event, Piece, Routed, advance
from mova.feature_cache import FeatureCache
from mova.images import CheckedImage, read_image
from mova.language.prompts import Turn
from mova.model import ENGINE, MovaForCausalLM
from mova.prepared import Prepared
from mova.progress import Report, Step, unheard
from mova.request import Decoding, Request, Settings, check_experts, check_question, clean
from mova.seeing import see
from mova.stages import answer_stages, begin_stages, routing_stages
from mova.trace import ModelInfo, Routing, Trace
from mova.vision.experts.pool import MAX_EXPERTS
from mova.worth import Passed, Worth

OUT_OF_MEMORY = (
    "The device ran out of memory during this answer. What was kept of earlier pictures has been"
    " freed: ask again, with fewer experts, a shorter conversation or a lower precision."
)
LOST = "The device failed and can compute nothing more in this process: start it again."
log = logging.getLogger("mova")
_WAIT = 0.05  # seconds between looks at Stop while another answer is running


class Engine:
    """A loaded model that answers questions, with what it keeps of the last pictures: `kept_bytes` at most.

    `most_experts` is how many a question may force; of more than three, each adapter layer keeps the best
    three, as published. `on_lost` is called with a DeviceError that says why, when the device can compute
    nothing more in this process; a server ends itself then. `progress` hears of work that is done
    once, here.
    """

    def __init__(
        self,
        loaded: Loaded,
        kept_bytes: int = KEPT_BYTES,
        *,
        most_experts: int = MAX_EXPERTS,
        on_lost: Callable[[DeviceError], None] | None = None,
        progress: Report = unheard,
    ):
        self.info: ModelInfo = loaded.info
        self._prepared = Prepared.of(loaded)
        self._pictures = FeatureCache(kept_bytes)
        self._most_experts = most_experts
        self._on_lost = on_lost
        self._lock = threading.Lock()
        if loaded.recorded:
            progress(Step("record"))
            self._prepared.ready()

    def begin(self, image: CheckedImage, stop: threading.Event | None = None) -> None:
        """Does for a picture what can be done before there is a question about it, so that its first answer
        comes sooner. Waits while another answer runs; `stop` ends the waiting and the work. Raises
        DeviceError."""
        stop = stop or threading.Event()
        if self._acquired(stop):
            with self._held():
                begin_stages(self._prepared, image, self._pictures, stop)

    def answer(
        self,
        question: str,
        image: CheckedImage | None = None,
        history: Sequence[Turn] = (),
        *,
        experts: Sequence[str] | None = None,
        decoding: Decoding | None = None,
        stop: threading.Event | None = None,
    ) -> Generator[Event, None, None]:
        """The events of one answer; the last is `Done`, also after `stop` was set.

        `history` are the earlier turns about the same picture. `experts` forces up to `most_experts` letters
        (an empty list: the base encoder alone). Raises QuestionRefused at once for what can be seen at once,
        and while the events are read for a question too long for the model. Closing the generator frees the
        engine.
        """
        chosen = None if experts is None else check_experts(experts, self._most_experts)
        request = Request(
            check_question(question),
            image,
            tuple(Turn(clean(turn.question), clean(turn.answer)) for turn in history),
            Settings(chosen, decoding or Decoding()),
        )
        return self._answer(request, stop or threading.Event())

    def ask(self, image: CheckedImage | Image.Image | str | Path | None, question: str, **options) -> Trace:
        """The whole trace of one answer, for those who need no stream; `options` are those of `answer`.

        `image` may be a checked picture, Pillow's, or a file: all are seen alike. Raises ImageRefused and
        QuestionRefused.
        """
        checked = image if image is None or isinstance(image, CheckedImage) else read_image(image)
        return drain(self.answer(question, checked, **options))

    def route(
        self, question: str, image: CheckedImage, *, stop: threading.Event | None = None
    ) -> Routing | None:
        """Which experts the router picks for a question, without an answer; None after `stop` was set.

        Equal to the routing of the whole answer. Raises QuestionRefused.
        """
        request, stop = Request(check_question(question), image), stop or threading.Event()
        if not self._acquired(stop):
            return None
        with self._held():
            stages = routing_stages(self._prepared, request, self._pictures, stop)
            return next((event.routing for event in stages if isinstance(event, Routed)), None)

    def _answer(self, request: Request, stop: threading.Event) -> Generator[Event, None, None]:
        trace = Trace(request.question, self.info, request.history, request.settings)
        if not self._acquired(stop):
            yield Done(replace(trace, stopped=True, done=True))
            return
        started = perf_counter()
        stages = answer_stages(self._prepared, request, self._pictures, stop)
        with self._held(), closing(stages):
            for event in stages:
                if isinstance(event, Piece):
                    event = Piece(event.text, perf_counter() - started)
                trace = advance(trace, event)
                yield event
        first_word = trace.pieces[0].at if trace.pieces else None
        timings = replace(trace.timings, first_word=first_word, total=perf_counter() - started)
        yield Done(replace(trace, timings=timings, stopped=stop.is_set(), done=True))

    def worth(
        self, trace: Trace, image: CheckedImage | None, *, stop: threading.Event | None = None
    ) -> Generator[Passed | Worth, None, None]:
        """What each expert was worth to an answer of this model: `Passed` as the passes go by, then the
        `Worth`, or nothing more after `stop` was set. mova/ablation.py says how it is found.

        `image` is the picture that was asked about. Raises QuestionRefused at once where there is nothing to
        take away, the picture or the model is another, or the answer's tokens are not known.
        """
        check_weighable(trace, image, self.info)
        assert trace.routing is not None
        check_experts(trace.routing.experts, self._most_experts)
        turns = tuple(Turn(clean(turn.question), clean(turn.answer)) for turn in trace.history)
        request = Request(check_question(trace.question), image, turns, trace.settings)
        return self._weigh(request, trace, stop or threading.Event())

    def _weigh(
        self, request: Request, trace: Trace, stop: threading.Event
    ) -> Generator[Passed | Worth, None, None]:
        if self._acquired(stop):
            with self._held(), closing(weigh(self._prepared, request, trace, self._pictures, stop)) as found:
                yield from found

    def components(
        self, image: CheckedImage, letter: str, *, stop: threading.Event | None = None
    ) -> Components | None:
        """What one expert sees of a picture, or the base encoder for the letter BASE; None after `stop` was
        set. Computed once per picture while it is kept. Raises QuestionRefused for a letter there is not."""
        if letter != BASE:
            check_experts([letter], 1)
        stop = stop or threading.Event()
        if not self._acquired(stop):
            return None
        with self._held():
            return see(self._prepared, image, letter, self._pictures.features(image.digest), stop)

    def _acquired(self, stop: threading.Event) -> bool:
        """Waits until nothing else runs and takes the lock; False when `stop` was set first."""
        while not self._lock.acquire(timeout=_WAIT):
            if stop.is_set():
                return False
        return True

    @contextmanager
    def _held(self) -> Iterator[None]:
        """The lock while work runs under it, and the engine left to the next one. What a device does not
        survive, or not without freeing memory, becomes a DeviceError."""
        try:
            with self._told():
                yield
        finally:
            try:
                self._pictures.shrink()
                if (pager := self._prepared.loaded.pager) is not None:
                    pager.leave_all()
            finally:
                self._lock.release()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the device in our words; inside `_held`."""
        try:
            yield
            return
        except (RuntimeError, torch.AcceleratorError) as error:
            if not is_out_of_memory(error):
                self._end_if_lost(error)
                raise
            self._pictures.clear()
            # Its frames hold the activations: let go, else there is nothing to give back.
            traceback.clear_frames(error.__traceback__)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        raise DeviceError(OUT_OF_MEMORY)

    def _end_if_lost(self, error: Exception) -> None:
        """Raises DeviceError where nothing more can be computed, after whoever runs the engine was told."""
        if is_lost(error):
            failure = DeviceError(LOST)
            failure.__cause__ = error
            if self._on_lost is not None:
                self._on_lost(failure)
            raise failure from error


def engine_of(model: MovaForCausalLM) -> Engine:
    """The engine over a model that `from_pretrained` made; the same one each time, so that what it has seen
    of a picture is used again."""
    known = vars(model)
    if ENGINE not in known:
        known[ENGINE] = Engine(loaded_of(model))
    return known[ENGINE]


def end_process(error: DeviceError) -> None:
    """Ends the process with a sentence, where a server's device is lost: who runs it starts it again."""
    log.critical("%s", error)
    log.debug("It came about so:", exc_info=error)
    os._exit(70)


def drain(events: Iterator[Event]) -> Trace:
    """The whole trace of an answer."""
    for event in events:
        if isinstance(event, Done):
            return event.trace
    raise AssertionError("an answer ends with Done")
