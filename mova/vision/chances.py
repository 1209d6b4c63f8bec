"""What a reader says of each place: log chances of the tokens that end there and of the characters."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from mova.vision.letters import PLACES, Letter

NOTHING = 0  # the first token and the first character are none
AROUND = 9  # columns before or after a line within which a letter of it may have been missed


@dataclass(frozen=True)
class Chances:
    """Log chances of tokens [R, 192, V] in rows of 32 px and of characters [2 R, 192, A] in bands of 16 px;
    after the first, which is none, the characters are those of `alphabet`."""

    tokens: Tensor
    characters: Tensor
    alphabet: str

    @classmethod
    def of(cls, tokens: Tensor, characters: Tensor, alphabet: str) -> "Chances":
        """From logits [R * 192, V] and [2 R * 192, A]."""
        return cls(_in_rows(tokens), _in_rows(characters), alphabet)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The characters' places among the chances."""
        return {character: k for k, character in enumerate(self.alphabet, start=1)}

    def ending_at(self, letter: Letter) -> Tensor:
        """Of the tokens [V] that end at a letter, or beside it."""
        row = letter.band // 2
        other = min(max(row + (1 if letter.band % 2 else -1), 0), len(self.tokens) - 1)
        near = self.tokens[[row, other], max(0, letter.column - 1) : letter.column + 2]
        return near.flatten(0, 1).amax(0)

    def instead(self, letter: Letter, character: str) -> float:
        """Of another character where a letter stands."""
        return float(self.characters[letter.band, letter.column, self.numbers[character]])

    def no_letter(self, letter: Letter) -> float:
        """Of none where a letter stands."""
        return float(self.characters[letter.band, letter.column, NOTHING])

    def between(self, before: Sequence[Letter], after: Sequence[Letter], character: str) -> float:
        """Of a character between the last letter `before` and the first one `after`, one of which may be
        missing; their own places do not count."""
        start = before[-1].column + 1 if before else max(0, after[0].column - AROUND)
        end = after[0].column if after else start + AROUND
        bands = sorted({one.band for one in (*before[-1:], *after[:1])})
        places = self.characters[bands, start:end, self.numbers[character]]
        return float(places.max()) if places.numel() else -math.inf


def _in_rows(logits: Tensor) -> Tensor:
    return logits.detach().float().log_softmax(-1).unflatten(0, (-1, PLACES)).to("cpu")
