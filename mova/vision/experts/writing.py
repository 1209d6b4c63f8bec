"""An expert that writes: tokens on the cells that the LLM sees, a code for each handed to the adapter.

The small model has such ones in the place of some encoders: readers of print and finders of things.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from mova.config import MovaConfig
from mova.vision.lines import COLUMNS, NEWLINE
from mova.vision.spelling import Spelling
from mova.vision.views import Views

LONGEST = 16  # characters of a token


class WritingExpert(nn.Module, ABC):
    """A code of `width` values for each token. What is written of a picture is told by `read`.

    `spellings` [V, LONGEST] holds what each token spells, in ASCII, zero after its end.
    """

    spellings: Tensor

    def __init__(self, config: MovaConfig, width: int):
        super().__init__()
        assert config.image_feat_size == 2 * COLUMNS, "what is written is laid out for half the base grid"
        self.codes = nn.Embedding(config.reader.vocab_size, width)
        self.register_buffer("spellings", torch.zeros(config.reader.vocab_size, LONGEST, dtype=torch.uint8))

    @property
    def spelling(self) -> Spelling:
        """The tokens by what they spell."""
        return Spelling(spelled(self.spellings))

    def forward(self, views: Views) -> Tensor:
        """Reading view [B, 3, 768, 768] -> [B, n, C] on the base grid; zero where nothing is written."""
        cells = torch.tensor([self.read(pixels) for pixels in views.reading], device=views.reading.device)
        return self.written(cells)

    def written(self, cells: Tensor) -> Tensor:
        """Tokens on their cells [B, 144] -> [B, 576, C]."""
        codes = self.codes(cells) * (cells > 0)[..., None]
        grid = codes.unflatten(1, (COLUMNS, COLUMNS))
        return grid.repeat_interleave(2, dim=1).repeat_interleave(2, dim=2).flatten(1, 2)

    @abstractmethod
    def read(self, pixels: Tensor) -> list[int]:
        """One picture [3, 768, 768] -> the tokens on its 144 cells."""


def spelled(spellings: Tensor) -> dict[str, int]:
    """{text: token} of `spellings`; blank and new line, the first two, are not spelled."""
    rows = enumerate(spellings.tolist())
    texts = ((bytes(row).rstrip(b"\0").decode("ascii"), token) for token, row in rows if token > NEWLINE)
    return {text: token for text, token in texts if text}


def spell(texts: list[str]) -> Tensor:
    """`spellings` of so many tokens; ValueError where one is longer than LONGEST or not ASCII."""
    rows = [text.encode("ascii") for text in texts]
    if long := [text for text in texts if len(text) > LONGEST]:
        raise ValueError(f"{long[0]!r} is longer than {LONGEST} characters.")
    return torch.tensor([list(row.ljust(LONGEST, b"\0")) for row in rows], dtype=torch.uint8)
