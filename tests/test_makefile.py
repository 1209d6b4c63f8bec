"""The Makefile's choice of interpreter: runs what it finds, refuses what is too old, says so."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CANDIDATES = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make on the PATH")


def fake_python(folder: Path, name: str, minor: int, works: bool = True) -> None:
    """A command that answers the Makefile's three questions as Python 3.<minor> would, or fails."""
    answers = f"""#!/bin/sh
case "$2" in
  *print*) echo 3.{minor}.1 ;;
  *version_info*) [ {minor} -ge 11 ] ;;
esac
"""
    file = folder / name
    file.write_text(answers if works else "#!/bin/sh\nexit 127\n")
    file.chmod(0o755)


@pytest.fixture
def choose(tmp_path):
    """Runs `make python` where no other interpreter can be seen than the ones given as name=minor."""

    def run(*options: str, **minors: int) -> subprocess.CompletedProcess:
        for name in CANDIDATES:
            fake_python(tmp_path, name, minors.get(name, 0), works=name in minors)
        environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYENV_ROOT": str(tmp_path)}
        environment = {key: value for key, value in environment.items() if key not in ("MAKEFLAGS", "PYTHON")}
        command = ["make", "--silent", "--no-print-directory", "python", *options]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    return run


def test_takes_python3_without_a_word_when_it_is_new_enough(choose):
    result = choose(**{"python3": 13, "python3.12": 12})
    assert (result.stdout, result.stderr) == ("python3\n", "")


def test_says_that_python3_is_too_old_and_takes_a_newer_one_beside_it(choose):
    result = choose(**{"python3": 9, "python3.12": 12})
    assert result.stdout == "python3.12\n"
    assert "3.11 or newer" in result.stderr and "python3 is 3.9.1" in result.stderr


def test_passes_over_a_command_that_is_on_the_path_and_fails(choose):
    assert choose(**{"python3.11": 11}).stdout == "python3.11\n"


def test_refuses_when_every_python_is_too_old(choose):
    result = choose(python3=10)
    assert result.returncode != 0 and result.stdout == ""
    assert "python3 is 3.10.1" in result.stderr and "make PYTHON=" in result.stderr


def test_takes_the_python_named_and_no_other(choose):
    assert choose("PYTHON=python3.12", **{"python3": 11, "python3.12": 12}).stdout == "python3.12\n"
    assert choose("PYTHON=python3.13", python3=11).returncode != 0


def test_each_line_of_the_card_bench_is_a_command_that_runs(monkeypatch, tiny_config, tmp_path, capsys):
    """What it does on a card at full size, done on the processor at a small one."""
    from mova.__main__ import main
    from mova.config import MovaConfig
    from mova.evaluation import bench as bench_module

    small = tiny_config.to_dict() | {"template": "mova_llama3", "bos_token_id": 480, "eos_token_id": 481}
    monkeypatch.setattr(bench_module, "MovaConfig", lambda: MovaConfig.from_dict(small))
    planned = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "bench-gpu"], cwd=ROOT, capture_output=True, text=True
    )
    lines = [
        line.partition("-m mova ")[2].split() for line in planned.stdout.splitlines() if "-m mova " in line
    ]
    assert [line[line.index("--memory") + 1] for line in lines] == ["resident", "paged"]
    for line in lines:
        line = [str(tmp_path / "random") if part == "build/random-8b" else part for part in line]
        assert main([*line, "--device", "cpu", "--max-new-tokens", "2"]) == 0
        assert "| follow-up |" in capsys.readouterr().out
