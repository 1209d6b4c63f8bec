"""What replies are compared with, and a compared reply as a benchmark's own numbers see it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from mova.language.boxes import Box

Answers = tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """The right letter of a multiple choice, and what all letters stand for, from A on."""

    letter: str
    options: tuple[str, ...]


Target = Answers | Box | Choice
Numbers = dict[str, float | None]


@dataclass(frozen=True)
class Case:
    """A question that was scored. `reply` is None where it could not be asked; `picture` tells pictures
    apart, None where the question is about none."""

    id: int | str
    reply: str | None
    target: Any  # of the rule's own kind
    score: float
    category: str | None = None
    picture: Hashable | None = None


def by_category(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """The cases of every category by its name; those without one are left out."""
    members: dict[str, list[Case]] = {}
    for case in cases:
        if case.category:
            members.setdefault(case.category, []).append(case)
    return dict(sorted(members.items()))
