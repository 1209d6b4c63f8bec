"""Benchmarks' own files, in the forms that LLaVA and their authors ship, made small."""

import csv
import json
import shutil
from base64 import b64encode
from pathlib import Path

import pytest
from PIL import Image

from mova.errors import EvaluationRefused
from mova.evaluation.benchmarks.people import asked_in
from mova.evaluation.questions import read_questions
from mova.evaluation.rules.target import Choice
from tests.evaluating import write_lines

CASES = Path(__file__).parent / "cases"
SHORT = "Answer the question using a single word or phrase."
LETTER = "Answer with the option's letter from the given choices directly."
TEN = [f"{word}" for word in ("nike",) * 9 + ("swoosh",)]


@pytest.fixture
def images(tmp_path):
    """A folder of pictures with a.png in it."""
    (tmp_path / "p").mkdir()
    Image.new("RGB", (640, 480)).save(tmp_path / "p" / "a.png")
    return tmp_path / "p"


def write_json(file: Path, value) -> Path:
    """A file of one JSON value."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value, indent=2))
    return file


def write_table(file: Path, rows: list[dict]) -> Path:
    """A table as MMBench ships them; a row's missing values are empty."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        columns = dict.fromkeys(column for row in rows for column in row)
        table = csv.DictWriter(stream, list(columns), delimiter="\t", restval="")
        table.writeheader()
        table.writerows(rows)
    return file


def line(number, text, **fields) -> dict:
    """A line of LLaVA's about a.png."""
    return {"question_id": number, "image": "a.png", "text": text, **fields}


@pytest.mark.parametrize("name", ["llava_textvqa_style.jsonl", "llava_mme_style.jsonl"])
def test_llavas_files_that_give_a_pictures_questions_one_id_are_read(name, images):
    first, second = read_questions(CASES / name, images)
    assert first.id == second.id and first.text != second.text


def test_textvqas_annotations_are_found_by_picture_and_question(images, tmp_path):
    data = [
        {"question_id": 7, "image_id": "a", "question": "what is the title?", "answers": TEN},
        {
            "question_id": 8,
            "image_id": "a",
            "question": "Which bar is the tallest?",
            "answers": ["cars"] * 10,
        },
        {"question_id": 9, "image_id": "b", "question": "What is the title?", "answers": ["boats"] * 10},
    ]
    expected = write_json(tmp_path / "TextVQA_0.5.1_val.json", {"dataset_type": "val", "data": data})
    first, second = read_questions(CASES / "llava_textvqa_style.jsonl", images, expected)
    assert (first.kind, first.target) == ("textvqa", tuple(TEN))
    assert (second.kind, second.target) == ("textvqa", ("cars",) * 10)
    assert read_questions(CASES / "llava_textvqa_style.jsonl", images, expected, "vqa")[0].kind == "vqa"


@pytest.mark.parametrize(
    "prompt",
    [
        f"What?\n{SHORT}", f"What?\nReference OCR token: a, b\n{SHORT}",
        f"Reference OCR token: a, b\nWhat?\n{SHORT}", "OCR tokens: a. Question: What? Short answer:", "What?",
    ],
)  # fmt: skip
def test_a_textvqa_prompt_holds_its_question(prompt):
    assert asked_in(prompt) == "What?"


@pytest.mark.parametrize("apart", [True, False])
def test_mmes_answers_are_found_in_its_folder(apart, images, tmp_path):
    folder = tmp_path / "MME" / "color"
    file = folder / "questions_answers_YN" / "a.txt" if apart else folder / "a.txt"
    file.parent.mkdir(parents=True)
    file.write_text(
        "Is there a red bar in the picture?  Please answer yes or no.\tYes\n"
        "Is there a pink bar in the picture? Please answer yes or no.\tNo\n"
    )
    questions = read_questions(CASES / "llava_mme_style.jsonl", images, tmp_path / "MME")
    assert [(q.kind, q.target, q.category) for q in questions] == [
        ("mme", ("yes",), "color"),
        ("mme", ("no",), "color"),
    ]
    asked = {**line("color/images/a.png", f"Is there a pink bar in the picture?\n{SHORT}")}
    (question,) = read_questions(write_lines(tmp_path / "q.jsonl", [asked]), images, tmp_path / "MME")
    assert (question.target, question.category) == (("no",), "color")


