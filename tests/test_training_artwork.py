"""Pictures of installed artwork and of random formulas: nobody can answer for them."""

import random

import pytest
from PIL import Image

from tests.test_training_photographs import check_unanswerable
from training.makers import artwork
from training.makers.artwork import draw_artwork, folders
from training.makers.formulas import draw_formula, formula_image


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """As Debian's packages lay them out: grounds, figures, buttons and letters."""
    for part in (*artwork.FOLDERS["train"], *artwork.FOLDERS["test"]):
        for folder, mode, side in (("sky", "RGB", 200), ("heroes", "RGBA", 150), ("keys", "RGB", 40)):
            (tmp_path / part / folder).mkdir(parents=True)
            image = Image.effect_noise((side, side), 90).convert(mode)
            if mode == "RGBA":
                image.paste((0, 0, 0, 0), (0, 0, side // 2, side))
            image.save(tmp_path / part / folder / "one.png")
        (tmp_path / part / "fonts").mkdir()
        Image.new("RGB", (300, 300)).save(tmp_path / part / "fonts" / "letters.png")
    monkeypatch.setattr(artwork, "SHARED", tmp_path)
    folders.cache_clear()
    yield tmp_path
    folders.cache_clear()


def test_buttons_and_letters_are_no_artwork_and_packages_are_of_one_split(installed):
    train, test = ({path for group in folders(split) for path in group} for split in ("train", "test"))
    assert not train & test
    assert {path.parent.name for path in train | test} == {"sky", "heroes"}


def test_a_picture_of_artwork_has_only_questions_that_nobody_can_answer(installed):
    check_unanswerable(draw_artwork)


def test_without_artwork_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(artwork, "SHARED", tmp_path)
    folders.cache_clear()
    with pytest.raises(FileNotFoundError, match="make train-needs"):
        draw_artwork(random.Random(1), "train")
    folders.cache_clear()


def test_figures_stand_on_grounds(installed):
    rng = random.Random(3)
    assert artwork.chosen(rng, "train", figure=True).parent.name == "heroes"
    assert artwork.chosen(rng, "train", figure=False).parent.name == "sky"
    found = [draw_artwork(random.Random(seed), "train").image for seed in range(12)]
    assert sum(len(image.getcolors(1 << 24)) > 50 for image in found) > 8


def test_figures_are_told_from_grounds_by_what_is_clear():
    ground = Image.new("RGBA", (50, 50), (10, 200, 30, 255))
    figure = ground.copy()
    figure.paste((0, 0, 0, 0), (0, 0, 20, 50))
    assert artwork.is_figure(figure) and not artwork.is_figure(ground)


@pytest.mark.parametrize("drawn", [draw_artwork, draw_formula])
def test_the_same_source_draws_the_same_picture(installed, drawn):
    one, two = (drawn(random.Random(5), "train") for _ in range(2))
    assert one.image.tobytes() == two.image.tobytes() and one.questions == two.questions


def test_formulas_differ_and_none_is_empty():
    found = [formula_image(random.Random(seed), 160, 120) for seed in range(20)]
    assert len({image.tobytes() for image in found}) == len(found)
    assert all(max(high - low for low, high in image.getextrema()) > 20 for image in found)
