"""Lessons of the two LoRAs: exactly the prompts and replies of the running model."""

import random

import pytest
import torch
from peft import LoraConfig, get_peft_model
from PIL import Image
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM

from mova.language.prompts import IMAGE_TOKEN, TEMPLATES, Turn, answer_prompt, encode, routing_prompt
from mova.language.routing import parse_reply
from training.language import (
    QUESTIONS_PER_PICTURE,
    LayerWeights,
    Lessons,
    PerfectTokens,
    speaking_loss,
)
from training.layout import GRID, TokenLayout
from training.packing import IGNORE, pack
from training.pictures.drawing import Drawing, Label, Question
from training.sizes import SYSTEM_SENTENCE

TEMPLATE = TEMPLATES["smollm2"].with_system(SYSTEM_SENTENCE)
IMAGE_TOKENS = {"answer": GRID * GRID, "routing": GRID * GRID // 4}
QUESTIONS = ("What is the color?", "how many are there", " text", "\nread 12", "?")


def question(text, answer="value", experts=("B",)):
    return Question(text, answer, experts, "kind", 0, False)


def drawing_of(*questions):
    label = Label("A", (0, 0, 32, 32), "object")
    return Drawing(Image.new("RGB", (384, 384)), "documents", {"B": (label,)}, questions)


def small_llm(width):
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=4,
        attn_implementation="eager",
    )
    return LlamaForCausalLM(config).eval()


def whole_prompt(task, text):
    return routing_prompt(TEMPLATE, text) if task == "routing" else answer_prompt(TEMPLATE, (), text, True)


def with_image(ids, count):
    """The prompt's ids with its one image marker as many times as there are image tokens."""
    place = ids.index(IMAGE_TOKEN)
    return ids[:place] + [IMAGE_TOKEN] * count + ids[place + 1 :]


@pytest.mark.parametrize("task", IMAGE_TOKENS)
@pytest.mark.parametrize("text", QUESTIONS)
def test_a_lessons_prompt_is_the_running_models_with_the_image_expanded(lesson_tokenizer, task, text):
    shared, rest = Lessons(lesson_tokenizer, task).prompt(text)
    assert shared + rest == with_image(encode(whole_prompt(task, text), lesson_tokenizer), IMAGE_TOKENS[task])


@pytest.mark.parametrize("task", IMAGE_TOKENS)
def test_all_questions_of_a_picture_share_one_prefix_that_ends_before_them(lesson_tokenizer, task):
    lessons = Lessons(lesson_tokenizer, task)
    (first, one), (second, two) = (lessons.prompt(text) for text in QUESTIONS[:2])
    assert first == second and one != two
    assert lesson_tokenizer.decode(one).lstrip("\n").startswith(QUESTIONS[0])


def test_an_answer_starts_with_a_blank_so_that_it_is_copied_token_by_token(lesson_tokenizer):
    reply = Lessons(lesson_tokenizer, "answer").reply(question("What?", answer="total value"))
    assert lesson_tokenizer.decode(reply) == " total value<|im_end|>"
    layout = TokenLayout(lesson_tokenizer)
    xs = tuple(32 * (k + 0.5) for k in range(11))
    label = Label("total value", (0, 0, 352, 32), "word", xs)
    drawing = Drawing(Image.new("RGB", (384, 384)), "documents", {"B": (label,)}, ())
    written = [t for t in layout.written(drawing, "B") if t not in (layout.blank, layout.newline)]
    assert reply[:-1] == written


@pytest.mark.parametrize("experts", [(), ("C",), ("E", "D"), ("A", "B", "G")])
def test_a_routing_reply_is_read_back_as_its_experts(lesson_tokenizer, experts):
    reply = Lessons(lesson_tokenizer, "routing").reply(question("What?", experts=experts))
    assert reply[-1] == lesson_tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert set(parse_reply(lesson_tokenizer.decode(reply[:-1]))) == set(experts)


def lesson_of(lessons, drawing, chained):
    """The first lesson, over seeds, whose branches are chained or not."""
    for seed in range(200):
        packed, letters, text = lessons.lesson(drawing, random.Random(seed))
        starts = (packed.positions.diff() < 1).any()
        if chained != bool(starts):
            return packed, letters, text
    raise AssertionError("no such lesson in 200")


def test_a_chained_lesson_is_a_conversation_as_the_running_model_has_it(lesson_tokenizer):
    lessons = Lessons(lesson_tokenizer, "answer")
    asked = [question("What is the color?", "how"), question("how many", "total value")]
    packed, _, first = lesson_of(lessons, drawing_of(*asked), chained=True)
    turn, last = sorted(asked, key=lambda q: q.text != first)
    # The model's own answer comes back with the blank it starts with.
    prompt = answer_prompt(TEMPLATE, [Turn(turn.text, " " + turn.answer)], last.text, with_image=True)
    conversation = with_image(encode(prompt, lesson_tokenizer), IMAGE_TOKENS["answer"])
    assert packed.ids.tolist() == conversation + lessons.reply(last)


