"""One question from its place in the line to its end: what is said on the way, and how long it may take."""

import threading
from contextlib import closing

import pytest
from PIL import Image

from demo import answering as answering_module
from demo.answering import Answering, Loading, Progress, Waiting
from demo.lane import Lane
from demo.startup import Startup
from mova.errors import QuestionRefused
from mova.images import read_image
from mova.progress import Step
from mova.request import Decoding, Request, Settings
from tests.fake_engine import FakeEngine


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(answering_module, "LOOK_INTERVAL", 0.0)
    monkeypatch.setattr(answering_module, "TEXT_INTERVAL", 0.0)


def asked(tokens: int = 5) -> Request:
    return Request("Which one?", None, (), Settings(None, Decoding(tokens)))


def test_who_waits_is_told_how_many_come_before_and_then_sees_the_answer_grow():
    lane = Lane()
    answering = Answering(Startup(FakeEngine(pace=0)), lane)
    first, second = lane.enter("anna"), lane.enter("ben")
    lane.wait(first, 0)
    events = answering.run(second, asked())
    assert next(events) == Waiting(1)
    lane.leave(first)
    came = list(events)
    assert all(isinstance(event, Progress) for event in came)
    texts = [event.trace.answer for event in came]
    assert texts == sorted(texts, key=len) and came[-1].trace.done
    assert lane._all() == []


def test_a_question_may_come_before_its_model():
    startup = Startup()
    startup.report(Step("read", 0.5))
    lane = Lane()
    events = Answering(startup, lane).run(lane.enter("anna"), asked())
    assert next(events) == Loading(Step("read", 0.5))
    startup.finish(FakeEngine(pace=0))
    assert list(events)[-1].trace.done


def test_a_picture_is_begun_only_while_nobody_asks():
    lane, engine = Lane(), FakeEngine(pace=0)
    answering, image = Answering(Startup(engine), lane), read_image(Image.new("RGB", (9, 9), "red"))
    question = lane.enter("ben")
    answering.begin("anna", image)
    assert not engine.begun.is_set()
    lane.leave(question)
    Answering(Startup(), lane).begin("anna", image)  # no model yet
    answering.begin("anna", image)
    assert engine.begun.is_set()


def test_an_answer_that_takes_too_long_is_ended_and_the_lane_is_free():
    """The clock is ours: the limit passes the moment the first word is there."""
    lane = Lane()
    answering = Answering(Startup(FakeEngine(pace=0, words=10**6)), lane, longest=0.0)
    ticket = lane.enter("anna")
    last = list(answering.run(ticket, asked(4096)))[-1]
    assert last.trace.stopped and "the most that one answer may take" in ticket.ended
    assert lane._all() == []


def test_a_question_taken_back_while_it_waits_never_begins():
    lane = Lane()
    answering = Answering(Startup(FakeEngine(pace=0)), lane)
    running, waiting = lane.enter("anna"), lane.enter("ben")
    lane.wait(running, 0)
    events = answering.run(waiting, asked())
    next(events)
    lane.stop("ben")
    with pytest.raises(QuestionRefused, match="Stopped before it began"):
        next(events)
    assert lane._all() == [running]


@pytest.mark.parametrize("place", range(1, 4))
def test_whoever_goes_away_frees_the_lane_wherever_the_answer_was(place):
    lane = Lane()
    answering = Answering(Startup(FakeEngine(pace=0)), lane)
    with closing(answering.run(lane.enter("anna"), asked())) as events:
        for _ in range(place):
            next(events)
    assert lane._all() == []
    assert list(answering.run(lane.enter("ben"), asked()))[-1].trace.done


def test_a_fault_of_the_engine_frees_the_lane():
    lane = Lane()
    answering = Answering(Startup(FakeEngine(pace=0)), lane)
    with pytest.raises(RuntimeError):
        list(answering.run(lane.enter("anna"), Request("a fault", None, (), Settings(None, Decoding(3)))))
    assert lane._all() == []


def test_a_closed_page_ends_every_answer():
    lane = Lane()
    answering = Answering(Startup(FakeEngine(pace=0.001, words=10**6)), lane)
    done = threading.Event()

    def watch() -> None:
        list(answering.run(lane.enter("anna"), asked(4096)))
        done.set()

    thread = threading.Thread(target=watch)
    thread.start()
    while not lane.busy("anna"):
        pass
    lane.close()
    thread.join(timeout=30)
    assert done.is_set()
