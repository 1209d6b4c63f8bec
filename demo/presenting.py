"""What a talk, a tour and an address ask for: a step of a script, or a linked example.

The browser names a step by its script and its place; what it plays is looked up here.
"""

from collections.abc import Callable, Iterator, Sequence

import gradio as gr

from demo import state
from demo.gallery import Example
from demo.script import SCRIPTS, find_example, read_scripts
from demo.turns import Turns, session_of
from mova.errors import QuestionRefused
from mova.request import named_experts
from mova.trace_file import loads

Show = Callable[..., Iterator[tuple]]


class Presenting:
    """The acts of scripts and links: `show` asks an example or plays its recording, `play` plays a trace."""

    def __init__(self, examples: Sequence[Example], turns: Turns, show: Show, play: Show):
        self.examples, self.scripts = examples, read_scripts(examples)
        self._turns, self._show, self._play = turns, show, play
        self.asks = {"step": self._step, "link": self._link}

    def _step(self, event: gr.EventData, request: gr.Request, settings: tuple) -> Iterator[tuple]:
        """A step of a script; whatever is still running ends."""
        name, place = str(getattr(event, "script", "")), getattr(event, "index", None)
        steps = self.scripts.get(name, []) if name in SCRIPTS else []
        if type(place) is not int or not 0 <= place < len(steps) or not steps[place].plays:
            raise QuestionRefused("There is no such step. Reload the page.")
        step = steps[place]
        example = None if step.example is None else self.examples[step.example]
        recorded = step.trace or (example.trace if example and not step.live else None)
        if recorded is not None:
            yield from self._play(request, loads(recorded.read_bytes()), step.speed, "notice.step")
        elif example is not None:
            self._make_room(session_of(request))
            yield from self._show(request, example, settings, step.experts, step.speed)

    def _make_room(self, session: str) -> None:
        """A blank conversation for a question, and an end to what runs, which then shows no old answer."""
        self._turns.visits.change(session, lambda visit: state.begin(visit, None))
        if self._turns.lane.busy(session):
            self._turns.lane.stop(session)

    def _link(self, event: gr.EventData, request: gr.Request, settings: tuple) -> Iterator[tuple]:
        """The example that an address names, looked at by the experts that it names."""
        name, letters = (str(getattr(event, key, "") or "")[:60] for key in ("example", "experts"))
        try:
            example = self.examples[find_example(self.examples, name)]
            experts = named_experts(letters) if letters else None
        except QuestionRefused as wrong:
            raise QuestionRefused(f"The address asks for what is not here: {wrong}") from wrong
        yield from self._show(request, example, settings, experts)
