"""What is kept of the last few pictures, so that a second question need not look again.

Base features, each expert's features and the routing prompt's key-value prefix depend on the picture
alone; everything the question moves is computed anew. Nothing kept here is ever written to.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from torch import Tensor

from mova.language.key_values import KeyValues
from mova.vision.views import Views


@dataclass(frozen=True)
class Prefix:
    """A prompt's beginning: `ids` as encoded, and its keys and values [layers, 2, kv heads, T, head dim]."""

    ids: tuple[int, ...]
    states: Tensor

    def reopen(self, cache: KeyValues, length: int) -> None:
        """Copies the first `length` places into a new cache."""
        cache.fill(self.states[:, :, :, :length])


@dataclass
class PictureFeatures:
    """What is known of one picture. `prefixes` by the pass they belong to."""

    views: Views | None = None
    base: Tensor | None = None
    experts: dict[str, Tensor] = field(default_factory=dict)
    prefixes: dict[str, Prefix] = field(default_factory=dict)


class FeatureCache:
    """The `items` pictures used last, by the digest of their content, and what no picture decides:
    `openings`, the prompts' beginnings before any picture, by pass. The engine's lock guards it."""

    def __init__(self, items: int):
        assert items >= 1, items
        self._items = items
        self.openings: dict[str, Prefix] = {}
        self._pictures: OrderedDict[str, PictureFeatures] = OrderedDict()

    def features(self, digest: str) -> PictureFeatures:
        """The entry of a picture, new and empty when it is not known; the oldest entry makes room."""
        known = self._pictures.setdefault(digest, PictureFeatures())
        self._pictures.move_to_end(digest)
        while len(self._pictures) > self._items:
            self._pictures.popitem(last=False)
        return known

    def clear(self) -> None:
        """Forgets everything."""
        self._pictures.clear()
        self.openings.clear()
