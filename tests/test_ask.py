"""`python -m mova ask` and the arguments of `quantize`."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mova.__main__ import main


@pytest.fixture
def image(tmp_path):
    """A picture file."""
    path = tmp_path / "picture.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)).save(path)
    return path


@pytest.fixture
def ask(tiny_checkpoint):
    """Runs `ask` on the tiny checkpoint."""

    def run(*options) -> int:
        fixed = ["ask", "--model", tiny_checkpoint, "--device", "cpu", "--max-new-tokens", "8"]
        return main([str(option) for option in [*fixed, *options]])

    return run


def test_json_is_one_object_with_the_trace(ask, image, capsys):
    assert ask("--image", image, "--question", "what?", "--experts", "E,D", "--json") == 0
    whole = json.loads(capsys.readouterr().out)
    trace = whole["trace"]
    assert whole["answer"] and trace["routing"]["experts"] == ["E", "D"] and trace["routing"]["forced"]
    assert trace["routing"]["reply"] is None and trace["routing"]["probabilities"] is None
    assert all(abs(sum(row) - 1) < 1e-5 for row in trace["gates"]["masked"])
    assert trace["timings"]["tokens"] == 8 and trace["model"]["precision"] == "fp32"


def test_none_gives_zero_gates(ask, image, capsys):
    assert ask("--image", image, "--question", "what?", "--experts", "none", "--json") == 0
    gates = json.loads(capsys.readouterr().out)["trace"]["gates"]["masked"]
    assert not any(any(row) for row in gates)


def test_without_picture_there_is_no_routing(ask, capsys):
    assert ask("--question", "why?", "--json") == 0
    trace = json.loads(capsys.readouterr().out)["trace"]
    assert trace["routing"] is None and trace["gates"] is None


def test_streaming_prints_the_answer_and_reports_beside_it(ask, image, capsys):
    assert ask("--image", image, "--question", "what?", "--experts", "E,D", "--json") == 0
    answer = json.loads(capsys.readouterr().out)["answer"]
    assert ask("--image", image, "--question", "what?", "--experts", "E,D") == 0
    printed = capsys.readouterr()
    assert printed.out == answer + "\n"
    assert "[experts: E, D (chosen by you)]" in printed.err and "[gate 1: " in printed.err


def test_sampling_options_are_passed_on(ask, capsys):
    answers = []
    for seed in (1, 1, 2):
        assert ask("--question", "why?", "--temperature", "1.5", "--top-p", "0.9", "--seed", seed) == 0
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[1] != answers[2]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--question", " "], "empty"),
        (["--question", "x" * 30_000], "characters"),
        (["--question", "why?", "--experts", "H"], "no expert 'H'"),
        (["--question", "why?", "--experts", ""], "no expert ''"),
        (["--question", "why?", "--image", "/absent.png"], "no picture file"),
        (["--question", "why?", "--temperature", "-1"], "temperature"),
        (["--question", "why?", "--model", "/absent/checkpoint"], "/absent/checkpoint"),
    ],
)
def test_refusals_are_one_sentence_on_standard_error(options, word, capsys):
    assert main(["ask", *options]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and word in printed.err and "Traceback" not in printed.err


def test_quantize_passes_its_arguments_on(monkeypatch, capsys, tmp_path):
    given = {}

    def recorded(source, target, precision, **options):
        given.update(source=source, target=target, precision=precision, **options)
        return tmp_path

    monkeypatch.setattr("mova.checkpoint.quantize.quantize", recorded)
    assert main(["quantize", "src", "dst", "--precision", "int8", "--device", "cpu"]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path)
    assert (given["source"], given["target"], given["precision"]) == ("src", Path("dst"), "int8")
    assert given["device"] == "cpu" and given["bert_vocab"] is None


def test_the_module_runs_as_a_command():
    """Help needs neither torch nor a checkpoint."""
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-X", "importtime", "-m", "mova", "ask", "--help"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "--experts" in done.stdout
    assert " torch\n" not in done.stderr
