"""What an expert needs is begun as soon as its letter is certain, where the processor has time: the answer
is the same, and nothing is computed twice."""

import threading
from dataclasses import replace

import pytest
import torch

from mova.checkpoint import devices
from mova.checkpoint.paging import Pager
from mova.engine import Engine, drain
from mova.vision import views
from tests.asking import SHORT, picture, prepare


@pytest.fixture
def made(monkeypatch):
    """(view, thread) of each view that is made."""
    found = []
    for name, build in views.BUILDERS.items():
        monkeypatch.setitem(
            views.BUILDERS,
            name,
            lambda *given, n=name, b=build: found.append((n, threading.current_thread().name)) or b(*given),
        )
    return found


@pytest.fixture
def host_is_free(monkeypatch):
    monkeypatch.setattr(devices, "leaves_host_free", lambda device: True)


def ask(loaded, **how):
    engine = prepare(Engine(loaded), ends=frozenset({loaded.tokenizer.eos_token_id}))
    return engine.answer("what?", picture(), decoding=SHORT, **how)


def test_views_are_made_while_the_router_speaks_and_the_answer_is_the_same(
    tiny_loaded, replies, made, monkeypatch
):
    replies += ["A,D,G", "A,D,G"]
    expected = drain(ask(tiny_loaded))
    assert {thread for _, thread in made} == {threading.current_thread().name}
    made.clear()
    monkeypatch.setattr(devices, "leaves_host_free", lambda device: True)
    found = drain(ask(tiny_loaded))
    assert (found.answer, found.routing, found.gates) == (expected.answer, expected.routing, expected.gates)
    assert [name for name, _ in made] == ["base", "dino", "patches", "high"]
    assert all(thread.startswith("views") for _, thread in made[1:])


def test_a_view_is_begun_before_the_reply_is_complete(tiny_loaded, replies, made, host_is_free, monkeypatch):
    replies.append("A,D,G")
    begun = []
    whole = views.LazyViews.expect
    monkeypatch.setattr(views.LazyViews, "expect", lambda self, name: begun.append(name) or whole(self, name))
    events = ask(tiny_loaded)
    next(event for event in events if type(event).__name__ == "Routed")
    assert begun[0] == "dino" and "patches" in begun and "high" not in begun
    events.close()


def test_what_is_known_is_not_made_again(tiny_loaded, made, host_is_free):
    engine = prepare(Engine(tiny_loaded), ends=frozenset())
    for _ in range(2):
        drain(engine.answer("what?", picture(), experts=["A", "B", "G"], decoding=SHORT))
    assert sorted(name for name, _ in made) == ["base", "dino", "high"]


def test_the_first_expert_is_sent_on_its_way_and_taken_back_after_a_stop(tiny_loaded, replies, host_is_free):
    pager = Pager(tiny_loaded.model.model.vision_tower, torch.device("cpu"), lambda tensor, _: tensor.clone())
    paged = replace(tiny_loaded, pager=pager)
    replies += ["A,D,G", "A,D,G", "A,D,G"]
    stop = threading.Event()
    events = ask(paged, stop=stop)
    next(event for event in events if type(event).__name__ == "Routed")
    assert pager.present_letters == {"A"}
    stop.set()
    drain(events)
    assert not pager.present_letters
    found, expected = drain(ask(paged)), drain(ask(tiny_loaded))
    assert (found.answer, found.gates) == (expected.answer, expected.gates) and not pager.present_letters
