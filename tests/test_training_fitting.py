"""Readers in the places of experts: what is new, what stays, what they are taught with."""

import random
from dataclasses import replace

import pytest
import torch
from transformers import AutoTokenizer

from mova.checkpoint.loading import embedded_checkpoint
from mova.vision.experts.pool import LETTERS
from mova.vision.experts.reader import ReadingExpert
from mova.vision.experts.writing import spelled
from training.alignment import VisionSide, batch_views_of, views_for
from training.answering import Pictures, Seen, Teacher
from training.assemble import write_vision
from training.fitting import READS, Lessons, OwnRows, fused, trained, with_readers
from training.layout import TokenLayout
from training.list_layout import ListLayout
from training.makers.drawn import draw_with_text
from training.perfect_tokens import NaturalLessons
from training.pictures.drawing import draw
from training.pictures.records import Question
from training.pictures.unfamiliar import UNREAD_ANSWER
from training.reader_training import new_reader
from training.readings import Readings, main
from training.sizes import tiny_config
from training.stock import Stock, draw_file
from training.text import load_text_tokenizer
from training.widening import as_drawing, shipped_side

SHIPPED = embedded_checkpoint()


@pytest.fixture(scope="module")
def before():
    """A vision side of the small model's sizes without readers, of random weights."""
    torch.manual_seed(0)
    return VisionSide(tiny_config(), load_text_tokenizer(SHIPPED)).eval()


@pytest.fixture(scope="module")
def side(before, pieces):
    torch.manual_seed(1)
    reader = new_reader(len(pieces.ids)).state_dict()
    return with_readers(before, reader, pieces.texts, torch.randn(len(pieces.ids), 576)).eval()


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stock")
    for maker in ("signs", "documents", "charts", "unfamiliar"):
        draw_file(folder, maker, "train", 0, 2)
    return Stock(folder)


@pytest.fixture(scope="module")
def lessons(stock, pieces):
    return Lessons(stock, ListLayout(pieces), TokenLayout(AutoTokenizer.from_pretrained(SHIPPED)))


def test_a_drawing_of_the_first_recipe_says_every_word_it_has_once():
    rng = random.Random(0)
    for _ in range(6):
        picture = draw_with_text(rng, "train")
        assert picture.runs and len({(run.text, run.box) for run in picture.runs}) == len(picture.runs)
        assert all(len(run.points) == len(run.text) for run in picture.runs)


@torch.no_grad()
def test_what_others_show_stays_as_it_was_but_for_what_is_said(before, pieces):
    reader = new_reader(len(pieces.ids)).state_dict()
    side = with_readers(before, reader, pieces.texts, torch.zeros(len(pieces.ids), 576))
    views = batch_views_of([views_for(draw("scenes", 0, "train"), ("A",), before.config)])
    shown = []
    for one in (before, side):
        experts = one.vision_tower.features(views, ("A",))
        base, text = one.vision_tower.encode_base(views), one.read(["What is this?"])
        shown.append(one.fuse(base, experts, text, ("A",)).tokens)
    assert torch.allclose(*shown, atol=1e-4)


@torch.no_grad()
def test_a_code_comes_to_its_own_cell_and_to_no_other(side):
    index, expert = LETTERS.index("B"), side.vision_tower.expert("B")
    cells = torch.zeros(1, 144, dtype=torch.long)
    cells[0, 40] = 7
    features, block = expert.written(cells), side.mm_projector.blocks[0]
    attention = block.cross_attn[index]
    values = attention.v_proj(block.norm2[index](features))
    written = features.abs().sum(-1)[0] > 0
    code = expert.codes.weight[7] - expert.codes.weight[7].mean()
    assert torch.allclose(values[0, ~written], torch.zeros(()), atol=1e-5)
    assert torch.cosine_similarity(values[0, written], code[None]).min() > 0.999


def test_only_what_codes_come_through_learns_and_the_projectors_own_rows_do_not(before, side, lessons):
    side.requires_grad_(False)
    trained(side)
    names = {name.split(".")[-2] for name, p in side.named_parameters() if p.requires_grad}
    assert names == {"v_proj", "inner_attn_ln", "proj", "0", "2"}
    projector, count = side.mm_projector.mlp, before.mm_projector.mlp[0].out_features
    rows = OwnRows(projector, count)
    group = [lessons._natural(random.Random(k), ("B",)) for k in range(2)]
    fused(side, group).square().mean().backward()
    gradient = projector[0].weight.grad
    assert not gradient[:count].any() and gradient[count:].any()
    projector[0].weight.data[:count] *= 0.5
    rows.put_back()
    assert torch.equal(projector[0].weight[:count], before.mm_projector.mlp[0].weight)
    side.zero_grad()
    side.requires_grad_(False)


