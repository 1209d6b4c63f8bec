"""The endpoint /ask for programs: one question, streamed as the JSON that `ask --json` prints."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from demo.answering import Answering, Progress
from demo.asking import given_settings, typed_question
from demo.doors import refusals
from demo.lane import ENDPOINT_SHARE
from mova.contributions import Contributions
from mova.images import read_image
from mova.request import Request
from mova.trace import Json, Trace, to_json

OWNER = "endpoint"  # all who ask through it share their part of the line
PATIENCE = 120.0  # seconds a question waits for a model that is still loading


class Endpoint:
    """Answers programs over the same engine, and in the same lane, as the page."""

    def __init__(self, answering: Answering):
        self.answering = answering
        self._numbers = itertools.count(1)

    def ask(
        self,
        image: str | None,
        question: str,
        experts: list[str] | None = None,
        max_new_tokens: float = 256,
        temperature: float = 0,
        seed: float = 0,
    ) -> Iterator[Json]:
        """Ask about a picture; streams the answer and its trace, the whole of it so far at every update.

        Parameters:
            image: a picture file or a data URI, or null for plain text chat
            question: up to 4,000 characters
            experts: null (the router chooses), [] (CLIP alone) or up to three letters, e.g. ["E", "D"]
            max_new_tokens: 1 to 1024
            temperature: 0 is greedy
            seed: for temperatures above 0
        """
        with refusals():
            settings = given_settings(experts, max_new_tokens, temperature, 1.0, seed)
            checked = typed_question(question)
            # A place in the line first: a picture is not decoded for one who is refused.
            ticket = self.answering.lane.enter(OWNER, ENDPOINT_SHARE)
            try:
                picture = read_image(image) if image else None
            except BaseException:
                self.answering.lane.leave(ticket)
                raise
            request = Request(checked, picture, (), settings)
            with closing(self.answering.run(ticket, request, PATIENCE)) as events:
                for event in events:
                    if isinstance(event, Progress):
                        yield _json(event.trace)
                    elif (engine := self.answering.startup.engine) is not None:
                        # Nothing new, but a caller who is gone is noticed only when something is sent.
                        yield _json(Trace(checked, engine.info, (), settings))


def _json(trace: Trace) -> Json:
    """The trace so far. Its maps are named until the answer is done, and whole then."""
    if isinstance(trace.contributions, Contributions) and not trace.done:
        trace = replace(trace, contributions=trace.contributions.digest)
    return to_json(trace)
