"""What needs a CUDA device: the recorded numbers there, NF4 by its own kernels, the model at full size."""

import copy
import shutil
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from mova.checkpoint.loading import load
from mova.checkpoint.quantize import quantize
from mova.engine import Engine, drain
from mova.evaluation.bench import bench
from mova.language.decoder import build_decoders
from mova.language.prompts import gate_text
from mova.language.recording import record_on_card, recorded_decoders
from mova.model import MovaForCausalLM
from mova.vision.experts.pool import EXPERTS, LETTERS
from tests import test_adapter_parity as adapter_parity
from tests import test_encoder_parity as encoder_parity
from tests import test_lm_parity as lm_parity
from tests import test_tower_parity as tower_parity
from tests.asking import SHORT, picture
from tests.golden import assert_close, golden, text_tokenizer, views
from tests.test_loading import LEAST_COSINE
from tests.tiny_checkpoints import IDS, features

DEVICE = "cuda"
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
# Relative norm error: one encoder or the adapter, and the whole tower or language model.
PART = {torch.float32: 1e-3, torch.bfloat16: 3e-2}
WHOLE = {torch.float32: 1e-3, torch.bfloat16: 5e-2}
RANDOM_8B_DISK = 30e9
in_types = pytest.mark.parametrize("dtype", list(PART), ids=["fp32", "bf16"])

# fixture -> (view it reads, recorded input, recorded output)
SIZE = golden("dinov2").config["sizes"][0]
ENCODERS = {
    "clip_base": ("base", "input.x", "output.selected"),
    "dinov2": ("dino", f"input.x{SIZE}", f"output.selected_{SIZE}"),
    "vit_vary": ("high", "input.x", "output.tokens"),
    "vit_codetr": ("high", "input.x", "output.tokens"),
    "vit_codetr_small": ("high", "input.x", "output.tokens"),
    "pix2struct": ("patches", "input.flattened_patches", "output.last_hidden_state"),
    "biomedclip": ("base", "input.x", "output.tokens"),
    "vit_sam": ("high", "input.x", "output.tokens"),
}


@pytest.fixture(autouse=True)
def without_tf32():
    backends = (torch.backends.cuda.matmul, torch.backends.cudnn)
    before = [backend.allow_tf32 for backend in backends]
    for backend in backends:
        backend.allow_tf32 = False
    with torch.no_grad():
        yield
    for backend, allowed in zip(backends, before, strict=True):
        backend.allow_tf32 = allowed


