"""What a person may ask: each wrong question, expert and number is refused in a sentence."""

import pytest

from mova.errors import QuestionRefused
from mova.request import Decoding, check_question, clean, named_experts


@pytest.mark.parametrize("question", ["", "  \n", None, 3])
def test_an_empty_question_is_refused(question):
    with pytest.raises(QuestionRefused, match="empty"):
        check_question(question)


def test_a_two_megabyte_question_is_refused():
    with pytest.raises(QuestionRefused, match="longer than 20,000"):
        check_question("x" * 2_000_000)


def test_lone_surrogates_are_replaced():
    assert clean("a\ud800b") == "a?b" and clean("é🦊") == "é🦊"
    assert check_question(" what\ud800 ") == "what?"


@pytest.mark.parametrize(
    "wrong",
    [{"max_new_tokens": 0}, {"max_new_tokens": 10**6}, {"max_new_tokens": 1.5}, {"temperature": -1},
     {"temperature": float("nan")}, {"top_p": 2}, {"seed": -1}, {"seed": True}, {"seed": "1"}],
)  # fmt: skip
def test_settings_out_of_bounds_are_refused(wrong):
    with pytest.raises(QuestionRefused, match="must be a"):
        Decoding(**wrong)


def test_experts_are_named_as_people_write_them():
    assert named_experts("E,D") == named_experts(" e , d") == ("E", "D")
    assert named_experts("none") == named_experts("None") == ()
    for refused, why in (("A,B,C,D", "at most 3"), ("E,E", "twice"), ("H", "no expert"), ("", "no expert")):
        with pytest.raises(QuestionRefused, match=why):
            named_experts(refused)
