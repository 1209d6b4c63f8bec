"""What a visitor or a program sent -> a checked question, settings and earlier turns."""

from demo.state import Conversation
from demo.theme import NOTHING_ASKED
from mova.errors import QuestionRefused
from mova.language.prompts import Turn
from mova.request import Decoding, Settings, check_experts, check_number, check_question

QUESTION_LIMIT = 4000  # characters
LONGEST_ANSWER = 1024  # tokens
UPLOAD_LIMIT = 10 * 2**20  # bytes of a file


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


def earlier_turns(conversation: Conversation, exchange_id: str) -> tuple[Turn, ...]:
    """The answered exchanges before the one of this id, as the engine wants them.

    A question that was asked again is no turn of its own: it has the turns that it had the first time, so
    that its answers can be compared.
    """
    again = next((e.again for e in conversation.exchanges if e.id == exchange_id), "")
    turns: list[Turn] = []
    for exchange in conversation.exchanges:
        if exchange.id in (exchange_id, again):
            break
        if exchange.trace and exchange.trace.answer and not exchange.again:
            turns.append(Turn(exchange.question, exchange.trace.answer))
    return tuple(turns)
