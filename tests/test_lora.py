"""A LoRA per pass: on in its own pass only, off in the other and in none, whatever happens in between."""

import pytest
import torch
from peft.tuners.lora import LoraLayer

from mova.checkpoint.loading import load
from mova.errors import CheckpointError
from mova.language.lora import active_lora, lora_on
from tests.tiny_checkpoints import copy_checkpoint, save_lora

IDS = torch.arange(12)[None]


def logits(loaded, name):
    with torch.inference_mode(), lora_on(loaded, name):
        return loaded.model(input_ids=IDS).logits


@pytest.fixture(scope="module")
def folders(tiny_checkpoint, tiny_model, tmp_path_factory):
    """Copies of the tiny checkpoint by the LoRAs they have: "", "routing", "answer", "routing answer"."""
    root = tmp_path_factory.mktemp("loras")
    return {
        names: copy_checkpoint(tiny_checkpoint, root / f"with {names}", tiny_model, tuple(names.split()))
        for names in ("", "routing", "answer", "routing answer")
    }


@pytest.fixture(scope="module")
def plain(folders):
    return load(folders[""], device="cpu")


@pytest.fixture(scope="module")
def both(folders):
    return load(folders["routing answer"], device="cpu")


@pytest.mark.parametrize("names", ["", "routing", "answer", "routing answer"])
def test_loras_beside_the_weights_are_found(folders, names):
    assert load(folders[names], device="cpu").loras == frozenset(names.split())


@pytest.mark.parametrize("precision", ["fp32", "bf16", "nf4"])
def test_a_pass_without_lora_answers_as_if_the_other_had_none(folders, precision):
    without = load(folders[""], precision=precision, device="cpu")
    with_routing = load(folders["routing"], precision=precision, device="cpu")
    assert not torch.equal(logits(with_routing, "routing"), logits(without, "routing"))
    assert torch.equal(logits(with_routing, "answer"), logits(without, "answer"))
    assert torch.equal(logits(with_routing, None), logits(without, None))


def test_each_pass_has_its_own_lora_and_is_not_moved_by_the_other(folders, plain, both):
    routing, answer, none = (logits(both, name) for name in ("routing", "answer", None))
    assert torch.equal(routing, logits(load(folders["routing"], device="cpu"), "routing"))
    assert torch.equal(none, logits(plain, None))
    assert not torch.equal(routing, answer) and not torch.equal(answer, none)
    alone = load(folders["routing answer"], device="cpu")
    assert torch.equal(answer, logits(alone, "answer"))


def test_a_lora_is_on_again_after_all_were_off(both):
    first = logits(both, "answer")
    logits(both, None)
    assert torch.equal(logits(both, "answer"), first)


def test_no_lora_is_on_outside_of_a_pass(plain, both):
    with torch.inference_mode():
        assert torch.equal(both.model(input_ids=IDS).logits, plain.model(input_ids=IDS).logits)


def test_what_was_on_is_restored_after_an_error(both):
    with pytest.raises(ZeroDivisionError), lora_on(both, "routing"):
        assert active_lora(both.model) == "routing"
        raise ZeroDivisionError
    assert active_lora(both.model) is None


def test_what_was_on_is_restored_when_a_generator_is_closed(both):
    def steps():
        with lora_on(both, "answer"):
            yield active_lora(both.model)

    generator = steps()
    assert next(generator) == "answer"
    generator.close()
    assert active_lora(both.model) is None


def test_passes_nest(both):
    with lora_on(both, "routing"):
        with lora_on(both, "answer"):
            assert active_lora(both.model) == "answer"
        assert active_lora(both.model) == "routing"


def test_a_checkpoint_without_loras_runs_every_pass(plain):
    assert active_lora(plain.model) is None
    assert torch.equal(logits(plain, "routing"), logits(plain, None))


def test_only_the_language_model_has_loras(both):
    layers = [name for name, module in both.model.named_modules() if isinstance(module, LoraLayer)]
    assert layers and all(name.startswith("model.layers.") for name in layers)


def test_lora_weights_take_the_precision_of_the_model(folders):
    loaded = load(folders["answer"], precision="bf16", device="cpu")
    dtypes = {weight.dtype for name, weight in loaded.model.named_parameters() if "lora_" in name}
    assert dtypes == {torch.bfloat16}


def test_nothing_is_left_to_train(both):
    logits(both, "routing")
    assert not any(weight.requires_grad for weight in both.model.parameters())


def test_loading_two_loras_reports_nothing(folders, capfd, caplog):
    load(folders["routing answer"], device="cpu")
    assert "LOAD REPORT" not in capfd.readouterr().err + caplog.text


def test_bare_target_names_that_reach_other_parts_are_refused(tiny_checkpoint, tiny_model, tmp_path):
    folder = copy_checkpoint(tiny_checkpoint, tmp_path / "bare")
    save_lora(folder / "routing_lora", tiny_model, targets=r".*\.(q_proj|down_proj)")
    with pytest.raises(CheckpointError, match="routing_lora"):
        load(folder, device="cpu")


def test_a_lora_of_other_sizes_is_refused(tiny_checkpoint, tiny_model, tmp_path):
    folder = copy_checkpoint(tiny_checkpoint, tmp_path / "rank")
    lora = save_lora(folder / "answer_lora", tiny_model)
    config = lora / "adapter_config.json"
    config.write_text(config.read_text().replace('"r": 4', '"r": 8'))
    with pytest.raises(CheckpointError, match="answer_lora"):
        load(folder, device="cpu")


def test_a_lora_folder_without_weights_is_refused(tiny_checkpoint, tiny_model, tmp_path):
    folder = copy_checkpoint(tiny_checkpoint, tmp_path / "empty", tiny_model, ("answer",))
    (folder / "answer_lora" / "adapter_model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="not a LoRA in peft's format"):
        load(folder, device="cpu")
