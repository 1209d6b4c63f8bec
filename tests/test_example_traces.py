"""The recorded answers that ship with the examples: small, canonical, and of the examples they stand for."""

from collections import Counter
from pathlib import Path

import pytest

from demo.gallery import read_examples, trace_name
from mova.images import read_image
from mova.trace_file import dumps, loads
from mova.vision.experts.pool import LETTERS

FOLDER = Path(__file__).parent.parent / "examples"
EXAMPLES = read_examples(FOLDER)
MOST_BYTES = 200_000


def test_every_example_has_one_and_none_is_left_over():
    named = {trace_name(number, example.path) for number, example in enumerate(EXAMPLES)}
    assert named == {file.name for file in FOLDER.glob("*.trace.json")}
    assert all(example.trace is not None for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.trace.stem)
def test_a_recording_is_small_canonical_and_of_its_example(example):
    data = example.trace.read_bytes()
    trace = loads(data)
    assert len(data) <= MOST_BYTES
    assert dumps(trace).encode() == data
    assert trace.question == example.question and trace.done and not trace.stopped and not trace.history
    assert trace.settings.experts is None, "the router chose"
    picture = read_image(example.path)
    assert trace.picture.digest == picture.digest
    assert (trace.picture.width, trace.picture.height) == picture.pixels.size
    assert trace.picture.thumbnail and trace.answer


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.trace.stem)
def test_the_recorded_experts_are_those_that_the_example_is_about(example):
    assert Counter(loads(example.trace.read_bytes()).routing.experts) == Counter(example.experts)


def test_in_some_of_them_the_router_hesitates():
    """Its scale of doubt has something to show: an expert that was left out came close."""
    chances = [loads(example.trace.read_bytes()).routing for example in EXAMPLES]
    left_out = [
        max(p for letter, p in zip(LETTERS, r.probabilities, strict=True) if letter not in r.experts)
        for r in chances
    ]
    assert sum(p > 0.1 for p in left_out) >= 3
