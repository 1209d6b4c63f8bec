"""The engine on a random model: events, traces, refusals, conversations."""

import threading
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from mova.engine import Engine, drain
from mova.errors import CheckpointError, QuestionRefused
from mova.events import BaseEncoded, Done, ExpertEncoded, Gated, Noted, Piece, Prefilled, Routed, advance
from mova.language.prompts import Turn
from mova.request import Decoding
from mova.trace import Trace, to_json
from tests.asking import SHORT, kinds, picture, prepare


def test_events_come_in_order(tiny_loaded, replies):
    replies.append("E,D")
    events = list(Engine(tiny_loaded).answer("what is this?", picture(), decoding=SHORT))
    expected = "ImageRead BaseEncoded Routed ExpertEncoded ExpertEncoded Gated Prefilled Piece Decoded Done"
    assert kinds(events) == expected.split()
    assert [e.letter for e in events if isinstance(e, ExpertEncoded)] == ["E", "D"]
    assert all(e.seconds > 0 for e in events if isinstance(e, BaseEncoded | Routed | Gated | Prefilled))


def test_streamed_is_drained(engine):
    events = list(engine.answer("what is this?", picture(), experts=["A"], decoding=SHORT))
    trace = drain(engine.answer("what is this?", picture(), experts=["A"], decoding=SHORT))
    assert "".join(e.text for e in events if isinstance(e, Piece)) == trace.answer == events[-1].trace.answer
    assert trace.gates == events[-1].trace.gates


def test_folding_the_events_gives_the_final_trace(engine):
    trace = Trace("what is this?", engine.info)
    for event in engine.answer("what is this?", picture(), experts=["A", "G"], decoding=SHORT):
        if isinstance(event, Done):
            whole = event.trace
            break
        trace = advance(trace, event)
    assert trace.answer == whole.answer and trace.timings.stages == whole.timings.stages
    assert (trace.routing, trace.gates, trace.notes) == (whole.routing, whole.gates, whole.notes)
    assert whole.done and not whole.stopped
    assert whole.timings.tokens == 12 and 0 < whole.timings.first_word < whole.timings.total


def test_the_json_has_the_promised_fields(tiny_loaded, replies):
    replies.append("E,D")
    plain = to_json(drain(Engine(tiny_loaded).answer("what is this?", picture(), decoding=SHORT)))
    routing, gates = plain["trace"]["routing"], plain["trace"]["gates"]
    assert routing["reply"] == "E,D" and routing["experts"] == ["E", "D"] and routing["forced"] is False
    assert len(routing["probabilities"]) == 7 and 0 < sum(routing["probabilities"]) < 7
    assert np.array(gates["masked"]).shape == np.array(gates["unmasked"]).shape == (2, 7)
    assert np.allclose(np.array(gates["masked"]).sum(axis=1), 1)
    assert np.array(gates["masked"])[:, [0, 1, 2, 5, 6]].max() == 0


def test_contributions_are_a_map_per_layer_and_expert(engine):
    trace = drain(engine.answer("what is this?", picture(), experts=["B"], decoding=SHORT))
    maps = trace.contributions.maps()
    assert maps.shape == (2, 7, 8, 8) and maps.dtype == np.float32
    sizes = maps.sum(axis=(2, 3))
    assert (sizes[:, 1] > 0).all() and sizes[:, [0, 2, 3, 4, 5, 6]].max() == 0


def test_no_expert_gives_zero_gates(engine):
    trace = drain(engine.answer("what is this?", picture(), experts=[], decoding=SHORT))
    assert trace.routing.experts == () and trace.routing.forced
    assert trace.routing.reply is None and trace.routing.probabilities is None
    assert not np.array(trace.gates.masked).any() and not trace.contributions.maps().any()


def test_two_questions_about_one_picture_differ_in_their_gates(engine):
    first, second = (
        drain(engine.answer(q, picture(), experts=["A", "G"], decoding=SHORT)) for q in ("what?", "how many?")
    )
    assert first.gates != second.gates


@pytest.mark.parametrize("experts", [["H"], ["AB"], ["a"], ["A", "A"], ["A", "B", "C", "D"]])
def test_wrong_experts_are_refused_at_once(engine, experts):
    with pytest.raises(QuestionRefused):
        engine.answer("what?", picture(), experts=experts)


@pytest.mark.parametrize("question", ["", " \n", "x" * 2_000_000])
def test_wrong_questions_are_refused_at_once(engine, question):
    with pytest.raises(QuestionRefused):
        engine.answer(question)


