"""The visits going on now: changed as a whole, bounded, forgotten with their visitors."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from demo import state
from demo.visits import Visits
from mova.request import Settings


def asked(question: str):
    return lambda visit: state.ask(visit, question, Settings())


def test_a_session_has_its_own_visit_and_keeps_it():
    visits = Visits()
    visits.change("anna", asked("a?"))
    visits.change("ben", asked("b?"))
    assert visits.get("anna").exchange.question == "a?" and visits.get("ben").exchange.question == "b?"
    assert visits.get("carla").exchange is None


def test_a_change_that_is_refused_changes_nothing():
    visits = Visits()
    visits.change("anna", asked("a?"))
    before = visits.get("anna")
    with pytest.raises(ZeroDivisionError):
        visits.change("anna", lambda visit: 1 / 0)
    assert visits.get("anna") is before


def test_changes_at_once_lose_nothing():
    """Two clicks are handled in two threads; each sees what the other did or will be seen by it."""
    visits, start = Visits(), threading.Barrier(8)

    def click(number: int) -> None:
        start.wait(timeout=30)
        for turn in range(5):
            visits.change("anna", asked(f"{number} {turn}"))

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(click, number) for number in range(8)]:
            done.result(timeout=30)
    questions = {exchange.question for exchange in visits.get("anna").conversation.exchanges}
    assert questions == {f"{number} {turn}" for number in range(8) for turn in range(5)}


def test_who_has_left_is_forgotten_and_who_comes_back_in_time_is_not():
    gone: list[str] = []
    visits = Visits(gone.append, grace=0)
    visits.change("anna", asked("a?"))
    visits.leave("anna")
    visits.sweep()
    assert gone == ["anna"] and "anna" not in visits and visits.get("anna").exchange is None
    patient = Visits(gone.append, grace=3600)
    patient.change("ben", asked("b?"))
    patient.leave("ben")
    assert patient.get("ben").exchange.question == "b?"
    patient.leave("nobody")
    patient.sweep()
    assert gone == ["anna"]


def test_their_number_is_bounded_and_those_used_last_stay():
    gone: list[str] = []
    visits = Visits(gone.append, most=2)
    for session in ("a", "b", "a", "c"):
        visits.change(session, asked("?"))
    assert gone == ["b"] and "a" in visits and "c" in visits
