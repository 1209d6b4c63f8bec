"""A checkpoint on the hub: what cannot work is refused before the weights are fetched."""

from fnmatch import fnmatch

import pytest

from mova.checkpoint import hub as hub_module
from mova.checkpoint import plan
from mova.checkpoint.files import WORD_FILES, describe_checkpoint, find_checkpoint
from mova.checkpoint.loading import load
from mova.checkpoint.quantize import quantize
from mova.errors import CheckpointError, DeviceError
from tests.hub_stand_in import COMMIT, REPOSITORY, serving
from tests.tiny_checkpoints import change_config, copy_checkpoint

SMALL = {"config.json"}


@pytest.fixture
def hub(tiny_checkpoint, tmp_path, monkeypatch):
    """The library's hub is a copy of the tiny checkpoint on this machine."""
    folder = copy_checkpoint(tiny_checkpoint, tmp_path / "repository")
    with serving(folder, tmp_path / "cache", monkeypatch) as hub:
        yield hub


def test_a_hub_id_loads_what_its_folder_loads(hub):
    loaded = load(REPOSITORY, device="cpu")
    assert loaded.info.name == f"{REPOSITORY}@{COMMIT[:8]}"
    assert loaded.info.checkpoint == load(hub.folder, device="cpu").info.checkpoint
    first = list(hub.given)
    load(f"{REPOSITORY}@{COMMIT}", device="cpu")
    assert len(set(first)) == len(first) and hub.given == first, "fetched twice"


def test_a_description_needs_no_more_than_the_configuration(hub):
    described = describe_checkpoint(REPOSITORY)
    assert described.config["model_type"] == "mova" and hub.given == ["config.json"]


@pytest.mark.parametrize("do", ["load", "quantize"])
def test_too_little_memory_is_said_before_the_weights_are_fetched(hub, do, monkeypatch, tmp_path):
    monkeypatch.setattr(plan, "free_bytes", lambda device: 10)
    with pytest.raises(DeviceError, match=r"needs about .* GB of memory on cpu, .* free.*use a device"):
        if do == "load":
            load(REPOSITORY, device="cpu")
        else:
            quantize(REPOSITORY, tmp_path / "new", device="cpu")
    assert set(hub.given) == SMALL


def test_too_little_disk_is_said_before_the_weights_are_fetched(hub, monkeypatch, tmp_path):
    size = sum(file.stat().st_size for name, file in hub.files().items() if name not in SMALL)
    monkeypatch.setattr(hub_module, "free_disk_bytes", lambda folder: size)
    with pytest.raises(DeviceError) as caught:
        find_checkpoint(REPOSITORY)
    said = f"takes {size / 1e9:.1f} GB more in {tmp_path / 'cache'}, whose disk has {size / 1e9:.1f} GB free"
    assert said in str(caught.value) and "set HF_HOME" in str(caught.value)
    assert set(hub.given) == SMALL


def test_what_is_in_the_cache_already_needs_no_room(hub, monkeypatch):
    find_checkpoint(REPOSITORY)
    monkeypatch.setattr(hub_module, "free_disk_bytes", lambda folder: 0)
    assert find_checkpoint(REPOSITORY).weights


def test_room_is_asked_for_what_is_missing_alone(hub, monkeypatch):
    folder = find_checkpoint(REPOSITORY).folder
    tokenizer = (folder / "tokenizer.json").resolve()
    size = tokenizer.stat().st_size
    (folder / "tokenizer.json").unlink()
    tokenizer.unlink()
    monkeypatch.setattr(hub_module, "free_disk_bytes", lambda folder: round(1.03 * size))
    assert find_checkpoint(REPOSITORY).folder == folder and hub.given[-1] == "tokenizer.json"


def test_a_repository_of_another_model_is_refused_by_its_configuration(hub):
    change_config(hub.folder, model_type="llava")
    with pytest.raises(CheckpointError, match="a model of type 'llava'"):
        load(REPOSITORY, device="cpu")
    assert set(hub.given) == SMALL


def test_a_repository_without_a_configuration_is_refused(hub):
    (hub.folder / "config.json").unlink()
    with pytest.raises(CheckpointError, match="has no config.json"):
        load(REPOSITORY, device="cpu")
    assert not hub.given


def test_what_was_fetched_is_used_where_the_hub_is_switched_off(hub, monkeypatch):
    whole = find_checkpoint(REPOSITORY)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert find_checkpoint(REPOSITORY).weights == whole.weights


# How far it is


def test_the_bytes_that_come_are_reported_and_nothing_is_drawn(hub, capfd):
    later = {
        name: file
        for name, file in hub.files().items()
        if name not in SMALL and not any(fnmatch(name, pattern) for pattern in WORD_FILES)
    }
    size = sum(file.stat().st_size for file in later.values())
    steps = []
    load(REPOSITORY, device="cpu", progress=steps.append)
    fetched = [step for step in steps if step.stage == "fetch"]
    assert (fetched[0].done, fetched[-1].done) == (0, size) and {step.whole for step in fetched} == {size}
    assert [step.done for step in fetched] == sorted(step.done for step in fetched)
    assert {step.name for step in fetched} == {f"{REPOSITORY}@{COMMIT[:8]}"}
    assert list(dict.fromkeys(step.stage for step in steps)) == ["find", "fetch", "read", "ready"]
    assert capfd.readouterr().err == ""


def test_what_is_here_already_is_not_reported_as_fetched(hub):
    find_checkpoint(REPOSITORY)
    steps = []
    load(REPOSITORY, device="cpu", progress=steps.append)
    assert "fetch" not in {step.stage for step in steps}


def test_writing_a_quantised_copy_is_reported_and_nothing_is_drawn(tiny_checkpoint, tmp_path, capfd):
    steps = []
    quantize(tiny_checkpoint, tmp_path / "new", device="cpu", progress=steps.append)
    assert list(dict.fromkeys(step.stage for step in steps)) == ["find", "read", "write", "ready"]
    assert capfd.readouterr().err == ""


def test_the_token_in_the_environment_opens_the_repository(hub, monkeypatch):
    hub.token = "hf_of_a_test"
    monkeypatch.setenv("HF_TOKEN", "hf_of_another")
    with pytest.raises(CheckpointError, match="there is none, or it is private.*log in"):
        find_checkpoint(REPOSITORY)
    monkeypatch.setenv("HF_TOKEN", hub.token)
    assert find_checkpoint(REPOSITORY).weights


@pytest.mark.parametrize("do", ["load", "quantize"])
@pytest.mark.parametrize(
    "lacks, said",
    [("bert_tokenizer/vocab.txt", "text encoder's vocabulary"), ("tokenizer.json", r"no tokenizer\.json")],
)
def test_a_missing_vocabulary_is_said_before_the_weights_are_fetched(hub, do, lacks, said, tmp_path):
    (hub.folder / lacks).unlink()
    with pytest.raises(CheckpointError, match=said):
        if do == "load":
            load(REPOSITORY, device="cpu")
        else:
            quantize(REPOSITORY, tmp_path / "new", device="cpu")
    assert not [name for name in hub.given if name.endswith((".safetensors", ".bin"))]
