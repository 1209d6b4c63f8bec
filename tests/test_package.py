"""`pip install .`: the package and its command without the repository around it."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with an installed copy, built from a copy of the sources: nothing is left in them."""
    place = tmp_path_factory.mktemp("package")
    sources = place / "sources"
    sources.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        (sources / name).write_bytes((ROOT / name).read_bytes())
    for file in (ROOT / "mova").rglob("*"):
        if file.is_file() and file.suffix in (".py", ".typed"):
            target = sources / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(place / "site")]
    command = [sys.executable, "-m", "pip", "install", *options, str(sources)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return place / "site"


def run(installed: Path, *command: str, folder: Path) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(installed), "MOVA_LOG": "warning"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_the_installed_package_is_the_one_imported_and_is_typed(installed, tmp_path):
    code = "import mova, mova.vision.experts.pool as pool; print(mova.__file__, len(pool.EXPERTS))"
    told = run(installed, sys.executable, "-c", code, folder=tmp_path).stdout
    assert told == f"{installed / 'mova' / '__init__.py'} 7\n"
    assert (installed / "mova" / "py.typed").is_file()
    assert not (installed / "demo").exists() and not (installed / "training").exists()


def test_the_command_answers_with_the_small_model_of_the_folder_it_is_started_in(installed):
    if not (ROOT / "assets" / "mova-tiny" / "config.json").is_file():
        pytest.skip("assets/mova-tiny is not there")
    ask = ["ask", "--image", "examples/chart.png", "--question", "Which one is highest?", "--device", "cpu"]
    # `-P`: the sources in this folder must not be what is imported.
    answered = run(installed, sys.executable, "-P", str(installed / "bin" / "mova"), *ask, folder=ROOT)
    assert answered.returncode == 0 and answered.stdout.strip(), answered.stderr


def test_the_command_says_plainly_that_the_small_model_is_not_here(installed, tmp_path):
    ask = ["ask", "--question", "hello", "--device", "cpu"]
    refused = run(installed, sys.executable, str(installed / "bin" / "mova"), *ask, folder=tmp_path)
    assert refused.returncode == 2 and refused.stdout == ""
    assert refused.stderr.startswith("mova: The small model is not here") and "--model" in refused.stderr


def test_the_command_is_called_by_its_name(installed, tmp_path):
    told = run(installed, sys.executable, str(installed / "bin" / "mova"), "--help", folder=tmp_path).stdout
    assert told.startswith("usage: mova ")


def test_the_version_is_written_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == "mova-in-the-browser" and project["version"].count(".") == 2
