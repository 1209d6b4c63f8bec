"""Every way a checkpoint's files can be bad: one line in our words that names the file at fault."""

import json
import os
import shutil
import struct

import pytest
import torch
from safetensors.torch import load_file, save_file

from mova.checkpoint.damage import UNFINISHED, read_object
from mova.checkpoint.loading import load
from mova.engine import Engine
from tests.refusing import own, put, refusal
from tests.tiny_checkpoints import change_config, change_weights, save_lora

WEIGHTS, INDEX, VOCABULARY = "model.safetensors", "model.safetensors.index.json", "bert_tokenizer/vocab.txt"
LORA, LORA_WEIGHTS = "answer_lora/adapter_config.json", "answer_lora/adapter_model.safetensors"
BIN, BIN_INDEX = "pytorch_model-00001-of-00003.bin", "pytorch_model.bin.index.json"
NORM, MATRIX = "model.norm.weight", "model.layers.0.mlp.up_proj.weight"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 7066824\n"


@pytest.fixture
def folder(tiny_checkpoint, tmp_path):
    """The tiny checkpoint as links: what a test puts there takes a link's place."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "checkpoint", copy_function=os.link)


@pytest.fixture
def released(released_checkpoint, tmp_path):
    """The released form as links."""
    return shutil.copytree(released_checkpoint, tmp_path / "released", copy_function=os.link)


@pytest.fixture(autouse=True)
def no_hub(monkeypatch):
    """Nothing is fetched."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def refused(folder) -> str:
    return refusal(lambda: Engine(load(folder, device="cpu")))


# 1. JSON


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "is empty"),
        ('{"a": 1, "b', "breaks off in the middle"),
        ('{"a": ', "breaks off in the middle"),
        ('{"a": 1}\n}', "is not JSON from line 2 on"),
        ("[]", "holds a list"),
        ("7", "holds a number"),
        ("null", "holds null"),
        ("true", "holds true or false"),
        ('"x"', "holds a text"),
        ('{"a": 1}'.encode("utf-16"), "nor any text"),
        (b"\0" * 100, "is not JSON from line 1 on"),
        ("[" * 200_000, "is not JSON that can be read"),
        ('{"a": ' + "9" * 10_000 + "}", "is not JSON that can be read"),
        (POINTER, "kept by Git LFS: run `git lfs pull`"),
        ("<!DOCTYPE html>", "is a web page"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_json_that_is_none(tmp_path, data, said):
    path = tmp_path / "some.json"
    put(path, data)
    assert refusal(lambda: read_object(path)).startswith(f"{path} ")
    assert said in refusal(lambda: read_object(path))


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_link_to_nothing(path):
    path.unlink()
    path.symlink_to("../../blobs/0000")


def shut(path):
    own(path)
    path.chmod(0)


AS_ROOT = pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
ONCE_EACH = [
    (lambda path: put(path, ""), "is empty"),
    (lambda path: put(path, POINTER), "kept by Git LFS"),
    (lambda path: put(path, b"\xff\xfe\x00" * 40), ""),
    (a_folder, "is a folder"),
    (a_link_to_nothing, "is a link to a file that is not there"),
    pytest.param(shut, "may not be read by you", marks=AS_ROOT),
]
JSON_FILES = ["config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json"]


@pytest.mark.parametrize(("spoil", "said"), ONCE_EACH)
@pytest.mark.parametrize("name", [*JSON_FILES, WEIGHTS, VOCABULARY, LORA, LORA_WEIGHTS])
def test_every_file_of_a_checkpoint_is_named_when_it_is_bad(folder, tiny_model, name, spoil, said):
    save_lora(folder / "answer_lora", tiny_model)
    spoil(folder / name)
    line = refused(folder)
    assert line.startswith(f"{folder / name} ") and said in line


@pytest.mark.parametrize(("spoil", "said"), ONCE_EACH)
@pytest.mark.parametrize("name", [BIN, BIN_INDEX])
def test_every_file_of_the_released_form_is_named_too(released, name, spoil, said):
    spoil(released / name)
    line = refused(released)
    assert line.startswith(f"{released / name} ") and said in line


# 2. config.json


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hidden_size", "big"), ("hidden_size", 10**9), ("num_hidden_layers", -3),
        ("num_hidden_layers", 10**6), ("vocab_size", None), ("vocab_size", 5), ("clip", [1]), ("views", 7),
        ("sam", {"hidden_size": "x"}),
        ("sam", {"hidden": 3}), ("sam", {"global_attn_indexes": 5}), ("views", {"base_side": "x"}),
        ("clip", {"patch_size": 0}), ("expert_channels", "no"), ("expert_channels", [1]), ("template", 5),
        ("template", "nope"), ("template", "vicuna_v1"), ("system_sentence", 3), ("image_feat_size", -2),
        ("image_feat_size", 7), ("num_attention_heads", 7), ("hidden_act", "nope"), ("rope_parameters", "x"),
        ("rope_parameters", {"rope_type": "nope"}), ("dtype", "nope"), ("quantization_config", "x"),
        ("quantization_config", {"load_in_4bit": True}), ("num_routing_tokens", 5), ("mm_hidden_size", 1),
        ("quantization_config", {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}), ("eos_token_id", "x"),
        ("text_encoder", {"hidden_size": 63}), ("bos_token_id", 99999), ("max_position_embeddings", -5),
        ("tie_word_embeddings", "x"), ("model_type", None), ("model_type", ["mova"]), ("rms_norm_eps", "x"),
        ("id2label", 5), ("attn_implementation", "nope"), ("clip", {"hidden_act": "nope"}),
    ],
    ids=str,
)  # fmt: skip
def test_fields_that_cannot_be(folder, field, value):
    own(folder / "config.json")
    change_config(folder, **{field: value})
    named = ("config.json", "template", "memory", "BERT", "tokenizer.json", "stored quantised as fp4")
    assert any(name in refused(folder) for name in named)


