"""Which pass's LoRA is on: the one piece of state that sits in the modules, set around each forward run.

    with lora_on(loaded, "routing"):
        output = loaded.model(...)

The caller holds the engine's lock. A key-value cache is only valid under the LoRA it was made with.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from transformers import PreTrainedModel

from mova.checkpoint.lora_files import LORAS


class WithLoras(Protocol):
    """A model and the passes ("routing", "answer") that have a LoRA in it."""

    @property
    def model(self) -> PreTrainedModel: ...

    @property
    def loras(self) -> frozenset[str]: ...


@contextmanager
def lora_on(loaded: WithLoras, name: str | None) -> Iterator[None]:
    """The LoRA of a pass ("routing", "answer") on, every other off; None turns all off.

    A pass without a LoRA in this checkpoint runs without one. What was on before is restored at the
    end, also when the caller fails or its generator is closed.
    """
    assert name is None or name in LORAS, f"no pass is called {name!r}"
    before = active_lora(loaded.model)
    _switch(loaded, name if name in loaded.loras else None)
    try:
        yield
    finally:
        _switch(loaded, before)


def active_lora(model: PreTrainedModel) -> str | None:
    """The LoRA that is on, as the modules have it; None when all are off or there is none."""
    from peft.tuners.tuners_utils import BaseTunerLayer  # here: it would import bitsandbytes with us

    layer = next((module for module in model.modules() if isinstance(module, BaseTunerLayer)), None)
    return None if layer is None or layer.disable_adapters else layer.active_adapters[0]


def _switch(loaded: WithLoras, name: str | None) -> None:
    if not loaded.loras or name == active_lora(loaded.model):
        return
    if name is None:
        loaded.model.disable_adapters()
        return
    # In this order: naming a LoRA does not turn on what was disabled.
    loaded.model.enable_adapters()
    loaded.model.set_adapter(name)
