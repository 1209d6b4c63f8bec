"""The three views of a picture."""

import threading

import numpy as np
import pytest
import torch
from PIL import Image

from mova.config import MovaConfig
from mova.vision.views import BUILDERS, LazyViews, border_colour, build_views, flattened_patches

SMALL = MovaConfig(
    image_feat_size=4,
    clip={"patch_size": 8},
    views={"high_side": 48, "patch_rows": 5, "patch_size": 4},
)


def gradient(width: int, height: int) -> Image.Image:
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return Image.fromarray(np.stack([x % 256, y % 256, (x + y) % 256], axis=-1).astype(np.uint8))


def test_shapes_follow_the_config():
    views = build_views(gradient(50, 30), SMALL)
    assert views.base.shape == views.dino.shape == (1, 3, 32, 32)
    assert views.high.shape == (1, 3, 48, 48)
    assert views.patches.shape == (1, 25, 2 + 48)
    assert {v.dtype for v in vars(views).values()} == {torch.float32}


def test_lazy_views_are_the_views_and_only_those_asked_for(monkeypatch):
    image, made = gradient(50, 30), []
    for name, build in BUILDERS.items():
        monkeypatch.setitem(BUILDERS, name, lambda *given, n=name, b=build: made.append(n) or b(*given))
    lazy, whole = LazyViews(image, SMALL, torch.device("cpu"), torch.float32), build_views(image, SMALL)
    made.clear()
    before = lazy.nbytes
    assert torch.equal(lazy.high, whole.high) and lazy.high is lazy.high and made == ["high"]
    assert before == 3 * 50 * 30 and lazy.nbytes == before + whole.high.nbytes
    assert all(torch.equal(getattr(lazy, name), view) for name, view in vars(whole).items())
    assert sorted(made) == sorted(BUILDERS)


def test_a_view_made_ahead_is_the_view_and_made_once(monkeypatch):
    image, made, whole = gradient(50, 30), [], build_views(gradient(50, 30), SMALL)

    def build(*given):
        made.append(threading.current_thread().name)
        return BUILDERS["base"](*given)

    monkeypatch.setitem(BUILDERS, "high", build)
    lazy = LazyViews(image, SMALL, torch.device("cpu"), torch.bfloat16)
    for _ in range(2):
        lazy.expect("high")
    assert torch.equal(lazy.high, whole.base.bfloat16())
    lazy.expect("high")
    assert lazy.high is lazy.high and len(made) == 1 and made[0].startswith("views")


def test_a_view_that_cannot_be_made_ahead_says_so_when_it_is_asked_for(monkeypatch):
    def fail(*given):
        raise MemoryError

    lazy = LazyViews(gradient(50, 30), SMALL, torch.device("cpu"), torch.float32)
    with monkeypatch.context() as patch:
        patch.setitem(BUILDERS, "high", fail)
        lazy.expect("high")
        with pytest.raises(MemoryError):
            _ = lazy.high
    assert lazy.high.shape == (1, 3, 48, 48)


def test_moving_changes_type_of_every_view():
    moved = build_views(gradient(9, 9), SMALL).to("cpu", torch.bfloat16)
    assert {v.dtype for v in vars(moved).values()} == {torch.bfloat16}
    assert moved.patches[0, -1, :2].tolist() == [5, 5]


def test_the_border_is_each_processors_own_mean():
    assert border_colour((0.48145466, 0.4578275, 0.40821073)) == (122, 116, 104)
    views = build_views(gradient(64, 4), SMALL)
    assert views.base[0, :, 0, 0].abs().max() < 0.02
    assert views.dino[0, :, 0, 0].abs().max() < 0.02


def test_patch_rows_and_columns_are_exact_for_every_side():
    for side in (7, 609, 617):
        patches = flattened_patches(gradient(side, side), 45, 45, 16)
        assert patches.shape == (1, 2025, 770)
        assert patches[0, :, 0].tolist() == [r for r in range(1, 46) for _ in range(45)]
        assert patches[0, :45, 1].tolist() == list(range(1, 46))


def test_a_patch_is_row_column_channel():
    pixels = gradient(20, 20)
    patches = flattened_patches(pixels, 5, 5, 4)
    values = np.asarray(pixels, dtype=np.float32)
    normalised = (values - values.mean()) / values.std()
    expected = normalised[4:8, 8:12].reshape(-1)
    assert np.allclose(patches[0, 5 + 2, 2:].numpy(), expected, atol=1e-5)


def test_a_plain_picture_is_not_divided_by_zero():
    patches = flattened_patches(Image.new("RGB", (10, 10), "white"), 5, 5, 4)
    assert patches[0, :, 2:].abs().max() == 0


def test_unpadded_checkpoints_see_the_centre():
    config = MovaConfig(image_feat_size=4, clip={"patch_size": 8}, image_aspect_ratio="square",
                        views={"high_side": 48, "patch_rows": 5, "patch_size": 4})  # fmt: skip
    wide = Image.new("RGB", (90, 30), "black")
    wide.paste(Image.new("RGB", (30, 30), "white"), (30, 0))
    assert build_views(wide, config).base.min() > 1.5
