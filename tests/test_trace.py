"""A trace goes through JSON and comes back equal; what is printed of it stays what was promised."""

import json
import threading
from dataclasses import fields, replace

import numpy as np
import pytest

from demo.trace_store import TraceStore
from mova.contributions import Contributions
from mova.engine import Engine, drain
from mova.events import Piece
from mova.language.prompts import Turn
from mova.request import Decoding, Settings
from mova.thumbnail import thumbnail
from mova.trace import ModelInfo, Picture, Trace, from_json, to_json
from mova.worth import Word, Worth
from tests.asking import LONG, SHORT, picture

INFO = ModelInfo("m", "nf4", "cuda:0", 9.1, "Llama 3 Instruct 8.0B", "llama3", False, "0" * 64)


def there_and_back(trace: Trace) -> Trace:
    return from_json(json.loads(json.dumps(to_json(trace), allow_nan=False)))


@pytest.fixture
def traces(tiny_loaded, engine, replies) -> dict[str, Trace]:
    """Traces of every way an answer can go."""
    replies.append("E,D")
    routed = drain(Engine(tiny_loaded).answer("what?", picture(), decoding=SHORT))
    history = [Turn("what is the color?", "red"), Turn("läßt es — ?", '{"no"}\n')]
    forced = drain(engine.answer("why?", picture(), history, experts=["A", "G", "B"], decoding=SHORT))
    stop = threading.Event()
    for event in engine.answer("why?", picture(), experts=["A"], decoding=LONG, stop=stop):
        if isinstance(event, Piece):
            stop.set()
    sampled = Decoding(5, 1.5, 0.9, 2**62)
    return {
        "routed": routed,
        "forced, with history": forced,
        "base alone": drain(engine.answer("why?", picture(), experts=[], decoding=SHORT)),
        "stopped": event.trace,
        "without a picture": drain(engine.answer("why?", decoding=sampled)),
        "not begun": Trace("q", INFO),
    }


def test_every_trace_comes_back_equal(traces):
    for name, trace in traces.items():
        back = there_and_back(trace)
        assert back == trace, name
        assert to_json(back) == to_json(trace) and hash(back.pieces) == hash(trace.pieces)


def test_the_whole_of_an_answer_is_in_it(traces):
    trace = traces["forced, with history"]
    told = to_json(trace)["trace"]
    assert [turn["answer"] for turn in told["history"]] == ["red", '{"no"}\n']
    assert told["settings"]["experts"] == ["A", "G", "B"] and told["settings"]["max_new_tokens"] == 12
    assert told["picture"] == {
        "width": 60, "height": 40, "digest": picture().digest, "thumbnail": thumbnail(picture().pixels),
    }  # fmt: skip
    assert "".join(text for text, _ in told["pieces"]) == trace.answer != ""
    seconds = [when for _, when in told["pieces"]]
    assert seconds == sorted(seconds) and seconds[0] == trace.timings.first_word
    assert len(told["model"]["checkpoint"]) == 64 and told["done"]
    assert "Question:\nwhat?" in to_json(traces["routed"])["trace"]["prompt"]


def test_a_field_left_out_of_the_json_would_be_noticed():
    """Every field of a trace has another value than its default here, and none is lost."""
    maps = Contributions.of(np.random.default_rng(0).random((2, 7, 3, 3)), "AG")
    whole = replace(
        Trace("q", INFO), history=(Turn("a", "b"),), settings=Settings(("A",), Decoding(9)),
        picture=Picture(3, 4, "d", "thumb.webp"), contributions=maps, notes=("n",), stopped=True, done=True,
        token_ids=(5, 0), worth=Worth(("A", "G"), (Word("It", -0.25, (1.5, -2.0)),)),
    )  # fmt: skip
    blank = Trace("q", INFO)
    same = [f.name for f in fields(Trace) if getattr(whole, f.name) == getattr(blank, f.name)]
    assert same == ["question", "model", "routing", "gates", "pieces", "timings"]  # those of the tests above
    assert there_and_back(whole) == whole


