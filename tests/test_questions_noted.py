"""Question files: what is read beside LLaVA's own fields, and what is pointed out before anyone is asked."""

import pytest

from mova.errors import EvaluationRefused
from mova.evaluation.questions import Question, read_questions
from tests.evaluating import draw_pictures, write_lines


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A folder with a.png, 40 x 30 pixels, and sub/b.png."""
    return draw_pictures(tmp_path_factory.mktemp("images"))


def read(tmp_path, images, *lines, **options) -> tuple[Question, ...]:
    """The questions of a file with these lines."""
    return read_questions(write_lines(tmp_path / "lines.jsonl", list(lines)), images, **options)


def noted(caplog) -> list[str]:
    """What was pointed out, the file's path taken off."""
    return [record.getMessage().partition("lines.jsonl, ")[2] for record in caplog.records]


def test_questions_may_share_an_id_and_say_question_for_text(tmp_path, images):
    first, second = read(
        tmp_path,
        images,
        {"question_id": -1, "question": "what?", "answer": ["x", "y"], "kind": "anls"},
        {"question_id": -1, "text": "why?", "answers": ["yes"], "kind": "yes_no"},
    )
    assert (first.id, first.text, first.target) == (-1, "what?", ("x", "y"))
    assert (second.id, second.text, second.target) == (-1, "why?", ("yes",))


def test_a_kind_for_all_is_for_lines_that_name_none(tmp_path, images):
    lines = [
        {"question_id": 1, "text": "what?", "answer": "x"},
        {"question_id": 2, "text": "what?", "answer": "x", "kind": "exact"},
        {"question_id": 3, "text": "what?", "answer": "yes", "kind": "mme"},
    ]
    assert [q.kind for q in read(tmp_path, images, *lines, kind="anls")] == ["anls", "exact", "mme"]
    with pytest.raises(EvaluationRefused, match="line 1: there is an answer and no `kind`.*or as --kind"):
        read(tmp_path, images, *lines)
    with pytest.raises(EvaluationRefused, match="The kind 'bleu' is unknown"):
        read(tmp_path, images, *lines, kind="bleu")


def test_popes_label_is_what_is_expected(tmp_path, images):
    pope = {"question_id": 1, "text": "Is there a dog?", "label": "no"}
    assert [(q.kind, q.target) for q in read(tmp_path, images, pope)] == [("yes_no", ("no",))]
    assert read(tmp_path, images, {**pope, "kind": "mme"})[0].target == ("no",)
    assert read(tmp_path, images, {**pope, "answer": "yes", "kind": "yes_no"})[0].target == ("yes",)
    # Elsewhere a label is one of the other fields.
    other = {"question_id": 1, "text": "what?", "label": "easy", "answer": "x", "kind": "exact"}
    assert read(tmp_path, images, other, {**other, "label": "yes"})[1].target == ("x",)


def test_a_kind_with_nothing_to_score_against_is_pointed_out(tmp_path, images, caplog):
    line = {"question_id": 1, "text": "what?", "kind": "exact"}
    scored = {**line, "answer": "x"}
    questions = read(tmp_path, images, scored, line, line, scored, line, line, line)
    assert [question.target for question in questions].count(None) == 5
    (said,) = noted(caplog)
    assert said.startswith("line 2, line 3, line 5 and 2 more: a `kind` and no `answer`")


def test_a_file_that_says_nothing_of_what_is_expected_is_pointed_out(tmp_path, images, caplog):
    read(tmp_path, images, {"question_id": 1, "text": "what?"})
    assert "--annotations" in caplog.text
    caplog.clear()
    labelled = {"question_id": 2, "text": "a", "label": "no"}
    read(tmp_path, images, {"question_id": 1, "text": "what?"}, labelled)
    assert caplog.text == ""


def test_missing_pictures_are_pointed_out_and_the_rest_is_asked(tmp_path, images, caplog):
    line = {"question_id": 1, "text": "what?", "answer": "x", "kind": "exact"}
    here, absent, folder = ({**line, "image": name} for name in ("a.png", "absent.png", "sub"))
    questions = read(tmp_path, images, here, absent, line, folder)
    assert [bool(question.problem) for question in questions] == [False, True, False, True]
    assert questions[1].problem == f"There is no picture 'absent.png' in {images}."
    (said,) = noted(caplog)
    assert said.startswith(f"line 2, line 4: no such picture in {images} ('absent.png'): not asked")


def test_a_folder_without_any_of_the_pictures_is_refused(tmp_path, images):
    lines = [{"question_id": 1, "text": "what?", "image": f"{name}.png"} for name in "xyz"]
    with pytest.raises(EvaluationRefused, match="line 1: there is no picture 'x.png' in .* nor any other"):
        read(tmp_path, images, *lines)


def test_a_picture_whose_size_cannot_be_read_is_pointed_out_and_wrong(tmp_path, caplog):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    line = {"question_id": 1, "text": "?", "image": "broken.png", "kind": "box", "answer": [0, 0, 9, 9]}
    (question,) = read(tmp_path, tmp_path, line)
    assert "'broken.png' cannot be read" in question.problem and question.target is not None
    assert noted(caplog)[0].startswith("line 1: the picture cannot be read ('broken.png')")


def test_a_box_may_pass_the_edge_by_less_than_a_pixel(tmp_path, images):
    line = {"question_id": 1, "text": "where?", "kind": "box", "image": "a.png"}
    (question,) = read(tmp_path, images, {**line, "answer": [-0.5, 0, 40.9, 30]})
    assert question.target == pytest.approx((-0.5 / 40, 5 / 40, 40.9 / 40, 35 / 40))


def test_a_box_on_the_border_that_pads_its_picture_is_pointed_out(tmp_path, images, caplog):
    line = {"question_id": 1, "text": "where?", "kind": "box", "image": "a.png"}
    inside, outside = ({**line, "answer": [0, top, 1, 0.5]} for top in (0.12, 0.1))
    assert [q.target[1] for q in read(tmp_path, images, inside, outside)] == [0.12, 0.1]
    (said,) = noted(caplog)
    assert said.startswith("line 2: a box outside its picture, on the border")


def test_to_score_alone_pictures_may_be_missing(tmp_path, images, caplog):
    line = {"question_id": 1, "text": "?", "image": "absent.png", "kind": "exact", "answer": "x"}
    for folder in (images, tmp_path / "absent"):
        assert read(tmp_path, folder, line, asked=False)[0].target == ("x",)
    assert caplog.text == ""


def test_without_a_folder_of_pictures_only_boxes_in_pixels_are_refused(tmp_path):
    line = {"question_id": 1, "text": "where?", "kind": "box", "image": "a.png"}
    (share,) = read(tmp_path, None, {**line, "answer": [0, 0, 1, 0.5]})
    assert share.target == (0, 0, 1, 0.5) and share.problem is None
    with pytest.raises(EvaluationRefused, match="line 1: a box in pixels needs .*--images"):
        read(tmp_path, None, {**line, "answer": [0, 0, 9, 9]})
