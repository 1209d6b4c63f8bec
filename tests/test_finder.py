"""What the finders write of the things they find."""

from dataclasses import replace

import pytest
import torch

from mova.config import MovaConfig
from mova.vision.experts.finder import PLACES, Scouted, ShapeFinder, ThingFinder
from mova.vision.experts.sam import Sam
from mova.vision.experts.writing import spell
from mova.vision.found import Found, once, shapes_written, things_written
from mova.vision.lines import NEWLINE
from mova.vision.tower import build_expert
from mova.vision.views import view_of
from training.sizes import tiny_config

TEXTS = ["", "", *" | at 1 2 0 5 7 9 dog cat red blue circle star largest smallest outline".split(" "), " "]
SHAPES = ("red blue", "circle star", "filled outline")


def found(*words, box=(0.1, 0.2, 0.3, 0.4), sure=1.0):
    return Found(words, box, sure)


def test_a_thing_seen_twice_is_one_and_what_stands_right_comes_last():
    left, right = found("dog"), found("cat", box=(0.6, 0.1, 0.9, 0.5))
    again = replace(left, box=(0.11, 0.2, 0.31, 0.41), sure=0.5, words=("cat",))
    assert once([right, again, left]) == [left, right]


def test_things_are_counted_and_each_has_its_box_in_hundredths():
    lines = list(things_written([found("dog"), found("dog", box=(0.5, 0.5, 1.0, 0.9)), found("cat")]))
    assert lines == ["dog | 2", "cat | 1", "dog at 10 20 30 40", "dog at 50 50 99 90", "cat at 10 20 30 40"]


def test_the_largest_and_the_smallest_shape_and_an_outline_are_said():
    shapes = [
        found("red", "circle", "filled"),
        found("blue", "star", "outline", box=(0.5, 0.5, 0.9, 0.9)),
        found("green", "heart", "filled", box=(0.1, 0.5, 0.2, 0.6)),
    ]
    said = list(shapes_written(shapes))
    assert said == ["3 shapes", "red circle", "blue star | largest | outline", "green heart | smallest"]
    assert list(shapes_written(shapes[:1])) == ["1 shape", "red circle"]
    assert not list(shapes_written([])) and not list(things_written([]))


def configured(**finds) -> MovaConfig:
    plain = tiny_config().to_dict()
    for module, words in finds.items():
        plain[module]["finds"] = list(words)
    plain["reader"]["vocab_size"] = len(TEXTS)
    return MovaConfig(**plain)


def shape_finder():
    config = configured(sam=SHAPES)
    finder = ShapeFinder(config, config.mm_hidden_size, config.finds("sam"))
    finder.spellings.copy_(spell(TEXTS))
    return finder.eval()


def test_a_finder_stands_where_the_configuration_has_words_for_it():
    config = configured(sam=SHAPES, codetr=("dog cat",))
    finders = [build_expert(config, letter) for letter in "CG"]
    assert [type(finder) for finder in finders] == [ThingFinder, ShapeFinder]
    assert view_of("G", config) == view_of("C", config) == "reading"
    assert view_of("G", tiny_config()) == "high" and type(build_expert(tiny_config(), "G")) is Sam
    again = MovaConfig(**config.to_dict())
    assert again.finds("sam") == SHAPES and again.finds("vary") == ()


def scouted(*things):
    """What a scout would say: (row, column, distances in places, places of its words)."""
    middles, edges = torch.full((1, 1, PLACES, PLACES), -9.0), torch.zeros(1, 4, PLACES, PLACES)
    words = tuple(torch.zeros(1, 2, PLACES, PLACES) for _ in SHAPES)
    for row, column, distances, said in things:
        middles[0, 0, row, column] = 9.0
        edges[0, :, row, column] = torch.tensor(distances).log()
        for logits, place in zip(words, said, strict=True):
            logits[0, place, row, column] = 5.0
    return Scouted(middles, edges, words)


def test_boxes_are_those_around_the_middles():
    seen = scouted((8, 4, (2.5, 1.5, 3.5, 4.5), (0, 1, 0)), (20, 20, (1.0, 1.0, 1.0, 1.0), (1, 0, 1)))
    first, second = shape_finder().found(seen)
    assert first.words == ("red", "star", "filled") and second.words == ("blue", "circle", "outline")
    assert first.box == pytest.approx([2 / 32, 7 / 32, 8 / 32, 13 / 32], abs=1e-6)


def test_a_middle_beside_a_likelier_one_is_none():
    seen = scouted((8, 4, (2.0,) * 4, (0, 0, 0)))
    seen.middles[0, 0, 8, 5] = 3.0
    assert len(shape_finder().found(seen)) == 1


def test_what_is_written_is_laid_out_row_by_row_and_looked_up():
    finder = shape_finder()
    cells = finder.cells([found("red", "circle", "filled")])
    written = [TEXTS[cell] for cell in cells if cell > NEWLINE]
    assert "".join(written).split() == ["1", "red", "circle"]  # " shape" cannot be spelled with so few tokens
    features = finder.written(torch.tensor([cells]))
    assert features.shape == (1, 576, finder.codes.embedding_dim)
    stands = features[0].reshape(12, 2, 12, 2, -1).abs().sum((1, 3, 4)) > 0
    assert stands.flatten().tolist() == [cell > 0 for cell in cells]


def test_where_nothing_is_found_nothing_is_written():
    finder = shape_finder()
    torch.nn.init.constant_(finder.scout.place_head.bias, -9.0)
    torch.nn.init.zeros_(finder.scout.place_head.weight)
    assert not any(finder.read(torch.zeros(3, 768, 768)))