# 3. Weights


def with_header(change):
    """The weight file under another header."""

    def spoil(folder):
        data = (folder / WEIGHTS).read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8 : 8 + length])
        change(header[NORM])
        written = json.dumps(header).encode()
        put(folder / WEIGHTS, struct.pack("<Q", len(written)) + written + data[8 + length :])

    return spoil


def cut(name, size):
    return lambda folder: put(folder / name, (folder / name).read_bytes()[:size])


def with_weights(change):
    def spoil(folder):
        own(folder / WEIGHTS)
        change_weights(folder, change)

    return spoil


def pack(shape, dtype):
    def change(weights):
        del weights[MATRIX]
        weights[f"{MATRIX}.q8_0"] = torch.zeros(shape, dtype=dtype)

    return with_weights(change)


def stored(data, name=WEIGHTS):
    return lambda folder: put(folder / name, data)


def every(weights, change):
    weights.update({name: change(weight) for name, weight in weights.items()})


WEIGHT_FAULTS = {
    "a few bytes": (cut(WEIGHTS, 7), "too short"),
    "cut in the header": (cut(WEIGHTS, 5000), "breaks off in its header"),
    "cut in the data": (cut(WEIGHTS, 3_000_000), "breaks off: of "),
    "a text": (stored("hello " * 99), "is a text"),
    "zeros": (stored(b"\0" * 99), "damaged header"),
    "endless header": (stored(struct.pack("<Q", 2**60) + b"x" * 99), "does not begin as"),
    "far offsets": (
        with_header(lambda entry: entry.update(data_offsets=[0, 10**12])),
        "breaks off: of 1,000",
    ),
    "other offsets": (
        with_header(lambda entry: entry.update(data_offsets=[0, 4])),
        "header that does not fit",
    ),
    "negative offsets": (with_header(lambda entry: entry.update(data_offsets=[-1, 4])), "does not fit"),
    "unknown type": (with_header(lambda entry: entry.update(dtype="X9")), "header that does not fit"),
    "whole numbers": (
        with_header(lambda entry: entry.update(dtype="I32")),
        f"floating-point numbers: {NORM}",
    ),
    "no numbers": (with_weights(lambda w: w.update({NORM: w[NORM] * float("nan")})), f"no numbers: {NORM}"),
    "nothing in it": (lambda folder: save_file({}, folder / WEIGHTS), "missing"),
    "too few": (
        with_weights(lambda w: [w.pop(name) for name in sorted(w)[:200]]),
        "200 missing: lm_head.weight",
    ),
    "another's": (
        with_weights(lambda w: every(w, lambda weight: weight[..., :1].clone())),
        "of another shape",
    ),
    "packed oddly": (pack((128, 50), torch.uint8), "blocks of another kind"),
    "packed as floats": (pack((128, 68), torch.float32), "blocks of another kind"),
}


