"""Drawings that are no charts: many kinds, some kept for judging, and each as its seed says."""

import random

import numpy as np
import pytest

from training.makers.diagrams import PAINTERS, diagram_image, draw_diagram


@pytest.mark.parametrize("split", ["train", "test"])
def test_drawings_differ_and_none_is_empty(split):
    found = [np.asarray(diagram_image(random.Random(seed), split, 160, 120)) for seed in range(16)]
    assert len({pixels.tobytes() for pixels in found}) == len(found)
    for pixels in found:
        ground = pixels[0, 0]
        assert (
            pixels.shape == (120, 160, 3)
            and (np.abs(pixels - ground.astype(int)).max(-1) > 20).mean() > 0.005
        )


def test_what_is_judged_is_not_drawn_for_training():
    assert PAINTERS["test"] and not set(PAINTERS["train"]) & set(PAINTERS["test"])


def test_the_same_source_draws_the_same_picture():
    one, two = (draw_diagram(random.Random(3), "train") for _ in range(2))
    assert one.image.tobytes() == two.image.tobytes() and one.questions == two.questions
