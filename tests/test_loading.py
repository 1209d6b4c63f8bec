"""Loading: every precision holds what it says, and every refusal of a device or memory says what to do."""

import logging
import subprocess
import sys
import weakref

import bitsandbytes as bnb
import pytest
import torch
from torch import nn

from mova.checkpoint import devices, files, loading, plan, precision
from mova.checkpoint.configuration import build_config
from mova.checkpoint.files import fingerprint
from mova.checkpoint.loading import load
from mova.config import MovaConfig
from mova.errors import CheckpointError, DeviceError, MovaError
from mova.model import MovaForCausalLM
from mova.trace import ModelInfo
from tests.tiny_checkpoints import change_config, copy_checkpoint, features, logits

# Cosine of an encoder's features in NF4 to those in fp32. Measured on this random model: 0.98 and more, but
# 0.92 (D) and 0.90 (E), whose attention is unscaled; the same weights dequantised agree. Noise is at 0.
LEAST_COSINE = 0.85


@pytest.fixture(scope="module", params=precision.PRECISIONS)
def in_precision(request, tiny_checkpoint):
    return request.param, load(tiny_checkpoint, precision=request.param, device="cpu")


@pytest.fixture
def checkpoint(tiny_checkpoint, tmp_path):
    """A copy of the tiny checkpoint that the test may break."""
    return copy_checkpoint(tiny_checkpoint, tmp_path / "checkpoint")


# 1. Precisions


def test_modules_hold_the_precision_asked_for(in_precision, tiny_config):
    name, loaded = in_precision
    kind = {"nf4": bnb.nn.Linear4bit, "int8": bnb.nn.Linear8bitLt}.get(name, ())
    held = {path for path, module in loaded.model.named_modules() if isinstance(module, kind)}
    expected = precision.quantised_layers(MovaForCausalLM.outline(tiny_config), name)
    assert held == expected
    whole = {w.dtype for w in loaded.model.parameters() if w.is_floating_point()}
    assert whole == {precision.DTYPES[name]}
    assert loaded.info.precision == name


def test_the_model_answers_close_to_full_precision(in_precision, tiny_model):
    name, loaded = in_precision
    reference = logits(tiny_model)
    # Random weights of width 64 suffer more from 4 bits than trained ones; noise would be at 1.4.
    limit = {"fp32": 1e-5, "bf16": 3e-2, "int8": 6e-2, "nf4": 0.4}[name]
    assert (logits(loaded.model) - reference).norm() / reference.norm() < limit


def test_every_encoder_sees_what_it_sees_in_full_precision(in_precision, tiny_model):
    name, loaded = in_precision
    reference = features(tiny_model, tiny_model.config)
    for letter, found in features(loaded.model, loaded.config).items():
        cosine = torch.cosine_similarity(found.flatten(), reference[letter].flatten(), dim=0)
        assert cosine > (LEAST_COSINE if name == "nf4" else 0.99), letter


def test_buffers_are_those_of_a_new_model_and_float32(in_precision, tiny_model):
    buffers = dict(tiny_model.named_buffers())
    loaded = dict(in_precision[1].model.named_buffers())
    assert loaded.keys() == buffers.keys()
    for name, expected in buffers.items():
        assert loaded[name].dtype == expected.dtype and torch.equal(loaded[name], expected), name


def test_nf4_is_double_quantised_with_bfloat16_arithmetic(tiny_checkpoint):
    model = load(tiny_checkpoint, precision="nf4", device="cpu").model
    layer = model.model.layers[0].mlp.up_proj
    assert layer.weight.quant_state.nested and layer.weight.quant_state.quant_type == "nf4"
    assert layer.compute_dtype == torch.bfloat16


@pytest.mark.parametrize(("fast", "expected"), [(True, "bf16"), (False, "fp32")])
def test_the_default_on_a_cpu_is_what_it_is_fast_in(tiny_checkpoint, monkeypatch, fast, expected):
    monkeypatch.setattr(devices, "abilities", lambda device: devices.Abilities(torch.bfloat16, fast))
    assert load(tiny_checkpoint, device="cpu").info.precision == expected


def test_a_card_without_bfloat16_computes_in_float16(monkeypatch):
    """What a T4 says of itself."""
    monkeypatch.setattr(devices, "abilities", lambda device: devices.Abilities(torch.float16, True))
    card = torch.device("cuda", 0)
    assert devices.default_precision(card) == "nf4"
    types = {name: devices.arithmetic(name, card) for name in ("nf4", "int8", "fp32")}
    assert types == {"nf4": torch.float16, "int8": torch.float16, "fp32": torch.float32}
    with pytest.raises(DeviceError, match="no bfloat16 arithmetic.*nf4"):
        devices.arithmetic("bf16", card)


