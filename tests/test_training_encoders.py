"""Stage 0 of the small model's training: one encoder alone, and what the adapter can take over from it."""

import json

import pytest
import torch

from mova.vision.grid import pool_map, resize_map, to_map, to_tokens
from mova.vision.tower import ENCODERS
from training.encoders import FINE, Writer, attend_plainly, build_view, is_matrix, pace, train_encoder
from training.layout import GRID, TokenLayout
from training.loop import Plan, trained_weights
from training.pictures.drawing import draw
from training.sizes import tiny_config

WORDS = 7


@pytest.fixture(scope="module")
def picture():
    return draw("shapes", 3, "train").image


@torch.no_grad()
def test_tokens_are_the_mean_of_what_the_head_reads_in_the_cells_that_the_adapter_sees(picture):
    torch.manual_seed(0)
    writer = Writer(tiny_config(), "G", WORDS).eval()
    views = build_view(picture, "G", tiny_config())
    cells = to_tokens(resize_map(to_map(writer.encoder(views)), FINE))
    read = writer.token_head(writer.norm(cells))
    tokens, characters = writer(views)
    assert tokens.shape == (1, GRID * GRID, WORDS) and characters.shape[:2] == (1, FINE * FINE)
    assert torch.allclose(tokens, to_tokens(pool_map(to_map(read), GRID)), atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize(
    ("letter", "module"), list(zip("ABEG", ("dinov2", "vary", "deplot", "sam"), strict=True))
)
def test_plain_attention_sees_what_the_fused_kernels_see(picture, letter, module):
    torch.manual_seed(0)
    encoder = ENCODERS[module](tiny_config()).eval()
    views = build_view(picture, letter, tiny_config())
    fused = encoder(views)
    attend_plainly(encoder)
    assert torch.allclose(encoder(views), fused, atol=1e-4)


def test_queries_and_keys_move_slowly_where_attention_should_stay_nearby():
    assert pace("encoder.model.layers.1.attention.q_proj.weight") < 1
    assert pace("encoder.model.layers.4.attention.q_proj.weight") == 1
    assert pace("encoder.model.layers.1.mlp.fc1.weight") == 1


def test_muon_trains_matrices_but_no_heads_and_no_tables():
    matrix = torch.zeros(2, 2)
    assert is_matrix("encoder.model.layers.1.mlp.fc1.weight", matrix)
    assert not is_matrix("encoder.model.layers.1.mlp.fc1.bias", torch.zeros(2))
    assert not is_matrix("token_head.weight", matrix)
    assert not is_matrix("encoder.embeddings.row_embedder.weight", matrix)


def test_an_encoder_starts_where_its_parent_ended(tmp_path):
    from transformers import AutoTokenizer

    from mova.checkpoint.loading import embedded_checkpoint

    layout = TokenLayout(AutoTokenizer.from_pretrained(embedded_checkpoint()))
    (tmp_path / "vocabulary-F.json").write_text(json.dumps([layout.blank, layout.newline]))
    train_encoder("F", tmp_path, tiny_config(), layout, Plan(steps=1, batch=1, warm_up=1))
    first = trained_weights(tmp_path / "encoder-F.pt")
    (tmp_path / "encoder-F.pt").rename(tmp_path / "encoder-parent.pt")
    train_encoder("F", tmp_path, tiny_config(), layout, Plan(steps=0, batch=1), parent="parent")
    second = trained_weights(tmp_path / "encoder-F.pt")
    assert all(torch.equal(first[name], second[name]) for name in first)