@pytest.fixture
def pope(tmp_path):
    """A folder of POPE's label files for two categories, which ask the same about one thing."""
    folder = tmp_path / "coco"
    folder.mkdir()
    labels = {"random": ("dog", "yes"), "popular": ("cat", "no")}
    for category, (thing, label) in labels.items():
        rows = [
            {"question_id": 1, "image": "a.png", "text": "Is there a bus in the image?", "label": "yes"},
            {"question_id": 2, "image": "a.png", "text": f"Is there a {thing} in the image?", "label": label},
        ]
        write_lines(folder / f"coco_pope_{category}.json", rows)
    return folder


def test_popes_labels_are_found_by_category_picture_and_question(pope, images, tmp_path, caplog):
    rows = [
        line(1, f"Is there a bus in the image?\n{SHORT}", category="random"),
        line(2, f"Is there a dog in the image?\n{SHORT}", category="random"),
        line(2, f"Is there a cat in the image?\n{SHORT}", category="popular"),
        line(3, f"Is there a cat in the image?\n{SHORT}", category="random"),
    ]
    questions = read_questions(write_lines(tmp_path / "pope.jsonl", rows), images, pope)
    assert [q.target for q in questions] == [("yes",), ("yes",), ("no",), None]
    assert {q.kind for q in questions[:3]} == {"yes_no"}
    assert "line 4: no expected answer in" in caplog.text
    one = read_questions(tmp_path / "pope.jsonl", images, pope / "coco_pope_random.json")
    assert [q.target for q in one] == [("yes",), ("yes",), None, None]


def test_popes_label_file_is_a_question_file_too(pope, images):
    questions = read_questions(pope / "coco_pope_random.json", images)
    assert [(q.kind, q.target) for q in questions] == [("yes_no", ("yes",))] * 2
    (labelled,) = read_questions(CASES / "pope_label_field.jsonl", images)
    assert (labelled.target, labelled.category) == (("yes",), "popular")


def test_gqas_questions_are_what_is_expected_of_llavas(images, tmp_path):
    gqa = {
        "201": {"imageId": "n1", "answer": "no", "question": "Is it?", "types": {"structural": "verify"}},
        "202": {"imageId": "n1", "answer": "left", "question": "Where?", "types": {"structural": "query"}},
    }
    expected = write_json(tmp_path / "testdev_balanced_questions.json", gqa)
    rows = [line(number, f"?\n{SHORT}", category="default") for number in ("201", "202")]
    questions = read_questions(write_lines(tmp_path / "gqa.jsonl", rows), images, expected)
    assert [(q.kind, q.target, q.tags) for q in questions] == [
        ("gqa", ("no",), ("binary",)),
        ("gqa", ("left",), ("open",)),
    ]


def test_vqav2s_and_docvqas_answers_are_found_by_number(images, tmp_path):
    file = write_lines(tmp_path / "q.jsonl", [line(458, "?")])
    people = [{"answer": word, "answer_id": i} for i, word in enumerate(TEN)]
    vqav2 = write_json(tmp_path / "vqav2.json", {"annotations": [{"question_id": 458, "answers": people}]})
    assert [(q.kind, q.target) for q in read_questions(file, images, vqav2)] == [("vqa", tuple(TEN))]
    docvqa = write_json(tmp_path / "val.json", {"data": [{"questionId": 458, "answers": ["1", "one"]}]})
    assert [(q.kind, q.target) for q in read_questions(file, images, docvqa)] == [("anls", ("1", "one"))]


