"""Start values of encoders and adapter: what they must do before any training."""

import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from mova.adapter import MovAdapter
from mova.vision.experts.clip import Clip
from mova.vision.experts.pool import BY_LETTER, LETTERS
from mova.vision.tower import ENCODERS
from mova.vision.views import Views, flattened_patches
from training.layout import GRID
from training.locality import codes, start_local, start_projector, write_codes
from training.sizes import tiny_config as embedded_config
from training.start import COLOUR_FILTERS, cosine_filters, sinusoids, start_encoder

CODE_LENGTH = 7.0


def build_encoder(letter, config):
    torch.manual_seed(0)
    return Clip(config) if letter == "base" else ENCODERS[BY_LETTER[letter].module](config)


def patch_filters(encoder):
    """The weight that reads the picture's patches, [width, 3, P, P]."""
    for module in encoder.modules():
        if isinstance(module, nn.Conv2d) and module.in_channels == 3:
            return module.weight.detach()
    weight = encoder.get_parameter(
        next(n for n, _ in encoder.named_parameters() if "patch_projection.w" in n)
    )
    side = round((weight.shape[1] / 3) ** 0.5)
    return weight.detach().unflatten(1, (side, side, 3)).permute(0, 3, 1, 2)


@pytest.mark.parametrize("letter", ["base", *LETTERS])
def test_every_encoder_starts_with_the_cosine_filters_of_its_patches(letter, tiny_config):
    encoder = build_encoder(letter, tiny_config)
    start_encoder(encoder)
    filters = patch_filters(encoder)
    assert torch.equal(filters, cosine_filters(filters.shape))


@pytest.mark.parametrize("letter", ["base", *LETTERS])
def test_a_started_encoder_tells_the_places_of_an_even_picture_apart(letter, tiny_config):
    encoder = build_encoder(letter, tiny_config).eval()
    start_encoder(encoder)
    side, high = tiny_config.base_side, tiny_config.views.high_side
    rows, values = tiny_config.views.patch_rows, 3 * tiny_config.views.patch_size**2
    places = torch.cartesian_prod(torch.arange(1.0, rows + 1), torch.arange(1.0, rows + 1))
    patches = torch.cat([places, torch.full((rows * rows, values), 0.5)], dim=1)[None]
    picture = torch.full((1, 3, side, side), 0.5)
    with torch.no_grad():
        features = encoder(Views(picture, picture, torch.full((1, 3, high, high), 0.5), patches))[0]
    assert torch.isfinite(features).all()
    features = features / features.std()  # SAM's own neck starts at 1e-10: any size will do here
    assert torch.cdist(features, features).fill_diagonal_(torch.inf).min() > 0.1


@pytest.mark.parametrize("shape", [(192, 3, 14, 14), (192, 3, 16, 16), (64, 3, 8, 8)])
def test_cosine_filters_are_orthogonal_but_for_the_few_of_colour(shape):
    filters = F.normalize(cosine_filters(shape).flatten(1), dim=1)[:-COLOUR_FILTERS]
    used = filters[filters.norm(dim=1) > 0]
    assert len(used) == min(shape[0] - COLOUR_FILTERS, shape[2] ** 2 - 1)
    torch.testing.assert_close(used @ used.T, torch.eye(len(used)), rtol=0, atol=1e-4)


def test_luminance_filters_do_not_see_the_colour_of_the_paper():
    filters = cosine_filters((192, 3, 16, 16))
    paper = torch.tensor([0.9, 0.8, 0.3])[:, None, None].expand(3, 16, 16)
    seen = (filters * paper).sum(dim=(1, 2, 3)).abs()
    assert seen[:-COLOUR_FILTERS].max() < 1e-4
    assert seen[-COLOUR_FILTERS:].max() > 0.01


def test_filters_over_flattened_patches_see_what_a_convolution_sees(tiny_config):
    encoder = build_encoder("D", tiny_config)
    start_encoder(encoder)
    size, rows = tiny_config.views.patch_size, tiny_config.views.patch_rows
    image = Image.radial_gradient("L").resize((rows * size, rows * size)).convert("RGB")
    patches = flattened_patches(image, rows, rows, size)[..., 2:]
    projection = next(m for n, m in encoder.named_modules() if n.endswith("patch_projection"))
    by_rows = patches.view(rows, rows, size, size, 3).permute(4, 0, 2, 1, 3)
    picture = by_rows.reshape(1, 3, rows * size, rows * size)
    seen = F.conv2d(picture, cosine_filters((projection.out_features, 3, size, size)), stride=size)
    with torch.no_grad():
        torch.testing.assert_close(
            F.linear(patches, projection.weight)[0], seen.flatten(2)[0].T, rtol=1e-4, atol=1e-4
        )


