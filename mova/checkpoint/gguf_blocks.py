"""Weights kept as packed llama.cpp blocks, unpacked into float32: the form the embedded LLM is stored in.

A packed weight is a uint8 tensor named `<name>.weight.q4_1` or `<name>.weight.q8_0`; its rows are the
rows of the weight, and along each row lie blocks of 32 input values. Layouts (llama.cpp, ggml-common.h):

- Q4_1, 20 bytes: fp16 scale, fp16 minimum, 16 bytes of nibbles (the low ones are values 0-15);
- Q8_0, 34 bytes: fp16 scale, 32 int8.
"""

from dataclasses import dataclass

import torch

VALUES_PER_BLOCK = 32


def unpack_q4_1(packed: torch.Tensor) -> torch.Tensor:
    """uint8 [rows, blocks*20] -> float32 [rows, blocks*32]: scale * nibble + minimum."""
    blocks = _blocks(packed, BLOCK_BYTES[".q4_1"])
    scale, minimum = _halves(blocks[..., :2]), _halves(blocks[..., 2:4])
    nibbles = torch.cat([blocks[..., 4:] & 15, blocks[..., 4:] >> 4], dim=-1)
    # Two roundings, as ggml does it; a fused multiply-add would differ in the last bit.
    return (scale * nibbles.float()).add_(minimum).flatten(1)


def unpack_q8_0(packed: torch.Tensor) -> torch.Tensor:
    """uint8 [rows, blocks*34] -> float32 [rows, blocks*32]: scale * int8."""
    blocks = _blocks(packed, BLOCK_BYTES[".q8_0"])
    values = blocks[..., 2:].contiguous().view(torch.int8)
    return (values.float() * _halves(blocks[..., :2])).flatten(1)


@dataclass(frozen=True)
class Nibbles:
    """A packed weight as 4-bit numbers: `values` uint8 [rows, n] from 0 to 15, and for each 32 of them along
    a row `scale` and `centre`, float32 [rows, n / 32]: a weight is `scale * (value - 8) + centre`."""

    values: torch.Tensor
    scale: torch.Tensor
    centre: torch.Tensor


def nibbles_q4_1(packed: torch.Tensor) -> Nibbles:
    """The numbers of a Q4_1 weight as they are, [rows, in]."""
    blocks = _blocks(packed, 20)
    scale, minimum = _halves(blocks[..., :2])[..., 0], _halves(blocks[..., 2:4])[..., 0]
    values = torch.cat([blocks[..., 4:] & 15, blocks[..., 4:] >> 4], dim=-1)
    return Nibbles(values.flatten(1), scale, minimum + 8 * scale)


def nibbles_q8_0(packed: torch.Tensor) -> Nibbles:
    """A Q8_0 weight as its upper and its lower halves, [rows, 2 * in]: its product with some states is this
    one's with the same states twice over. An int8 is 16 * (upper - 8) + lower."""
    blocks = _blocks(packed, 34)
    scale = _halves(blocks[..., :2])[..., 0]
    bits = blocks[..., 2:] ^ 128  # int8 + 128
    return Nibbles(
        torch.cat([(bits >> 4).flatten(1), (bits & 15).flatten(1)], dim=1),
        torch.cat([16 * scale, scale], dim=1),
        torch.cat([torch.zeros_like(scale), 8 * scale], dim=1),
    )


NIBBLES = {".q4_1": nibbles_q4_1, ".q8_0": nibbles_q8_0}
UNPACKERS = {".q4_1": unpack_q4_1, ".q8_0": unpack_q8_0}
BLOCK_BYTES = {".q4_1": 20, ".q8_0": 34}


def plain_name(name: str) -> str:
    """The weight's own name: `name` without the suffix of a packing."""
    return next((name.removesuffix(suffix) for suffix in UNPACKERS if name.endswith(suffix)), name)


def unpack(name: str, tensor: torch.Tensor) -> tuple[str, torch.Tensor]:
    """The plain name and float32 weight of a packed entry; any other entry comes back as it is."""
    for suffix, unpacker in UNPACKERS.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix), unpacker(tensor)
    return name, tensor


def is_packed(name: str, bytes_only: bool, shape: tuple[int, ...]) -> bool:
    """Whether a stored tensor of this shape can be the packed weight its name says it is."""
    size = next(size for suffix, size in BLOCK_BYTES.items() if name.endswith(suffix))
    return bytes_only and len(shape) == 2 and shape[1] % size == 0


def _blocks(packed: torch.Tensor, size: int) -> torch.Tensor:
    if packed.dtype != torch.uint8 or packed.ndim != 2 or packed.shape[1] % size:
        raise ValueError(
            f"packed weight is {packed.dtype} {tuple(packed.shape)}, expected uint8 [rows, blocks*{size}]"
        )
    return packed.view(packed.shape[0], -1, size)


def _halves(pair: torch.Tensor) -> torch.Tensor:
    return pair.contiguous().view(torch.float16).float()
