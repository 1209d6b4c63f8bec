"""A loaded model with what is made of it once, before the first question."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from mova.checkpoint.loading import Loaded
from mova.errors import CheckpointError
from mova.language.context import ROUTING_NEW_TOKENS, positions
from mova.language.decoder import Decoder, build_decoders
from mova.language.prompts import TEMPLATES, Template, answer_prompt, encode, routing_prompt, stop_ids
from mova.language.recording import record_on_card, recorded_decoders
from mova.language.routing import LetterTable
from mova.request import Decoding

USUAL_QUESTION = "What is in this picture, and where in it?"


@dataclass(frozen=True)
class Prepared:
    """What every stage is handed: the loaded model, its prompt template, the ids that end a text, the
    vocabulary's letters, and the language model as each pass runs it."""

    loaded: Loaded
    template: Template
    ends: frozenset[int]
    letters: LetterTable
    decoders: Mapping[str | None, Decoder]

    @classmethod
    def of(cls, loaded: Loaded) -> "Prepared":
        """Raises CheckpointError when the checkpoint names a template that is not known, or its tokenizer is
        another model's."""
        config = loaded.config
        if config.template not in TEMPLATES:
            raise CheckpointError(
                f"The checkpoint's prompt template {config.template!r} is unknown. Expected one of"
                f" {', '.join(TEMPLATES)}: set `template` in its config.json."
            )
        template = TEMPLATES[config.template].with_system(config.system_sentence)
        stops = stop_ids(template, loaded.tokenizer)
        if not stops:
            raise CheckpointError(
                f"The checkpoint's tokenizer.json knows none of the tokens that end an answer in the template"
                f" {template.name}, {' and '.join(template.stops)}: it is another model's. Fetch it again."
            )
        ends, letters = _end_ids(loaded) | stops, LetterTable.from_tokenizer(loaded.tokenizer)
        decoders = build_decoders(loaded.model, loaded.loras, loaded.blocks)
        if loaded.recorded:
            decoders = recorded_decoders(decoders, partial(record_on_card, loaded.model.device))
        return cls(loaded, template, ends, letters, decoders)

    def decoder(self, name: str) -> Decoder:
        """The language model of a pass ("routing", "answer", "chat"): under its LoRA, if it has one."""
        return self.decoders.get(name, self.decoders[None])

    def ready(self) -> None:
        """Does what the first question of usual length would wait for in its decoding."""
        tokenizer, config = self.loaded.tokenizer, self.loaded.config
        answer = encode(answer_prompt(self.template, (), USUAL_QUESTION, True), tokenizer)
        places = positions(answer, config.image_tokens) + Decoding().max_new_tokens
        self.decoder("answer").ready(places)  # the larger one first: the other fits into its room
        routing = encode(routing_prompt(self.template, USUAL_QUESTION), tokenizer)
        self.decoder("routing").ready(positions(routing, config.num_routing_tokens) + ROUTING_NEW_TOKENS)


def _end_ids(loaded: Loaded) -> frozenset[int]:
    """Ids that end a text according to the tokenizer and the checkpoint's configurations."""
    ends: set[int | None] = set()
    generation = getattr(loaded.model, "generation_config", None)
    for given in (
        loaded.tokenizer.eos_token_id,
        loaded.config.eos_token_id,
        generation and generation.eos_token_id,
    ):
        ends.update(given if isinstance(given, list | tuple) else [given])
    return frozenset(end for end in ends if end is not None)
