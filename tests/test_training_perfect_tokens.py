"""Perfect tokens: labels in the embeddings, some of them wrong, answers as greedy decoding gives them."""

import random
from dataclasses import replace

import pytest
import torch
from PIL import Image

from mova.language.prompts import IMAGE_TOKEN
from training.language import QUESTIONS_PER_PICTURE
from training.list_layout import ListLayout
from training.makers.catalogue import draw
from training.makers.records import Picture, Run
from training.packing import pack
from training.perfect_tokens import (
    Eyes,
    NaturalLessons,
    Shown,
    answered,
    disturbed,
    pick,
    row_of,
    shown,
    table,
)
from training.pictures.records import Drawing, Question
from training.pictures.unfamiliar import UNREAD_ANSWER
from training.stock import Mixture, Stock, draw_file


@pytest.fixture(scope="module")
def layout(pieces):
    return ListLayout(pieces)


def question(answer="INV-7", kind="code", experts=("B",)):
    return Question("What is the code?", answer, experts, kind, 0, False)


def test_replies_are_made_of_the_pieces_that_stand_on_the_picture(layout):
    lessons = NaturalLessons(layout.pieces)
    reply = lessons.reply(question())
    assert layout.pieces.tokenizer.decode(reply) == " INV-7<|im_end|>"
    assert reply[:-1] == layout.pieces.ids_of(" INV-7")


def test_only_questions_for_an_expert_are_shown_behind_144_tokens(layout):
    picture = Picture(
        Image.new("RGB", (100, 100)), "test", "documents", (), (question(), question(experts=()))
    )
    one = shown(picture, layout.written, random.Random(0))
    assert len(one.tokens) == 144 and one.questions == (question(),)
    packed = NaturalLessons(layout.pieces).packed(one.questions)
    assert (packed.ids == IMAGE_TOKEN).sum() == 144
    talk = Picture(picture.image, "test", "documents", (), (question(experts=()),))
    assert shown(talk, layout.written, random.Random(0)) is None


def test_a_charts_lesson_has_one_question_of_each_kind_before_a_second(layout):
    kinds = ("title", "chart kind", "value") + ("highest", "lowest") * 6
    asked = tuple(question(kind=kind, experts=("E",)) for kind in kinds)
    table = draw("charts", 0, "train").table
    drawing = Drawing(Image.new("RGB", (9, 9)), "charts", {"E": []}, asked, table=table)
    lessons = NaturalLessons(layout.pieces)
    for seed in range(8):
        chosen, letters = lessons.chosen(drawing, random.Random(seed))
        assert letters == ("E",) and len(chosen) == QUESTIONS_PER_PICTURE
        assert {one.kind for one in chosen} == set(kinds)
    others = replace(drawing, table=None)
    found = [lessons.chosen(others, random.Random(seed))[0] for seed in range(8)]
    assert any({one.kind for one in chosen} != set(kinds) for chosen in found), "of others by chance"


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5])
def test_a_share_of_the_written_tokens_is_disturbed(layout, share):
    tokens = layout.written(draw("documents", 0, "train")) * 20
    found = disturbed(tokens, share, layout.pieces, random.Random(0))
    written = sum(token not in layout.pieces.ids[:2] for token in tokens)
    changed = sum(a != b for a, b in zip(tokens, found, strict=True))
    assert (changed > 0) == (share > 0)
    assert changed <= 2.5 * share * written


def test_an_answer_counts_as_given_when_each_of_its_tokens_is_the_likeliest():
    class Llm(torch.nn.Module):
        """Says after each token the next number."""

        def __init__(self):
            super().__init__()
            self.model, self.embed_tokens = self, torch.nn.Embedding(16, 16)
            self.embed_tokens.weight.data = torch.eye(16)

        def get_base_model(self):
            return self

        def forward(self, inputs_embeds, **_):
            return type("Out", (), {"last_hidden_state": inputs_embeds.roll(1, -1)})

        def lm_head(self, hidden):
            return hidden

    packed = pack([1], [([2], [3, 4]), ([5], [6, 8]), ([7], [8])])
    assert answered(Llm(), packed, torch.zeros(0, 16)) == [True, False, True]


def test_fields_with_numbers_count_in_two_rows():
    assert list(row_of("documents", question("12.50"))) == ["documents: fields", "documents: exact numbers"]
    assert list(row_of("documents", question("Anna"))) == ["documents: fields"]
    assert list(row_of("charts", question("May", "highest", ("E",)))) == ["charts: highest"]


def test_the_table_has_a_column_for_each_way():
    lines = table({"0% wrong": {"a: b": (10, 1.0)}, "3% wrong": {"a: b": (10, 0.5)}}).splitlines()
    assert lines == ["| | questions | 0% wrong | 3% wrong |", "| --- | --- | --- | --- |",
                     "| a: b | 10 | 1.00 | 0.50 |"]  # fmt: skip


def test_shown_holds_what_the_table_needs(layout):
    picture = draw("charts", 0, "train")
    one = shown(picture, layout.written, random.Random(0))
    assert isinstance(one, Shown) and one.domain == "charts" and one.questions


def sign_saying(text):
    """A picture with a word a line, and a question that they answer."""
    runs = []
    for line, word in enumerate(text.split()):
        y = 50.0 + 40 * line
        points = tuple((20 + 10 * k, y) for k in range(len(word)))
        runs.append(Run(word, (15, y - 10, 25 + 10 * len(word), y + 10), points, 12.0, "sign", line))
    asked = (question(text, "read", ("D",)), question("a street sign", "sort", ("D",)))
    return Picture(Image.new("RGB", (300, 140)), "test", "signs", tuple(runs), asked)


def test_what_was_not_read_is_not_answered_and_what_is_only_seen_is(layout):
    eyes, picture = Eyes(layout), sign_saying("Rose Street")
    one = shown(picture, eyes.written, random.Random(0))
    assert eyes.honest(one, picture) == one
    misread = replace(one, tokens=layout.written(sign_saying("Nose Street")))
    answers = {q.kind: q.answer for q in eyes.honest(misread, picture).questions}
    assert answers == {"read": UNREAD_ANSWER, "sort": "a street sign"}


def test_a_reader_reads_text_and_charts_are_told_to_it(layout):
    class Says(torch.nn.Module):
        def read(self, pixels):
            assert pixels.shape == (3, 768, 768)
            return [layout.pieces.places[" Name"], *[0] * 143]

    eyes = Eyes(layout, Says())
    assert layout.pieces.text_of(eyes.read(sign_saying("Rose Street"))) == " Name"
    chart = draw("charts", 0, "train")
    assert eyes.read(chart) == layout.written(chart)


def test_half_of_the_pictures_are_read_where_there_is_a_reader(layout, tmp_path, monkeypatch):
    draw_file(tmp_path, "signs", "train", 0, 3)
    mixture, seen = Mixture(Stock(tmp_path), {"signs": 1}), []
    eyes = Eyes(layout, torch.nn.Identity())
    monkeypatch.setattr(Eyes, "read", lambda self, picture: seen.append(picture) or self.written(picture))
    picked = [pick(mixture, random.Random(k), eyes) for k in range(20)]
    assert 4 <= len(seen) <= 16 and all(one.questions for one in picked)
    assert all(isinstance(picture.image.getpixel((0, 0)), tuple) for picture in seen)
