"""The rules a reader relies on: who imports whom, what is installed and used, how long things are."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LAYERS = (
    {"errors", "progress", "checkpoint.library_logs"},
    {"logs"},
    {"checkpoint.damage", "checkpoint.devices"},
    {"checkpoint.hub"},
    {"imaging.formats", "imaging.tags", "imaging.gif", "imaging.jpeg", "imaging.bmp", "imaging.hdr"},
    {"imaging.shrink", "imaging.transparency", "imaging.quiet", "imaging.colour_spaces"},
    {"imaging.png", "imaging.colour", "imaging.cut_short", "imaging.room", "imaging.data_uri"},
    {"imaging.opening"},
    {"imaging.decoding"},
    {"imaging.in_memory"},
    {"config", "vision.experts.pool"},
    {
        "language.prompts",
        "vision.grid",
        "vision.rotary",
        "vision.lines",
        "vision.letters",
        "vision.chances",
        "vision.spelling",
        "vision.misread",
        "vision.casing",
        "vision.cutting",
        "vision.reading",
        "evaluation.records",
    },
    {"images", "language.boxes", "contributions", "components", "options", "thumbnail", "worth"},
    {"request", "evaluation.rules"},
    {"trace", "evaluation.scoring"},
    {"events", "language.routing", "trace_file"},
    {"evaluation.benchmarks", "evaluation.targets"},
    {"evaluation.questions", "evaluation.answers"},
    {"evaluation.score_table"},
    {"attention"},
    {"vision.views", "vision.vit", "vision.components", "vision.relative_attention", "vision.found"},
    {"vision.charts"},
    {"vision.experts"},
    {"vision.tower"},
    # The model registers its key map: without it a checkpoint loads as noise.
    {"adapter", "checkpoint.key_map", "checkpoint.precision", "checkpoint.gguf_blocks"},
    {"checkpoint.files", "checkpoint.lora_files", "checkpoint.text_vocabulary"},
    {"checkpoint.configuration"},
    {"checkpoint.pretrained", "checkpoint.working_room", "checkpoint.paging"},
    {"model"},
    {"checkpoint.plan"},
    {"checkpoint.loading", "language.lora"},
    {"checkpoint.quantize"},
    {"checkpoint.random"},
    {"language.blocks", "language.key_values"},
    {"language.projection", "language.decoder"},
    {"language.recording"},
    {"language.context", "feature_cache", "language.decoding"},
    {"prepared"},
    {"stages"},
    {"ablation", "seeing"},
    {"engine", "processor"},
    {"evaluation.published_loop", "evaluation.evaluate"},
    {"evaluation.comparison", "evaluation.visitors", "evaluation.floors", "evaluation.watching"},
    {"evaluation.bench", "evaluation.bench_table"},
    {"__main__", "public"},
)
# The short way `model.answer` leads up to the engine, inside a function.
DOORS = {"mova.model": {"mova.engine"}}
# The import name of a requirement, where it is not the requirement's own.
IMPORT_NAMES = {"pillow": "PIL", "markdown-it-py": "markdown_it"}
# Needed by transformers to place and quantise weights; never imported by name.
INDIRECT = {"accelerate", "bitsandbytes"}
# What the page must do without: it can be built, served and tested where none of these is installed.
MODEL_LIBRARIES = {"torch", "transformers", "peft", "bitsandbytes", "accelerate", "safetensors"}
UNWANTED = {"torchvision", "timm", "open_clip", "einops", "kernels"}
RUNS_DATA = {"eval", "exec", "pickle.load", "pickle.loads", "pickle.Unpickler"}


def modules(*folders: str) -> dict[str, Path]:
    """Dotted name -> file of every Python file below the folders."""
    return {dotted(file): file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))}


def dotted(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(file: Path) -> frozenset[str]:
    """Absolute dotted names a file imports anywhere in it, `from a import b` as both `a` and `a.b`."""
    return frozenset(_imports(file))


def _imports(file: Path) -> Iterator[str]:
    package = dotted(file) if file.name == "__init__.py" else dotted(file).rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def roots(file: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(file)}


CODE = modules("mova", "demo", "training", "tests") | {"app": ROOT / "app.py"}
SHIPPED = {name: file for name, file in CODE.items() if not name.startswith("tests")}
RUNNING = {name: file for name, file in SHIPPED.items() if not name.startswith("training")}


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("mova", {"app", "demo", "gradio", "matplotlib", "tests", "training"}),
        ("demo", {"app", "tests", "training", *MODEL_LIBRARIES}),
        ("training", {"app", "demo", "gradio", "tests"}),
    ],
)
def test_a_package_imports_only_downwards(package, forbidden):
    wrong = {name: roots(file) & forbidden for name, file in modules(package).items()}
    assert not {name: found for name, found in wrong.items() if found}


def test_what_the_page_imports_of_mova_never_reaches_torch():
    """The page can be built and tested without the model's libraries, at any depth of imports."""
    seen, waiting = set(), {name for file in modules("demo").values() for name in imports(file)}
    while waiting:
        name = waiting.pop()
        if name in CODE and name not in seen:
            seen.add(name)
            assert not roots(CODE[name]) & {"torch", "transformers", "peft"}, f"{name} is imported by demo/"
            waiting |= imports(CODE[name])


