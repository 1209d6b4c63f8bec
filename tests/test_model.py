"""The model as a whole: two passes from values the caller holds, equal with and without reuse."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from PIL import Image

from mova.language.prompts import IMAGE_TOKEN
from mova.vision.experts.pool import EXPERTS, LETTERS
from mova.vision.views import Views, build_views
from tests.tiny_model import build_model


@pytest.fixture(autouse=True)
def no_grad():
    torch.manual_seed(0)
    with torch.no_grad():
        yield


@pytest.fixture(scope="module")
def views(tiny_config) -> Views:
    pixels = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    return build_views(Image.fromarray(pixels), tiny_config)


def encode_text(model, *ids: int) -> torch.Tensor:
    question = torch.tensor([[2, *ids, 3]])
    return model.encode_text(question, torch.ones_like(question))


def test_base_and_experts_share_the_base_grid(tiny_model, tiny_config, views):
    tokens = tiny_config.base_tokens
    assert tiny_model.encode_base(views).shape == (1, tokens, tiny_config.mm_hidden_size)
    for letter, width in zip(LETTERS, tiny_config.expert_channels, strict=True):
        assert tiny_model.encode_expert(letter, views).shape == (1, tokens, width)


@pytest.mark.parametrize("expert", EXPERTS, ids=[expert.letter for expert in EXPERTS])
def test_an_expert_reads_its_own_view_alone(tiny_model, views, expert):
    features = tiny_model.encode_expert(expert.letter, views)
    for field in fields(Views):
        pixels = getattr(views, field.name)
        noise = torch.randn_like(pixels)
        if field.name == "patches":  # the first two columns say where a patch is
            noise[..., :2] = 0
        changed = tiny_model.encode_expert(expert.letter, replace(views, **{field.name: pixels + noise}))
        assert torch.equal(changed, features) == (field.name != expert.view), field.name


def test_routing_pass_does_not_know_the_question(tiny_model, views):
    """Exactly: this is what makes the routing prompt's prefix reusable between questions."""
    base, none = tiny_model.encode_base(views), torch.zeros(1, len(LETTERS))
    first, second = (tiny_model.fuse(base, {}, encode_text(tiny_model, *ids), none) for ids in ([7], [9, 11]))
    assert torch.equal(first.tokens, second.tokens)


def test_answering_pass_knows_question_and_experts(tiny_model, views):
    base, routed = tiny_model.encode_base(views), torch.eye(len(LETTERS))[3:4] + torch.eye(len(LETTERS))[4:5]
    experts = {letter: tiny_model.encode_expert(letter, views) for letter in "DE"}
    first, second = (
        tiny_model.fuse(base, experts, encode_text(tiny_model, *ids), routed) for ids in ([7], [9])
    )
    plain = tiny_model.fuse(base, {}, encode_text(tiny_model, 7), torch.zeros_like(routed))
    assert not torch.equal(first.tokens, second.tokens)
    assert not torch.equal(first.tokens, plain.tokens)


def test_pooling_for_the_router_averages_neighbours(tiny_model, tiny_config):
    tokens = torch.randn(1, tiny_config.image_tokens, tiny_config.hidden_size)
    pooled = tiny_model.pool_for_routing(tokens)
    assert pooled.shape == (1, tiny_config.num_routing_tokens, tiny_config.hidden_size)
    assert torch.allclose(pooled[0, 0], tokens[0, [0, 1, 4, 5]].mean(dim=0), atol=1e-6)
    assert torch.allclose(pooled[0, 1], tokens[0, [2, 3, 6, 7]].mean(dim=0), atol=1e-6)


def test_image_tokens_stand_where_the_marker_is(tiny_model, tiny_config):
    image = torch.randn(3, tiny_config.hidden_size)
    embeds = tiny_model.embed([5, 6, IMAGE_TOKEN, 7], image)
    table = tiny_model.get_input_embeddings().weight
    assert torch.equal(embeds, torch.cat([table[[5, 6]], image, table[[7]]])[None])
    assert torch.equal(tiny_model.embed(torch.tensor([[5, 6]])), table[[5, 6]][None])


@pytest.mark.parametrize("ids", [[5], [IMAGE_TOKEN, 5, IMAGE_TOKEN]])
def test_one_image_needs_one_marker(tiny_model, tiny_config, ids):
    with pytest.raises(AssertionError, match="image markers"):
        tiny_model.embed(ids, torch.zeros(1, tiny_config.hidden_size))


def test_a_marker_needs_an_image(tiny_model):
    with pytest.raises(AssertionError, match="1 image markers"):
        tiny_model.embed([5, IMAGE_TOKEN])


def test_decoding_with_a_cache_is_decoding_without(tiny_model):
    """A prefix of the prompt goes in first, as a reused key-value cache would; then 64 greedy tokens."""
    prompt = [1, *range(20, 60)]
    embeds = tiny_model.embed(prompt)
    cached = tiny_model(inputs_embeds=embeds[:, :25], use_cache=True).past_key_values
    output = tiny_model(inputs_embeds=embeds[:, 25:], past_key_values=cached, use_cache=True)
    ids = list(prompt)
    for _ in range(64):
        whole = tiny_model.embed(ids)
        plain = tiny_model(inputs_embeds=whole, use_cache=False, logits_to_keep=1).logits[0, -1]
        logits = output.logits[0, -1]
        assert (logits - plain).norm() / plain.norm() < 1e-4
        assert logits.argmax() == plain.argmax()
        ids.append(int(logits.argmax()))
        output = tiny_model(
            input_ids=torch.tensor([ids[-1:]]), past_key_values=output.past_key_values, use_cache=True
        )


def test_nothing_is_kept_between_calls(tiny_model, views):
    before = {name: set(vars(module)) for name, module in tiny_model.named_modules()}
    base = tiny_model.encode_base(views)
    features = tiny_model.encode_expert("C", views)
    tiny_model.encode_expert("C", build_noise(views))
    assert torch.equal(tiny_model.encode_expert("C", views), features)
    assert torch.equal(tiny_model.encode_base(views), base)
    assert {name: set(vars(module)) for name, module in tiny_model.named_modules()} == before


def build_noise(views: Views) -> Views:
    return replace(views, high=torch.randn_like(views.high))


def test_a_small_model_may_tie_its_embeddings(tiny_config):
    values = {**tiny_config.to_dict(), "tie_word_embeddings": True}
    model = build_model(type(tiny_config).from_dict(values))
    assert model.lm_head.weight is model.model.embed_tokens.weight
