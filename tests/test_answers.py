"""Folders of answers: which run they are of, and how they are read again."""

import json
from dataclasses import asdict, replace

import pytest

from mova.checkpoint.files import fingerprint
from mova.errors import EvaluationRefused
from mova.evaluation.answers import (
    Answer,
    Asked,
    Kept,
    Run,
    check_run,
    picture_digest,
    read_answers,
    write_run,
)
from tests.evaluating import answer


def test_a_fingerprint_changes_with_what_decides_an_answer(tmp_path):
    (tmp_path / "part").mkdir()
    for name in ("b.bin", "part/a.bin", "README.md", ".hidden"):
        (tmp_path / name).write_bytes(b"x" * 10)
    first = fingerprint(tmp_path)
    for name, data, same in (
        ("README.md", b"y", True),
        (".hidden", b"y", True),
        ("part/a.bin", b"x" * 9 + b"y", False),
        ("part/a.bin", b"x" * 10, True),
        ("c.bin", b"", False),
    ):
        (tmp_path / name).write_bytes(data)
        assert (fingerprint(tmp_path) == first) is same


def test_a_line_that_is_no_answer_is_named(tmp_path):
    file = tmp_path / "answers-none.jsonl"
    for line in ("{}", "[]", "x", '{"question_id": 1, "prompt": "", "text": 3, "model_id": ""}'):
        file.write_text(answer(1).to_line() + line + "\n")
        with pytest.raises(EvaluationRefused, match=r"answers-none\.jsonl, line 2: this is no answer"):
            read_answers(tmp_path, "none")


def test_the_first_of_two_answers_counts_and_other_experts_are_not_mixed_in(tmp_path):
    (tmp_path / "answers-none.jsonl").write_text(answer(1, "a").to_line() + answer(1, "b").to_line())
    (tmp_path / "answers-none-1-of-2.jsonl").write_text(answer(2, "c").to_line() + '{"question_id": 3')
    (tmp_path / "answers-D.jsonl").write_text(answer(9, "d").to_line())
    kept = Kept(read_answers(tmp_path, "none"))
    found = [kept.find(Asked(number, "?")) for number in (1, 2, 3, 9)]
    assert [one and one.text for one in found] == ["a", "c", None, None]


def written(text="", error=None, **about) -> Answer:
    """An answer to "what?" that says which picture it is of."""
    return Answer(1, "what?", text, "m", ("D",), error=error, **about)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (Asked(1, "what?", "a.png", "1a"), "cat"),
        (Asked("other", "what?", "renamed.png", "1a"), "cat"),  # the same picture and prompt
        (Asked(1, "what?", "a.png", "2b"), None),  # another picture under the same name
        (Asked(1, "why?", "a.png", "1a"), None),
        (Asked(1, "what?", "a.png"), "cat"),  # the picture is out of reach
        (Asked(1, "what?", "renamed.png"), None),
        (Asked(1, "what?"), "nothing"),
        (Asked(1, "what?", "a.png", "1a", ("D",)), "cat"),
        (Asked(1, "what?", "a.png", "1a", ("E",)), None),
    ],
)
def test_a_reply_belongs_to_its_picture_prompt_and_experts(asked, text):
    kept = Kept([written("cat", image="a.png", picture="1a"), written("nothing", image="")])
    found = kept.find(asked)
    assert (found and found.text) == text
    assert found is None or found.question_id == asked.question_id


def test_a_picture_that_could_not_be_shown_is_told_by_name_until_there_is_a_reply():
    broken = written(error="damaged", image="a.png")
    asked = Asked(1, "what?", "a.png", "1a")
    assert broken.is_of_picture and Kept([broken]).find(asked).error == "damaged"
    assert Kept([broken, written("cat", image="a.png", picture="1a")]).find(asked).text == "cat"
    too_long = written(error="too long", image="a.png", picture="1a")
    assert not too_long.is_of_picture and Kept([too_long]).find(asked).error == "too long"
    assert not Kept([])


def test_a_picture_is_known_by_its_contents(tmp_path):
    for name, data in (("a.png", b"1"), ("b.png", b"1"), ("c.png", b"2")):
        (tmp_path / name).write_bytes(data)
    same, other = (picture_digest(tmp_path / name) for name in ("b.png", "c.png"))
    assert picture_digest(tmp_path / "a.png") == same == picture_digest(b"1") != other
    (tmp_path / "a.png").write_bytes(b"23")
    assert picture_digest(tmp_path / "a.png") == picture_digest(b"23")
    assert picture_digest(tmp_path / "absent.png") is picture_digest(tmp_path / "\0") is None


def test_two_shards_that_start_together_agree_on_the_run(tmp_path):
    run = Run("m", "fp32", "1", 3)
    write_run(tmp_path / "deep" / "answers", run)
    write_run(tmp_path / "deep" / "answers", run)
    check_run(tmp_path / "deep" / "answers", run)
    with pytest.raises(EvaluationRefused, match="model was m and is n"):
        write_run(tmp_path / "deep" / "answers", replace(run, model="n"))
    assert json.loads((tmp_path / "deep" / "answers" / "run.json").read_text()) == asdict(run)