def test_a_question_too_long_for_the_model_is_refused_and_the_next_works(engine):
    with pytest.raises(QuestionRefused, match="too long"):
        drain(engine.answer("why? " * 3900, picture()))
    assert drain(engine.answer("why?", decoding=SHORT)).done


def test_a_turn_without_a_picture_is_plain_chat(engine, monkeypatch):
    monkeypatch.setattr(engine._prepared.loaded.model, "fuse", None)
    events = list(engine.answer("why?", history=[Turn("hi", "hello")], decoding=SHORT))
    assert kinds(events) == ["Prefilled", "Piece", "Decoded", "Done"]
    trace = events[-1].trace
    assert trace.routing is None and trace.gates is None and trace.contributions is None


def test_experts_without_a_picture_are_noted(engine):
    assert "no picture" in drain(engine.answer("why?", experts=["A"], decoding=SHORT)).notes[0]
    assert drain(engine.answer("why?", experts=[], decoding=SHORT)).notes == ()


def test_a_note_on_the_picture_reaches_the_trace(engine):
    image = replace(picture(), note="Only its first frame.")
    assert drain(engine.answer("why?", image, experts=[], decoding=SHORT)).notes == ("Only its first frame.",)


# Conversations


def test_history_changes_the_answers_prompt_not_the_router(tiny_loaded, monkeypatch):
    engine = Engine(tiny_loaded)
    history = [Turn("what is the color?", "red")]
    alone = drain(engine.answer("why?", picture(), decoding=SHORT))
    later = drain(engine.answer("why?", picture(), history, decoding=SHORT))
    assert alone.routing.reply == later.routing.reply
    assert alone.gates.unmasked != later.gates.unmasked


def test_oldest_turns_are_dropped_and_noted(tiny_loaded):
    config = deepcopy(tiny_loaded.config)
    config.tokenizer_model_max_length = 1200
    engine = Engine(replace(tiny_loaded, config=config))
    history = [Turn(f"question {n}", "word " * 60) for n in range(12)]
    events = list(engine.answer("why?", picture(), history, experts=[], decoding=SHORT))
    notes = [e.text for e in events if isinstance(e, Noted)]
    assert "no longer fits" in notes[0] and "oldest" in notes[0]
    prefilled = next(e for e in events if isinstance(e, Prefilled))
    assert 600 < prefilled.tokens <= 1200 - 12


def test_questions_too_many_for_the_gate_are_dropped_and_noted(engine):
    history = [Turn("what is the color of the shape on the left " * 5, "red") for _ in range(12)]
    trace = drain(engine.answer("why?", picture(), history, experts=["A"], decoding=SHORT))
    assert any("gate" in note for note in trace.notes)


# Decoding


def test_a_seed_gives_the_same_answer_again(engine):
    def sampled(seed):
        decoding = Decoding(max_new_tokens=20, temperature=1.2, seed=seed)
        return drain(engine.answer("why?", picture(), experts=["A"], decoding=decoding)).answer

    assert sampled(1) == sampled(1) != sampled(2)


def test_an_end_token_ends_the_answer(tiny_loaded, engine):
    whole = drain(engine.answer("why?", decoding=SHORT))
    assert whole.timings.tokens == 12
    ids = [int(i) for i in range(len(tiny_loaded.tokenizer))]
    prepare(engine, ends=frozenset(ids))
    ended = drain(engine.answer("why?", decoding=SHORT))
    assert ended.answer == "" and ended.timings.tokens == 0 and ended.done


def test_an_unknown_template_is_refused(tiny_loaded):
    config = deepcopy(tiny_loaded.config)
    config.template = "alpaca"
    with pytest.raises(CheckpointError, match="'alpaca'.*mova_llama3"):
        Engine(replace(tiny_loaded, config=config))


def test_a_question_routed_alone_is_routed_as_in_its_answer(tiny_loaded, replies):
    replies.extend(["E,D", "E,D"])
    engine = Engine(tiny_loaded)
    alone = engine.route("what is this?", picture())
    whole = drain(engine.answer("what is this?", picture(), decoding=SHORT)).routing
    assert alone.experts == whole.experts == ("E", "D") and alone == whole


def test_routing_alone_ends_at_a_stop_and_refuses_what_an_answer_would(engine):
    stop = threading.Event()
    stop.set()
    assert engine.route("what?", picture(), stop=stop) is None
    with pytest.raises(QuestionRefused):
        engine.route("  ", picture())
    assert drain(engine.answer("what?", picture(), decoding=SHORT)).done, "the engine is free again"
