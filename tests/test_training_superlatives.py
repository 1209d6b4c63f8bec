"""Questions about charts that are put together, not taken from a list."""

import random

import pytest

from training.makers import chart_questions
from training.makers.chart_data import choose_kind, compose
from training.makers.chart_questions import (
    PUT_TOGETHER,
    asked_anew,
    extremes_anew,
    label_asked,
    questions_about,
)
from training.makers.contrasts import OUTDO, contrasted
from training.makers.superlatives import HIGHEST, LOWEST, extreme_asked, kind_asked, title_asked, value_asked
from training.makers.words import Words
from training.pictures import charts
from training.pictures.asking import Phrasings


def tables(count=60, split="train"):
    for seed in range(count):
        rng = random.Random(seed)
        yield rng, compose(Words(rng, split), choose_kind(rng))


def held_out():
    """Every phrasing that is kept for the test split, as it begins."""
    lists = [
        v for module in (charts, chart_questions) for v in vars(module).values() if isinstance(v, Phrasings)
    ]
    return {
        text.split("{")[0].rstrip("?. ").lower() for one in lists for text in one.held_out if len(text) > 12
    }


@pytest.mark.parametrize("extreme", [HIGHEST, LOWEST])
def test_an_extreme_is_asked_for_in_many_ways_and_never_as_the_test_asks(extreme):
    asked = {extreme_asked(rng, table, extreme, "bar") for rng, table in tables(400)}
    assert len(asked) > 300
    assert not any("{" in text or "  " in text for text in asked)
    assert not {text.rstrip("?. ").lower() for text in asked} & held_out()


def test_the_one_above_and_the_one_below_are_told_apart_by_voice_and_place():
    above, below = ({contrasted(random.Random(seed), end) for seed in range(800)} for end in (True, False))
    assert len(above) > 300 and len(below) > 300 and not above & below
    for acts, _, done in OUTDO:
        assert any(text.startswith(f"{acts} ") for text in above)
        assert any(text.startswith(f"is {done} by ") for text in below)


def test_months_are_asked_for_as_months():
    found = [
        extreme_asked(rng, table, HIGHEST, "point") for rng, table in tables(400) if "May" in table.categories
    ]
    assert any("month" in text for text in found)


def test_the_kind_the_title_and_a_value_are_asked_for_in_many_ways():
    for put_together in (kind_asked, title_asked):
        asked = {put_together(random.Random(seed)) for seed in range(600)}
        assert len(asked) > 150
        assert not any("{" in text for text in asked)
        assert not {text.rstrip("?. ").lower() for text in asked} & held_out()
    for rng, table in tables(20):
        assert table.categories[0] in value_asked(rng, table, table.categories[0], "bar")


def test_the_training_split_alone_has_them_and_their_answers_stay():
    for split in ("train", "test"):
        free = 0
        for rng, table in tables(split=split):
            for question in questions_about(rng, split, table):
                free += question.phrasing == PUT_TOGETHER
                if question.phrasing == PUT_TOGETHER and question.kind in ("highest", "lowest"):
                    pick = max if question.kind == "highest" else min
                    best = pick(range(len(table.categories)), key=lambda k: table.values[0][k])
                    assert question.answer == table.categories[best] and question.experts == ("E",)
        assert (free > 60) == (split == "train")


def test_more_extremes_are_asked_for_as_often_at_either_end_and_their_answers_are_right():
    single = several = 0
    for rng, table in tables(60):
        found = extremes_anew(rng, table, 3)
        single, several = single + (len(table.series) == 1), several + (len(table.series) > 1)
        assert [sum(q.kind == kind for q in found) for kind in ("highest", "lowest")] == (
            [3, 3] if len(table.series) == 1 else [0, 0]
        )
        for q in found:
            value = table.values[0][table.categories.index(q.answer)]
            assert value == (max if q.kind == "highest" else min)(table.values[0]) and q.experts == ("E",)
            assert q.text.rstrip("?. ").lower() not in held_out()
    assert single and several


def test_a_stored_charts_questions_are_asked_anew_with_the_same_answers():
    seen, reworded = set(), set()
    for rng, table in tables(60):
        stored = questions_about(rng, "train", table)
        for _ in range(3):
            anew = asked_anew(rng, stored, table)
            assert {(q.kind, q.answer, q.experts) for q in anew} == {
                (q.kind, q.answer, q.experts) for q in stored
            }
            if len(table.series) == 1:
                for q in anew:
                    if q.kind == "value" and label_asked(q, table):
                        asked_for = table.categories.index(label_asked(q, table))
                        assert q.answer == table.written[0][asked_for], q
                reworded |= {q.kind for q in anew if q not in stored}
                ends = [q for q in anew if q.kind in ("highest", "lowest")]
                assert len(ends) == 2 * sum(q.kind in ("highest", "lowest") for q in stored)
                seen |= {q.text for q in ends}
    assert len(seen) > 60 and reworded >= {"highest", "lowest", "value", "chart kind", "title"}
    assert not {text.rstrip("?. ").lower() for text in seen} & held_out()
