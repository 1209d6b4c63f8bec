"""Experts that wait in host memory and are brought to the device when they look: a card of 8 GB holds the
rest of the model, and an answer uses three of seven.

    pager = Pager(model.model.vision_tower, device)
    with pager.present("A", following="E"):
        features = model.encode_expert("A", views)

Host copies are pinned where there is CUDA, the next expert is copied while the current one runs, and leaving
copies nothing back: weights never change.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from mova.vision.experts.pool import BY_LETTER, EXPERTS
from mova.vision.tower import VisionTower

Move = Callable[[Tensor, torch.device], Tensor]


def copy_to(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on the device, without waiting for the copy."""
    return tensor.to(device, non_blocking=True)


class Pager:
    """The experts' weights on the host, and which of them are on the device. The engine's lock guards it."""

    def __init__(self, tower: VisionTower, device: torch.device, move: Move = copy_to):
        self._tower, self._device, self._move = tower, device, move
        self._host = {expert.letter: _held(self._module(expert.letter)) for expert in EXPERTS}
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None
        self.present_letters: set[str] = set()
        if self._stream is not None:
            self._host = {
                letter: {name: tensor.cpu().pin_memory() for name, tensor in held.items()}
                for letter, held in self._host.items()
            }
        for letter in self._host:
            self._leave(letter)

    @contextmanager
    def present(self, letter: str, following: str | None = None) -> Iterator[None]:
        """The expert is on the device inside; `following` is on its way when this one begins."""
        self._bring(letter)
        if self._stream is not None:
            torch.cuda.current_stream(self._device).wait_stream(self._stream)
        if following is not None:
            self._bring(following)
        try:
            yield
        finally:
            if self._stream is not None:  # its kernels may still read the weights
                torch.cuda.current_stream(self._device).synchronize()
            self._leave(letter)

    def expect(self, letter: str) -> None:
        """Sends an expert on its way, of which it is certain that it will look next."""
        self._bring(letter)

    def leave_all(self) -> None:
        """Takes every expert off the device, e.g. one that was on its way when an answer was stopped."""
        for letter in tuple(self.present_letters):
            self._leave(letter)

    def _module(self, letter: str) -> nn.Module:
        return self._tower.get_submodule(BY_LETTER[letter].module)

    def _bring(self, letter: str) -> None:
        if letter in self.present_letters:
            return
        with torch.cuda.stream(self._stream):  # of no effect without one
            _put(
                self._module(letter), {n: self._move(t, self._device) for n, t in self._host[letter].items()}
            )
        self.present_letters.add(letter)

    def _leave(self, letter: str) -> None:
        _put(self._module(letter), self._host[letter])
        self.present_letters.discard(letter)


def _held(module: nn.Module) -> dict[str, Tensor]:
    """Every tensor of a module by name, the scales of packed weights among them."""
    held = {name: tensor.data for name, tensor in (*module.named_parameters(), *module.named_buffers())}
    for name, weight in module.named_parameters():
        for owner, part in _scales(weight):
            held[f"{name}:{owner}.{part}"] = getattr(_owner(weight, owner), part)
    return held


def _put(module: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Lets a module hold these tensors instead of its own, under the names of `_held`."""
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        tensor.data = tensors[name]
    for name, weight in module.named_parameters():
        for owner, part in _scales(weight):
            setattr(_owner(weight, owner), part, tensors[f"{name}:{owner}.{part}"])


def _scales(weight: Tensor) -> Iterator[tuple[str, str]]:
    """(owner, attribute) of what a quantised weight keeps beside its bytes."""
    if getattr(weight, "SCB", None) is not None:
        yield "weight", "SCB"
    if (state := getattr(weight, "quant_state", None)) is not None:
        yield from (("state", "absmax"), ("state", "code"))
        if state.nested:
            yield from (("state", "offset"), ("state2", "absmax"), ("state2", "code"))


def _owner(weight: Tensor, owner: str) -> object:
    if owner == "weight":
        return weight
    state = weight.quant_state  # type: ignore[attr-defined]  # bitsandbytes' own
    return state if owner == "state" else state.state2
