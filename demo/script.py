"""The script of a talk or of a tour: a JSON file of steps, each an example or a recorded answer and a line.

    [{"example": "chart", "line": {"en": "A chart calls for DePlot.", "zh": "..."}},
     {"panel": "where", "line": "Where it looked."},
     {"example": 4, "experts": "D", "line": "The same chart, looked at by another expert."}]

An `example` is named by its picture or its number, a `trace` is a file beside the script. A step without
either stays with what is shown. Recordings play slowly; a step with `experts`, or with `"live": true`, is
asked where there is a model. `panel` is the part of the page that the step is about.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from demo.gallery import Example
from demo.replay import SPEEDS
from demo.words import LANGUAGES
from demo.words.table import words_in
from mova.errors import MovaError, QuestionRefused
from mova.request import named_experts
from mova.trace_file import loads

SCRIPTS = {"present": "script.json", "tour": "tour.json"}
SLOWLY = 0.5  # times as fast as it was
MOST_STEPS, LONGEST_LINE = 60, 400
FIELDS = {"example", "trace", "experts", "line", "panel", "live", "speed"}
PARTS = ("gallery", "picture", "transcript", "composer", "router", "gate", "time", "where", "worth")
Line = dict[str, str]  # language -> words


@dataclass(frozen=True)
class Step:
    """One step: what is shown, if anything new, and what is said about it."""

    line: Line
    example: int | None = None
    trace: Path | None = None
    experts: tuple[str, ...] | None = None
    panel: str = ""
    live: bool = False
    speed: float = SLOWLY

    @property
    def plays(self) -> bool:
        """Whether something is asked or played, and not only pointed at."""
        return self.example is not None or self.trace is not None


def read_scripts(examples: Sequence[Example]) -> dict[str, list[Step]]:
    """The scripts beside the examples by name; one that is not there is empty. Raises MovaError for a bad
    one."""
    files = {name: e.path.parent / file for e in examples[:1] for name, file in SCRIPTS.items()}
    return {name: read_script(file, examples) if file.is_file() else [] for name, file in files.items()}


def read_script(file: Path, examples: Sequence[Example]) -> list[Step]:
    """The steps of a script. Raises MovaError naming the step that is wrong."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise MovaError(f"{file} is no JSON: {error}. Correct it.") from error
    if not isinstance(rows, list) or len(rows) > MOST_STEPS:
        raise MovaError(f"{file} should be a list of at most {MOST_STEPS} steps. Correct it.")
    return [_step(f"{file}, step {number}", file.parent, row, examples) for number, row in enumerate(rows, 1)]


def _step(where: str, folder: Path, row: Any, examples: Sequence[Example]) -> Step:
    if not isinstance(row, dict) or set(row) - FIELDS:
        told = ", ".join(sorted(FIELDS))
        raise MovaError(f"{where}: a step has some of {told}, found {str(row)[:80]!r}. Correct it.")
    try:
        example, trace = row.get("example"), row.get("trace")
        if example is not None and trace is not None:
            raise MovaError("it has an example and a trace; take one of them away")
        position = None if example is None else find_example(examples, str(example))
        experts = _experts(row["experts"]) if "experts" in row else None
        if position is None and (experts is not None or row.get("live")):
            raise MovaError("'experts' and 'live' need an example that is asked")
        recorded = None if trace is None else _recorded(folder, trace)
        live, speed = row.get("live", experts is not None), row.get("speed", SLOWLY)
        if not isinstance(live, bool):
            raise MovaError(f"'live' should be true or false, found {live!r}")
        if speed not in SPEEDS:
            raise MovaError(f"'speed' should be one of {', '.join(map(str, SPEEDS))}, found {speed!r}")
        return Step(_line(row.get("line")), position, recorded, experts, _panel(row), live, float(speed))
    except MovaError as error:
        raise MovaError(f"{where}: {str(error).rstrip('.')}. Correct it.") from error


def _line(given: Any) -> Line:
    """A line in every language; one text stands for all."""
    line: Any = dict.fromkeys(LANGUAGES, given) if isinstance(given, str) else given
    if not isinstance(line, dict) or "en" not in line or set(line) - set(LANGUAGES):
        raise MovaError(f"'line' should be a text, or texts for {', '.join(LANGUAGES)}, found {given!r:.80}")
    for text in line.values():
        if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_LINE:
            raise MovaError(f"a line should have 1 to {LONGEST_LINE} characters, found {text!r:.80}")
    return {language: str(line.get(language, line["en"])) for language in LANGUAGES}


def _panel(row: dict) -> str:
    panel = row.get("panel", "")
    if panel not in ("", *PARTS):
        raise MovaError(f"'panel' should be one of {', '.join(PARTS)}, found {panel!r:.80}")
    return panel


def _recorded(folder: Path, name: Any) -> Path:
    file = folder / Path(str(name)).name
    if not file.is_file():
        raise MovaError(f"there is no trace {file}")
    loads(file.read_bytes())  # a bad one is refused here and not before an audience
    return file


def find_example(examples: Sequence[Example], name: str) -> int:
    """The position of the example of this number, or of the first about a picture of this name. Raises
    QuestionRefused."""
    if name.isascii() and name.isdecimal() and len(name) < 4 and int(name) < len(examples):
        return int(name)
    found = [number for number, example in enumerate(examples) if example.path.stem == name]
    if not found:
        raise QuestionRefused(f"there is no example {name!r:.60}")
    return found[0]


def link_names(examples: Sequence[Example]) -> list[str]:
    """What each example is called in an address: its picture's name, or its number where that is taken."""
    stems = [example.path.stem for example in examples]
    return [stem if stems.index(stem) == number else str(number) for number, stem in enumerate(stems)]


def _experts(given: Any) -> tuple[str, ...]:
    """`E,D` or `none` -> letters. Raises QuestionRefused."""
    if not isinstance(given, str):
        raise QuestionRefused(f"'experts' should be letters like 'E,D', or 'none', found {given!r:.60}")
    return named_experts(given)


def scripts_html(scripts: dict[str, list[Step]], examples: Sequence[Example]) -> str:
    """Scripts, names of examples and words, as JSON for the page's own scripts."""
    told = {
        "examples": link_names(examples),
        "scripts": {
            name: [{"line": s.line, "panel": s.panel, "plays": s.plays, "example": s.example} for s in steps]
            for name, steps in scripts.items()
        },
        "words": {language: _words(language) for language in LANGUAGES},
    }
    return f'<i data-scripts="{escape(json.dumps(told, ensure_ascii=False))}"></i>'


def _words(language: str) -> dict[str, str]:
    say = words_in(language)
    return {
        key: say(key)
        for key in sorted(say.keys())
        if key.startswith(("present.", "tour.", "enlarge.", "page."))
    }
