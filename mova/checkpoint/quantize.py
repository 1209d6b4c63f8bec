"""Write a checkpoint quantised, once, so that later starts read a third of the bytes and need no original.

python -m mova quantize zongzhuofan/llama3-mova-8b
"""

import shutil
from pathlib import Path

from safetensors import SafetensorError
from transformers import BertTokenizer

from mova.checkpoint.devices import find_device, free_disk_bytes
from mova.checkpoint.files import (
    LICENCE_FILES,
    CheckpointFiles,
    describe_checkpoint,
    fetch_weights,
    fetch_words,
)
from mova.checkpoint.library_logs import no_progress_bars
from mova.checkpoint.loading import is_llama3, load_model, load_tokenizer
from mova.checkpoint.lora_files import LORAS
from mova.checkpoint.plan import make_plan
from mova.checkpoint.precision import QUANTISED, stored_precision, weight_bytes
from mova.checkpoint.text_vocabulary import load_text_tokenizer, save_vocabulary
from mova.config import MovaConfig
from mova.errors import CheckpointError, DeviceError
from mova.model import MovaForCausalLM
from mova.progress import Report, Step, unheard

# Copied as they are, where the source has them.
COPIED_FILES = ("tokenizer*", "special_tokens_map.json", "chat_template.jinja", "generation_config.json")
LLAMA3_NOTICE = (
    "Meta Llama 3 is licensed under the Meta Llama 3 Community License, Copyright (c) Meta Platforms, Inc."
    " All Rights Reserved.\n"
)
SHARD_SIZE = "4GB"


def quantize(
    source: str | Path,
    target: str | Path | None = None,
    precision: str = "nf4",
    *,
    device: str | None = None,
    revision: str | None = None,
    bert_vocab: str | Path | None = None,
    progress: Report = unheard,
) -> Path:
    """Write `source` (folder or hub id) quantised into the new folder `target`, and return that folder.

    `target` defaults to the source's name with the precision behind it, in the current folder. The result
    loads without the original: weights as safetensors, tokenizers, LoRAs, BERT's vocabulary, licences.
    Raises CheckpointError and DeviceError, the latter also when disk or memory will not do.
    """
    if precision not in QUANTISED:
        raise DeviceError(
            f"{precision!r} is not a quantised precision. Expected {' or '.join(QUANTISED)}: choose one."
        )
    progress(Step("find", name=str(source)))
    described = describe_checkpoint(source, revision)
    if stored := stored_precision(described.config):
        raise CheckpointError(
            f"{described.name} is stored in {stored} already. Expected the original: name that one."
        )
    plan = make_plan(described, precision, find_device(device))
    folder = (
        Path(target) if target is not None else Path(default_name(described.name, plan.config, precision))
    )
    require_disk(folder, weight_bytes(plan.outline, precision))
    words = fetch_words(described)
    load_tokenizer(words, plan.config)
    text_tokenizer = load_text_tokenizer(words, plan.config, bert_vocab)
    files = fetch_weights(described, progress)
    # Saved as loaded, without LoRAs and before any forward: saving with LoRAs would write nothing else, and
    # the first forward may repack the weights.
    model = load_model(files, plan, progress)
    progress(Step("write", name=str(folder)))
    try:
        _write(model, files, folder, text_tokenizer)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(_partial(folder), ignore_errors=True)
        raise DeviceError(
            f"{folder} cannot be written: its disk is full, or you may not write there. Make room, or name a"
            " folder in another place."
        ) from error
    progress(Step("ready", 1.0))
    return folder


def default_name(source: str, config: MovaConfig, precision: str) -> str:
    """`<name>-<precision>`; a Llama 3 keeps that name in front, as its licence asks."""
    name = source.rpartition("/")[2].partition("@")[0]
    if is_llama3(config) and not name.lower().replace("-", "").startswith("llama3"):
        name = f"llama3-{name}"
    return f"{name}-{precision}"


def require_disk(folder: Path, size: int) -> None:
    """CheckpointError when `folder` is taken, DeviceError when its disk has not `size` bytes free."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CheckpointError(f"{folder} is not empty. Expected a new folder: name another one.")
    free, needed = free_disk_bytes(folder), round(size * 1.02)
    if needed > free:
        raise DeviceError(
            f"The new checkpoint takes {needed / 1e9:.1f} GB; the disk of {folder} has {free / 1e9:.1f} GB"
            " free. Make room, or name a folder on another disk."
        )


def _partial(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.partial")


def _write(
    model: MovaForCausalLM, files: CheckpointFiles, folder: Path, text_tokenizer: BertTokenizer
) -> None:
    # Written beside its place and moved there whole, so that a broken run leaves no half checkpoint.
    partial = _partial(folder)
    shutil.rmtree(partial, ignore_errors=True)
    with no_progress_bars():
        model.save_pretrained(partial, max_shard_size=SHARD_SIZE)
    for pattern in (*COPIED_FILES, *LICENCE_FILES):
        for file in files.folder.glob(pattern):
            if file.is_file():
                shutil.copyfile(file, partial / file.name)
    if is_llama3(model.config) and not any(partial.glob("NOTICE*")):
        (partial / "NOTICE").write_text(LLAMA3_NOTICE)
    for name in LORAS.values():
        if (files.folder / name).is_dir():
            shutil.copytree(files.folder / name, partial / name)
    save_vocabulary(text_tokenizer, partial)
    if folder.exists():
        folder.rmdir()
    partial.rename(folder)
