"""`python -m mova evaluate`: who is asked, what is kept and gone on with, what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mova.__main__ import main
from mova.engine import Engine
from mova.errors import EvaluationRefused, QuestionRefused
from mova.evaluation.answers import read_answers
from mova.evaluation.evaluate import ExpertChoice, Shard, random_experts
from mova.evaluation.questions import Question
from mova.evaluation.score_table import as_markdown
from mova.vision.experts.pool import LETTERS
from tests.asking import picture
from tests.evaluating import ASKED, answer, draw_pictures, evaluating, write_lines

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """The folder of pictures that `ASKED` is about."""
    return draw_pictures(tmp_path_factory.mktemp("images"))


@pytest.fixture
def asked(tmp_path):
    """The questions file of `ASKED`."""
    return write_lines(tmp_path / "questions.jsonl", ASKED)


@pytest.fixture
def run(tiny_loaded, tiny_checkpoint, images, asked, tmp_path, monkeypatch):
    """Evaluates `asked` on the tiny checkpoint (loaded once), with answers in `tmp_path / "answers"`."""
    fixed = {"checkpoint": tiny_checkpoint, "answers": tmp_path / "answers"}
    return evaluating(asked, images, tiny_loaded, monkeypatch, **fixed)


@pytest.mark.parametrize(
    ("written", "name", "told"),
    [
        ("router", "router", None), ("none", "none", ()), ("all", "all", tuple(LETTERS)),
        ("E", "E", ("E",)), (" E, D", "D,E", ("D", "E")), ("D,C,B,A", "A,B,C,D", ("A", "B", "C", "D")),
    ],
)  # fmt: skip
def test_experts_as_written(written, name, told):
    choice = ExpertChoice.parse(written)
    assert choice.name == name and choice.experts_for(Question(1, "what?", experts=("G",))) == told


def test_random_experts_are_as_many_as_expected_and_repeat():
    choice = ExpertChoice.parse("random")
    drawn = [choice.experts_for(Question(i, "what?", experts=("A", "B"))) for i in range(50)]
    assert drawn == [choice.experts_for(Question(i, "why?", experts=("C", "D"))) for i in range(50)]
    assert {len(set(letters)) for letters in drawn} == {2} and set().union(*drawn) == set(LETTERS)
    for experts in (None, ()):
        assert len(choice.experts_for(Question(1, "what?", experts=experts))) == 1


@pytest.mark.parametrize("written", ["H", "", "E,E", "None", "router,E", "A,B,C,D,E,F,G,A"])
def test_wrong_experts_are_refused(written):
    with pytest.raises(QuestionRefused):
        ExpertChoice.parse(written)


def test_an_engine_says_which_limit_it_has(tiny_loaded):
    with pytest.raises(QuestionRefused, match="at most 3"):
        Engine(tiny_loaded).answer("what?", picture(), experts="ABCD")
    with pytest.raises(QuestionRefused, match="at most 5"):
        Engine(tiny_loaded, most_experts=5).answer("what?", picture(), experts="ABCDEF")


def test_shards_part_the_questions():
    questions = [Question(i, "what?") for i in range(7)]
    parts = [Shard.parse(f"{k}/3").part(questions) for k in (1, 2, 3)]
    assert [[q.id for q in part] for part in parts] == [[0, 3, 6], [1, 4], [2, 5]]
    assert list(Shard.parse(None).part(questions)) == questions


def test_a_pictures_questions_are_asked_in_one_shard():
    questions = [Question(i, "what?", Path(f"{i // 2}.png")) for i in range(8)]
    parts = [Shard.parse(f"{k}/3").part(questions) for k in (1, 2, 3)]
    assert [[q.id for q in part] for part in parts] == [[0, 1, 6, 7], [2, 3], [4, 5]]


@pytest.mark.parametrize("written", ["0/3", "4/3", "1", "1/0", "a/b", "-1/3", "1/3/5", "", "1.0/2"])
def test_wrong_shards_are_refused(written):
    with pytest.raises(EvaluationRefused, match="1 <= k <= n"):
        Shard.parse(written)


@pytest.mark.parametrize(
    ("experts", "chosen"),
    [
        ("none", [()] * 5),
        ("all", [tuple(LETTERS)] * 3 + [()] + [tuple(LETTERS)]),
        ("E,D", [("D", "E")] * 3 + [()] + [("D", "E")]),
        (
            "random",
            [random_experts(1, 2), random_experts("two", 1), random_experts(3, 1), (), random_experts(5, 1)],
        ),
    ],
)
def test_the_experts_asked_for_look(experts, chosen, run, tmp_path):
    report = run(experts=experts)
    answers = read_answers(tmp_path / "answers", ExpertChoice.parse(experts).name)
    assert [answer.experts for answer in answers] == chosen
    assert report["answered"] == 5 and report["routing"] is None


def test_the_router_chooses_and_is_scored(run, tmp_path, replies):
    replies.extend(["E,D", "none", "C", "G"])
    routing = run()["routing"]
    answers = read_answers(tmp_path / "answers", "router")
    assert [answer.experts for answer in answers] == [("E", "D"), (), ("C",), (), ("G",)]
    assert (routing["questions"], routing["exact"]) == (2, 0.5)  # one without picture is not routed


def test_an_answer_says_what_it_answers(run, tmp_path, tiny_checkpoint):
    run(experts="none")
    lines = (tmp_path / "answers" / "answers-none.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    llavas, ours = ["question_id", "prompt", "text", "model_id"], ["experts", "seconds", "first_word"]
    assert list(first) == [*llavas, *ours, "image", "picture"]
    assert (first["question_id"], first["prompt"], first["model_id"]) == (1, "what?", tiny_checkpoint.name)
    assert 0 < first["first_word"] <= first["seconds"]


def test_a_killed_run_goes_on_where_it_was(run, tmp_path):
    file = tmp_path / "answers" / "answers-none.jsonl"
    whole = run(experts="none")
    before = read_answers(tmp_path / "answers", "none")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:2]) + lines[2][:25])
    again = run(experts="none")
    after = read_answers(tmp_path / "answers", "none")
    assert file.read_bytes().splitlines(keepends=True)[:2] == lines[:2]
    assert [answer.text for answer in after] == [answer.text for answer in before]
    assert again["kinds"] == whole["kinds"] and len(run.loads) == 2
    assert run(experts="none")["answered"] == 5 and len(run.loads) == 2  # nothing to ask, nothing loaded


def test_shards_together_are_the_whole(run, tmp_path):
    whole = run(experts="D", answers=tmp_path / "whole")
    counts = [run(experts="D", shard=f"{k}/2")["answered"] for k in (1, 2)]
    assert counts == [4, 5] and len(run.loads) == 3
    together = run(experts="D")
    texts = [
        {answer.question_id: answer.text for answer in read_answers(folder, "D")}
        for folder in (tmp_path / "whole", tmp_path / "answers")
    ]
    assert texts[0] == texts[1] and together["kinds"] == whole["kinds"] and len(run.loads) == 3
    names = {file.name for file in (tmp_path / "answers").iterdir()}
    assert names == {"run.json", "answers-D-1-of-2.jsonl", "answers-D-2-of-2.jsonl"}


def test_a_question_too_long_is_recorded_and_wrong(run, asked, tmp_path):
    write_lines(asked, [ASKED[0], {**ASKED[2], "text": "what? " * 3000}, {**ASKED[0], "question_id": 9}])
    report = run(experts="none")
    refused = read_answers(tmp_path / "answers", "none")[1]
    assert "too long" in refused.error and refused.text == "" and refused.seconds is None
    assert (report["answered"], report["refused"]) == (3, 1)
    assert report["kinds"]["yes_no"]["score"] == 0
    assert "1 refused and counted as wrong" in as_markdown(report)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"max_new_tokens": 4}, "max new tokens was 3 and is 4"),
        ({"precision": "bf16"}, "precision was fp32 and is bf16"),
        ({"bert_vocab": ROOT / "LICENSE"}, "the checkpoint's files were others"),
    ],
)
def test_a_folder_holds_the_answers_of_one_run(change, words, run):
    run(experts="none")
    with pytest.raises(EvaluationRefused, match=words) as refused:
        run(experts="all", **change)
    assert "Choose another --answers folder, or delete this one" in str(refused.value)
    assert len(run.loads) == 1


def test_folders_that_tell_nothing_are_refused(run, tmp_path, tiny_checkpoint):
    unknown = tmp_path / "unknown"
    unknown.mkdir()
    (unknown / "answers-none.jsonl").write_text("")
    (tmp_path / "file").write_text("")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{}")
    for folder, words in (
        (unknown, "no run.json"),
        (tmp_path / "file", "no run.json"),
        (broken, "cannot be read"),
        (tiny_checkpoint / "answers", "lies in the checkpoint's"),
    ):
        with pytest.raises(EvaluationRefused, match=words):
            run(answers=folder)
    assert run.loads == []


def test_the_answers_file_decides_the_scores(run, tmp_path):
    run(experts="none")
    file = tmp_path / "answers" / "answers-none.jsonl"
    replies = {1: "X.", "two": "", 3: "No.", 4: "", 5: "2.05"}
    by_hand = [answer(one["question_id"], replies[one["question_id"]], prompt=one["text"]) for one in ASKED]
    file.write_text("".join(line.to_line() for line in by_hand))
    kinds = run(experts="none")["kinds"]
    assert {kind: numbers["score"] for kind, numbers in kinds.items()} == {
        "exact": 1,
        "yes_no": 0,
        "relaxed": 1,
    }
    assert kinds["yes_no"]["recall"] == 0 and kinds["yes_no"]["precision"] is None


def test_the_command_prints_tables_then_json(tiny_checkpoint, images, asked, capsys):
    command = ["evaluate", "--model", tiny_checkpoint, "--questions", asked, "--images", images]
    command = [*map(str, command), "--device", "cpu", "--max-new-tokens", "3"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    for title in (
        "kind | questions | score | more",
        "category | questions",
        "tag | questions",
        "expert | expected",
    ):
        assert f"| {title}" in printed
    assert "experts: router. 5 of 5 questions answered. Routing exact: " in printed
    assert main([*command, "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert whole["model"]["name"] == tiny_checkpoint.name and whole["experts"] == "router"
    assert whole["answered"] == 5 and set(whole["kinds"]) == {"exact", "yes_no", "relaxed"}
    assert whole["first_word"]["median"] > 0 and set(whole["routing"]["experts"]) == set(LETTERS)
    folder = asked.parent / "questions-answers" / f"{tiny_checkpoint.name}-fp32"
    assert {file.name for file in folder.iterdir()} == {"run.json", "answers-router.jsonl"}


def test_a_refused_question_file_needs_no_torch(images, tmp_path):
    file = write_lines(tmp_path / "wrong.jsonl", [{"question_id": 1, "text": "what?", "kind": "bleu"}])
    command = [
        sys.executable,
        "-X",
        "importtime",
        "-m",
        "mova",
        "evaluate",
        "--questions",
        file,
        "--images",
        images,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and "line 1: the kind 'bleu' is unknown" in done.stderr
    assert " torch\n" not in done.stderr and done.stdout == ""
