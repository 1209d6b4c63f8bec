"""A visitor's conversations: what is kept, what is shown, what starts anew."""

import pytest

from demo import state
from demo.asking import earlier_turns, given_experts, given_settings, typed_question
from demo.conversation import conversations_html
from demo.lane import Lane
from demo.state import KeptPicture, Visit
from mova.errors import QuestionRefused
from mova.events import Piece, advance
from mova.request import Settings
from mova.trace import Trace
from tests.fake_engine import INFO

CAT, DOG = KeptPicture("cat.png", "c", 10, 10), KeptPicture("dog.png", "d", 20, 20)


def answered(visit: Visit, question: str, answer: str = "yes") -> Visit:
    visit = state.ask(visit, question, Settings())
    return state.record(visit, advance(Trace(question, INFO), Piece(answer)))


def test_a_new_picture_starts_a_conversation_and_the_old_one_stays():
    visit = answered(state.begin(Visit(), CAT), "a cat?")
    visit = answered(state.begin(visit, DOG), "a dog?")
    assert [c.picture for c in visit.conversations] == [CAT, DOG]
    assert visit.conversation.picture is DOG and visit.exchange.question == "a dog?"


def test_a_conversation_in_which_nothing_was_asked_is_not_kept():
    visit = state.begin(state.begin(Visit(), CAT), DOG)
    assert [c.picture for c in visit.conversations] == [DOG]


def test_an_earlier_exchange_and_conversation_can_be_shown_again():
    visit = answered(answered(state.begin(Visit(), CAT), "first"), "second")
    assert visit.exchange.question == "second"
    assert state.show(visit, 0).exchange.question == "first"
    visit = answered(state.begin(visit, DOG), "third")
    back = state.open_conversation(visit, 0)
    assert back.exchange.question == "second" and back.conversation.picture is CAT


@pytest.mark.parametrize("position", [-1, 5])
def test_a_position_that_is_not_there_changes_nothing(position):
    visit = answered(Visit(), "q")
    assert state.show(visit, position) == visit and state.open_conversation(visit, position) == visit


def test_clearing_removes_only_the_open_conversation():
    visit = answered(state.begin(answered(state.begin(Visit(), CAT), "a"), DOG), "b")
    cleared = state.clear(visit)
    assert [c.title for c in cleared.conversations] == ["a", "Nothing asked yet"]
    assert cleared.conversation.picture is None and cleared.exchange is None


def test_asking_again_forgets_the_newest_exchange_alone():
    visit = state.drop_last(answered(answered(Visit(), "a"), "b"))
    assert [e.question for e in visit.conversation.exchanges] == ["a"]


def test_the_engine_gets_the_answered_turns_before_the_newest():
    visit = answered(answered(Visit(), "a", "one"), "b", "two")
    visit = state.fail(state.ask(visit, "broken", Settings()), "no")
    visit = state.ask(visit, "c", Settings())
    turns = earlier_turns(visit.conversation)
    assert [(t.question, t.answer) for t in turns] == [("a", "one"), ("b", "two")]


def test_every_conversation_is_listed_newest_first_and_escaped():
    visit = answered(state.begin(answered(state.begin(Visit(), CAT), "<b>a"), DOG), "b")
    html = conversations_html(visit)
    assert html.index('data-index="1" aria-current="true"') < html.index('data-index="0"')
    assert "&lt;b&gt;a" in html and "<b>a" not in html


def test_a_question_is_trimmed_and_an_empty_or_endless_one_refused():
    assert typed_question("  why? \n") == "why?"
    for text in ("", "   ", None):
        with pytest.raises(QuestionRefused, match="Type a question"):
            typed_question(text)
    with pytest.raises(QuestionRefused, match="longer than 4,000"):
        typed_question("x" * 4001)


def test_experts_null_empty_and_letters_stay_apart():
    assert given_experts(None) is None and given_experts([]) == () and given_experts(["E", "D"]) == ("E", "D")
    for wrong in ("E", {"E": 1}, ["H"], ["A"] * 2, list("ABCD"), [None]):
        with pytest.raises(QuestionRefused):
            given_experts(wrong)


@pytest.mark.parametrize(
    "setting", [{"max_new_tokens": 0}, {"temperature": float("nan")}, {"top_p": 0}, {"seed": "1"}]
)
def test_settings_out_of_bounds_are_refused(setting):
    with pytest.raises(QuestionRefused, match="must be a number from"):
        given_settings(None, **setting)


def test_one_question_per_visitor_at_a_time():
    lane = Lane()
    lane.enter("anna")
    lane.enter("ben")
    with pytest.raises(QuestionRefused, match="still answering"):
        lane.enter("anna")
    assert lane.begin("anna") and lane.busy("anna")
    lane.leave("anna")
    lane.enter("anna")


def test_stop_reaches_only_the_one_who_pressed_it():
    lane = Lane()
    for name in ("anna", "ben"):
        lane.enter(name)
    anna, ben = lane.begin("anna"), lane.begin("ben")
    assert lane.stop("anna") is False
    assert anna.is_set() and not ben.is_set()


def test_a_waiting_question_is_taken_back_and_never_begins():
    lane = Lane()
    lane.enter("anna")
    assert lane.stop("anna") is True
    assert lane.begin("anna") is None and not lane.busy("anna")
    assert lane.stop("anna") is False


def test_a_visitor_who_leaves_stops_the_answer():
    lane = Lane()
    lane.enter("anna")
    stop = lane.begin("anna")
    lane.leave("anna")
    assert stop.is_set() and not lane.busy("anna")
