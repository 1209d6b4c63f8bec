"""What each expert was worth: taking one away is the router's mask, and nothing is nothing."""

import json
import threading
from dataclasses import replace

import pytest
import torch

from mova import ablation, stages
from mova.checkpoint.loading import embedded_checkpoint, load
from mova.engine import Engine, drain
from mova.errors import DeviceError, QuestionRefused
from mova.events import Decoded, Piece
from mova.images import read_image
from mova.language.prompts import Turn
from mova.request import Decoding
from mova.trace import Said, Trace
from mova.worth import Passed, Word, Worth, join_words
from tests.asking import LONG, SHORT, picture
from tests.test_mova_tiny import EXAMPLES

HISTORY = [Turn("what is the color?", "red"), Turn("how many are there?", "two")]
SAMPLED = Decoding(max_new_tokens=30, temperature=1.3, seed=3)


def ask(engine: Engine, experts="ADG", decoding=SHORT, history=(), image=None, question="how many?") -> Trace:
    return drain(
        engine.answer(question, image or picture(), history, experts=list(experts), decoding=decoding)
    )


def worth_of(engine: Engine, trace: Trace, image=None) -> Worth:
    *_, worth = engine.worth(trace, image or picture())
    return worth


def decoded_again(engine: Engine, trace: Trace, experts, monkeypatch, image=None) -> list[float]:
    """Log-probability of each token of the trace's answer when the answer pass itself, token by token, is
    made to say it with exactly these experts."""
    waiting, logits, whole = list(trace.token_ids), [], stages.steps

    def recorded(*given):
        for step in whole(*given):
            logits.append(step.logits)
            yield step

    with monkeypatch.context() as patch:
        patch.setattr(stages, "chooser", lambda decoding: lambda logits: waiting.pop(0))
        patch.setattr(stages, "steps", recorded)
        decoding = replace(trace.settings.decoding, max_new_tokens=len(trace.token_ids))
        again = ask(engine, experts, decoding, trace.history, image, trace.question)
    assert again.answer == trace.answer
    return [float(row.log_softmax(-1)[token]) for row, token in zip(logits, trace.token_ids, strict=True)]


@pytest.fixture(scope="module")
def embedded():
    """The shipped model, one question about a chart, and what its experts were worth."""
    engine, chart = Engine(load(embedded_checkpoint(), precision="fp32")), read_image(EXAMPLES / "chart.png")
    trace = ask(engine, "ED", Decoding(40), image=chart, question="Which one is highest?")
    return engine, chart, trace, worth_of(engine, trace, chart)


# The numbers


def test_taking_nothing_away_changes_nothing(engine, monkeypatch):
    trace = ask(engine)
    real = ablation.fuse
    monkeypatch.setattr(
        ablation,
        "fuse",
        lambda prepared, questions, features, left: real(prepared, questions, features, "ADG"),
    )
    worth = worth_of(engine, trace)
    assert max(abs(fall) for word in worth.words for fall in word.falls) < 1e-4


@pytest.mark.parametrize("history", [(), HISTORY], ids=["first", "later"])
@pytest.mark.parametrize("decoding", [SHORT, LONG, SAMPLED], ids=["short", "long", "sampled"])
def test_numbers_are_those_of_the_answer_pass_made_to_say_the_same(engine, monkeypatch, decoding, history):
    """With all experts, and without each: the decoding itself, one token at a time, is the measure."""
    trace = ask(engine, "AG", decoding, history)
    worth = worth_of(engine, trace)
    assert worth.experts == ("A", "G") and len(worth.words) > 1
    for place, experts in enumerate(("AG", "G", "A")):
        by_token = decoded_again(engine, trace, experts, monkeypatch)
        for word, expected in zip(worth.words, by_word(engine, trace, by_token), strict=True):
            found = word.log_probability - (word.falls[place - 1] if place else 0)
            assert found == pytest.approx(expected, abs=1e-3)
    assert sum(by_token) == pytest.approx(worth.log_probability - worth.totals[1], abs=1e-2)
    assert max(abs(total) for total in worth.totals) > 0.1


