"""What fits: the conversation into the language model's context, its questions into BERT's."""

from collections.abc import Sequence
from dataclasses import dataclass

from mova.config import MovaConfig
from mova.errors import QuestionRefused
from mova.language.prompts import (
    IMAGE_TOKEN,
    Template,
    Turn,
    answer_prompt,
    encode,
    gate_text,
    routing_prompt,
)

ROUTING_NEW_TOKENS = 16


@dataclass(frozen=True)
class Fitted:
    """An answering prompt that fits: its ids, the turns it still holds, how many were dropped."""

    ids: tuple[int, ...]
    turns: tuple[Turn, ...]
    dropped: int


def context_length(config: MovaConfig) -> int:
    """Positions the language model was made for."""
    given = config.tokenizer_model_max_length
    return min(config.max_position_embeddings, given or config.max_position_embeddings)


def positions(ids: Sequence[int], image_tokens: int) -> int:
    """Positions a prompt takes in the cache, its image marker counted as `image_tokens`."""
    return len(ids) + (image_tokens - 1) * ids.count(IMAGE_TOKEN)


def fit_conversation(
    template: Template,
    tokenizer,
    config: MovaConfig,
    turns: Sequence[Turn],
    question: str,
    with_image: bool,
    new_tokens: int,
) -> Fitted:
    """The conversation with as few of its oldest turns dropped as needed.

    Raises QuestionRefused when the question alone does not leave room for `new_tokens`.
    """
    room = context_length(config) - new_tokens
    for dropped in range(len(turns) + 1):
        kept = tuple(turns[dropped:])
        ids = encode(answer_prompt(template, kept, question, with_image), tokenizer)
        needed = positions(ids, config.image_tokens)
        if needed <= room:
            return Fitted(tuple(ids), kept, dropped)
    raise QuestionRefused(_too_long(needed, new_tokens, config))


def fit_routing(template: Template, tokenizer, config: MovaConfig, question: str) -> tuple[int, ...]:
    """Ids of the routing prompt; raises QuestionRefused when the question does not fit beside the pool."""
    ids = tuple(encode(routing_prompt(template, question), tokenizer))
    needed = positions(ids, config.num_routing_tokens)
    if needed + ROUTING_NEW_TOKENS > context_length(config):
        raise QuestionRefused(_too_long(needed, ROUTING_NEW_TOKENS, config))
    return ids


def fit_gate_text(text_tokenizer, limit: int, questions: Sequence[str]) -> tuple[str, int]:
    """(what BERT reads, how many of the oldest questions were left out to keep it within `limit` tokens).

    The newest question always stays; alone, it is cut by the tokenizer as published.
    """
    for dropped in range(len(questions)):
        text = gate_text(questions[dropped:])
        if len(text_tokenizer(text, truncation=False, verbose=False).input_ids) <= limit:
            return text, dropped
    return gate_text(questions[-1:]), len(questions) - 1


def _too_long(needed: int, new_tokens: int, config: MovaConfig) -> str:
    return (
        f"The question is too long: with its picture it takes {needed} of the model's"
        f" {context_length(config)} places, and {new_tokens} are kept for the answer. Shorten the question"
        " or ask for fewer new tokens."
    )
