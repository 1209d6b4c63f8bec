"""Which of two inks alike a letter is, where the rest of its word says so.

A capital O and a small one differ in height alone, a small l, a capital I and a one in hardly anything; a
reader that looks at a letter takes the one for the other. The word is of one cast: in capitals, in small
letters, or a number.
"""

from collections.abc import Sequence
from dataclasses import replace

from mova.vision.letters import Letter

SIZED = frozenset("cosuvwxz")  # as small letters and as capitals the same but for their size
STROKES, RINGS = frozenset("lI|1"), frozenset("oO0")
ENOUGH = 3  # letters that must be of one cast
SURE = 0.95  # a capital within a word that stays one: JavaScript
KEPT = ("Mc", "Mac")  # with a capital inside
VOWELS = frozenset("aeiouy")


def cast(word: str, sure: Sequence[float]) -> str:
    """The word with those letters changed that the others decide; as long as before. `sure` is how likely
    each letter is as it was read."""
    alone = [one for one in word if one.isalnum() or one in STROKES]
    if len(alone) > 1 and any(one.isdigit() for one in alone):
        if all(one.isdigit() or one in STROKES | RINGS for one in alone):
            return "".join("1" if one in "lI|" else "0" if one in "oO" else one for one in word)
        return word
    letters = [one for one in word if one.isalpha() or one == "|"]
    told = [one for one in letters if one.lower() not in SIZED and one not in STROKES]
    capitals = sum(one.isupper() and one not in STROKES for one in letters)
    small = sum(one.islower() and one not in STROKES for one in letters)
    if word.startswith(KEPT):
        return word
    if all(one.isupper() for one in told) and capitals >= ENOUGH and capitals > small:
        return _in_capitals(word)
    if all(one.islower() for one in told[told[:1] == letters[:1] :]) and small >= ENOUGH:
        return _in_small(word, sure)
    return word


def _in_capitals(word: str) -> str:
    end = len(word) - 1
    return "".join(
        "I" if one in "l|" else one.upper() if one in SIZED and not (one == "s" and k == end) else one
        for k, one in enumerate(word)
    )


def _in_small(word: str, sure: Sequence[float]) -> str:
    begins = next(k for k, one in enumerate(word) if one.isalpha() or one == "|")
    before, first, rest = word[:begins], word[begins], word[begins + 1 :]
    if first in "l|" and rest[1:] and rest[0].isalpha() and rest[0] not in VOWELS | {"l"}:
        first = "I"
    small = (
        "l" if one in "I|" else one.lower() if one.lower() in SIZED and chance < SURE else one
        for one, chance in zip(rest, sure[begins + 1 :], strict=True)
    )  # fmt: skip
    return before + first + "".join(small)


def settled(letters: Sequence[Letter], words: Sequence[tuple[int, int]]) -> list[Letter]:
    """The letters with those changed that their words decide; a word is (its first place, the one after)."""
    found = list(letters)
    for start, end in words:
        word = letters[start:end]
        read = cast("".join(letter.character for letter in word), [letter.sure for letter in word])
        for place, character in enumerate(read, start=start):
            if found[place].character != character:
                found[place] = replace(found[place], character=character)
    return found
