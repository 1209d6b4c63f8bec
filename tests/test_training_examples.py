"""The gallery's pictures: charts, papers and signs as a visitor has them, with questions that they answer."""

import json

import pytest
from PIL import Image

from mova.vision.experts.pool import LETTERS
from training.examples import write_examples
from training.visitor_pictures import EXAMPLES

LAID_OUT = ("documents", "signs", "charts")  # for the grid, by the first recipe


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    write_examples(folder)
    return folder


def test_every_visitors_picture_is_written_with_its_question(folder):
    rows = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
    asked = {(row["image"], row["question"]): row for row in rows}
    for example in EXAMPLES:
        row = asked[example.image, example.question]
        assert row["answer"] == example.answer and row["experts"] == list(example.experts)
        with Image.open(folder / example.image) as picture:
            assert min(picture.size) >= 300 and max(picture.size) <= 900
    assert {letter for row in rows for letter in row["experts"]} == set(LETTERS)


def test_they_stand_for_the_pictures_that_were_laid_out_for_the_grid(folder):
    rows = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
    assert not [row for row in rows if any(f'domain "{name}"' in row["source"] for name in LAID_OUT)]
    assert {(folder / row["image"]).exists() for row in rows} == {True}
    (greeting,) = (row for row in rows if row["question"] == "Who are you?")
    assert greeting["experts"] == [] and greeting["source"].startswith("drawn by training/pictures")
