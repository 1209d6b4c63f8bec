"""Llama's forward for one sequence, over the model's own modules and weights.

    decoder = build_decoder(model, lora="answer")
    cache = decoder.cache(capacity)
    logits = decoder.prefill(model.embed(ids), cache)
    logits = decoder.step(token, cache)

It computes what transformers' Llama computes without what a single sequence does not need: one product for
query, key and value and one for gate and up, rotary tables made once, room for keys and values taken once,
no mask while decoding, a LoRA as one small product. On a CPU the states between the products are float32 in
every precision: that is more exact there, and no slower.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers.models.llama.modeling_llama import LlamaDecoderLayer, LlamaForCausalLM

from mova.attention import GROUP_PLACES, attend_in_groups, queries_at_once
from mova.language.blocks import block_product
from mova.language.key_values import KeyValues, empty_key_values
from mova.language.projection import (
    MOST_ROWS,
    Dense,
    Packed,
    PackedSwiGlu,
    Product,
    Projection,
    SwiGlu,
    blank_rows,
    build_low_rank,
    build_product,
    may_pack_each,
)

PACKED_BYTES = 10**9  # layers of a small model may be held a second time, packed for the processor
CPU_ROWS = 64  # queries at a time on a processor, where a kernel computes what the mask hides
Step = Callable[[int], Tensor]  # a token -> the logits [V] (float32) after it
# Fused [T, (heads + 2 kv heads) * d] and a layer's room -> what the heads saw, [T or 1, heads * d].
Attend = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Layer:
    """One decoder layer: two norms' scales [H], three projections and a SwiGLU."""

    input_norm: Tensor
    qkv: Projection
    out: Projection
    mlp_norm: Tensor
    swiglu: SwiGlu | PackedSwiGlu
    down: Projection

    @property
    def products(self) -> tuple[Product, ...]:
        """All that is multiplied with weights."""
        return (self.qkv.product, self.out.product, *self.swiglu.products, self.down.product)


