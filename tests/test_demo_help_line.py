"""Small talk without a picture gets the page's own line, and nobody takes it for the model's."""

import pytest

from demo import state
from demo.conversation import transcript_html
from demo.help_line import HELP_LINE, help_line
from demo.state import Visit
from demo.theme import FROM_THE_PAGE
from mova.request import Settings


@pytest.mark.parametrize(
    "question",
    ["hi", "Hello!", "Hello there", "Good morning.", "Hey MoVA!", "Who are you?", "hi, who are you", "help",
     "Help me, please!", "What can you do?", "what's your name?", "How does this work?",
     "What can I ask here?", "Are you a robot?"],
)  # fmt: skip
def test_greetings_and_questions_about_the_page_get_its_line(question):
    assert help_line(question) == HELP_LINE


@pytest.mark.parametrize(
    "question",
    ["What is the capital of France?", "Help Anna write a letter", "Who are you going to vote for?",
     "history", "hi is an English word; what is its origin?", "What are you-tube videos?",
     "How does this work of art differ?"],
)  # fmt: skip
def test_other_questions_go_to_the_model(question):
    assert help_line(question) is None


def test_the_pages_line_is_marked_and_needs_no_trace():
    visit = state.ask(Visit.new(), "hi", Settings())
    visit = state.say(visit, visit.shown, HELP_LINE)
    assert not visit.exchange.pending
    html = transcript_html(visit)
    assert html.index(FROM_THE_PAGE) < html.index("Pick an example above")
    assert "mova-line" not in html
