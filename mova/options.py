"""Options of the command line, each with a twin in the environment, and each wrong one told in a sentence."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

from mova.errors import MovaError

Read = Callable[..., Any]
# As in mova/checkpoint/precision.py, plan.py and loading.py, which need torch; the quantised ones first.
PRECISIONS = ("nf4", "int8", "bf16", "fp32")
MEMORY = ("auto", "resident", "paged")
STEPS = ("recorded", "plain")


class OptionRefused(MovaError):
    """An option of the command line, or its twin in the environment, is not what it should be."""


class Parser(argparse.ArgumentParser):
    """argparse, but for what it says: one sentence behind `mova:`, and status 2.

    `add` is `add_argument` with a `twin`: the variable in the environment that stands for the option. What
    is empty there is as good as not set.
    """

    def __init__(self, **how):
        super().__init__(**how)
        self._wrong_twins: dict[str, OptionRefused] = {}

    def add(self, *names: str, twin: str | None = None, read: Read | None = None, **how) -> None:
        """One option. `read` turns its text and its name into a value, or raises OptionRefused."""
        if twin:
            how["help"] = f"{how.get('help', '')} [{twin}]"
        text = os.environ.get(twin, "").strip() if twin else ""
        action = self.add_argument(*names, **how)
        if read is not None:
            action.type = partial(read, name=names[-1])
        if text:
            try:
                action.default = read(text, name=twin) if read else text
            except OptionRefused as refused:  # told when the option itself is not given
                action.default = None
                self._wrong_twins[action.dest] = refused

    def parse_args(self, *given, **how):
        """The options; ends the program with a sentence where one of them is wrong."""
        try:
            options = super().parse_args(*given, **how)
            for name, refused in self._wrong_twins.items():
                if getattr(options, name) is None:
                    raise refused
        except OptionRefused as refused:
            self._end(str(refused))
        return options

    def error(self, message: str) -> NoReturn:
        """Says what is wrong with what was typed, and ends."""
        self._end(_in_our_words(message))

    def _end(self, sentence: str) -> NoReturn:
        print(f"mova: {sentence} {self.prog} --help names what there is.", file=sys.stderr)
        sys.exit(2)


def port(text: str, name: str) -> int:
    """A port to listen on."""
    return _whole(text, name, 1, 65535)


def count(text: str, name: str) -> int:
    """A number of things, at least one."""
    return _whole(text, name, 1, 10**9)


def counts(text: str, name: str) -> tuple[int, ...]:
    """Several numbers of things, with commas between them."""
    return tuple(count(part, name) for part in text.split(","))


def whole(text: str, name: str) -> int:
    """A whole number; what it may be is checked where it is used."""
    return _whole(text, name, -(2**63), 2**63)


def number(text: str, name: str) -> float:
    """A number, and no endless one."""
    try:
        if isfinite(value := float(text)):
            return value
    except ValueError:
        pass
    raise OptionRefused(f"{name} has to be a number, such as 0.7, not {text[:40]!r}.")


def named(text: str, name: str) -> str:
    """A name or a path: some text that a person can see."""
    if not text.strip() or not text.isprintable():
        raise OptionRefused(f"{name} has to name something, not {text[:40]!r}.")
    return text.strip()


def path(text: str, name: str) -> Path:
    """A file or folder, `~` read as a home folder; whether it is there is checked where it is used."""
    given = Path(named(text, name))
    try:
        return given.expanduser()
    except RuntimeError:
        raise OptionRefused(f"{name} names the home folder of nobody here: {text[:80]!r}.") from None


def precision(text: str, name: str) -> str:
    """A precision to hold the model in."""
    return _one_of(text, name, PRECISIONS)


def quantised(text: str, name: str) -> str:
    """A precision to write a checkpoint in."""
    return _one_of(text, name, PRECISIONS[:2])


def memory(text: str, name: str) -> str:
    """Where the experts wait."""
    return _one_of(text, name, MEMORY)


def steps(text: str, name: str) -> str:
    """How a card decodes."""
    return _one_of(text, name, STEPS)


def device(text: str, name: str) -> str:
    """A device; whether there is one is checked where it is used."""
    if not re.fullmatch(r"cpu|cuda(:[0-9]{1,4})?", text.strip()):
        raise OptionRefused(f"{name} has to be cpu, cuda or cuda:N with a number, not {text[:40]!r}.")
    return text.strip()


def _one_of(text: str, name: str, known: Sequence[str]) -> str:
    if text.strip() not in known:
        raise OptionRefused(f"{name} has to be {', '.join(known[:-1])} or {known[-1]}, not {text[:40]!r}.")
    return text.strip()


def _whole(text: str, name: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[-+]?[0-9]{1,20}", text.strip()) or not low <= int(text) <= high:
        raise OptionRefused(f"{name} has to be a whole number from {low} to {high}, not {text[:40]!r}.")
    return int(text)


def _in_our_words(message: str) -> str:
    """What argparse has to say, as a sentence."""
    patterns = (
        (r"unrecognized arguments: (.*)", "There is no option {0}."),
        (r"argument (\S+): expected one argument", "{0} needs a value behind it."),
        (r"the following arguments are required: (.*)", "{0} is needed."),
        (r"argument COMMAND: invalid choice: ('[^']*').*", "There is no command {0}."),
        (r"argument (\S+): (.*)", "{0}: {1}."),
    )
    for pattern, sentence in patterns:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return sentence.format(*(part.strip()[:120] for part in found.groups()))
    return f"{message[:1].upper()}{message[1:]}."
