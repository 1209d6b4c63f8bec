"""The tokens by what they spell."""

from dataclasses import dataclass
from functools import cached_property


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
