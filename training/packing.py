"""Several questions behind one picture in one sequence: the picture is read once, the questions are not
seen by each other. Positions restart after the picture, so each branch is exactly the prompt it will be
at inference."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

IGNORE = -100


@dataclass(frozen=True)
class Packed:
    """ids [T] (IMAGE_TOKEN where picture tokens go), positions and targets [T], seen [T, T] bool."""

    ids: Tensor
    positions: Tensor
    seen: Tensor
    targets: Tensor


def pack(prefix: list[int], branches: list[tuple[list[int], list[int]]], chained: bool = False) -> Packed:
    """One sequence of `prefix` and (prompt, reply) branches; loss falls on the replies alone.

    `chained` makes the branches turns of one conversation instead: each sees all before it.
    """
    ids, positions, targets, owner = list(prefix), list(range(len(prefix))), [IGNORE] * len(prefix), []
    owner = [0] * len(prefix)
    for number, (prompt, reply) in enumerate(branches, start=1):
        first = len(ids) if chained else len(prefix)
        ids += prompt + reply
        positions += range(first, first + len(prompt) + len(reply))
        # Position t predicts the token at t + 1: the prompt's last token predicts the reply's first.
        targets += [IGNORE] * (len(prompt) - 1) + reply + [IGNORE]
        owner += [number] * (len(prompt) + len(reply))
    owners = torch.tensor(owner)
    causal = torch.ones(len(ids), len(ids), dtype=torch.bool).tril()
    same = torch.ones_like(causal) if chained else (owners[:, None] == owners[None]) | (owners[None] == 0)
    return Packed(torch.tensor(ids), torch.tensor(positions), causal & same, torch.tensor(targets))


def collate(packs: list[Packed]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """ids [B, T], positions [B, T], additive mask [B, 1, T, T], targets [B, T]; padding sees only itself."""
    ids = pad_sequence([p.ids for p in packs], batch_first=True, padding_value=0)
    positions = pad_sequence([p.positions for p in packs], batch_first=True, padding_value=0)
    targets = pad_sequence([p.targets for p in packs], batch_first=True, padding_value=IGNORE)
    length = ids.shape[1]
    seen = torch.eye(length, dtype=torch.bool).repeat(len(packs), 1, 1)
    for row, packed in zip(seen, packs, strict=True):
        row[: len(packed.ids), : len(packed.ids)] = packed.seen
    mask = torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)
    return ids, positions, mask[:, None], targets
