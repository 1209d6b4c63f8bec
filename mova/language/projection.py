"""Linear layers as one product: several that read the same states side by side, and a LoRA as a small one.

The language model's modules keep their weights; a fused product only lays them next to each other in memory
(each module's weight becomes a view), so nothing is held twice. Quantised layers are called as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Product = Callable[[Tensor], Tensor]


# oneDNN makes code for each number of rows that a product has, a megabyte, and keeps most of it for ever. So
# a text has a multiple of 16 of them there, a longer one of 32, and comes in parts of MOST_ROWS.
STEPS = ((320, 16), (512, 32))
MOST_ROWS = STEPS[-1][0]


def blank_rows(count: int, dtype: torch.dtype, device: torch.device) -> int:
    """How many rows of nothing are put beside `count` real ones, so that there are few numbers of rows."""
    if (device.type, dtype) != ("cpu", torch.bfloat16):
        return 0
    return -count % next((step for most, step in STEPS if count <= most), STEPS[-1][1])


@dataclass(frozen=True)
class LowRank:
    """A LoRA over the whole product: `down` [r, in] in the type that the product reads, and `up` [r, out] in
    the states' own, the scaling in it."""

    down: Tensor
    up: Tensor


@dataclass(frozen=True)
class Projection:
    """States [T, in] -> [T, out] as `dtype`: a product, and what a LoRA adds to it."""

    product: Product
    dtype: torch.dtype
    low_rank: LowRank | None = None

    def __call__(self, states: Tensor) -> Tensor:
        if self.low_rank is None:
            return self.product(states).to(self.dtype)
        given = states.to(self.low_rank.down.dtype)  # once for both
        found = self.product(given).to(self.dtype)
        return found.addmm_(F.linear(given, self.low_rank.down).to(self.dtype), self.low_rank.up)


@dataclass(frozen=True)
class Dense:
    """A whole weight [out, in] in its own type, with a bias [out] where the layers have one."""

    weight: Tensor
    bias: Tensor | None = None

    def __call__(self, states: Tensor) -> Tensor:
        return F.linear(states.to(self.weight.dtype), self.weight, self.bias)


@dataclass(frozen=True)
class Packed:
    """A bfloat16 weight in the order that the processor's product reads it in: a copy, made once."""

    weight: Tensor
    bias: Tensor | None
    nbytes: int

    @classmethod
    def of(cls, dense: Dense) -> "Packed":
        """The same product over a copy."""
        packed = torch.ops.mkldnn._reorder_linear_weight(dense.weight, None)
        return cls(packed, dense.bias, dense.weight.nbytes)

    def __call__(self, states: Tensor) -> Tensor:
        given = states.to(torch.bfloat16)
        return torch.ops.mkldnn._linear_pointwise(given, self.weight, self.bias, "none", [], "")


def may_pack(weight: Tensor) -> bool:
    """Whether a weight has such an order here."""
    supported = weight.device.type == "cpu" and torch.backends.mkldnn.is_available()
    return supported and weight.dtype is torch.bfloat16 and torch.ops.mkldnn._is_mkldnn_bf16_supported()


@dataclass(frozen=True)
class Called:
    """Layers that are called one by one because their weights are packed."""

    layers: tuple[nn.Module, ...]

    def __call__(self, states: Tensor) -> Tensor:
        found = [layer(states) for layer in self.layers]
        return found[0] if len(found) == 1 else torch.cat(found, dim=-1)


@dataclass(frozen=True)
class SwiGlu:
    """States [T, in] -> [T, out]: the SiLU of a gate times what it gates, both from one product."""

    gate_up: Projection

    @property
    def products(self) -> tuple[Product, ...]:
        """What is multiplied with weights."""
        return (self.gate_up.product,)

    def __call__(self, states: Tensor) -> Tensor:
        gate, up = self.gate_up(states).chunk(2, dim=-1)
        return F.silu(gate).mul_(up)


@dataclass(frozen=True)
class PackedSwiGlu:
    """The same as two packed products, the rest done while their results are written."""

    gate: Packed
    up: Packed

    @classmethod
    def of(cls, gate: Any, up: Any) -> "PackedSwiGlu":
        """Over copies of both weights."""
        return cls(*(Packed.of(Dense(layer.weight, layer.bias)) for layer in (gate, up)))

    @property
    def products(self) -> tuple[Product, ...]:
        """What is multiplied with weights."""
        return (self.gate, self.up)

    def __call__(self, states: Tensor) -> Tensor:
        given, product = states.to(torch.bfloat16), torch.ops.mkldnn._linear_pointwise
        gate = product(given, self.gate.weight, self.gate.bias, "swish", [], "")
        return product.binary(given, gate, self.up.weight, self.up.bias, "mul")


def may_pack_each(layers: Sequence[Any]) -> bool:
    """Whether these layers have whole weights that may be packed, and no LoRA."""
    return all(type(layer) is nn.Linear and may_pack(layer.weight) for layer in layers)


def build_product(layers: Sequence[Any], pack: bool = False) -> Product:
    """One product for layers with the same input. Whole weights are laid side by side, in place; with `pack`
    a copy of them is packed, where the processor has a product for that."""
    bare = tuple(base_of(layer) for layer in layers)
    if any(type(layer) is not nn.Linear for layer in bare):  # bitsandbytes' are subclasses
        return Called(bare)
    weights = [layer.weight for layer in bare]
    biases = [layer.bias for layer in bare]
    assert len({bias is None for bias in biases}) == 1, "some of the layers have a bias"
    dense = Dense(_side_by_side(weights), None if biases[0] is None else torch.cat(biases))
    return Packed.of(dense) if pack and may_pack(dense.weight) else dense


def build_low_rank(
    layers: Sequence[Any], name: str | None, dtype: torch.dtype, within: torch.dtype
) -> LowRank | None:
    """The LoRA `name` of some of the layers as one over all of them, for states as `dtype` that products
    read as `within`; None where none has it."""
    sizes = [base_of(layer).out_features for layer in layers]
    downs, ups, start = [], [], 0
    for layer, size in zip(layers, sizes, strict=True):
        if name in getattr(layer, "lora_A", {}):
            down, up = layer.lora_A[name].weight, layer.lora_B[name].weight
            spread = up.new_zeros((up.shape[1], sum(sizes)), dtype=dtype)
            spread[:, start : start + size] = up.T.to(dtype) * layer.scaling[name]
            downs.append(down.to(within))
            ups.append(spread)
        start += size
    return LowRank(torch.cat(downs), torch.cat(ups)) if downs else None


def base_of(layer: Any) -> Any:
    """The layer itself, without the LoRAs around it."""
    return getattr(layer, "base_layer", layer)


def _side_by_side(weights: Sequence[nn.Parameter]) -> Tensor:
    """The weights as one [sum of outs, in] over the same memory, which is arranged the first time."""
    if not _adjacent(weights):
        joined = torch.cat([weight.data for weight in weights])
        for weight, part in zip(weights, joined.split([len(w) for w in weights]), strict=True):
            weight.data = part
    first = weights[0].data
    return first.as_strided((sum(len(weight) for weight in weights), first.shape[1]), first.stride())


def _adjacent(weights: Sequence[nn.Parameter]) -> bool:
    follow = (a.data_ptr() + a.nbytes == b.data_ptr() for a, b in pairwise(weights))
    alike = {(w.untyped_storage().data_ptr(), w.stride()) for w in weights}
    return len(weights) == 1 or (len(alike) == 1 and all(w.is_contiguous() for w in weights) and all(follow))
