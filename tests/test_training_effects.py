"""Worn pictures: labels follow what a turn does, and little changes otherwise."""

import random

import numpy as np
import pytest

from tests.test_training_makers import check_texts, stems_on_ink
from training.makers.catalogue import draw
from training.makers.effects import EFFECTS, MOST_TURN, turned, worn


@pytest.fixture(scope="module")
def pages():
    return [draw("documents", seed, "train") for seed in range(12)]


@pytest.mark.parametrize("effect", dict.fromkeys(EFFECTS))
def test_an_effect_changes_a_picture_a_little(effect, pages):
    image = pages[0].image
    changed = effect(random.Random(0), image, 1.0)
    assert changed.size == image.size and changed.mode == "RGB"
    difference = np.abs(np.asarray(changed, float) - np.asarray(image, float)).mean()
    assert 0 < difference < 45


def test_texts_follow_a_turn(pages):
    found = [turned(page, MOST_TURN) for page in pages]
    moved = [new for new, old in zip(found, pages, strict=True) if new is not old]
    assert len(moved) > 4
    for picture in moved:
        check_texts(picture)
    assert stems_on_ink(moved) > 0.9


def test_a_turn_that_would_push_text_off_is_left_out(pages):
    page = next(page for page in pages if turned(page, 40.0) is page)
    assert page.runs


def test_worn_pictures_keep_questions_and_repeat(pages):
    first, again = (worn(pages[1], random.Random(5)) for _ in range(2))
    assert first.image.tobytes() == again.image.tobytes() != pages[1].image.tobytes()
    assert first.questions == pages[1].questions
    assert [run.text for run in first.runs] == [run.text for run in pages[1].runs]
