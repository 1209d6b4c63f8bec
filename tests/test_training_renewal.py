"""An encoder trained anew joins a trained vision side: its own parts start again, all else stays."""

import json
import shutil

import pytest
import torch

from mova.checkpoint.loading import embedded_checkpoint
from mova.vision.experts.pool import LETTERS
from training.alignment import build_side, load_side
from training.encoders import Writer
from training.locality import codes
from training.loop import Loop, Plan, trained_weights
from training.renewal import own_names, renew_encoder, without_row
from training.sizes import tiny_config

STEP = Plan(steps=1, batch=1)
WORDS = (" dog", " cat", " five")


def write_vocabulary(folder, layout, letter, words):
    ids = [layout.tokenizer(word, add_special_tokens=False).input_ids[0] for word in words]
    (folder / f"vocabulary-{letter}.json").write_text(json.dumps([layout.blank, *ids]))
    return ids


@pytest.fixture
def trained(tmp_path, layout, embeddings):
    """A run whose vision side is trained (with a random change everywhere), before C learnt a new word."""
    for letter in LETTERS:
        write_vocabulary(tmp_path, layout, letter, WORDS[:2])
    shutil.copytree(embedded_checkpoint() / "bert_tokenizer", tmp_path / "bert_tokenizer")
    side = build_side(tmp_path, tiny_config(), layout, embeddings).requires_grad_(True)
    with torch.no_grad():
        for parameter in side.parameters():
            parameter += 0.001 * torch.randn_like(parameter)
    Loop(tmp_path, "polish", side, STEP).save()
    return tmp_path


def train_anew(folder, layout):
    """Encoder C as stage 0 leaves it, for one word more."""
    ids = write_vocabulary(folder, layout, "C", WORDS)
    Loop(folder, "encoder-C", Writer(tiny_config(), "C", len(WORDS) + 1), STEP).save()
    return ids


def test_only_what_belongs_to_the_encoder_starts_again(trained, layout, embeddings):
    before = trained_weights(trained / "polish.pt")
    ids = train_anew(trained, layout)
    side = build_side(trained, tiny_config(), layout, embeddings)
    fresh = {name: value.clone() for name, value in side.state_dict().items()}
    assert renew_encoder(side, "C", trained, layout, embeddings) == ids[2:]
    own = own_names("C", len(side.mm_projector.blocks))
    assert not (trained / "polish.pt").exists(), "polish is meant to start from what is left in align.pt"
    after = trained_weights(trained / "align.pt")
    for name, value in after.items():
        if name.startswith(own):
            assert torch.equal(value, fresh[name]), name
        elif "mm_projector.mlp" not in name:
            assert torch.equal(value, before[name]), name
    again = load_side(build_side(trained, tiny_config(), layout, embeddings), trained)
    assert all(torch.equal(value, after[name]) for name, value in again.named_parameters())


def test_the_projector_says_the_new_word_and_still_the_old_ones(trained, layout, embeddings):
    ids = train_anew(trained, layout)
    side = build_side(trained, tiny_config(), layout, embeddings)
    renew_encoder(side, "C", trained, layout, embeddings)
    projector, width = side.mm_projector.mlp, side.config.mm_hidden_size
    assert without_row(projector, ids, width) == []
    said = projector(7 * codes(ids, width)) - embeddings[layout.blank]
    assert (said @ embeddings[ids].T).argmax(-1).tolist() == [0, 1, 2]
