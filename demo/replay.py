"""A trace that is played again: what was to be seen at each moment of its answer, without any model.

for moment in moments(trace):
    wait(moment.at)
    draw(moment.trace)
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mova.trace import Timings, Trace

TEXT_INTERVAL = 0.05  # seconds between two states of the text
SPEEDS = (0.25, 0.5, 1.0, 2.0, 8.0)


@dataclass(frozen=True)
class Moment:
    """The trace as it was `at` so many seconds after its answer began; `staged` when more than its text has
    changed."""

    at: float
    trace: Trace
    staged: bool


def moments(trace: Trace) -> Iterator[Moment]:
    """Every stage when it ended and the text as it came, in order; the last is the trace itself.

    Stages follow each other without gaps, so the text's own times begin when the last stage before it ends.
    """
    now, stages = 0.0, trace.timings.stages
    before = [stage for stage in stages if stage.name != "decode"]
    yield Moment(0.0, _until(trace, 0, 0), True)
    for number, stage in enumerate(before, 1):
        now += stage.seconds
        yield Moment(now, _until(trace, number, 0), True)
    began = trace.pieces[0].at if trace.pieces else 0.0
    last = -1.0
    for number, piece in enumerate(trace.pieces, 1):
        at = now + max(0.0, piece.at - began)
        if at - last >= TEXT_INTERVAL and number < len(trace.pieces):
            yield Moment(at, _until(trace, len(before), number), False)
            last = at
    end = now + (trace.pieces[-1].at - began if trace.pieces else 0.0)
    yield Moment(max(end, last), trace, True)


def _until(trace: Trace, stages: int, pieces: int) -> Trace:
    """The trace when so many stages had ended and so many pieces of text were there."""
    ended = trace.timings.stages[:stages]
    names = {stage.name for stage in ended}
    routed, fused = "router" in names, "adapter" in names
    return replace(
        trace,
        routing=trace.routing if routed or fused else None,
        gates=trace.gates if fused else None,
        contributions=trace.contributions if fused else None,
        pieces=trace.pieces[:pieces],
        timings=Timings(ended),
        notes=(),
        stopped=False,
        done=False,
    )
