"""Widening: the shipped LoRAs learn about other tools' pictures, and to say what they cannot read."""

import random
from dataclasses import replace

import pytest
import torch
from PIL import Image
from transformers import AutoTokenizer

from mova.checkpoint.loading import embedded_checkpoint, load
from mova.images import read_image
from mova.vision.views import LazyViews
from training.alignment import RealTokens
from training.language import Lessons, build_speaker
from training.makers.catalogue import draw as draw_natural
from training.packing import IGNORE
from training.perfect_tokens import start_from
from training.pictures.drawing import Drawing, Question, draw
from training.pictures.unfamiliar import UNREAD_ANSWER
from training.stock import Stock, draw_file
from training.widening import Before, Pictures, as_drawing, honest, save, shipped_side, talked_about

SHIPPED = embedded_checkpoint()


@pytest.fixture(scope="module")
def side():
    return shipped_side(SHIPPED)


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stock")
    for maker in ("signs", "unfamiliar"):
        draw_file(folder, maker, "train", 0, 2)
    return Stock(folder)


def question(answer="ROSE STREET", experts=("D",), kind="read"):
    return Question("What does it say?", answer, experts, kind, 0, False)


def test_the_shipped_vision_side_gives_the_engines_own_tokens(side):
    loaded = load(SHIPPED, precision="fp32", device="cpu")
    model, image = loaded.model, draw("signs", 3, "test").image
    found = RealTokens(side, "routing")(Drawing(image, "signs", {}, ()), (), "What is it?")
    with torch.inference_mode():
        views = LazyViews(read_image(image).pixels, loaded.config, torch.device("cpu"), torch.float32)
        plain = model.fuse(model.encode_base(views), {}, torch.zeros(1, 192), torch.zeros(1, 7))
        expected = model.pool_for_routing(plain.tokens)[0]
    assert torch.allclose(found, expected, atol=1e-4)


def test_half_of_the_pictures_are_other_tools_and_the_same_step_draws_the_same(stock):
    pictures = Pictures(stock)
    drawn = [pictures.pick(random.Random(seed)) for seed in range(20)]
    natural = [drawing for drawing, other in drawn if other]
    assert 5 <= len(natural) <= 15 and {d.domain for d in natural} == {"signs", "unfamiliar"}
    assert all(isinstance(drawing, Drawing) and drawing.questions for drawing, _ in drawn)
    again, _ = pictures.pick(random.Random(0))
    assert again.questions == drawn[0][0].questions


def test_a_charts_extremes_are_asked_for_in_other_words_as_well():
    drawn = (draw_natural("charts", seed, "train") for seed in range(20))
    picture = next(one for one in drawn if any(q.kind == "highest" for q in one.questions))
    stored = [q for q in picture.questions if q.kind in ("highest", "lowest")]
    drawing = talked_about(as_drawing(picture), random.Random(1))
    anew = [q for q in drawing.questions if q.kind in ("highest", "lowest")]
    assert stored and len(anew) == 2 * len(stored)
    assert len({q.text for q in anew}) > len(stored)


def test_an_empty_stock_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"training\.stock"):
        Pictures(Stock(tmp_path))


def test_what_cannot_be_read_is_said_so_and_what_can_be_seen_stays():
    read, wrong = question(), question("12 Mill Lane")
    seen, talk = question("a bar chart", ("E",), "chart kind"), question("Hello!", (), "hello")
    assert honest([read, wrong, seen, talk], [True, False, False, False]) == [
        read, replace(wrong, answer=UNREAD_ANSWER), seen, talk,
    ]  # fmt: skip


def test_an_answers_questions_need_the_same_experts_and_the_routers_need_not():
    given = Drawing(Image.new("RGB", (9, 9)), "signs", {}, (question(), question("Hi!", (), "hello")))
    tokenizer = AutoTokenizer.from_pretrained(SHIPPED)
    answers, routes = (Lessons(tokenizer, task) for task in ("answer", "routing"))
    for seed in range(6):
        questions, letters = answers.chosen(given, random.Random(seed))
        assert {q.experts for q in questions} == {letters}
        assert len(routes.chosen(given, random.Random(seed))[0]) == 2


def test_a_lora_is_judged_as_it_was_and_comes_back_as_it_is(side, tmp_path):
    lessons = Lessons(AutoTokenizer.from_pretrained(SHIPPED), "answer")
    speaker = build_speaker(SHIPPED, "answer")
    start_from(speaker, SHIPPED / "answer_lora")
    before = Before(speaker)
    drawing = draw("signs", 5, "train")
    drawing = replace(drawing, questions=tuple(q for q in drawing.questions if q.experts == ("D",))[:3])
    tokens = RealTokens(side, "answer")(drawing, ("D",), drawing.questions[0].text)
    right = before.right(speaker, lessons, drawing.questions, tokens)
    assert len(right) == len(drawing.questions) and any(right)
    trained = [parameter for parameter in speaker.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.data = torch.zeros_like(parameter)
    assert before.right(speaker, lessons, drawing.questions, tokens) == right
    assert all(not parameter.any() for parameter in trained)
    targets = lessons.packed(drawing.questions).targets
    assert (targets != IGNORE).sum() == sum(len(lessons.reply(q)) for q in drawing.questions)

    for parameter in trained:
        parameter.data = torch.full_like(parameter, 0.5)
    save(speaker, tmp_path)
    other = build_speaker(SHIPPED, "answer")
    start_from(other, tmp_path)
    assert all((p == 0.5).all() for p in other.parameters() if p.requires_grad)