def by_word(engine: Engine, trace: Trace, by_token: list[float]) -> list[float]:
    _, counts = ablation._words(engine._prepared, trace)
    assert sum(counts) == len(by_token) == len(trace.token_ids)
    return ablation._sums(by_token, counts)


def test_a_greedy_answers_words_have_the_probability_they_were_chosen_with(engine, monkeypatch):
    logits, whole = [], stages.steps

    def recorded(*given):
        for step in whole(*given):
            logits.append(step.logits)
            yield step

    with monkeypatch.context() as patch:
        patch.setattr(stages, "steps", recorded)
        trace = ask(engine)
    chosen = [float(row.log_softmax(-1).max()) for row in logits]
    worth = worth_of(engine, trace)
    for word, expected in zip(worth.words, by_word(engine, trace, chosen), strict=True):
        assert word.log_probability == pytest.approx(expected, abs=1e-4)


def test_without_its_only_expert_an_answer_rests_on_the_base_alone(engine, monkeypatch):
    trace = ask(engine, "B")
    worth = worth_of(engine, trace)
    alone = sum(decoded_again(engine, trace, "", monkeypatch))
    assert worth.log_probability - worth.totals[0] == pytest.approx(alone, abs=1e-3)


def test_the_shipped_models_numbers_are_those_of_its_answer_pass(embedded, monkeypatch):
    engine, chart, trace, worth = embedded
    assert worth.experts == ("E", "D") and "".join(word.text for word in worth.words) == trace.answer
    for place, experts in enumerate(("ED", "D", "E")):
        by_token = decoded_again(engine, trace, experts, monkeypatch, chart)
        for word, expected in zip(worth.words, by_word(engine, trace, by_token), strict=True):
            found = word.log_probability - (word.falls[place - 1] if place else 0)
            assert found == pytest.approx(expected, abs=1e-3)


def test_it_is_measured_under_the_answers_lora(engine, monkeypatch):
    used, real = [], ablation.token_log_probabilities
    monkeypatch.setattr(
        ablation,
        "token_log_probabilities",
        lambda decoder, *given: used.append(decoder) or real(decoder, *given),
    )
    worth_of(engine, ask(engine, "A"))
    assert all(decoder is engine._prepared.decoder("answer") for decoder in used) and len(used) == 2


def test_features_that_are_kept_are_used_again_and_others_made_anew(engine, monkeypatch):
    trace = ask(engine)
    kept = worth_of(engine, trace)
    engine._pictures.clear()
    assert worth_of(engine, trace) == kept
    monkeypatch.setattr(engine._prepared.loaded.model, "encode_expert", None)
    monkeypatch.setattr(engine._prepared.loaded.model, "encode_base", None)
    assert worth_of(engine, trace) == kept


# Passes, Stop, the lock


def test_each_pass_is_told_and_the_worth_comes_last(engine):
    *passed, worth = engine.worth(ask(engine), picture())
    assert passed == [Passed(done, 4) for done in range(5)] and isinstance(worth, Worth)


@pytest.mark.parametrize("after", range(4))
def test_stop_ends_it_before_the_next_pass_and_frees_the_engine(engine, after):
    trace, stop, heard = ask(engine), threading.Event(), []
    for passed in engine.worth(trace, picture(), stop=stop):
        heard.append(passed)
        if passed.done == after:
            stop.set()
    assert heard == [Passed(done, 4) for done in range(after + 1)]
    assert not engine._lock.locked()
    assert isinstance(worth_of(engine, trace), Worth)


def test_stop_while_another_answer_runs(engine):
    trace, stop = ask(engine), threading.Event()
    first = engine.answer("why?", decoding=LONG)
    next(first)
    stop.set()
    assert list(engine.worth(trace, picture(), stop=stop)) == []
    first.close()
    assert not engine._lock.locked()


def test_closing_it_frees_the_engine_and_not_reading_it_holds_nothing(engine):
    trace = ask(engine)
    found = engine.worth(trace, picture())
    assert not engine._lock.locked()
    next(found)
    assert engine._lock.locked()
    found.close()
    assert not engine._lock.locked()


