"""Things that were found in a picture, and what is written of them, a line each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mova.language.boxes import Box, iou

SAME = 0.6  # overlap of two boxes from which on they are of one thing
OUTLINE = "outline"


@dataclass(frozen=True)
class Found:
    """A thing: the words it is called by, its box on the padded square (0 to 1), how sure it is."""

    words: tuple[str, ...]
    box: Box
    sure: float = 1.0

    @property
    def size(self) -> float:
        """The longer side of its box."""
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, y1 - y0)


def once(found: Sequence[Found]) -> list[Found]:
    """Each thing once, the surest of those that lie on each other, from left to right."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda thing: -thing.sure):
        if all(iou(one.box, other.box) < SAME for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda thing: thing.box[0] + thing.box[2])


def things_written(found: Sequence[Found]) -> Iterator[str]:
    """How many of each kind, then each with its box in hundredths: left, top, right, bottom."""
    counts = Counter(" ".join(thing.words) for thing in found)
    for name, number in counts.items():
        yield f"{name} | {number}"
    for thing in found:
        edges = (f"{min(99, max(0, round(100 * edge))):02}" for edge in thing.box)
        yield f"{' '.join(thing.words)} at {' '.join(edges)}"


def shapes_written(found: Sequence[Found]) -> Iterator[str]:
    """How many, then each with its colour and form, which is largest and smallest, and what is an outline."""
    if not found:
        return
    yield f"{len(found)} {'shapes' if len(found) > 1 else 'shape'}"
    ordered = sorted(found, key=lambda shape: shape.size)
    for shape in found:
        colour, form, filled = shape.words
        said = [f"{colour} {form}"]
        if len(found) > 1 and shape in (ordered[0], ordered[-1]):
            said.append("smallest" if shape is ordered[0] else "largest")
        yield " | ".join((*said, filled) if filled == OUTLINE else said)
