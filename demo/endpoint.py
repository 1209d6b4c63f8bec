"""The endpoint /ask for programs: one question, streamed as the JSON that `ask --json` prints."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import gradio as gr

from demo.answering import Answering, Progress
from demo.asking import given_settings, typed_question
from demo.doors import FROM_DATA_URI, refusals
from demo.lane import ENDPOINT_SHARE
from demo.listeners import Listeners
from mova.contributions import Contributions
from mova.errors import QuestionRefused
from mova.images import CheckedImage, read_image
from mova.request import Request
from mova.trace import Json, Trace, to_json

OWNER = "endpoint"  # all who ask through it share their part of the line
NOBODY = "Nobody came for the answer, so it was ended. Ask again, and read the answer as it comes."
UNHEARD = 30.0  # seconds without anybody who listens
PATIENCE = 120.0  # seconds a question waits for a model that is still loading


class Endpoint:
    """Answers programs over the same engine, and in the same lane, as the page."""

    def __init__(self, answering: Answering, listeners: Listeners):
        self.answering, self.listeners = answering, listeners

    def ask(
        self,
        image: str | None = None,
        question: str = "",
        experts: list[str] | None = None,
        max_new_tokens: float = 256,
        temperature: float = 0,
        seed: float = 0,
        request: gr.Request | None = None,
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
                picture = _picture(image)
            except BaseException:
                self.answering.lane.leave(ticket)
                raise
            asked, began = Request(checked, picture, (), settings), time.monotonic()
            session = (request and request.session_hash) or ""
            with closing(self.answering.run(ticket, asked, patience=PATIENCE)) as events:
                for event in events:
                    if self.listeners.away(session, began) > UNHEARD:
                        raise QuestionRefused(NOBODY)
                    if isinstance(event, Progress):
                        yield _json(event.trace)
                    elif (engine := self.answering.startup.engine) is not None:
                        # Nothing new, but a caller who is gone is noticed only when something is sent.
                        yield _json(Trace(checked, engine.info, (), settings))


def _picture(image: str | None) -> CheckedImage | None:
    """The picture of a file, which is deleted when it was made of a data URI."""
    if not image:
        return None
    try:
        return read_image(image)
    finally:
        if image.endswith(FROM_DATA_URI):
            Path(image).unlink(missing_ok=True)


def _json(trace: Trace) -> Json:
    """The trace so far. Its maps are named and its picture left out until the answer is done."""
    if trace.done:
        return to_json(trace)
    if isinstance(trace.contributions, Contributions):
        trace = replace(trace, contributions=trace.contributions.digest)
    if trace.picture is not None:
        trace = replace(trace, picture=replace(trace.picture, thumbnail=None))
    return to_json(trace)
