"""The engine: one question -> typed events, in two passes through one language model.

    engine = Engine(load("assets/mova-tiny"))
    for event in engine.answer("How many are there?", read_image("picture.png")):
        ...

Pass 1 routes (base features alone, the pool's description, up to 16 tokens), pass 2 answers with the
chosen experts' features fused by the gate. One answer runs at a time; another one waits.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TypeVar

import torch
from torch import Tensor
from transformers import DynamicCache

from mova.adapter import Fused
from mova.checkpoint.loading import Loaded
from mova.errors import CheckpointError, DeviceError
from mova.feature_cache import FeatureCache, Picture, Prefix
from mova.images import CheckedImage
from mova.language.context import (
    ROUTING_NEW_TOKENS,
    Fitted,
    check_question,
    clean,
    fit_conversation,
    fit_gate_text,
    fit_routing,
    positions,
)
from mova.language.decoding import Decoding, TextStream, chooser, decode_text, greedy, prefill, steps
from mova.language.lora import pass_adapter
from mova.language.prompts import TEMPLATES, Turn, encode, routing_prefix, routing_prompt, stop_ids
from mova.language.routing import LetterTable, check_experts, forced_routing, routing_from_steps
from mova.trace import (
    BaseEncoded,
    Decoded,
    Done,
    Event,
    ExpertEncoded,
    Gated,
    Gates,
    ImageRead,
    ModelInfo,
    Noted,
    Piece,
    Prefilled,
    Routed,
    Routing,
    Trace,
    advance,
)
from mova.vision.experts.pool import EXPERTS, MAX_EXPERTS, indices
from mova.vision.views import build_views

CACHED_PICTURES = 4
_WAIT = 0.05  # seconds between looks at Stop while another answer is running

T = TypeVar("T")


@dataclass(frozen=True)
class _Ask:
    """One checked question and everything that came with it. `experts` None means the router chooses."""

    question: str
    image: CheckedImage | None
    history: tuple[Turn, ...]
    experts: tuple[str, ...] | None
    decoding: Decoding
    stop: threading.Event


class Engine:
    """A loaded model that answers questions, with what it keeps of the last pictures.

    `most_experts` is how many a question may force; of more than three, each adapter layer keeps the best
    three, as published.
    """

    def __init__(
        self, loaded: Loaded, cache_items: int = CACHED_PICTURES, *, most_experts: int = MAX_EXPERTS
    ):
        config = loaded.config
        if config.template not in TEMPLATES:
            raise CheckpointError(
                f"The checkpoint's prompt template {config.template!r} is unknown. Expected one of"
                f" {', '.join(TEMPLATES)}: set `template` in its config.json."
            )
        self.info: ModelInfo = loaded.info
        self._loaded = loaded
        self._model = loaded.model
        self._template = TEMPLATES[config.template].with_system(config.system_sentence)
        self._ends = _end_ids(loaded) | stop_ids(self._template, loaded.tokenizer)
        self._letters = LetterTable.from_tokenizer(loaded.tokenizer)
        self._pictures = FeatureCache(cache_items)
        self._most_experts = most_experts
        self._lock = threading.Lock()

    def answer(
        self,
        question: str,
        image: CheckedImage | None = None,
        history: Sequence[Turn] = (),
        *,
        experts: Sequence[str] | None = None,
        decoding: Decoding | None = None,
        stop: threading.Event | None = None,
    ) -> Generator[Event, None, None]:
        """The events of one answer; the last is `Done`, also after `stop` was set.

        `history` are the earlier turns about the same picture. `experts` forces up to `most_experts` letters
        (an empty list: the base encoder alone). Raises QuestionRefused at once for what can be seen at once,
        and while the events are read for a question too long for the model. Closing the generator frees the
        engine.
        """
        ask = _Ask(
            check_question(question),
            image,
            tuple(Turn(clean(turn.question), clean(turn.answer)) for turn in history),
            None if experts is None else check_experts(experts, self._most_experts),
            decoding or Decoding(),
            stop or threading.Event(),
        )
        return self._answer(ask)

    def _answer(self, ask: _Ask) -> Generator[Event, None, None]:
        trace = Trace(ask.question, self.info)
        while not self._lock.acquire(timeout=_WAIT):
            if ask.stop.is_set():
                yield Done(replace(trace, stopped=True, done=True))
                return
        started, first_word = perf_counter(), None
        try:
            with closing(self._stages(ask)) as stages:
                for event in stages:
                    trace = advance(trace, event)
                    if first_word is None and isinstance(event, Piece):
                        first_word = perf_counter() - started
                    yield event
        except torch.OutOfMemoryError as error:
            self._pictures.clear()
            torch.cuda.empty_cache()
            raise DeviceError(
                "The GPU ran out of memory during this answer. What was kept of earlier pictures has been"
                " freed: ask again, with fewer experts, a shorter conversation or a lower precision."
            ) from error
        finally:
            self._lock.release()
        timings = replace(trace.timings, first_word=first_word, total=perf_counter() - started)
        yield Done(replace(trace, timings=timings, stopped=ask.stop.is_set(), done=True))

    def _stages(self, ask: _Ask) -> Generator[Event, None, None]:
        """Everything between the first event and `Done`; ends early at a stop."""
        fitted, routing_ids = self._fit(ask)
        if fitted.dropped:
            yield Noted(_turns_dropped(fitted.dropped))
        if ask.image is None:
            if ask.experts:
                yield Noted("There is no picture to look at, so no expert was used.")
            yield from self._speak(ask, fitted, None)
            return
        picture = yield from self._look(ask)
        routing = yield from self._route(ask, routing_ids, picture)
        if routing is None:
            return
        yield from self._encode(ask, picture, routing)
        if ask.stop.is_set():
            return
        image_tokens = yield from self._fuse(ask, fitted, picture, routing)
        yield from self._speak(ask, fitted, image_tokens)

    def _fit(self, ask: _Ask) -> tuple[Fitted, tuple[int, ...]]:
        """The answering prompt and, where the router is asked, the ids of its prompt, else ()."""
        loaded, new_tokens = self._loaded, ask.decoding.max_new_tokens
        template, tokenizer, config = self._template, loaded.tokenizer, loaded.config
        with_image = ask.image is not None
        fitted = fit_conversation(
            template, tokenizer, config, ask.history, ask.question, with_image, new_tokens
        )
        if not with_image or ask.experts is not None:
            return fitted, ()
        return fitted, fit_routing(template, tokenizer, config, ask.question)

    def _look(self, ask: _Ask) -> Generator[Event, None, Picture]:
        """Views and base features of the picture, once per content."""
        image, picture = ask.image, self._pictures.picture(ask.image.digest)
        if image.note:
            yield Noted(image.note)
        seconds = 0.0
        if picture.views is None:
            embeddings = self._model.get_input_embeddings().weight
            views, seconds = self._timed(lambda: build_views(image.pixels, self._loaded.config))
            picture.views = views.to(embeddings.device, embeddings.dtype)
        yield ImageRead(*image.pixels.size, seconds)
        if ask.stop.is_set():
            return picture
        reused, seconds = picture.base is not None, 0.0
        if not reused:
            picture.base, seconds = self._timed(lambda: self._model.encode_base(picture.views))
        yield BaseEncoded(seconds, reused)
        return picture

    def _route(
        self, ask: _Ask, ids: tuple[int, ...], picture: Picture
    ) -> Generator[Event, None, Routing | None]:
        """The experts for this question: a person's own choice, or pass 1; None after a stop."""
        if ask.stop.is_set():
            return None
        if ask.experts is not None:
            routing, reused, seconds = forced_routing(ask.experts), False, 0.0
        else:
            (routing, reused), seconds = self._timed(lambda: self._ask_router(ask, ids, picture))
            if ask.stop.is_set():
                return None
        yield Routed(routing, seconds, reused)
        return routing

    def _encode(self, ask: _Ask, picture: Picture, routing: Routing) -> Iterator[Event]:
        """The chosen experts' features on the base grid, each once per content."""
        for letter in routing.experts:
            if ask.stop.is_set():
                return
            reused, seconds = letter in picture.experts, 0.0
            if not reused:
                picture.experts[letter], seconds = self._timed(
                    lambda letter=letter: self._model.encode_expert(letter, picture.views)
                )
            yield ExpertEncoded(letter, seconds, reused)

    def _fuse(
        self, ask: _Ask, fitted: Fitted, picture: Picture, routing: Routing
    ) -> Generator[Event, None, Tensor]:
        """The image tokens [n, H] of pass 2, fused by question and picture."""
        questions = [*(turn.question for turn in fitted.turns), ask.question]
        limit = self._loaded.config.text_encoder.max_position_embeddings
        text, dropped = fit_gate_text(self._loaded.text_tokenizer, limit, questions)
        if dropped:
            yield Noted(f"The gate's text encoder has no room for the {dropped} oldest questions.")
        experts = {letter: picture.experts[letter] for letter in routing.experts}

        def work() -> Fused:
            return self._model.fuse(
                picture.base, experts, self._text_features(text, limit), self._routing_row(routing.experts)
            )

        fused, seconds = self._timed(work)
        gates = Gates(_rows(fused.masked[0]), _rows(fused.unmasked[0]))
        side = self._loaded.config.image_feat_size
        maps = fused.contributions[0].float().cpu().unflatten(-1, (side, side)).numpy()
        yield Gated(gates, maps, seconds)
        return fused.tokens[0]

    def _speak(self, ask: _Ask, fitted: Fitted, image_tokens: Tensor | None) -> Iterator[Event]:
        """Pass 2's words, or plain chat's when there are no image tokens."""
        if ask.stop.is_set():
            return
        adapter = None if image_tokens is None else "answer"
        with pass_adapter(self._loaded, adapter):
            cache = DynamicCache(config=self._model.config)
            logits, seconds = self._timed(
                lambda: prefill(self._model, self._model.embed(fitted.ids, image_tokens), cache)
            )
            yield Prefilled(seconds, positions(fitted.ids, self._loaded.config.image_tokens))
            stream, seconds, count = TextStream(self._loaded.tokenizer), 0.0, 0
            choose, limit = chooser(ask.decoding), ask.decoding.max_new_tokens
            walk = steps(self._model, logits, cache, choose, self._ends, limit, ask.stop)
            while True:
                # Only the model's own time is counted, not what the reader of the events takes.
                step, spent = self._timed(lambda: next(walk, None))
                seconds += spent
                if step is None or step.token in self._ends:
                    break
                count += 1
                if piece := stream.push(step.token):
                    yield Piece(piece)
            if piece := stream.finish():
                yield Piece(piece)
            yield Decoded(seconds, count)

    def _ask_router(self, ask: _Ask, ids: tuple[int, ...], picture: Picture) -> tuple[Routing, bool]:
        """Pass 1: (the router's choice, whether the prompt's prefix was reused)."""
        tokenizer, config = self._loaded.tokenizer, self._loaded.config
        with pass_adapter(self._loaded, "routing"):
            prefix, reused = self._routing_prefix(picture)
            # Tokens may merge across the seam before the question, and one position must be left to run.
            shared = min(_common_length(prefix.ids, ids), len(ids) - 1)
            cache = prefix.reopened(self._model.config, positions(ids[:shared], config.num_routing_tokens))
            logits = prefill(self._model, self._model.embed(ids[shared:]), cache)
            texts, probabilities, spoken = [], [], []
            for step in steps(self._model, logits, cache, greedy, self._ends, ROUTING_NEW_TOKENS, ask.stop):
                probabilities.append(self._letters.read(torch.softmax(step.logits, dim=-1).cpu().numpy()))
                spoken += [] if step.token in self._ends else [step.token]
                texts.append(decode_text(tokenizer, spoken))
        prompt = routing_prompt(self._template, ask.question).text
        return routing_from_steps(texts, probabilities, prompt), reused

    def _routing_prefix(self, picture: Picture) -> tuple[Prefix, bool]:
        """Keys and values of the routing prompt up to the question, under the adapter that is on."""
        key = ("routing" if "routing" in self._loaded.adapters else None, self.info.precision)
        if key in picture.prefixes:
            return picture.prefixes[key], True
        ids = tuple(encode(routing_prefix(self._template), self._loaded.tokenizer))
        # With nothing routed no question enters the image tokens, so any text will do: none.
        text = picture.base.new_zeros(1, self._loaded.config.text_encoder.hidden_size)
        plain = self._model.fuse(picture.base, {}, text, self._routing_row(()))
        image_tokens = self._model.pool_for_routing(plain.tokens)[0]
        cache = DynamicCache(config=self._model.config)
        prefill(self._model, self._model.embed(ids, image_tokens), cache)
        picture.prefixes[key] = Prefix.of(ids, cache)
        return picture.prefixes[key], False

    def _text_features(self, text: str, limit: int) -> Tensor:
        """[1, text width]: what BERT makes of the questions."""
        tokens = self._loaded.text_tokenizer(text, truncation=True, max_length=limit, return_tensors="pt")
        device = self._model.device
        return self._model.encode_text(tokens.input_ids.to(device), tokens.attention_mask.to(device))

    def _routing_row(self, letters: Sequence[str]) -> Tensor:
        """[1, 7]: 1 for a routed expert."""
        row = torch.zeros(1, len(EXPERTS))
        row[0, indices(letters)] = 1
        return row.to(self._model.device)

    def _timed(self, work: Callable[[], T]) -> tuple[T, float]:
        """(what `work` returns, seconds until the device was done with it)."""
        started = perf_counter()
        with torch.inference_mode():
            result = work()
        if self._model.device.type == "cuda":
            torch.cuda.synchronize(self._model.device)
        return result, perf_counter() - started


def drain(events: Iterator[Event]) -> Trace:
    """The whole trace of an answer."""
    for event in events:
        if isinstance(event, Done):
            return event.trace
    raise AssertionError("an answer ends with Done")


def _end_ids(loaded: Loaded) -> frozenset[int]:
    """Ids that end a text according to the tokenizer and the checkpoint's configurations."""
    ends: set[int] = set()
    generation = getattr(loaded.model, "generation_config", None)
    for given in (
        loaded.tokenizer.eos_token_id,
        loaded.config.eos_token_id,
        generation and generation.eos_token_id,
    ):
        ends.update(given if isinstance(given, list | tuple) else [given])
    return frozenset(end for end in ends if end is not None)


def _common_length(first: Sequence[int], second: Sequence[int]) -> int:
    pairs = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _rows(gates: Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in gates.float().cpu().tolist())


def _turns_dropped(count: int) -> str:
    turns = "turn" if count == 1 else f"{count} turns"
    return f"The conversation no longer fits the model's context: the oldest {turns} were left out."