def test_the_tokens_of_an_answer_are_in_it_and_have_no_key_where_there_is_none(traces):
    told = {name: to_json(trace)["trace"] for name, trace in traces.items()}
    for name, trace in traces.items():
        assert len(trace.token_ids) == trace.timings.tokens, name
        assert ("token_ids" in told[name]) == bool(trace.answer) and "worth" not in told[name]
    assert "token_ids" not in told["not begun"] and len(told["routed"]["token_ids"]) == 12


def test_another_schema_is_refused(traces):
    plain = to_json(traces["routed"])
    with pytest.raises(ValueError, match="schema 2"):
        from_json(plain | {"schema": 2})


def test_what_is_promised_of_the_printed_form_stands_where_it_stood(traces):
    plain = to_json(traces["routed"])
    promised = {"question", "routing", "gates", "timings", "model", "notes", "stopped"}
    assert {"answer", "trace"} <= plain.keys() and promised <= plain["trace"].keys()
    assert list(plain["trace"]["routing"]) == [
        "reply", "experts", "probabilities", "forced", "none_probability",
    ]  # fmt: skip
    assert list(plain["trace"]["model"])[:5] == ["name", "precision", "device", "memory_gb", "llm"]
    assert str(traces["routed"]) == plain["answer"]


# Contribution maps


def test_maps_are_within_half_a_level_of_the_adapters():
    maps = np.random.default_rng(1).random((3, 7, 5, 5)).astype(np.float32)
    kept = Contributions.of(maps, ("D", "B")).maps()
    for index in range(7):
        if index in (1, 3):
            largest = maps[:, index].max(axis=(1, 2), keepdims=True)
            assert (abs(kept[:, index] - maps[:, index]) <= largest * (0.5 / 255 + 1e-6)).all()
        else:
            assert not kept[:, index].any()


@pytest.mark.parametrize("experts", [(), ("A",), ("A", "B", "C")])
def test_maps_that_are_zero_stay_zero(experts):
    kept = Contributions.of(np.zeros((2, 7, 4, 4), np.float32), experts)
    assert not kept.maps().any() and Contributions.from_json(kept.to_json()) == kept


def test_equal_maps_have_one_name_and_others_another():
    maps = np.random.default_rng(2).random((2, 7, 4, 4))
    one, same, other = (Contributions.of(m, e) for m, e in ((maps, "AB"), (maps, "AB"), (maps * 2, "AB")))
    assert one.digest == same.digest != other.digest != Contributions.of(maps, "AC").digest


def test_levels_that_do_not_fit_are_refused():
    plain = Contributions.of(np.ones((2, 7, 4, 4)), "AB").to_json()
    with pytest.raises(ValueError, match="levels"):
        Contributions.from_json(plain | {"side": 5})
    with pytest.raises(ValueError, match="base64"):
        Contributions.from_json(plain | {"levels": "?"})


def heavy(number: float, picture: str = "p") -> Trace:
    maps = Contributions.of(np.full((2, 7, 4, 4), number), "A")
    return Trace("q", INFO, contributions=maps, picture=Picture(3, 4, picture, f"thumbnail of {picture}"))


def test_a_slim_trace_names_its_heavy_parts_and_the_store_gives_them_back():
    store, trace = TraceStore(), heavy(0.5)
    slim = store.slim(trace)
    assert slim.contributions == trace.contributions.digest and slim.picture.thumbnail is None
    assert store.whole(slim) == trace and store.whole(trace) == trace
    assert there_and_back(slim) == slim == store.slim(slim)


def test_the_store_is_bounded_and_keeps_what_was_used_last():
    store = TraceStore(most_bytes=3 * 32 + 20)
    slim = [store.slim(heavy(number)) for number in (1, 2, 3)]
    store.whole(slim[0])
    slim.append(store.slim(heavy(4)))
    assert [store.whole(t).contributions is not None for t in slim] == [True, False, True, True]
