"""Three other wordings of a question: the question itself stays in each of them."""

import json
from pathlib import Path

import pytest

from demo.rephrasing import rephrasings

EXAMPLES = json.loads((Path(__file__).parent.parent / "examples" / "examples.json").read_text())
QUESTIONS = [row["question"] for row in EXAMPLES]
MORE = [
    "Please read the sign", "In this picture, what is red?", "What is this? Answer briefly.",
    "Please tell me: which one is highest?", "Don't count the dogs.", "DePlot is what?", "Is {name} right?",
    "图中有多少把椅子？", "请读出标题。", "你是谁？",
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS + MORE)
def test_three_wordings_differ_and_hold_the_question(question):
    wordings = rephrasings(question)
    assert len({question, *wordings}) == 4
    for wording in wordings:
        assert wording.lower().endswith(question.lower()), "nothing but words before it"
        assert wording.lower().count("please") <= 1 and wording.count("请") <= 2


def test_the_wordings_read_like_sentences():
    assert rephrasings("Which one is highest?") == (
        "Please tell me: which one is highest?",
        "In this picture, which one is highest?",
        "Look at the picture and answer: which one is highest?",
    )
    assert rephrasings("Read the whole title.")[::2] == (
        "Please read the whole title.",
        "Look at the picture and read the whole title.",
    )
    assert rephrasings("这是哪里？")[1] == "在这张图片中，这是哪里？"


def test_names_and_shouts_keep_their_capitals():
    assert rephrasings("DePlot is what?")[0].endswith("DePlot is what?")
    assert rephrasings("WHAT IS IT?")[0].endswith("WHAT IS IT?")
    assert rephrasings("What is it? Is it red?")[0].endswith("What is it? Is it red?")


def test_a_question_about_the_model_is_not_turned_into_one_about_the_picture():
    assert not any("picture" in wording for wording in rephrasings("Who are you?"))
    assert not any("图" in wording for wording in rephrasings("你是谁？"))


@pytest.mark.parametrize("question", ["", "  ", "123?", "Что это?", "これは何ですか", "이것은 무엇입니까?"])
def test_without_a_rule_there_is_no_wording(question):
    assert rephrasings(question) == ()
