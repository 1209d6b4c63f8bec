"""The training loop every stage shares: warm-up and cosine, checkpoints, a log line with the time left."""

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Plan:
    """How long a stage runs: `steps` of `batch` pictures at `rate`, saved every `save_every` steps."""

    steps: int
    batch: int
    rate: float = 1.2e-3
    warm_up: int = 40
    save_every: int = 100
    log_every: int = 20

    def rate_at(self, step: int) -> float:
        """Learning rate: linear warm-up, then a cosine to a fiftieth."""
        if step < self.warm_up:
            return self.rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))


class Loop:
    """Resumable optimisation of `module`'s trainable parameters, kept in `folder`/`name`.pt.

    A killed run goes on where its last checkpoint stood: pictures are drawn from the step number.
    `scale` gives a parameter its share of the learning rate by its name.
    """

    def __init__(self, folder: Path, name: str, module: nn.Module, plan: Plan, scale=lambda name: 1.0):
        self.path, self.log = folder / f"{name}.pt", folder / f"{name}.log"
        self.module, self.plan = module, plan
        folder.mkdir(parents=True, exist_ok=True)
        named = [(n, p) for n, p in module.named_parameters() if p.requires_grad]
        groups = [
            {"params": [p], "scale": scale(n), "weight_decay": 0.01 if p.ndim > 1 else 0.0} for n, p in named
        ]
        self.names = [n for n, _ in named]
        self.optimizer = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98))
        self.step = 0
        if self.path.exists():
            self._resume()

    def _resume(self) -> None:
        saved = torch.load(self.path, weights_only=True, map_location="cpu")
        self.module.load_state_dict(saved["weights"], strict=False)
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step = saved["step"]

    def save(self) -> None:
        """Writes weights, optimiser and step; the old file stays until the new one is whole."""
        weights = {n: p.detach() for n, p in self.module.named_parameters() if n in set(self.names)}
        state = {"weights": weights, "optimizer": self.optimizer.state_dict(), "step": self.step}
        new = self.path.with_suffix(".new")
        torch.save(state, new)
        new.replace(self.path)

    def run(self, loss_of: Callable[[int], tuple[Tensor, dict[str, float]]]) -> None:
        """Minimises `loss_of(step)` -> (loss, numbers to log) until the plan's steps are done."""
        for measured in self._measured(loss_of):
            line = json.dumps(measured)
            print(line, flush=True)
            with self.log.open("a") as log:
                log.write(line + "\n")
        self.save()

    def _measured(self, loss_of) -> Iterator[dict]:
        began, first = time.monotonic(), self.step
        sums: dict[str, list[float]] = {}
        while self.step < self.plan.steps:
            for group in self.optimizer.param_groups:
                group["lr"] = self.plan.rate_at(self.step) * group["scale"]
            loss, numbers = loss_of(self.step)
            if not torch.isfinite(loss):
                raise FloatingPointError(f"{self.path.stem}: the loss of step {self.step} is {loss.item()}")
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_([p for g in self.optimizer.param_groups for p in g["params"]], 1.0)
            self.optimizer.step()
            self.step += 1
            for key, value in {"loss": loss.item(), **numbers}.items():
                sums.setdefault(key, []).append(value)
            if self.step % self.plan.save_every == 0:
                self.save()
            if self.step % self.plan.log_every == 0 or self.step == self.plan.steps:
                pace = (time.monotonic() - began) / (self.step - first)
                means = {k: round(sum(v) / len(v), 4) for k, v in sums.items()}
                left = round(pace * (self.plan.steps - self.step))
                yield {"step": self.step, "of": self.plan.steps, **means, "seconds_left": left}
                sums.clear()


def trained_weights(path: Path) -> dict[str, Tensor]:
    """The trained parameters that a loop left in `path`, on the CPU."""
    return torch.load(path, weights_only=True, map_location="cpu")["weights"]


def mixed_precision(device: str):
    """bfloat16 arithmetic where it is quick: on CUDA and on CPUs with AVX512-BF16; weights stay float32."""
    return torch.autocast(device, dtype=torch.bfloat16)
