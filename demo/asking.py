"""What a visitor sent -> a checked question and settings, and engine events -> traces at a reading pace."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import closing

from demo.state import Conversation
from demo.theme import NOTHING_ASKED
from mova.errors import QuestionRefused
from mova.events import Piece, advance
from mova.images import CheckedImage
from mova.language.prompts import Turn
from mova.request import Decoding, Settings, check_experts, check_number, check_question
from mova.trace import Trace

QUESTION_LIMIT = 4000  # characters
LONGEST_ANSWER = 1024  # tokens
TEXT_INTERVAL = 0.05  # seconds between text updates: at most 20 a second


def typed_question(text: str | None) -> str:
    """The question without blanks around it. Raises QuestionRefused when empty or too long for the page."""
    if not (text or "").strip():
        raise QuestionRefused(NOTHING_ASKED)
    return check_question(text, QUESTION_LIMIT)


def given_experts(experts: object) -> tuple[str, ...] | None:
    """None for the router, else the letters to force ([] is CLIP alone). Raises QuestionRefused otherwise."""
    if experts is None:
        return None
    if not isinstance(experts, list):
        raise QuestionRefused(
            'The experts should be null (the router chooses), [] (CLIP alone) or a list like ["E", "D"].'
        )
    return check_experts(experts)


def given_settings(experts: object, max_new_tokens=256, temperature=0.0, top_p=1.0, seed=0) -> Settings:
    """Settings within the page's own bounds. Raises QuestionRefused naming the one that is not."""
    check_number("number of new tokens", max_new_tokens, 1, LONGEST_ANSWER)
    check_number("temperature", temperature, 0, 2)
    check_number("top-p", top_p, 0.01, 1)
    check_number("seed", seed, 0, 2**31 - 1)
    decoding = Decoding(int(max_new_tokens), float(temperature), float(top_p), int(seed))
    return Settings(given_experts(experts), decoding)


def earlier_turns(conversation: Conversation) -> tuple[Turn, ...]:
    """The answered exchanges before the newest one, as the engine wants them."""
    before = conversation.exchanges[:-1]
    return tuple(Turn(e.question, e.trace.answer) for e in before if e.trace and e.trace.answer)


def follow(
    engine, question: str, image: CheckedImage | None, turns: Sequence[Turn], settings: Settings, stop
) -> Iterator[tuple[Trace, bool]]:
    """The trace so far at every stage, and at most 20 times a second while text comes.

    Yields (trace, whether more than its text changed). `stop` is a threading.Event; closing this
    generator sets it, so that an abandoned answer frees the lane.
    """
    trace = Trace(question, engine.info, tuple(turns), settings)
    events = engine.answer(
        question, image, turns, experts=settings.experts, decoding=settings.decoding, stop=stop
    )
    last = -math.inf
    try:
        with closing(events):
            for event in events:
                trace = advance(trace, event)
                is_text = isinstance(event, Piece)
                if is_text and time.monotonic() - last < TEXT_INTERVAL:
                    continue
                last = time.monotonic()
                yield trace, not is_text
    finally:
        stop.set()
