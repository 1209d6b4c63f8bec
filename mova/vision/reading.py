"""What a reader's logits say is written, by rule.

The characters are sure and the tokens are not: so letters are found first, lines are made of them, and each
line is cut into those tokens that spell it and are likeliest where they end.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from statistics import median

import torch
from torch import Tensor

from mova.vision.lines import SIDE, Line, line_at

BAND, COLUMN = 16, 4  # px: a place of the reader's character head; one of its token head is two bands high
PLACES = SIDE // COLUMN  # in a row
GAP = 24  # columns: what is further apart is on one line only where both stand in one band
REACH = 1  # columns within which the same letter in the next band is the same ink
TOGETHER = 0.2  # share of a line's letters that may stand where another's do, of one and the same line
TWICE = 0.9  # so sure beside itself, a letter may be two
DOUBLED = 2.0  # log chance taken off for a letter that is read as two
NARROW, PARTED = "tlfr", 4.0  # letters that two tokens may share one of; log chance taken off for that
CLEAR = -0.7  # log chance from which on a token counts that is spelled but for one of two letters alike
SURE = 0.97  # a letter beside another of more is one of its own,
WHOLE = 1.0  # and so is one whose columns are so sure together
ENOUGH = 2.5  # a size counts where it finds as many tokens as the best one, divided by this
LEAST = -9.0  # log chance of a token that is spelled right, however unlikely it is there
SKIPPED = -6.0  # log chance of a letter that is none
UNLIKELY = 1e-6
ALIKE = {"0": "o", "1": "l", "I": "l", "|": "l"}  # beside small letters and capitals


@dataclass(frozen=True)
class Letter:
    """A character in a band and a column, how sure it is, and whether it may be two of one."""

    band: int
    column: int
    character: str
    sure: float
    twice: bool = False


@dataclass(frozen=True)
class Spelling:
    """The tokens by what they spell, with a blank before them or without; `space` is a blank alone."""

    tokens: dict[str, int]

    @cached_property
    def longest(self) -> int:
        """Letters of the longest."""
        return max((len(text.strip()) for text in self.tokens), default=0)

    @cached_property
    def texts(self) -> dict[int, str]:
        """What each token spells."""
        return {token: text for text, token in self.tokens.items()}

    def spelled(self, text: str) -> list[int]:
        """The tokens of a text, the longest first; characters that none spells are left out."""
        found, place = [], 0
        longest = max(map(len, self.tokens), default=0)
        while place < len(text):
            ends = range(min(len(text), place + longest), place, -1)
            end = next((end for end in ends if text[place:end] in self.tokens), None)
            if end:
                found.append(self.tokens[text[place:end]])
            place = end or place + 1
        return found

    @property
    def space(self) -> int | None:
        """A blank that is written: before numbers."""
        return self.tokens.get(" ")


@dataclass(frozen=True)
class Read:
    """What was read of a picture shown `side` px large in the middle of SIDE px."""

    side: int
    lines: tuple[Line, ...]
    sure: float

    @property
    def count(self) -> int:
        """How many tokens."""
        return sum(len(line.tokens) for line in self.lines)


@dataclass(frozen=True)
class Page:
    """What was found on a picture shown `side` px large in the middle of SIDE px: letters, in the rows of 32
    px from `first` on, and the log chances [R, 192, V] of the tokens that end there."""

    side: int
    first: int
    letters: list[Letter]
    chances: Tensor

    def place(self, column: float, band: float) -> tuple[float, float]:
        """Where a column and a band have their middles, px of the picture shown SIDE px large."""
        edge, larger = (SIDE - self.side) / 2, SIDE / self.side
        x = (column + 0.5) * COLUMN - edge
        y = (band + 0.5) * BAND + 2 * self.first * BAND - edge
        return x * larger, y * larger

    def place_of(self, letter: Letter) -> tuple[float, float]:
        """Where a letter stands."""
        return self.place(letter.column, letter.band)

    def read(self, spelling: Spelling) -> Read:
        """The lines of all letters."""
        lines, sure = [], []
        for letters in lines_of(self.letters):
            cut = cut_into_tokens(letters, self.chances, spelling)
            if cut:
                band = sum(one.band for one in letters) / len(letters)
                place = self.place(letters[cut[0].last].column, band)
                lines.append(line_at((token for piece in cut for token in piece.tokens), *place))
                sure += [piece.chance for piece in cut]
        return Read(self.side, tuple(lines), sum(sure) / max(1, len(sure)) if sure else -math.inf)


def best_read(found: Sequence[Read]) -> Read:
    """Of several sizes of a picture the one whose tokens are surest, of those that find about as many. A page
    of small print is not given up for a headline that is surer, nor a headline for much that is unsure."""
    most = max(one.count * math.exp(one.sure) for one in found)
    return max((one for one in found if one.count * ENOUGH >= most), key=lambda one: one.sure)


def page_of(side: int, first: int, tokens: Tensor, characters: Tensor, alphabet: str) -> Page:
    """Logits of tokens [R * 192, V] and of characters [2 R * 192, A] in the rows of 32 px from `first` on ->
    what is found there."""
    chances = tokens.float().log_softmax(-1).unflatten(0, (-1, PLACES)).to("cpu")
    return Page(side, first, letters_in(characters, alphabet), chances)


def letters_in(logits: Tensor, alphabet: str) -> list[Letter]:
    """Logits [R * 192, A], of which 0 is none, -> the letters; of neighbouring finds the surest."""
    chances = logits.detach().float().softmax(-1).unflatten(0, (-1, PLACES)).to("cpu")
    sure, character = chances[..., 1:].max(-1)
    alike = torch.tensor(likeness(alphabet))[character]
    sure = sure * (sure > chances[..., 0])
    letters = []
    for band, column in sure.nonzero().tolist():
        near = [(band, 1), *((other, REACH) for other in (band - 1, band + 1) if 0 <= other < len(sure))]
        own = sure[band, column] >= SURE or _whole(sure[band], alike[band], column) >= WHOLE
        rivals = [
            float(sure[row, beside])
            for row, reach in near
            for beside in range(max(0, column - reach), min(PLACES, column + reach + 1))
            if (row, beside) != (band, column)
            and (alike[row, beside] == alike[band, column] or (row == band and not own))
        ]
        if not any(rival > sure[band, column] for rival in rivals):
            name = alphabet[int(character[band, column])]
            twice = name.isalpha() and _is_wide(sure[band], character[band], column)
            letters.append(Letter(band, column, name, float(sure[band, column]), twice))
    return letters


def _whole(sure: Tensor, alike: Tensor, column: int) -> float:
    """How sure the columns around one are together that say the same."""
    found = float(sure[column])
    for step in (-1, 1):
        beside = column + step
        while 0 <= beside < len(sure) and sure[beside] > 0 and alike[beside] == alike[column]:
            found += float(sure[beside])
            beside += step
    return found


def _is_wide(sure: Tensor, character: Tensor, column: int) -> bool:
    """Whether a letter is as good as sure in another column, too: narrow ones may be two."""
    beside = [column - 1] * (column > 0) + [column + 1] * (column + 1 < len(sure))
    return any(sure[one] >= TWICE and character[one] == character[column] for one in beside)


@cache
def likeness(alphabet: str) -> list[int]:
    """For each character the place of the first that the same ink may be taken for."""
    plain = [ALIKE.get(one, one.lower()) for one in alphabet]
    return [plain.index(one) for one in plain]


def lines_of(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Letters as lines, from above, each from left to right.

    A line may change its band on the way. So letters without a wide gap in one band are a piece of one, and
    the nearest pieces of a band and the next are joined first, but for those that stand below each other.
    """
    pieces = _pieces(letters)
    line = dict(enumerate(pieces))  # by the place of its first piece
    owner = list(range(len(pieces)))
    for _, a, b in sorted(_pairs(pieces)):
        first, second = owner[a], owner[b]
        if first != second and _apart(line[first], line[second]):
            line[first] = line[first] + line.pop(second)
            owner = [first if one == second else one for one in owner]
    found = [sorted(one, key=lambda letter: letter.column) for one in line.values()]
    return sorted(found, key=lambda one: sum(letter.band for letter in one) / len(one))


