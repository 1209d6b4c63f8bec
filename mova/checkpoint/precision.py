"""Which part of the model is held in which precision, and why: one table, applied in one way everywhere.

`nf4` is 4-bit NormalFloat with double quantisation and bfloat16 arithmetic, `int8` is LLM.int8(); in
both, what the table keeps whole is bfloat16. `bf16` and `fp32` hold everything alike. Only linear
layers are ever quantised; embeddings, norms and convolutions are not.
"""

import copy
import re
from dataclasses import dataclass

import torch
from torch import nn
from transformers import BitsAndBytesConfig

PRECISIONS = ("nf4", "int8", "bf16", "fp32")
QUANTISED = ("nf4", "int8")
DTYPES = {"nf4": torch.bfloat16, "int8": torch.bfloat16, "bf16": torch.bfloat16, "fp32": torch.float32}

# bitsandbytes' 4-bit kernels for CPUs with AVX512-BF16 need these multiples, and fail at the first forward
# without them. The rule holds on every device, so that a checkpoint quantised on one runs on the others.
INPUT_MULTIPLE, OUTPUT_MULTIPLE = 64, 32


@dataclass(frozen=True)
class Part:
    """One row: linear layers whose full name matches `pattern` at its start, quantised under `precisions`."""

    name: str
    pattern: str
    precisions: tuple[str, ...]
    why: str


# The first row that matches decides; a layer that no row names is kept whole.
PARTS = (
    Part(
        "language model", r"model\.layers\.", QUANTISED,
        "60 % of all weights, and well known to keep its wits in 4 bits",
    ),
    Part(
        "output layer", r"lm_head$", (),
        "its logits are the letters' probabilities, and it may be tied to the embedding",
    ),
    Part(
        "text encoder", r"model\.mm_projector\.text_encoder\.", QUANTISED,
        "0.3 B weights that only steer the gate, by one vector",
    ),
    Part(
        "adapter", r"model\.mm_projector\.", (),
        "0.15 B weights every image token passes through; a gate of 7 outputs and a 2730 wide SwiGLU do not"
        " fit the 4-bit kernels",
    ),
    Part(
        "base encoder", r"model\.vision_tower\.clip\.", (),
        "0.3 B weights that both passes and every question see the image through",
    ),
    Part(
        "readers of print", r"model\.vision_tower\.\w+\.(reader|codes|sight)\.", (),
        "a small model's own: 5 M weights of which each place reads one letter or another",
    ),
    Part(
        "mlp.wo of Pix2Struct, DePlot", r"model\.vision_tower\.(pix2struct|deplot)\.(.*\.)?mlp\.wo$", (),
        "transformers casts its input to the dtype of its weight: bytes when packed, which gives noise",
    ),
    Part(
        "experts over maps", r"model\.vision_tower\.(vary|codetr|sam)\.", ("nf4",),
        "their layers take [B, height, width, C]; bitsandbytes' int8 takes [rows, C] or [B, n, C] only",
    ),
    Part(
        "other experts", r"model\.vision_tower\.", QUANTISED,
        "1.8 B weights, of which a question uses at most three",
    ),
)  # fmt: skip


def part_of(name: str) -> Part | None:
    """The table's row for a linear layer's full name."""
    return next((part for part in PARTS if re.match(part.pattern, name)), None)


def is_quantised(name: str, in_features: int, out_features: int, precision: str) -> bool:
    """Whether the linear layer of this full name and these sizes is quantised under `precision`."""
    part = part_of(name)
    fits = in_features % INPUT_MULTIPLE == 0 and out_features % OUTPUT_MULTIPLE == 0
    return part is not None and precision in part.precisions and fits


def quantised_layers(model: nn.Module, precision: str) -> set[str]:
    """Full names of the linear layers quantised under `precision`, of a model that is not yet."""
    return {
        name
        for name, layer in _linears(model)
        if is_quantised(name, layer.in_features, layer.out_features, precision)
    }


