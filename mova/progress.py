"""How far a long piece of work is, as numbers; whoever shows it finds the words.

load("zongzhuofan/llama3-mova-8b", progress=lambda step: print(step.stage, f"{step.share:.0%}"))
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

# Looking for a checkpoint, downloading it, reading its weights, writing a new one, recording a card's
# decoding steps; then the work is done.
Stage = Literal["find", "fetch", "read", "write", "record", "ready"]


@dataclass(frozen=True)
class Step:
    """`done` of `whole` within one stage: bytes while fetching, else a share of 1. `name` is what is looked
    for, fetched or written."""

    stage: Stage
    done: float = 0.0
    whole: float = 1.0
    name: str = ""

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, max(0.0, self.done / self.whole)) if self.whole > 0 else 1.0


Report = Callable[[Step], None]


def unheard(step: Step) -> None:
    """Takes the place of a report that nobody asked for."""
