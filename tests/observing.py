"""Looking at inner tensors from outside: nothing in `mova/` keeps them."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def observe(model: nn.Module) -> Iterator[dict]:
    """Fills {module name: (inputs, output)} while `model` runs; the last call of a module stays."""
    seen: dict = {}

    def hook(name: str):
        return lambda module, inputs, output: seen.__setitem__(name, (inputs, output))

    handles = [module.register_forward_hook(hook(name)) for name, module in model.named_modules()]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()
