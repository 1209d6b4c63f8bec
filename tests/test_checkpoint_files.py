"""Checkpoints as files: every form that loads, every key accounted for, every refusal with its reason."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from mova.checkpoint.loading import load
from mova.errors import CheckpointError
from tests.tiny_checkpoints import change_weights, copy_checkpoint, logits


@pytest.fixture
def checkpoint(tiny_checkpoint, tmp_path):
    """A copy of the tiny checkpoint that the test may break."""
    return copy_checkpoint(tiny_checkpoint, tmp_path / "checkpoint")


def test_the_released_form_loads_to_the_same_numbers(released_checkpoint, tiny_model):
    """Sharded `.bin`, published names, model type `mova_llama`, the entries we drop among them."""
    model = load(released_checkpoint, device="cpu").model
    expected = tiny_model.state_dict()
    assert all(torch.equal(weight, expected[name]) for name, weight in model.state_dict().items())


def test_the_released_form_loads_in_4_bit(released_checkpoint, tiny_checkpoint):
    released, own = (
        load(folder, precision="nf4", device="cpu") for folder in (released_checkpoint, tiny_checkpoint)
    )
    assert torch.equal(logits(released.model), logits(own.model))


def test_paths_of_the_authors_are_kept_and_not_followed(released_checkpoint):
    config = load(released_checkpoint, device="cpu").config
    assert config.mm_vision_tower == "/the/authors/own/path"


def test_sharded_safetensors_load(checkpoint, tiny_model):
    weights = load_file(checkpoint / "model.safetensors")
    (checkpoint / "model.safetensors").unlink()
    names = sorted(weights)
    for number in range(2):
        save_file(
            {name: weights[name] for name in names[number::2]}, checkpoint / f"part-{number}.safetensors"
        )
    assert torch.equal(logits(load(checkpoint, device="cpu").model), logits(tiny_model))


def test_packed_weights_load_as_what_they_unpack_to(checkpoint, tiny_model):
    """Q8_0 blocks of one value each: scale 1/16, so that the result is known exactly."""
    name = "model.layers.0.mlp.up_proj.weight"
    values = torch.randint(-127, 128, (128, 2, 32), dtype=torch.int8)
    scales = torch.full((128, 2, 1), 1 / 16, dtype=torch.float16)
    packed = torch.cat([scales.view(torch.uint8), values.view(torch.uint8)], dim=-1).flatten(1)

    def pack(weights):
        del weights[name]
        weights[f"{name}.q8_0"] = packed

    change_weights(checkpoint, pack)
    model = load(checkpoint, device="cpu").model
    assert torch.equal(model.get_parameter(name), values.float().flatten(1) / 16)
    assert load(checkpoint, precision="nf4", device="cpu").info.precision == "nf4"


def test_missing_keys_are_listed(checkpoint):
    change_weights(checkpoint, lambda weights: weights.pop("model.mm_projector.mlp.0.weight"))
    with pytest.raises(CheckpointError, match=r"1 missing: model\.mm_projector\.mlp\.0\.weight"):
        load(checkpoint, device="cpu")


def test_keys_too_many_are_listed(checkpoint):
    change_weights(checkpoint, lambda weights: weights.update({"model.vision_tower.extra": torch.ones(1)}))
    with pytest.raises(CheckpointError, match=r"1 not expected: model\.vision_tower\.extra"):
        load(checkpoint, device="cpu")


@pytest.mark.parametrize("name", ["fp32", "nf4"])
def test_keys_of_another_shape_are_listed(checkpoint, name, capfd):
    change_weights(checkpoint, lambda weights: weights.update({"model.norm.weight": torch.ones(3)}))
    with pytest.raises(CheckpointError, match=r"1 of another shape: model\.norm\.weight \(is \[3\]"):
        load(checkpoint, precision=name, device="cpu")
    assert "LOAD REPORT" not in capfd.readouterr().err


def test_all_kinds_of_problems_come_in_one_error(checkpoint):
    def change(weights):
        del weights["lm_head.weight"]
        weights["model.what"] = torch.ones(1)

    change_weights(checkpoint, change)
    with pytest.raises(CheckpointError, match=r"missing: lm_head\.weight; 1 not expected: model\.what"):
        load(checkpoint, device="cpu")


def test_a_weight_in_two_files_is_refused(checkpoint):
    save_file({"model.norm.weight": torch.ones(64)}, checkpoint / "old.safetensors")
    with pytest.raises(CheckpointError, match="in another file too"):
        load(checkpoint, device="cpu")


def test_a_shard_that_is_not_there_is_named(released_checkpoint, tmp_path):
    folder = copy_checkpoint(released_checkpoint, tmp_path / "released")
    (folder / "pytorch_model-00002-of-00003.bin").unlink()
    with pytest.raises(CheckpointError, match="lacks pytorch_model-00002-of-00003.bin"):
        load(folder, device="cpu")


def test_an_index_that_points_outside_its_folder_is_refused(released_checkpoint, tmp_path):
    folder = copy_checkpoint(released_checkpoint, tmp_path / "released")
    (folder / "pytorch_model.bin.index.json").write_text('{"weight_map": {"a": "../../other.bin"}}')
    with pytest.raises(CheckpointError, match="outside its folder"):
        load(folder, device="cpu")


class Evil:
    """Unpickling this would run code."""

    def __reduce__(self):
        return (print, ("ran",))


def test_a_bin_file_with_code_in_it_is_refused_and_not_run(released_checkpoint, tmp_path, capsys):
    folder = copy_checkpoint(released_checkpoint, tmp_path / "released")
    torch.save({"a": Evil()}, folder / "pytorch_model-00001-of-00003.bin")
    with pytest.raises(CheckpointError, match="cannot be read as plain weights"):
        load(folder, device="cpu")
    assert "ran" not in capsys.readouterr().out


def test_a_cut_off_weight_file_is_refused(checkpoint):
    path = checkpoint / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(CheckpointError, match="cannot be read as plain weights"):
        load(checkpoint, device="cpu")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="There is no checkpoint at"):
        load(tmp_path / "nothing", device="cpu")


def test_a_file_instead_of_a_folder_is_refused(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(CheckpointError, match="is a file. A checkpoint is a folder"):
        load(path, device="cpu")


def test_a_mistyped_path_is_not_asked_for_on_the_hub(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "assets").mkdir()
    with pytest.raises(CheckpointError, match="There is no checkpoint at assets/mova-tny"):
        load("assets/mova-tny", device="cpu")


def test_a_hub_id_is_downloaded_at_the_revision_asked_for(tiny_checkpoint, tmp_path, monkeypatch):
    asked = []
    snapshot = copy_checkpoint(tiny_checkpoint, tmp_path / "0123456789abcdef")

    def snapshot_download(repository, **options):
        asked.append((repository, options["revision"], options["ignore_patterns"]))
        return [] if options.get("dry_run") else str(snapshot)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    loaded = load("someone/some-mova", revision="v1", device="cpu")
    assert asked[0] == ("someone/some-mova", "v1", [])
    repository, commit, ignored = asked[-1]
    assert (repository, commit, ignored[0]) == ("someone/some-mova", snapshot.name, "experts/*")
    assert loaded.info.name == "someone/some-mova@01234567"
    asked.clear()
    load("someone/some-mova@abc123", device="cpu")
    assert asked[0][1] == "abc123"


def test_a_hub_that_does_not_answer_is_said(monkeypatch):
    def snapshot_download(repository, **options):
        raise OSError("no connection")

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    with pytest.raises(
        CheckpointError, match=r"no folder someone/some-mova here.*because fetching broke off: check"
    ):
        load("someone/some-mova", device="cpu")


@pytest.mark.parametrize(
    "text, message",
    [
        (None, "has no config.json"),
        ("{", "config.json breaks off in the middle"),
        ('{"model_type": "llava"}', "a model of type 'llava'. Expected one of mova, mova_llama"),
        ('{"model_type": "mova", "sam": {"hidden": 3}}', "names `sam.hidden`, which there is not"),
    ],
)
def test_a_configuration_that_is_not_ours_is_refused(checkpoint, text, message):
    (checkpoint / "config.json").unlink()
    if text is not None:
        (checkpoint / "config.json").write_text(text)
    with pytest.raises(CheckpointError, match=message):
        load(checkpoint, device="cpu")


def test_a_folder_without_weights_is_refused(checkpoint):
    (checkpoint / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="holds no weights"):
        load(checkpoint, device="cpu")


@pytest.mark.parametrize("text", [None, "{"])
def test_a_checkpoint_without_a_usable_tokenizer_is_refused(checkpoint, text):
    (checkpoint / "tokenizer.json").unlink()
    if text is not None:
        (checkpoint / "tokenizer.json").write_text(text)
    with pytest.raises(CheckpointError, match="tokenizer.json"):
        load(checkpoint, device="cpu")


def test_generation_settings_of_the_checkpoint_are_kept(checkpoint):
    (checkpoint / "generation_config.json").write_text('{"bos_token_id": 7, "eos_token_id": [8, 9]}')
    assert load(checkpoint, device="cpu").model.generation_config.eos_token_id == [8, 9]
