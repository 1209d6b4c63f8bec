"""What a device can: the one place that asks it, and that tests replace."""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend

from mova.errors import DeviceError

log = logging.getLogger("mova")
OUT_OF_MEMORY = ("CUDA error: out of memory", "STATUS_ALLOC_FAILED", "can't allocate memory")
LOST = ("CUDA error", "CUDNN_STATUS_EXECUTION_FAILED", "CUDNN_STATUS_INTERNAL_ERROR")
NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")


@dataclass(frozen=True)
class Abilities:
    """`half` is the type of 16 bits that the device computes in; `half_is_fast`: faster than float32."""

    half: torch.dtype
    half_is_fast: bool


def abilities(device: torch.device) -> Abilities:
    """Asked of PyTorch. A card older than Ampere has no bfloat16; a processor is fast in it where it has the
    instructions (AVX512-BF16 or AMX), and float32 is better where it has not."""
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return Abilities(torch.bfloat16 if native else torch.float16, True)
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return Abilities(torch.bfloat16, bool(fast))


def fuses_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, shared_keys: bool = False
) -> bool:
    """Whether the device has a kernel that attends without holding the scores, for these tensors (as
    `scaled_dot_product_attention` takes them; with `shared_keys` the keys have fewer heads)."""
    choice = torch._fused_sdp_choice(query, key, value, mask, enable_gqa=shared_keys)
    return choice != SDPBackend.MATH.value


def leaves_host_free(device: torch.device) -> bool:
    """Whether the processor has time to spare while the device computes."""
    return device.type == "cuda"


def default_precision(device: torch.device) -> str:
    """nf4 on a card; on a processor bf16 where that is fast, else fp32."""
    if device.type == "cuda":
        return "nf4"
    return "bf16" if abilities(device).half_is_fast else "fp32"


def arithmetic(precision: str, device: torch.device) -> torch.dtype:
    """The type that a model of `precision` computes in, and holds what is not quantised in.

    Raises DeviceError for bf16 on a card that has none.
    """
    half = abilities(device).half
    if precision == "bf16" and half is not torch.bfloat16:
        raise DeviceError(
            f"{device} has no bfloat16 arithmetic. Expected a card from Ampere on: choose nf4, int8 (both"
            " compute in float16 there) or fp32."
        )
    return torch.float32 if precision == "fp32" else half


def find_device(device: str | None) -> torch.device:
    """The device of this name ("cpu", "cuda", "cuda:1"); without a name CUDA where there is one."""
    if device is None:
        if torch.cuda.is_available():
            return torch.device("cuda", 0)
        if card_without_cuda():
            log.warning(
                "There is an NVIDIA card, and PyTorch cannot use it: the model runs on the processor. Check"
                " that PyTorch is built for CUDA (this one: %s) and that the driver is new enough for it.",
                torch.version.cuda or "not",
            )
        return torch.device("cpu")
    kind, _, index = str(device).partition(":")
    if kind not in ("cpu", "cuda") or not (index or "0").isdigit():
        raise DeviceError(
            f"Device {device!r} is unknown. Expected cpu, cuda or cuda:<number>: choose one of them."
        )
    if kind == "cpu":
        return torch.device("cpu")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if int(index or 0) >= count:
        raise DeviceError(
            f"Device {device} was asked for, and PyTorch finds {count} CUDA devices."
            " Check the driver and that PyTorch is built for CUDA, or use the device cpu."
        )
    return torch.device("cuda", int(index or 0))


def card_without_cuda() -> bool:
    """Whether an NVIDIA driver runs here while PyTorch finds no CUDA."""
    return NVIDIA_DRIVER.is_file() and not torch.cuda.is_available()


def free_bytes(device: torch.device) -> int:
    """Memory of the device that nobody holds."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return psutil.virtual_memory().available


def free_disk_bytes(folder: Path) -> int:
    """What the disk of a folder has free, be the folder there yet or not."""
    folder = folder.resolve()
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.is_dir())).free


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory was wanted and there was none, be it a card's, whose libraries have
    words of their own for it, or the host's. The process goes on."""
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in OUT_OF_MEMORY)


def is_lost(error: BaseException) -> bool:
    """Whether an error has left the device unusable for the rest of the process (a fault in a kernel, a card
    that fell off the bus); running out of memory has not."""
    if is_out_of_memory(error):
        return False
    return isinstance(error, torch.AcceleratorError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in LOST)
    )
