"""What fits into the contexts, and what is refused."""

from copy import deepcopy

import pytest

from mova.errors import QuestionRefused
from mova.language.context import (
    context_length,
    fit_conversation,
    fit_gate_text,
    fit_routing,
)
from mova.language.prompts import IMAGE_TOKEN, TEMPLATES, Turn

TEMPLATE = TEMPLATES["smollm2"]
TURNS = tuple(Turn(f"question number {n} about the picture", "answer " * 20) for n in range(10))


def fitted(tokenizer, config, length, turns=TURNS, question="why?", with_image=True):
    """The conversation fitted into `length` places with 20 of them for the answer."""
    config = deepcopy(config)
    config.tokenizer_model_max_length = length
    return fit_conversation(TEMPLATE, tokenizer, config, turns, question, with_image, new_tokens=20)


def test_a_conversation_that_fits_stays_whole(tiny_tokenizer, tiny_config):
    whole = fitted(tiny_tokenizer, tiny_config, 4000)
    assert (whole.turns, whole.dropped) == (TURNS, 0)


@pytest.mark.parametrize("with_image", [True, False])
def test_the_fewest_oldest_turns_are_dropped(tiny_tokenizer, tiny_config, with_image):
    def places(kept):
        image = tiny_config.image_tokens - 1 if with_image else 0
        return len(kept.ids) + image + 20

    full = fitted(tiny_tokenizer, tiny_config, 4000, with_image=with_image)
    kept = fitted(tiny_tokenizer, tiny_config, places(full) - 1, with_image=with_image)
    assert kept.dropped == 1 and kept.turns == TURNS[1:]
    assert kept.ids.count(IMAGE_TOKEN) == with_image
    assert fitted(tiny_tokenizer, tiny_config, places(full), with_image=with_image).dropped == 0
    short = fitted(tiny_tokenizer, tiny_config, 200, with_image=with_image)
    assert places(short) <= 200 and short.turns == TURNS[short.dropped :]


def test_a_question_alone_too_long_is_refused(tiny_tokenizer, tiny_config):
    with pytest.raises(QuestionRefused, match="too long.*Shorten"):
        fitted(tiny_tokenizer, tiny_config, 500, question="why? " * 2000)


def test_a_question_that_fits_only_without_the_pool_is_refused(tiny_tokenizer, tiny_config):
    config = deepcopy(tiny_config)
    config.tokenizer_model_max_length = 300
    with pytest.raises(QuestionRefused, match="too long"):
        fit_routing(TEMPLATE, tiny_tokenizer, config, "why? " * 60)


def test_the_shorter_context_counts(tiny_config):
    config = deepcopy(tiny_config)
    assert context_length(config) == config.max_position_embeddings
    config.tokenizer_model_max_length = 100
    assert context_length(config) == 100
    config.tokenizer_model_max_length = 10**30
    assert context_length(config) == config.max_position_embeddings


class WordCount:
    """A text tokenizer of one token per word and two around them."""

    def __call__(self, text, **options):
        return type("Encoding", (), {"input_ids": [0] * (len(text.split()) + 2)})


def test_the_gate_drops_oldest_questions_whole():
    questions = ["a b c", "d e", "f"]
    assert fit_gate_text(WordCount(), 100, questions)[1] == 0
    text, dropped = fit_gate_text(WordCount(), 10, questions)
    assert (text, dropped) == ("question 0: d e\n\nquestion 1: f\n\n", 1)
    text, dropped = fit_gate_text(WordCount(), 3, questions)
    assert (text, dropped) == ("question 0: f\n\n", 2)
