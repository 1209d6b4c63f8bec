"""The stages of one answer, in the order of the paper's figure 2, each a function from values to values.

    look     the picture's views and base features
    route    pass 1: the language model picks experts
    encode   the picked experts look
    fuse     the MoV-Adapter weighs what they saw
    speak    pass 2: the language model answers

Each is a generator: it yields what happened as events and returns what the next stage needs. Nothing is kept
but what depends on the picture alone, in the `PictureFeatures` handed in. The caller holds the engine's lock.
"""

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext
from functools import partial
from time import perf_counter
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from mova.adapter import Fused
from mova.checkpoint import devices
from mova.events import (
    BaseEncoded,
    Decoded,
    Event,
    ExpertEncoded,
    Gated,
    ImageRead,
    Noted,
    Piece,
    Prefilled,
    Routed,
)
from mova.feature_cache import FeatureCache, PictureFeatures, Prefix
from mova.images import CheckedImage
from mova.language.context import (
    ROUTING_NEW_TOKENS,
    Fitted,
    fit_conversation,
    fit_gate_text,
    fit_routing,
    positions,
)
from mova.language.decoding import TextStream, chooser, decode_text, greedy, steps
from mova.language.key_values import KeyValues
from mova.language.projection import blank_rows
from mova.language.prompts import encode, opening_ids, routing_prefix, routing_prompt
from mova.language.routing import certain_experts, forced_routing, is_complete, routing_from_steps
from mova.prepared import Prepared
from mova.request import Decoding, Request
from mova.thumbnail import thumbnail
from mova.trace import Gates, Routing
from mova.vision.experts.pool import EXPERTS, indices
from mova.vision.views import LazyViews, view_of

T = TypeVar("T")


def answer_stages(
    prepared: Prepared, request: Request, pictures: FeatureCache, stop: threading.Event
) -> Generator[Event, None, None]:
    """Everything between the question and `Done`; ends early at a stop."""
    image, forced = request.image, request.settings.experts
    fitted = fit(prepared, request)
    # A routing prompt that does not fit is refused before anything is computed.
    router_ids = _fit_router(prepared, request) if image is not None and forced is None else ()
    if fitted.dropped:
        yield Noted(_turns_dropped(fitted.dropped))
    if image is None:
        if forced:
            yield Noted("There is no picture to look at, so no expert was used.")
        yield from speak(prepared, request, fitted, None, pictures, stop)
        return
    features = pictures.features(image.digest)
    yield from look(prepared, image, features, stop)
    if stop.is_set():
        return
    routing = yield from route(prepared, request, router_ids, features, pictures, stop)
    if routing is None or stop.is_set():
        return
    yield from encode_experts(prepared, routing.experts, features, stop)
    if stop.is_set():
        return
    questions = [*(turn.question for turn in fitted.turns), request.question]
    image_tokens = yield from fuse(prepared, questions, features, routing.experts)
    if not stop.is_set():
        yield from speak(prepared, request, fitted, image_tokens, pictures, stop)


def begin_stages(
    prepared: Prepared, image: CheckedImage, pictures: FeatureCache, stop: threading.Event
) -> None:
    """What depends on the picture alone, before there is a question: views, base features, the router's
    prompt up to the question. What follows finds it done; a stop ends it after the stage that runs."""
    features = pictures.features(image.digest)
    for _ in look(prepared, image, features, stop):
        pass
    if not stop.is_set():
        _timed(prepared, lambda: routing_prefix_of(prepared, features, pictures))


def routing_stages(
    prepared: Prepared, request: Request, pictures: FeatureCache, stop: threading.Event
) -> Generator[Event, None, None]:
    """The first stages of an answer, up to `Routed`: which experts the question calls for, and no more."""
    assert request.image is not None, "only a question about a picture is routed"
    router_ids = _fit_router(prepared, request)
    features = pictures.features(request.image.digest)
    yield from look(prepared, request.image, features, stop)
    if not stop.is_set():
        yield from route(prepared, request, router_ids, features, pictures, stop)


