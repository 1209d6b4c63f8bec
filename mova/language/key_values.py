"""Keys and values of one sequence, in room that is taken once: nothing grows or is copied while decoding."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class KeyValues:
    """What a prompt's and an answer's tokens left in every layer, the one value that decoding moves on.

    `states` [layers, 2, kv heads, capacity, head dim] holds keys and values, of which the first `length`
    places are filled. A decoder writes into it; it belongs to one answer.
    """

    states: Tensor
    length: int = 0

    @property
    def capacity(self) -> int:
        """Places there are."""
        return self.states.shape[3]

    def first(self, length: int) -> Tensor:
        """A copy of the first `length` places, [layers, 2, kv heads, length, head dim]."""
        assert length <= self.length, f"{length} places asked for, {self.length} filled"
        return self.states[:, :, :, :length].clone()

    def fill(self, states: Tensor) -> None:
        """Takes over copied places as the beginning of this sequence."""
        length = states.shape[3]
        assert self.length == 0 and length <= self.capacity, f"{length} places, room for {self.capacity}"
        self.states[:, :, :, :length] = states
        self.length = length

    def claim(self, count: int) -> range:
        """The next `count` places, now filled; what is in them is the caller's to write."""
        start, end = self.length, self.length + count
        assert end <= self.capacity, f"{end} places needed, room for {self.capacity}"
        self.length = end
        return range(start, end)


def empty_key_values(
    layers: int, heads: int, head_dim: int, capacity: int, dtype: torch.dtype, device: torch.device
) -> KeyValues:
    """Room for `capacity` places. Uninitialised: only filled places are ever read."""
    states = torch.empty((layers, 2, heads, capacity, head_dim), dtype=dtype, device=device)
    return KeyValues(states)
