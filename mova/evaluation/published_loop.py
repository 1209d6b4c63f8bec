"""The published way to answer, written plainly: what the engine is measured against.

Two `generate` calls of transformers; CLIP looks at the picture for each of them; only what the experts saw is
kept of a picture, as the released evaluation scripts keep it. Prompts, reply reader and sampling are ours, so
that the answers can be compared word for word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, cast

import torch
from torch import Tensor
from transformers import GenerationConfig
from transformers.generation.streamers import BaseStreamer

from mova.checkpoint.loading import Loaded
from mova.images import CheckedImage
from mova.language.context import ROUTING_NEW_TOKENS
from mova.language.decoding import TextStream, decode_text, whole_text
from mova.language.lora import lora_on
from mova.language.prompts import Turn, answer_prompt, encode, gate_text, routing_prompt
from mova.language.routing import parse_reply
from mova.prepared import Prepared
from mova.vision.experts.pool import EXPERTS, indices
from mova.vision.views import Views, build_views


@dataclass(frozen=True)
class Reply:
    """One answer: its text and experts, and the seconds to its first word and to its end."""

    text: str
    experts: tuple[str, ...]
    first_word: float
    total: float


@dataclass
class Words(BaseStreamer):
    """What `generate` streams into: notes when the first word of the text was certain."""

    tokenizer: Any
    began: float
    first_word: float | None = None
    stream: TextStream = field(init=False)

    def __post_init__(self):
        self.stream = TextStream(self.tokenizer)

    def put(self, ids: Tensor) -> None:
        """The next token; `generate` hands the prompt's ids over first, of which there are none."""
        for token in ids.flatten().tolist():
            if self.first_word is None and self.stream.push(token):
                self.first_word = perf_counter() - self.began

    def end(self) -> None:
        """No more tokens."""


class PublishedLoop:
    """The loop over a loaded model. It keeps the experts' features of every picture it has seen."""

    def __init__(self, loaded: Loaded):
        self.loaded = loaded
        prepared = Prepared.of(loaded)
        self.template, self.ends = prepared.template, sorted(prepared.ends)
        self.kept: dict[tuple[str, str], Tensor] = {}

    @torch.inference_mode()
    def ask(
        self,
        image: CheckedImage,
        question: str,
        history: Sequence[Turn] = (),
        experts: Sequence[str] | None = None,
        new_tokens: int = 64,
    ) -> Reply:
        """One answer; `experts` takes the place of the first `generate`."""
        loaded, tokenizer = self.loaded, self.loaded.tokenizer
        words = Words(tokenizer, perf_counter())
        views = build_views(image.pixels, loaded.config).to(loaded.model.device, loaded.model.dtype)
        letters = tuple(experts) if experts is not None else self._route(views, question)
        tokens = self._image_tokens(views, image.digest, [*(t.question for t in history), question], letters)
        prompt = encode(answer_prompt(self.template, history, question, True), tokenizer)
        ids = self._generate("answer", prompt, tokens, new_tokens, words)
        total = perf_counter() - words.began
        return Reply(whole_text(tokenizer, ids), letters, words.first_word or total, total)

    def _route(self, views: Views, question: str) -> tuple[str, ...]:
        tokens = self._image_tokens(views, "", [question], ())
        pooled = self.loaded.model.pool_for_routing(tokens[None])[0]
        prompt = encode(routing_prompt(self.template, question), self.loaded.tokenizer)
        ids = self._generate("routing", prompt, pooled, ROUTING_NEW_TOKENS)
        return parse_reply(decode_text(self.loaded.tokenizer, ids))

    def _image_tokens(
        self, views: Views, digest: str, questions: Sequence[str], letters: tuple[str, ...]
    ) -> Tensor:
        """[n, H]: what the adapter makes of the picture."""
        loaded, model = self.loaded, self.loaded.model
        for letter in letters:
            if (digest, letter) not in self.kept:
                self.kept[digest, letter] = model.encode_expert(letter, views)
        limit = loaded.config.text_encoder.max_position_embeddings
        read = loaded.text_tokenizer(
            gate_text(questions), truncation=True, max_length=limit, return_tensors="pt"
        ).to(model.device)
        routing = torch.zeros(1, len(EXPERTS))
        routing[0, indices(letters)] = 1
        seen = {letter: self.kept[digest, letter] for letter in letters}
        text = model.encode_text(read.input_ids, read.attention_mask)
        return model.fuse(model.encode_base(views), seen, text, routing.to(model.device)).tokens[0]

    def _generate(
        self, lora: str, prompt: Sequence[int], tokens: Tensor, limit: int, words: Words | None = None
    ) -> list[int]:
        """The new ids, the end token among them."""
        settings = GenerationConfig(
            max_new_tokens=limit, do_sample=False, eos_token_id=self.ends, pad_token_id=self.ends[0]
        )
        with lora_on(self.loaded, lora):
            model: Any = self.loaded.model  # the library's type for `self` is its own
            embeddings = model.embed(prompt, tokens)
            found = model.generate(inputs_embeds=embeddings, generation_config=settings, streamer=words)
        return found[0].tolist()


@torch.inference_mode()
def generated_per_second(loaded: Loaded, ids: Sequence[int], count: int, lora: str | None) -> float:
    """Tokens per second of `generate`: `count` of them after the first one, no token ending the text."""
    settings = GenerationConfig(max_new_tokens=count + 1, do_sample=False, eos_token_id=-1, pad_token_id=0)
    clock, model = Clock(), cast(Any, loaded.model)  # the library's type for `self` is its own
    with lora_on(loaded, lora):
        model.generate(inputs_embeds=model.embed(ids), generation_config=settings, streamer=clock)
    return count / (clock.moments[-1] - clock.moments[-1 - count])


@dataclass
class Clock(BaseStreamer):
    """Notes when each token came."""

    moments: list[float] = field(default_factory=list)

    def put(self, ids: Tensor) -> None:
        """A token has come."""
        self.moments.append(perf_counter())

    def end(self) -> None:
        """No more tokens."""
