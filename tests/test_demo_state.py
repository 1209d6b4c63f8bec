"""A visitor's conversations: what is kept, what is shown, what starts anew."""

import pytest

from demo import state
from demo.asking import earlier_turns, given_experts, given_settings, typed_question
from demo.conversation import conversations_html
from demo.state import KeptPicture, Visit
from demo.words import ENGLISH
from mova.errors import QuestionRefused
from mova.events import Piece, advance
from mova.request import Settings
from mova.trace import Trace
from tests.fake_engine import INFO

CAT, DOG = KeptPicture("cat.png", "c", 10, 10), KeptPicture("dog.png", "d", 20, 20)


def answered(visit: Visit, question: str, answer: str = "yes") -> Visit:
    visit = state.ask(visit, question, Settings())
    return state.record(visit, visit.shown, advance(Trace(question, INFO), Piece(answer)))


def test_a_new_picture_starts_a_conversation_and_the_old_one_stays():
    visit = answered(Visit.new(CAT), "a cat?")
    visit = answered(state.begin(visit, DOG), "a dog?")
    assert [c.picture for c in visit.conversations] == [CAT, DOG]
    assert visit.conversation.picture is DOG and visit.exchange.question == "a dog?"


def test_a_conversation_in_which_nothing_was_asked_is_not_kept():
    visit = state.begin(Visit.new(CAT), DOG)
    assert [c.picture for c in visit.conversations] == [DOG]


def test_an_earlier_exchange_and_conversation_can_be_shown_again():
    visit = answered(Visit.new(CAT), "first")
    first, cats = visit.shown, visit.current
    visit = answered(visit, "second")
    assert visit.exchange.question == "second"
    assert state.show(visit, first).exchange.question == "first"
    visit = answered(state.begin(visit, DOG), "third")
    back = state.open_conversation(visit, cats)
    assert back.exchange.question == "second" and back.conversation.picture is CAT
    assert state.show(visit, first).conversation.picture is CAT, "an answer brings its conversation along"


@pytest.mark.parametrize("unknown", ["", "0", "constructor", "../x"])
def test_an_id_that_is_not_there_changes_nothing(unknown):
    visit = answered(Visit.new(), "q")
    assert state.show(visit, unknown) == visit and state.open_conversation(visit, unknown) == visit
    assert state.fail(visit, unknown, "no") == visit == state.record(visit, unknown, Trace("q", INFO))


def test_ids_are_drawn_anew_and_cannot_be_guessed():
    ids = {answered(Visit.new(), "q").shown for _ in range(50)}
    assert len(ids) == 50 and all(len(drawn) == 16 for drawn in ids)


def test_an_answer_finds_its_question_wherever_the_visitor_has_gone():
    visit = state.ask(Visit.new(CAT), "slow?", Settings())
    slow = visit.shown
    visit = answered(state.begin(visit, DOG), "quick?")
    visit = state.record(visit, slow, advance(Trace("slow?", INFO), Piece("late")))
    assert visit.exchange.question == "quick?" and visit.exchange.trace.answer == "yes"
    assert visit.find(slow)[1].trace.answer == "late"


def test_an_answer_to_what_was_cleared_is_dropped():
    visit = state.ask(Visit.new(CAT), "slow?", Settings())
    slow, visit = visit.shown, state.clear(visit)
    assert state.record(visit, slow, Trace("slow?", INFO)) == visit


def test_clearing_removes_only_the_open_conversation():
    visit = answered(state.begin(answered(Visit.new(CAT), "a"), DOG), "b")
    cleared = state.clear(visit)
    assert [c.title for c in cleared.conversations] == ["a", ""]
    assert cleared.conversation.picture is None and cleared.exchange is None


def test_asking_again_forgets_that_exchange_alone():
    visit = answered(answered(Visit.new(), "a"), "b")
    visit = state.drop(visit, visit.shown)
    assert [e.question for e in visit.conversation.exchanges] == ["a"] and visit.exchange.question == "a"


def test_the_engine_gets_the_answered_turns_before_the_question():
    visit = answered(answered(Visit.new(), "a", "one"), "b", "two")
    visit = state.ask(visit, "broken", Settings())
    visit = state.fail(visit, visit.shown, "no")
    visit = state.ask(visit, "c", Settings())
    asked = visit.shown
    visit = answered(visit, "later", "four")
    turns = earlier_turns(visit.conversation, asked)
    assert [(t.question, t.answer) for t in turns] == [("a", "one"), ("b", "two")]


def test_a_visit_does_not_grow_without_bound():
    visit = Visit.new()
    for number in range(state.MOST_EXCHANGES + 5):
        visit = answered(visit, f"question {number}")
    assert len(visit.conversation.exchanges) == state.MOST_EXCHANGES
    assert visit.exchange.question == f"question {state.MOST_EXCHANGES + 4}"
    for number in range(state.MOST_CONVERSATIONS + 5):
        visit = answered(state.begin(visit, CAT), f"conversation {number}")
    assert len(visit.conversations) == state.MOST_CONVERSATIONS
    assert visit.conversation.title == f"conversation {state.MOST_CONVERSATIONS + 4}"


def test_every_conversation_is_listed_newest_first_and_escaped():
    visit = answered(Visit.new(CAT), "<b>a")
    older, visit = visit.current, answered(state.begin(visit, DOG), "b")
    html = conversations_html(visit, ENGLISH)
    assert html.index(f'data-id="{visit.current}" aria-current="true"') < html.index(f'data-id="{older}"')
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


def test_a_question_asked_again_has_the_turns_it_had_the_first_time_and_is_none_of_its_own():
    visit = answered(Visit.new(CAT), "first", "one")
    visit = answered(visit, "second", "two")
    origin = visit.shown
    for _ in range(2):  # asked again, and what was asked again once more
        visit = state.ask(visit, "second", Settings(), Settings(("A",)), state.origin(visit))
        visit = state.record(visit, visit.shown, advance(Trace("second", INFO), Piece("other")))
        assert visit.exchange.again == origin
        assert [turn.answer for turn in earlier_turns(visit.conversation, visit.shown)] == ["one"]
        visit = state.show(visit, visit.exchange.beside.id)
    visit = state.ask(visit, "third", Settings())
    assert [turn.answer for turn in earlier_turns(visit.conversation, visit.shown)] == ["one", "two"]
