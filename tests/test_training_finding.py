"""What the finders are taught, and how a checkpoint gets them."""

import random

import numpy as np
import pytest
import torch
from PIL import Image

from mova.checkpoint.loading import embedded_checkpoint
from mova.vision.experts.finder import PLACES, Scouted, ShapeFinder
from mova.vision.found import once
from training.finding import (
    FINDERS,
    WORDS,
    Supply,
    example,
    loss_of,
    measured,
    middle_of,
    new_finder,
    train,
    wanted,
    with_finder,
)
from training.loop import Loop, Plan
from training.makers.forms import draw_forms
from training.pictures.drawing import draw
from training.sizes import tiny_config
from training.widening import shipped_side

SHIPPED = embedded_checkpoint()
LISTS = {letter: [known.split() for known in words] for letter, words in WORDS.items()}


def shown(letter, seed):
    if letter == "C":
        drawing = draw("objects", seed, "train")
        return drawing.image, drawing.boxes
    picture = draw_forms(random.Random(seed), "train")
    return picture.image, picture.boxes


def test_boxes_lie_on_what_they_are_of():
    for seed in range(12):
        image, boxes = shown("G", seed)
        pixels = np.asarray(image).astype(int)
        for name, (x0, y0, x1, y1) in boxes:
            inside = pixels[round(y0) : round(y1), round(x0) : round(x1)]
            for side in (inside[:4], inside[-4:], inside[:, :4], inside[:, -4:]):
                assert np.ptp(side, axis=(0, 1)).max() > 15, f"{name} does not reach its box's edge"


@pytest.mark.parametrize("letter", FINDERS)
def test_a_stretched_or_mirrored_picture_has_its_boxes_where_its_things_are(letter):
    for seed in range(6):
        image, boxes = shown(letter, seed)
        one = example(letter, image, boxes, random.Random(seed))
        assert sorted(thing.words for thing in one.things) == sorted(
            thing.words for thing in example(letter, image, boxes).things
        )
        for thing in one.things:
            assert all(-0.01 <= edge <= 1.01 for edge in thing.box) and thing.box[0] < thing.box[2]


@pytest.mark.parametrize("letter", FINDERS)
def test_what_is_taught_is_what_would_be_found(letter):
    """A scout that says what it is taught has no loss, and what it says is read as the same things."""
    image, boxes = shown(letter, 3)
    one, lists = example(letter, image, boxes), LISTS[letter]
    true = wanted(lists, [one])
    middles = torch.where(true.middles == 1, 20.0, -20.0)[:, None]
    edges, words = torch.zeros(1, 4, PLACES, PLACES), [torch.zeros(1, len(k), PLACES, PLACES) for k in lists]
    _, row, column = true.places
    middle = torch.stack([column, row, column, row], 1) + 0.5
    edges[0, :, row, column] = ((true.boxes - middle) * torch.tensor([-1, -1, 1, 1])).clamp(min=0.05).log().T
    for logits, said in zip(words, true.words.T, strict=True):
        logits[0, said, row, column] = 40.0
    scouted = Scouted(middles, edges, tuple(words))
    loss, numbers = loss_of(lists, scouted, [one])
    assert loss < 0.01 and numbers["middles"] == numbers["words"] == 1
    finder = new_finder(letter, tiny_config())
    for said, thing in zip(finder.found(scouted), once(one.things), strict=True):
        assert said.words == thing.words and said.box == pytest.approx(thing.box, abs=2e-3)


def test_what_shows_nothing_to_find_has_no_middles():
    one = example("C", Image.new("RGB", (60, 40), "white"), ())
    true = wanted(LISTS["C"], [one])
    assert not true.middles.any() and not len(true.boxes)
    finder = new_finder("C", tiny_config())
    loss, numbers = loss_of(LISTS["C"], finder.scout(one.pixels[None]), [one])
    assert torch.isfinite(loss) and not numbers


def test_a_middle_lies_in_its_place():
    image, boxes = shown("C", 1)
    one = example("C", image, boxes)
    true = wanted(LISTS["C"], [one])
    assert (true.middles == 1).sum() == len({middle_of(thing) for thing in one.things})


def test_a_finder_learns_and_goes_on_where_it_was(tmp_path):
    torch.manual_seed(0)
    began = []
    for steps in (2, 4):
        finder = new_finder("G", tiny_config())
        finder.codes.requires_grad_(False)
        loop = Loop(tmp_path, "finding-G", finder, Plan(steps, batch=2, warm_up=1, save_every=1))
        began.append(loop.step)
        train(finder, Supply("G", None), loop)
    assert began == [0, 2], "the second goes on from the first"
    assert set(measured(finder.eval(), "G", 1)) == {"shapes", "forms"}


def test_a_checkpoint_gets_a_finder_that_writes_as_its_readers_do():
    side = shipped_side(SHIPPED)
    scout = new_finder("G", side.config).scout
    found = with_finder(side, "G", scout.state_dict())
    expert, reader = found.vision_tower.expert("G"), found.vision_tower.expert("B")
    assert isinstance(expert, ShapeFinder) and found.config.finds("sam")
    assert torch.equal(expert.codes.weight, reader.codes.weight)
    assert torch.equal(expert.spellings, reader.spellings)
    assert torch.equal(found.mm_projector.mlp[0].weight, side.mm_projector.mlp[0].weight)
    attention = [block.cross_attn for block in found.mm_projector.blocks]
    assert all(torch.equal(a[6].v_proj.weight, a[1].v_proj.weight) for a in attention)
