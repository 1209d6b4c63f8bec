"""The shipped small checkpoint, as a visitor meets it: the examples, forced experts, every precision."""

import gc
import json
from pathlib import Path

import pytest

from mova.decoding import Decoding
from mova.engine import Engine, drain
from mova.experts.pool import LETTERS
from mova.images import read_image
from mova.loading import embedded_checkpoint, load

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
ROWS = json.loads((EXAMPLES / "examples.json").read_text())
ONE_PER_EXPERT = ROWS[:7]
SHORT = Decoding(max_new_tokens=24)


def ask(engine, row, **options):
    return drain(
        engine.answer(row["question"], read_image(EXAMPLES / row["image"]), decoding=SHORT, **options)
    )


@pytest.fixture(scope="module")
def engine():
    return Engine(load(embedded_checkpoint(), precision="fp32"))


@pytest.fixture(scope="module")
def traces(engine):
    return [ask(engine, row) for row in ROWS]


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_gates_of_an_example_sum_to_one_over_the_routed_experts(traces, number):
    trace = traces[number]
    routed = {LETTERS.index(letter) for letter in trace.routing.experts}
    for layer in trace.gates.masked:
        assert sum(layer) == pytest.approx(1 if routed else 0, abs=1e-4)
        assert all(weight == 0 for k, weight in enumerate(layer) if k not in routed)


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_first_picked_letter_is_likelier_than_every_letter_not_picked(traces, number):
    routing = traces[number].routing
    if not routing.experts:
        pytest.skip("the router chose no expert for this question")
    first = routing.probabilities[LETTERS.index(routing.experts[0])]
    others = [
        p for letter, p in zip(LETTERS, routing.probabilities, strict=True) if letter not in routing.experts
    ]
    assert all(first > other for other in others)


def test_five_of_the_seven_examples_route_as_a_person_would(traces):
    right = [
        set(t.routing.experts) == set(r["experts"]) for t, r in zip(traces, ONE_PER_EXPERT, strict=False)
    ]
    assert sum(right) >= 5, right


@pytest.mark.parametrize("image", ["brain.png", "winter.png", "night.png"])
def test_what_the_card_says_it_can_is_answered_rightly(traces, image):
    number = next(k for k, row in enumerate(ROWS) if row["image"] == image)
    assert traces[number].answer.strip(" .").lower() == ROWS[number]["answer"].lower()


def test_two_questions_about_one_picture_give_different_gates(traces):
    both = [t for t, row in zip(traces, ROWS, strict=True) if row["image"] == "chart_with_note.png"]
    assert both[0].gates != both[1].gates


def test_without_experts_all_gates_are_zero(engine):
    trace = ask(engine, ONE_PER_EXPERT[0], experts=[])
    assert all(weight == 0 for layer in trace.gates.masked for weight in layer)
    assert trace.routing.forced and trace.routing.probabilities is None


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["bf16", "int8", "nf4"])
def test_other_precisions_route_all_but_at_most_one_example_alike(traces, precision):
    engine = Engine(load(embedded_checkpoint(), precision=precision))
    alike = [
        ask(engine, row).routing.experts == trace.routing.experts
        for row, trace in zip(ONE_PER_EXPERT, traces, strict=False)
    ]
    del engine
    gc.collect()
    assert sum(alike) >= len(alike) - 1, alike


def test_trained_parts_stay_small():
    trained = [p for p in embedded_checkpoint().rglob("*.safetensors") if not p.name.startswith("llm-")]
    assert sum(path.stat().st_size for path in trained) <= 40_000_000
    assert max(path.stat().st_size for path in trained) <= 15_000_000
