"""`from_pretrained` and `save_pretrained`: what goes in comes out; what must stay whole stays so."""

import json
import threading
from copy import copy, deepcopy

import pytest
import torch
from PIL import Image
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from mova.checkpoint.loading import load
from mova.checkpoint.lora_files import loras_of
from mova.checkpoint.precision import quantised_layers
from mova.engine import Engine, engine_of
from mova.errors import CheckpointError
from mova.language.decoding import whole_text
from mova.model import MovaForCausalLM
from mova.processor import MovaProcessor
from mova.request import Decoding
from tests.tiny_checkpoints import change_config, change_weights, copy_checkpoint, features, logits

SHORT = Decoding(max_new_tokens=8)
PICTURE = Image.effect_mandelbrot((48, 32), (-2, -1, 1, 1), 20).convert("RGB")


@pytest.fixture(scope="module")
def folder(tiny_checkpoint, tiny_model, tmp_path_factory):
    """The tiny checkpoint with a LoRA for each pass."""
    return copy_checkpoint(
        tiny_checkpoint, tmp_path_factory.mktemp("loras") / "tiny", tiny_model, ("routing", "answer")
    )


@pytest.fixture(scope="module")
def model(folder):
    return MovaForCausalLM.from_pretrained(folder)


def test_it_is_the_model_that_load_loads(model, folder):
    loaded = load(folder, precision="fp32", device="cpu")
    assert loras_of(model) == loaded.loras == {"routing", "answer"}
    assert torch.equal(logits(model), logits(loaded.model))
    assert not model.training and model.dtype == torch.float32
    assert model.name_or_path == str(folder)


def test_published_names_are_read(released_checkpoint, tiny_model):
    model = AutoModelForCausalLM.from_pretrained(str(released_checkpoint))
    assert type(model) is MovaForCausalLM and torch.equal(logits(model), logits(tiny_model))


@pytest.mark.parametrize("dtype", [torch.bfloat16, "bfloat16"])
def test_a_type_can_be_asked_for(folder, dtype):
    assert MovaForCausalLM.from_pretrained(folder, dtype=dtype).dtype == torch.bfloat16


def test_the_configurations_own_type_is_the_default(tiny_checkpoint, tmp_path):
    copied = copy_checkpoint(tiny_checkpoint, tmp_path / "bf16")
    change_config(copied, dtype="bfloat16")
    assert MovaForCausalLM.from_pretrained(copied).dtype == torch.bfloat16


@pytest.mark.parametrize("change", [
    lambda weights: weights.pop("model.norm.weight"),
    lambda weights: weights.update({"model.extra.weight": torch.ones(2)}),
    lambda weights: weights.update({"model.norm.weight": torch.ones(3)}),
])  # fmt: skip
def test_keys_that_do_not_fit_are_refused_whatever_the_door(tiny_checkpoint, tmp_path, change):
    copied = copy_checkpoint(tiny_checkpoint, tmp_path / "changed")
    change_weights(copied, change)
    for door in (MovaForCausalLM, AutoModelForCausalLM):
        with pytest.raises(CheckpointError, match="do not fit"):
            door.from_pretrained(str(copied))


def test_a_folder_that_is_not_there_is_refused_in_our_words():
    with pytest.raises(CheckpointError, match="There is no checkpoint"):
        MovaForCausalLM.from_pretrained("/absent/checkpoint")


PLAIN = {
    "nf4": BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4"),
    "int8": BitsAndBytesConfig(load_in_8bit=True),
    "own skips": BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", llm_int8_skip_modules=["model.layers.0"]
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_settings_quantise_nothing_that_must_stay_whole(folder, tiny_config, name):
    model = MovaForCausalLM.from_pretrained(folder, quantization_config=PLAIN[name])
    table = quantised_layers(MovaForCausalLM.outline(tiny_config), "int8" if name == "int8" else "nf4")
    if name == "own skips":
        table = {layer for layer in table if not layer.startswith("model.layers.0.")}
    found = {
        path.removesuffix(".base_layer")
        for path, module in model.named_modules()
        if type(module).__module__.startswith("bitsandbytes")
    }
    assert found == table != set()
    assert PLAIN[name].llm_int8_skip_modules in (None, ["model.layers.0"])  # a person's own stay theirs


def test_what_is_saved_loads_again_bit_for_bit(model, folder, tmp_path):
    model.save_pretrained(tmp_path / "again")
    again = MovaForCausalLM.from_pretrained(tmp_path / "again")
    weights, others = model.state_dict(), again.state_dict()
    assert weights.keys() == others.keys() and all(torch.equal(weights[n], others[n]) for n in weights)
    config = json.loads((tmp_path / "again" / "config.json").read_text())
    assert str(folder) not in json.dumps(config) and config["model_type"] == "mova"
    assert loras_of(model) == {"routing", "answer"} and model.name_or_path == str(folder)


def test_large_models_are_saved_in_standard_files_with_an_index(model, tmp_path):
    model.save_pretrained(tmp_path, max_shard_size="300KB")
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text())["weight_map"]
    files = sorted(path.name for path in tmp_path.glob("*.safetensors"))
    assert set(index.values()) == set(files) and len(files) > 1
    assert files[0] == f"model-00001-of-{len(files):05d}.safetensors"
    assert torch.equal(logits(MovaForCausalLM.from_pretrained(tmp_path)), logits(model))


