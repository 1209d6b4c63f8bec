"""The MoV-Adapter against the recorded outputs of the published code: every case, every inner tensor."""

import re
from functools import cache

import pytest
import torch
from torch import Tensor

from mova.adapter import MovAdapter
from mova.config import MovaConfig
from mova.language.prompts import gate_text
from mova.vision.experts.pool import LETTERS
from mova.vision.rotary import rotary_tables
from tests.golden import Golden, assert_close, assert_close_lowvar, golden, section, text_tokenizer
from tests.observing import observe

pytestmark = pytest.mark.parity

RECORDED = golden("adapter")
CASES = RECORDED.info["cases"]
BLOCKS = range(RECORDED.config["num_projector_layers"])
cases = pytest.mark.parametrize("case", CASES)
blocks = pytest.mark.parametrize("block", BLOCKS)


def config_of(recorded: Golden) -> MovaConfig:
    """The fixture's sizes; the language model, which it lacks, gets heads that divide any width."""
    llm = {"num_attention_heads": 1, "num_key_value_heads": 1}
    bert = section("text_encoder", recorded.info["bert_config"])
    return MovaConfig(**recorded.config, **llm, text_encoder=bert)


@cache
def adapter(fixture: str) -> MovAdapter:
    """The adapter of a fixture with its recipe's weights."""
    recorded = golden(fixture)
    model = MovAdapter(config_of(recorded)).eval()
    model.load_state_dict(recorded.weights())
    return model


def text_ids(recorded: Golden, prompts: list[list[str]]) -> dict[str, Tensor]:
    """BERT's input for one conversation's questions a row."""
    texts = [gate_text(questions) for questions in prompts]
    return text_tokenizer(config_of(recorded))(texts, padding=True, truncation=True, return_tensors="pt")


def taken_apart(recorded: Golden, batch: int) -> tuple[Tensor, dict[str, Tensor]]:
    """The published columns as base and experts."""
    widths = [recorded.config["mm_hidden_size"], *recorded.config["expert_channels"]]
    base, *experts = recorded["input.x"][:batch].split(widths, dim=-1)
    return base, dict(zip(LETTERS, experts, strict=True))


@cache
@torch.no_grad()
def run(case: str) -> dict:
    """The case's result and what went into and came out of every module on the way."""
    model = adapter("adapter")
    base, experts = taken_apart(RECORDED, CASES[case]["batch"])
    ids, mask = (RECORDED[f"output.{case}.text_{name}"] for name in ("input_ids", "attention_mask"))
    routing = RECORDED[f"input.{case}.routing_weights"]
    with observe(model) as seen:
        text = model.encode_text(ids, mask)
        fused = model(base, experts, text, routing)
    return {"text": text, "fused": fused, "seen": seen, "routed": routing > 0, "experts": experts}


def expect(actual: Tensor, name: str) -> None:
    """Close to the recorded output; where that is all zero, exactly zero."""
    expected = RECORDED[f"output.{name}"]
    if expected.any():
        assert_close(actual, expected)
    else:
        assert actual.shape == expected.shape and not actual.any()


@cases
def test_text_ids(case):
    read = text_ids(RECORDED, CASES[case]["prompts"])
    assert torch.equal(read.input_ids, RECORDED[f"output.{case}.text_input_ids"])
    assert torch.equal(read.attention_mask, RECORDED[f"output.{case}.text_attention_mask"])


@cases
def test_text_feature(case):
    expect(run(case)["text"], f"{case}.text_feat")


@cases
@blocks
def test_gate_logits(case, block):
    _, logits = run(case)["seen"][f"blocks.{block}.gate"]
    expect(logits, f"{case}.block{block}.router_logits")
    assert_close(run(case)["fused"].unmasked[:, block], logits.softmax(dim=-1))


@cases
@blocks
def test_gating_weights(case, block):
    found = run(case)
    masked, any_routed = found["fused"].masked[:, block], found["routed"].any(dim=-1)
    assert not masked[~any_routed].any()
    if any_routed.any():
        expected = RECORDED[f"output.{case}.block{block}.routing_weights"]
        assert_close(masked[any_routed], expected[any_routed])


@cases
@blocks
def test_selected_experts(case, block):
    for weights, picked in zip(
        run(case)["fused"].masked[:, block],
        RECORDED[f"output.{case}.block{block}.selected_experts"],
        strict=True,
    ):
        used = int((weights > 0).sum())  # the places behind them are arbitrary
        assert weights.argsort(descending=True)[:used].tolist() == picked[:used].tolist()