def test_out_of_memory_is_told_and_frees_the_engine(engine, monkeypatch):
    trace = ask(engine)

    def fail(*given):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(ablation, "token_log_probabilities", fail)
        with pytest.raises(DeviceError, match="ran out of memory"):
            worth_of(engine, trace)
    assert isinstance(worth_of(engine, trace), Worth)


def test_a_stopped_answers_words_can_be_weighed_as_far_as_they_came(engine):
    stop, pieces = threading.Event(), 0
    for event in engine.answer("why?", picture(), experts=["A"], decoding=LONG, stop=stop):
        pieces += isinstance(event, Piece)
        if pieces == 9:
            stop.set()
        if isinstance(event, Decoded):
            assert len(event.ids) == event.tokens
    worth = worth_of(engine, event.trace)
    assert event.trace.stopped and "".join(word.text for word in worth.words) == event.trace.answer


# What is refused


@pytest.fixture
def given(engine):
    return ask(engine)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"picture": None}, "without a picture"),
        ({"routing": None}, "No expert was picked"),
        ({"pieces": ()}, "is empty"),
        ({"token_ids": ()}, "tokens of this answer were not kept"),
    ],
)
def test_what_cannot_be_weighed_is_refused_at_once_in_a_sentence(engine, given, changed, said):
    with pytest.raises(QuestionRefused, match=said) as refused:
        engine.worth(replace(given, **changed), picture())
    assert str(refused.value).count(".") == 1 and str(refused.value).endswith(".")
    assert not engine._lock.locked()


def test_an_answer_without_experts_is_refused(engine):
    with pytest.raises(QuestionRefused, match="No expert was picked"):
        engine.worth(ask(engine, ""), picture())


@pytest.mark.parametrize("image", [None, picture(1)], ids=["gone", "another"])
def test_a_picture_that_is_no_longer_kept_is_refused(engine, given, image):
    with pytest.raises(QuestionRefused, match="picture of this answer is no longer kept"):
        engine.worth(given, image)


@pytest.mark.parametrize("changed", [{"checkpoint": "f" * 64}, {"precision": "nf4"}])
def test_an_answer_of_another_model_is_refused(engine, given, changed):
    with pytest.raises(QuestionRefused, match="given by another model"):
        engine.worth(replace(given, model=replace(given.model, **changed)), picture())


@pytest.mark.parametrize(
    "changed",
    [
        {"token_ids": (5, 6)},
        {"token_ids": (10**6,)},
        {"token_ids": (-200,)},
        {"pieces": (Said("something else", 0.1),)},
    ],
)
def test_tokens_that_do_not_spell_the_answer_are_refused(engine, given, changed):
    with pytest.raises(QuestionRefused, match="do not spell it"):
        worth_of(engine, replace(given, **changed))
    assert not engine._lock.locked()


# Words, plain values


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (["It", " is", " De", "Plot", "."], [("It", 1), (" is", 1), (" DePlot.", 3)]),
        (["", "A", "", " b"], [("A", 2), (" b", 2)]),
        (["A", ".", "", "\n\nB"], [("A.", 2), ("\n\nB", 2)]),
        (["A", "", ""], [("A", 3)]),
        (["是", "红色", "", "的"], [("是", 1), ("红色", 1), ("的", 2)]),
        (["is", " 红", "of", "f"], [("is", 1), (" 红", 1), ("off", 2)]),
        (["", ""], []),
        ([], []),
    ],
)
def test_words_are_tokens_joined_with_the_blanks_before_them(pieces, words):
    assert join_words(pieces) == tuple(words)
    assert not words or sum(count for _, count in words) == len(pieces)


def test_falls_totals_and_spans_follow_from_the_log_probabilities():
    worth = Worth.of("ED", ["It", " is"], [-1.0, -0.5], [[-3.0, -0.5], [-0.25, -1.5]])
    assert worth.words == (Word("It", -1.0, (2.0, -0.75)), Word(" is", -0.5, (0.0, 1.0)))
    assert worth.totals == (2.0, 0.25) and worth.log_probability == -1.5
    assert worth.spans == ((0, 2), (2, 5))
    assert Worth.from_json(json.loads(json.dumps(worth.to_json()))) == worth
