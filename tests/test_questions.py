"""Question files: what their fields mean, and which line is refused why."""

import pytest

from mova.errors import EvaluationRefused
from mova.evaluation.questions import Question, read_questions
from tests.evaluating import ASKED, draw_pictures, write_lines


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """The folder of pictures that `ASKED` is about."""
    return draw_pictures(tmp_path_factory.mktemp("images"))


def one_line(tmp_path, images, **fields) -> Question:
    """The question of a file with this line alone."""
    line = {"question_id": 1, "text": "what?", **fields}
    return read_questions(write_lines(tmp_path / "one.jsonl", [line]), images)[0]


def test_fields_of_a_question(tmp_path, images):
    asked = write_lines(tmp_path / "questions.jsonl", ASKED)
    first, second, third, fourth, fifth = read_questions(asked, images)
    assert first == Question(1, "what?", images / "a.png", "exact", ("x",), experts=("E", "D"))
    assert (second.target, second.tags, second.category) == (None, ("new",), "places")
    assert (third.target, third.experts) == (("yes",), ())
    assert fourth.image is None and fifth.target == ("1", "2")


def test_blank_lines_a_byte_order_mark_and_other_fields_are_left_alone(tmp_path, images):
    file = tmp_path / "windows.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"question_id": 1, "text": "a\xe2\x80\xa8b", "source": "x"}\r\n\r\n')
    assert read_questions(file, images) == (Question(1, "a\u2028b"),)