def look(
    prepared: Prepared, image: CheckedImage, features: PictureFeatures, stop: threading.Event
) -> Generator[Event, None, None]:
    """Views and base features of the picture, once per content."""
    model = prepared.loaded.model
    if image.note:
        yield Noted(image.note)
    seconds = 0.0
    if features.views is None:
        table = model.model.embed_tokens.weight
        views = LazyViews(image.pixels, prepared.loaded.config, table.device, table.dtype)
        _, seconds = _timed(prepared, lambda: views.base)  # the others when an expert asks for them
        features.views, features.thumbnail = views, thumbnail(image.pixels)
    yield ImageRead(*image.pixels.size, seconds, image.digest, features.thumbnail)
    if stop.is_set():
        return
    reused, seconds = features.base is not None, 0.0
    if not reused:
        features.base, seconds = _timed(prepared, partial(model.encode_base, features.views))
    yield BaseEncoded(seconds, reused)


def route(
    prepared: Prepared,
    request: Request,
    ids: tuple[int, ...],
    features: PictureFeatures,
    pictures: FeatureCache,
    stop: threading.Event,
) -> Generator[Event, None, Routing | None]:
    """The experts for this question: a person's own choice, or pass 1; None after a stop."""
    forced = request.settings.experts
    if forced is not None:
        routing, reused, seconds = forced_routing(forced), False, 0.0
    else:
        (prefix, reused), reading = _timed(prepared, lambda: routing_prefix_of(prepared, features, pictures))
        expect = partial(_expect, prepared, features)
        places = positions(ids, prepared.loaded.config.num_routing_tokens) + ROUTING_NEW_TOKENS
        with pictures.room(prepared.decoder("routing").cache, places) as cache:
            ask = partial(_ask_router, prepared, request.question, ids, prefix, cache, expect, stop)
            routing, seconds = _timed(prepared, ask)
        seconds += reading
        if stop.is_set():
            return None
    yield Routed(routing, seconds, reused)
    return routing


def encode_experts(
    prepared: Prepared, experts: Sequence[str], features: PictureFeatures, stop: threading.Event
) -> Generator[Event, None, None]:
    """The chosen experts' features on the base grid, each once per content."""
    assert features.views is not None, "a picture is looked at first"
    pager, missing = prepared.loaded.pager, [letter for letter in experts if letter not in features.experts]
    _expect(prepared, features, experts)
    for letter in experts:
        if stop.is_set():
            return
        reused, seconds = letter in features.experts, 0.0
        if not reused:
            following = next(iter(missing[missing.index(letter) + 1 :]), None)
            look_closely = partial(prepared.loaded.model.encode_expert, letter, features.views)
            with nullcontext() if pager is None else pager.present(letter, following):
                features.experts[letter], seconds = _timed(prepared, look_closely)
        yield ExpertEncoded(letter, seconds, reused)


def fuse(
    prepared: Prepared, questions: Sequence[str], features: PictureFeatures, experts: Sequence[str]
) -> Generator[Event, None, Tensor]:
    """The image tokens [n, H] of pass 2, fused by the conversation's questions and the picture."""
    loaded, base = prepared.loaded, features.base
    assert base is not None, "a picture is looked at first"
    limit = loaded.config.text_encoder.max_position_embeddings
    text, dropped = fit_gate_text(loaded.text_tokenizer, limit, questions)
    if dropped:
        yield Noted(f"The gate's text encoder has no room for the {dropped} oldest questions.")
    seen = {letter: features.experts[letter] for letter in experts}

    def work() -> Fused:
        read = _text_features(prepared, text, limit)
        return loaded.model.fuse(base, seen, read, _routing_row(prepared, experts))

    fused, seconds = _timed(prepared, work)
    gates = Gates(_rows(fused.masked[0]), _rows(fused.unmasked[0]))
    side = loaded.config.image_feat_size
    maps = fused.contributions[0].float().cpu().unflatten(-1, (side, side)).numpy()
    yield Gated(gates, maps, seconds)
    return fused.tokens[0]


