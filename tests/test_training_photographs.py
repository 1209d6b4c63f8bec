"""Pictures put together from installed photographs: what nobody taught the model to know."""

import random

import pytest
from PIL import Image

from training.makers import photographs
from training.makers.photographs import draw_photograph, of_split, things, wallpapers
from training.pictures.unfamiliar import UNKNOWN_ANSWER


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """As Debian's packages lay them out: a dozen motifs of each sort."""
    for k in range(24):
        colour = (10 * k, 255 - 10 * k, 100)
        walls = tmp_path / "wallpapers" / f"Wall{k}" / "contents" / "images"
        walls.mkdir(parents=True)
        for size in ((640, 400), (320, 200)):
            Image.effect_noise(size, 80).convert("RGB").save(walls / f"{size[0]}x{size[1]}.jpg")
        things_there = tmp_path / "tuxpaint/stamps/animals" / f"group{k % 3}"
        things_there.mkdir(parents=True, exist_ok=True)
        Image.new("RGBA", (60, 40), (*colour, 255)).save(things_there / f"thing{k}.png")
    monkeypatch.setattr(photographs, "SHARED", tmp_path)
    for found in (wallpapers, things):
        found.cache_clear()
    yield tmp_path
    for found in (wallpapers, things):
        found.cache_clear()


def test_each_motif_is_there_once_and_in_one_split(installed):
    for found in (wallpapers, things):
        train, test = found("train"), found("test")
        assert len(train) + len(test) == 24 and not set(train) & set(test) and len(train) > len(test)


def check_unanswerable(drawn):
    """What is put together from installed pictures shows nothing that anybody is asked to know."""
    for split in ("train", "test"):
        for seed in range(12):
            picture = drawn(random.Random(seed), split)
            assert picture.image.mode == "RGB" and picture.domain == "unfamiliar"
            asked = [q for q in picture.questions if q.kind == "unknown"]
            assert asked and all(q.answer == UNKNOWN_ANSWER and not q.experts for q in asked)
            assert picture.held_out == ({"motif"} if split == "test" else set())


def test_a_picture_has_only_questions_that_nobody_can_answer(installed):
    check_unanswerable(draw_photograph)


def test_the_same_source_draws_the_same_picture(installed):
    one, two = (draw_photograph(random.Random(5), "train") for _ in range(2))
    assert one.image.tobytes() == two.image.tobytes() and one.questions == two.questions


def test_without_photographs_it_says_what_to_install(installed, monkeypatch):
    monkeypatch.setattr(photographs, "wallpapers", lambda split: [])
    with pytest.raises(FileNotFoundError, match="make train-needs"):
        draw_photograph(random.Random(1), "train")


def test_a_split_has_what_is_kept_for_it():
    motifs = {f"motif{k}": k for k in range(40)}
    assert sorted(of_split(motifs, "train") + of_split(motifs, "test")) == list(range(40))