def moved(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """A copy of a module on the device; the one given serves other tests."""
    return copy.deepcopy(module).to(DEVICE, dtype)


@in_types
@pytest.mark.parametrize("fixture", ENCODERS)
def test_encoder(fixture, dtype):
    recorded, (view, given, expected) = golden(fixture), ENCODERS[fixture]
    model = moved(encoder_parity.encoder(fixture), dtype)
    found = model(views(**{view: recorded[given]}).to(DEVICE, dtype))
    assert_close(found.cpu(), recorded[expected], PART[dtype])


@in_types
@pytest.mark.parametrize("case", adapter_parity.CASES)
def test_adapter(case, dtype):
    recorded = adapter_parity.RECORDED
    model = moved(adapter_parity.adapter("adapter"), dtype)
    base, experts = adapter_parity.taken_apart(recorded, adapter_parity.CASES[case]["batch"])
    read = [recorded[f"output.{case}.text_{name}"].to(DEVICE) for name in ("input_ids", "attention_mask")]
    routing = recorded[f"input.{case}.routing_weights"].to(DEVICE)
    experts = {letter: tokens.to(DEVICE, dtype) for letter, tokens in experts.items()}
    fused = model(base.to(DEVICE, dtype), experts, model.encode_text(*read), routing)
    assert_close(fused.tokens.cpu(), recorded[f"output.{case}.final"], PART[dtype])


@in_types
def test_whole_tower(dtype):
    recorded = golden("tower")
    case = next(c for c, row in tower_parity.CASES.items() if all(row["cached"]) and row["cached"][0][0] == 1)
    model = moved(tower_parity.tower("tower"), dtype)
    given = tower_parity.given_views(recorded).to(DEVICE, dtype)
    found = [model.encode_base(given), *model.features(given, LETTERS).values()]
    assert_close(torch.cat(found, dim=-1).cpu(), recorded[f"output.{case}.features"], WHOLE[dtype])


def last_logits(stage: str, dtype: torch.dtype) -> Tensor:
    """[1, V] after the prompt of a pass, everything on the device."""
    recorded = lm_parity.RECORDED
    # Loaded and not moved: buffers stay float32.
    model = MovaForCausalLM.from_pretrained(
        None, config=lm_parity.config(), state_dict=recorded.weights(), dtype=dtype, device_map={"": DEVICE}
    ).eval()
    given = lm_parity.given_views(0).to(DEVICE, dtype)
    routing = recorded[f"input.{stage}.routing_weights"].to(DEVICE)
    letters = [letter for letter, on in zip(LETTERS, routing[0], strict=True) if on]
    read = text_tokenizer(lm_parity.config())(gate_text([recorded.config["prompt"]]), return_tensors="pt")
    text = model.encode_text(read.input_ids.to(DEVICE), read.attention_mask.to(DEVICE))
    experts = {letter: model.encode_expert(letter, given) for letter in letters}
    tokens = model.fuse(model.encode_base(given), experts, text, routing).tokens
    shown = model.pool_for_routing(tokens) if stage == "route" else tokens
    embeddings = model.embed(recorded[f"input.{stage}.input_ids"], shown[0])
    return model(inputs_embeds=embeddings, logits_to_keep=1).logits[:, -1]


@in_types
@pytest.mark.parametrize("stage", lm_parity.STAGES)
def test_whole_model(stage, dtype):
    expected = lm_parity.RECORDED[f"output.{stage}.prefill_logits_last"]
    assert_close(last_logits(stage, dtype).float().cpu(), expected, WHOLE[dtype])


def test_every_encoder_in_4_bit_sees_what_it_sees_in_full_precision(tiny_checkpoint, tiny_model):
    loaded = load(tiny_checkpoint, precision="nf4", device=DEVICE)
    reference = features(tiny_model, tiny_model.config)
    for letter, found in features(loaded.model, loaded.config).items():
        cosine = torch.cosine_similarity(found.cpu().flatten(), reference[letter].flatten(), dim=0)
        assert cosine > LEAST_COSINE, letter


@pytest.mark.parametrize("precision", [None, "int8", "bf16", "fp32"])
def test_the_engine_answers_with_every_expert(released_checkpoint, precision):
    loaded = load(released_checkpoint, precision=precision, device=DEVICE)
    assert loaded.info.precision == (precision or "nf4") and loaded.info.device.startswith(DEVICE)
    engine = Engine(loaded)
    for experts in ("ABC", "DEF", "G"):
        trace = drain(engine.answer("how many are there?", picture(), experts=experts, decoding=SHORT))
        assert trace.done and all(sum(row) == pytest.approx(1, abs=1e-2) for row in trace.gates.masked)
    assert drain(engine.answer("how many are there?", picture(), decoding=SHORT)).routing.probabilities


@pytest.mark.parametrize("precision", ["nf4", "bf16", "fp32"])
def test_recorded_steps_are_the_plain_ones(tiny_checkpoint, precision):
    loaded = load(tiny_checkpoint, precision=precision, device=DEVICE)
    plain = build_decoders(loaded.model, loaded.loras)
    recorded = recorded_decoders(plain, partial(record_on_card, loaded.model.device))
    found = []
    for decoder in (plain[None], recorded[None]):
        cache = decoder.cache(100)
        logits = [decoder.prefill(loaded.model.embed(IDS), cache)]
        with decoder.stepping(cache) as step:
            logits += [step(token) for token in range(5, 60)]
        found.append(torch.stack(logits))
    assert recorded[None].recorder.records
    assert_close(found[1], found[0], WHOLE[loaded.model.dtype])


def test_a_quantised_checkpoint_gives_the_same_bits_when_loaded_again(tiny_checkpoint, tmp_path):

    folder = quantize(tiny_checkpoint, tmp_path / "tiny-nf4", device=DEVICE)
    first, again = (
        load(source, precision="nf4", device=DEVICE).model for source in (tiny_checkpoint, folder)
    )
    assert torch.equal(*(model(input_ids=IDS.to(DEVICE)).logits for model in (first, again)))


@pytest.mark.slow
def test_random_weights_at_full_size_load_in_4_bit_and_answer_through_every_expert(tmp_path):
    if shutil.disk_usage(tmp_path).free < RANDOM_8B_DISK:
        pytest.skip(f"needs {RANDOM_8B_DISK / 1e9:.0f} GB of disk")
    folder = tmp_path / "random-8b"
    try:
        report = bench(random_8b=folder, precision="nf4", device=DEVICE, new_tokens=8)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # 23 GB that pytest would keep for three runs
    assert report["model"]["precision"] == "nf4"
    memory = report["memory_gb"]
    assert memory["whole"] < 11 and all(memory[expert.name] > 0 for expert in EXPERTS)
    looked = {stage["expert"] for answer in report["answers"] for stage in answer["stages"]}
    assert set(LETTERS) <= looked
    assert max(stage["peak_gb"] for answer in report["answers"] for stage in answer["stages"]) < 16
