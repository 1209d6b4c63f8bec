"""What the MoV-Adapter promises beside the published numbers: skipping, batching, gates, no state."""

import copy

import pytest
import torch
from torch import Tensor

from mova.adapter import Fused, MovAdapter, gate_weights
from mova.vision.experts.pool import LETTERS, indices
from tests.observing import observe


@pytest.fixture(autouse=True)
def no_grad():
    torch.manual_seed(0)
    with torch.no_grad():
        yield


@pytest.fixture
def adapter(tiny_model) -> MovAdapter:
    return tiny_model.model.mm_projector


@pytest.fixture
def base(tiny_config) -> Tensor:
    return torch.randn(2, tiny_config.base_tokens, tiny_config.mm_hidden_size)


@pytest.fixture
def experts(tiny_config) -> dict[str, Tensor]:
    widths = zip(LETTERS, tiny_config.expert_channels, strict=True)
    return {letter: torch.randn(2, tiny_config.base_tokens, width) for letter, width in widths}


@pytest.fixture
def text(tiny_config) -> Tensor:
    return torch.randn(2, tiny_config.text_encoder.hidden_size)


def routing(*rows: str) -> Tensor:
    """One routing row for each string of letters."""
    table = torch.zeros(len(rows), len(LETTERS))
    for row, letters in enumerate(rows):
        table[row, indices(letters)] = 1
    return table


def rows(tensors: dict[str, Tensor], row: int) -> dict[str, Tensor]:
    return {letter: tensor[row : row + 1] for letter, tensor in tensors.items()}


def assert_same(first: Fused, second: Fused) -> None:
    for name in ("tokens", "masked", "unmasked", "contributions"):
        assert torch.equal(getattr(first, name), getattr(second, name)), name


def test_sizes_and_types(adapter, base, experts, text, tiny_config):
    fused = adapter(base, experts, text, routing("AD", "G"))
    layers, tokens = tiny_config.num_projector_layers, tiny_config.base_tokens
    assert fused.tokens.shape == (2, tokens // 4, tiny_config.hidden_size)
    assert fused.masked.shape == fused.unmasked.shape == (2, layers, 7)
    assert fused.contributions.shape == (2, layers, 7, tokens)


def test_experts_that_no_row_routes_are_not_run(adapter, base, experts, text):
    with observe(adapter) as seen:
        adapter(base, experts, text, routing("AD", "G"))
    run = {letter for index, letter in enumerate(LETTERS) if f"blocks.0.cross_attn.{index}" in seen}
    assert run == set("ADG")


def test_a_skipped_expert_changes_nothing(adapter, base, experts, text):
    given, routed = {letter: experts[letter] for letter in "AD"}, routing("AD", "D")
    assert_same(adapter(base, given, text, routed), adapter(base, experts, text, routed))


def test_a_routed_expert_without_features_counts_as_not_routed(adapter, base, experts, text):
    given = {letter: experts[letter] for letter in "AD"}
    asked, had = routing("ADG", "G"), routing("AD", "")
    assert_same(adapter(base, given, text, asked), adapter(base, experts, text, had))


@pytest.mark.parametrize("row", [0, 1])
def test_a_row_of_a_batch_is_the_row_alone(adapter, base, experts, text, row):
    """In the batch the other row's experts run here too, with weight zero; alone they are skipped."""
    routed = routing("ADG", "BE")
    whole = adapter(base, experts, text, routed)
    one = slice(row, row + 1)
    alone = adapter(base[one], rows(experts, row), text[one], routed[one])
    for name in ("tokens", "masked", "unmasked", "contributions"):
        assert torch.allclose(getattr(whole, name)[one], getattr(alone, name), atol=1e-5, rtol=1e-4), name


def test_gates_sum_to_one_over_the_routed_experts_alone(adapter, base, experts, text):
    fused = adapter(base, experts, text, routing("ADG", "C"))
    assert torch.allclose(fused.masked.sum(dim=-1), torch.ones(2, 2))
    assert torch.equal(fused.masked > 0, routing("ADG", "C").bool()[:, None].expand(2, 2, 7))
    assert torch.allclose(fused.unmasked.sum(dim=-1), torch.ones(2, 2))
    assert (fused.unmasked > 0).all()


def test_of_five_routed_experts_the_gate_keeps_its_best_three(adapter, base, experts, text):
    fused = adapter(base, experts, text, routing("ABCDE", "CDEFG"))
    assert ((fused.masked > 0).sum(dim=-1) == 3).all()
    assert torch.allclose(fused.masked.sum(dim=-1), torch.ones(2, 2))


def test_nothing_routed_leaves_no_trace_of_text_or_experts(adapter, base, experts, text):
    one = adapter(base, experts, text, routing("", ""))
    other = adapter(base, {}, torch.randn_like(text), routing("", ""))
    assert torch.equal(one.tokens, other.tokens)
    assert not one.masked.any() and not one.contributions.any()
    assert not torch.equal(one.unmasked, other.unmasked)


def test_the_question_moves_the_gates_and_the_tokens(adapter, base, experts, text):
    one = adapter(base, experts, text, routing("AD", "EG"))
    other = adapter(base, experts, torch.randn_like(text), routing("AD", "EG"))
    assert (one.masked - other.masked).abs().max() > 1e-3
    assert not torch.allclose(one.tokens, other.tokens, atol=1e-3)


def test_gate_weights_by_hand():
    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0, 5.0, 0.0, 0.0]])
    routed = torch.tensor([[True, True, True, True, False, False, False]])
    masked, unmasked = gate_weights(logits, routed, top_k=3)
    kept = torch.tensor([2.0, 1.0, 0.0]).exp()
    assert torch.allclose(masked, torch.tensor([[*(kept / kept.sum()), 0, 0, 0, 0]]))
    assert torch.allclose(unmasked, logits.softmax(dim=-1))


def test_bfloat16_stays_close_and_gates_stay_float32(adapter, base, experts, text):
    exact = adapter(base, experts, text, routing("AD", "EG"))
    small = copy.deepcopy(adapter).bfloat16()
    half = {letter: features.bfloat16() for letter, features in experts.items()}
    fused = small(base.bfloat16(), half, text.bfloat16(), routing("AD", "EG"))
    assert fused.tokens.dtype == torch.bfloat16
    assert fused.masked.dtype == fused.unmasked.dtype == fused.contributions.dtype == torch.float32
    assert (fused.tokens.float() - exact.tokens).norm() / exact.tokens.norm() < 3e-2


def test_a_run_leaves_nothing_on_the_module(adapter, base, experts, text):
    before = {name: dict(vars(module)) for name, module in adapter.named_modules()}
    adapter(base, experts, text, routing("AD", "G"))
    for name, module in adapter.named_modules():
        assert vars(module) == before[name], name


def test_training_reaches_gate_and_experts_parts(tiny_model, base, experts, text):
    adapter = copy.deepcopy(tiny_model.model.mm_projector).requires_grad_(True)
    with torch.enable_grad():
        adapter(base, experts, text, routing("AD", "EG")).tokens.sum().backward()
    for name in ("gate.0.weight", "cross_attn.0.q_proj.weight", "cross_attn.6.v_proj.weight"):
        assert adapter.get_parameter(f"blocks.0.{name}").grad.abs().sum() > 0, name
    assert adapter.get_parameter("blocks.0.cross_attn.1.q_proj.weight").grad is None