def test_sinusoids_are_most_alike_where_positions_are_equal():
    waves = F.normalize(sinusoids(24, 96), dim=1)
    assert torch.equal((waves @ waves.T).argmax(dim=1), torch.arange(24))


@pytest.fixture(scope="module")
def adapter():
    torch.manual_seed(0)
    made = MovAdapter(embedded_config()).eval()
    start_local(made)
    return made


def random_features(channels, seed=0):
    return torch.randn(1, (2 * GRID) ** 2, channels, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def image_tokens(adapter, letter, features):
    """Image tokens [B, 144, H] when one expert alone is routed, always over the same base features."""
    config, count = embedded_config(), len(features)
    base = random_features(config.mm_hidden_size, 9).expand(count, -1, -1)
    routing = torch.tensor([[float(letter == other) for other in LETTERS]]).expand(count, -1)
    text = torch.zeros(count, config.text_encoder.hidden_size)
    return adapter(base, {letter: features}, text, routing).tokens


@pytest.mark.parametrize("letter", LETTERS)
def test_an_experts_cell_moves_the_same_cell_of_the_stream_most(adapter, letter):
    cells = ((0, 0), (7, 18), (23, 4))
    channels = embedded_config().expert_channels[LETTERS.index(letter)]
    features = random_features(channels).repeat(1 + len(cells), 1, 1)
    for changed, (row, column) in zip(features[1:], cells, strict=True):
        changed[row * 2 * GRID + column] = random_features(channels, 1)[0, 0]
    tokens = image_tokens(adapter, letter, features)
    places = (tokens[1:] - tokens[0]).norm(dim=2).argmax(dim=1).tolist()
    assert [divmod(place, GRID) for place in places] == [(row // 2, column // 2) for row, column in cells]


def test_the_stream_passes_unchanged_where_no_expert_is_routed(adapter):
    config = embedded_config()
    base = random_features(config.mm_hidden_size)
    with torch.no_grad():
        text, routing = torch.zeros(1, config.text_encoder.hidden_size), torch.zeros(1, len(LETTERS))
        tokens = adapter(base, {}, text, routing).tokens
        pooled = F.adaptive_avg_pool2d(base.transpose(1, 2).unflatten(2, (2 * GRID, 2 * GRID)), GRID)
        torch.testing.assert_close(tokens, adapter.mlp(pooled.flatten(2).transpose(1, 2)))


def test_codes_depend_on_the_token_alone_and_are_nearly_orthogonal():
    table = codes([5, 77, 4000], 192)
    assert torch.equal(codes([4000], 192)[0], table[2])
    torch.testing.assert_close(table @ table.T, torch.eye(3), rtol=0, atol=0.25)


def test_the_projector_looks_a_code_up_near_its_tokens_embedding():
    vocabulary = list(range(60))
    embeddings = torch.randn(len(vocabulary), 576, generator=torch.Generator().manual_seed(0)) * 0.1
    torch.manual_seed(0)
    projector = nn.Sequential(nn.Linear(192, 768), nn.GELU(), nn.Linear(768, 576))
    table = codes(vocabulary, 192)
    start_projector(projector, table, embeddings)
    with torch.no_grad():
        found = projector(CODE_LENGTH * table)
    centre = embeddings.mean(0)
    near = F.normalize(found - centre, dim=1) @ F.normalize(embeddings - centre, dim=1).T
    assert torch.equal(near.argmax(dim=1), torch.arange(len(vocabulary)))
    assert near.diagonal().mean() > 0.7


def test_the_projector_gives_the_blank_where_the_stream_holds_nothing():
    embeddings = torch.randn(50, 64)
    projector = nn.Sequential(nn.Linear(32, 96), nn.GELU(), nn.Linear(96, 64))
    start_projector(projector, codes(list(range(50)), 32), embeddings)
    with torch.no_grad():
        found = projector(torch.zeros(1, 32))[0]
    assert (embeddings - found).norm(dim=1).argmin() == 0


def test_more_tokens_than_the_projector_is_wide_are_refused():
    projector = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
    with pytest.raises(AssertionError, match="17 tokens"):
        start_projector(projector, torch.zeros(17, 8), torch.zeros(17, 8))


def test_an_experts_values_start_as_the_codes_of_what_its_token_head_reads(adapter):
    head, norm = nn.Linear(192, 40), nn.LayerNorm(192)
    with torch.no_grad():
        nn.init.orthogonal_(head.weight)
        table = codes(list(range(40)), 192)
        attention = MovAdapter(embedded_config()).blocks[0].cross_attn[0]
        write_codes(attention, head, norm, table)
        values = attention.v_proj(10 * head.weight)
    assert torch.equal((values @ table.T).argmax(dim=1), torch.arange(40))