def speak(
    prepared: Prepared,
    request: Request,
    fitted: Fitted,
    image_tokens: Tensor | None,
    pictures: FeatureCache,
    stop: threading.Event,
) -> Generator[Event, None, None]:
    """Pass 2's words, or plain chat's when there are no image tokens."""
    if stop.is_set():
        return
    decoding, tokens = request.settings.decoding, positions(fitted.ids, prepared.loaded.config.image_tokens)
    name = "chat" if image_tokens is None else "answer"
    with pictures.room(prepared.decoder(name).cache, tokens + decoding.max_new_tokens) as cache:
        read = partial(_read, prepared, name, fitted.ids, image_tokens, cache, pictures)
        logits, seconds = _timed(prepared, read)
        yield Prefilled(seconds, tokens)
        yield from _say(prepared, name, logits, cache, decoding, stop)


def _say(
    prepared: Prepared,
    name: str,
    logits: Tensor,
    cache: KeyValues,
    decoding: Decoding,
    stop: threading.Event,
) -> Generator[Event, None, None]:
    """The words behind a prompt that was read, as they come."""
    ids: list[int] = []
    decoder, stream, seconds = prepared.decoder(name), TextStream(prepared.loaded.tokenizer), 0.0
    walk = steps(decoder, logits, cache, chooser(decoding), prepared.ends, decoding.max_new_tokens, stop)
    while True:
        # Only the model's own time is counted, not what the reader of the events takes.
        step, spent = _timed(prepared, lambda: next(walk, None))
        seconds += spent
        if step is None or step.token in prepared.ends:
            break
        ids.append(step.token)
        if piece := stream.push(step.token):
            yield Piece(piece)
    if piece := stream.finish():
        yield Piece(piece)
    yield Decoded(seconds, len(ids), tuple(ids))


def fit(prepared: Prepared, request: Request) -> Fitted:
    """The answering prompt, with as few of the oldest turns left out as the context needs."""
    loaded, new_tokens = prepared.loaded, request.settings.decoding.max_new_tokens
    with_image = request.image is not None
    return fit_conversation(
        prepared.template, loaded.tokenizer, loaded.config, request.history, request.question, with_image,
        new_tokens,
    )  # fmt: skip


def _fit_router(prepared: Prepared, request: Request) -> tuple[int, ...]:
    """The routing prompt's ids."""
    loaded = prepared.loaded
    return fit_routing(prepared.template, loaded.tokenizer, loaded.config, request.question)


def routing_prefix_of(
    prepared: Prepared, features: PictureFeatures, pictures: FeatureCache
) -> tuple[Prefix, bool]:
    """Keys and values of the routing prompt up to the question, and whether they were there already."""
    if "routing" in features.prefixes:
        return features.prefixes["routing"], True
    loaded, model, base = prepared.loaded, prepared.loaded.model, features.base
    assert base is not None, "a picture is looked at first"
    ids = tuple(encode(routing_prefix(prepared.template), loaded.tokenizer))
    # With nothing routed no question enters the image tokens, so any text will do: none.
    text = base.new_zeros(1, loaded.config.text_encoder.hidden_size)
    plain = model.fuse(base, {}, text, _routing_row(prepared, ()))
    image_tokens = model.pool_for_routing(plain.tokens)[0]
    decoder = prepared.decoder("routing")
    cache = decoder.cache(positions(ids, len(image_tokens)))
    decoder.fill(_rest(prepared, "routing", ids, image_tokens, cache, pictures), cache)
    features.prefixes["routing"] = Prefix(ids, cache.states)
    return features.prefixes["routing"], False


