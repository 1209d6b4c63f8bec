"""Finders, which the small model has in the place of Co-DETR and SAM: they write down what lies where.

A small U-Net on a third of the reading view says for places of 8 px how likely the middle of a thing is
there, how far its edges are, and what it is called. What is written of that follows by a rule
(`mova/vision/found.py`); as with the readers of print, the adapter is given a code for each token.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F

from mova.config import MovaConfig
from mova.vision.experts.unet import UNet
from mova.vision.experts.writing import WritingExpert
from mova.vision.found import Found, once, shapes_written, things_written
from mova.vision.lines import SIDE, Line, on_cells

SMALL = 256  # px of the picture that a finder looks at
PLACE = 8  # px of it
PLACES = SMALL // PLACE
WIDTHS = (24, 48, 96, 128, 160)
LIKELY = 0.4  # that a thing is there


@dataclass(frozen=True)
class Scouted:
    """Logits of middles [B, 1, 32, 32], log distances of the edges in places [B, 4, 32, 32] (left, top,
    right, bottom), and logits of the words, [B, n, 32, 32] for each thing that is said."""

    middles: Tensor
    edges: Tensor
    words: tuple[Tensor, ...]


class Scout(UNet):
    """Pixels [B, 3, 256, 256] -> Scouted; `counts` is of how many words each that is said is one."""

    def __init__(self, counts: Sequence[int]):
        super().__init__(WIDTHS, up=2)
        width = WIDTHS[2]
        self.place_head = nn.Conv2d(width, 5, 1)
        self.word_heads = nn.ModuleList(nn.Conv2d(width, count, 1) for count in counts)

    def forward(self, pixels: Tensor) -> Scouted:
        features, _ = self.features(pixels)
        places = self.place_head(features)
        return Scouted(places[:, :1], places[:, 1:], tuple(head(features) for head in self.word_heads))


class Finder(WritingExpert):
    """A scout and the rule; `words` are those of the configuration."""

    def __init__(self, config: MovaConfig, width: int, words: tuple[str, ...]):
        super().__init__(config, width)
        self.words = tuple(tuple(known.split()) for known in words)
        self.scout = Scout([len(known) for known in self.words])

    def read(self, pixels: Tensor) -> list[int]:
        """One picture [3, 768, 768] -> the tokens on its 144 cells."""
        small = F.avg_pool2d(pixels[None].to(self.codes.weight.dtype), SIDE // SMALL)
        return self.cells(self.found(self.scout(small)))

    def found(self, scouted: Scouted) -> list[Found]:
        """What is where on one picture: middles that are likelier than their neighbours."""
        chances = scouted.middles[:1].float().sigmoid()
        best = chances * (F.max_pool2d(chances, 3, 1, 1) == chances) * (chances > LIKELY)
        edges = scouted.edges[0].float().exp()
        said = [logits[0].argmax(0).tolist() for logits in scouted.words]
        found = []
        for row, column in best[0, 0].nonzero().tolist():
            left, top, right, bottom = edges[:, row, column].tolist()
            x, y = column + 0.5, row + 0.5
            box = tuple(edge / PLACES for edge in (x - left, y - top, x + right, y + bottom))
            words = tuple(known[at[row][column]] for known, at in zip(self.words, said, strict=True))
            found.append(Found(words, box, float(best[0, 0, row, column])))
        return once(found)

    def cells(self, found: Sequence[Found]) -> list[int]:
        """What is written of things, as the tokens on the 144 cells."""
        spelling = self.spelling
        return on_cells([Line(tuple(spelling.spelled(f" {text}"))) for text in self.lines(found)])

    @abstractmethod
    def lines(self, found: Sequence[Found]) -> Iterator[str]:
        """What is written of things, from left to right."""


class ThingFinder(Finder):
    """In Co-DETR's place: what things there are, how many of each and where."""

    def lines(self, found: Sequence[Found]) -> Iterator[str]:
        return things_written(found)


class ShapeFinder(Finder):
    """In SAM's place: shapes with their colours, and which is largest."""

    def lines(self, found: Sequence[Found]) -> Iterator[str]:
        return shapes_written(found)
