"""The small model's examination: a file for `python -m mova evaluate`, kept apart from training."""

from collections import Counter
from itertools import pairwise

import pytest

from mova.evaluation.questions import read_questions
from training.examination import FIRST_SEED, write_questions
from training.pictures.drawing import DOMAINS, draw
from training.pictures.words import is_kept_apart


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examination")
    return read_questions(write_questions(folder, DOMAINS, pictures=4, per_picture=2), folder)


def written_pairs(domain, split, seeds):
    """Words that stand side by side on the pictures of a domain."""
    for seed in seeds:
        for labels in draw(domain, seed, split).labels.values():
            yield from pairwise(label.text for label in labels if label.xs)


def test_every_domain_is_asked_with_pictures_experts_and_answers(questions):
    assert {question.category for question in questions} == set(DOMAINS)
    pictures = [(domain, FIRST_SEED + k) for domain in DOMAINS for k in range(4)]
    # Two about each picture, where a picture has two.
    assert Counter(question.image.stem for question in questions) == {
        f"{domain}-{seed}": min(2, len(draw(domain, seed, "test").questions)) for domain, seed in pictures
    }
    assert all(question.image.exists() for question in questions)
    assert all(question.experts is not None for question in questions)
    asked = [question for question in questions if not any("describe" in tag for tag in question.tags)]
    assert all(question.target is not None for question in asked)


def test_every_question_says_whether_its_phrasing_was_trained_on(questions):
    phrasings = [tag for question in questions for tag in question.tags if tag.endswith("phrasing")]
    assert len(phrasings) == len(questions)
    assert set(phrasings) == {"seen phrasing", "held-out phrasing"}


@pytest.mark.parametrize("domain", ["documents", "charts", "signs", "mixed"])
def test_word_pairs_kept_for_the_examination_are_on_no_training_picture(domain):
    assert not any(is_kept_apart(a, b) for a, b in written_pairs(domain, "train", range(60)))
    assert any(
        is_kept_apart(a, b) for a, b in written_pairs(domain, "test", range(FIRST_SEED, FIRST_SEED + 30))
    )
