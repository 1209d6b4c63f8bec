"""Patterns and drawings of nothing that is asked for: many kinds, some kept for judging, none empty."""

import random

import numpy as np
import pytest

from training.makers.sketches import PAINTERS

EVERY = [*PAINTERS["train"], *PAINTERS["test"]]


@pytest.mark.parametrize("painter", EVERY, ids=lambda painter: painter.__name__)
def test_a_painter_fills_its_picture_and_never_draws_the_same_twice(painter):
    found = [np.asarray(painter(random.Random(seed), 320, 240)).astype(int) for seed in range(6)]
    assert len({pixels.tobytes() for pixels in found}) == len(found)
    for pixels in found:
        assert pixels.shape == (240, 320, 3)
        assert (np.abs(pixels - np.median(pixels, (0, 1))).max(-1) > 20).mean() > 0.002


def test_what_is_judged_is_not_drawn_for_training():
    assert PAINTERS["test"] and not set(PAINTERS["train"]) & set(PAINTERS["test"])
