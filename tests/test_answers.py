"""Folders of answers: which run they are of, and how they are read again."""

import json
from dataclasses import asdict, replace

import pytest

from mova.checkpoint.files import fingerprint
from mova.errors import EvaluationRefused
from mova.evaluation.answers import Run, check_run, read_answers, write_run
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
    assert {i: found.text for i, found in read_answers(tmp_path, "none").items()} == {1: "a", 2: "c"}


def test_two_shards_that_start_together_agree_on_the_run(tmp_path):
    run = Run("m", "fp32", "1", "2", 3)
    write_run(tmp_path / "deep" / "answers", run)
    write_run(tmp_path / "deep" / "answers", run)
    check_run(tmp_path / "deep" / "answers", run)
    with pytest.raises(EvaluationRefused, match="model was m and is n"):
        write_run(tmp_path / "deep" / "answers", replace(run, model="n"))
    assert json.loads((tmp_path / "deep" / "answers" / "run.json").read_text()) == asdict(run)
