"""Recorded decoding steps are the plain ones, token for token, whoever asks and however long; what cannot be
recorded is decoded plainly. A stand-in runs the recorded work again over its tensors, as a graph does."""

import logging
from contextlib import closing, nullcontext
from dataclasses import replace
from functools import partial
from itertools import zip_longest

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from mova import prepared as prepared_module
from mova.checkpoint.loading import load, may_record
from mova.checkpoint.precision import PRECISIONS
from mova.engine import Engine, drain
from mova.language import recording
from mova.language.decoder import build_decoders
from mova.language.decoding import greedy, steps
from mova.language.recording import Recording, recorded_decoders, room_for
from mova.progress import Step
from mova.request import Decoding
from tests.asking import picture, prepare
from tests.tiny_checkpoints import copy_checkpoint

PROMPTS = ([7 * n % 300 for n in range(40)], [5, 9, 200], [11 * n % 290 for n in range(250)])
LORAS = (None, "routing", "answer")
# What waits for the card or lets numbers choose the shape: nothing that a graph can hold.
FORBIDDEN = ("_local_scalar_dense", "nonzero", "lift_fresh", "masked_select")


class Recordable(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, given=(), named=None):
        assert not any(word in str(function) for word in FORBIDDEN), function
        return function(*given, **(named or {}))


class StandIn:
    """Records as a card does, and counts: works recorded, and replays."""

    def __init__(self):
        self.recorded = self.replayed = 0

    def __call__(self, work):
        self.recorded += 1
        with Recordable():
            output = work().clone()

        def replay():
            self.replayed += 1
            output.copy_(work())

        return Recording(output, replay)


@pytest.fixture(scope="module")
def loaded(tiny_checkpoint, tiny_model, tmp_path_factory):
    """The tiny model with a LoRA for each pass."""
    target = tmp_path_factory.mktemp("recorded") / "both"
    folder = copy_checkpoint(tiny_checkpoint, target, tiny_model, ("routing", "answer"))
    return load(folder, precision="fp32", device="cpu")


@pytest.fixture(scope="module")
def plain(loaded):
    return build_decoders(loaded.model, loaded.loras)


@pytest.fixture
def card():
    return StandIn()


@pytest.fixture
def quick(plain, card):
    return recorded_decoders(plain, card)


def walk(decoder, loaded, ids, count=30, capacity=None):
    """(the walk of `count` greedy steps behind a prompt, its cache)."""
    cache = decoder.cache(capacity or len(ids) + count)
    logits = decoder.prefill(loaded.model.embed(ids), cache)
    return steps(decoder, logits, cache, greedy, (), count), cache


def tokens(found):
    return [step.token for step in found]


@pytest.mark.parametrize("lora", LORAS)
@pytest.mark.parametrize("ids", PROMPTS, ids=len)
def test_replayed_tokens_are_the_plain_ones(quick, plain, loaded, card, ids, lora):
    for capacity in (None, 300, 600):
        (expected, before), (found, after) = (
            walk(one[lora], loaded, ids, capacity=capacity) for one in (plain, quick)
        )
        for step, other in zip_longest(expected, found):
            assert step.token == other.token
            assert torch.allclose(step.logits, other.logits, atol=1e-5)
        assert before.length == after.length == len(ids) + 29
        assert torch.allclose(before.first(after.length), after.first(after.length), atol=1e-5)
    assert card.replayed == 3 * 29


def test_the_same_step_is_recorded_once_for_every_size_and_lora(quick, loaded, card):
    for _ in range(2):
        for lora in LORAS:
            tokens(walk(quick[lora], loaded, PROMPTS[1])[0])
    assert card.recorded == len(LORAS)
    tokens(walk(quick[None], loaded, PROMPTS[0], capacity=400)[0])  # a larger room: the old one is left
    tokens(walk(quick[None], loaded, PROMPTS[0])[0])
    assert card.recorded == len(LORAS) + 2
    tokens(walk(quick[None], loaded, PROMPTS[0])[0])
    assert card.recorded == len(LORAS) + 2


def test_a_short_sequence_is_recorded_after_a_long_one(quick, plain, loaded):
    tokens(walk(quick[None], loaded, PROMPTS[2])[0])  # 279 places in a room of 512
    found, expected = (tokens(walk(one[None], loaded, PROMPTS[1])[0]) for one in (quick, plain))
    assert found == expected


def test_two_questions_at_once_share_nothing(quick, plain, loaded, card):
    expected = [tokens(walk(plain["answer"], loaded, ids)[0]) for ids in PROMPTS[:2]]
    both = [walk(quick["answer"], loaded, ids)[0] for ids in PROMPTS[:2]]
    found = list(zip(*both, strict=True))
    assert [tokens(one) for one in zip(*found, strict=True)] == expected
    assert card.replayed == 29  # the first of them; the other was decoded plainly
    assert tokens(walk(quick["answer"], loaded, PROMPTS[1])[0]) == expected[1] and card.replayed == 58