def test_4_bit_layers_compute_in_what_the_device_has(tiny_checkpoint):
    model = load(tiny_checkpoint, precision="nf4", device="cpu").model
    precision.compute_in(model, torch.float16)
    layers = [module for module in model.modules() if isinstance(module, bnb.nn.Linear4bit)]
    assert layers and {layer.compute_dtype for layer in layers} == {torch.float16}


def test_a_card_that_cannot_be_used_is_said(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(devices.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(devices, "NVIDIA_DRIVER", tmp_path / "absent")
    assert devices.find_device(None).type == "cpu" and not caplog.text
    monkeypatch.setattr(devices, "NVIDIA_DRIVER", tmp_path / "version")
    (tmp_path / "version").write_text("NVRM version")
    with caplog.at_level(logging.WARNING, "mova"):
        assert devices.find_device(None).type == "cpu"
    assert "NVIDIA card" in caplog.text


def test_room_beside_the_weights_goes_with_the_arithmetic_not_with_the_weights():
    """At full size: the same for NF4 and bf16, less than twice as much in float32, and a few GB."""
    outline = MovaForCausalLM.outline(MovaConfig())
    card = torch.device("cpu")
    room = {
        name: plan.needed_bytes(outline, name, card) - precision.weight_bytes(outline, name)
        for name in precision.PRECISIONS
    }
    assert room["nf4"] == room["int8"] == room["bf16"] < room["fp32"] < 2 * room["bf16"]
    assert 1e9 < room["nf4"] < 3e9


def test_4_bit_is_the_default_on_cuda():
    files = loading.CheckpointFiles(None, "a", {}, ())
    assert plan.choose_precision(None, torch.device("cuda", 0), files) == "nf4"


def test_models_are_loaded_for_answering_only(in_precision):
    model = in_precision[1].model
    assert not model.training and not any(weight.requires_grad for weight in model.parameters())


@pytest.mark.parametrize("form", ["tiny_checkpoint", "released_checkpoint"])
def test_whole_weights_are_let_go_one_by_one_while_they_are_quantised(
    form, request, tiny_config, monkeypatch
):
    """Else a host needs room for the whole checkpoint before a quarter of it is kept."""
    read, quantised = files.StoredWeight.__getitem__, bnb.functional.quantize_4bit
    held, most = [], []

    def reading(weight, index):
        values = read(weight, index).clone()  # else all of a file is one storage
        held.append(weakref.ref(values.untyped_storage()))
        return values

    def quantising(*given, **options):
        most.append(sum(storage() is not None for storage in held))
        return quantised(*given, **options)

    monkeypatch.setattr(files.StoredWeight, "__getitem__", reading)
    monkeypatch.setattr(bnb.functional, "quantize_4bit", quantising)
    model = load(request.getfixturevalue(form), precision="nf4", device="cpu").model
    whole = len(list(model.parameters())) - len(
        precision.quantised_layers(MovaForCausalLM.outline(tiny_config), "nf4")
    )
    assert len(most) > 50 and len(held) > whole + 50
    assert max(most) <= whole + 2, "weights that are quantised stay in memory"


# 2. Devices, precisions and memory


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_cuda_asked_for_and_absent_is_an_error(tiny_checkpoint):
    with pytest.raises(DeviceError, match="cuda was asked for, and PyTorch finds 0 CUDA devices"):
        load(tiny_checkpoint, device="cuda")


@pytest.mark.parametrize("device", ["tpu", "cuda:one", "cpu:", "mps"])
def test_unknown_devices_are_refused(tiny_checkpoint, device):
    if device == "cpu:":
        assert loading.find_device(device).type == "cpu"
        return
    with pytest.raises(DeviceError, match="is unknown. Expected cpu, cuda"):
        load(tiny_checkpoint, device=device)


def test_unknown_precisions_are_refused(tiny_checkpoint):
    with pytest.raises(DeviceError, match="Expected one of nf4, int8, bf16, fp32"):
        load(tiny_checkpoint, precision="fp8", device="cpu")


def test_too_little_memory_says_what_is_needed_present_and_possible(tiny_checkpoint, monkeypatch):
    outline = MovaForCausalLM.outline(build_config(loading.find_checkpoint(tiny_checkpoint)))
    needs = [plan.needed_bytes(outline, name, torch.device("cpu")) for name in ("nf4", "fp32")]
    between = sum(needs) // 2
    monkeypatch.setattr(plan, "free_bytes", lambda device: between)
    with pytest.raises(
        DeviceError, match=r"needs about .* GB of memory on cpu, .* free.*choose the precision nf4"
    ):
        load(tiny_checkpoint, precision="fp32", device="cpu")
    monkeypatch.setattr(plan, "free_bytes", lambda device: 10)
    with pytest.raises(DeviceError, match="use a device with more memory"):
        load(tiny_checkpoint, device="cpu")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), "needs about .* GB"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "needs about .* GB"),
        (RuntimeError("CUDA error: no kernel image is available"), "The device failed while the weights"),
    ],
)
def test_a_device_that_fails_while_quantising_is_not_the_checkpoints_fault(
    tiny_checkpoint, monkeypatch, error, said
):
    def fail(*given, **options):
        raise error

    monkeypatch.setattr("bitsandbytes.functional.quantize_4bit", fail)
    with pytest.raises(DeviceError, match=said):
        load(tiny_checkpoint, precision="nf4", device="cpu")


