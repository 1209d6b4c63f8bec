"""Seconds and memory of every stage, measured on this machine, against the published loop in the same run.

python -m mova bench
python -m mova bench --random-mid /tmp/random-mid --precision bf16
python -m mova bench --random-8b /tmp/random-8b --precision nf4 --rounds 1
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import torch
from PIL import Image
from torch import nn

from mova.checkpoint.loading import Loaded, default_checkpoint, load
from mova.checkpoint.precision import held_bytes
from mova.checkpoint.random import mid_size, write_random_checkpoint
from mova.config import MovaConfig
from mova.engine import Engine
from mova.evaluation.comparison import compare
from mova.evaluation.floors import decoding_floor, machine_rates
from mova.evaluation.published_loop import PublishedLoop
from mova.evaluation.visitors import visit
from mova.evaluation.watching import Watched, status_gb
from mova.events import Done
from mova.images import CheckedImage, check_pixels
from mova.model import MovaForCausalLM
from mova.prepared import Prepared
from mova.progress import Report, unheard
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
    random_mid: Path | None = None,
    new_tokens: int = 64,
    rounds: int = 0,
    loop_precision: str | None = None,
    memory: str = "auto",
    steps: str = "recorded",
    visitors: Sequence[int] = (),
    progress: Report = unheard,
) -> dict[str, Any]:
    """Loads a checkpoint, asks it through every expert, and returns what that took (seconds, GB).

    `random_8b` and `random_mid` are folders with a checkpoint of random weights, written first if it is not
    there; it takes the place of `checkpoint`. With `rounds` the engine is compared so often with the
    published loop, which runs in `loop_precision` where one is named; each of `visitors` is a number of
    people who ask at once. Raises CheckpointError, DeviceError.
    """
    for folder, config in ((random_8b, MovaConfig), (random_mid, mid_size)):
        if folder is not None:
            checkpoint = folder
            if not (folder / "config.json").is_file():
                write_random_checkpoint(folder, config())
    place = checkpoint or default_checkpoint()
    with Watched() as watched:
        loaded = load(
            place, precision=precision, device=device, memory=memory, steps=steps, progress=progress
        )
    report: dict[str, Any] = {
        "model": loaded.info.to_json(),
        "machine": machine(),
        "load_seconds": watched.seconds,
        "load_processor_seconds": watched.processor_seconds,
        "load_anonymous_gb": watched.anonymous_gb,
        "memory_gb": memory_by_part(loaded.model),
        "answers": list(_answers(loaded, image or drawn_picture(), Decoding(max_new_tokens=new_tokens))),
        "peak_process_gb": status_gb("VmHWM"),
        "rates": machine_rates(loaded.model.device, loaded.model.dtype),
        "visitors": [
            visit(Engine(loaded), [drawn_picture(n) for n in range(count)], new_tokens) for count in visitors
        ],
    }
    if rounds > 0:
        same = loop_precision in (None, loaded.info.precision)
        rival = loaded if same else load(place, precision=loop_precision, device=device)
        pictures = [image] * rounds if image else [drawn_picture(n) for n in range(rounds)]
        compared = compare(loaded, PublishedLoop(rival), pictures, new_tokens)
        decoder = Prepared.of(loaded).decoder("answer")
        rate = compared["decoding"]["tokens_per_second"]
        compared["decoding"] |= decoding_floor(decoder, report["rates"], rate)
        report["against_the_published_loop"] = compared
    return report


def machine() -> dict[str, Any]:
    """What it ran on."""
    cuda = torch.cuda.is_available()
    return {
        "processor": torch.backends.cpu.get_cpu_capability(),
        "cores": psutil.cpu_count(logical=False),
        "threads": torch.get_num_threads(),
        "card": torch.cuda.get_device_name() if cuda else None,
        "torch": torch.__version__,
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


def drawn_picture(number: int = 0) -> CheckedImage:
    """A picture with detail everywhere, another one for each number, for measuring without one at hand."""
    left = -2.0 + 0.01 * number
    return check_pixels(Image.effect_mandelbrot((1024, 768), (left, -1.2, 1.0, 1.2), 60).convert("RGB"))


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
