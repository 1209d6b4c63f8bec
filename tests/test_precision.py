"""The precision table: what it says, and that transformers skips exactly what it says."""

import pytest
import torch
from torch import nn
from transformers.quantizers.quantizers_utils import should_convert_module

from mova.checkpoint import precision
from mova.config import MovaConfig
from mova.model import MovaForCausalLM


@pytest.fixture(scope="module")
def tiny_outline(tiny_config):
    return MovaForCausalLM.outline(tiny_config)


@pytest.fixture(scope="module")
def full_outline():
    """The 8B model without memory for its weights."""
    return MovaForCausalLM.outline(MovaConfig())


def linear_names(model):
    return {name for name, module in model.named_modules() if isinstance(module, nn.Linear)}


@pytest.mark.parametrize("quantised", precision.QUANTISED)
@pytest.mark.parametrize("size", ["tiny_outline", "full_outline"])
def test_transformers_converts_exactly_the_layers_of_the_table(size, quantised, request):
    model = request.getfixturevalue(size)
    skipped = precision.skipped_modules(model, quantised)
    converted = {name for name in linear_names(model) if should_convert_module(name, skipped)}
    assert converted == precision.quantised_layers(model, quantised)
    assert converted


def test_language_model_text_encoder_and_every_expert_are_in_4_bit(full_outline):
    names = precision.quantised_layers(full_outline, "nf4")
    towers = ("dinov2", "vary", "codetr", "pix2struct", "deplot", "biomedclip", "sam")
    for part in ("layers", "mm_projector.text_encoder", *(f"vision_tower.{tower}" for tower in towers)):
        assert any(name.startswith(f"model.{part}.") for name in names), part


@pytest.mark.parametrize(
    "part", ["lm_head", "model.mm_projector.blocks", "model.mm_projector.mlp", "model.vision_tower.clip"]
)
def test_output_layer_gate_adapter_and_base_encoder_are_kept_whole(full_outline, part):
    assert not [name for name in precision.quantised_layers(full_outline, "nf4") if name.startswith(part)]


def test_feed_forward_output_of_pix2struct_and_deplot_is_kept_whole(full_outline):
    outputs = {name for name in linear_names(full_outline) if name.endswith("mlp.wo")}
    assert len(outputs) == 18 + 12
    assert not outputs & precision.quantised_layers(full_outline, "nf4")


def test_experts_over_maps_are_kept_whole_in_int8(full_outline):
    for name in precision.quantised_layers(full_outline, "int8"):
        assert not name.startswith(
            tuple(f"model.vision_tower.{tower}." for tower in ("vary", "codetr", "sam"))
        )


def test_layers_that_do_not_fit_the_kernels_of_cpus_are_kept_whole(full_outline):
    modules = dict(full_outline.named_modules())
    for name in precision.quantised_layers(full_outline, "nf4"):
        assert modules[name].in_features % 64 == 0 and modules[name].out_features % 32 == 0
    assert not precision.is_quantised("model.vision_tower.codetr.blocks.0.mlp.w1", 1024, 2730, "nf4")
    assert not precision.is_quantised("model.vision_tower.codetr.blocks.0.mlp.w3", 2730, 1024, "nf4")


def test_a_layer_no_row_names_is_kept_whole():
    assert precision.part_of("model.something_new.linear") is None
    assert not precision.is_quantised("model.something_new.linear", 64, 64, "nf4")


def test_skipped_names_are_paths_from_the_root_of_this_model(tiny_outline):
    modules = dict(tiny_outline.named_modules())
    assert all(name in modules for name in precision.skipped_modules(tiny_outline, "nf4"))


def test_nf4_uses_double_quantisation_and_bfloat16_arithmetic(tiny_outline):
    settings = precision.quantization_config(tiny_outline, "nf4")
    assert settings.bnb_4bit_quant_type == "nf4" and settings.bnb_4bit_use_double_quant
    assert settings.bnb_4bit_compute_dtype == torch.bfloat16


@pytest.mark.parametrize("name", ["bf16", "fp32"])
def test_plain_precisions_need_no_quantisation(tiny_outline, name):
    assert precision.quantization_config(tiny_outline, name) is None


def test_weights_of_the_full_model_take_what_its_files_take(full_outline):
    size = {name: precision.weight_bytes(full_outline, name) / 1e9 for name in precision.PRECISIONS}
    assert size["bf16"] == pytest.approx(23.37, abs=0.05)  # the released files, without what we drop
    assert size["fp32"] == pytest.approx(2 * size["bf16"])
    assert 8 < size["nf4"] < 10 < size["int8"] < 15


@pytest.mark.parametrize(
    "stored, expected",
    [
        ({}, None),
        ({"quantization_config": {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}}, "nf4"),
        ({"quantization_config": {"load_in_8bit": True}}, "int8"),
        ({"quantization_config": {"quant_method": "gptq"}}, "gptq"),
    ],
)
def test_stored_precision_is_read_from_the_configuration(stored, expected):
    assert precision.stored_precision(stored) == expected


def test_every_row_of_the_table_says_why():
    assert all(part.why for part in precision.PARTS)
