"""How a checkpoint is to be held, and whether it fits: found out from its `config.json` alone, before any
weights are read or fetched.

    described = describe_checkpoint("zongzhuofan/llama3-mova-8b")
    plan = make_plan(described, "nf4", find_device(None), "auto")
    files = fetch_weights(described)
"""

from dataclasses import dataclass

import torch

from mova.checkpoint.configuration import build_config
from mova.checkpoint.devices import abilities, default_precision, free_bytes
from mova.checkpoint.files import Described
from mova.checkpoint.precision import PRECISIONS, stored_precision, weight_bytes
from mova.checkpoint.working_room import working_bytes
from mova.config import MovaConfig
from mova.errors import CheckpointError, DeviceError
from mova.model import MovaForCausalLM
from mova.vision.experts.pool import EXPERTS

MEMORY = ("auto", "resident", "paged")


@dataclass(frozen=True)
class Plan:
    """A checkpoint's `name`, its model without memory for weights, and how the weights are to be held;
    `paged`: the experts wait in host memory."""

    name: str
    outline: MovaForCausalLM
    precision: str
    device: torch.device
    paged: bool = False

    @property
    def config(self) -> MovaConfig:
        """The checkpoint's configuration."""
        return self.outline.config

    @property
    def needed_bytes(self) -> int:
        """What loading and answering take of the device's memory."""
        return needed_bytes(self.outline, self.precision, self.device, self.paged)


def make_plan(
    described: Described, precision: str | None, device: torch.device, memory: str = "auto"
) -> Plan:
    """How `described` is held on `device`; `precision` and `memory` as in `load`.

    Raises CheckpointError for a configuration of which no model can be made, and DeviceError where the
    device has not the memory for it.
    """
    config = build_config(described)
    precision = choose_precision(precision, device, described)
    outline = MovaForCausalLM.outline(config)
    paged = is_paged(memory, outline, precision, device)
    plan = Plan(described.name, outline, precision, device, paged)
    require_memory(plan)
    return plan


def choose_precision(asked: str | None, device: torch.device, described: Described) -> str:
    """The precision to load in. A quantised checkpoint has one already, and another is refused."""
    if asked is not None and asked not in PRECISIONS:
        raise DeviceError(
            f"Precision {asked!r} is unknown. Expected one of {', '.join(PRECISIONS)}: choose one."
        )
    stored = stored_precision(described.config)
    if stored is None:
        return asked or default_precision(device)
    if stored not in PRECISIONS:
        raise CheckpointError(
            f"{described.name} is stored quantised as {stored}. Expected nf4, int8 or a checkpoint that is"
            " not quantised: quantise the original with `python -m mova quantize`."
        )
    if asked not in (None, stored):
        raise CheckpointError(
            f"{described.name} is stored in {stored} and cannot be loaded in {asked}."
            f" Leave the precision out, or load the checkpoint it was made from in {asked}."
        )
    return stored


def is_paged(memory: str, outline: MovaForCausalLM, precision: str, device: torch.device) -> bool:
    """Whether the experts wait in host memory. A processor has no other memory, so there they never do."""
    if memory not in MEMORY:
        raise DeviceError(f"Memory {memory!r} is unknown. Expected one of {', '.join(MEMORY)}: choose one.")
    if device.type == "cpu" or memory == "resident":
        return False
    return memory == "paged" or needed_bytes(outline, precision, device) > free_bytes(device)


def require_memory(plan: Plan) -> None:
    """DeviceError when the device has less free memory than weights and an answer's working room take."""
    if plan.needed_bytes > free_bytes(plan.device):
        raise DeviceError(too_little(plan))


def needed_bytes(outline: MovaForCausalLM, precision: str, device: torch.device, paged: bool = False) -> int:
    """What loading and answering take of the device's memory: weights, and the room beside them. Of paged
    experts two are there at once, the one that looks and the one that comes next."""
    dtype = torch.float32 if precision == "fp32" else abilities(device).half
    weights = weight_bytes(outline, precision)
    if paged:
        places = (f"model.vision_tower.{expert.module}." for expert in EXPERTS)
        experts = sorted(weight_bytes(outline, precision, place) for place in places)
        weights -= sum(experts[:-2])
    return weights + working_bytes(outline.config, dtype)


def too_little(plan: Plan) -> str:
    """The sentence about a device without the memory for a plan: what it needs, what there is, what to do."""
    outline, precision, device = plan.outline, plan.precision, plan.device
    free = free_bytes(device)
    needs = {other: needed_bytes(outline, other, device) / 1e9 for other in PRECISIONS}
    fitting = [f"{other} ({needs[other]:.1f} GB)" for other in PRECISIONS if needs[other] * 1e9 <= free]
    advice = f"choose the precision {' or '.join(fitting)}" if fitting else "use a device with more memory"
    return (
        f"{plan.name} in {precision} needs about {plan.needed_bytes / 1e9:.1f} GB of memory on {device}, of"
        f" which {free / 1e9:.1f} GB are free. End other programs that use it, or {advice}."
    )
