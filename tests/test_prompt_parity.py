"""Prompts, token ids, the reply reader and the gate's text against recorded strings of the published code."""

import re

import pytest
from tokenizers import AddedToken

from mova.language.prompts import (
    IMAGE,
    IMAGE_TOKEN,
    ROUTING_TEXT,
    TEMPLATES,
    Part,
    Prompt,
    Turn,
    answer_prompt,
    encode,
    gate_text,
    routing_prompt,
)
from mova.language.routing import parse_reply
from mova.vision.experts.pool import LETTERS
from tests.golden import golden

pytestmark = pytest.mark.parity

RECORDED = golden("prompts").info
WELL_FORMED = re.compile(r"\s*([Nn]one|[A-G](\s*,\s*[A-G])*)?\s*")


def turns(recorded: list) -> list[Turn]:
    """The answered turns of the recorded conversation."""
    return [Turn(question, answer) for question, answer in recorded if answer is not None]


@pytest.mark.parametrize("name", RECORDED["prompts"])
def test_answer_prompt_of_one_turn(name):
    question = RECORDED["questions"][0][0]
    prompt = answer_prompt(TEMPLATES[name], [], question, with_image=True)
    assert prompt.text == RECORDED["prompts"][name]["answer_1turn"]


@pytest.mark.parametrize("name", RECORDED["prompts"])
def test_answer_prompt_of_several_turns(name):
    *earlier, (question, _) = RECORDED["questions"]
    prompt = answer_prompt(TEMPLATES[name], turns(earlier), question, with_image=True)
    assert prompt.text == RECORDED["prompts"][name][f"answer_{len(RECORDED['questions'])}turn"]


@pytest.mark.parametrize("name", RECORDED["prompts"])
def test_routing_prompt(name):
    question = RECORDED["questions"][0][0]
    assert routing_prompt(TEMPLATES[name], question).text == RECORDED["prompts"][name]["route_1turn"]


def test_routing_text():
    assert RECORDED["ROUTING_PROMPT"] == ROUTING_TEXT


def test_image_token():
    assert RECORDED["IMAGE_TOKEN_INDEX"] == IMAGE_TOKEN


class ToyTokenizer:
    """The tokenizer described with the recorded ids."""

    bos_token_id = 1
    added_tokens_decoder = {1: AddedToken("<|begin_of_text|>", special=True)}

    def __init__(self, adds_bos: bool):
        self.adds_bos = adds_bos

    def __call__(self, text: str):
        ids = [1] if self.adds_bos else []
        for index, stretch in enumerate(text.split("<|begin_of_text|>")):
            ids += [1] if index else []
            ids += [100 + ord(letter) % 400 for letter in stretch]
        return type("Encoding", (), {"input_ids": ids})


@pytest.mark.parametrize("case", RECORDED["tokenizer_image_token"]["cases"])
def test_token_ids_around_the_image(case):
    recorded = RECORDED["tokenizer_image_token"]["cases"][case]
    parts: list[Part] = []
    for index, text in enumerate(recorded["text"].split("<image>")):
        parts += [IMAGE] if index else []
        parts.append(Part("fixed", text))
    tokenizer = ToyTokenizer(adds_bos=case.endswith("bos=True"))
    assert encode(Prompt(tuple(parts)), tokenizer) == recorded["ids"]


@pytest.mark.parametrize("row", RECORDED["get_routing_weights"], ids=lambda row: repr(row["response"]))
def test_reply_reader(row):
    """Well-formed replies give the recorded weights; the rest are accidents of the published reader, whose
    rows our own table in test_routing.py settles."""
    if WELL_FORMED.fullmatch(row["response"]):
        picked = parse_reply(row["response"])
        assert [int(letter in picked) for letter in LETTERS] == [int(w) for w in row["weights"]]
    else:
        assert len(parse_reply(row["response"])) <= 3


def adapter_texts() -> list[tuple[list[str], str]]:
    """(questions, recorded text) of every sample of every adapter case."""
    cases = golden("adapter").info["cases"].values()
    return [pair for case in cases for pair in zip(case["prompts"], case["text_strings"], strict=True)]


@pytest.mark.parametrize(("questions", "recorded"), adapter_texts(), ids=lambda value: str(value)[:20])
def test_gate_text(questions, recorded):
    assert gate_text(questions) == recorded
