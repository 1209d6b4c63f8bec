"""Small talk without a picture gets the page's own line, and nobody takes it for the model's."""

import pytest

from demo import state
from demo.conversation import messages
from demo.help_line import help_line
from demo.state import Visit
from demo.words import ENGLISH
from mova.request import Settings


@pytest.mark.parametrize(
    "question",
    ["hi", "Hello!", "Hello there", "Good morning.", "Hey MoVA!", "Who are you?", "hi, who are you", "help",
     "Help me, please!", "What can you do?", "what's your name?", "How does this work?",
     "What can I ask here?", "Are you a robot?"],
)  # fmt: skip
def test_greetings_and_questions_about_the_page_get_its_line(question):
    assert help_line(question, ENGLISH) == ENGLISH("chat.help")


@pytest.mark.parametrize(
    "question",
    ["What is the capital of France?", "Help Anna write a letter", "Who are you going to vote for?",
     "history", "hi is an English word; what is its origin?", "What are you-tube videos?",
     "How does this work of art differ?"],
)  # fmt: skip
def test_other_questions_go_to_the_model(question):
    assert help_line(question, ENGLISH) is None


def test_the_pages_line_is_marked_and_needs_no_trace():
    visit = state.ask(Visit.new(), "hi", Settings())
    visit = state.say(visit, visit.shown, ENGLISH("chat.help"))
    assert not visit.exchange.pending
    origin, text = messages(visit, ENGLISH)[-1]["content"]
    assert ENGLISH("chat.from_the_page") in origin["value"] and text["text"].startswith(
        "Pick an example above"
    )
