"""What each picked expert was worth to an answer: how far every word's log-probability falls without it.

Plain data without torch; mova/ablation.py measures it. All numbers are nats. A fall f means that the word is
exp(f) times as likely with the expert as without it; below zero, that it is likelier without. The falls of
several experts need not add up to that of all of them together.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DECIMALS = 6  # what is written down; the arithmetic of float32 is coarser


@dataclass(frozen=True)
class Passed:
    """`done` of the `passes` through the model are over."""

    done: int
    passes: int


@dataclass(frozen=True)
class Word:
    """A word of the answer with the blanks before it, its log-probability with all picked experts, and how
    far that falls when one of them is taken away, in their order."""

    text: str
    log_probability: float
    falls: tuple[float, ...]


@dataclass(frozen=True)
class Worth:
    """The words of an answer, in order, and the picked `experts` that their falls belong to. The words joined
    are the answer."""

    experts: tuple[str, ...]
    words: tuple[Word, ...]

    @classmethod
    def of(
        cls,
        experts: Sequence[str],
        texts: Sequence[str],
        whole: Sequence[float],
        without: Sequence[Sequence[float]],
    ) -> "Worth":
        """From each word's log-probability with all experts and, for each expert, without it."""
        words = []
        for text, base, *others in zip(texts, whole, *without, strict=True):
            falls = tuple(_rounded(base - other) for other in others)
            words.append(Word(text, min(_rounded(base), 0.0), falls))
        return cls(tuple(experts), tuple(words))

    @property
    def log_probability(self) -> float:
        """Of the whole answer, with all picked experts."""
        return sum(word.log_probability for word in self.words)

    @property
    def totals(self) -> tuple[float, ...]:
        """Each expert's fall over the whole answer, in their order."""
        return tuple(sum(word.falls[place] for word in self.words) for place in range(len(self.experts)))

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where each word stands in the answer: its first character, and the one after its last."""
        spans, start = [], 0
        for word in self.words:
            spans.append((start, start + len(word.text)))
            start += len(word.text)
        return tuple(spans)

    def to_json(self) -> dict[str, Any]:
        """Plain values. Totals and spans follow from the words and are not written down."""
        words = [
            {"text": word.text, "log_probability": word.log_probability, "falls": list(word.falls)}
            for word in self.words
        ]
        return {"experts": list(self.experts), "words": words}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Worth":
        """What `to_json` gave."""
        words = (Word(w["text"], w["log_probability"], tuple(w["falls"])) for w in plain["words"])
        return cls(tuple(plain["experts"]), tuple(words))


def join_words(pieces: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """(word, how many tokens it takes) from each token's piece of the text.

    A word begins at a piece that begins with a blank, and where characters as wide as Chinese ones meet
    anything else, because those are written without blanks. A token without text, such as a blank that was
    held back or a part of a character, belongs to the word after it; at the end, to the last one.
    """
    words: list[tuple[str, int]] = []
    waiting = 0
    for piece in pieces:
        waiting += 1
        if not piece:
            continue
        if not words or _begins_word(words[-1][0], piece):
            words.append((piece, waiting))
        else:
            text, tokens = words[-1]
            words[-1] = (text + piece, tokens + waiting)
        waiting = 0
    if words and waiting:
        text, tokens = words[-1]
        words[-1] = (text, tokens + waiting)
    return tuple(words)


def _begins_word(before: str, piece: str) -> bool:
    return piece[0].isspace() or _is_wide(before[-1]) or _is_wide(piece[0])


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _rounded(value: float) -> float:
    return round(value, DECIMALS) + 0.0  # no minus before a zero