@pytest.mark.parametrize("name", WEIGHT_FAULTS)
def test_weights_that_are_none(folder, name):
    spoil, said = WEIGHT_FAULTS[name]
    if name == "nothing in it":
        (folder / WEIGHTS).unlink()
    spoil(folder)
    assert said in refused(folder)


def repacked(folder):
    torch.save({1: torch.ones(1)}, folder / "new")
    (folder / "new").replace(folder / BIN)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (cut(BIN, 5000), "breaks off before its end"),
        (cut(BIN, 1_000_000), "breaks off before its end"),
        (stored("hello " * 99, BIN), "is a text"),
        (stored(b"PK" + b"\0" * 99, BIN), "breaks off before its end"),
        (stored(b"\x80\x02" + b"\0" * 99, BIN), "before 1.6"),
        (repacked, "is not a table of names and weights"),
        (lambda folder: (folder / BIN).unlink(), f"lacks {BIN}, named in"),
        (lambda folder: (folder / BIN).rename(folder / f"{BIN}{UNFINISHED[0]}"), "with a broken download"),
    ],
)
def test_bin_files_that_are_none(released, spoil, said):
    spoil(released)
    assert said in refused(released)


def test_weights_that_were_never_fetched_whole(folder):
    (folder / WEIGHTS).rename(folder / f"{WEIGHTS}.incomplete")
    assert f"only the broken download {WEIGHTS}.incomplete" in refused(folder)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "has no `weight_map`"),
        ({"weight_map": []}, "has no `weight_map`"),
        ({"weight_map": {}}, "has no `weight_map`"),
        *(
            ({"weight_map": {"a": name}}, "outside its folder")
            for name in (
                3,
                None,
                ["x"],
                "",
                ".",
                "..",
                "config.json",
                "../x.safetensors",
                "/etc/passwd",
                "a/x.bin",
            )
        ),
        *(
            ({"weight_map": {"a": name}}, "outside its folder")
            for name in ("..\\x.bin", "x\0.bin", "x" * 5000 + ".bin", "\n.bin")
        ),
        ({"weight_map": {"a": "gone.safetensors"}}, "lacks gone.safetensors"),
        ({"weight_map": {str(n): f"gone-{n}.bin" for n in range(300)}}, "and 297 more"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_index_that_is_none(folder, table, said):
    put(folder / INDEX, json.dumps(table))
    assert said in (line := refused(folder)) and INDEX in line


def test_an_index_that_says_too_much_of_a_whole_file_does_no_harm(folder):
    put(folder / INDEX, json.dumps({"weight_map": {"model.ghost": WEIGHTS, NORM: WEIGHTS}}))
    assert load(folder, device="cpu").info.precision == "fp32"


# 4. LoRAs, vocabularies, tokenizers, rules of generation


@pytest.mark.parametrize(
    "change",
    [
        {"r": 8}, {"r": "x"}, {"r": 0}, {"r": None}, {"peft_type": "IA3"}, {"peft_type": None},
        {"target_modules": "nothing"}, {"target_modules": "("}, {"target_modules": []}, {"target_modules": 5},
        {"target_modules": ["q_proj"]}, {"lora_alpha": "x"}, {"use_dora": True}, {"lora_dropout": 7},
        {"task_type": "NOPE"}, {"rank_pattern": 5}, {"layers_to_transform": [99]},
    ],
    ids=str,
)  # fmt: skip
def test_a_loras_settings_that_cannot_be(folder, tiny_model, change):
    path = save_lora(folder / "answer_lora", tiny_model) / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert str(folder / "answer_lora") in refused(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda weights: weights.clear(), "8 missing"),
        (lambda weights: weights.pop(sorted(weights)[0]) is None, "1 missing"),
        (lambda weights: weights.update(x=torch.ones(1)), "1 not expected: x"),
        (lambda weights: every(weights, lambda weight: weight * float("nan")), "no floating-point numbers"),
        (lambda weights: every(weights, lambda weight: weight.int()), "no floating-point numbers"),
        (lambda weights: every(weights, lambda weight: torch.ones(4, 100)), "does not go with this model"),
    ],
)
def test_a_loras_weights_that_do_not_fit(folder, tiny_model, change, said):
    weights = load_file((save_lora(folder / "answer_lora", tiny_model)) / "adapter_model.safetensors")
    change(weights)
    save_file(weights, folder / LORA_WEIGHTS)
    assert said in (line := refused(folder)) and str(folder / "answer_lora") in line


