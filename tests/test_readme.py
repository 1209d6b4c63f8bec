"""What the README promises is there: paths, make targets, and the front matter a Space reads."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()
_, FRONT, BODY = TEXT.split("---\n", 2)
OWN_PATH = re.compile(r"^(app\.py$|(mova|demo|assets|examples|tests|\.ci)/|[\w.-]+\.(py|txt|toml|md)$)")


def front_matter() -> dict[str, str | list[str]]:
    """The block's keys; a key without a value collects the `- item` lines below it."""
    entries: dict[str, str | list[str]] = {}
    key = ""
    for line in FRONT.splitlines():
        if line.startswith("  - "):
            entries[key].append(line.removeprefix("  - "))
        else:
            key, _, value = line.partition(":")
            entries[key] = value.strip().strip('"') or []
    return entries


def commands() -> list[str]:
    """Everything set as code: lines of shell blocks and text in backticks."""
    blocks = "".join(re.findall(r"```(?:sh|python)\n(.*?)```", BODY, flags=re.DOTALL))
    return [*blocks.splitlines(), *re.findall(r"`([^`\n]+)`", BODY)]


def named_paths() -> list[str]:
    """Paths of this repository in code, commands and links."""
    words = {word.strip("\"',;") for command in commands() for word in command.split()}
    links = {link for link in re.findall(r"\]\(([^)#]+)\)", BODY) if "://" not in link}
    return sorted(links | {word for word in words if OWN_PATH.match(word)})


@pytest.mark.parametrize("path", named_paths())
def test_every_path_named_exists(path):
    assert (ROOT / path).exists()


def test_every_make_target_named_exists():
    makefile = (ROOT / "Makefile").read_text()
    named = {found.group(1) for command in commands() if (found := re.match(r"make ([a-z-]+)", command))}
    assert {"demo", "test"} <= named <= set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))


def test_the_two_commands_come_first():
    assert BODY.index("make demo") < BODY.index("make test") < BODY.index("\n## ")


def test_front_matter_has_what_a_space_needs():
    entries = front_matter()
    assert entries["sdk"] == "gradio"
    assert entries["python_version"] == "3.12"
    assert entries["license"] == "apache-2.0"
    assert (ROOT / entries["app_file"]).exists()
    assert entries["models"] and entries["title"] and entries["suggested_hardware"]
    assert 0 < len(entries["short_description"]) <= 60


def test_the_space_runs_the_gradio_that_is_tested():
    pins = [Requirement(line) for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line]
    assert f"=={front_matter()['sdk_version']}" in [
        str(pin.specifier) for pin in pins if pin.name == "gradio"
    ]


def test_expert_table_is_the_pool():
    from mova.vision.experts.pool import EXPERTS

    rows = re.findall(r"^\| ([A-G]) \| (.+?) \| (.+?) \|$", BODY, flags=re.MULTILINE)
    assert [(letter, name) for letter, name, _ in rows] == [
        (expert.letter, expert.name) for expert in EXPERTS
    ]


def test_notice_names_every_part_of_the_checkpoints():
    from mova.vision.experts.pool import EXPERTS

    notice = (ROOT / "NOTICE").read_text()
    parts = [
        "Meta Llama 3 Community License",
        "CLIP",
        "BERT",
        "SmolLM2",
        *(expert.name for expert in EXPERTS),
    ]
    assert [part for part in parts if part not in notice] == []
