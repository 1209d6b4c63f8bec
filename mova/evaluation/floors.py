"""What the machine can at best: bytes read a second and products a second, measured, and how far a token is
from them."""

from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from mova.checkpoint.precision import held_bytes
from mova.language.decoder import Decoder
from mova.language.projection import Called, Packed

READ_BYTES = 256 * 2**20  # more than any cache holds
SIDE = 2048


def machine_rates(device: torch.device, dtype: torch.dtype) -> dict[str, float]:
    """GB/s of reading one large tensor, and GFLOP/s of a square product in `dtype`; the best of five."""
    large = torch.ones(READ_BYTES // 4, device=device)
    square = torch.randn(SIDE, SIDE, device=device).to(dtype)
    reading = _best(large.sum, device)
    multiplying = _best(lambda: square @ square, device)
    return {
        "read_gb_per_second": READ_BYTES / reading / 1e9,
        "gflop_per_second": 2 * SIDE**3 / multiplying / 1e9,
    }


def bytes_per_token(decoder: Decoder) -> int:
    """Bytes of weights that one decoding step reads."""
    products = [decoder.head.product]
    for layer in decoder.step_layers:
        products += layer.products
    total = 0
    for product in products:
        if isinstance(product, Packed):
            total += product.nbytes
        elif isinstance(product, Called):
            total += held_bytes(nn.ModuleList(product.layers))
        else:
            total += sum(value.nbytes for value in vars(product).values() if isinstance(value, Tensor))
    return total


def decoding_floor(decoder: Decoder, rates: dict[str, float], tokens_per_second: float) -> dict[str, Any]:
    """Tokens per second that reading the weights alone allows, and the share of it that is reached."""
    size = bytes_per_token(decoder)
    most = rates["read_gb_per_second"] * 1e9 / size
    return {"bytes_per_token": size, "most_tokens_per_second": most, "share": tokens_per_second / most}


def _best(work, device: torch.device) -> float:
    seconds = []
    for _ in range(5):
        started = perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(perf_counter() - started)
    return min(seconds)
