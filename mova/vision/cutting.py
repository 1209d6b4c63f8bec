"""A line of letters as the tokens that spell it and are likeliest where they end."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor

from mova.vision.casing import settled
from mova.vision.chances import Chances
from mova.vision.letters import Letter, usual_step
from mova.vision.misread import misread
from mova.vision.spelling import Spelling

DOUBLED = 2.0  # log chance taken off for a letter that is read as two
NARROW, PARTED = "tlfr", 4.0  # letters that two tokens may share one of; log chance taken off for that
CLEAR = -0.7  # log chance from which on a token counts that is spelled but for one of two letters alike
LEAST = -9.0  # log chance of a token that is spelled right, however unlikely it is there
SKIPPED = -6.0  # log chance of a letter that is none
UNLIKELY = 1e-6
CERTAIN, NEAREST = 0.99, 0.7  # chance of a blank before a digit; of the usual step, where none ever is
AIRY = frozenset("+-0123456789")  # behind which a digit may stand as far as behind a blank


@dataclass(frozen=True)
class Piece:
    """A token, with the blank that is written before it or without; the place of its last letter in the
    line, and how likely it is."""

    tokens: tuple[int, ...]
    last: int
    chance: float


def cut_into_tokens(
    letters: list[Letter], chances: Chances, spelling: Spelling, mending: bool = True
) -> list[Piece]:
    """The tokens that spell a line and are likeliest together. With `mending` one letter of a likely token
    may have been misread, and letters whose ink may be another's too are those that their word says."""
    pieces = _likeliest(letters, chances, spelling, mending)
    if not mending:
        return pieces
    changed = settled(letters, _words(letters, pieces, spelling))
    return pieces if changed == letters else _likeliest(changed, chances, spelling, mending)


def _words(letters: list[Letter], pieces: list[Piece], spelling: Spelling) -> list[tuple[int, int]]:
    """The places of a line's words, from blank to blank, whose tokens spell just what was read."""
    words: list[tuple[int, int, str]] = []
    for place, piece in enumerate(pieces):
        start = pieces[place - 1].last + 1 if place else 0
        text = "".join(spelling.texts[token] for token in piece.tokens)
        if words and not text.startswith(" "):
            start, _, before = words.pop()
            text = before + text
        words.append((start, piece.last + 1, text.strip()))
    read = "".join(letter.character for letter in letters)
    return [(start, end) for start, end, text in words if read[start:end] == text]


def _likeliest(letters: list[Letter], chances: Chances, spelling: Spelling, mending: bool) -> list[Piece]:
    """The tokens that spell a line and are likeliest together. A narrow letter that may be two may end one
    token and begin the next; of two letters alike one may have been missed; and with
    `mending` one letter of a likely token may have been misread."""
    best: list[tuple[float, list[Piece]]] = [(0.0, [])]
    ends = [chances.ending_at(letter) for letter in letters]
    clear = _clear(ends, spelling)
    unlike = misread(letters, ends, chances, spelling) if mending else [[] for _ in letters]
    blanks = _blanks(letters, chances.tokens, spelling.space)
    for end in range(1, len(letters) + 1):
        score, path = best[end - 1]
        options = [(score + SKIPPED, path)]
        for start in range(max(0, end - spelling.longest), end):
            score, path = best[start]
            for piece, gained in _spelled(letters, start, end, ends, blanks, spelling):
                options.append((score + gained, [*path, piece]))
            score, path = best[start + 1] if start + 1 < end else (0.0, [])
            if path and path[-1].last == start and letters[start].twice:
                for piece, gained in _going_on(letters, start, end, ends, spelling):
                    options.append((score + gained, [*path, piece]))
        for token, length in clear[end - 1]:
            start, chance = end - length, _chance(ends[end - 1], token)
            if start >= 0 and _seen_once(letters[start:end], spelling.texts[token].strip()):
                score, path = best[start]
                options.append((score + chance, [*path, Piece((token,), end - 1, chance)]))
        for one in unlike[end - 1]:
            score, path = best[one.start]
            options.append((score + one.chance, [*path, Piece((one.token,), end - 1, one.chance)]))
        best.append(max(options, key=lambda one: one[0]))
    return best[-1][1]


