"""The embedded checkpoint's sizes and files: what 4-bit kernels and a repository can hold."""

import re

import pytest
import torch
from torch import nn

from mova.checkpoint.precision import INPUT_MULTIPLE, OUTPUT_MULTIPLE, part_of, quantised_layers
from mova.config import MovaConfig
from mova.model import MovaForCausalLM
from training import assemble
from training.language import TARGETS
from training.layout import GRID
from training.shards import split
from training.sizes import tiny_config

BYTES = torch.bfloat16.itemsize


@pytest.fixture(scope="module")
def model():
    with torch.device("meta"):
        return MovaForCausalLM(tiny_config())


def vision_weights(model):
    return {
        name: weight
        for name, weight in model.named_parameters()
        if name.startswith(("model.vision_tower.", "model.mm_projector."))
    }


def lora_weights(model):
    """How many weights the two LoRAs have: `rank` rows at either end of every layer they are on."""
    linears = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, nn.Linear)]
    return sum(
        rank * (layer.in_features + layer.out_features)
        for rank, pattern in TARGETS.values()
        for name, layer in linears
        if re.fullmatch(pattern, name)
    )


def test_files_stay_under_the_limit_and_keep_every_weight_in_order():
    weights = {
        f"w{k}": torch.full((size,), k, dtype=torch.float32) for k, size in enumerate((10, 15, 9, 1, 25))
    }
    parts = split(weights, 100)
    assert [list(part) for part in parts] == [["w0", "w1"], ["w2", "w3"], ["w4"]]
    assert all(sum(tensor.nbytes for tensor in part.values()) <= 100 for part in parts)
    assert all(torch.equal(part[name], weights[name]) for part in parts for name in part)


def test_no_single_weight_is_larger_than_a_file(model):
    assert max(weight.numel() for weight in vision_weights(model).values()) * BYTES <= assemble.LARGEST_FILE


def test_vision_and_loras_together_stay_under_forty_megabytes(model):
    vision = sum(weight.numel() for weight in vision_weights(model).values())
    assert lora_weights(model) > 0
    assert (vision + lora_weights(model)) * BYTES < 40e6


def test_every_linear_layer_meant_for_four_bits_fits_its_kernels(model):
    meant = {
        name: (layer.in_features % INPUT_MULTIPLE, layer.out_features % OUTPUT_MULTIPLE)
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Linear) and (part := part_of(name)) and "nf4" in part.precisions
    }
    assert {name: rest for name, rest in meant.items() if rest != (0, 0)} == {}
    assert meant.keys() == quantised_layers(model, "nf4")


def test_the_configuration_survives_being_written_and_read(tmp_path):
    tiny_config().save_pretrained(tmp_path)
    assert MovaConfig.from_pretrained(tmp_path).to_dict() == tiny_config().to_dict()


def test_the_language_model_gets_one_token_for_each_cell_of_the_layout():
    config = tiny_config()
    assert config.image_feat_size == 2 * GRID
    assert config.num_routing_tokens == GRID * GRID // 4


def test_every_target_of_a_lora_exists_in_every_layer(model):
    names = [name for name, _ in model.named_modules()]
    for rank, pattern in TARGETS.values():
        found = [name for name in names if re.fullmatch(pattern, name)]
        assert rank > 0 and len(found) % model.config.num_hidden_layers == 0 and found
