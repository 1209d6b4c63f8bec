"""The benchmarks' rules on cases worked out by hand."""

import pytest

from mova.evaluation.scoring import (
    EXTRAS,
    RULES,
    box_numbers,
    levenshtein,
    named_letter,
    score,
    yes_no_numbers,
)

TEN = ("red",) * 10


@pytest.mark.parametrize(
    ("reply", "answer", "right"),
    [
        ("tea", "tea", 1), (" Tea.\n", "tea", 1), ("tea", "Tea.", 1), ("tea .", "tea", 1), ("", "tea", 0),
        ("tea..", "tea", 0), ("te.a", "tea", 0), ("tea!", "tea", 0), ("green tea", "tea", 0),
    ],
)  # fmt: skip
def test_exact_forgives_case_blanks_and_one_full_stop(reply, answer, right):
    assert score("exact", reply, (answer,)) == right


def test_exact_takes_any_of_several_answers():
    assert score("exact", "Cup", ("mug", "cup")) == 1


@pytest.mark.parametrize(("equal", "expected"), [(0, 0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1), (9, 1)])
def test_vqa_is_the_mean_over_people_left_out(equal, expected):
    """Two equal of ten: 8 people see 2 others (2/3), 2 see 1 (1/3): 0.6. Three: 7 see 1, 3 see 2/3: 0.9."""
    people = ("red",) * equal + ("blue",) * (10 - equal)
    assert score("vqa", "red", people) == pytest.approx(expected)


def test_one_answer_counts_as_ten_equal_ones():
    assert score("vqa", "Red", ("red",)) == score("vqa", "Red", TEN) == 1


def test_where_all_agree_only_case_is_evened_out():
    assert score("vqa", "\tRED\n", TEN) == 1
    assert score("vqa", "red.", TEN) == 0
    assert score("vqa", "the red", TEN) == 0
    assert score("vqa", "2", ("two",)) == 0


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("Two", "2"), ("none", "0"), ("ten", "10"), ("the red one", "red 1"), ("An apple.", "apple"),
        ("dont", "don't"), ("couldntve", "couldntve"), ("couldn'tve", "couldn't've"), ("Twas", "'twas"),
        ("couldnt've", "couldn't've"), ("yall'd've", "y'all'd've"), ("oclock", "o'clock"),
        ("im", "im"), ("a b", "b"), ("3.5", "3.5"), ("U.S.A.", "usa"), ("5 p.m.", "5 pm"),
        ("black/white", "black white"), ("black / white", "black  white"), ("yes!", "yes"),
        ("1,000", "1000"), ("1,000-2", "10002"), ("well-known", "well known"), ("what? now", "what now"),
        ("it's: here", "it's: here"), ("one\ntwo", "1 2"),
    ],
)  # fmt: skip
def test_where_people_disagree_words_and_marks_are_evened_out(reply, answer):
    people = (answer,) * 5 + ("something else",) * 5
    assert score("vqa", reply, people) == 1


@pytest.mark.parametrize(
    ("reply", "answer"),
    [("I'm", "im"), ("let's", "lets"), ("it's: x", "it's x"), ("3.5", "35"), ("1.", "1 .5")],
)
def test_vqa_evens_out_no_more_than_the_published_code(reply, answer):
    assert score("vqa", reply, (answer,) * 5 + ("something else",) * 5) == 0


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("kitten", "sitting", 3),
        ("flaw", "lawn", 2),
        ("ab", "ba", 2),
    ],
)
def test_levenshtein_counts_single_edits(first, second, distance):
    assert levenshtein(first, second) == levenshtein(second, first) == distance


@pytest.mark.parametrize(
    ("reply", "answers", "expected"),
    [
        ("2 May", ("2 may",), 1),
        (" 2   May\n", ("2 may",), 1),
        ("abcd", ("abcx",), 0.75),
        ("abcd", ("abxy",), 0),  # half to change is too much
        ("abcde", ("abcxy",), 0.6),
        ("abcd", ("zzzz", "abcx", "abxy"), 0.75),
        ("", ("abc",), 0),
        ("", ("",), 1),
    ],
)
def test_anls_takes_the_nearest_answer(reply, answers, expected):
    assert score("anls", reply, answers) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("reply", "answer", "right"),
    [
        ("105", "100", 1), ("95", "100", 1), ("105.1", "100", 0), ("-105", "-100", 1), ("100", "-100", 0),
        ("12%", "0.12", 1), ("12%", "12", 0), ("12.3%", "12%", 1), ("1e2", "100", 1),
        ("0", "0", 1), ("0.0", "0", 0), ("0.01", "0", 0),
        ("Blue", "blue", 1), ("blue.", "blue", 0), ("blue", "12", 0), ("12", "blue", 0), ("", "1", 0),
        ("nan", "1", 0), ("inf", "1", 0), ("1,000", "1000", 0), ("%", "1", 0), (" 7 ", "7", 1),
    ],
)  # fmt: skip
def test_relaxed_lets_numbers_be_five_percent_off(reply, answer, right):
    assert score("relaxed", reply, (answer,)) == right


