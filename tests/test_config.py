"""One configuration class: defaults are the 8B model, everything else is other values of the same fields."""

import json

import pytest

from mova.config import SECTIONS, MovaConfig


def released_file(folder, **changes):
    """A config.json as the authors wrote theirs: flat, no sections, their own model type and paths."""
    content = {
        "architectures": ["MovaLlamaForCausalLM"],
        "model_type": "mova_llama",
        "hidden_size": 4096,
        "rope_theta": 500000.0,
        "rope_scaling": None,
        "torch_dtype": "bfloat16",
        "mm_vision_tower": {"clip": "/data/someone/clip"},
        "mm_use_im_start_end": False,
        "tokenizer_model_max_length": 4096,
        **changes,
    }
    (folder / "config.json").write_text(json.dumps(content))
    return MovaConfig.from_pretrained(folder)


def test_a_flat_released_file_means_the_8b_model(tmp_path):
    config = released_file(tmp_path)
    default = MovaConfig()
    assert all(getattr(config, name) == getattr(default, name) for name in SECTIONS)
    assert config.rope_parameters == {"rope_type": "default", "rope_theta": 500000.0}
    assert (config.base_side, config.dino_side, config.views.high_side) == (672, 672, 1024)
    assert (config.base_tokens, config.image_tokens, config.num_routing_tokens) == (2304, 576, 144)


def test_the_authors_fields_are_kept_and_their_model_type_is_read_as_ours(tmp_path):
    config = released_file(tmp_path)
    assert config.mm_vision_tower == {"clip": "/data/someone/clip"}
    assert config.mm_use_im_start_end is False
    assert config.tokenizer_model_max_length == 4096
    assert config.model_type == "mova"


def test_a_section_holds_only_the_values_that_differ():
    config = MovaConfig(clip={"hidden_size": 192}, image_feat_size=24)
    assert config.clip.hidden_size == 192
    assert config.clip.num_hidden_layers == 24
    assert config.base_side == 336


def test_a_saved_config_reads_back_equal(tmp_path, tiny_config):
    tiny_config.save_pretrained(tmp_path)
    again = MovaConfig.from_pretrained(tmp_path)
    assert again.to_dict() == tiny_config.to_dict()
    assert all(getattr(again, name) == getattr(tiny_config, name) for name in SECTIONS)


def test_an_unknown_size_is_refused():
    with pytest.raises(ValueError, match="hiden_size"):
        MovaConfig(sam={"hiden_size": 4})


def test_sections_cannot_be_changed_in_place(tiny_config):
    with pytest.raises(AttributeError):
        tiny_config.clip.hidden_size = 1
