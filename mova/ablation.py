"""Taking experts away: what each of them was worth to an answer that has been given (mova/worth.py).

One pass through the language model with the routed experts as they were, then one without each of them. The
answer's own tokens are put in (teacher forcing), so every pass reads the same words, and each token's
log-probability is looked up. Taking an expert away is what the router's own mask would do: a routing row
without it, so that the gate spreads over the rest, and over nothing when it was the only one.

The log-probabilities are the model's own, at temperature 1 over the whole vocabulary, however the answer was
sampled. The token that ended the answer is no word and is not counted. At lower precisions than float32 a
whole pass and one token at a time differ in the last digits, as they do everywhere.
"""

import threading
from collections.abc import Generator, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, TypeVar

import torch
from torch import Tensor

from mova.errors import QuestionRefused
from mova.feature_cache import FeatureCache
from mova.images import CheckedImage
from mova.language.decoder import Decoder
from mova.language.decoding import TextStream
from mova.prepared import Prepared
from mova.request import Request
from mova.stages import encode_experts, fit, fuse, look
from mova.trace import ModelInfo, Trace
from mova.worth import Passed, Worth, join_words

CHUNK = 64  # answer tokens in one forward run: their logits over a large vocabulary fill memory

T = TypeVar("T")


def check_weighable(trace: Trace, image: CheckedImage | None, model: ModelInfo) -> None:
    """Raises QuestionRefused, in one sentence, where nothing can be taken away from this answer here."""
    if trace.picture is None:
        raise QuestionRefused("This answer was given without a picture, so no expert can be taken away.")
    if trace.routing is None or not trace.routing.experts:
        raise QuestionRefused("No expert was picked for this answer, so none can be taken away.")
    if not trace.answer:
        raise QuestionRefused("This answer is empty, so there is no word for an expert to be worth anything.")
    if image is None or image.digest != trace.picture.digest:
        raise QuestionRefused(
            "The picture of this answer is no longer kept here: upload it and ask again to see what each"
            " expert was worth."
        )
    if (trace.model.checkpoint, trace.model.precision) != (model.checkpoint, model.precision):
        raise QuestionRefused(
            f"This answer was given by another model, {trace.model.name} in {trace.model.precision}, and only"
            " that one can say what each expert was worth."
        )
    if not trace.token_ids:
        raise QuestionRefused(
            "The tokens of this answer were not kept, so ask the question again to see what each expert was"
            " worth."
        )


def weigh(
    prepared: Prepared, request: Request, trace: Trace, pictures: FeatureCache, stop: threading.Event
) -> Generator[Passed | Worth, None, None]:
    """`Passed` before the first pass and after each, then the `Worth`; after a stop none.

    `request` is what the trace was the answer to. Features of the picture that are no longer kept are made
    again. The caller holds the engine's lock. Raises QuestionRefused when the tokens do not spell the answer.
    """
    assert request.image is not None and trace.routing is not None, "checked before"
    texts, counts = _words(prepared, trace)
    experts, fitted = trace.routing.experts, fit(prepared, request)
    features = pictures.features(request.image.digest)
    passes = len(experts) + 1
    yield Passed(0, passes)
    _drain(look(prepared, request.image, features, stop))
    if not stop.is_set():
        _drain(encode_experts(prepared, experts, features, stop))
    questions = [*(turn.question for turn in fitted.turns), request.question]
    found = []
    for away in (None, *experts):
        if stop.is_set():
            return
        left = [letter for letter in experts if letter != away]
        image_tokens = _drain(fuse(prepared, questions, features, left))
        by_token = _forced(prepared, fitted.ids, image_tokens, trace.token_ids)
        found.append(_sums(by_token, counts))
        yield Passed(len(found), passes)
    yield Worth.of(experts, texts, found[0], found[1:])


def _words(prepared: Prepared, trace: Trace) -> tuple[list[str], list[int]]:
    """The answer's words, and how many tokens each takes."""
    tokenizer, ids = prepared.loaded.tokenizer, trace.token_ids
    known = min(ids) >= 0 and max(ids) < len(tokenizer)
    possible = known and len(ids) <= trace.settings.decoding.max_new_tokens
    words = join_words(list(_pieces(tokenizer, ids))) if possible else ()
    if "".join(text for text, _ in words) != trace.answer:
        raise QuestionRefused("The tokens kept with this answer do not spell it, so it cannot be read again.")
    return [text for text, _ in words], [count for _, count in words]


def _pieces(tokenizer, ids: Sequence[int]) -> Iterator[str]:
    """Each token's piece of the text, as it was streamed; the last one with what was held back."""
    stream = TextStream(tokenizer)
    for token in ids[:-1]:
        yield stream.push(token)
    yield stream.push(ids[-1]) + stream.finish()


def _forced(
    prepared: Prepared, prompt: Sequence[int], image_tokens: Tensor, ids: Sequence[int]
) -> list[float]:
    """Log-probability of each of the answer's tokens behind the prompt, under the answer's LoRA."""
    embeddings = prepared.loaded.model.embed(prompt, image_tokens)
    return token_log_probabilities(prepared.decoder("answer"), embeddings, ids)


@torch.inference_mode()
def token_log_probabilities(decoder: Decoder, prompt: Tensor, ids: Sequence[int]) -> list[float]:
    """Log-probability of each of `ids` in turn behind a prompt [1, T, H] and the ids before it."""
    cache = decoder.cache(prompt.shape[1] + len(ids))
    before = decoder.prefill(prompt, cache)[None]
    found: list[float] = []
    for start in range(0, len(ids), CHUNK):
        chunk = torch.tensor([ids[start : start + CHUNK]], device=decoder.device)
        # What is said of a token stands at the place before it.
        logits = torch.cat([before, decoder.every(decoder.embedding(chunk), cache)])
        found += logits[:-1].log_softmax(dim=-1).gather(1, chunk[0, :, None])[:, 0].tolist()
        before = logits[-1:]
    return found


def _sums(values: Sequence[float], counts: Sequence[int]) -> list[float]:
    """The values summed over each word's tokens."""
    ends = [0, *accumulate(counts)]
    return [sum(values[start:end]) for start, end in pairwise(ends)]


def _drain(stage: Generator[Any, None, T]) -> T:
    """What a stage returns, its events unread."""
    while True:
        try:
            next(stage)
        except StopIteration as end:
            return end.value