@pytest.mark.parametrize("name", [LORA, LORA_WEIGHTS])
def test_half_a_lora(folder, tiny_model, name):
    save_lora(folder / "answer_lora", tiny_model)
    (folder / name).unlink()
    assert "is not a LoRA in peft's format" in refused(folder)


@pytest.mark.parametrize(
    "make", [lambda p: p.write_text("x"), lambda p: p.mkdir(), lambda p: p.symlink_to("/no")]
)
def test_what_stands_in_a_loras_place_is_not_passed_over(folder, make):
    make(folder / "routing_lora")
    assert str(folder / "routing_lora") in refused(folder)


@pytest.mark.parametrize("lines", [["[CLS]"], ["x"] * 133, None])
def test_a_vocabulary_of_something_else(folder, lines):
    known = (folder / VOCABULARY).read_text().split("\n")[:-1]
    put(folder / VOCABULARY, "\n".join(lines or [*known[:-1], known[-2]]) + "\n")
    assert refused(folder).startswith(str(folder / VOCABULARY))


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        (
            "tokenizer.json",
            lambda t: t["model"]["vocab"].update({f"z{n}": n for n in range(512, 600)}),
            "tokens",
        ),
        ("tokenizer.json", lambda t: t["model"].update(type="Nope"), "is not a tokenizer"),
        ("tokenizer.json", lambda t: t.pop("model"), "is not a tokenizer"),
        ("tokenizer.json", lambda t: t.update(added_tokens=5), "is not a tokenizer"),
        ("tokenizer_config.json", lambda t: t.update(added_tokens_decoder="x"), "tokenizer_config.json"),
        ("tokenizer_config.json", lambda t: t.update(extra_special_tokens=5), "tokenizer_config.json"),
        ("generation_config.json", lambda t: t.update(eos_token_id="x"), "`eos_token_id`"),
        ("generation_config.json", lambda t: t.update(eos_token_id=[["a"]]), "`eos_token_id`"),
        ("generation_config.json", lambda t: t.update(cache_implementation="nope"), "not known"),
    ],
)
def test_a_tokenizer_or_a_rule_that_cannot_be(folder, file, change, said):
    table = json.loads((folder / file).read_text())
    change(table)
    put(folder / file, json.dumps(table))
    assert said in refused(folder)