def test_nothing_outside_mova_tiny_imports_it():
    users = [name for name, file in RUNNING.items() if any(i.startswith("training") for i in imports(file))]
    assert users == []


def rank(module: str) -> int | None:
    """Height of a module of mova in LAYERS; None for what is not in it (mova itself, errors of spelling)."""
    name = module.removeprefix("mova.")
    for candidate in (name, name.rpartition(".")[0]):
        for height, layer in enumerate(LAYERS):
            if candidate in layer:
                return height
    return None


def modules_with_code() -> set[str]:
    """What of mova can be imported and is no mere folder of modules."""
    return {name for name, file in RUNNING.items() if name.startswith("mova.") and file.name != "__init__.py"}


def test_every_module_of_mova_has_its_layer_and_imports_none_above_it():
    wrong = []
    for name, file in RUNNING.items():
        if not name.startswith("mova.") or file.name == "__init__.py":
            continue
        assert rank(name) is not None, f"{name} has no place in LAYERS"
        for other in imports(file) & modules_with_code() - DOORS.get(name, set()):
            if rank(other) > rank(name):
                wrong.append(f"{name} imports {other}")
    assert not wrong


def requirements(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text().splitlines()
    parsed = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return {requirement.name: requirement for requirement in parsed}


def third_party(files) -> set[str]:
    own = {"mova", "demo", "app", "tests", "training"}
    return set().union(*map(roots, files)) - own - set(sys.stdlib_module_names)


def test_requirements_are_what_is_imported_no_more_and_no_less():
    listed = {IMPORT_NAMES.get(name, name) for name in requirements("requirements.txt")}
    used = third_party(RUNNING.values())
    assert used - listed == set(), "imported and not in requirements.txt"
    assert listed - used - INDIRECT == set(), "in requirements.txt and not imported"


def test_the_package_needs_of_the_requirements_what_it_imports():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {requirement.name: requirement for requirement in map(Requirement, project["dependencies"])}
    listed = requirements("requirements.txt")
    own = {name: file for name, file in RUNNING.items() if name.partition(".")[0] == "mova"}
    used = third_party(own.values())
    names = {IMPORT_NAMES.get(name, name): name for name in listed}
    assert set(needed) == {name for imported, name in names.items() if imported in used} | INDIRECT
    assert all(needed[name].specifier == listed[name].specifier for name in needed)
    versions = [project["version"], re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)[1]]
    assert versions[0] == versions[1], "the newest entry of CHANGELOG.md is another version"


def test_test_and_training_imports_are_listed_too():
    running = {IMPORT_NAMES.get(name, name) for name in requirements("requirements.txt")}
    tests = [file for name, file in CODE.items() if name.startswith("tests")]
    own = {dotted(file).rpartition(".")[2] for file in tests}
    testing = {IMPORT_NAMES.get(name, name) for name in requirements("requirements-dev.txt")}
    assert third_party(tests) - own <= running | testing
    tiny = modules("training").values()
    assert third_party(tiny) <= running | set(requirements("requirements-train.txt"))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-train.txt"])
def test_every_pin_lies_in_its_tested_range(name):
    pins = requirements("constraints.txt")
    for requirement in requirements(name).values():
        version = str(pins[requirement.name].specifier).removeprefix("==")
        assert requirement.specifier.contains(version), f"{requirement} against pin {version}"


def test_unwanted_libraries_appear_nowhere():
    imported = set().union(*map(roots, SHIPPED.values()))
    listed = set().union(*(requirements(file.name) for file in ROOT.glob("requirements*.txt")))
    assert not UNWANTED & (imported | listed)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_code_is_run_out_of_data(name):
    for node in ast.walk(ast.parse(SHIPPED[name].read_text())):
        if isinstance(node, ast.Call):
            called, options = (
                ast.unparse(node.func),
                {keyword.arg: keyword.value for keyword in node.keywords},
            )
            assert called not in RUNS_DATA and "trust_remote_code" not in options, f"line {node.lineno}"
            if called == "torch.load":
                assert ast.unparse(options["weights_only"]) == "True", f"line {node.lineno}"


@pytest.mark.parametrize("name", CODE)
def test_files_and_functions_stay_short(name):
    text = CODE[name].read_text()
    longest = 60 if name == "app" else 10 if CODE[name].name == "__init__.py" else 400
    assert text.count("\n") <= longest
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0].end_lineno if ast.get_docstring(node) else node.lineno
            assert node.end_lineno - first <= 50, f"{node.name} at line {node.lineno}"


def test_markers_used_are_declared():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    declared = {marker.partition(":")[0] for marker in settings["markers"]}
    builtin = {"parametrize", "skipif", "skip", "xfail", "usefixtures", "filterwarnings"}
    used = {
        marker
        for name, file in CODE.items()
        if name.startswith("tests")
        for marker in re.findall(r"pytest\.mark\.(\w+)", file.read_text())
    }
    assert used - builtin <= declared
