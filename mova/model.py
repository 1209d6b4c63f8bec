"""MovaForCausalLM: vision tower, MoV-Adapter and Llama under the names of the released checkpoint.

Composition only. One answer is made of these calls, and every state between them is a value the
caller holds (features per image, text, key-value caches):

    base    = model.encode_base(views)                              # [B, L, C]
    plain   = model.fuse(base, {}, text, zeros)                     # pass 1: no expert
    router  = model.embed(routing_ids, model.pool_for_routing(plain.tokens)[0])
    experts = {letter: model.encode_expert(letter, views) for letter in picked}
    fused   = model.fuse(base, experts, text, routing)              # pass 2
    output  = model(inputs_embeds=model.embed(answer_ids, fused.tokens[0]))

The short way is `model.answer(image, question)`; the engine makes these calls then.
"""

from collections.abc import Sequence
from math import isqrt
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from transformers.models.llama.modeling_llama import LlamaForCausalLM, LlamaModel, LlamaPreTrainedModel

from mova.adapter import Fused, MovAdapter
from mova.checkpoint import key_map
from mova.checkpoint.pretrained import Pretrained
from mova.config import MovaConfig
from mova.language.prompts import IMAGE_TOKEN
from mova.trace import Trace
from mova.vision.grid import pool_map, to_map, to_tokens
from mova.vision.tower import VisionTower
from mova.vision.views import Views

key_map.register()
ENGINE = "_engine"  # where a model that was asked the short way keeps its engine


class MovaPreTrainedModel(LlamaPreTrainedModel):
    """What `from_pretrained` needs to know: the configuration class and the entries it may drop."""

    config_class = MovaConfig
    base_model_prefix = "model"
    _keys_to_ignore_on_load_unexpected = list(key_map.DROPPED)


class MovaModel(MovaPreTrainedModel, LlamaModel):
    """Llama's decoder; the vision tower and the adapter are its children, as in the checkpoint."""

    def __init__(self, config: MovaConfig):
        super().__init__(config)
        self.vision_tower = VisionTower(config)
        self.mm_projector = MovAdapter(config)
        self.post_init()


class MovaForCausalLM(Pretrained, MovaPreTrainedModel, LlamaForCausalLM):
    """The whole model. `forward` is Llama's; the methods below make its `inputs_embeds`."""

    config: MovaConfig
    device: torch.device
    dtype: torch.dtype

    def __init__(self, config: MovaConfig):
        # Not LlamaForCausalLM's constructor: that would build a Llama only to throw it away.
        MovaPreTrainedModel.__init__(self, config)
        self.model = MovaModel(config)
        self.vocab_size = config.vocab_size
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def answer(self, image: Image.Image | str | Path | None, question: str, **options) -> Trace:
        """Routes and answers one question; the trace prints as the answer and holds how it came about.

        `image` is a picture, its file, or None for plain chat; `options` are those of `Engine.answer`. The
        tokenizers are looked for where the model was loaded from.
        """
        from mova.engine import engine_of  # the short way: the one door from here upwards

        return engine_of(self).ask(image, question, **options)

    def __getstate__(self) -> dict:
        """What is copied: an engine belongs to one model and its lock to one process."""
        return {name: value for name, value in vars(self).items() if name != ENGINE}

    def encode_base(self, views: Views) -> Tensor:
        """CLIP's features of the base view, [B, L, C]."""
        return self.model.vision_tower.encode_base(views)

    def encode_expert(self, letter: str, views: Views) -> Tensor:
        """One expert's features on the base grid, [B, L, C_e]. They depend on the image alone."""
        tower = self.model.vision_tower
        return tower.to_base_grid(tower.encode_expert(letter, views))

    def encode_text(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """BERT token ids and mask [B, n] of the conversation's questions -> [B, text width]."""
        return self.model.mm_projector.encode_text(input_ids, attention_mask)

    def fuse(self, base: Tensor, experts: dict[str, Tensor], text: Tensor, routing: Tensor) -> Fused:
        """Image tokens and gates of base features, expert features, text and routing rows [B, 7]."""
        return self.model.mm_projector(base, experts, text, routing)

    def pool_for_routing(self, tokens: Tensor) -> Tensor:
        """Image tokens [B, n, H], a square grid -> [B, num_routing_tokens, H] (576 -> 144 at 8B)."""
        return to_tokens(pool_map(to_map(tokens), isqrt(self.config.num_routing_tokens)))

    def embed(self, input_ids: Sequence[int] | Tensor, image_tokens: Tensor | None = None) -> Tensor:
        """One prompt's token ids -> [1, T, H], the image tokens [n, H] in place of `IMAGE_TOKEN`.

        A prompt has at most one image marker, and it has one exactly when there are image tokens.
        """
        table = self.model.embed_tokens
        ids = torch.as_tensor(input_ids, device=table.weight.device).flatten()
        places = (ids == IMAGE_TOKEN).nonzero().flatten().tolist()
        assert len(places) == (image_tokens is not None), f"{len(places)} image markers in a prompt"
        if image_tokens is None:
            return table(ids)[None]
        before, after = table(ids[: places[0]]), table(ids[places[0] + 1 :])
        return torch.cat([before, image_tokens.to(before.dtype), after])[None]