def _pieces(letters: Sequence[Letter]) -> list[list[Letter]]:
    pieces: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda one: (one.band, one.column)):
        last = pieces[-1][-1] if pieces else None
        if last and last.band == letter.band and letter.column - last.column <= GAP:
            pieces[-1].append(letter)
        else:
            pieces.append([letter])
    return pieces


def _pairs(pieces: list[list[Letter]]) -> list[tuple[int, int, int]]:
    """(columns between them, pieces) of all that may be of one line; those in one band come last."""
    found = []
    for b, second in enumerate(pieces):
        for a, first in enumerate(pieces[:b]):
            between = max(second[0].column - first[-1].column, first[0].column - second[-1].column, 0)
            if first[0].band == second[0].band:
                found.append((PLACES + between, a, b))
            elif second[0].band - first[0].band == 1 and between <= GAP:
                found.append((between, a, b))
    return found


def _apart(first: list[Letter], second: list[Letter]) -> bool:
    """Whether hardly any letter of the shorter one stands below or above one of the other."""
    few, many = sorted((first, second), key=len)
    taken = {letter.column + near for letter in many for near in (-1, 0, 1)}
    return sum(letter.column in taken for letter in few) <= TOGETHER * len(few)


@dataclass(frozen=True)
class Piece:
    """A token, with the blank that is written before it or without; the place of its last letter in the
    line, and how likely it is."""

    tokens: tuple[int, ...]
    last: int
    chance: float


def cut_into_tokens(letters: list[Letter], chances: Tensor, spelling: Spelling) -> list[Piece]:
    """The tokens that spell a line and are likeliest together; log chances are [R, 192, V]. A narrow letter
    that may be two may end one token and begin the next; of two letters alike one may have been missed."""
    best: list[tuple[float, list[Piece]]] = [(0.0, [])]
    ends = [_ending_at(letter, chances) for letter in letters]
    clear = _clear(ends, spelling)
    blanks = [0.0] * len(letters) if spelling.space is None else _blanks(letters, chances, spelling.space)
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


def _ending_at(letter: Letter, chances: Tensor) -> Tensor:
    """Log chances [V] of the tokens that end at a letter, or beside it."""
    row = letter.band // 2
    other = min(max(row + (1 if letter.band % 2 else -1), 0), len(chances) - 1)
    near = chances[[row, other], max(0, letter.column - 1) : letter.column + 2]
    return near.flatten(0, 1).amax(0)


def _chance(end: Tensor, token: int) -> float:
    """Log chance of a token that is spelled right, of those [V] that end at its last letter."""
    return max(float(end[token]), LEAST)


def _blanks(letters: list[Letter], chances: Tensor, space: int) -> list[float]:
    """For each digit of a line how likely a blank ends in the gap before it: none does where that is as near
    as letters are."""
    steps = [second.column - first.column for first, second in pairwise(letters)]
    usual, found = median(steps) if steps else 0, []
    for place, letter in enumerate(letters):
        first = letters[place - 1].column + 1 if place else max(0, letter.column - 6)
        gap = chances[letter.band // 2, first : letter.column, space]
        near = place > 0 and steps[place - 1] <= usual
        none = near or not letter.character.isdigit() or not gap.numel()
        found.append(0.0 if none else float(gap.max().exp()))
    return found
