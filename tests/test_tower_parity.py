"""All eight encoders together against the recorded outputs of the published code."""

from functools import cache

import pytest
import torch

from mova.vision.experts.pool import LETTERS
from mova.vision.grid import resize_tokens
from mova.vision.tower import VisionTower
from tests.golden import assert_close, by_recipe, golden, load_vision, tower_config, views

pytestmark = pytest.mark.parity

CASES = golden("tower").info["cases"]


@pytest.fixture(autouse=True)
def no_grad():
    with torch.no_grad():
        yield


@cache
def tower(fixture: str) -> VisionTower:
    """The tower of a fixture with its recipe's weights."""
    recorded = golden(fixture)
    weights = {f"model.vision_tower.{name}": value for name, value in recorded.weights().items()}
    return load_vision(VisionTower, tower_config(recorded.config), weights)


def encoded(case: str) -> tuple[str, torch.Tensor, dict[str, torch.Tensor]]:
    """Letters whose features the case has, base features, and expert features on their own grids.

    A case's caches say which experts' features it holds: those routed now or in the case before it.
    """
    recorded = golden("tower")
    base_cache, *caches = CASES[case]["cached"]
    letters = "".join(letter for letter, cache in zip(LETTERS, caches, strict=True) if cache)
    given = given_views(recorded, "_b2" if base_cache[0] > 1 else "")
    model = tower("tower")
    own = {letter: model.encode_expert(letter, given) for letter in letters}
    return letters, model.encode_base(given), own


def given_views(recorded, suffix="", images=None):
    """The published six-channel pictures taken apart into our views."""
    images = recorded[f"input.images{suffix}"] if images is None else images
    return views(
        base=images[:, :3],
        dino=images[:, 3:],
        high=recorded[f"input.high_images{suffix}"],
        patches=recorded[f"input.flattened_patches{suffix}"],
    )


def columns(fixture: str, index: int) -> slice:
    """Where tower `index` lies in the published features."""
    offsets = golden(fixture).info["column_offsets"]
    return slice(offsets[index], offsets[index + 1])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("index", range(len(LETTERS) + 1))
def test_features_on_the_base_grid(case, index):
    recorded = golden("tower")
    letters, base, own = encoded(case)
    letter = "" if index == 0 else LETTERS[index - 1]
    where = columns("tower", index)
    whole = recorded.tensors.get(f"output.{case}.features")
    if letter not in letters:
        # An expert that is not chosen is zero in the published features and absent in ours.
        assert not whole[..., where].any()
        return
    features = tower("tower").to_base_grid(own[letter]) if letter else base
    if whole is not None:
        assert_close(features, whole[..., where])
    else:
        assert_close(features[:, :4], recorded[f"output.{case}.features_first4tokens"][..., where])
        assert_close(features.mean(dim=1), recorded[f"output.{case}.features_channel_mean"][..., where])


@pytest.mark.parametrize(
    ("case", "index"),
    [
        (case, index)
        for case in CASES
        for index in range(len(LETTERS) + 1)
        if golden("tower").names(f"output.{case}.cached_{index}")
    ],
)
def test_features_on_the_own_grid(case, index):
    recorded = golden("tower")
    _, base, own = encoded(case)
    features = base if index == 0 else own[LETTERS[index - 1]]
    name = f"output.{case}.cached_{index}"
    if f"{name}_rows" in recorded.tensors:
        assert_close(features[:, recorded[f"{name}_row_index"]], recorded[f"{name}_rows"])
        return
    if index == 1:
        features = tower("tower").to_base_grid(features)  # the published cache of DINOv2 is resized already
    assert_close(features, recorded[name])


@pytest.mark.parametrize("output", golden("tower").names("output.align_"))
def test_a_grid_resized_alone(output):
    recorded = golden("tower")
    side = round(int(output.rpartition("_")[2]) ** 0.5)
    assert_close(resize_tokens(recorded["input.align"], side), recorded[output])


@pytest.mark.parametrize("output", golden("tower").names("output.merge_"))
def test_a_grid_merged_onto_the_base(output):
    recorded = golden("tower")
    base, other = recorded["input.merge_base"], recorded["input.align"]
    merged = torch.cat([base, resize_tokens(other, round(base.shape[1] ** 0.5))], dim=-1)
    assert_close(merged, recorded[output])


@cache
def wide_features() -> dict[int, torch.Tensor]:
    """Features of every encoder for a picture wider than DINOv2's largest side."""
    recorded = golden("tower_518")
    sizes = recorded.config
    side = sizes["clip"]["patch_size"] * sizes["image_feat_size"]
    images = by_recipe("input.images", [1, 6, side, side], recorded.info["phase"], 1.7, 0.0)
    assert torch.equal(images[..., :3, :3], recorded["input.images_corner"])
    given = given_views(recorded, images=images)
    model = tower("tower_518")
    experts = model.features(given, LETTERS)
    return dict(enumerate([model.encode_base(given), *experts.values()]))


@pytest.mark.parametrize("index", range(len(LETTERS) + 1))
def test_features_of_a_wide_picture(index):
    recorded = golden("tower_518")
    features, where = wide_features()[index], columns("tower_518", index)
    assert_close(features[:, recorded["output.row_index"]], recorded["output.features_rows"][..., where])
    assert_close(features.mean(dim=1), recorded["output.features_mean"][..., where])
    assert_close(features.std(dim=1), recorded["output.features_std"][..., where])
