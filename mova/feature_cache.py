"""What is kept of the last few pictures, so that a second question need not look again.

Base features, each expert's features and the routing prompt's key-value prefix depend on the picture
alone; everything the question moves is computed anew. Nothing kept here is ever written to.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor
from transformers import DynamicCache

from mova.components import Components
from mova.config import MovaConfig
from mova.vision.views import Views


@dataclass(frozen=True)
class Prefix:
    """Keys and values of a prompt's beginning: `ids` as encoded, per layer ([1, heads, T, d], the same)."""

    ids: tuple[int, ...]
    layers: tuple[tuple[Tensor, Tensor], ...]

    @classmethod
    def of(cls, ids: tuple[int, ...], cache: DynamicCache) -> "Prefix":
        """What a prefilled cache holds. A growing cache makes new tensors, so these stay as they are."""
        layers: list[Any] = cache.layers  # the library's type allows for layers without keys
        return cls(ids, tuple((layer.keys, layer.values) for layer in layers))

    def reopened(self, config: MovaConfig, length: int) -> DynamicCache:
        """A cache of its own that holds copies of the first `length` positions."""
        cache = DynamicCache(config=config)
        for index, (keys, values) in enumerate(self.layers):
            cache.update(keys[:, :, :length].clone(), values[:, :, :length].clone(), index)
        return cache


@dataclass
class PictureFeatures:
    """What is known of one picture. `prefixes` by (LoRA in use, precision), `thumbnail` a small copy,
    `components` by letter once somebody has asked what that expert sees."""

    views: Views | None = None
    thumbnail: str | None = None
    base: Tensor | None = None
    experts: dict[str, Tensor] = field(default_factory=dict)
    prefixes: dict[tuple[str | None, str], Prefix] = field(default_factory=dict)
    components: dict[str, Components] = field(default_factory=dict)


class FeatureCache:
    """The `items` pictures used last, by the digest of their content. The engine's lock guards it."""

    def __init__(self, items: int):
        assert items >= 1, items
        self._items = items
        self._pictures: OrderedDict[str, PictureFeatures] = OrderedDict()

    def features(self, digest: str) -> PictureFeatures:
        """The entry of a picture, new and empty when it is not known; the oldest entry makes room."""
        known = self._pictures.setdefault(digest, PictureFeatures())
        self._pictures.move_to_end(digest)
        while len(self._pictures) > self._items:
            self._pictures.popitem(last=False)
        return known

    def clear(self) -> None:
        """Forgets every picture."""
        self._pictures.clear()