@cases
@blocks
def test_cross_attention_norms(case, block):
    """Published code runs every expert for a batch and the routed ones for one sample."""
    found = run(case)
    batch, module = len(found["routed"]), adapter("adapter").blocks[block]
    norms = torch.zeros(batch, len(LETTERS))
    (stream, *_), _ = found["seen"][f"blocks.{block}"]
    for index, letter in enumerate(LETTERS):
        observed = found["seen"].get(f"blocks.{block}.cross_attn.{index}")
        if observed is None and batch > 1:
            rotary = rotary_tables(adapter("adapter").side, adapter("adapter").head_dim)
            source = module.norm2[index](found["experts"][letter])
            observed = None, module.cross_attn[index](module.norm1[index](stream), source, rotary)
        if observed is not None:
            norms[:, index] = observed[1].detach().flatten(1).norm(dim=-1)
    expect(norms, f"{case}.block{block}.cross_attn_norms")


@cases
@blocks
def test_contributions_are_gate_times_cross_attention(case, block):
    fused = run(case)["fused"]
    total = fused.contributions[:, block].norm(dim=-1)
    gated = fused.masked[:, block] * RECORDED[f"output.{case}.block{block}.cross_attn_norms"]
    assert torch.allclose(total, gated, rtol=1e-4, atol=0)


@cases
@blocks
def test_fused_norm(case, block):
    seen = run(case)["seen"]
    (before, *_), _ = seen[f"blocks.{block}"]
    (after,), _ = seen[f"blocks.{block}.norm3"]
    expect((after - before).flatten(1).norm(dim=-1), f"{case}.block{block}.fused_norm")


@cases
@blocks
def test_block_output(case, block):
    _, (stream, _) = run(case)["seen"][f"blocks.{block}"]
    expect(stream[:, :2], f"{case}.block{block}.out_first_tokens")
    expect(stream.norm(dim=-1), f"{case}.block{block}.out_norm_per_token")


@cases
def test_before_downsampling(case):
    (grid,), _ = run(case)["seen"]["downsample"]
    expect(grid.flatten(2).transpose(1, 2), f"{case}.before_downsample")


@cases
def test_after_the_first_stage(case):
    _, grid = run(case)["seen"]["downsample.0"]
    expect(grid.mean(dim=(2, 3)), f"{case}.after_s1_channel_mean")


@cases
def test_after_downsampling(case):
    _, grid = run(case)["seen"]["downsample"]
    expect(grid.mean(dim=(2, 3)), f"{case}.after_downsample_channel_mean")


@cases
def test_image_tokens(case):
    expect(run(case)["fused"].tokens, f"{case}.final")


@pytest.mark.parametrize("name", RECORDED.names("buffer."))
def test_rotary_table(name):
    cos, sin = rotary_tables(RECORDED.config["image_feat_size"], RECORDED[name].shape[-1])
    assert_close(cos if name.endswith("cos") else sin, RECORDED[name])


@cache
@torch.no_grad()
def run_lowvar() -> dict[str, Tensor]:
    """Outputs of tiny activations, under their recorded names."""
    recorded = golden("adapter_lowvar")
    model = adapter("adapter_lowvar")
    base, experts = taken_apart(recorded, len(recorded["input.routing_weights"]))
    read = text_ids(recorded, recorded.info["prompts"])
    with observe(model) as seen:
        text = model.encode_text(read.input_ids, read.attention_mask)
        fused = model(base, experts, text, recorded["input.routing_weights"])
    inner = re.compile(r"blocks\.(\d+)\.(self_attn|mlp|cross_attn\.\d+)")
    found = {}
    for name, (_, output) in seen.items():
        if place := inner.fullmatch(name):
            found[f"block{place[1]}.{place[2].replace('.', '_')}"] = output
    (before,), after = seen["downsample"]
    found |= {"before_downsample": before, "after_downsample": after}
    found = {name: t.flatten(2).transpose(1, 2) if t.dim() == 4 else t for name, t in found.items()}
    return {**found, "final": fused.tokens}


@pytest.mark.parametrize("output", golden("adapter_lowvar").names("output."))
def test_tiny_activations_show_every_epsilon(output):
    assert_close_lowvar(run_lowvar()[output.removeprefix("output.")], golden("adapter_lowvar")[output])
