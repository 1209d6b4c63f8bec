"""From a checkpoint to a model that answers: weights, precision, device, tokenizers and LoRAs.

    loaded = load("assets/mova-tiny")
    loaded = load("zongzhuofan/llama3-mova-8b", precision="nf4", device="cuda")

Nothing is guessed: a key too many or too few, a precision the modules do not hold, a device or memory
that is not there are errors. The order matters and is fixed: weights (quantised while they are read),
then LoRAs, then the first forward; bitsandbytes repacks weights at the first forward on some CPUs.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from mova.checkpoint.damage import is_there, read_object, refused, require
from mova.checkpoint.devices import arithmetic, find_device
from mova.checkpoint.files import (
    CheckpointFiles,
    describe_checkpoint,
    fetch_weights,
    fetch_words,
    find_checkpoint,
    fingerprint,
    packed_weights,
)
from mova.checkpoint.lora_files import load_loras, loras_of, require_loras
from mova.checkpoint.paging import Pager
from mova.checkpoint.plan import Plan, make_plan, require_memory, too_little
from mova.checkpoint.precision import (
    compute_in,
    held_bytes,
    precision_in,
    quantization_config,
    stored_precision,
)
from mova.checkpoint.text_vocabulary import load_text_tokenizer
from mova.config import MovaConfig
from mova.errors import CheckpointError, DeviceError
from mova.model import MovaForCausalLM
from mova.progress import Report, Step, unheard
from mova.trace import ModelInfo

LLAMA3_VOCABULARY = 128256
BESIDE_THE_TOKENIZER = (
    *("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja"),
)
STEPS = ("recorded", "plain")
EMBEDDED = Path("assets", "mova-tiny")
LLM_NAMES = {
    "mova_llama3": "Llama 3 Instruct",
    "vicuna_v1": "Vicuna",
    "chatml_direct": "Hermes Yi",
    "smollm2": "SmolLM2 Instruct",
}


@dataclass(frozen=True)
class Loaded:
    """A model ready to answer. `loras` are the passes ("routing", "answer") that have a LoRA; `blocks` are
    weights as the checkpoint packs them, by their stored names, where decoding may read those."""

    model: MovaForCausalLM
    tokenizer: PreTrainedTokenizerBase
    text_tokenizer: PreTrainedTokenizerBase
    config: MovaConfig
    info: ModelInfo
    loras: frozenset[str]
    blocks: Mapping[str, Any] = field(default_factory=dict)
    pager: Pager | None = None  # where the experts wait in host memory
    recorded: bool = False  # decoding steps are recorded once and replayed


def default_checkpoint() -> Path:
    """What is loaded when nobody names a checkpoint.

    With CUDA, a folder `llama3-mova-8b*` in the working folder or beside it, a copy in 4 bits before the
    original; else the embedded one. Raises CheckpointError when that is not here.
    """
    if torch.cuda.is_available():
        here = Path.cwd()
        found = [
            path.parent for place in (here, here.parent) for path in place.glob("llama3-mova-8b*/config.json")
        ]
        if found:
            return min(found, key=lambda folder: (not folder.name.endswith("nf4"), folder.name))
    if not (embedded_checkpoint() / "config.json").is_file():
        raise CheckpointError(
            f"The small model is not here: it lies in {EMBEDDED} of the repository, and an installed copy of"
            " the package does not bring it along. Name a checkpoint (folder or hub id) with --model, or"
            " start from the repository's folder."
        )
    return embedded_checkpoint()


def embedded_checkpoint() -> Path:
    """The folder of the embedded checkpoint: beside this package, or in the working folder when the package
    is an installed copy, which does not bring it along. It may not be there."""
    beside = Path(__file__).resolve().parents[2] / EMBEDDED
    here = Path.cwd() / EMBEDDED
    return here if not beside.is_dir() and here.is_dir() else beside


def load(
    checkpoint: str | Path,
    *,
    precision: str | None = None,
    device: str | None = None,
    revision: str | None = None,
    bert_vocab: str | Path | None = None,
    memory: str = "auto",
    steps: str = "recorded",
    progress: Report = unheard,
) -> Loaded:
    """Load a checkpoint folder or hub id.

    Precision (one of `PRECISIONS`) defaults to what a quantised checkpoint is stored in, else to nf4 on CUDA,
    and on a CPU to bf16 where that is fast and to fp32 where it is not. `progress` hears how far it is,
    possibly from other threads. `memory` (one of `MEMORY`) says where the experts wait: on the card, in host
    memory, or on the card if they fit. `steps` (one of `STEPS`) says how a card decodes; a processor always
    does so plainly. Raises CheckpointError and DeviceError.
    """
    assert steps in STEPS, steps
    place = find_device(device)
    progress(Step("find", name=str(checkpoint)))
    described = describe_checkpoint(checkpoint, revision)
    plan = make_plan(described, precision, place, memory)
    words = fetch_words(described)
    tokenizer = load_tokenizer(words, plan.config)
    text_tokenizer = load_text_tokenizer(words, plan.config, bert_vocab)
    files = fetch_weights(described, progress)
    require_loras(files.folder)
    model = load_model(files, plan, progress)
    loras = load_loras(model, files.folder)
    pager = Pager(model.model.vision_tower, place) if plan.paged else None
    blocks = packed_weights(files.weights) if (place.type, plan.precision) == ("cpu", "bf16") else {}
    info = describe(model, plan.outline, files)
    progress(Step("ready", 1.0))
    recorded = steps == "recorded" and may_record(place, plan.precision)
    return Loaded(model, tokenizer, text_tokenizer, model.config, info, loras, blocks, pager, recorded)


def loaded_of(model: MovaForCausalLM) -> Loaded:
    """A model that `from_pretrained` made, with the tokenizers of the folder it came from.

    Raises CheckpointError when it came from none.
    """
    if not model.name_or_path:
        raise CheckpointError(
            "This model was not loaded from a checkpoint, so its tokenizers are not known. Load it with"
            " MovaForCausalLM.from_pretrained(folder), or give the engine a `Loaded` of your own."
        )
    files = find_checkpoint(model.name_or_path)
    return Loaded(
        model,
        load_tokenizer(files.folder, model.config),
        load_text_tokenizer(files.folder, model.config),
        model.config,
        describe(model, MovaForCausalLM.outline(model.config), files),
        loras_of(model),
        recorded=may_record(model.device, precision_in(model)),
    )


def load_tokenizer(folder: Path, config: MovaConfig) -> PreTrainedTokenizerFast:
    """The language model's tokenizer, from `tokenizer.json`; its BOS is the configuration's where no
    `tokenizer_config.json` names one (the released checkpoint has none)."""
    path = folder / "tokenizer.json"
    if not is_there(path):
        raise CheckpointError(
            f"{folder} has no tokenizer.json. Expected the LLM's fast tokenizer: fetch the file again,"
            " or convert an older tokenizer with transformers and save it there."
        )
    read_object(path)
    for beside in filter(is_there, (folder / name for name in BESIDE_THE_TOKENIZER)):
        read_object(beside) if beside.suffix == ".json" else require(beside)
    try:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        highest = max(tokenizer.get_vocab().values(), default=-1)
    except Exception as error:  # the tokenizers library raises plain Exceptions
        others = [name for name in BESIDE_THE_TOKENIZER if is_there(folder / name)]
        beside_it = f", or does not go with {', '.join(others)}" if others else ""
        raise refused(path, f"is not a tokenizer that can be read{beside_it}") from error
    if highest >= config.vocab_size:
        raise refused(path, f"has {highest + 1:,} tokens, of which the model knows {config.vocab_size:,}")
    if tokenizer.bos_token is None and config.bos_token_id is not None:
        # Not known as one, the BOS before the piece behind the image would silently stay in every prompt.
        tokenizer.bos_token = tokenizer.convert_ids_to_tokens(config.bos_token_id)
    return tokenizer


def may_record(device: torch.device, precision: str) -> bool:
    """Whether decoding steps can be recorded: on a card, but not in int8, whose products let the largest
    numbers choose what is computed."""
    return device.type == "cuda" and precision != "int8"


def load_model(files: CheckpointFiles, plan: Plan, progress: Report) -> MovaForCausalLM:
    """The model of a plan without LoRAs, on its device and in its precision; every key accounted for.
    Where it is paged, its experts are in host memory."""
    require_memory(plan)  # looked at anew: fetching the weights may have taken an hour
    precision, device = plan.precision, plan.device
    dtype = arithmetic(precision, device)
    settings = None if stored_precision(files.config) else quantization_config(plan.outline, precision)
    try:
        model, _ = MovaForCausalLM.from_files(
            files,
            plan.config,
            on_read=lambda share: progress(Step("read", share, name=files.name)),
            dtype=dtype,
            device_map={"": "cpu" if plan.paged else device},
            quantization_config=settings,
        )
    except torch.OutOfMemoryError as error:
        failure = DeviceError(too_little(plan))
        # The frames hold what was loaded: let go, else a second try finds the memory still taken.
        traceback.clear_frames(error.__traceback__)
        if device.type == "cuda":
            torch.cuda.empty_cache()
        raise failure from error
    if plan.paged:
        place_all_but_experts(model, device)
    compute_in(model, dtype)
    held = precision_in(model)
    if held != precision:
        raise CheckpointError(
            f"{files.name} holds weights in {held}, and its config.json says {precision}. Fetch both again,"
            " or take `quantization_config` out of config.json."
        )
    return model.requires_grad_(False)


def place_all_but_experts(model: MovaForCausalLM, device: torch.device) -> None:
    """Moves what every answer uses to the device. Part by part: the library refuses to move a whole model
    that is quantised."""
    tower = model.model.vision_tower
    parts = [child for name, child in model.model.named_children() if name != "vision_tower"]
    for part in (*parts, tower.clip, model.lm_head):
        part.to(device)


def describe(model: MovaForCausalLM, outline: MovaForCausalLM, files: CheckpointFiles) -> ModelInfo:
    """What people are told about the model: precision and memory are read off the modules."""
    config = model.config
    count = sum(weight.numel() for weight in outline.model.layers.parameters())
    count += outline.model.embed_tokens.weight.numel() * (1 if config.tie_word_embeddings else 2)
    size = f"{count / 1e9:.1f}B" if count >= 1e9 else f"{count / 1e6:.0f}M"
    return ModelInfo(
        name=files.name,
        precision=precision_in(model),
        device=str(model.device),
        memory_gb=round(held_bytes(model) / 1e9, 2),
        llm=f"{LLM_NAMES.get(config.template, config.template)} {size}",
        licence="llama3" if is_llama3(config) else None,
        embedded=files.folder.resolve() == embedded_checkpoint(),
        checkpoint=fingerprint(files.folder),
    )


def is_llama3(config: MovaConfig) -> bool:
    """Whether the language model is a Llama 3, whose licence asks for its name to be shown."""
    return config.vocab_size == LLAMA3_VOCABULARY or config.template == "mova_llama3"