SCIENCE = [
    {
        "id": "5",
        "image": "a.png",
        "conversations": [
            {"from": "human", "value": "<image>\nContext: A test.\nWhich?\nA. cup\nB. tea"},
            {"from": "gpt", "value": "B"},
        ],
    },
    {
        "id": "6",
        "conversations": [
            {"from": "human", "value": "Where?\nA. here\nB. there\n<image>"},
            {"from": "gpt", "value": "The answer is A."},
        ],
    },
]


def test_llavas_file_for_scienceqa_is_read_with_its_own_prompt(images, tmp_path):
    file = write_json(tmp_path / "llava_test_CQM-A.json", SCIENCE)
    first, second = read_questions(file, images)
    assert (first.id, first.image, first.kind, first.target) == ("5", images / "a.png", "choice", ("B",))
    assert first.text == f"Context: A test.\nWhich?\nA. cup\nB. tea\n{LETTER}"
    assert (second.id, second.image, second.target) == ("6", None, ("A",))
    assert second.text == f"Where?\nA. here\nB. there\n{LETTER}"


@pytest.mark.parametrize("place", ["problems.json", ""])
def test_scienceqas_problems_decide_what_is_expected(place, images, tmp_path):
    problems = {
        "5": {"choices": ["cup", "tea"], "answer": 0},
        "6": {"choices": ["here", "there"], "answer": 1},
    }
    write_json(tmp_path / "scienceqa" / "problems.json", problems)
    write_json(tmp_path / "scienceqa" / "pid_splits.json", {"test": ["5", "6"]})
    file = write_json(tmp_path / "llava_test_CQM-A.json", SCIENCE)
    questions = read_questions(file, images, tmp_path / "scienceqa" / place)
    assert [(q.kind, q.target) for q in questions] == [("choice", ("A",)), ("choice", ("B",))]


def picture(colour: str, tmp_path) -> str:
    """A picture as MMBench's table holds it."""
    Image.new("RGB", (8, 8), colour).save(tmp_path / "picture.png")
    return b64encode((tmp_path / "picture.png").read_bytes()).decode()


def test_mmbenchs_table_is_read_with_its_pictures(tmp_path):
    red = picture("red", tmp_path)
    base = {
        "index": 7,
        "hint": 'It says "tea"\nand more.',
        "question": "What?",
        "A": "cup",
        "B": "tea",
        "C": "1",
    }
    rows = [
        {**base, "answer": "B", "image": red, "category": "ocr", "l2-category": "perception"},
        {**base, "index": 1_000_007, "A": "tea", "B": "nan", "hint": "nan", "answer": "A", "image": "7"},
        {
            "index": "8.0",
            "question": "Which?",
            "A": "x",
            "B": "y",
            "C": "None",
            "D": "",
            "image": "!",
            "answer": "A",
        },
    ]
    first, rotated, broken = read_questions(write_table(tmp_path / "mmbench.tsv", rows), None)
    asked = 'It says "tea"\nand more.\nWhat?\nA. cup\nB. tea\nC. 1\n'
    assert (first.id, first.text) == (7, asked + LETTER)
    assert (first.kind, first.target) == ("mmbench", Choice("B", ("cup", "tea", "1")))
    assert (first.category, first.tags) == ("ocr", ("perception",))
    assert rotated.image == first.image and first.image.startswith(b"\x89PNG")
    assert (rotated.text, rotated.target) == (f"What?\nA. tea\n{LETTER}", Choice("A", ("tea",)))
    assert broken.image == b"" and broken.target == Choice("A", ("x", "y"))
    assert broken.id == 8 and first.image_name != broken.image_name


def test_a_table_in_chinese_asks_for_the_letter_in_chinese(tmp_path):
    rows = [
        {"index": i, "question": text, "A": "x", "B": "y"}
        for i, text in enumerate(("什么?", "哪个?", "What?"))
    ]
    questions = read_questions(write_table(tmp_path / "cn.tsv", rows), None)
    assert all(q.text.endswith("\n请直接回答选项字母。") for q in questions)
    assert [q.target for q in questions] == [None] * 3  # a test split holds no answers


