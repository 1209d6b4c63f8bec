"""Decoding: one token at a time behind a prefilled prompt, and the text as it grows.

An own loop over a key-value cache: the routing pass needs every step's distribution, and a person's
Stop is looked at before each token.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from mova.language.decoder import Decoder
from mova.language.key_values import KeyValues
from mova.request import Decoding

LIKELY = 256  # tokens that nearly always hold what top-p keeps
_INCOMPLETE = "\ufffd"  # what decoding gives for the first bytes of a character


@dataclass(frozen=True)
class Step:
    """One decoding step: the token chosen, and the logits [V] (float32) it was chosen from."""

    token: int
    logits: Tensor


def greedy(logits: Tensor) -> int:
    """The most probable token of [V]."""
    return int(logits.argmax())


def chooser(decoding: Decoding) -> Callable[[Tensor], int]:
    """The function from logits [V] to a token that `decoding` asks for. One number a token is drawn on the
    CPU, so that a seed means the same tokens wherever the same logits come out; all else happens where the
    logits are, and only the token comes back."""
    if decoding.temperature == 0:
        return greedy
    generator = torch.Generator().manual_seed(decoding.seed)

    def sample(logits: Tensor) -> int:
        scores = logits.float()
        probabilities = torch.softmax((scores - scores.max()) / decoding.temperature, dim=0)
        drawn = torch.rand((), generator=generator, dtype=torch.float64).item()
        shares, ids = _largest(probabilities, decoding.top_p)
        reached = shares.double().cumsum(0)
        place = torch.searchsorted(reached, drawn * reached[-1:], right=True)
        return int(ids[place.clamp(max=len(ids) - 1)])

    return sample


def _largest(probabilities: Tensor, top_p: float) -> tuple[Tensor, Tensor]:
    """The smallest set of tokens whose probabilities sum to `top_p`, at least one: (those, their ids)."""
    if top_p >= 1:
        return probabilities, torch.arange(len(probabilities), device=probabilities.device)
    # A sort of the whole vocabulary takes most of the time, and is hardly ever needed.
    ordered, ids = probabilities.topk(min(LIKELY, len(probabilities)))
    if float(ordered.sum()) < top_p:
        ordered, ids = probabilities.sort(descending=True)
    before = ordered.cumsum(0) - ordered
    kept = (before < top_p).sum().clamp(min=1)
    return ordered.masked_fill(torch.arange(len(ordered), device=kept.device) >= kept, 0), ids


def steps(
    decoder: Decoder,
    logits: Tensor,
    cache: KeyValues,
    choose: Callable[[Tensor], int],
    ends: Iterable[int],
    limit: int,
    stop: threading.Event | None = None,
) -> Iterator[Step]:
    """At most `limit` steps from the logits of a prefilled prompt. The token that ends the text is the
    last step; after a stop there is none."""
    ends = frozenset(ends)
    with decoder.stepping(cache) as run:
        for count in range(limit):
            if stop is not None and stop.is_set():
                return
            token = choose(logits)
            yield Step(token, logits)
            if token in ends or count + 1 == limit:
                return
            logits = run(token)


class TextStream:
    """Tokens -> pieces of text. Joined, the pieces are `whole_text` of all tokens: no leading or trailing
    blanks, and never part of a character (some take several tokens)."""

    def __init__(self, tokenizer):
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        # Tokens before _given have been given out; those from _context on are decoded again with the new
        # ones, because a token's text may depend on the token before it.
        self._context = self._given = 0
        self._blank = ""
        self._begun = False

    def push(self, token: int) -> str:
        """The text that is certain once `token` has come; may be empty."""
        self._ids.append(token)
        text = decode_text(self._tokenizer, self._ids[self._context :])
        if text.endswith(_INCOMPLETE):
            return ""
        known = decode_text(self._tokenizer, self._ids[self._context : self._given])
        self._context, self._given = self._given, len(self._ids)
        return self._emit(text[len(known) :])

    def finish(self) -> str:
        """What was held back and is text after all."""
        text = decode_text(self._tokenizer, self._ids[self._context :]).rstrip(_INCOMPLETE)
        known = decode_text(self._tokenizer, self._ids[self._context : self._given])
        self._context = self._given = len(self._ids)
        return self._emit(text[len(known) :])

    def _emit(self, text: str) -> str:
        """Holds blanks back until a word follows them; drops those before the first word."""
        text = self._blank + text
        if not self._begun:
            text = text.lstrip()
        body = text.rstrip()
        self._blank = text[len(body) :]
        self._begun = self._begun or bool(body)
        return body


def decode_text(tokenizer, ids: list[int]) -> str:
    """The text of some tokens, special ones skipped."""
    return tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def whole_text(tokenizer, ids: list[int]) -> str:
    """The final text of an answer's tokens: stripped, an unfinished last character dropped."""
    return decode_text(tokenizer, ids).rstrip(_INCOMPLETE).strip()
