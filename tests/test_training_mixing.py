"""Mixing: a share of another sitting's weights, and nothing of what is no sitting of the same part."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from training.mixing import main, mix, mixed


def checkpoint(folder, base, lora):
    """A checkpoint of two files: a base encoder with a weight that all share, and a LoRA."""
    (folder / "lora").mkdir(parents=True)
    encoder = {"base": torch.full((2, 3), base), "shared": torch.ones(4)}
    save_file(encoder, folder / "vision.safetensors")
    save_file({"lora": torch.full((3,), lora)}, folder / "lora" / "adapter.safetensors")
    (folder / "lora" / "adapter_config.json").write_text("{}")
    return folder


def weights(folder):
    return load_file(folder / "vision.safetensors") | load_file(folder / "lora" / "adapter.safetensors")


def test_a_share_of_the_other_is_mixed_in_and_the_other_stays(tmp_path):
    target, other = checkpoint(tmp_path / "a", 1.0, 0.0), checkpoint(tmp_path / "b", 2.0, 8.0)
    main([str(target), str(other), "--share", "0.25"])
    found = weights(target)
    assert (found["base"] == 1.25).all() and (found["lora"] == 2.0).all() and (found["shared"] == 1).all()
    assert (weights(other)["base"] == 2.0).all()


def test_two_thirds_of_the_one_before_come_back_in_two_steps(tmp_path):
    one, two, before = (checkpoint(tmp_path / str(v), float(v), 0.0) for v in (1, 3, 8))
    mix(one, two, 1 / 2)
    mix(one, before, 2 / 3)
    assert torch.allclose(weights(one)["base"], torch.tensor(6.0))


def test_only_the_named_files_change(tmp_path):
    target, other = checkpoint(tmp_path / "a", 1.0, 0.0), checkpoint(tmp_path / "b", 2.0, 8.0)
    assert mix(target, other, 0.5, "lora/*") == [target / "lora" / "adapter.safetensors"]
    found = weights(target)
    assert (found["base"] == 1.0).all() and (found["lora"] == 4.0).all()


def test_weights_keep_their_type_and_equal_ones_their_bits():
    same = torch.randn(50).bfloat16()
    found = mixed({"same": same, "w": torch.ones(2).bfloat16()}, {"same": same, "w": torch.zeros(2)}, 1 / 3)
    assert found["w"].dtype == torch.bfloat16 and torch.equal(found["same"], same)


def test_what_is_no_other_sitting_is_refused_and_nothing_is_written(tmp_path):
    target, other = checkpoint(tmp_path / "a", 1.0, 0.0), checkpoint(tmp_path / "b", 2.0, 8.0)
    with pytest.raises(FileNotFoundError, match="--only"):
        mix(target, other, 0.5, "nothing-*")
    save_file({"base": torch.ones(2, 4), "shared": torch.ones(4)}, other / "vision.safetensors")
    with pytest.raises(ValueError, match=r"base is \(2, 3\) in one and \(2, 4\)"):
        mix(target, other, 0.5)
    (other / "vision.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"vision\.safetensors is missing"):
        mix(target, other, 0.5)
    assert (weights(target)["lora"] == 0.0).all()
