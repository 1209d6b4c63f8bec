"""The training loop every stage shares: warm-up and cosine, checkpoints, a log line with the time left."""

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Plan:
    """How long a stage runs: `steps` of `batch` pictures, saved every `save_every` steps.

    `rate` is AdamW's learning rate, `matrix_rate` Muon's, where a stage trains matrices with it.
    """

    steps: int
    batch: int
    rate: float = 1.2e-3
    matrix_rate: float = 0.015
    warm_up: int = 40
    save_every: int = 100
    log_every: int = 20

    def share_at(self, step: int) -> float:
        """Share of the learning rates: linear warm-up, then a cosine to a fiftieth."""
        if step < self.warm_up:
            return (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))

    def is_over(self, step: int) -> bool:
        """Whether no step is left."""
        return step >= self.steps

    def seconds_left(self, step: int, pace: float) -> int:
        """How long the rest takes at `pace` seconds a step."""
        return round(pace * (self.steps - step))


@dataclass(frozen=True)
class Sitting(Plan):
    """A part of a training that takes several: it ends after `minutes`, and the next one goes on from there.

    `first` is the step it begins with. The rate is held, and falls to a twentieth in the last `ending` of
    the time, so that the weights are worth keeping. `now` is the clock it goes by, in seconds.
    """

    minutes: float = 60.0
    first: int = 0
    ending: float = 0.2
    now: Callable[[], float] = time.monotonic
    began: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> float:
        """Share of the time that has passed."""
        return (self.now() - self.began) / (60 * self.minutes) if self.minutes else 1.0

    def share_at(self, step: int) -> float:
        """Share of the learning rates: warm-up, the full rate, then a line down."""
        falling = (1 - self.done) / self.ending
        return max(0.05, min(1.0, (step - self.first + 1) / self.warm_up, falling))

    def is_over(self, step: int) -> bool:
        """Whether the time has passed, or no step is left."""
        return self.done >= 1 or super().is_over(step)

    def seconds_left(self, step: int, pace: float) -> int:
        """What is left of the time."""
        return round(60 * self.minutes * max(0.0, 1 - self.done))


class Loop:
    """Resumable optimisation of `module`'s trainable parameters, kept in `folder`/`name`.pt.

    A killed run goes on where its last checkpoint stood: pictures are drawn from the step number.
    `scale` gives a parameter its share of the learning rate by its name. Parameters that `is_matrix` names
    are trained by Muon, the others by AdamW: an encoder learns from half as many pictures that way.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        module: nn.Module,
        plan: Plan,
        scale: Callable[[str], float] = lambda name: 1.0,
        is_matrix: Callable[[str, Tensor], bool] = lambda name, parameter: False,
    ):
        self.path, self.log = folder / f"{name}.pt", folder / f"{name}.log"
        self.module, self.plan = module, plan
        folder.mkdir(parents=True, exist_ok=True)
        named = [(n, p) for n, p in module.named_parameters() if p.requires_grad]
        self.names = [n for n, _ in named]
        self.parameters = [p for _, p in named]
        groups: dict[bool, list[dict]] = {False: [], True: []}
        for n, p in named:
            share, decay = scale(n), 0.01 if p.ndim > 1 else 0.0
            groups[is_matrix(n, p)].append({"params": [p], "share": share, "weight_decay": decay})
        self.optimizers = [torch.optim.AdamW(groups[False], lr=plan.rate, betas=(0.9, 0.98))]
        if groups[True]:
            self.optimizers.append(torch.optim.Muon(groups[True], lr=plan.matrix_rate))
        self.step = 0
        if self.path.exists():
            self._resume()

    def _resume(self) -> None:
        saved = torch.load(self.path, weights_only=True, map_location="cpu")
        self.module.load_state_dict(saved["weights"], strict=False)
        for optimizer, state in zip(self.optimizers, saved["optimizers"], strict=True):
            shares = [group["share"] for group in optimizer.param_groups]
            optimizer.load_state_dict(state)
            # The shares are this run's choice; the state brings those it was saved with.
            for group, share in zip(optimizer.param_groups, shares, strict=True):
                group["share"] = share
        self.step = saved["step"]

    def save(self) -> None:
        """Writes weights, optimiser and step; the old file stays until the new one is whole."""
        weights = {n: p.detach() for n, p in self.module.named_parameters() if n in set(self.names)}
        optimizers = [optimizer.state_dict() for optimizer in self.optimizers]
        state = {"weights": weights, "optimizers": optimizers, "step": self.step}
        new = self.path.with_suffix(".new")
        torch.save(state, new)
        new.replace(self.path)

    def _descend(self, loss: Tensor) -> None:
        share = self.plan.share_at(self.step)
        for optimizer, rate in zip(self.optimizers, (self.plan.rate, self.plan.matrix_rate), strict=False):
            for group in optimizer.param_groups:
                group["lr"] = rate * share * group["share"]
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.step += 1

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
        while not self.plan.is_over(self.step):
            loss, numbers = loss_of(self.step)
            if not torch.isfinite(loss):
                raise FloatingPointError(f"{self.path.stem}: the loss of step {self.step} is {loss.item()}")
            self._descend(loss)
            for key, value in {"loss": loss.item(), **numbers}.items():
                sums.setdefault(key, []).append(value)
            if self.step % self.plan.save_every == 0:
                self.save()
            if self.step % self.plan.log_every == 0 or self.plan.is_over(self.step):
                pace = (time.monotonic() - began) / (self.step - first)
                means = {k: round(sum(v) / len(v), 4) for k, v in sums.items()}
                left = self.plan.seconds_left(self.step, pace)
                yield {"step": self.step, "of": self.plan.steps, **means, "seconds_left": left}
                sums.clear()


def trained_weights(path: Path) -> dict[str, Tensor]:
    """The trained parameters that a loop left in `path`, on the CPU."""
    return torch.load(path, weights_only=True, map_location="cpu")["weights"]


def last_weights(folder: Path, *stages: str) -> dict[str, Tensor]:
    """What the first of `stages`, the latest named first, that has run in `folder` trained.

    Raises FileNotFoundError where none has.
    """
    for stage in stages:
        if (folder / f"{stage}.pt").exists():
            return trained_weights(folder / f"{stage}.pt")
    raise FileNotFoundError(f"{folder} holds nothing trained by {' or '.join(stages)}. Run that stage first.")


def mixed_precision(device: str):
    """bfloat16 arithmetic where it is quick: on CUDA and on CPUs with AVX512-BF16; weights stay float32."""
    return torch.autocast(device, dtype=torch.bfloat16)
