"""The router's reply: which letters it names and how probable each one was.

Pure text and numbers. The reader is stricter than the released one, which takes every capital A-G
anywhere in the text ("Answer: C" gave A and C, "NONE" gave E).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mova.trace import Routing
from mova.vision.experts.pool import LETTERS, MAX_EXPERTS

_LONE_CAPITAL = re.compile(r"(?<![^\W_])[A-G](?![^\W_])")


def parse_reply(text: str) -> tuple[str, ...]:
    """The experts a reply names: capitals A-G with no letter or digit beside them, before the third
    comma, each once, at most three, in order of appearance; () means none."""
    return tuple(letter for letter, _ in _letters(text))


def is_complete(text: str) -> bool:
    """Whether nothing that may follow can change the experts: three are named and something stands behind
    the last of them, or the third comma has come."""
    named = _letters(text)
    return text.count(",") >= MAX_EXPERTS or (len(named) == MAX_EXPERTS and named[-1][1] + 1 < len(text))


def certain_experts(text: str) -> tuple[str, ...]:
    """The experts that a reply's beginning names for good: something stands behind each of them."""
    return tuple(letter for letter, place in _letters(text) if place + 1 < len(text))


def forced_routing(letters: Sequence[str]) -> Routing:
    """The routing of a person's own choice: the router was not asked."""
    return Routing(reply=None, experts=tuple(letters), probabilities=None, forced=True)


@dataclass(frozen=True)
class LetterTable:
    """Ids of every vocabulary entry whose text, without leading commas and blanks, is a letter A-G, and
    of those that begin "none" or "None"."""

    letters: tuple[tuple[int, ...], ...]
    none: tuple[int, ...]

    @classmethod
    def from_tokenizer(cls, tokenizer) -> "LetterTable":
        """Built once at load. Only entries that can match by their last character are decoded: decoding a
        whole vocabulary of 128 000 takes seconds."""
        none_starts = {"none", "None"} | {
            tokenizer.decode(tokenizer(word, add_special_tokens=False).input_ids[:1]).lstrip(", \t\r\n")
            for word in ("none", "None")
        }
        endings = set(LETTERS) | {start[-1] for start in none_starts if start}
        by_text: dict[str, list[int]] = {}
        for index, raw in enumerate(tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))):
            # A byte-fallback entry such as <0x41> is a letter whose name does not end in one.
            if raw and (raw[-1] in endings or raw.startswith("<0x")):
                by_text.setdefault(tokenizer.decode([index]).lstrip(", \t\r\n"), []).append(index)
        letters = tuple(tuple(by_text.get(letter, ())) for letter in LETTERS)
        return cls(letters, tuple(i for start in sorted(none_starts) for i in by_text.get(start, ())))

    def read(self, probabilities: np.ndarray) -> "StepProbabilities":
        """The letters' share of one step's distribution over the vocabulary (`[V]`, sums to 1)."""
        shares = tuple(float(probabilities[list(ids)].sum()) if ids else 0.0 for ids in self.letters)
        none = float(probabilities[list(self.none)].sum()) if self.none else 0.0
        return StepProbabilities(shares, none)


@dataclass(frozen=True)
class StepProbabilities:
    """At one decoding step: how probable each letter A-G and "none" were as the next token."""

    letters: tuple[float, ...]
    none: float


def routing_from_steps(
    texts: Sequence[str], steps: Sequence[StepProbabilities], prompt: str | None = None
) -> Routing:
    """The routing of a reply.

    `steps[i]` are the probabilities at step i, `texts[i]` the reply's text after that step (the last step may
    be the end token, which adds no text). A picked letter gets the probability of the step that
    emitted it, any other the one of the first letter step, or of the first step when none is named.
    """
    reply = texts[-1] if texts else ""
    emitted = {
        letter: next(i for i, text in enumerate(texts) if len(text) > place)
        for letter, place in _letters(reply)
    }
    first = min(emitted.values(), default=0)
    probabilities = none = None
    if steps:
        probabilities = tuple(steps[emitted.get(x, first)].letters[i] for i, x in enumerate(LETTERS))
        none = steps[first].none
    return Routing(reply.strip(), tuple(emitted), probabilities, none_probability=none, prompt=prompt)


def _letters(text: str) -> list[tuple[str, int]]:
    """(letter, place in the text) of each expert named."""
    kept = ",".join(text.split(",")[:3])
    places: dict[str, int] = {}
    for match in _LONE_CAPITAL.finditer(kept):
        places.setdefault(match.group(), match.start())
    return list(places.items())[:MAX_EXPERTS]