def _ask_router(
    prepared: Prepared,
    question: str,
    ids: tuple[int, ...],
    prefix: Prefix,
    cache: KeyValues,
    expect: Callable[[Sequence[str]], None],
    stop: threading.Event,
) -> Routing:
    """Pass 1: the router's choice; `expect` is told the experts that are certain while it still speaks."""
    loaded, decoder = prepared.loaded, prepared.decoder("routing")
    image_tokens = loaded.config.num_routing_tokens
    shared = prefix.shared(ids)
    prefix.reopen(cache, positions(ids[:shared], image_tokens))
    logits = decoder.prefill(loaded.model.embed(ids[shared:]), cache)
    texts, probabilities, spoken = [], [], []
    for step in steps(decoder, logits, cache, greedy, prepared.ends, ROUTING_NEW_TOKENS, stop):
        probabilities.append(prepared.letters.read(torch.softmax(step.logits, dim=-1).cpu().numpy()))
        spoken += [] if step.token in prepared.ends else [step.token]
        texts.append(decode_text(loaded.tokenizer, spoken))
        if is_complete(texts[-1]):
            break
        expect(certain_experts(texts[-1]))
    prompt = routing_prompt(prepared.template, question).text
    return routing_from_steps(texts, probabilities, prompt)


def _expect(prepared: Prepared, features: PictureFeatures, letters: Sequence[str]) -> None:
    """Begins what these experts will need, where the processor has time for it: their views of the picture,
    and the way to the device of the first that waits in host memory. They look when the reply is complete."""
    missing = [letter for letter in letters if letter not in features.experts]
    if not missing or not devices.leaves_host_free(prepared.loaded.model.device):
        return
    assert features.views is not None, "a picture is looked at first"
    for letter in missing:
        features.views.expect(view_of(letter, prepared.loaded.config))
    if (pager := prepared.loaded.pager) is not None:
        pager.expect(missing[0])


def _read(
    prepared: Prepared,
    name: str,
    ids: Sequence[int],
    image_tokens: Tensor | None,
    cache: KeyValues,
    pictures: FeatureCache,
) -> Tensor:
    """Runs a pass's prompt into an empty cache: the logits [V] after it."""
    rest = _rest(prepared, name, ids, image_tokens, cache, pictures)
    return prepared.decoder(name).prefill(rest, cache)


def _rest(
    prepared: Prepared,
    name: str,
    ids: Sequence[int],
    image_tokens: Tensor | None,
    cache: KeyValues,
    pictures: FeatureCache,
) -> Tensor:
    """Puts what stands before every picture, which was run with the first prompt, into an empty cache; the
    rest of this prompt as embeddings [1, T, H]."""
    model, decoder = prepared.loaded.model, prepared.decoder(name)
    if name not in pictures.openings:
        first_ids = opening_ids(prepared.template, prepared.loaded.tokenizer)
        begun = decoder.cache(len(first_ids))
        decoder.fill(model.embed(first_ids), begun)
        pictures.openings[name] = Prefix(first_ids, begun.states)
    opening = pictures.openings[name]
    shared = opening.shared(ids)
    opening.reopen(cache, shared)
    return model.embed(ids[shared:], image_tokens)


def _text_features(prepared: Prepared, text: str, limit: int) -> Tensor:
    """[1, text width]: what BERT makes of the questions."""
    loaded, device = prepared.loaded, prepared.loaded.model.device
    tokens = loaded.text_tokenizer(text, truncation=True, max_length=limit, return_tensors="pt")
    count = tokens.input_ids.shape[1]
    blank = min(blank_rows(count, loaded.model.dtype, device), limit - count)
    ids, seen = (F.pad(rows, (0, blank)).to(device) for rows in (tokens.input_ids, tokens.attention_mask))
    return loaded.model.encode_text(ids, seen)


def _routing_row(prepared: Prepared, letters: Sequence[str]) -> Tensor:
    """[1, 7]: 1 for a routed expert."""
    row = torch.zeros(1, len(EXPERTS))
    row[0, indices(tuple(letters))] = 1
    return row.to(prepared.loaded.model.device)


def _timed(prepared: Prepared, work: Callable[[], T]) -> tuple[T, float]:
    """(what `work` returns, seconds until the device was done with it)."""
    device = prepared.loaded.model.device
    started = perf_counter()
    with torch.inference_mode():
        result = work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return result, perf_counter() - started


def _rows(gates: Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in gates.float().cpu().tolist())


def _turns_dropped(count: int) -> str:
    turns = "turn" if count == 1 else f"{count} turns"
    return f"The conversation no longer fits the model's context: the oldest {turns} were left out."
