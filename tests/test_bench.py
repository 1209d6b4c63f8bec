"""Measuring: every part and stage is in the report; a random checkpoint is the released form."""

import json
import time

import pytest

from mova.__main__ import main
from mova.checkpoint.loading import load
from mova.checkpoint.random import mid_size, published_shapes, write_random_checkpoint
from mova.config import MovaConfig
from mova.engine import Engine, drain
from mova.errors import CheckpointError
from mova.evaluation import bench as bench_module
from mova.evaluation.bench import bench
from mova.evaluation.comparison import SITUATIONS
from mova.evaluation.floors import decoding_floor
from mova.evaluation.watching import Watched, anonymous_gb
from mova.language.prompts import IMAGE_TOKEN, TEMPLATES, answer_prompt, encode
from mova.prepared import Prepared
from mova.vision.experts.pool import EXPERTS, LETTERS
from tests.asking import SHORT, picture
from tests.golden import GOLDENS
from tests.test_key_map import is_dropped


@pytest.fixture(scope="module")
def llama3_config(tiny_config):
    """The tiny model's sizes under the released template."""
    changed = {"template": "mova_llama3", "bos_token_id": 480, "eos_token_id": 481}
    return MovaConfig.from_dict(tiny_config.to_dict() | changed)


@pytest.fixture(scope="module")
def random_checkpoint(llama3_config, tmp_path_factory):
    folder = tmp_path_factory.mktemp("random") / "checkpoint"
    return write_random_checkpoint(folder, llama3_config, shard_bytes=500_000)


def test_at_full_size_a_random_checkpoint_has_the_released_names_and_shapes():
    released = json.loads((GOLDENS / "manifest_8b.json").read_text())["entries"]
    expected = {name: entry["shape"] for name, entry in released.items() if not is_dropped(name)}
    assert {name: list(shape) for name, shape in published_shapes(MovaConfig()).items()} == expected


def test_a_random_checkpoint_is_sharded_and_loads_and_answers(random_checkpoint):
    assert len(list(random_checkpoint.glob("pytorch_model-*.bin"))) > 2
    loaded = load(random_checkpoint, precision="nf4", device="cpu")
    trace = drain(Engine(loaded).answer("how many?", picture(), experts=["A", "E"], decoding=SHORT))
    assert trace.answer and trace.model.licence == "llama3"
    assert loaded.tokenizer.convert_ids_to_tokens(481) == "<|end_of_text|>"


def test_a_checkpoint_without_a_tokenizer_config_has_the_two_bos_in_front_and_no_other(random_checkpoint):
    """The released file list has no tokenizer_config.json, so nothing but config.json names the BOS."""
    assert not (random_checkpoint / "tokenizer_config.json").exists()
    loaded = load(random_checkpoint, device="cpu")
    ids = encode(answer_prompt(TEMPLATES["mova_llama3"], [], "why?", True), loaded.tokenizer)
    assert ids[:2] == [480, 480] and ids.count(480) == 2 and IMAGE_TOKEN in ids


def test_a_random_checkpoint_is_not_written_over_anything(random_checkpoint, llama3_config):
    with pytest.raises(CheckpointError, match="is not empty"):
        write_random_checkpoint(random_checkpoint, llama3_config)


def test_the_report_holds_every_part_and_every_expert(tiny_checkpoint):
    report = bench(tiny_checkpoint, device="cpu", new_tokens=4)
    memory = report["memory_gb"]
    assert {expert.name for expert in EXPERTS} < memory.keys()
    parts = sum(size for part, size in memory.items() if part != "whole")
    assert parts == pytest.approx(memory["whole"], rel=0.01)  # the rest: a norm and rotary frequencies
    first, again, *forced = report["answers"]
    assert "".join("".join(answer["experts"]) for answer in forced) == LETTERS
    reused = [{s["stage"]: s["reused"] for s in answer["stages"]}["base"] for answer in (first, again)]
    assert reused == [False, True]
    assert all(stage["seconds"] >= 0 and stage["peak_gb"] is None for stage in first["stages"])


def test_the_command_prints_json_and_writes_the_random_checkpoint_once(
    random_checkpoint, llama3_config, monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(bench_module, "MovaConfig", lambda: llama3_config)
    folder = tmp_path / "random"
    command = ["bench", "--device", "cpu", "--max-new-tokens", "2", "--rounds", "0", "--json"]
    for _ in range(2):
        assert main([*command, "--random-8b", str(folder)]) == 0
        assert json.loads(capsys.readouterr().out)["model"]["name"] == "random"


def test_answers_of_the_engine_and_the_published_loop_agree_word_for_word(tiny_checkpoint):
    """The random model in float32: every situation, as often as it is measured."""
    report = bench(tiny_checkpoint, device="cpu", new_tokens=8, rounds=2, visitors=(1, 3))
    compared = report["against_the_published_loop"]
    assert [row["visitors"] for row in report["visitors"]] == [1, 3]
    assert all(0 < row["p50"] <= row["p95"] and row["questions_per_second"] > 0 for row in report["visitors"])
    assert [compared[name]["agree"] for name in SITUATIONS] == [2, 2, 2, 2]
    assert all(compared[name]["loop_first_word"] > 0 for name in SITUATIONS)
    assert compared["decoding"]["ratio"] > 0 and compared["loop_precision"] == "fp32"


def test_the_table_names_every_situation_part_and_stage(tiny_checkpoint, capsys):
    arguments = ["bench", "--model", str(tiny_checkpoint), "--device", "cpu", "--loop-precision", "bf16"]
    assert main([*arguments, "--max-new-tokens", "2", "--rounds", "1", "--visitors", "1,2"]) == 0
    shown = capsys.readouterr().out
    assert all(f"| {name} |" in shown for name in (*SITUATIONS, "whole", *(e.name for e in EXPERTS)))
    assert "in bf16, medians of 1" in shown and "base, kept" in shown
    assert "\n| 2 | " in shown and "GFLOP/s" in shown


def test_a_token_reads_the_layers_and_the_output_layer(tiny_loaded):
    decoder = Prepared.of(tiny_loaded).decoder("answer")
    model = tiny_loaded.model
    linears = sum(w.nbytes for w in (*model.model.layers.parameters(), model.lm_head.weight) if w.dim() > 1)
    floor = decoding_floor(decoder, {"read_gb_per_second": 2 * linears / 1e9}, tokens_per_second=1.0)
    assert floor["bytes_per_token"] == linears
    assert (floor["most_tokens_per_second"], floor["share"]) == pytest.approx((2.0, 0.5))


def test_the_mid_size_model_has_the_real_ones_parts_at_a_few_hundred_million_weights():
    shapes = published_shapes(mid_size())
    assert shapes.keys() < published_shapes(MovaConfig()).keys()
    assert 2e8 < sum(shape.numel() for shape in shapes.values()) < 5e8


def test_a_random_tokenizer_spells_the_routing_prompt_in_words(random_checkpoint):
    tokenizer = load(random_checkpoint, device="cpu").tokenizer
    text = "suitable models to help you"
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False).input_ids) == text
    assert len(tokenizer(text).input_ids) < len(text)


@pytest.mark.skipif(anonymous_gb() is None, reason="this system does not say how much memory is whose")
def test_the_most_memory_is_seen_after_it_was_given_back():
    with Watched() as watched:
        before = anonymous_gb()
        block = bytearray(300_000_000)
        sum(range(2_000_000))
        time.sleep(0.1)
        del block
    assert watched.anonymous_gb >= before + 0.29 > anonymous_gb()
    assert watched.seconds >= 0.1 and watched.seconds > watched.processor_seconds > 0
