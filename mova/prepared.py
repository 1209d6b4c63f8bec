"""A loaded model made ready to answer: what follows from it once and for all, and from no question."""

from collections.abc import Mapping
from dataclasses import dataclass

from mova.checkpoint.loading import Loaded
from mova.errors import CheckpointError
from mova.language.decoder import Decoder, build_decoders
from mova.language.prompts import TEMPLATES, Template, stop_ids
from mova.language.routing import LetterTable


@dataclass(frozen=True)
class Prepared:
    """A loaded model with what is made of it once: its prompt template, the ids that end a text, the
    vocabulary's letters, and the language model as each pass runs it."""

    loaded: Loaded
    template: Template
    ends: frozenset[int]
    letters: LetterTable
    decoders: Mapping[str | None, Decoder]

    @classmethod
    def of(cls, loaded: Loaded) -> "Prepared":
        """Raises CheckpointError when the checkpoint names a template that is not known."""
        config = loaded.config
        if config.template not in TEMPLATES:
            raise CheckpointError(
                f"The checkpoint's prompt template {config.template!r} is unknown. Expected one of"
                f" {', '.join(TEMPLATES)}: set `template` in its config.json."
            )
        template = TEMPLATES[config.template].with_system(config.system_sentence)
        ends = _end_ids(loaded) | stop_ids(template, loaded.tokenizer)
        letters = LetterTable.from_tokenizer(loaded.tokenizer)
        return cls(loaded, template, ends, letters, build_decoders(loaded.model, loaded.loras, loaded.blocks))

    def decoder(self, name: str) -> Decoder:
        """The language model of a pass ("routing", "answer", "chat"): under its LoRA, if it has one."""
        return self.decoders.get(name, self.decoders[None])


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
