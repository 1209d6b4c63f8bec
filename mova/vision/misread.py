"""Tokens that are spelled but for one letter.

A reader's letters are surer than its tokens, but they err alone where print is small: a letter is missed
("Chemstry"), read as another ("Sorbia") or where there is none ("Hlealth"), and the token that ends there is
likely all the same, for the whole word was looked at. What such a token costs is how much less likely its
letter is in that place than what was read.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from mova.vision.chances import Chances
from mova.vision.letters import Letter, plain, usual_step
from mova.vision.spelling import Spelling

LIKELY = -3.0  # log chance from which on a token counts whose letters are not all as they were read
ONE, CASE, ALIKE = 1.0, 2.0, 3.0
MOST = 12.0  # that a letter's place may cost
WIDE = 1.6  # of the usual step: a gap in which a letter between two tokens may have been missed


@dataclass(frozen=True)
class Misread:
    """A token, the place of its first letter in the line, and what is left of its log chance."""

    token: int
    start: int
    chance: float


def misread(
    letters: Sequence[Letter], ends: Sequence[Tensor], chances: Chances, spelling: Spelling
) -> list[list[Misread]]:
    """For each letter of a line the tokens that end there and are spelled but for one letter; `ends` are the
    log chances [V] of all tokens that end at each."""
    found: list[list[Misread]] = [[] for _ in letters]
    gap = WIDE * usual_step(letters)
    for last, likely in enumerate(ends):
        for token in (likely > LIKELY).nonzero().flatten().tolist():
            word, chance = spelling.texts.get(token, "").strip(), float(likely[token])
            for start, cost in ways_to_read(word, letters, last + 1, chances, gap):
                found[last].append(Misread(token, start, chance - cost))
    return found


def ways_to_read(
    word: str, letters: Sequence[Letter], end: int, chances: Chances, gap: float
) -> Iterator[tuple[int, float]]:
    """(place of the first letter, log chance that it costs) of each way in which the letters before `end` are
    a word but for one. Between two tokens none was missed in less than a `gap` of so many columns."""
    if len(word) < 2 or not set(word) <= chances.numbers.keys():
        return
    for more, cost_of in ((0, another), (-1, partial(missed, gap=gap)), (1, needless)):
        start = end - len(word) - more
        costs = list(cost_of(word, letters, slice(start, end), chances)) if start >= 0 else []
        if costs:
            yield start, min(costs)


def another(word: str, letters: Sequence[Letter], part: slice, chances: Chances) -> Iterator[float]:
    """What it costs that one letter is another."""
    unlike = [
        (letter, one) for letter, one in zip(letters[part], word, strict=True) if letter.character != one
    ]
    if len(unlike) == 1:
        letter, wanted = unlike[0]
        prior = CASE if plain(letter.character) == plain(wanted) else ONE
        yield prior + less(letter, chances.instead(letter, wanted))


def missed(
    word: str, letters: Sequence[Letter], part: slice, chances: Chances, gap: float
) -> Iterator[float]:
    """What it costs that one was missed, in each place where it may have been."""
    read = "".join(letter.character for letter in letters[part])
    for k, wanted in enumerate(word):
        if word[:k] + word[k + 1 :] == read:
            place = part.start + k
            before, after = letters[:place][-1:], letters[place:][:1]
            at_border = k == 0 or k == len(word) - 1
            if at_border and before and after and after[0].column - before[0].column < gap:
                continue  # the ink of another token's letter is taken for it
            twin = any(plain(letter.character) == plain(wanted) for letter in (*before, *after))
            yield (ALIKE if twin else ONE) + min(MOST, -chances.between(before, after, wanted))


def needless(word: str, letters: Sequence[Letter], part: slice, chances: Chances) -> Iterator[float]:
    """What it costs that one is none."""
    read = "".join(letter.character for letter in letters[part])
    for k, letter in enumerate(letters[part]):
        if read[:k] + read[k + 1 :] == word:
            yield ONE + less(letter, chances.no_letter(letter))


def less(letter: Letter, chance: float) -> float:
    """By how much something is less likely than what was read where a letter stands."""
    return min(MOST, max(0.0, math.log(letter.sure) - chance))