@dataclass(frozen=True)
class Rotary:
    """Tables [positions, head dim]: cosine, and sine with its first half negated, so that turning is
    `x * cosine + halves swapped(x) * sine`."""

    cosine: Tensor
    sine: Tensor

    def turn(self, states: Tensor, places: slice | Tensor) -> Tensor:
        """Queries or keys [T, heads, head dim] at these T positions."""
        swapped = torch.roll(states, states.shape[-1] // 2, dims=-1)
        return torch.addcmul(states * self.cosine[places, None], swapped, self.sine[places, None])


@dataclass(frozen=True)
class Decoder:
    """A language model under one LoRA or none. Nothing is kept between calls but in the cache handed in."""

    layers: tuple[Layer, ...]
    step_layers: tuple[Layer, ...]  # the same ones, for one token: its products may read fewer bytes
    embedding: nn.Embedding
    norm: Tensor
    head: Projection
    rotary: Rotary
    heads: int
    kv_heads: int
    head_dim: int
    eps: float
    dtype: torch.dtype  # of the states between the products
    within: torch.dtype  # in which a prompt's products and attention read them

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.embedding.weight.device

    @property
    def narrow(self) -> bool:
        """Whether a prompt's products and attention are 16 bits between states of 32."""
        return self.within != self.dtype

    def cache(self, capacity: int) -> KeyValues:
        """Room for a sequence of at least `capacity` places."""
        capacity += -capacity % GROUP_PLACES if self.narrow else 0
        return empty_key_values(
            len(self.layers), self.kv_heads, self.head_dim, capacity, self.dtype, self.device
        )

    @torch.inference_mode()
    def prefill(self, embeddings: Tensor, cache: KeyValues) -> Tensor:
        """Runs [1, T, H] into `cache` behind what is there; the logits [V] (float32) after the last place."""
        *_, last = (self._run(part, cache) for part in self._parts(embeddings))
        return self._logits(last)[0]

    @torch.inference_mode()
    def every(self, embeddings: Tensor, cache: KeyValues) -> Tensor:
        """As `prefill`, with the logits after every place: [T, V] (float32)."""
        runs = ((part, self._run(part, cache, every=True)) for part in self._parts(embeddings))
        return torch.cat([self._logits(states)[-len(part) :] for part, states in runs])

    @torch.inference_mode()
    def fill(self, embeddings: Tensor, cache: KeyValues) -> None:
        """The same for a prompt's beginning, after which nothing is said."""
        for part in self._parts(embeddings):
            self._run(part, cache)

    @torch.inference_mode()
    def step(self, token: int, cache: KeyValues) -> Tensor:
        """Runs one token; the logits [V] (float32) after it."""
        states = self.embedding.weight[token, None].to(self.dtype)
        attend = partial(self._attend, places=cache.claim(1), mask=None)
        for layer, kept in zip(self.step_layers, cache.states, strict=True):
            states = self._layer(layer, states, kept, attend)
        return self._logits(states)[0]

    @torch.inference_mode()
    def step_in(self, token: Tensor, place: Tensor, states: Tensor) -> Tensor:
        """As `step` with nothing but tensors, so that it can be recorded: `token` [1] comes to `place` [1] of
        `states`, a cache's of which every number is finite, and sees what is there up to its place."""
        hidden = F.embedding(token, self.embedding.weight).to(self.dtype)
        visible = torch.arange(states.shape[3], device=states.device)[None] <= place
        attend = partial(self._attend_in, place=place, visible=visible)
        for layer, kept in zip(self.step_layers, states, strict=True):
            hidden = self._layer(layer, hidden, kept, attend)
        return self._logits(hidden)[0]

    def stepping(self, cache: KeyValues) -> AbstractContextManager[Step]:
        """The step behind a cache, for as long as it is entered."""
        return nullcontext(partial(self.step, cache=cache))

    def ready(self, capacity: int) -> None:
        """Does what the first step behind a cache of `capacity` places would wait for: nothing here."""

    def _parts(self, embeddings: Tensor) -> tuple[Tensor, ...]:
        """[1, T, H] in as many parts [T, H] as are run at a time."""
        return embeddings[0].split(MOST_ROWS) if self.narrow else (embeddings[0],)

    def _run(self, embeddings: Tensor, cache: KeyValues, *, every: bool = False) -> Tensor:
        """[T, H] -> the last place's states [1, H], or of every place behind blank rows; before the last
        norm."""
        count = len(embeddings)
        places = cache.claim(count)
        mask = self._mask(count, places.stop)
        blank = blank_rows(count, self.embedding.weight.dtype, self.device)
        states = F.pad(embeddings.to(self.dtype), (0, 0, blank, 0))
        for layer, kept in zip(self.layers[:-1], cache.states, strict=False):
            states = self._layer(layer, states, kept, partial(self._attend, places=places, mask=mask))
        # Nobody reads the last layer's states of any place but the last one, unless all are asked for.
        attend = partial(self._attend, places=places, mask=mask if every else None)
        return self._layer(self.layers[-1], states, cache.states[-1], attend)

    def _mask(self, count: int, end: int) -> Tensor:
        """Who the last `count` of `end` places may look at: bool, or where whole products in 16 bits are
        worth it, numbers to add to the scores of GROUP_PLACES' multiples of both."""
        visible = _causal(count, end, self.device)
        if not self.narrow or count < GROUP_PLACES:
            return visible
        blank = (0, -end % GROUP_PLACES, -count % GROUP_PLACES, 0)  # behind the places, before the rows
        added = torch.zeros(visible.shape, dtype=self.dtype).masked_fill_(~visible, float("-inf"))
        added = F.pad(added, blank, value=float("-inf"))
        added[: blank[2]] = 0  # nobody reads what a blank row sees, but it must be a number
        return added

    def _layer(self, layer: Layer, states: Tensor, kept: Tensor, attend: Attend) -> Tensor:
        """[T, H] -> [T, H], or [1, H] of the last place where no other attends; `kept` [2, kv heads,
        capacity, head dim] takes this layer's keys and values. Blank rows may come before the T."""
        width = states.shape[1:]
        normed = F.rms_norm(states, width, layer.input_norm, self.eps)
        seen = attend(layer.qkv(normed), kept)
        states = states[-len(seen) :] + layer.out(seen)
        return states + layer.down(layer.swiglu(F.rms_norm(states, width, layer.mlp_norm, self.eps)))

    def _attend(self, qkv: Tensor, kept: Tensor, places: range, mask: Tensor | None) -> Tensor:
        """Every place sees those before it, or with no mask the last one all of them."""
        query, key, value = self._split(qkv[-len(places) :], slice(places.start, places.stop))
        kept[0, :, places.start : places.stop] = key.transpose(0, 1)
        kept[1, :, places.start : places.stop] = value.transpose(0, 1)
        if mask is not None and mask.dtype is not torch.bool:
            return self._attend_narrowly(query, kept, places, mask)[-len(qkv) :]
        keys, values = kept[:, None, :, : places.stop].unbind(0)
        if mask is None:
            # One place: the heads that share a key-value head are its queries, so nothing is repeated.
            seen = F.scaled_dot_product_attention(query[-1:].unflatten(1, (self.kv_heads, -1)), keys, values)
            return seen.flatten(1)
        rows, shared = CPU_ROWS, self.heads > self.kv_heads
        if self.device.type != "cpu":
            rows = queries_at_once(query.transpose(0, 1)[None], keys, values, mask, shared)
        seen, blank = torch.zeros_like(qkv[:, : query[0].numel()]), len(qkv) - len(query)
        for top in range(0, len(query), rows):
            part = slice(top, min(top + rows, len(query)))
            end = places.start + part.stop  # nobody in this part looks further
            found = F.scaled_dot_product_attention(
                query[part].transpose(0, 1)[None], keys[:, :, :end], values[:, :, :end],
                attn_mask=mask[part, :end], enable_gqa=shared,
            )  # fmt: skip
            seen[blank + part.start : blank + part.stop] = found[0].transpose(0, 1).flatten(1)
        return seen

    def _attend_narrowly(self, query: Tensor, kept: Tensor, places: range, mask: Tensor) -> Tensor:
        """The same in 16 bits: [T, heads, d] -> [rows, heads * d] of which the last T are real."""
        rows, end = mask.shape
        kept[:, :, places.stop : end] = 0  # what a mask hides is still multiplied
        scaled = F.pad((query * self.head_dim**-0.5).to(self.within), (0, 0, 0, 0, rows - len(query), 0))
        keys, values = kept[:, :, :end].to(self.within)
        return attend_in_groups(scaled, keys, values, mask, places.stop)

    def _attend_in(self, qkv: Tensor, kept: Tensor, place: Tensor, visible: Tensor) -> Tensor:
        """One place, and what it may see (bool [1, capacity]) of the whole room."""
        query, key, value = self._split(qkv, place)
        kept[0].index_copy_(1, place, key.transpose(0, 1))
        kept[1].index_copy_(1, place, value.transpose(0, 1))
        keys, values = kept[:, None].unbind(0)
        query = query.unflatten(1, (self.kv_heads, -1))
        return F.scaled_dot_product_attention(query, keys, values, attn_mask=visible).flatten(1)

    def _split(self, qkv: Tensor, places: slice | Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Fused -> queries [T, heads, d], keys and values [T, kv heads, d], the first two turned."""
        split = qkv.unflatten(1, (-1, self.head_dim))
        turned = self.rotary.turn(split[:, : self.heads + self.kv_heads], places)
        return turned[:, : self.heads], turned[:, self.heads :], split[:, self.heads + self.kv_heads :]

    def _logits(self, states: Tensor) -> Tensor:
        """[T, H] -> [T, V]."""
        return self.head(F.rms_norm(states, states.shape[1:], self.norm, self.eps)).float()


# A layer's products: the modules that each is made of, by their names in the layer.
FUSED = {
    "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "out": ("self_attn.o_proj",),
    "gate_up": ("mlp.gate_proj", "mlp.up_proj"),
    "down": ("mlp.down_proj",),
}


def build_decoders(
    model: LlamaForCausalLM, loras: Collection[str] = (), blocks: Mapping[str, Any] | None = None
) -> dict[str | None, Decoder]:
    """A decoder for each LoRA of the model, and under None one without. They share all but the LoRAs.

    `blocks` are weights as the checkpoint packs them, by their stored names: a step reads those.
    """
    config = model.config
    assert config.hidden_act == "silu", config.hidden_act
    stored = blocks or {}
    dtype = torch.float32 if model.device.type == "cpu" else model.dtype
    pack = sum(weight.nbytes for weight in model.model.layers.parameters()) <= PACKED_BYTES
    products = [_products(layer, pack) for layer in model.model.layers]
    within = model.dtype if isinstance(products[0]["qkv"], Dense | Packed) else dtype
    step_products = [
        {
            part: block_product([f"model.layers.{index}.{name}.weight" for name in names], stored)
            or whole[part]
            for part, names in FUSED.items()
        }
        for index, whole in enumerate(products)
    ]
    head = build_product([model.lm_head])
    names = ["model.embed_tokens.weight" if config.tie_word_embeddings else "lm_head.weight"]
    shared = {
        "embedding": model.model.embed_tokens,
        "norm": model.model.norm.weight.to(dtype),
        "head": Projection(block_product(names, stored) or head, dtype),
        "rotary": build_rotary(model, dtype),
        "heads": config.num_attention_heads,
        "kv_heads": config.num_key_value_heads,
        "head_dim": config.head_dim,
        "eps": config.rms_norm_eps,
        "dtype": dtype,
        "within": within,
    }
    return {
        lora: Decoder(
            layers=_layers(model, products, lora, dtype, within),
            step_layers=_layers(model, step_products, lora, dtype, dtype),
            **shared,
        )
        for lora in (None, *loras)
    }


def build_rotary(model: LlamaForCausalLM, dtype: torch.dtype) -> Rotary:
    """Tables for every position the model was made for, from its own frequencies."""
    source = model.model.rotary_emb
    positions = torch.arange(model.config.max_position_embeddings, device=source.inv_freq.device)
    angles = torch.outer(positions.float(), source.inv_freq.float())
    cosine, sine = (f() * source.attention_scaling for f in (angles.cos, angles.sin))
    return Rotary(torch.cat([cosine, cosine], dim=1).to(dtype), torch.cat([-sine, sine], dim=1).to(dtype))


def _products(layer: LlamaDecoderLayer, pack: bool) -> dict[str, Product]:
    found: dict[str, Product] = {}
    for part, names in FUSED.items():
        modules = [layer.get_submodule(name) for name in names]
        if part == "gate_up" and pack and may_pack_each(modules):
            found[part] = PackedSwiGlu.of(*modules)
        else:
            found[part] = build_product(modules, pack)
    return found


def _layers(
    model: LlamaForCausalLM,
    products: list[dict[str, Product]],
    lora: str | None,
    dtype: torch.dtype,
    within: torch.dtype,
) -> tuple[Layer, ...]:
    """The layers under one LoRA, for states as `dtype` that the products read as `within`."""
    made = []
    for layer, whole in zip(model.model.layers, products, strict=True):
        projections = {
            part: Projection(
                whole[part],
                dtype,
                build_low_rank([layer.get_submodule(name) for name in names], lora, dtype, within),
            )
            for part, names in FUSED.items()
        }
        gate_up, packed = projections.pop("gate_up"), whole["gate_up"]
        swiglu: SwiGlu | PackedSwiGlu = packed if isinstance(packed, PackedSwiGlu) else SwiGlu(gate_up)
        norms = (layer.input_layernorm.weight, layer.post_attention_layernorm.weight)
        made.append(Layer(norms[0].to(dtype), mlp_norm=norms[1].to(dtype), swiglu=swiglu, **projections))
    return tuple(made)


def _causal(count: int, end: int, device: torch.device) -> Tensor:
    """Bool [count, end]: who the last `count` of `end` places may look at."""
    return torch.ones((count, end), dtype=torch.bool, device=device).tril(end - count)
