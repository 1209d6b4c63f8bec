"""What a click or the settings carry: a text, an id, a speed, how to answer. What does not fit is refused."""

import secrets
from typing import Any

import gradio as gr

from demo.asking import given_settings
from demo.replay import SPEEDS
from demo.state import Visit
from demo.theme import NOTHING_TO_REPEAT, RELOAD
from mova.errors import QuestionRefused
from mova.request import Settings


def settings_of(given: tuple) -> Settings:
    """The settings as they stand beside the composer; without a seed one is drawn. Raises QuestionRefused."""
    mode, forced, longest, temperature, top_p, seed = given
    if mode == "forced" and not forced:
        raise QuestionRefused("Tick one to three experts in the settings, or let the router choose.")
    if isinstance(seed, str):
        seed = int(seed) if seed.strip().isdecimal() and len(seed) < 20 else seed.strip() or None
    if seed is None:
        seed = secrets.randbelow(2**31) if isinstance(temperature, int | float) and temperature > 0 else 0
    experts = {"router": None, "none": []}.get(mode, forced)
    return given_settings(experts, longest, temperature, top_p, seed)


def shown_question(visit: Visit) -> str:
    if visit.exchange is None:
        raise QuestionRefused(NOTHING_TO_REPEAT)
    return visit.exchange.question


def require(visit: Visit, exchange_id: str) -> None:
    if all(e.id != exchange_id for e in visit.conversation.exchanges):
        raise QuestionRefused(RELOAD)


def chosen_id(ids: list | None, index: Any) -> str:
    """The id of the exchange that a message of the chat belongs to: two messages an exchange."""
    index = index[0] if isinstance(index, list | tuple) and index else index
    place = index // 2 if type(index) is int else -1
    known = ids if isinstance(ids, list) else []
    return known[place] if 0 <= place < len(known) and isinstance(known[place], str) else ""


def told(event: gr.EventData, name: str) -> str:
    """A text that an act carries; empty when it carries none."""
    value = getattr(event, name, "")
    return value if isinstance(value, str) else ""


def number_of(event: gr.EventData) -> int:
    """Which of a page's acts it is, 0 where that is not told."""
    number = getattr(event, "number", 0)
    return number if type(number) is int else 0


def speed_of(event: gr.EventData) -> float:
    speed = getattr(event, "speed", 1.0)
    return float(speed) if speed in SPEEDS else 1.0
