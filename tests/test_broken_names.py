"""Names of checkpoints, options and variables that cannot be right: one line each, at every door."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import parser as page_parser
from demo.answering import Answering
from demo.header import header_html
from demo.lane import Lane
from demo.startup import Startup
from mova import options
from mova.__main__ import build_parser, main
from mova.checkpoint import precision
from mova.checkpoint import quantize as quantize_module
from mova.checkpoint.files import find_checkpoint
from mova.checkpoint.loading import load
from mova.checkpoint.plan import MEMORY
from mova.checkpoint.quantize import quantize
from mova.errors import CheckpointError, MovaError, QuestionRefused
from mova.request import Request
from tests.refusing import put, refusal

ROOT = Path(__file__).parent.parent
WEIGHTS = "model.safetensors"


@pytest.fixture
def folder(tiny_checkpoint, tmp_path):
    """The tiny checkpoint as links: what a test puts there takes a link's place."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "checkpoint", copy_function=os.link)


@pytest.fixture(autouse=True)
def no_hub(monkeypatch):
    """Nothing is fetched."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


# 1. Checkpoints


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "No checkpoint is named"),
        ("  ", "No checkpoint is named"),
        ("~nobody-of-that-name/mova", "no checkpoint at ~nobody"),
        ("/absent/Å\n\x1b[31m\udcff", "no checkpoint at /absent/Å\\n\\x1b[31m\\udcff"),
        ("a\0b", "no checkpoint at a\\x00b"),
        ("/" + "x" * 5000, "cannot be looked at"),
        ("one/two/three", "no checkpoint at one/two/three"),
        ("https://huggingface.co/one/two", "no checkpoint at https://huggingface.co/one/two"),
        ("some--one/mova", "it is no name the hub could have"),
        ("someone/mova", "the hub is switched off and nothing was fetched before"),
        ("someone/mova@v1", "no folder someone/mova here"),
    ],
)
def test_names_of_no_checkpoint(name, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    assert said in refusal(lambda: find_checkpoint(name))


def test_a_home_folder_is_found(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    assert find_checkpoint("~/checkpoint").folder == folder


@pytest.mark.parametrize("gone", ["config.json", WEIGHTS, "tokenizer.json"])
def test_a_snapshot_that_was_fetched_in_part(folder, gone, tmp_path, monkeypatch):
    cached = tmp_path / "models--someone--mova"
    shutil.move(folder, cached / "snapshots" / ("0" * 40))
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("0" * 40)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    (cached / "snapshots" / ("0" * 40) / gone).unlink()
    line = refusal(lambda: load("someone/mova", device="cpu"))
    assert str(cached) in line or "someone/mova" in line


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device"), "the disk of the hub's cache is full"),
        (PermissionError(13, "Permission denied"), "may not be written to by you"),
        (TimeoutError("read timed out for ever"), "fetching broke off"),
        (RuntimeError("something nobody thought of"), "fetching broke off"),
    ],
)
def test_a_download_that_fails(monkeypatch, error, said):
    def snapshot_download(*given, **options):
        raise error

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    assert said in refusal(lambda: find_checkpoint("someone/mova"))


def test_the_cause_is_kept_for_the_log(folder):
    put(folder / "config.json", "{")
    with pytest.raises(CheckpointError) as caught:
        load(folder, device="cpu")
    assert isinstance(caught.value.__cause__, json.JSONDecodeError)


def test_a_disk_that_fills_up_leaves_no_half_checkpoint(folder, tmp_path, monkeypatch):
    def full(*given):
        (tmp_path / "new.partial").mkdir()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(quantize_module, "_write", full)
    assert "new cannot be written" in refusal(lambda: quantize(folder, tmp_path / "new", device="cpu"))
    assert not (tmp_path / "new.partial").exists()


# 2. Options of the command line and their variables


def ended(run, capsys) -> str:
    """The one line a parser ends with."""
    with pytest.raises(SystemExit) as end:
        run()
    line = capsys.readouterr().err
    assert end.value.code == 2 and line.count("\n") == 1 and line.startswith("mova: ")
    return line


NAMES = ["", "  ", "a\0b", "a\nb"]
WRONG = {
    "--model": NAMES,
    "--precision": ["", "fp8", "NF4", "nf4,int8"],
    "--device": ["", "tpu", "cuda:", "cuda:one", "cuda:99999999999", "cpu:0"],
    "--bert-vocab": [*NAMES, "~nobody-of-that-name/vocab.txt"],
    "--host": NAMES,
    "--port": ["", "no", "0", "-1", "65536", "7860.5", "1e3", "9" * 30],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in WRONG for text in WRONG[name]])
def test_wrong_options_of_the_page_are_named(name, text, capsys):
    line = ended(lambda: page_parser().parse_args([f"{name}={text}"]), capsys)
    assert line.startswith(f"mova: {name} ")


@pytest.mark.parametrize(
    ("name", "text"),
    [(name, text) for name in WRONG for text in WRONG[name] if text.strip() and "\0" not in text],
)
def test_wrong_variables_are_named(name, text, capsys, monkeypatch):
    variable = f"MOVA_{name[2:].upper().replace('-', '_')}"
    monkeypatch.setenv(variable, text)
    assert ended(lambda: page_parser().parse_args([]), capsys).startswith(f"mova: {variable} ")
    good = {"--precision": "nf4", "--port": "80", "--device": "cpu"}.get(name, "x")
    assert page_parser().parse_args([name, good])  # what is typed wins


def test_empty_variables_are_as_good_as_none(monkeypatch):
    for name in WRONG:
        monkeypatch.setenv(f"MOVA_{name[2:].upper().replace('-', '_')}", " ")
    assert page_parser().parse_args([]).model is None


ASK = ["ask", "--question", "why?"]
EVALUATE = ["evaluate", "--questions", "q.jsonl"]


@pytest.mark.parametrize(
    ("command", "name", "text"),
    [
        *((ASK, name, text) for name in ("--model", "--revision") for text in NAMES),
        *((ASK, name, text) for name in ("--precision", "--device") for text in ("", "x")),
        *((ASK, "--max-new-tokens", text) for text in ("", "x", "0", "2.5", "9" * 30)),
        *((ASK, name, text) for name in ("--temperature", "--top-p") for text in ("", "x", "nan", "inf")),
        *((ASK, "--seed", text) for text in ("", "x", "1.5", "9" * 30)),
        *((EVALUATE, name, "") for name in ("--images", "--annotations", "--answers", "--questions")),
        (["quantize", "x"], "--precision", "bf16"),
        *(
            (["bench"], name, "")
            for name in ("--random-8b", "--random-mid", "--loop-precision", "--visitors")
        ),
        *((command, "--memory", text) for command in (ASK, ["bench"]) for text in ("", "x")),
    ],
    ids=str,
)
def test_wrong_options_of_the_terminal_are_named(command, name, text, capsys):
    line = ended(lambda: build_parser().parse_args([*command, f"{name}={text}"]), capsys)
    assert line.startswith(f"mova: {name} ")


@pytest.mark.parametrize("name", ["--temperature=-1", "--temperature=1e9", "--top-p=2", "--seed=-1"])
def test_numbers_out_of_range_are_told_before_anything_is_loaded(name, capsys):
    assert main([*ASK, "--model", "/absent", name]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_line_knows_the_precisions_there_are():
    assert options.PRECISIONS == precision.PRECISIONS and options.PRECISIONS[:2] == precision.QUANTISED
    assert options.MEMORY == MEMORY


# 3. What the page says


def test_the_page_says_why_there_is_no_model(monkeypatch):
    monkeypatch.setattr("demo.startup.LAST_LOOK", 0.0)
    startup, lane = Startup(), Lane()
    with pytest.raises(MovaError), startup.told():
        raise CheckpointError("x/config.json is <empty>: fetch the file again.")
    assert "config.json is &lt;empty&gt;" in header_html(None, failed=startup.failed)
    with pytest.raises(QuestionRefused, match="could not be loaded. x/config.json is <empty>"):
        list(Answering(startup, lane).run(lane.enter("anna"), Request("Hello")))


@pytest.mark.slow
@pytest.mark.parametrize("door", ["terminal", "page"])
def test_a_process_ends_with_the_sentence(folder, door):
    put(folder / "config.json", "[")
    command = {"terminal": ["-m", "mova", *ASK], "page": ["app.py"]}[door]
    done = subprocess.run(
        [sys.executable, *command, "--model", str(folder), "--device", "cpu"],
        cwd=ROOT, env=os.environ | {"HF_HUB_OFFLINE": "1"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == {"terminal": 2, "page": 1}[door]
    assert done.stderr == f"mova: {folder}/config.json breaks off in the middle: fetch the file again.\n"