def test_relaxed_takes_any_of_several_answers():
    assert score("relaxed", "51", ("9", "50")) == 1


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ("Yes", "yes"), ("no", "no"), ("No, there is a cat.", "no"), ("There is not one.", "no"),
        ("Yes. There is no dog.", "yes"), ("NO", "yes"), ("Nothing", "yes"), ("", "yes"), ("no.", "no"),
        ("nothing", "yes"), (",no", "no"), ("\nno\n", "no"),
    ],
)  # fmt: skip
def test_yes_no_reads_the_first_sentence(reply, says):
    assert score("yes_no", reply, (says,)) == 1
    assert score("yes_no", reply, ("no" if says == "yes" else "yes",)) == 0


def test_yes_no_numbers_count_a_refused_question_as_wrong():
    replies = ["yes", "yes", "no", "no", None]
    targets = [("yes",), ("no",), ("yes",), ("no",), ("yes",)]
    numbers = yes_no_numbers(replies, targets)
    assert numbers == {"precision": 1 / 2, "recall": 1 / 3, "f1": 2 / 5, "yes": 2 / 5}


def test_yes_no_numbers_that_are_undefined_are_none():
    assert yes_no_numbers(["no"], [("no",)]) == {"precision": None, "recall": None, "f1": None, "yes": 0}


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        ("[0.1, 0.1, 0.5, 0.5]", 1),
        ("It is at [0.10,0.1 , .5,0.50].", 1),
        ("[0.1, 0.1, 0.5, 0.3]", 0),  # IoU exactly one half
        ("[0.1, 0.1, 0.5, 0.31]", 1),
        ("[0.9, 0.9, 1, 1] or [0.1, 0.1, 0.5, 0.5]", 0),
        ("[0.1, 0.1, 0.5] [0.1, 0.1, 0.5, 0.5]", 1),
        ("[0.5, 0.5, 0.1, 0.1]", 0),
        ("[[0.1, 0.1, 0.5, 0.5]]", 1),
        ("0.1, 0.1, 0.5, 0.5", 0),
        ("[__import__('os'), 0, 0, 0]", 0),
        (f"[{'9' * 400}, 0, {'9' * 400}, 1]", 0),
        ("", 0),
    ],
)
def test_box_takes_the_first_box_of_the_reply(reply, right):
    assert score("box", reply, (0.1, 0.1, 0.5, 0.5)) == right


def test_mean_iou_counts_replies_without_a_box():
    numbers = box_numbers(["[0, 0, 1, 1]", "nowhere", None], [(0, 0, 1, 0.5), (0, 0, 1, 1), (0, 0, 1, 1)])
    assert numbers == {"mean_iou": pytest.approx(0.5 / 3)}


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("B", "B"), (" B\n", "B"), ("B.", "B"), ("B)", "B"), ("B. a cup", "B"), ("B. a\ncup", "B"),
        ("The answer is B.", "B"), ("I think so. The answer is B. Because", "B"), ("Z", "Z"),
        ("b", None), ("B a cup", None), ("Because", None), ("A. B. C", "A"), ("", None), ("BC", None),
        ("The answer is A. The answer is B.", None), ("The answer is b.", None), ("The answer is B", None),
        ("B.cup", None), ("(B)", None), ("É", None),
    ],
)  # fmt: skip
def test_choice_reads_one_letter(reply, letter):
    assert named_letter(reply) == letter
    assert score("choice", reply, ("B",)) == (letter == "B")


@pytest.mark.parametrize("kind", RULES)
def test_a_refused_question_scores_nothing(kind):
    target = (0, 0, 1, 1) if kind == "box" else ("",)
    assert score(kind, None, target) == 0
    assert set(EXTRAS) <= set(RULES)