def test_small_boxes_are_normalised_and_large_ones_pixels(tmp_path, images):
    box = {"kind": "box", "image": "a.png"}
    assert one_line(tmp_path, images, **box, answer=[0, 0, 1, 0.5]).target == (0, 0, 1, 0.5)
    assert one_line(tmp_path, images, **box, answer=[0, 0, 40, 30]).target == (0, 5 / 40, 1, 35 / 40)
    turned = {"kind": "box", "image": "turned.jpg"}
    assert one_line(tmp_path, images, **turned, answer=[0, 0, 30, 40]).target == (5 / 40, 0, 35 / 40, 1)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "bleu"}, "'bleu' is unknown. Expected one of exact, vqa"),
        ({"kind": ["exact"]}, "is unknown"),
        ({"question_id": None}, "`question_id` is missing"),
        ({"question_id": True}, "`question_id` is true"),
        ({"question_id": 1.5}, "`question_id` is 1.5"),
        ({"text": " "}, "`text` is \" \""),
        ({"text": None}, "`text` is missing"),
        ({"image": 3}, "`image` is 3"),
        ({"image": "absent.png"}, "no picture 'absent.png'"),
        ({"image": "sub"}, "no picture 'sub'"),
        ({"image": "."}, "no picture"),
        ({"image": "a\0.png"}, "no picture"),
        ({"image": "../images/a.png"}, "leads out of"),
        ({"image": "sub/../../x.png"}, "leads out of"),
        ({"image": "sub\\..\\x.png"}, "leads out of"),
        ({"image": "/etc/a.png"}, "leads out of"),
        ({"image": "C:\\a.png"}, "leads out of"),
        ({"category": 3}, "`category` is 3"),
        ({"tags": "new"}, "`tags` is \"new\""),
        ({"tags": [1]}, "`tags` is [1]"),
        ({"experts": "E,D"}, "`experts` is \"E,D\""),
        ({"experts": ["H"]}, "no expert 'H'"),
        ({"experts": ["A", "A"]}, "twice"),
        ({"experts": ["A", "B", "C", "D"]}, "at most 3"),
        ({"answer": "x"}, "no `kind`"),
        ({"answer": "x", "answers": ["x"], "kind": "exact"}, "both"),
        ({"answer": "", "kind": "exact"}, "`answer` is \"\""),
        ({"answer": True, "kind": "exact"}, "`answer` is true"),
        ({"answer": [1, 2, 3, 4], "kind": "exact"}, "`answer` is [1, 2, 3, 4]"),
        ({"answers": [], "kind": "anls"}, "`answers` is []"),
        ({"answers": [None], "kind": "anls"}, "`answers` is [null]"),
        ({"answers": "x", "kind": "anls"}, "`answers` is \"x\""),
        ({"answers": ["x", "y", "z"], "kind": "vqa"}, "no reply could score 1"),
        ({"answers": ["yes", "no"], "kind": "yes_no"}, "one `answer`"),
        ({"answers": ["x", "y", "z"], "kind": "textvqa"}, "no reply could score 1"),
        ({"answer": "maybe", "kind": "mme"}, "yes or no"),
        ({"label": "maybe", "kind": "yes_no"}, "yes or no"),
        ({"answer": "B", "kind": "mmbench"}, "`answer` is B, and there are 0 options"),
        ({"answer": "C", "kind": "ai2d", "options": ["x", "y"]}, "there are 2 options"),
        ({"answer": "A", "kind": "ai2d", "options": {"B": "x"}}, "`options` is {"),
        ({"answer": "A", "kind": "ai2d", "options": "xy"}, "`options` is \"xy\""),
        ({"answer": "A", "kind": "ai2d", "options": ["x"] * 27}, "`options` is ["),
        ({"conversations": []}, "begins with no question"),
        ({"answer": "maybe", "kind": "yes_no"}, "yes or no"),
        ({"answer": "a", "kind": "choice"}, "one capital letter"),
        ({"answer": [0, 0, 1], "kind": "box", "image": "a.png"}, "x1 < x2"),
        ({"answer": [0, 0, 0, 1], "kind": "box", "image": "a.png"}, "x1 < x2"),
        ({"answer": [-1, 0, 5, 5], "kind": "box", "image": "a.png"}, "outside its picture"),
        ({"answer": [-0.1, 0, 0.5, 0.5], "kind": "box", "image": "a.png"}, "outside its picture"),
        ({"answer": [0, 0, 41, 5], "kind": "box", "image": "a.png"}, "which has 40 x 30 pixels"),
        ({"answer": [0, 0, 31, 5], "kind": "box", "image": "turned.jpg"}, "which has 30 x 40 pixels"),
        ({"answer": ["0", 0, 5, 5], "kind": "box", "image": "a.png"}, "x1 < x2"),
        ({"answer": [0, 0, 1, 1], "kind": "box"}, "about a picture"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused_with_its_line(fields, words, tmp_path, images):
    lines = [{"question_id": "first", "text": "what?"}, {"question_id": 1, "text": "what?", **fields}]
    file = write_lines(tmp_path / "wrong.jsonl", lines)
    with pytest.raises(EvaluationRefused) as refused:
        read_questions(file, images)
    assert f"{file}, line 2: " in str(refused.value) and words in str(refused.value)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("{]\n", "not JSON"),
        ('{"question_id": NaN, "text": "what?"}\n', "NaN is no JSON number"),
        ('{"question_id": 2, "text": "\\ud800"}\n', "half a character"),
        ('["what?"]\n', "no object"),
        ("[" * 100_000 + "\n", "not JSON"),
    ],
)
def test_a_line_that_is_no_question_is_refused(second, words, tmp_path, images):
    file = write_lines(tmp_path / "wrong.jsonl", [{"question_id": 1, "text": "what?"}, second])
    with pytest.raises(EvaluationRefused, match=f"line 2: .*{words}"):
        read_questions(file, images)


def test_files_and_folders_that_cannot_be_read_are_refused(tmp_path, images):
    empty = write_lines(tmp_path / "empty.jsonl", ["\n"])
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes(b'{"question_id": 1, "text": "a"}\n{"question_id": 2, "text": "\xe9"}\n')
    for file, folder, words in (
        (empty, images, "holds no questions"),
        (tmp_path / "absent.jsonl", images, "is missing"),
        (latin, images, "line 2: not UTF-8"),
        (empty, tmp_path / "absent", "no folder"),
    ):
        with pytest.raises(EvaluationRefused, match=words):
            read_questions(file, folder)
