"""What a browser keeps of a conversation comes back as it was; anything else is refused in one sentence."""

import json
from copy import deepcopy
from dataclasses import replace

import pytest

from demo import keeping, state
from demo.keeping import conversation_from, conversation_of, record, shortened
from demo.state import KeptPicture, Visit
from demo.trace_store import TraceStore
from mova.request import Settings
from mova.trace_file import TraceRefused
from tests.fake_engine import FakeEngine
from tests.test_demo_panels import HOSTILE, PICTURE, trace_of

SIZE = (PICTURE.pixels.width, PICTURE.pixels.height)
KEPT = KeptPicture("somewhere.png", PICTURE.digest, *SIZE)


def answered(visit: Visit, question: str, traces: TraceStore, beside: bool = False) -> Visit:
    """The visit with a question answered, or answered twice."""
    visit = state.ask(visit, question, Settings(), Settings(("D",)) if beside else None)
    whole = visit.conversation.exchanges[-1]
    for each in whole.both:
        trace = trace_of(question, experts=each.settings.experts)
        visit = state.record(visit, each.id, traces.slim(trace))
    return visit


@pytest.fixture
def traces():
    return TraceStore()


@pytest.fixture
def visit(traces):
    """A visit of three exchanges: one answered, one answered twice, one that failed."""
    visit = answered(Visit.new(KEPT), "What is it?", traces)
    visit = answered(visit, "Which one?", traces, beside=True)
    visit = state.ask(visit, "And then?", Settings())
    return state.fail(visit, visit.shown, "It was refused.")


def kept_of(visit: Visit, traces: TraceStore) -> dict:
    """What a browser holds after every exchange was handed to it (assets/page/kept.js)."""
    kept: dict = {}
    for exchange in visit.conversation.exchanges:
        letter = json.loads(record(visit, exchange.id, traces))["keep"]
        kept = letter | {"exchanges": kept.get("exchanges", {}) | letter["exchanges"]}
    return kept


def test_a_kept_conversation_comes_back_with_its_exchanges_pairs_and_traces(visit, traces):
    text = json.dumps(kept_of(visit, traces))
    elsewhere = TraceStore()  # a server that has started anew
    back, was = conversation_from(text, elsewhere), visit.conversation
    assert (back.id, back.title, back.branch_of) == (was.id, was.title, "")
    assert [e.id for e in back.exchanges] == [e.id for e in was.exchanges]
    for now, before in zip(back.exchanges, was.exchanges, strict=True):
        assert (now.question, now.failure, now.page_says) == (before.question, before.failure, "")
        assert len(now.both) == len(before.both)
        for each, old in zip(now.both, before.both, strict=True):
            assert each.id == old.id
            assert each.trace == old.trace
            if old.trace is not None:
                assert elsewhere.whole(each.trace) == traces.whole(old.trace)
                assert each.settings == old.trace.settings


def test_the_pixels_are_not_kept_only_what_names_them(visit, traces):
    back = conversation_from(json.dumps(kept_of(visit, traces)), TraceStore())
    assert back.picture == KeptPicture("", PICTURE.digest, *SIZE)
    assert "somewhere.png" not in json.dumps(kept_of(visit, traces))


def test_one_record_carries_one_answer_but_a_branch_its_copies_too(visit, traces):
    ids = [e.id for e in visit.conversation.exchanges]
    plain = json.loads(record(visit, ids[1], traces))["keep"]
    assert list(plain["exchanges"]) == [ids[1]] and plain["order"] == ids
    branch = state.branch(visit, ids[1])
    branch = answered(branch, "Which other?", traces)
    plain = json.loads(record(branch, branch.shown, traces))["keep"]
    assert list(plain["exchanges"]) == plain["order"] and len(plain["order"]) == 2
    back = conversation_from(json.dumps(plain), traces)
    assert back.branch_of == visit.current and back.title == "Which other?"


def test_what_stands_beside_another_is_kept_with_it(visit, traces):
    whole = visit.conversation.exchanges[1]
    assert record(visit, whole.beside.id, traces) == record(visit, whole.id, traces)


def test_nothing_is_kept_of_what_is_gone_and_no_half_trace(visit, traces):
    assert record(visit, "0" * 16, traces) == ""
    running = state.ask(Visit.new(KEPT), "What is it?", Settings())
    half = replace(trace_of(), done=False)
    running = state.record(running, running.shown, traces.slim(half))
    plain = json.loads(record(running, running.shown, traces))["keep"]
    assert plain["exchanges"][running.shown]["trace"] is None
    back = conversation_from(json.dumps(plain), traces)
    assert back.exchanges[0].failure and not back.exchanges[0].pending


def test_what_was_taken_back_is_named_no_more(visit, traces):
    last = visit.conversation.exchanges[-1].id
    plain = json.loads(shortened(state.drop(visit, last).conversation))["keep"]
    assert plain["order"] == [e.id for e in visit.conversation.exchanges[:-1]] and plain["exchanges"] == {}
    assert plain["id"] == visit.current


