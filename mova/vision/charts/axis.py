"""What an axis says: the value of a place along it, out of the numbers that were read there."""

import math
from collections.abc import Callable, Sequence

from mova.vision.charts.text import Text

FEW_TICKS = 2  # that an axis can be told by
STRAY = 0.06  # of the axis: a number further off the line through the others is misread


def axis_scale(ticks: Sequence[Text], lying: bool) -> Callable[[float], float] | None:
    """Place along the axis of values (x, or -y) -> value, by the line through most of its numbers."""
    found = [(tick.x if lying else -tick.y, tick.number) for tick in ticks]
    known = [(place, number) for place, number in found if number is not None]
    best: list[tuple[float, float]] = []
    for k, (a, low) in enumerate(known):
        for b, high in known[k + 1 :]:
            if a == b or low == high:
                continue
            slope = (high - low) / (b - a)
            span = STRAY * (max(p for p, _ in known) - min(p for p, _ in known)) * abs(slope)
            near = [(p, n) for p, n in known if abs(low + slope * (p - a) - n) <= span]
            if slope > 0 and len(near) > len(best):
                best = near
    if len(best) < FEW_TICKS:
        return None
    mean_place, mean_number = (sum(part) / len(best) for part in zip(*best, strict=True))
    spread = sum((place - mean_place) ** 2 for place, _ in best)
    slope = sum((place - mean_place) * (number - mean_number) for place, number in best) / spread
    return lambda place: mean_number + slope * (place - mean_place)


def rounded(value: float, most: float) -> str:
    """A value as one can read it from an axis: to a hundredth of about the highest."""
    quantum = 10 ** (math.floor(math.log10(most)) - 1) if most > 0 else 1.0
    decimals = max(0, -round(math.log10(quantum)))
    return f"{round(value / quantum) * quantum:.{decimals}f}"
