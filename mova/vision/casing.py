"""Which of two letters of the same ink stands there, where the rest of its word says so.

A capital O and a small one differ in height alone; a small l, a capital I and a one in hardly anything. A
reader that looks at one letter takes the one for the other, but a word is mostly in capitals, in small
letters, or a number.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from mova.vision.letters import Letter

SIZED = frozenset("cosuvwxz")  # as small letters and as capitals the same but for their size
STROKES, RINGS = frozenset("lI"), frozenset("oO")  # taken for a one and a nought
MOSTLY = 4  # digits and letters in a number, for each letter in it
FEWEST = 3  # letters that are of one case, for the others to follow
ALL_BUT_SURE = 0.95  # a letter that is read more surely stays, wherever it may be meant: JavaScript, sRGB
KEPT = ("Mc", "Mac")  # names with a capital inside
VOWELS = frozenset("aeiouy")


def meant(word: str, sure: Sequence[float]) -> str:
    """A word without blanks, as the rest of it says of each letter that might be another; as long as it was.

    `sure` is how likely each character is as it was read. Small letters among capitals are taken for
    capitals even where they are sure, for that is how the reader errs: STOcK.
    """
    if any(one.isdigit() for one in word):
        return _as_number(word)
    found = list(word)
    for part in re.finditer(r"[A-Za-z]+", word):
        place = slice(*part.span())
        found[place] = _of_one_case(part[0], sure[place])
    return "".join(found)


def _as_number(word: str) -> str:
    """Strokes and rings beside digits as digits, in a word of hardly anything else. What may be a unit or the
    name of something stays: 0.5l, O2, I-95, II/2024."""
    signs = [one for one in word if one.isalnum()]
    letters = [one for one in signs if not one.isdigit()]
    if not set(letters) <= STROKES | RINGS or len(signs) < MOSTLY * len(letters):
        return word
    ones = re.sub(r"[lI](?=\d)|(?<=\d)[lI](?=[:.,]\d)", "1", word)
    return re.sub(r"(?<=\d)[oO]|[oO](?=\d)", "0", ones)


def _of_one_case(part: str, sure: Sequence[float]) -> str:
    """Letters alone, all in the case that most of them are in and the others may be in."""
    if part.startswith(KEPT):
        return part
    told = [k for k, one in enumerate(part) if one.lower() not in SIZED and one not in STROKES]
    capitals = sum(one.isupper() and one not in STROKES for one in part)
    small = sum(one.islower() and one not in STROKES for one in part)
    unsure = [chance < ALL_BUT_SURE for chance in sure]
    if capitals >= max(FEWEST, 2 * small) and all(part[k].isupper() for k in told):
        return "".join(_capital(part, k, unsure[k]) for k in range(len(part)))
    if sum(one.islower() for one in part) >= FEWEST and all(part[k].islower() for k in told if k):
        return "".join(_small(part, k) if unsure[k] else one for k, one in enumerate(part))
    return part


def _capital(part: str, place: int, unsure: bool) -> str:
    """A letter of a word in capitals; the last may be a plural's (DVDs), the first stand for another word
    (sRGB)."""
    one = part[place]
    if one == "l":
        return "I" if unsure else one
    inside = 0 < place < len(part) - 1
    return one.upper() if one in SIZED and (inside or (unsure and one != "s")) else one


def _small(part: str, place: int) -> str:
    """A letter of a word in small letters, of which the first may be a capital; no word begins with an l and
    another consonant."""
    one = part[place]
    if not place:
        return "I" if one == "l" and part[1:2] not in VOWELS | {"l"} else one
    return "l" if one == "I" else one.lower() if one.lower() in SIZED else one


def settled(letters: Sequence[Letter], words: Sequence[tuple[int, int]]) -> list[Letter]:
    """The letters with those changed that their words decide; a word is (its first place, the one after)."""
    found = list(letters)
    for start, end in words:
        word = letters[start:end]
        read = meant("".join(letter.character for letter in word), [letter.sure for letter in word])
        for place, character in enumerate(read, start=start):
            if found[place].character != character:
                found[place] = replace(found[place], character=character)
    return found
