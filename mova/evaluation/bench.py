"""Seconds and memory of every stage, measured on this machine.

python -m mova bench
python -m mova bench --random-8b /tmp/random-8b --precision nf4
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from PIL import Image
from torch import nn

from mova.checkpoint.loading import Loaded, Progress, default_checkpoint, load
from mova.checkpoint.precision import held_bytes
from mova.checkpoint.random import write_random_checkpoint
from mova.config import MovaConfig
from mova.engine import Engine
from mova.events import Done
from mova.images import CheckedImage, check_pixels
from mova.model import MovaForCausalLM
from mova.request import Decoding
from mova.trace import to_json
from mova.vision.experts.pool import EXPERTS, LETTERS, MAX_EXPERTS

QUESTION = "What is in this picture?"


def bench(
    checkpoint: str | Path | None = None,
    *,
    image: CheckedImage | None = None,
    precision: str | None = None,
    device: str | None = None,
    random_8b: Path | None = None,
    new_tokens: int = 64,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Loads a checkpoint, asks it through every expert, and returns what that took (seconds, GB).

    `random_8b` is a folder with a full-size checkpoint of random weights, written first if it is not there;
    it takes the place of `checkpoint`. Raises CheckpointError and DeviceError.
    """
    if random_8b is not None:
        checkpoint = random_8b
        if not (random_8b / "config.json").is_file():
            write_random_checkpoint(random_8b, MovaConfig())
    started = perf_counter()
    loaded = load(checkpoint or default_checkpoint(), precision=precision, device=device, progress=progress)
    seconds = perf_counter() - started
    return {
        "model": loaded.info.to_json(),
        "load_seconds": seconds,
        "memory_gb": memory_by_part(loaded.model),
        "answers": list(_answers(loaded, image or drawn_picture(), Decoding(max_new_tokens=new_tokens))),
    }


def memory_by_part(model: MovaForCausalLM) -> dict[str, float]:
    """GB of weights, scales and buffers that each part of a loaded model holds."""
    tower, adapter = model.model.vision_tower, model.model.mm_projector
    parts = {
        "language model": held_bytes(model.model.layers),
        "embedding and output layer": held_bytes(nn.ModuleList([model.model.embed_tokens, model.lm_head])),
        "text encoder": held_bytes(adapter.text_encoder),
        "adapter": held_bytes(adapter) - held_bytes(adapter.text_encoder),
        "CLIP": held_bytes(tower.clip),
    }
    parts |= {expert.name: held_bytes(tower.get_submodule(expert.module)) for expert in EXPERTS}
    parts["whole"] = held_bytes(model)
    return {part: size / 1e9 for part, size in parts.items()}


def drawn_picture() -> CheckedImage:
    """A picture with detail everywhere, for measuring without one at hand."""
    return check_pixels(Image.effect_mandelbrot((1024, 768), (-2.0, -1.2, 1.0, 1.2), 60).convert("RGB"))


def _answers(loaded: Loaded, image: CheckedImage, decoding: Decoding) -> Iterator[dict[str, Any]]:
    """The router's choice for a new picture, for a known one, then every expert by force."""
    engine = Engine(loaded)
    forced = [LETTERS[place : place + MAX_EXPERTS] for place in range(0, len(LETTERS), MAX_EXPERTS)]
    for experts in (None, None, *forced):
        yield _answer(engine, image, experts, decoding)


def _answer(
    engine: Engine, image: CheckedImage, experts: Sequence[str] | None, decoding: Decoding
) -> dict[str, Any]:
    """One answer's stages with the most memory the device held in each (None on a CPU)."""
    cuda = engine.info.device.startswith("cuda")
    peaks: list[float | None] = []
    for event in engine.answer(QUESTION, image, experts=experts, decoding=decoding):
        if hasattr(event, "seconds"):
            peaks.append(torch.cuda.max_memory_allocated(engine.info.device) / 1e9 if cuda else None)
            if cuda:
                torch.cuda.reset_peak_memory_stats(engine.info.device)
        if isinstance(event, Done):
            whole = to_json(event.trace)
    timings = whole["trace"]["timings"]
    stages = zip(timings["stages"], peaks, strict=True)
    return {
        "experts": whole["trace"]["routing"]["experts"],
        "forced": experts is not None,
        **timings,
        "stages": [{**stage, "peak_gb": peak} for stage, peak in stages],
    }
