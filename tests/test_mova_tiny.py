"""The shipped small checkpoint, as a visitor meets it: the examples, forced experts, every precision."""

import gc
import io
import json
from pathlib import Path
from statistics import fmean

import pytest

from mova.checkpoint.loading import embedded_checkpoint, load
from mova.engine import Engine, drain
from mova.evaluation.scoring import exact, score
from mova.images import read_image
from mova.request import Decoding
from mova.vision.experts.pool import LETTERS
from training.examination import FIRST_SEED, held_out, rule_and_answer
from training.pictures.drawing import DOMAINS

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
ROWS = json.loads((EXAMPLES / "examples.json").read_text())
ONE_PER_EXPERT = ROWS[:7]
SHORT = Decoding(max_new_tokens=40)  # the longest answer it was taught has fewer
# What the card measured, less a margin for the smaller number of questions here.
ROUTED = {DOMAINS: 0.91}
ANSWERED = {
    ("scenes", "documents", "signs", "charts"): 0.8,
    ("scenes",): 0.7,
    ("documents",): 0.85,
    ("signs",): 0.7,
    ("charts",): 0.62,
    ("scans", "shapes"): 0.8,
    ("objects",): 0.75,
    ("unfamiliar",): 0.75,
}


def ask(engine, row, **options):
    return drain(
        engine.answer(row["question"], read_image(EXAMPLES / row["image"]), decoding=SHORT, **options)
    )


def checked(drawing):
    """A drawn picture as a visitor's PNG."""
    buffer = io.BytesIO()
    drawing.image.save(buffer, "PNG")
    return read_image(buffer.getvalue())


@pytest.fixture(scope="module")
def engine(pages_precision):
    """In the precision that the page loads it in."""
    return Engine(load(embedded_checkpoint(), precision=pages_precision))


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


def test_four_of_the_seven_examples_are_answered_rightly(traces):
    right = [exact(t.answer, (row["answer"],)) for t, row in zip(traces, ONE_PER_EXPERT, strict=False)]
    assert sum(right) >= 4, right


@pytest.mark.parametrize("image", ["brain.png", "winter.png", "night.png"])
def test_what_the_card_says_it_can_is_answered_rightly(traces, image):
    number = next(k for k, row in enumerate(ROWS) if row["image"] == image)
    assert traces[number].answer.strip(" .").lower() == ROWS[number]["answer"].lower()


@pytest.fixture(scope="module")
def examination(engine):
    """About 200 questions as in the card, on other pictures than its own: (domain, question, trace)."""
    asked = []
    for domain in DOMAINS:
        for _, drawing, questions in held_out(domain, pictures=11, per_picture=2, first=FIRST_SEED - 50):
            picture = checked(drawing)
            for question in questions:
                trace = drain(engine.answer(question.text, picture, decoding=SHORT))
                asked.append((domain, question, trace))
    return asked


def share_right(examination, domains):
    """The mean score of the questions of some domains that have one right answer."""
    scores = []
    for domain, question, trace in examination:
        kind, answer = rule_and_answer(question)
        if domain in domains and answer is not None:
            scores.append(score(kind, trace.answer, tuple(answer) if kind == "box" else (answer,)))
    return fmean(scores)


def share_routed(examination, domains):
    """How often the router chose exactly the experts that the questions of some domains are for."""
    return fmean(
        set(trace.routing.experts) == set(question.experts)
        for domain, question, trace in examination
        if domain in domains
    )


@pytest.mark.slow
@pytest.mark.parametrize(("domains", "least"), list(ROUTED.items()))
def test_the_router_picks_as_often_rightly_as_the_card_says(examination, domains, least):
    assert share_routed(examination, domains) >= least


@pytest.mark.slow
@pytest.mark.parametrize(("domains", "least"), list(ANSWERED.items()))
def test_answers_are_as_often_right_as_the_card_says(examination, domains, least):
    assert share_right(examination, domains) >= least


def test_two_questions_about_one_picture_give_different_gates(traces):
    both = [t for t, row in zip(traces, ROWS, strict=True) if row["image"] == "chart_with_note.png"]
    assert both[0].gates != both[1].gates


def test_without_experts_all_gates_are_zero(engine):
    trace = ask(engine, ONE_PER_EXPERT[0], experts=[])
    assert all(weight == 0 for layer in trace.gates.masked for weight in layer)
    assert trace.routing.forced and trace.routing.probabilities is None


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8", "nf4"])
def test_other_precisions_route_all_but_at_most_one_example_alike(traces, pages_precision, precision):
    if precision == pages_precision:
        pytest.skip("the page's own precision")
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
    assert sum(path.stat().st_size for path in trained) <= 64_000_000
    assert max(path.stat().st_size for path in trained) < 20_000_000
