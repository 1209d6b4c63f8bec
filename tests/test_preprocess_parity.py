"""The three views against recorded numbers of the published preprocessing."""

import re
import zlib
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image

from mova.images import pad_to_square
from mova.vision.views import border_colour, flattened_patches, resized
from tests.golden import assert_close, golden

pytestmark = pytest.mark.parity

RECORDED = golden("preprocess")
IMAGES = RECORDED.info["images"]
PIXEL_PROCESSORS = [name for name in RECORDED.info["processors"] if name != "p2s"]
CASES = [(image, name) for image in IMAGES for name in PIXEL_PROCESSORS]


def patch_geometry() -> tuple[int, int]:
    """(rows and columns of the square grid, pixels per patch side)."""
    settings = RECORDED.info["processors"]["p2s"]
    return settings["crop_size"]["height"], settings["patch_size"]["height"]


# Two recordings of the padded picture: as many rows as the grid has patches, and more than that.
EXACT, LARGER = sorted(
    (key for key in next(iter(IMAGES.values()))["results"] if re.fullmatch(r"p2s_\d+_pad", key)),
    key=lambda key: int(key.split("_")[1]),
)
# Where the published formula found one row and column too few we differ on purpose.
SQUARE = [name for name in IMAGES if IMAGES[name]["results"][EXACT]["rows"] == patch_geometry()[0]]


@cache
def picture(name: str) -> Image.Image:
    """The test picture, a formula of its width, height and shift."""
    width, height, k = (IMAGES[name][key] for key in ("width", "height", "k"))
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    checks = (x // 16 + y // 16 + c) % 2
    values = 7 * x // 3 + 5 * y // 2 + c * (37 + k) + 3 * (x * y // 32) + 60 * checks + 11 * k
    return Image.fromarray((values % 256).astype(np.uint8))


def patches(name: str) -> torch.Tensor:
    """Our [rows * cols, 2 + p] of a padded picture."""
    rows, patch = patch_geometry()
    square = pad_to_square(picture(name), tuple(RECORDED.info["processors"]["p2s"]["pad_colour"]))
    return flattened_patches(square, rows, rows, patch)[0]


@pytest.mark.parametrize("name", IMAGES)
def test_the_test_picture_itself(name):
    assert zlib.crc32(picture(name).tobytes()) == IMAGES[name]["crc32"]


@pytest.mark.parametrize(("name", "processor"), CASES)
def test_padded_square(name, processor):
    settings, recorded = RECORDED.info["processors"][processor], IMAGES[name]["results"][processor]
    colour = border_colour(settings["image_mean"])
    assert colour == tuple(settings["pad_colour"])
    square = pad_to_square(picture(name), colour)
    assert square.size == (recorded["square_side"],) * 2
    assert zlib.crc32(square.tobytes()) == recorded["square_crc32"]


@pytest.mark.parametrize(("name", "processor"), CASES)
def test_resized_view(name, processor):
    settings, recorded = RECORDED.info["processors"][processor], IMAGES[name]["results"][processor]
    mean, std = settings["image_mean"], settings["image_std"]
    square = pad_to_square(picture(name), border_colour(mean))
    view = resized(square, settings["crop_size"]["height"], mean, std)[0]
    assert list(view.shape) == recorded["shape"]
    eight_bit = (view.permute(1, 2, 0).double() * torch.tensor(std) + torch.tensor(mean)) * 255
    channels = eight_bit.round().byte().permute(2, 0, 1).numpy()
    assert zlib.crc32(channels.tobytes()) == recorded["uint8_chw_crc32"]
    assert_close(view.double().mean(dim=(1, 2)), torch.tensor(recorded["mean"]).double())
    index = RECORDED[f"output.{name}.{processor}.index"]
    assert_close(view.flatten()[index], RECORDED[f"output.{name}.{processor}.value"])


@pytest.mark.parametrize("name", IMAGES)
def test_patches_are_the_first_rows_of_the_larger_recording(name):
    recorded = IMAGES[name]["results"][LARGER]
    ours = patches(name)
    rows, _ = patch_geometry()
    assert (recorded["rows"], recorded["cols"], recorded["nonzero_rows"]) == (rows, rows, len(ours))
    assert ours.double().sum().item() == pytest.approx(recorded["sum"], rel=1e-4)
    padded = torch.zeros(recorded["shape"])
    padded[: len(ours)] = ours
    index = RECORDED[f"output.{name}.{LARGER}.index"]
    assert_close(padded.flatten()[index], RECORDED[f"output.{name}.{LARGER}.value"])


@pytest.mark.parametrize("name", SQUARE)
def test_patches(name):
    recorded, ours = IMAGES[name]["results"][EXACT], patches(name)
    assert list(ours.shape) == recorded["shape"]
    assert ours.double().sum().item() == pytest.approx(recorded["sum"], rel=1e-4)
    index = RECORDED[f"output.{name}.{EXACT}.index"]
    assert_close(ours.flatten()[index], RECORDED[f"output.{name}.{EXACT}.value"])