def test_lessons_want_what_is_read_and_beside_it_what_others_write(lessons, pieces):
    natural = lessons._natural(random.Random(0), ("D",))
    assert all(
        wanted == (pieces.ids[cell] if cell else lessons.old.blank)
        for cell, wanted in zip(natural.cells, natural.wanted, strict=True)
    )
    both = next(one for k in range(200) if len((one := lessons._drawn(random.Random(k))).letters) == 2
                and set(one.letters) - READS.keys())  # fmt: skip
    others = lessons.old.written(both.drawing, [letter for letter in both.letters if letter not in READS])
    free = [k for k, cell in enumerate(both.cells) if not cell]
    assert [both.wanted[k] for k in free] == [others[k] for k in free]


@torch.no_grad()
def test_more_than_half_of_the_lessons_are_of_what_no_reader_looks_at(before, side, lessons):
    seen = set()
    for k in range(12):
        group = lessons.kept(random.Random(k), 1)
        seen |= {one.letters for one in group}
        assert not set(group[0].letters) & READS.keys()
    assert () in seen and len(seen) > 2
    group = lessons.kept(random.Random(0), 2)
    assert fused(side, group).shape == fused(before, group).shape == (2, 144, 576)


def test_a_checkpoint_with_readers_is_written_read_and_given_others(side, pieces, tmp_path):
    write_vision(side, side.config, tmp_path)
    (tmp_path / "bert_tokenizer").symlink_to(SHIPPED / "bert_tokenizer")
    again = shipped_side(tmp_path)
    expert = again.vision_tower.expert("D")
    assert isinstance(expert, ReadingExpert) and expert.sides == READS["D"]
    torch.manual_seed(2)
    other = new_reader(len(pieces.ids)).state_dict()
    renewed = with_readers(again, other, pieces.texts, torch.zeros(len(pieces.ids), 576))
    reader = renewed.vision_tower.expert("D").reader
    assert torch.equal(reader.narrow.weight, other["narrow.weight"])
    assert spelled(expert.spellings) == pieces.places
    assert torch.equal(renewed.mm_projector.mlp[2].weight, again.mm_projector.mlp[2].weight)
    assert max(path.stat().st_size for path in tmp_path.glob("*.safetensors")) < 20_000_000


@pytest.mark.slow
def test_pictures_are_read_once(side, stock, tmp_path, monkeypatch):
    monkeypatch.setattr("training.readings.shipped_side", lambda _: side)
    monkeypatch.setattr(ReadingExpert, "read", lambda self, pixels: [5] * 144)
    arguments = ["-", "--stock", str(stock.files[0].parent), "--target", str(tmp_path), "--minutes", "0.5"]
    main(arguments)
    lines = [(tmp_path / f"{letter}.jsonl").read_text() for letter in READS]
    main(arguments)
    assert lines == [(tmp_path / f"{letter}.jsonl").read_text() for letter in READS]
    readings = Readings(tmp_path)
    place = stock.by_maker()["signs"][0]
    assert readings.of(stock.key(place), "D") == [5] * 144 and readings.of(stock.key(place), "B") is None
    assert stock.key(place) in readings and readings.seeds("signs")


def readings_of(tmp_path, key, letter, cells):
    (tmp_path / f"{letter}.jsonl").write_text(f'{{"key": "{key}", "cells": {cells}}}\n')
    return Readings(tmp_path)


def test_what_was_not_read_is_not_answered(side, stock, pieces, tmp_path):
    layout = ListLayout(pieces)
    place = stock.by_maker()["signs"][0]
    picture, key = stock[place], stock.key(place)
    written = [pieces.index[token] for token in layout.written(picture)]
    text = " ".join(pieces.text_of(layout.written(picture)).split())
    question = Question("What does it say?", text.split()[0], ("D",), "read", 0, False)
    drawing = replace(as_drawing(picture), questions=(question,))
    answers = []
    for cells in (written, [0] * 144):
        readings = readings_of(tmp_path, key, "D", cells)
        teacher = Teacher(side, NaturalLessons(pieces), layout, readings, None)
        _, (asked,) = teacher._cells(Seen(drawing, key, picture, True), "D", [question], random.Random(0))
        answers.append(asked.answer)
    assert answers == [question.answer, UNREAD_ANSWER]


def test_half_of_the_pictures_are_the_first_recipes(stock, tmp_path):
    pictures = Pictures(stock, Readings(tmp_path))
    rng = random.Random(0)
    seen = [pictures.pick(rng) for _ in range(40)]
    assert 10 <= sum(one.natural for one in seen) <= 30
    assert all(one.text is not None for one in seen if not one.natural)
    assert any(one.natural and one.text is None for one in seen), "some are not read"
    assert {one.text.maker for one in seen if one.natural and one.text} <= {"signs", "documents", "charts"}
