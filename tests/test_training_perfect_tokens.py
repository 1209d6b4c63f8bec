"""Perfect tokens: labels in the embeddings, some of them wrong, answers as greedy decoding gives them."""

import random

import pytest
import torch
from PIL import Image

from mova.language.prompts import IMAGE_TOKEN
from training.makers.catalogue import draw
from training.makers.records import Picture
from training.natural_layout import NaturalLayout
from training.packing import pack
from training.perfect_tokens import NaturalLessons, Shown, answered, disturbed, row_of, shown, table
from training.pictures.records import Question
from training.pieces import Pieces


@pytest.fixture(scope="module")
def natural():
    from transformers import AutoTokenizer

    from mova.checkpoint.loading import embedded_checkpoint

    if not (embedded_checkpoint() / "tokenizer.json").exists():
        pytest.skip("the embedded checkpoint is not here")
    return NaturalLayout(Pieces(AutoTokenizer.from_pretrained(embedded_checkpoint())))


def question(answer="INV-7", kind="code", experts=("B",)):
    return Question("What is the code?", answer, experts, kind, 0, False)


def test_replies_are_made_of_the_pieces_that_stand_on_the_picture(natural):
    lessons = NaturalLessons(natural.pieces)
    reply = lessons.reply(question())
    assert natural.pieces.tokenizer.decode(reply) == " INV-7<|im_end|>"
    assert reply[:-1] == natural.pieces.ids_of(" INV-7")


def test_only_questions_for_an_expert_are_shown_behind_576_tokens(natural):
    picture = Picture(
        Image.new("RGB", (100, 100)), "test", "documents", (), (question(), question(experts=()))
    )
    one = shown(picture, natural, random.Random(0))
    assert len(one.tokens) == 576 and one.questions == (question(),)
    packed = NaturalLessons(natural.pieces).packed(one.questions)
    assert (packed.ids == IMAGE_TOKEN).sum() == 576
    talk = Picture(picture.image, "test", "documents", (), (question(experts=()),))
    assert shown(talk, natural, random.Random(0)) is None


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5])
def test_a_share_of_the_written_tokens_is_disturbed(natural, share):
    tokens = natural.written(draw("documents", 0, "train")) * 20
    found = disturbed(tokens, share, natural.pieces, random.Random(0))
    written = sum(token not in natural.pieces.ids[:2] for token in tokens)
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


def test_the_table_has_a_column_for_each_share():
    lines = table({0.0: {"a: b": (10, 1.0)}, 0.03: {"a: b": (10, 0.5)}}).splitlines()
    assert lines == ["| | questions | 0% wrong | 3% wrong |", "| --- | --- | --- | --- |",
                     "| a: b | 10 | 1.00 | 0.50 |"]  # fmt: skip


def test_shown_holds_what_the_table_needs(natural):
    picture = draw("charts", 0, "train")
    one = shown(picture, natural, random.Random(0))
    assert isinstance(one, Shown) and one.domain == "charts" and one.questions
