"""The benchmarks' rules on cases worked out by hand."""

from string import ascii_uppercase

import pytest

from mova.evaluation.rules.box import box_numbers
from mova.evaluation.rules.choice import inferred_letter, named_letter, options_in
from mova.evaluation.rules.target import Choice
from mova.evaluation.rules.text import levenshtein
from mova.evaluation.rules.yes_no import mme_word, yes_no_numbers
from mova.evaluation.scoring import OPTIONS, REPORTS, RULES, score

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
    assert score("vqa", "red", people) == score("textvqa", "red", people) == pytest.approx(expected)


def test_one_answer_counts_as_ten_equal_ones():
    for kind in ("vqa", "textvqa"):
        assert score(kind, "Red", ("red",)) == score(kind, "Red", TEN) == 1


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
        ("it's: here", "it's: here"), ("one\ntwo", "1 2"), ("somebody'd", "somebodyd"),
        ("'ows'at", "'ow's'at"), ("." * 32, ""),
    ],
)  # fmt: skip
def test_where_people_disagree_words_and_marks_are_evened_out(reply, answer):
    people = (answer,) * 5 + ("something else",) * 5
    assert score("vqa", reply, people) == 1


@pytest.mark.parametrize(
    ("reply", "answer"),
    [("I'm", "im"), ("let's", "lets"), ("it's: x", "it's x"), ("3.5", "35"), ("1.", "1 .5"), ("." * 33, "")],
)
def test_vqa_evens_out_no_more_than_the_published_code(reply, answer):
    assert score("vqa", reply, (answer,) * 5 + ("something else",) * 5) == 0


@pytest.mark.parametrize(
    ("reply", "answer", "right"),
    [
        ("Nike.", "nike", 1), ("nike", "Nike.", 1), ("the nike", "nike", 1), ("Two", "2", 1),
        ("none", "0", 1),
        ("1,000", "1000", 1), ("1,000-2", "1000 2", 1), ("what?now", "whatnow", 1), ("yes!", "yes", 1),
        ("3.50", "3.50", 1), ("3.5", "35", 0), ("U.S.A.", "usa", 1), ("dont", "don't", 1),
        ("cant", "can't", 1),
        ("it's", "it 's", 1), ("it's", "its", 0), ("whats", "what's", 0), ("whats", "what't", 0),
        ("well-known", "well known", 1), ("black / white", "black white", 1), ("50%", "50%", 1),
        ("50%", "50", 0), ("", "nike", 0), ("the", "a", 1), ("", "the", 1), ("nike\nshoe", "nike shoe", 1),
        ("nikes", "nike", 0),
    ],
)  # fmt: skip
def test_textvqa_always_evens_out_words_and_marks(reply, answer, right):
    assert score("textvqa", reply, (answer,) * 10) == right


def test_vqa_does_not_even_out_what_all_agree_on_as_textvqa_does():
    assert (score("vqa", "nike.", ("nike",) * 10), score("textvqa", "nike.", ("nike",) * 10)) == (0, 1)