def test_a_table_without_options_needs_a_kind(tmp_path):
    row = {"index": 1, "question": "What?", "answer": "12"}
    file = write_table(tmp_path / "open.tsv", [row])
    (question,) = read_questions(file, None, kind="relaxed")
    assert (question.text, question.target, question.image) == ("What?", ("12",), None)
    with pytest.raises(EvaluationRefused, match="line 2: there is an answer and no `kind`"):
        read_questions(file, None)


def test_a_damaged_table_is_refused_with_its_line(tmp_path, monkeypatch):
    file = tmp_path / "odd.tsv"
    file.write_text("index\tquestion\tA\n1\tWhat?\tx\n2\tWhat?\tx\ty\n")
    with pytest.raises(EvaluationRefused, match="line 3: the row has more values"):
        read_questions(file, None)
    monkeypatch.setattr("mova.evaluation.benchmarks.mmbench.MAX_BYTES", 10)
    file.write_text("index\tquestion\n1\t" + "x" * 100)
    with pytest.raises(EvaluationRefused, match="cannot be read from here on"):
        read_questions(file, None)


def test_ai2ds_lines_of_movas_own_are_read_with_a_kind(images, tmp_path):
    row = {
        "image": "a.png",
        "question": f"What?\nA. x\nB. y\n{LETTER}",
        "question_id": "70.png-1",
        "answer": "B",
    }
    (question,) = read_questions(write_lines(tmp_path / "q.jsonl", [row]), images, kind="ai2d")
    assert question.target == Choice("B", ("x", "y"))


def test_annotations_of_another_benchmark_are_refused(images, tmp_path):
    file = write_lines(tmp_path / "q.jsonl", [line(1, "?")])
    other = write_json(tmp_path / "gqa.json", {"2": {"imageId": "n1", "answer": "no"}})
    with pytest.raises(EvaluationRefused, match="expected answer of no question .* has `question_id` 1"):
        read_questions(file, images, other)
    for name, value in (("list", [1]), ("splits", {"test": ["1"]}), ("data", {"data": [{"x": 1}]})):
        with pytest.raises(EvaluationRefused, match="of no form that is known. Expected the JSON of TextVQA"):
            read_questions(file, images, write_json(tmp_path / f"{name}.json", value))
    (tmp_path / "empty").mkdir()
    for path, words in (("empty", "no form"), ("absent.json", "is missing"), ("p/a.png", "not UTF-8")):
        with pytest.raises(EvaluationRefused, match=words):
            read_questions(file, images, tmp_path / path)


def test_annotations_given_as_questions_are_told_apart(images, tmp_path):
    file = write_json(tmp_path / "problems.json", {"1": {"choices": ["x"], "answer": 0}})
    with pytest.raises(EvaluationRefused, match="is one JSON object. Expected one a line, .*--annotations"):
        read_questions(file, images)
    for text, words in (("[1]", "entry 1: this is JSON, but no object"), ("[{]", "begins as a JSON list")):
        file.write_text(text)
        with pytest.raises(EvaluationRefused, match=words):
            read_questions(file, images)


def test_a_box_outside_its_picture_is_refused_with_its_line(images):
    with pytest.raises(EvaluationRefused, match="line 2: .* outside its picture, which has 640 x 480 pixels"):
        read_questions(CASES / "box_outside_picture.jsonl", images)


def test_labels_that_contradict_their_kind_are_refused(pope, images, tmp_path):
    shutil.copy(pope / "coco_pope_random.json", tmp_path / "labels.json")
    text = (tmp_path / "labels.json").read_text().replace('"yes"', '"perhaps"')
    (tmp_path / "labels.json").write_text(text)
    file = write_lines(tmp_path / "q.jsonl", [line(1, "Is there a bus in the image?")])
    with pytest.raises(EvaluationRefused, match='line 1: `answer` is "perhaps" for the kind yes_no'):
        read_questions(file, images, tmp_path / "labels.json")
