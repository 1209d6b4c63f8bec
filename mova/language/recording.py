"""Decoding steps that are recorded once and replayed.

On a card a step is hundreds of small kernels, and starting them one by one takes longer than they run. A
CUDA graph starts all of them at once; it is bound to the memory it was recorded with. So a recorded step
works in a room of its own, which a cache is copied into, and its token and its place are tensors in there.

    decoders = recorded_decoders(build_decoders(model), partial(record_on_card, device))
    with decoders["answer"].stepping(cache) as step:
        logits = step(token)

Two sequences are never in the room at once: while one is, another is decoded plainly.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from functools import partial

import torch
from torch import Tensor

from mova.language.decoder import Decoder, Step
from mova.language.key_values import KeyValues

LEAST_PLACES = 256  # sizes of rooms are this times a power of two: few of them, each recorded once
log = logging.getLogger("mova")


@dataclass(frozen=True)
class Recording:
    """Work that was recorded: after each `replay`, `output` holds what it gave."""

    output: Tensor
    replay: Callable[[], None]


Record = Callable[[Callable[[], Tensor]], Recording]


def record_on_card(device: torch.device, work: Callable[[], Tensor]) -> Recording:
    """A CUDA graph of what `work` starts on the device, after one run that sets libraries up."""
    with torch.cuda.device(device):
        stream, graph = torch.cuda.Stream(), torch.cuda.CUDAGraph()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            work()
        torch.cuda.current_stream().wait_stream(stream)
        # Other threads may go on using the card: only this one's work is recorded.
        with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
            output = work()
    return Recording(output, graph.replay)


@dataclass(frozen=True)
class Room:
    """What recorded steps read and write: keys and values as in `KeyValues`, a token [1], its place [1]."""

    states: Tensor
    token: Tensor
    place: Tensor

    @classmethod
    def of(cls, decoder: Decoder, capacity: int) -> "Room":
        """Room for `capacity` places of a sequence, all of it zeros."""
        like = decoder.cache(0).states
        shape = (*like.shape[:3], capacity, like.shape[4])
        number = torch.zeros(1, dtype=torch.long, device=like.device)
        return cls(like.new_zeros(shape), number, number.clone())

    @property
    def capacity(self) -> int:
        """Places there are."""
        return self.states.shape[3]

    @torch.inference_mode()
    def take_in(self, cache: KeyValues) -> None:
        """Holds the cache's filled places, and zeros behind them: what a mask hides is still multiplied,
        and nothing of an earlier sequence stays."""
        self.states.zero_()
        self.states[:, :, :, : cache.length] = cache.states[:, :, :, : cache.length]


class Recorder:
    """The recorded steps of one model's decoders, all in one room. It grows when a cache does not fit, and
    what was recorded in the smaller one is recorded anew. Safe to use from any thread."""

    def __init__(self, record: Record):
        self._record = record
        self._lock = threading.Lock()  # whose sequence is in the room
        self._room: Room | None = None
        # With each decoder: its weights have to stay where they were recorded.
        self._recordings: dict[tuple[int, int], tuple[Decoder, Recording]] = {}
        self.records = True  # False once something could not be recorded

    @contextmanager
    def walk(self, decoder: Decoder, cache: KeyValues) -> Iterator[Step]:
        """The step that runs a token behind the cache and gives its logits; the cache is filled as by
        `Decoder.step`."""
        if not self._lock.acquire(blocking=False):
            yield partial(decoder.step, cache=cache)
            return
        try:
            recording = self._recorded(decoder, cache.capacity)
            if recording is None or self._room is None:
                yield partial(decoder.step, cache=cache)
            else:
                self._room.take_in(cache)
                yield partial(_step, recording, self._room, cache)
        finally:
            self._lock.release()

    def ready(self, decoder: Decoder, capacity: int) -> None:
        """Records what a cache of this size will need, unless the room is in use."""
        if self._lock.acquire(blocking=False):
            try:
                self._recorded(decoder, capacity)
            finally:
                self._lock.release()

    @torch.inference_mode()
    def _recorded(self, decoder: Decoder, capacity: int) -> Recording | None:
        """The recording for caches of this size; None where nothing can be recorded."""
        if not self.records:
            return None
        size = room_for(capacity)
        key = (id(decoder), size)
        try:
            if self._room is None or self._room.capacity < size:
                self._recordings.clear()
                self._room = None  # before the larger one is made
                self._room = Room.of(decoder, size)
            if key not in self._recordings:
                room, states = self._room, self._room.states[:, :, :, :size]
                room.place.zero_()  # an earlier sequence's may lie outside of a smaller part of the room
                work = partial(decoder.step_in, room.token, room.place, states)
                self._recordings[key] = decoder, self._record(work)
        except RuntimeError as error:  # a kernel that cannot be recorded, or too little memory
            self.records, self._room = False, None
            self._recordings.clear()
            log.warning("Decoding steps are not recorded and run one by one: %s", str(error).split("\n")[0])
            return None
        return self._recordings[key][1]


@torch.inference_mode()
def _step(recording: Recording, room: Room, cache: KeyValues, token: int) -> Tensor:
    place = cache.claim(1).start
    room.token.fill_(token)
    room.place.fill_(place)
    recording.replay()
    cache.states[:, :, :, place] = room.states[:, :, :, place]
    return recording.output.clone()  # the next replay writes over it


@dataclass(frozen=True)
class RecordedDecoder(Decoder):
    """A decoder whose steps are replayed."""

    recorder: Recorder

    def stepping(self, cache: KeyValues) -> AbstractContextManager[Step]:
        """As `Decoder.stepping`."""
        return self.recorder.walk(self, cache)

    def ready(self, capacity: int) -> None:
        """Records what a cache of `capacity` places needs."""
        self.recorder.ready(self, capacity)


def recorded_decoders(decoders: Mapping[str | None, Decoder], record: Record) -> dict[str | None, Decoder]:
    """The same decoders of one model with their steps recorded by `record`, in one room."""
    recorder = Recorder(record)

    def recorded(plain: Decoder) -> Decoder:
        parts = {part.name: getattr(plain, part.name) for part in fields(plain)}
        return RecordedDecoder(**parts, recorder=recorder)

    return {lora: recorded(plain) for lora, plain in decoders.items()}


def room_for(capacity: int) -> int:
    """Places of the room that a cache of `capacity` places fits into."""
    size = LEAST_PLACES
    while size < capacity:
        size *= 2
    return size
