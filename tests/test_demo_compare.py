"""Two answers side by side: whose, what differs, what each weighed; everything escaped."""

from dataclasses import replace

import pytest

from demo.compare import compare_html, differing
from demo.words import ENGLISH
from mova.request import Settings
from mova.trace import Said
from tests.fake_engine import FakeEngine
from tests.test_demo_panels import HOSTILE, shown, trace_of


@pytest.mark.parametrize(
    ("first", "second", "marked"),
    [
        ("a red bus", "a red bus", ("a red bus", "a red bus")),
        ("a red bus", "a blue bus", ("a <mark>red</mark> bus", "a <mark>blue</mark> bus")),
        ("a bus", "a big bus", ("a bus", "a <mark>big</mark> bus")),
        ("", "yes", ("", "<mark>yes</mark>")),
        ("<b> & x", "<i> & x", ("<mark>&lt;b&gt;</mark> &amp; x", "<mark>&lt;i&gt;</mark> &amp; x")),
    ],
)
def test_words_that_only_one_has_in_its_place_are_marked_and_escaped(first, second, marked):
    assert differing(first, second) == marked


@pytest.fixture
def pair():
    """The router's answer and one of a forced expert, from an engine that has seen the picture before."""
    engine = FakeEngine(pace=0)
    return trace_of(engine=engine), trace_of(engine=engine, experts=("D",))


def drawn(first, second) -> str:
    return compare_html([shown(first), shown(second, Settings(("D",)))], ENGLISH)


def test_each_column_has_its_own_experts_gate_and_time(pair):
    first, second = (column for column in drawn(*pair).split("<article")[1:])
    assert "Router chose" in first and "You chose" in second
    for column, trace in zip((first, second), pair, strict=True):
        for place, letter in enumerate("ABCDEFG"):
            weight = sum(row[place] for row in trace.gates.masked) / len(trace.gates.masked)
            told = f">{weight:.2f}</td>" in column
            assert told == (letter in trace.routing.experts), letter


def test_what_was_reused_is_said(pair):
    assert ENGLISH("compare.reused", letters="D") in drawn(*pair)


def test_equal_answers_are_said_to_be_equal_and_different_ones_marked(pair):
    first, second = pair
    assert ENGLISH("compare.same") in drawn(first, second)
    other = replace(second, pieces=(Said("no", 0.1),))
    assert "<mark>no</mark>" in drawn(first, other) and ENGLISH("compare.differ") in drawn(first, other)


def test_nothing_is_marked_while_one_is_still_being_made(pair):
    running = replace(pair[1], done=False, pieces=(Said("no", 0.1),))
    assert "<mark>" not in drawn(pair[0], running)
    assert ENGLISH("compare.running") in drawn(pair[0], running)


def test_what_a_model_writes_is_only_text(pair):
    hostile = replace(pair[1], pieces=(Said(HOSTILE, 0.1),))
    for html in (drawn(hostile, pair[0]), drawn(pair[0], replace(hostile, done=False))):
        assert "<script" not in html and "<img" not in html and "&lt;script" in html
