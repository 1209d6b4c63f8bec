"""The vision tower on a tiny random model: grids, batches, precision, and what is run."""

import copy

import pytest
import torch

from mova.vision.experts.pool import EXPERTS, LETTERS
from mova.vision.rotary import apply_rotary, rotary_tables
from mova.vision.views import Views


@pytest.fixture(autouse=True)
def no_grad():
    with torch.no_grad():
        yield


@pytest.fixture(scope="module")
def tower(tiny_model):
    return tiny_model.model.vision_tower


@pytest.fixture(scope="module")
def views(tiny_config):
    return random_views(tiny_config, batch=2)


def random_views(config, batch):
    """Views of a picture of noise, at the sizes the configuration asks for."""
    generator = torch.Generator().manual_seed(1)

    def noise(*shape):
        return torch.randn(batch, *shape, generator=generator)

    rows, patch = config.views.patch_rows, config.views.patch_size
    places = torch.cartesian_prod(*[torch.arange(1.0, rows + 1)] * 2).expand(batch, -1, -1)
    return Views(
        base=noise(3, config.base_side, config.base_side),
        dino=noise(3, config.dino_side, config.dino_side),
        high=noise(3, config.views.high_side, config.views.high_side),
        patches=torch.cat([places, noise(rows * rows, 3 * patch * patch)], dim=-1),
    )


def test_every_expert_comes_to_the_base_grid_with_its_channels(tower, views, tiny_config):
    features = tower.features(views, LETTERS)
    assert tower.encode_base(views).shape == (2, tiny_config.base_tokens, tiny_config.mm_hidden_size)
    for letter, channels in zip(LETTERS, tiny_config.expert_channels, strict=True):
        assert features[letter].shape == (2, tiny_config.base_tokens, channels)


def test_only_the_named_experts_run(tower, views):
    ran = []
    hooks = [
        tower.get_submodule(expert.module).register_forward_hook(
            lambda *_, letter=expert.letter: ran.append(letter)
        )
        for expert in EXPERTS
    ]
    features = tower.features(views, "DB")
    for hook in hooks:
        hook.remove()
    assert ran == list(features) == ["D", "B"]


@pytest.mark.parametrize("letter", ["", *LETTERS])
def test_a_batch_gives_what_its_pictures_give_alone(letter, tower, views):
    def encode(given):
        return tower.encode_expert(letter, given) if letter else tower.encode_base(given)

    alone = [encode(Views(*(part[i : i + 1] for part in vars(views).values()))) for i in range(2)]
    torch.testing.assert_close(encode(views), torch.cat(alone), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("letter", ["", *LETTERS])
def test_a_bfloat16_encoder_stays_close_and_takes_float32_views(letter, tower, views):
    half = copy.deepcopy(tower).bfloat16()

    def encode(model):
        return model.encode_expert(letter, views) if letter else model.encode_base(views)

    exact, rounded = encode(tower), encode(half)
    assert rounded.dtype == torch.bfloat16
    assert (rounded.float() - exact).norm() / exact.norm() < 3e-2


def test_rotary_tables_serve_training_after_inference():
    with torch.inference_mode():
        rotary_tables(3, 8, 5)
    with torch.enable_grad():
        x = torch.randn(2, 9, 8, requires_grad=True)
        apply_rotary(x, *rotary_tables(3, 8, 5)).sum().backward()
    assert x.grad.isfinite().all()


def test_rotary_is_computed_in_float32_and_handed_on_in_the_type_given():
    tables = rotary_tables(4, 8)
    assert all(table.dtype == torch.float32 for table in tables)
    assert apply_rotary(torch.ones(16, 8, dtype=torch.bfloat16), *tables).dtype == torch.bfloat16