@pytest.mark.parametrize(
    ("reply", "answer", "right"),
    [
        ("Yes.", "yes", 1), ("YES", "yes", 1), ("yes...", "yes", 1), (" left\n", "left", 1),
        ("left .", "left", 0), ("yes!", "yes", 0), ("the left", "left", 0), ("left", "Left", 0),
        ("", "left", 0), (".", "", 1),
    ],
)  # fmt: skip
def test_gqa_drops_final_full_stops_and_case_of_the_reply_alone(reply, answer, right):
    assert score("gqa", reply, (answer,)) == right


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
        ("abcd", ("abxy",), 0.5),  # one half is kept
        ("abcde", ("abxyz",), 0),
        ("abcd", ("ABXY",), 0.5),
        ("ab  cd", ("ab cx",), 5 / 6),  # blanks are measured as given, and cost nothing to change
        ("aß", ("ab",), 1 - 1 / 3),  # a length in capitals: SS is two
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
        ("nan", "1", 0), ("inf", "1", 0), ("1,000", "1000", 0), ("1,000", "1,000", 1), ("%", "1", 0),
        (" 7 ", "7", 1), ("12 %", "0.12", 1), ("0.05", "5%", 1), ("5", "5%", 0), ("12%%", "0.12", 1),
        ("$5", "5", 0), ("0%", "0", 0), ("-0.0", "0", 0), ("94.9", "100", 0), ("5.25", "5", 1),
        ("YES", "Yes", 1),
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
        ("[0.1, 0.1, 0.5, 0.3]", 1),  # IoU exactly one half, were it not for binary fractions
        ("[0.1, 0.1, 0.5, 0.299]", 0),
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
        ("B", "B"), (" B\n", "B"), ("B.", None), ("B)", None), ("B. a cup", "B"), ("B. a\ncup", "B"),
        ("The answer is B.", "B"), ("I think so. The answer is B. Because", "B"), ("Z", "Z"),
        ("b", None), ("B a cup", None), ("Because", None), ("A. B. C", "A"), ("", None), ("BC", None),
        ("The answer is A. The answer is B.", None), ("The answer is b.", None), ("The answer is B", None),
        ("The answer is B, since", "B"), ("The answer is Bread.", "B"), ("the answer is B.", None),
        ("B.cup", None), ("(B)", None), ("É", None), ("B: a cup", None), ("B.\ncup", None),
    ],
)  # fmt: skip
def test_choice_reads_one_letter(reply, letter):
    assert named_letter(reply) == letter
    assert score("choice", reply, ("B",)) == (letter == "B")


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("B", "B"), ("B.", "B"), ("(B)", "B"), ("B)", "B"), ("B: a cup", "B"), ("The answer is B", "B"),
        ("b", None), ("*B*", "B"), ("A or B", None), ("Z", None), ("E", None), ("", None),
        ("a cup", "A"), ("It is a CUP of tea", "A"), ("a cup of red tea", None), ("red tea", "B"),
        ("cup", None), ("blue", "D"),
        ("B it is so", "B"), ("B it is so now", None), ("It is so now, B", "B"),
        ("A red tea", "A"), ("Cannot determine the answer, B", None), ("blue " * 20, None),
    ],
)  # fmt: skip
def test_a_choice_is_inferred_from_a_letter_or_the_words_of_one_option(reply, letter):
    options = ("a cup", "red tea", "milk", "blue")
    assert inferred_letter(reply, options) == letter
    for kind in OPTIONS:
        assert score(kind, reply, Choice("B", options)) == (letter == "B")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("What?\nA. tea\nB. a cup of it\nAnswer with the letter.", ("tea", "a cup of it")),
        ("What?\nA) tea\nB) milk", ("tea", "milk")),
        ("A. Lincoln was who?\nA. a king\nB. no king\nD. none", ("a king", "no king")),
        ("Which?\nA. D\nB. A", ("D", "A")),
        ("What is it?", ()), ("B. tea", ()),
        ("\n".join(f"{letter}. x" for letter in f"{ascii_uppercase}B"), ("x",) * 26),
    ],
)  # fmt: skip
def test_options_are_lines_that_begin_with_their_letters_in_order(text, options):
    assert options_in(text) == options


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        ("Yes", "yes"), ("No.", "no"), ("NO", "no"), ("yes, it is", "yes"), ("Not at all", "no"), ("y", None),
        ("It is. Yes", None), ("", None), ("know", "no"), (" no\n", "no"), ("noyes", "no"), ("oyes", "yes"),
    ],
)  # fmt: skip
def test_mme_reads_the_first_four_letters(reply, word):
    assert mme_word(reply) == word
    assert score("mme", reply, ("yes",)) == (word == "yes")
    assert score("mme", reply, ("no",)) == (word == "no")


@pytest.mark.parametrize("kind", RULES)
def test_a_refused_question_scores_nothing(kind):
    target = (0, 0, 1, 1) if kind == "box" else ("",)
    assert score(kind, None, target) == 0
    assert set(REPORTS) <= set(RULES)
