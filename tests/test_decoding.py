"""The decoding loop and the text it gives out."""

import random
import threading

import pytest
import torch
from transformers import GenerationConfig

from mova.language.decoder import build_decoders
from mova.language.decoding import TextStream, chooser, greedy, steps, whole_text
from mova.request import Decoding


@pytest.fixture(scope="module")
def prompt(tiny_model, tiny_tokenizer):
    """Embeddings [1, T, H] of a short text."""
    with torch.inference_mode():
        return tiny_model.embed(tiny_tokenizer("what is the color of this picture").input_ids)


def tokens(model, prompt, choose=greedy, ends=(), limit=64, stop=None):
    """Every step from a prompt."""
    decoder = build_decoders(model)[None]
    cache = decoder.cache(prompt.shape[1] + limit)
    return list(steps(decoder, decoder.prefill(prompt, cache), cache, choose, ends, limit, stop))


def test_greedy_is_generates_argmax(tiny_model, prompt):
    settings = GenerationConfig(max_new_tokens=64, do_sample=False, eos_token_id=-1)
    expected = tiny_model.generate(inputs_embeds=prompt, generation_config=settings)[0].tolist()
    assert [step.token for step in tokens(tiny_model, prompt)] == expected[-64:]


def test_each_step_carries_the_logits_of_a_full_forward(tiny_model, prompt):
    walked = tokens(tiny_model, prompt, limit=5)
    with torch.inference_mode():
        ids = torch.tensor([[step.token for step in walked[:4]]])
        whole = torch.cat([prompt, tiny_model.embed(ids)], dim=1)
        logits = tiny_model(inputs_embeds=whole).logits[0, -5:]
    for step, expected in zip(walked, logits, strict=True):
        assert torch.allclose(step.logits, expected, atol=1e-4)


def test_the_end_token_is_the_last_step(tiny_model, prompt):
    plain = [step.token for step in tokens(tiny_model, prompt)]
    end = plain[10]
    assert [step.token for step in tokens(tiny_model, prompt, ends={end})] == plain[: plain.index(end) + 1]


def test_a_stop_is_seen_before_the_next_token(tiny_model, prompt):
    stop, decoder = threading.Event(), build_decoders(tiny_model)[None]
    cache = decoder.cache(128)
    walk = steps(decoder, decoder.prefill(prompt, cache), cache, greedy, (), 64, stop)
    next(walk)
    stop.set()
    assert next(walk, None) is None


def test_a_seed_is_reproducible_and_seeds_differ(tiny_model, prompt):
    def sampled(seed):
        choose = chooser(Decoding(temperature=1.5, top_p=0.95, seed=seed))
        return [step.token for step in tokens(tiny_model, prompt, choose)]

    assert sampled(1) == sampled(1) != sampled(2)


def test_top_p_keeps_the_smallest_sufficient_set():
    logits = torch.log(torch.tensor([0.1, 0.5, 0.3, 0.1]))
    choose = chooser(Decoding(temperature=1.0, top_p=0.6))
    assert {choose(logits) for _ in range(200)} == {1, 2}
    choose = chooser(Decoding(temperature=1.0, top_p=0.0))
    assert {choose(logits) for _ in range(50)} == {1}


def test_a_large_vocabulary_is_sampled_as_a_small_one():
    """Where the likeliest tokens hold what top-p keeps, and where they do not."""
    generator = torch.Generator().manual_seed(0)
    for spread in (8.0, 0.1):
        logits = spread * torch.randn(5000, generator=generator)
        ordered, ids = torch.softmax(logits.double(), 0).sort(descending=True)
        kept = set(ids[: int((ordered.cumsum(0) - ordered < 0.9).sum())].tolist())
        choose = chooser(Decoding(temperature=1.0, top_p=0.9))
        drawn = [choose(logits) for _ in range(300)]
        assert set(drawn) <= kept and len(set(drawn)) > min(20, len(kept) // 2)


def test_sampling_follows_the_distribution():
    choose = chooser(Decoding(temperature=1.0))
    drawn = [choose(torch.log(torch.tensor([0.8, 0.2]))) for _ in range(1000)]
    assert 150 < sum(drawn) < 250


def test_a_tiny_temperature_is_greedy():
    choose = chooser(Decoding(temperature=1e-30))
    assert {choose(torch.tensor([1.0, 1.001, 0.5])) for _ in range(20)} == {1}


def streamed(tokenizer, ids):
    """(pieces given while tokens came, the piece given at the end)."""
    stream = TextStream(tokenizer)
    return [stream.push(i) for i in ids], stream.finish()


@pytest.mark.parametrize(
    "text", ["hello there", "  a café — naïve\n\n", "日本語 🦊🦊 x", "é", " ", "", "a\n\n b \t c  "]
)
def test_pieces_joined_are_the_whole_text(tiny_tokenizer, text):
    ids = tiny_tokenizer(text).input_ids
    pieces, last = streamed(tiny_tokenizer, ids)
    assert "".join(pieces) + last == whole_text(tiny_tokenizer, ids) == text.strip()
    assert not any("\ufffd" in piece for piece in pieces)


def test_pieces_of_random_tokens_joined_are_the_whole_text(tiny_tokenizer):
    rng = random.Random(0)
    for _ in range(200):
        ids = [rng.randrange(len(tiny_tokenizer)) for _ in range(rng.randrange(20))]
        pieces, last = streamed(tiny_tokenizer, ids)
        assert "".join(pieces) + last == whole_text(tiny_tokenizer, ids)


def test_an_unfinished_character_is_never_given(tiny_tokenizer):
    ids = tiny_tokenizer("ab 🦊").input_ids[:-1]
    pieces, last = streamed(tiny_tokenizer, ids)
    assert "".join(pieces) + last == "ab"


def test_words_come_as_soon_as_they_are_certain(tiny_tokenizer):
    pieces, last = streamed(tiny_tokenizer, tiny_tokenizer("picture  color").input_ids)
    assert last == "" and len([piece for piece in pieces if piece]) > 1
