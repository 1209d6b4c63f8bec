"""The endpoint /ask for programs: one question, streamed as the JSON that `ask --json` prints."""

import threading
from collections.abc import Iterator

import gradio as gr

from demo.asking import follow, given_settings, typed_question
from demo.startup import Startup
from mova.errors import MovaError, QuestionRefused
from mova.images import read_image
from mova.trace import printed


class Endpoint:
    """Answers programs over the same engine as the page."""

    def __init__(self, startup: Startup):
        self.startup = startup

    def ask(self, image, question, experts, max_new_tokens, temperature, seed) -> Iterator[dict]:
        """Ask about a picture; streams the answer and its trace, the whole of it so far at every update.

        Parameters:
            image: a JPEG, PNG, WEBP or GIF file, or null for plain text chat
            question: up to 4,000 characters
            experts: null (the router chooses), [] (CLIP alone) or up to three letters, e.g. ["E", "D"]
            max_new_tokens: 1 to 1024
            temperature: 0 is greedy
            seed: for temperatures above 0
        """
        try:
            settings = given_settings(experts, max_new_tokens, temperature, 1.0, seed)
            question = typed_question(question)
            if self.startup.engine is None:
                raise QuestionRefused(
                    f"The model is still loading ({self.startup.text}). Ask again in a moment."
                )
            checked = read_image(image) if image else None
            stop = threading.Event()
            for trace, _ in follow(self.startup.engine, question, checked, (), settings, stop):
                yield printed(trace)
        except MovaError as refusal:
            raise gr.Error(str(refusal), print_exception=False) from refusal