def test_an_answer_without_a_picture_comes_back_as_plain_chat(traces):
    visit = state.ask(Visit.new(), "Tell me.", Settings())
    visit = state.record(visit, visit.shown, trace_of("Tell me.", image=None))
    back = conversation_from(record(visit, visit.shown, traces)[len('{"keep": ') : -1], traces)
    assert back.picture is None and back.exchanges[0].trace.answer


def test_more_exchanges_than_a_conversation_has_are_cut_to_the_newest(visit, traces):
    kept = kept_of(visit, traces)
    one = kept["exchanges"][kept["order"][2]]
    order = [f"{number:016x}" for number in range(200)]
    many = kept | {"order": order, "exchanges": {name: one | {"id": name} for name in order}}
    back = conversation_from(json.dumps(many), traces)
    assert [e.id for e in back.exchanges] == order[-state.MOST_EXCHANGES :]


def changed(kept: dict, path: str, value: object) -> dict:
    """What was kept with another value at `a/b`; `first` is the first exchange's id, `pair` the second's."""
    kept = deepcopy(kept)
    first, pair, _ = kept["order"]
    *way, last = (first if part == "first" else pair if part == "pair" else part for part in path.split("/"))
    inner = kept
    for part in way:
        inner = inner[part]
    inner[last] = value
    return kept


WRONG = (
    ("id", "<script>alert(1)</script>"),
    ("id", "../../etc/passwd"),
    ("id", "0123456789abcdef0"),
    ("id", "0123456789ABCDEF"),
    ("id", "0123456789abcdef\n"),
    ("id", 7),
    ("id", None),
    ("branch_of", '" onclick="alert(1)'),
    ("branch_of", {"a": 1}),
    ("order", 5),
    ("order", None),
    ("order", [["a"]]),
    ("exchanges", []),
    ("exchanges", None),
    ("exchanges/first", None),
    ("exchanges/first", "text"),
    ("exchanges/first/question", ""),
    ("exchanges/first/question", ["What?"]),
    ("exchanges/first/question", "x" * 30_000),
    ("exchanges/first/failure", "x" * 5000),
    ("exchanges/first/failure", None),
    ("exchanges/first/page_says", {"html": "<b>"}),
    ("exchanges/first/trace", {}),
    ("exchanges/first/trace", "a trace"),
    ("exchanges/first/trace", [1]),
    ("exchanges/first/trace/answer", "another"),
    ("exchanges/first/trace/schema", 99),
    ("exchanges/first/trace/trace/routing/experts", ["Z"]),
    ("exchanges/first/trace/trace/picture/thumbnail", "https://x.example/a.png"),
    ("exchanges/first/again", "<b>"),
    ("exchanges/first/again", ["0123456789abcdef"]),
    ("exchanges/pair/beside", "text"),
    ("exchanges/pair/beside", {"id": "x"}),
    ("exchanges/pair/beside/id", "<b>"),
    ("exchanges/pair/beside/trace/answer", "another"),
)


@pytest.mark.parametrize(("path", "value"), WRONG, ids=[f"{p} {v!r:.24}" for p, v in WRONG])
def test_what_was_changed_is_refused_in_one_sentence(visit, traces, path, value):
    with pytest.raises(TraceRefused) as refused:
        conversation_from(json.dumps(changed(kept_of(visit, traces), path, value)), traces)
    said = str(refused.value)
    assert said.startswith("This kept conversation cannot be read any more: ") and len(said) < 400
    assert "Forget" in said and "Error" not in said


def test_an_id_with_a_script_in_it_is_refused_wherever_it_names_something(visit, traces):
    kept = kept_of(visit, traces)
    first = kept["order"][0]
    kept["order"][0] = HOSTILE
    kept["exchanges"][HOSTILE] = kept["exchanges"].pop(first)
    with pytest.raises(TraceRefused, match="its form is not as expected"):
        conversation_from(json.dumps(kept), traces)


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "7", '"text"', "[" * 100_000, "{}", '{"id": NaN}', "\ud800"],
    ids=["nothing", "cut", "null", "list", "number", "string", "deep", "empty", "NaN", "no UTF-8"],
)
def test_what_is_no_record_at_all_is_refused(traces, text):
    with pytest.raises(TraceRefused, match="cannot be read any more"):
        conversation_from(text, traces)


def test_a_record_that_is_too_large_is_not_even_parsed(traces):
    with pytest.raises(TraceRefused, match="over 20 MB"):
        conversation_from("[" * (keeping.MOST_BYTES + 1), traces)


def test_a_recorded_trace_becomes_a_conversation_of_its_own():
    trace = trace_of(engine=FakeEngine(pace=0))
    made = conversation_of(trace)
    (exchange,) = made.exchanges
    assert exchange.recorded and exchange.question == trace.question and exchange.trace is None
    assert made.picture == KeptPicture("", PICTURE.digest, *SIZE)
    assert conversation_of(trace_of(image=None)).picture is None
