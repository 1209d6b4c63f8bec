"""Who is answered now and who waits: by question, in order, alone. Interleavings are forced."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from demo import lane as lane_module
from demo.lane import Lane
from mova.errors import QuestionRefused


def test_one_question_per_visitor_at_a_time():
    lane = Lane()
    anna = lane.enter("anna")
    lane.enter("ben")
    with pytest.raises(QuestionRefused, match="still answering"):
        lane.enter("anna")
    assert lane.busy("anna") and lane.wait(anna, 0)
    with pytest.raises(QuestionRefused, match="still answering"):
        lane.enter("anna")
    lane.leave(anna)
    assert not lane.busy("anna")
    lane.enter("anna")


def test_questions_take_their_turns_in_the_order_they_came():
    lane = Lane()
    first, second, third = (lane.enter(name) for name in "abc")
    assert [lane.before(ticket) for ticket in (first, second, third)] == [0, 1, 2]
    assert not lane.wait(second, 0) and lane.wait(first, 0) and lane.wait(first, 0)
    assert [lane.before(ticket) for ticket in (second, third)] == [1, 2]
    assert not lane.wait(third, 0) and not lane.wait(second, 0)
    lane.leave(first)
    assert not lane.wait(third, 0) and lane.wait(second, 0)


def test_a_turn_is_noticed_the_moment_it_comes():
    lane = Lane()
    first, second = lane.enter("anna"), lane.enter("ben")
    assert lane.wait(first, 0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lane.wait, second, 60)
        lane.leave(first)
        assert waiting.result(timeout=10) is True


def test_spare_work_runs_while_nobody_asks_and_ends_when_someone_does():
    lane = Lane()
    with lane.spare("anna") as spare:
        assert spare is not None and not spare.stop.is_set() and not lane.busy("anna")
        with lane.spare("ben") as other:
            assert other is None, "one such work at a time"
        with lane.spare("anna") as newer:
            assert spare.stop.is_set() and newer is not None, "a visitor's newer picture takes its place"
            question = lane.enter("ben")
            assert newer.stop.is_set() and lane.wait(question, 0)
    with lane.spare("anna") as spare:
        assert spare is None, "a question runs"
    lane.leave(question)
    with lane.spare("anna") as spare:
        assert not lane.stop("anna") and spare.stop.is_set(), "one who leaves is waited for by nobody"
    with lane.spare("anna") as spare:
        assert spare is not None
        lane.close()
        assert spare.stop.is_set()


def test_stop_reaches_only_the_one_who_pressed_it():
    lane = Lane()
    anna, ben = lane.enter("anna"), lane.enter("ben")
    assert lane.stop("anna") and anna.stop.is_set() and not ben.stop.is_set()
    assert not lane.stop("anna") and not lane.stop("carla")


def test_a_question_after_a_stop_is_taken_and_waits_for_the_end_of_the_old_one():
    lane = Lane()
    old = lane.enter("anna")
    assert lane.wait(old, 0)
    lane.stop("anna")
    new = lane.enter("anna")  # before the old one has noticed
    assert lane.busy("anna") and not lane.wait(new, 0)
    lane.leave(old)
    assert not new.stop.is_set() and lane.wait(new, 0)


def test_the_end_of_one_question_touches_no_other_of_the_same_visitor():
    """A connection is lost and comes back: the old answer ends after the new question was asked."""
    lane = Lane()
    old = lane.enter("anna")
    lane.wait(old, 0)
    lane.stop("anna")
    new = lane.enter("anna")
    lane.leave(old)
    lane.leave(old)
    assert lane.busy("anna") and lane.wait(new, 0) and not new.stop.is_set()


def test_a_waiting_question_is_taken_back_and_never_begins():
    lane = Lane()
    first, second = lane.enter("anna"), lane.enter("ben")
    lane.wait(first, 0)
    lane.stop("ben")
    assert not lane.wait(second, 60), "a stop ends the waiting at once"
    lane.leave(second)
    lane.leave(first)
    assert lane.wait(lane.enter("carla"), 0)


def test_a_full_line_refuses_in_words_and_takes_again_when_there_is_room():
    lane = Lane(capacity=2)
    running = lane.enter("a")
    lane.wait(running, 0)
    lane.enter("b"), lane.enter("c")
    with pytest.raises(QuestionRefused, match="2 questions are waiting"):
        lane.enter("d")
    lane.leave(running)
    lane.wait(lane._waiting[0], 0)
    lane.enter("d")


def test_the_endpoint_has_a_share_and_leaves_room_for_the_page():
    lane = Lane(capacity=20)
    for _ in range(3):
        lane.enter("endpoint", share=3)
    with pytest.raises(QuestionRefused):
        lane.enter("endpoint", share=3)
    assert lane.enter("anna")


def test_who_looks_no_more_holds_up_nobody(monkeypatch):
    lane = Lane()
    gone, here = lane.enter("gone"), lane.enter("here")
    now = lane_module.time.monotonic
    monkeypatch.setattr(lane_module.time, "monotonic", lambda: now() + lane_module.ABANDONED + 1)
    here.seen = lane_module.time.monotonic()
    assert lane.wait(here, 0) and gone.stop.is_set() and not lane.busy("gone")


def test_only_one_runs_whatever_the_threads_do():
    lane, inside, most = Lane(capacity=100), [], []
    start, guard = threading.Barrier(8), threading.Lock()

    def visit(number: int) -> None:
        start.wait(timeout=30)
        for turn in range(30):
            ticket = lane.enter(f"{number}")
            if turn % 7 == 3:
                lane.stop(f"{number}")
            while not lane.wait(ticket, 1):
                if ticket.stop.is_set():
                    break
            else:
                with guard:
                    inside.append(ticket)
                    most.append(len(inside))
                with guard:
                    inside.remove(ticket)
            lane.leave(ticket)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(visit, number) for number in range(8)]:
            done.result(timeout=60)
    assert max(most) == 1 and lane._all() == []
