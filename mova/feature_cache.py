"""What is kept of the last pictures, so that a second question need not look again.

Base features, each expert's features and the routing prompt's key-value prefix depend on the picture
alone; everything the question moves is computed anew. Nothing kept here is ever written to.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from torch import Tensor

from mova.components import Components
from mova.language.key_values import KeyValues
from mova.vision.views import LazyViews

MOST_SPARE = 2**26  # bytes of room that wait for the next sequence


@dataclass(frozen=True)
class Prefix:
    """A prompt's beginning: `ids` as encoded, and its keys and values [layers, 2, kv heads, T, head dim]."""

    ids: tuple[int, ...]
    states: Tensor

    def shared(self, ids: Sequence[int]) -> int:
        """How many of a prompt's ids it begins with: tokens may merge across the seam behind it, and one must
        be left to run."""
        pairs = zip(self.ids, ids, strict=False)
        alike = next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(self.ids), len(ids)))
        return min(alike, len(ids) - 1)

    def reopen(self, cache: KeyValues, length: int) -> None:
        """Copies the first `length` places into a new cache."""
        cache.fill(self.states[:, :, :, :length])


@dataclass
class PictureFeatures:
    """What is known of one picture. `prefixes` by the pass they belong to, `thumbnail` a small copy,
    `components` by letter once somebody has asked what that expert sees."""

    views: LazyViews | None = None
    thumbnail: str | None = None
    base: Tensor | None = None
    experts: dict[str, Tensor] = field(default_factory=dict)
    prefixes: dict[str, Prefix] = field(default_factory=dict)
    components: dict[str, Components] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes that are held for the picture."""
        held = [*self.experts.values(), *(prefix.states for prefix in self.prefixes.values())]
        whole = (self.views, self.base)
        tensors = sum(part.nbytes for part in (*held, *whole) if part is not None)
        colours = sum(len(seen.colours) for seen in self.components.values())
        return tensors + colours + len(self.thumbnail or "")


class FeatureCache:
    """The pictures used last that fit into `limit` bytes, by the digest of their content, and what no picture
    decides: `openings`, the prompts' beginnings before any picture, by pass. The engine's lock guards it."""

    def __init__(self, limit: int):
        self._limit = limit
        self._pictures: OrderedDict[str, PictureFeatures] = OrderedDict()
        self.openings: dict[str, Prefix] = {}
        self._spare: KeyValues | None = None

    def features(self, digest: str) -> PictureFeatures:
        """The entry of a picture, new and empty when it is not known, and the last one to be given up."""
        known = self._pictures.setdefault(digest, PictureFeatures())
        self._pictures.move_to_end(digest)
        return known

    def shrink(self) -> None:
        """Gives up the pictures used longest ago until the rest fit; the newest stays."""
        sizes = [known.nbytes for known in self._pictures.values()]
        while len(sizes) > 1 and sum(sizes) > self._limit:
            self._pictures.popitem(last=False)
            sizes.pop(0)

    @contextmanager
    def room(self, make: Callable[[int], KeyValues], capacity: int) -> Iterator[KeyValues]:
        """Room for one sequence of `capacity` places or more: the last one's, where it suffices, for a
        processor takes milliseconds to hand out new memory. `make` makes such room."""
        spare, self._spare = self._spare, None
        cache = spare if spare is not None and spare.capacity >= capacity else make(capacity)
        cache.length = 0
        try:
            yield cache
        finally:
            if cache.states.nbytes <= MOST_SPARE:
                self._spare = cache

    def clear(self) -> None:
        """Forgets everything."""
        self._spare = None
        self._pictures.clear()
        self.openings.clear()