def _clear(ends: list[Tensor], spelling: Spelling) -> list[list[tuple[int, int]]]:
    """For each letter the tokens with two letters alike that all but certainly end there, and how many
    letters are seen of each where one of the two is not."""
    found: list[list[tuple[int, int]]] = [[] for _ in ends]
    for place, chances in enumerate(ends):
        for token in (chances > CLEAR).nonzero().flatten().tolist():
            word = spelling.texts.get(token, "").strip()
            if any(one == other for one, other in pairwise(word)) and word.isalpha():
                found[place].append((token, len(word) - 1))
    return found


def _seen_once(letters: list[Letter], word: str) -> bool:
    """Whether these letters are a word but for one of two that are alike beside each other."""
    read = "".join(letter.character for letter in letters)
    return any(word[k] == word[k + 1] and read == word[:k] + word[k + 1 :] for k in range(len(word) - 1))


def _going_on(
    letters: list[Letter], start: int, end: int, ends: list[Tensor], spelling: Spelling
) -> Iterator[tuple[Piece, float]]:
    """The token that begins with the second half of a letter whose first half ended the one before."""
    word = "".join(letter.character for letter in letters[start:end])
    token = spelling.tokens.get(word) if word[0] in NARROW else None
    if token is not None:
        chance = _chance(ends[end - 1], token)
        yield Piece((token,), end - 1, chance), chance - PARTED


def _spelled(
    letters: list[Letter], start: int, end: int, ends: list[Tensor], blanks: list[float], spelling: Spelling
) -> Iterator[tuple[Piece, float]]:
    """The tokens that these letters are, with and without a blank before them, and what each is worth."""
    word = "".join(letter.character for letter in letters[start:end])
    for lead in ("", " "):
        for place, letter in enumerate(letters[start:end], start=1):
            token = spelling.tokens.get(lead + word[:place] + letter.character + word[place:])
            if letter.twice and token is not None:
                chance = _chance(ends[end - 1], token)
                yield Piece((token,), end - 1, chance), chance - DOUBLED
        token = spelling.tokens.get(lead + word)
        if token is None:
            continue
        chance = _chance(ends[end - 1], token)
        if lead or not word[0].isdigit() or spelling.space is None:
            yield Piece((token,), end - 1, chance), chance
            continue
        yield Piece((token,), end - 1, chance), chance + math.log(max(1 - blanks[start], UNLIKELY))
        with_blank = chance + math.log(max(blanks[start], UNLIKELY))
        yield Piece((spelling.space, token), end - 1, chance), with_blank


def _chance(end: Tensor, token: int) -> float:
    """Log chance of a token that is spelled right, of those [V] that end at its last letter."""
    return max(float(end[token]), LEAST)


def _blanks(letters: list[Letter], chances: Tensor, space: int | None) -> list[float]:
    """For each digit of a line how likely a blank ends in the gap before it. None does where that is as near
    as letters are, unless it is all but certain: a colon and a blank are together as wide as a letter. Beside
    digits and signs of a number there is air, too."""
    if space is None:
        return [0.0] * len(letters)
    usual, found = usual_step(letters), []
    for place, letter in enumerate(letters):
        first = letters[place - 1].column + 1 if place else max(0, letter.column - 6)
        gap = chances[letter.band // 2, first : letter.column, space]
        likely = float(gap.max().exp()) if gap.numel() and letter.character.isdigit() else 0.0
        step = letter.column - letters[place - 1].column if place else math.inf
        airy = place > 0 and letters[place - 1].character in AIRY
        near = step <= usual * (NEAREST if likely > CERTAIN and not airy else 1)
        found.append(0.0 if near else likely)
    return found