@pytest.mark.parametrize("after_a_forward", [False, True])
def test_a_quantised_model_is_saved_quantised(folder, tiny_config, tmp_path, after_a_forward):
    model = MovaForCausalLM.from_pretrained(folder, quantization_config=PLAIN["nf4"])
    if after_a_forward:  # some processors repack the weights then
        features(model, tiny_config)
    model.save_pretrained(tmp_path)
    again = MovaForCausalLM.from_pretrained(tmp_path)
    assert torch.equal(logits(again), logits(model))
    first, second = features(model, tiny_config), features(again, tiny_config)
    assert all(torch.equal(first[letter], second[letter]) for letter in first)


def test_somebodys_own_weights_can_be_given(tiny_model, tiny_config):
    model = MovaForCausalLM.from_pretrained(None, config=tiny_config, state_dict=tiny_model.state_dict())
    assert torch.equal(logits(model), logits(tiny_model))


# The short way


def test_the_short_way_answers_as_the_engine_does(model, folder):
    trace = model.answer(PICTURE, "What is it?", experts=["A"], decoding=SHORT)
    engine = Engine(load(folder, precision="fp32", device="cpu"))
    assert (
        str(trace) == trace.answer == engine.ask(PICTURE, "What is it?", experts=["A"], decoding=SHORT).answer
    )
    assert not any(s.reused for s in trace.timings.stages)
    again = model.answer(PICTURE, "What?", experts=["A"], decoding=SHORT)
    assert [s.reused for s in again.timings.stages if s.name in ("base", "expert")] == [True, True]


def test_the_short_way_takes_files_and_no_picture(model, tmp_path):
    PICTURE.save(tmp_path / "picture.png")
    one, other = (
        model.answer(p, "What?", experts=[], decoding=SHORT) for p in (PICTURE, tmp_path / "picture.png")
    )
    assert one.answer == other.answer and one.picture == other.picture
    assert model.answer(None, "hello", decoding=SHORT).routing is None


def test_a_copy_of_a_model_that_was_asked_has_no_part_in_its_engine(model):
    model.answer(None, "hello", decoding=SHORT)
    assert engine_of(model) is engine_of(model)
    other = deepcopy(model)
    assert isinstance(copy(model), MovaForCausalLM) and engine_of(other) is not engine_of(model)
    assert isinstance(engine_of(other)._lock, type(threading.Lock()))


def test_a_model_from_nowhere_says_what_it_lacks(tiny_model):
    with pytest.raises(CheckpointError, match="not loaded from a checkpoint"):
        tiny_model.answer(None, "hello")


# The processor


def test_model_and_processor_saved_together_are_a_checkpoint(model, folder, tmp_path):
    model.save_pretrained(tmp_path)
    MovaProcessor.from_pretrained(folder).save_pretrained(tmp_path)
    again = load(tmp_path, device="cpu")
    asked = {"experts": ["G"], "decoding": SHORT}
    assert (
        Engine(again).ask(PICTURE, "What?", **asked).answer == model.answer(PICTURE, "What?", **asked).answer
    )


def test_the_models_own_methods_on_the_processors_inputs_answer_as_the_engine(tiny_checkpoint):
    """Both passes by hand, with transformers' own `generate`."""
    model, processor = (c.from_pretrained(tiny_checkpoint) for c in (MovaForCausalLM, MovaProcessor))
    inputs = processor(images=PICTURE, text=" What is it? ")
    assert inputs["input_ids"].shape[0] == inputs["routing_ids"].shape[0] == 1
    views = processor.views(inputs)
    routing = torch.zeros(1, 7)
    routing[0, [0, 6]] = 1
    with torch.inference_mode():
        text = model.encode_text(inputs["text_input_ids"], inputs["text_attention_mask"])
        experts = {letter: model.encode_expert(letter, views) for letter in "AG"}
        fused = model.fuse(model.encode_base(views), experts, text, routing)
        embeddings = model.embed(inputs["input_ids"], fused.tokens[0])
        ids = model.generate(inputs_embeds=embeddings, max_new_tokens=40, do_sample=False)
    asked = model.answer(PICTURE, "What is it?", experts=["A", "G"], decoding=Decoding(max_new_tokens=40))
    assert whole_text(processor.tokenizer, ids[0].tolist()) == asked.answer != ""


def test_a_question_without_a_picture_has_its_prompt_alone(tiny_checkpoint):
    inputs = MovaProcessor.from_pretrained(tiny_checkpoint)(text="hello")
    assert list(inputs) == ["input_ids"]
