"""`python -m mova evaluate`: replies are kept whatever else changes; a bad picture costs its own question."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from mova.__main__ import main
from mova.errors import EvaluationRefused
from mova.evaluation.answers import read_answers
from mova.evaluation.score_table import as_markdown
from mova.images import read_image
from tests.evaluating import draw_pictures, evaluating, write_lines
from tests.image_files import profile_of

CASES = Path(__file__).parent / "cases"
LINES = [
    {"question_id": 1, "image": "a.png", "text": "what?", "answer": "x", "kind": "exact"},
    {"question_id": 2, "image": "sub/b.png", "text": "where?", "answer": "x", "kind": "exact"},
    {"question_id": 3, "text": "who?", "answer": "x", "kind": "exact"},
]


@pytest.fixture
def images(tmp_path):
    """The folder of pictures that `LINES` is about; a test may change it."""
    (tmp_path / "images").mkdir()
    return draw_pictures(tmp_path / "images")


@pytest.fixture
def asked(tmp_path):
    """The questions file of `LINES`."""
    return write_lines(tmp_path / "questions.jsonl", LINES)


@pytest.fixture
def folder(tmp_path):
    """Where the answers are kept."""
    return tmp_path / "answers"


@pytest.fixture
def run(tiny_loaded, tiny_checkpoint, images, asked, folder, monkeypatch):
    """Evaluates `asked` without experts on the tiny checkpoint, loaded once."""
    fixed = {"checkpoint": tiny_checkpoint, "answers": folder, "experts": "none"}
    return evaluating(asked, images, tiny_loaded, monkeypatch, **fixed)


def kept_lines(folder) -> list[str]:
    return (folder / "answers-none.jsonl").read_text().splitlines()


def test_a_corrected_answer_is_scored_without_asking_again(run, asked, folder):
    assert run()["kinds"]["exact"]["score"] == 0
    replies = [answer.text for answer in read_answers(folder, "none")]
    corrected = [{**line, "answer": reply or "none"} for line, reply in zip(LINES, replies, strict=True)]
    write_lines(asked, corrected)
    assert run()["kinds"]["exact"]["score"] == sum(map(bool, replies)) / 3 and len(run.loads) == 1
    # Nor does anything else count that the model is not told.
    changed = [{**line, "question_id": f"new {i}", "category": "x"} for i, line in enumerate(corrected)]
    write_lines(asked, [{**line, "kind": "anls"} for line in reversed(changed)])
    report = run()
    assert report["answered"] == 3 and set(report["kinds"]) == {"anls"} and len(run.loads) == 1


def test_only_what_is_new_is_asked(run, asked, folder):
    run()
    before = kept_lines(folder)
    write_lines(asked, [{**LINES[0], "text": "why?"}, *LINES[1:]])
    assert run()["answered"] == 3
    assert kept_lines(folder)[:3] == before and len(kept_lines(folder)) == 4
    assert json.loads(kept_lines(folder)[3])["prompt"] == "why?"


def test_another_picture_under_the_same_name_is_asked_about_and_a_renamed_one_is_not(
    run, asked, images, folder
):
    run()
    shutil.move(images / "a.png", images / "c.png")
    write_lines(asked, [{**LINES[0], "image": "c.png"}, *LINES[1:]])
    assert run()["answered"] == 3 and len(run.loads) == 1
    Image.new("RGB", (9, 9), "red").save(images / "c.png")
    assert run()["answered"] == 3 and len(run.loads) == 2 and len(kept_lines(folder)) == 4


def test_experts_drawn_anew_are_asked(run, asked):
    write_lines(asked, [{**LINES[0], "experts": ["A"]}])
    run(experts="random")
    run(experts="random")
    assert len(run.loads) == 1
    write_lines(asked, [{**LINES[0], "experts": ["A", "B"]}])
    assert run(experts="random")["answered"] == 1 and len(run.loads) == 2


def test_questions_that_share_an_id_are_all_asked(run, asked, folder, images):
    shutil.copy(CASES / "llava_textvqa_style.jsonl", asked)
    assert run()["answered"] == 2
    prompts = [json.loads(line)["prompt"].partition("\n")[0] for line in kept_lines(folder)]
    assert prompts == ["What is the title?", "Which bar is the tallest?"]
    assert run()["answered"] == 2 and len(run.loads) == 1


def test_the_same_question_about_the_same_picture_is_asked_once_and_kept_for_each(
    run, asked, folder, monkeypatch
):
    asked_of_engine = []

    def answer(engine, question, *arguments, **options):
        asked_of_engine.append(question)
        return original(engine, question, *arguments, **options)

    from mova.engine import Engine

    original = Engine.answer
    monkeypatch.setattr(Engine, "answer", answer)
    names = ("random", "popular", "adversarial")
    write_lines(asked, [{**LINES[0], "question_id": i, "category": c} for i, c in enumerate(names)])
    assert run()["answered"] == 3 and asked_of_engine == ["what?"]
    kept = [json.loads(line) for line in kept_lines(folder)]
    assert [line["question_id"] for line in kept] == [0, 1, 2] and len({line["text"] for line in kept}) == 1


def test_a_missing_picture_costs_its_question_until_it_is_there(run, images, folder):
    shutil.move(images / "a.png", images / "moved.png")
    report = run()
    assert (report["answered"], report["refused"]) == (3, 1)
    assert report["not_asked"] == [{"question_id": 1, "error": f"There is no picture 'a.png' in {images}."}]
    assert report["kinds"]["exact"]["questions"] == 3
    assert "1 refused and counted as wrong" in as_markdown(report)
    assert run()["refused"] == 1 and len(run.loads) == 1 and len(kept_lines(folder)) == 3
    shutil.move(images / "moved.png", images / "a.png")
    report = run()
    assert (report["answered"], report["refused"]) == (3, 0) and len(run.loads) == 2
    shutil.move(images / "a.png", images / "moved.png")
    assert run()["refused"] == 0 and len(run.loads) == 2  # what was answered stays so


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\nnothing", b"", b"GIF89a", b"text"])
def test_a_damaged_picture_costs_its_question_until_it_is_whole(data, run, images, folder):
    whole = (images / "a.png").read_bytes()
    (images / "a.png").write_bytes(data)
    report = run()
    assert (report["answered"], report["refused"]) == (3, 1)
    assert "'a.png' cannot be shown" in report["not_asked"][0]["error"]
    assert run()["refused"] == 1 and len(run.loads) == 1 and len(kept_lines(folder)) == 3
    (images / "a.png").write_bytes(whole)
    report = run()
    assert (report["answered"], report["refused"]) == (3, 0) and len(run.loads) == 2


def test_a_picture_that_may_not_be_read_costs_its_question(run, images, monkeypatch):
    def read(source):
        if getattr(source, "name", "") == "a.png":
            raise PermissionError("Permission denied")
        return read_image(source)

    monkeypatch.setattr("mova.evaluation.evaluate.read_image", read)
    report = run()
    assert (report["answered"], report["refused"]) == (3, 1)
    assert report["not_asked"][0]["error"].endswith("cannot be shown. Permission denied")


def test_where_no_picture_can_be_shown_nothing_is_loaded(run, asked, images):
    (images / "a.png").write_bytes(b"nothing")
    write_lines(asked, LINES[:1])
    assert run()["refused"] == 1 and run.loads == []


def test_what_was_converted_to_srgb_is_said_of_each_answer_and_counted(run, asked, images, folder):
    profile = profile_of("tagged_Display_P3.png")
    for name in ("wide.png", "wide2.png"):
        Image.new("RGB", (8, 8), (90, 9, len(name))).save(images / name, icc_profile=profile)
    asked_of = ["wide.png", "a.png", "wide.png", "wide2.png"]
    lines = [{**LINES[0], "question_id": i, "image": n, "text": f"what {i}?"} for i, n in enumerate(asked_of)]
    write_lines(asked, [*lines, LINES[2]])
    report = run()
    kept = [json.loads(line).get("converted_from") for line in kept_lines(folder)]
    space = read_image(images / "wide.png").converted_from
    assert kept == [space, None, space, space, None]
    assert all("converted_from" not in json.loads(kept_lines(folder)[i]) for i in (1, 4))
    assert report["converted"] == {"pictures": 2, "from": {space: 2}}
    assert f"Pictures converted to sRGB: 2 (from {space})." in as_markdown(report)
    assert run() == report and len(run.loads) == 1
    write_lines(asked, [lines[1], LINES[2]])
    report = run()
    assert report["converted"] == {"pictures": 0, "from": {}} and "converted" not in as_markdown(report)


def test_a_folder_of_an_earlier_version_goes_on(run, asked, folder):
    run()
    made = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**made, "questions": "0" * 64}))
    lines = [json.loads(line) for line in kept_lines(folder)]
    old = [{n: v for n, v in line.items() if n not in ("image", "picture")} for line in lines]
    write_lines(folder / "answers-none.jsonl", old[:2])
    write_lines(asked, [{**line, "answer": "y"} for line in LINES])
    assert run()["answered"] == 3 and len(run.loads) == 2
    assert [json.loads(line).get("image") for line in kept_lines(folder)] == [None, None, ""]


def test_scores_alone_need_no_model_and_no_pictures(run, images, folder, monkeypatch):
    whole = run()
    shutil.rmtree(images)
    monkeypatch.setattr("mova.checkpoint.files.describe_checkpoint", None)
    from mova.evaluation.evaluate import evaluate

    asked = folder.parent / "questions.jsonl"
    alone = evaluate(asked, None, answers=folder, experts="none", score_only=True)
    assert alone == whole and len(run.loads) == 1


def test_scores_alone_take_the_one_folder_beside_the_questions(run, asked, tmp_path):
    place = tmp_path / "questions-answers"
    with pytest.raises(EvaluationRefused, match="and there is none. Name it with --answers"):
        run(answers=None, score_only=True)
    run(answers=place / "one-fp32")
    assert run(answers=None, score_only=True)["answered"] == 3
    run(answers=place / "two-fp32")
    with pytest.raises(EvaluationRefused, match="there are one-fp32, two-fp32. Name it with --answers"):
        run(answers=None, score_only=True)
    with pytest.raises(EvaluationRefused, match="holds no answer with the experts all. Name others"):
        run(answers=place / "one-fp32", experts="all", score_only=True)
    with pytest.raises(EvaluationRefused, match="There are no answers in"):
        run(answers=tmp_path / "absent", score_only=True)


def test_the_command_says_what_it_cannot_ask_and_ends_with_status_three(
    tiny_checkpoint, images, asked, tmp_path, capsys, caplog
):
    command = ["evaluate", "--model", tiny_checkpoint, "--questions", asked, "--device", "cpu"]
    command = [*map(str, command), "--max-new-tokens", "3", "--experts", "none"]
    assert main(command) == 2
    assert "names picture files, and no folder of pictures is given" in capsys.readouterr().err
    (images / "a.png").unlink()
    command += ["--images", str(images)]
    assert main(command) == 3
    assert "line 1: no such picture" in caplog.text and "Question 1 cannot be asked" in caplog.text
    printed = capsys.readouterr().out
    assert "3 of 3 questions answered, 1 refused and counted as wrong" in printed
    assert "| not asked (1) | why |" in printed
    assert main([*command, "--score-only", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["not_asked"][0]["question_id"] == 1


def test_a_benchmarks_files_go_through_the_command(tiny_checkpoint, images, tmp_path, capsys):
    texts = ("Is there a bus in the image?", "Is there a dog in the image?")
    names = ("random", "popular")
    rows = [
        {"question_id": i, "image": "a.png", "text": f"{text}\nAnswer shortly.", "category": name}
        for name in names
        for i, text in enumerate(texts)
    ]
    for name in names:
        labels = [{"image": "a.png", "text": text, "label": "yes"} for text in texts]
        write_lines(tmp_path / f"coco_pope_{name}.json", labels)
    file = write_lines(tmp_path / "llava_pope_test.jsonl", rows)
    command = ["evaluate", "--model", tiny_checkpoint, "--questions", file, "--images", images]
    command = [*map(str, command), "--device", "cpu", "--max-new-tokens", "3", "--experts", "none"]
    assert main([*command, "--annotations", str(tmp_path), "--json"]) == 0
    kinds = json.loads(capsys.readouterr().out)["kinds"]
    assert kinds["yes_no"]["questions"] == 4
    assert set(kinds["yes_no"]["categories"]) == set(names)
    assert main([*command, "--annotations", str(tmp_path / "llava_pope_test.jsonl")]) == 2
    assert "of no form that is known" in capsys.readouterr().err