def test_a_walk_that_is_left_early_leaves_the_room(quick, loaded, card):
    with closing(walk(quick[None], loaded, PROMPTS[0])[0]) as left:
        next(left)
        next(left)
    tokens(walk(quick[None], loaded, PROMPTS[0])[0])
    assert card.replayed == 1 + 29


def test_nothing_of_an_earlier_question_stays_in_the_room(quick, plain, loaded):
    """Also not numbers that are none, which a mask alone would not keep out."""
    expected = tokens(walk(plain[None], loaded, PROMPTS[1])[0])
    tokens(walk(quick[None], loaded, PROMPTS[0])[0])
    room = quick[None].recorder._room
    with torch.inference_mode():
        room.states.fill_(float("nan"))
    assert tokens(walk(quick[None], loaded, PROMPTS[1])[0]) == expected
    assert not room.states[:, :, :, len(PROMPTS[1]) + 29 :].any()


@pytest.mark.parametrize("error", [RuntimeError("not permitted\nmore"), torch.OutOfMemoryError("no")])
def test_what_cannot_be_recorded_is_decoded_plainly_and_said_once(plain, loaded, caplog, error):
    asked = []

    def refuse(work):
        asked.append(work)
        raise error

    decoders = recorded_decoders(plain, refuse)
    with caplog.at_level(logging.WARNING, "mova"):
        for _ in range(2):
            found = tokens(walk(decoders["answer"], loaded, PROMPTS[0])[0])
            assert found == tokens(walk(plain["answer"], loaded, PROMPTS[0])[0])
    assert len(asked) == len(caplog.records) == 1 and "more" not in caplog.text
    assert decoders["answer"].recorder._room is None and not decoders["answer"].recorder.records


def test_rooms_are_few():
    assert [room_for(n) for n in (1, 256, 257, 1024, 1025)] == [256, 256, 512, 1024, 2048]


def test_a_prepared_step_is_not_recorded_again(quick, loaded, card):
    quick["answer"].ready(100)
    with quick["answer"].stepping(quick["answer"].cache(300)):
        quick["answer"].ready(5000)  # not while somebody is in the room
    assert card.recorded == 2
    tokens(walk(quick["answer"], loaded, PROMPTS[1])[0])
    assert card.recorded == 3


def test_an_engine_over_a_card_records_before_the_first_question(loaded, card, monkeypatch):
    monkeypatch.setattr(prepared_module, "record_on_card", lambda device, work: card(work))
    told = []
    engine = Engine(replace(loaded, recorded=True), progress=told.append)
    assert told == [Step("record")] and card.recorded == 2
    engine, usual = (prepare(one, ends=frozenset()) for one in (engine, Engine(loaded)))
    usually = Decoding()
    for number, question in enumerate(("what?", "how many are there?")):
        traces = [drain(one.answer(question, picture(number), decoding=usually)) for one in (engine, usual)]
        assert traces[0].answer == traces[1].answer and traces[0].routing == traces[1].routing
    assert card.recorded == 2 and card.replayed > 20


def test_int8_is_not_recorded():
    card = torch.device("cuda", 1)
    assert [name for name in PRECISIONS if may_record(card, name)] == ["nf4", "bf16", "fp32"]
    assert not may_record(torch.device("cpu"), "fp32")


def test_a_processor_records_nothing(tiny_checkpoint):
    assert not load(tiny_checkpoint, precision="fp32", device="cpu", steps="recorded").recorded


def test_a_graph_is_made_of_the_work_after_one_run(monkeypatch):
    """The calls of torch.cuda, where there is none."""
    said = []

    class Graph:
        def replay(self):
            said.append("replay")

    class Stream:
        def wait_stream(self, other):
            said.append("wait")

    class Capture(nullcontext):
        def __init__(self, graph, stream, capture_error_mode):
            assert isinstance(graph, Graph) and isinstance(stream, Stream)
            super().__init__()
            said.append(capture_error_mode)

    monkeypatch.setattr(torch.cuda, "device", nullcontext)
    monkeypatch.setattr(torch.cuda, "stream", nullcontext)
    for name, value in (("Stream", Stream), ("current_stream", Stream), ("CUDAGraph", Graph)):
        monkeypatch.setattr(torch.cuda, name, value)
    monkeypatch.setattr(torch.cuda, "graph", Capture)

    def work():
        said.append("work")
        return torch.zeros(1)

    record = partial(recording.record_on_card, torch.device("cuda", 0))
    record(work).replay()
    assert said == ["wait", "work", "wait", "thread_local", "work", "replay"]