def skipped_modules(model: nn.Module, precision: str) -> list[str]:
    """What transformers must not quantise: full names from the root, each as short as the table allows.

    Short or partial names would skip nothing below them, silently; hence paths from the root.
    """
    quantised = quantised_layers(model, precision)
    paths = [name.split(".") for name in quantised]
    taken = {".".join(path[:end]) for path in paths for end in range(len(path) + 1)}
    skipped = set()
    for name in (name for name, _ in _linears(model) if name not in quantised):
        path = name.split(".")
        prefixes = (".".join(path[:end]) for end in range(1, len(path) + 1))
        skipped.add(next(prefix for prefix in prefixes if prefix not in taken))
    return sorted(skipped)


def quantization_config(model: nn.Module, precision: str) -> BitsAndBytesConfig | None:
    """bitsandbytes' settings for `precision` (None for bf16 and fp32); `model` may be on the meta device."""
    if precision not in QUANTISED:
        return None
    skipped = skipped_modules(model, precision)
    if precision == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=skipped)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
        bnb_4bit_use_double_quant=True,
        llm_int8_skip_modules=skipped,
    )


def keep_whole(settings: BitsAndBytesConfig, model: nn.Module) -> BitsAndBytesConfig:
    """A person's own settings with everything added to what they skip that the table keeps whole; `model`
    may be on the meta device."""
    precision = "int8" if settings.load_in_8bit else "nf4"
    own = settings.llm_int8_skip_modules or []
    completed = copy.deepcopy(settings)
    completed.llm_int8_skip_modules = sorted({*own, *skipped_modules(model, precision)})
    return completed


def stored_precision(config: dict) -> str | None:
    """The precision a checkpoint is stored quantised in, by its `config.json`; None when it is whole."""
    stored = config.get("quantization_config") or {}
    if stored.get("load_in_8bit"):
        return "int8"
    if stored.get("load_in_4bit"):
        return stored.get("bnb_4bit_quant_type", "fp4")
    return stored.get("quant_method")


def precision_in(model: nn.Module) -> str:
    """The precision the modules hold, found by looking at them and not at what was asked for."""
    weights = [weight for name, weight in model.named_parameters() if "lora_" not in name]
    kinds = {getattr(weight, "quant_type", type(weight).__name__) for weight in weights}
    for kind, precision in (("nf4", "nf4"), ("fp4", "fp4"), ("Int8Params", "int8")):
        if kind in kinds:
            return precision
    names = {torch.bfloat16: "bf16", torch.float32: "fp32"}
    return " and ".join(sorted({names.get(weight.dtype, str(weight.dtype)) for weight in weights}))


def compute_in(model: nn.Module, dtype: torch.dtype) -> None:
    """Sets what 4-bit layers compute in: a checkpoint that was quantised elsewhere may name a type that this
    device has not."""
    for module in model.modules():
        if getattr(module, "compute_dtype", None) not in (None, dtype):
            vars(module)["compute_dtype"] = dtype


def weight_bytes(model: nn.Module, precision: str, below: str = "") -> int:
    """Bytes the weights below a full name take in `precision`; `model` is whole, and may be on the meta
    device."""
    whole = DTYPES[precision].itemsize
    quantised = quantised_layers(model, precision)
    # 4-bit: half a byte and one scale byte per 64 values (themselves scaled in fp32 per 256).
    packed = {"nf4": 0.5 + 1 / 64 + 4 / (64 * 256), "int8": 1.0}.get(precision, whole)
    weights = dict(model.named_parameters())
    return round(sum(
        weight.numel() * (packed if name.removesuffix(".weight") in quantised else whole)
        for name, weight in weights.items()
        if name.startswith(below)
    ))  # fmt: skip


def held_bytes(model: nn.Module) -> int:
    """Bytes of the weights and buffers a loaded model holds, the scales of quantised layers included."""
    total = sum(tensor.nbytes for tensor in (*model.parameters(), *model.buffers()))
    for weight in model.parameters():
        scales = [getattr(weight, "SCB", None)]  # int8: one scale per row
        if (state := getattr(weight, "quant_state", None)) is not None:
            scales += [state.absmax, state.state2.absmax if state.nested else None]
        total += sum(scale.nbytes for scale in scales if scale is not None)
    return total


def _linears(model: nn.Module) -> list[tuple[str, nn.Linear]]:
    return [(name, module) for name, module in model.named_modules() if isinstance(module, nn.Linear)]
