"""The key map: every entry of the released file has a place or is one of the 101 that are dropped."""

import json
import re

import pytest
import torch

from mova.checkpoint import key_map
from mova.config import MovaConfig
from mova.model import MovaForCausalLM, MovaPreTrainedModel
from tests.golden import GOLDENS
from tests.tiny_model import released_state

MANIFEST = json.loads((GOLDENS / "manifest_8b.json").read_text())
ENTRIES = MANIFEST["entries"]


def is_dropped(name: str) -> bool:
    return any(re.search(pattern, name) for pattern in key_map.DROPPED)


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def shape_of_names(names) -> set[str]:
    """Names with their layer numbers taken out; the tower's number stays."""
    return {re.sub(r"\.\d+\.", ".N.", re.sub(r"\.\d+\.", ".N.", name)) for name in names}


@pytest.fixture(scope="module")
def full_size():
    """The 8B model on the meta device, loaded from the manifest's entries, and the loading's report.

    The report names what would silently be dropped, too.
    """
    published = {name: torch.empty(entry["shape"], device="meta") for name, entry in ENTRIES.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MovaPreTrainedModel, "_keys_to_ignore_on_load_unexpected", None)
        return MovaForCausalLM.from_pretrained(
            None, config=MovaConfig(), state_dict=published, device_map="meta", output_loading_info=True
        )


@pytest.mark.parity
def test_exactly_the_rotary_tables_and_one_unused_projection_are_dropped():
    dropped = {name for name in ENTRIES if is_dropped(name)}
    unused = "model.vision_tower.vision_tower_6.head.proj.weight"
    assert dropped == {*MANIFEST["persistent_buffers"], unused}
    assert len(dropped) == 101


@pytest.mark.parity
def test_every_other_entry_has_a_place_of_its_shape_and_every_parameter_is_filled(full_size):
    _, report = full_size
    left_over = report.pop("unexpected_keys")
    assert not any(report.values()), report
    assert len(left_over) == 101 and all(is_dropped(name) for name in left_over)


@pytest.mark.parity
def test_the_full_size_model_has_the_manifests_parameters(full_size):
    model, _ = full_size
    unused = torch.Size(ENTRIES["model.vision_tower.vision_tower_6.head.proj.weight"]["shape"]).numel()
    totals = MANIFEST["totals"]
    assert count(model) == totals["total"] - unused
    assert count(model.model.vision_tower) == totals["vision_tower"] - unused
    assert count(model.model.mm_projector) == totals["mm_projector"]


@pytest.mark.parametrize("kind", ["mova", "mova_llama"])
def test_a_published_checkpoint_loads_whatever_its_model_type_says(tiny_model, tiny_config, kind):
    config = MovaConfig.from_dict({**tiny_config.to_dict(), "model_type": kind})
    loaded, report = MovaForCausalLM.from_pretrained(
        None, config=config, state_dict=released_state(tiny_model), output_loading_info=True
    )
    assert not any(report.values()), report
    for name, weight in tiny_model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight), name


def test_published_names_of_the_tiny_model_are_those_of_the_manifest(tiny_model):
    assert shape_of_names(released_state(tiny_model)) == shape_of_names(ENTRIES)


def test_our_own_names_pass_through(tiny_model, tiny_config):
    loaded, report = MovaForCausalLM.from_pretrained(
        None, config=tiny_config, state_dict=tiny_model.state_dict(), output_loading_info=True
    )
    assert not any(report.values()), report
    assert all(torch.equal(loaded.state_dict()[name], w) for name, w in tiny_model.state_dict().items())


def test_an_entry_nobody_knows_is_reported(tiny_model, tiny_config):
    published = {**released_state(tiny_model), "model.vision_tower.vision_tower_8.weight": torch.zeros(2)}
    _, report = MovaForCausalLM.from_pretrained(
        None, config=tiny_config, state_dict=published, output_loading_info=True
    )
    assert set(report["unexpected_keys"]) == {"model.vision_tower.vision_tower_8.weight"}


def test_buffers_after_loading_are_those_of_a_fresh_model(tiny_model, tiny_config):
    """Buffers are not in a checkpoint; loading must compute them, not leave what the memory held."""
    loaded = MovaForCausalLM.from_pretrained(
        None, config=tiny_config, state_dict=tiny_model.state_dict(), dtype=torch.bfloat16
    )
    fresh = dict(tiny_model.named_buffers())
    for name, buffer in loaded.named_buffers():
        assert buffer.dtype == fresh[name].dtype and torch.equal(buffer, fresh[name]), name