def test_a_quantised_checkpoint_is_not_loaded_in_another_precision(checkpoint):
    change_config(checkpoint, quantization_config={"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"})
    with pytest.raises(CheckpointError, match="is stored in nf4 and cannot be loaded in int8"):
        load(checkpoint, precision="int8", device="cpu")


def test_a_checkpoint_quantised_in_an_unknown_way_is_refused(checkpoint):
    change_config(checkpoint, quantization_config={"quant_method": "gptq"})
    with pytest.raises(CheckpointError, match="stored quantised as gptq"):
        load(checkpoint, device="cpu")


# 3. What is said about a model


def test_the_model_is_described(tiny_checkpoint, tiny_model):
    info = load(tiny_checkpoint, device="cpu").info
    held = sum(tensor.nbytes for tensor in (*tiny_model.parameters(), *tiny_model.buffers()))
    assert info == ModelInfo(
        name=tiny_checkpoint.name, precision="fp32", device="cpu", memory_gb=round(held / 1e9, 2),
        llm="SmolLM2 Instruct 0M", licence=None, embedded=False, checkpoint=fingerprint(tiny_checkpoint),
    )  # fmt: skip


def test_a_llama_3_names_its_licence(checkpoint):
    change_config(checkpoint, template="mova_llama3")
    info = load(checkpoint, device="cpu").info
    assert info.licence == "llama3" and info.llm.startswith("Llama 3")


def test_memory_counts_the_scales_of_quantised_layers(tiny_checkpoint):
    model = load(tiny_checkpoint, precision="nf4", device="cpu").model
    plain = sum(tensor.nbytes for tensor in (*model.parameters(), *model.buffers()))
    layers = sum(isinstance(module, bnb.nn.Linear4bit) for module in model.modules())
    assert precision.held_bytes(model) >= plain + layers


def test_progress_goes_from_0_to_1(tiny_checkpoint):
    steps = []
    load(tiny_checkpoint, device="cpu", progress=steps.append)
    assert (steps[0].share, steps[-1].share) == (0.0, 1.0) and len(steps) > 50
    assert list(dict.fromkeys(step.stage for step in steps)) == ["find", "read", "ready"]
    assert all(0 <= step.share <= 1 for step in steps)


def test_loading_and_a_forward_print_nothing_but_errors(tiny_checkpoint, capfd, caplog):
    for name in precision.PRECISIONS:
        logits(load(tiny_checkpoint, precision=name, device="cpu").model)
    assert capfd.readouterr().err == ""
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    "logger, message",
    [
        ("bitsandbytes.backends.cpu.ops", "Failed to load CPU gemm_4bit_forward from kernels-community"),
        ("bitsandbytes.autograd._functions", "MatMul8bitLt: inputs will be cast from bf16 to float16"),
    ],
)
def test_of_the_libraries_logs_only_known_noise_is_dropped(tiny_checkpoint, caplog, logger, message):
    load(tiny_checkpoint, device="cpu")
    logging.getLogger(logger).warning(message)
    assert not caplog.records
    logging.getLogger(logger).warning("something else")
    assert [record.getMessage() for record in caplog.records] == ["something else"]


@pytest.mark.slow
def test_bitsandbytes_is_not_imported_before_its_log_is_quieted():
    modules = "mova.checkpoint.loading, mova.language.lora, mova.checkpoint.quantize"
    code = f"import sys, {modules}; sys.exit('bitsandbytes' in sys.modules)"
    root = loading.embedded_checkpoint().parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root).returncode == 0


def test_nothing_but_linear_layers_is_ever_quantised(tiny_checkpoint, tiny_model):
    model = load(tiny_checkpoint, precision="nf4", device="cpu").model
    originals = dict(tiny_model.named_modules())
    changed = [name for name, module in model.named_modules() if type(module) is not type(originals[name])]
    assert changed and all(type(originals[name]) is nn.Linear for name in changed)


def test_every_refusal_is_one_the_page_can_show():
    assert issubclass(CheckpointError, MovaError) and issubclass(DeviceError, MovaError)


def test_an_8b_folder_nearby_is_the_default_where_there_is_cuda(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("llama3-mova-8b", "llama3-mova-8b-nf4"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
    monkeypatch.setattr(loading.torch.cuda, "is_available", lambda: False)
    assert loading.default_checkpoint() == loading.embedded_checkpoint()
    monkeypatch.setattr(loading.torch.cuda, "is_available", lambda: True)
    assert loading.default_checkpoint() == tmp_path / "llama3-mova-8b-nf4"
