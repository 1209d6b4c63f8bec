"""A trace played again: what is to be seen at each moment, in order, and the trace itself at the end."""

import threading
from dataclasses import replace

import pytest

from demo.replay import moments
from mova.trace import Said, Stage
from tests.fake_engine import FakeEngine
from tests.test_demo_panels import trace_of


class StopsItself(FakeEngine):
    """Presses Stop with its third word."""

    def answer(self, *arguments, **options):
        self.pressed = options["stop"] = threading.Event()
        return super().answer(*arguments, **options)

    def says(self, whole: str, number: int) -> str:
        if number == 2:
            self.pressed.set()
        return super().says(whole, number)


TRACES = {
    "routed": trace_of(),
    "one expert": trace_of("Which one?"),
    "no expert": trace_of("Hello there"),
    "forced": trace_of(experts=("B",)),
    "CLIP alone": trace_of(experts=()),
    "no picture": trace_of(image=None),
    "stopped": trace_of(engine=StopsItself(pace=0)),
}


@pytest.fixture(params=list(TRACES))
def trace(request):
    return TRACES[request.param]


def test_the_traces_are_what_they_are_called():
    assert TRACES["stopped"].stopped and TRACES["stopped"].answer.endswith("word2")
    assert TRACES["forced"].routing.forced and TRACES["no picture"].routing is None


def test_the_first_moment_shows_nothing_but_the_question(trace):
    first = next(moments(trace))
    assert (first.at, first.staged) == (0.0, True)
    now = first.trace
    assert now.question == trace.question and now.settings == trace.settings
    assert now.answer == "" and not now.timings.stages and not now.done
    assert now.routing is now.gates is now.contributions is None


def test_the_last_moment_is_the_trace_itself(trace):
    *before, last = moments(trace)
    assert last.trace is trace
    assert not any(moment.trace.done for moment in before)


def test_stages_come_in_the_trace_s_order_one_at_a_time(trace):
    stages = [moment.trace.timings.stages for moment in moments(trace) if moment.staged]
    assert [len(some) for some in stages[:-1]] == list(range(len(stages) - 1))
    assert all(some == trace.timings.stages[: len(some)] for some in stages)


def test_the_text_only_grows_and_only_after_what_comes_before_it(trace):
    seen = [moment.trace for moment in moments(trace)]
    for earlier, later in zip(seen, seen[1:], strict=False):
        assert later.answer.startswith(earlier.answer)
    names = {stage.name for now in seen if now.answer and not now.done for stage in now.timings.stages}
    assert all(stage.name in names for stage in trace.timings.stages if names and stage.name != "decode")


def test_time_never_goes_back(trace):
    times = [moment.at for moment in moments(trace)]
    assert times == sorted(times) and times[0] == 0.0


def test_what_a_stage_found_is_seen_once_it_has_ended():
    found = {}
    for moment in moments(TRACES["routed"]):
        ended = [stage.name for stage in moment.trace.timings.stages]
        for name in ("routing", "gates", "contributions"):
            if getattr(moment.trace, name) is not None:
                found.setdefault(name, ended[-1])
    assert found == {"routing": "router", "gates": "adapter", "contributions": "adapter"}


def test_a_choice_that_was_forced_is_seen_though_no_router_took_time():
    forced = TRACES["forced"]
    kept = tuple(stage for stage in forced.timings.stages if stage.name != "router")
    without = replace(forced, timings=replace(forced.timings, stages=kept))
    shown = [moment.trace for moment in moments(without) if moment.trace.gates]
    assert shown and all(now.routing is not None for now in shown)


def test_the_pace_is_that_of_the_answer_and_states_of_text_are_at_most_twenty_a_second():
    stages = (Stage("image", 0.5), Stage("base", 1.0), Stage("prefill", 0.25), Stage("decode", 1.0))
    pieces = tuple(Said(f"{number} ", 2.0 + number / 100) for number in range(100))
    trace = TRACES["routed"]
    slow = replace(trace, timings=replace(trace.timings, stages=stages), pieces=pieces)
    seen = list(moments(slow))
    assert [moment.at for moment in seen if moment.staged] == [0.0, 0.5, 1.5, 1.75, pytest.approx(2.74)]
    texts = [moment.at for moment in seen if not moment.staged]
    assert 15 <= len(texts) <= 20, "about a second of text"
    assert min(later - sooner for sooner, later in zip(texts, texts[1:], strict=False)) > 0.0499


def test_a_trace_whose_times_contradict_each_other_is_still_played_in_order():
    trace = TRACES["routed"]
    mixed = replace(trace, pieces=(Said("a", 5.0), Said("b", 1.0), Said("c", 9.0), Said("d", 0.0)))
    times = [moment.at for moment in moments(mixed)]
    assert times == sorted(times)
