"""A quantised checkpoint stands alone and gives the numbers that quantising while loading gives."""

import shutil

import pytest
import torch

from mova.checkpoint import plan
from mova.checkpoint import quantize as quantize_module
from mova.checkpoint.loading import load
from mova.checkpoint.quantize import default_name, quantize
from mova.errors import CheckpointError, DeviceError
from mova.language.lora import lora_on
from tests.tiny_checkpoints import change_config, copy_checkpoint, features, logits


@pytest.fixture(scope="module")
def source(released_checkpoint, tiny_model, tmp_path_factory):
    """The released form with both LoRAs and a licence."""
    folder = tmp_path_factory.mktemp("source") / "small-mova"
    copy_checkpoint(released_checkpoint, folder, tiny_model, ("routing", "answer"))
    (folder / "LICENSE").write_text("do what you like")
    (folder / "generation_config.json").write_text('{"eos_token_id": [2, 0]}')
    return folder


@pytest.fixture(scope="module", params=["nf4", "int8"])
def both(request, source, tmp_path_factory):
    """(precision, loaded from the original, loaded from the quantised checkpoint), no forward run yet."""
    target = tmp_path_factory.mktemp("target") / request.param
    moved = source.rename(source.with_name("hidden"))
    try:
        quantize(moved, target, request.param, device="cpu")
        original = load(moved, precision=request.param, device="cpu")
        shutil.move(moved, source)
        return request.param, original, load(target, device="cpu"), target
    finally:
        if moved.exists():
            shutil.move(moved, source)


def test_logits_are_bit_equal_after_a_reload(both):
    _, original, again, _ = both
    assert torch.equal(logits(again.model), logits(original.model))


def test_every_encoder_is_bit_equal_after_a_reload(both):
    _, original, again, _ = both
    expected = features(original.model, original.config)
    assert all(
        torch.equal(found, expected[key]) for key, found in features(again.model, again.config).items()
    )


def test_text_encoder_and_adapter_are_bit_equal_after_a_reload(both):
    _, original, again, _ = both
    ids, mask = torch.tensor([[2, 7, 8, 3]]), torch.ones(1, 4, dtype=torch.long)
    with torch.inference_mode():
        assert torch.equal(again.model.encode_text(ids, mask), original.model.encode_text(ids, mask))


@pytest.mark.parametrize("name", ["routing", "answer"])
def test_loras_are_kept(both, name):
    _, original, again, _ = both
    with torch.inference_mode(), lora_on(original, name), lora_on(again, name):
        assert torch.equal(logits(again.model), logits(original.model))
    assert again.loras == {"routing", "answer"}


def test_precision_is_that_of_the_file_without_being_asked_for(both):
    precision, _, again, target = both
    assert again.info.precision == precision
    assert load(target, precision=precision, device="cpu").info.precision == precision
    other = "int8" if precision == "nf4" else "nf4"
    with pytest.raises(CheckpointError, match=f"is stored in {precision}"):
        load(target, precision=other, device="cpu")


def test_quantised_checkpoints_hold_everything_an_answer_needs(both, source):
    target = both[3]
    names = {path.name for path in target.iterdir()}
    assert {"config.json", "tokenizer.json", "generation_config.json", "LICENSE"} <= names
    assert {"bert_tokenizer", "routing_lora", "answer_lora"} <= names
    assert not [name for name in names if name.endswith((".bin", ".partial"))]
    assert (target / "LICENSE").read_text() == "do what you like"
    vocabulary = "bert_tokenizer/vocab.txt"
    assert (target / vocabulary).read_text() == (source / vocabulary).read_text()
    assert both[2].model.generation_config.eos_token_id == [2, 0]


def test_quantised_checkpoints_are_smaller(both, source):
    def size(folder, pattern):
        return sum(path.stat().st_size for path in folder.glob(pattern))

    assert size(both[3], "*.safetensors") < 0.6 * size(source, "*.bin")


def test_buffers_of_a_quantised_checkpoint_are_those_of_a_new_model(both, tiny_model):
    loaded = dict(both[2].model.named_buffers())
    for name, expected in tiny_model.named_buffers():
        assert loaded[name].dtype == expected.dtype and torch.equal(loaded[name], expected), name


def test_a_llama_3_keeps_its_name_and_gets_its_notice(source, tmp_path, monkeypatch):
    folder = copy_checkpoint(source, tmp_path / "my-mova")
    change_config(folder, template="mova_llama3")
    monkeypatch.chdir(tmp_path)
    written = quantize(folder, device="cpu")
    assert written.name == "llama3-my-mova-nf4"
    assert "Meta Llama 3 Community License" in (written / "NOTICE").read_text()


@pytest.mark.parametrize(
    "name, template, expected",
    [
        ("zongzhuofan/llama3-mova-8b@01234567", "mova_llama3", "llama3-mova-8b-nf4"),
        ("Llama-3-MoVA", "mova_llama3", "Llama-3-MoVA-nf4"),
        ("mova-tiny", "smollm2", "mova-tiny-nf4"),
    ],
)
def test_default_names(name, template, expected, tiny_config):
    config = type(tiny_config)(**{**tiny_config.to_dict(), "template": template})
    assert default_name(name, config, "nf4") == expected


def test_an_existing_folder_is_not_overwritten(source, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(CheckpointError, match="is not empty"):
        quantize(source, tmp_path, device="cpu")


def test_too_little_disk_is_said_before_anything_is_loaded(source, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(quantize_module.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DeviceError, match=r"takes .* GB; .* GB free"):
        quantize(source, tmp_path / "new", device="cpu")
    assert not (tmp_path / "new").exists()


def test_too_little_memory_is_said_before_anything_is_written(source, tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "free_bytes", lambda device: 10)
    with pytest.raises(DeviceError, match="needs about"):
        quantize(source, tmp_path / "new", device="cpu")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("precision", ["bf16", "fp32", "int4"])
def test_only_quantised_precisions_are_written(source, tmp_path, precision):
    with pytest.raises(DeviceError, match="is not a quantised precision"):
        quantize(source, tmp_path / "new", precision, device="cpu")


def test_a_quantised_checkpoint_is_not_quantised_again(both, tmp_path):
    with pytest.raises(CheckpointError, match="already"):
        quantize(both[3], tmp_path / "twice", device="cpu")
