"""Stop, the engine's lock, and the LoRAs: an answer that ends early leaves everything as it was."""

import subprocess
import sys
import threading
import weakref

import pytest
import torch

from mova.engine import LOST, Engine, drain
from mova.errors import DeviceError
from mova.events import BaseEncoded, Decoded, Done, ExpertEncoded, Gated, ImageRead, Piece, Prefilled, Routed
from mova.prepared import Prepared
from tests.asking import LONG, SHORT, kinds, picture, prepare


def test_stop_at_a_token_keeps_the_partial_answer(engine):
    stop, pieces = threading.Event(), []
    for event in engine.answer("why?", picture(), experts=["A"], decoding=LONG, stop=stop):
        if isinstance(event, Piece):
            pieces.append(event.text)
            if len(pieces) == 3:
                stop.set()
    trace = event.trace
    assert trace.stopped and trace.done and trace.answer == "".join(pieces) and len(pieces) <= 4
    assert trace.timings.tokens < 20
    assert not drain(engine.answer("why?", decoding=SHORT)).stopped


@pytest.mark.parametrize("kind", [ImageRead, BaseEncoded, Routed, ExpertEncoded, Gated, Prefilled])
def test_stop_between_stages(engine, replies, kind):
    replies.append("A,G")
    prepare(engine, ends=frozenset({engine._prepared.loaded.tokenizer.eos_token_id}))
    stop, after = threading.Event(), []
    for event in engine.answer("why?", picture(), decoding=LONG, stop=stop):
        if stop.is_set():
            after.append(type(event))
        if isinstance(event, kind):
            stop.set()
    assert after[-1] is Done and set(after) <= {Decoded, Done}
    assert event.trace.stopped and event.trace.answer == ""


def test_stop_during_routing(engine):
    stop = threading.Event()
    whole = engine._prepared.letters.read
    reads = []

    class Stopping:
        def read(self, probabilities):
            reads.append(stop.set())
            return whole(probabilities)

    prepare(engine, letters=Stopping())
    events = list(engine.answer("why?", picture(), decoding=LONG, stop=stop))
    assert len(reads) == 1 and kinds(events) == ["ImageRead", "BaseEncoded", "Done"]
    assert events[-1].trace.stopped and events[-1].trace.routing is None


def test_closing_the_generator_frees_the_engine(engine):
    events = engine.answer("why?", picture(), experts=["A"], decoding=LONG)
    for event in events:
        if isinstance(event, Piece):
            break
    assert engine._lock.locked()
    events.close()
    assert not engine._lock.locked()
    assert drain(engine.answer("why?", decoding=SHORT)).done


def test_an_answer_never_read_holds_nothing(engine):
    engine.answer("why?", decoding=LONG)
    assert not engine._lock.locked()


def test_stop_while_waiting_for_another_answer(engine):
    first = engine.answer("why?", decoding=LONG)
    next(first)
    stop = threading.Event()
    stop.set()
    trace = drain(engine.answer("what?", decoding=SHORT, stop=stop))
    assert trace.stopped and trace.answer == "" and trace.question == "what?"
    first.close()


def test_two_threads_each_get_their_own_answer(engine):
    asked = [("why?", ["A"], 0), ("how many are there?", ["G", "B"], 1)]
    alone = [drain(engine.answer(q, picture(s), experts=e, decoding=SHORT)) for q, e, s in asked]
    log, together = [], [None, None]

    def run(index):
        question, experts, seed = asked[index]
        for event in engine.answer(question, picture(seed), experts=experts, decoding=SHORT):
            log.append(index)
            if isinstance(event, Done):
                log.pop()  # the engine is free before the last event
                together[index] = event.trace

    threads = [threading.Thread(target=run, args=(index,)) for index in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [t.answer for t in together] == [t.answer for t in alone]
    assert [t.routing for t in together] == [t.routing for t in alone]
    changes = sum(a != b for a, b in zip(log, log[1:], strict=False))
    assert changes == 1, "events of two answers are mixed"


def test_events_may_be_read_from_changing_threads(engine):
    """Gradio reads one generator from several threads."""
    events, got = engine.answer("why?", picture(), experts=["A"], decoding=SHORT), []

    def read():
        got.append(next(events, None))

    while not got or got[-1] is not None:
        thread = threading.Thread(target=read)
        thread.start()
        thread.join(timeout=60)
    assert isinstance(got[-2], Done) and got[-2].trace.answer


def test_each_pass_runs_under_its_own_lora(engine, monkeypatch):
    log = []
    whole = Prepared.decoder
    monkeypatch.setattr(Prepared, "decoder", lambda *given: log.append(given[1]) or whole(*given))
    drain(engine.answer("why?", picture(), decoding=SHORT))
    assert sorted(set(log), key=log.index) == ["routing", "answer"]
    log.clear()
    drain(engine.answer("why?", decoding=SHORT))
    assert set(log) == {"chat"}


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_a_failure_frees_the_engine_and_out_of_memory_is_told(engine, monkeypatch, error):
    def fail(*given):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(engine._prepared.loaded.model, "encode_expert", fail)
        with pytest.raises(DeviceError, match="ran out of memory"):
            drain(engine.answer("why?", picture(), experts=["A"], decoding=SHORT))
    assert drain(engine.answer("why?", picture(), experts=["A"], decoding=SHORT)).done


@pytest.mark.parametrize(
    "text",
    [
        "CUDA error: an illegal memory access was encountered\nmore",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx`",
    ],
)
def test_a_lost_device_is_told_to_whoever_runs_the_engine(tiny_loaded, monkeypatch, text):
    told = []
    engine = Engine(tiny_loaded, on_lost=told.append)

    def fail(*given):
        raise RuntimeError(text)

    monkeypatch.setattr(engine._prepared.loaded.model, "encode_expert", fail)
    with pytest.raises(DeviceError, match=r"^The device failed and can .*: start it again\.$") as caught:
        drain(engine.answer("why?", picture(), experts=["A"], decoding=SHORT))
    assert str(caught.value.__cause__) == text
    assert told == [caught.value]
    monkeypatch.setattr(engine._prepared.loaded.model, "encode_expert", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        drain(engine.answer("why?", picture(), experts=["A"], decoding=SHORT))
    assert len(told) == 1 and not engine._lock.locked()


def test_out_of_memory_lets_go_of_what_was_computed_before_the_cache_is_emptied(engine, monkeypatch):
    class Large:
        """Stands for activations."""

    held, found = [], []

    def fail(*given):
        large = Large()
        held.append(weakref.ref(large))
        monkeypatch.setattr("torch.cuda.is_available", lambda: True)
        monkeypatch.setattr("torch.cuda.empty_cache", lambda: found.append(held[0]()))
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(engine._prepared.loaded.model, "encode_expert", fail)
    with pytest.raises(DeviceError) as caught:
        drain(engine.answer("why?", picture(), experts=["A"], decoding=SHORT))
    assert caught.value is not None and found == [None]


def test_a_server_whose_device_is_lost_ends_with_the_sentence():
    code = "from mova import engine, logs; logs.show(); engine.end_process(engine.DeviceError(engine.LOST))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert (ended.returncode, ended.stdout, ended.stderr) == (70, "", f"mova: {LOST}\n")