@pytest.mark.parametrize("task", IMAGE_TOKENS)
def test_every_branch_of_a_lesson_is_asked_and_answered(lesson_tokenizer, task):
    lessons = Lessons(lesson_tokenizer, task)
    asked = [question("What is the color?", "how"), question("how many", "12"), question("who", "A")]
    packed, letters, _ = lesson_of(lessons, drawing_of(*asked), chained=False)
    replies = packed.targets[packed.targets != IGNORE].tolist()
    assert sorted(replies) == sorted(token for q in asked for token in lessons.reply(q))
    assert (packed.ids == IMAGE_TOKEN).sum() == IMAGE_TOKENS[task]
    assert letters == ("B",)


def test_questions_answered_together_need_the_same_experts(lesson_tokenizer):
    lessons = Lessons(lesson_tokenizer, "answer")
    drawing = drawing_of(question("how many", "12", ("C",)), question("who", "A", ("A",)))
    for seed in range(10):
        packed, letters, _ = lessons.lesson(drawing, random.Random(seed))
        reply = lessons.reply(next(q for q in drawing.questions if q.experts == letters))
        assert packed.targets[packed.targets != IGNORE].tolist() == reply


def test_the_router_learns_from_questions_that_need_different_experts(lesson_tokenizer):
    lessons = Lessons(lesson_tokenizer, "routing")
    drawing = drawing_of(question("how many", "12", ("C",)), question("who", "A", ()))
    packed, _, _ = lessons.lesson(drawing, random.Random(0))
    replies = lesson_tokenizer.decode(packed.targets[packed.targets != IGNORE])
    assert "C<|im_end|>" in replies and "none<|im_end|>" in replies


def test_a_lesson_has_no_more_questions_than_fit(lesson_tokenizer):
    asked = [question(f"how many {k}", "A") for k in range(QUESTIONS_PER_PICTURE + 3)]
    packed, _, _ = Lessons(lesson_tokenizer, "routing").lesson(drawing_of(*asked), random.Random(0))
    end = lesson_tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert (packed.targets == end).sum() == QUESTIONS_PER_PICTURE


class Unmixed(random.Random):
    """Chooses the first of everything: no wrong tokens."""

    def choice(self, sequence):
        return sequence[0]


@pytest.mark.parametrize(("task", "letters"), [("answer", ("B",)), ("answer", ()), ("routing", ("B",))])
def test_perfect_tokens_are_the_embeddings_of_what_the_experts_should_write(lesson_tokenizer, task, letters):
    layout = TokenLayout(lesson_tokenizer)
    embeddings = torch.randn(len(lesson_tokenizer), 8, generator=torch.Generator().manual_seed(0))
    tokens = PerfectTokens(layout, embeddings, task, Unmixed())(drawing_of(), letters, "how many")
    assert tokens.shape == (IMAGE_TOKENS[task], 8)
    if task == "answer":
        ids = layout.written(drawing_of(), letters) if letters else layout.kind(drawing_of())
        assert torch.equal(tokens, embeddings[torch.tensor(ids)])
    else:  # the router sees no expert, whatever the question needs
        torch.testing.assert_close(tokens, embeddings[layout.kinds["B"]].expand_as(tokens))


class Speaker:
    """Stands in for a model with a LoRA."""

    def __init__(self, llm):
        self.llm = llm

    def get_base_model(self):
        return self.llm


def test_each_pictures_tokens_stand_in_its_own_sequence_and_the_loss_is_the_replies():
    torch.manual_seed(0)
    llm = small_llm(width=32)
    prompt, reply, pictures = [5, IMAGE_TOKEN, IMAGE_TOKEN, 6], [[9, 1], [7, 8, 1]], torch.randn(2, 2, 32)
    packs = [pack(prompt, [([3, 4], words)]) for words in reply]
    with torch.no_grad():
        loss, numbers = speaking_loss(Speaker(llm), packs, list(pictures))
        sums = []
        for words, picture in zip(reply, pictures, strict=True):
            table = llm.model.embed_tokens.weight
            after = torch.tensor([6, 3, 4, *words])
            embeds = torch.cat([table[5:6], picture, table[after]])[None]
            logits = llm(inputs_embeds=embeds, use_cache=False).logits[0, -len(words) - 1 : -1]
            sums.append(F.cross_entropy(logits, torch.tensor(words), reduction="sum"))
    torch.testing.assert_close(loss, sum(sums) / 5, rtol=0.01, atol=0.01)
    assert 0 <= numbers["right"] <= 1


def test_layers_held_rounded_are_coarse_and_come_back_whole_while_a_lora_keeps_its_own():
    torch.manual_seed(0)
    llm = small_llm(width=64).requires_grad_(False)
    lora = get_peft_model(llm, LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM"))
    before = {name: weight.clone() for name, weight in lora.named_parameters()}

    def changed():
        return {name for name, weight in lora.named_parameters() if not torch.equal(weight, before[name])}

    layers = LayerWeights(llm)
    layers.hold(rounded=True)
    linear = {name for name in before if "_proj" in name and "lora_" not in name}
    assert changed() == linear and len(linear) == 2 * 7
    for name, weight in lora.named_parameters():
        torch.testing.assert_close(weight, before[name], rtol=0, atol=0.2 * before[name].abs().max().item())
    layers.hold(rounded=False)
    assert not changed()
