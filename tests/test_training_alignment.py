"""Stage 1 of the small model's training: the adapter over frozen encoders, then everything together."""

import json
import random
import shutil

import pytest
import torch

from mova.checkpoint.loading import embedded_checkpoint
from mova.vision.experts.pool import BY_LETTER, LETTERS
from training.alignment import (
    RealTokens,
    alignment_loss,
    build_side,
    is_expert_matrix,
    load_side,
    pick_group,
    polish,
    tower_pace,
    train_alignment,
)
from training.layout import GRID
from training.loop import Plan
from training.pictures.drawing import draw
from training.sizes import tiny_config

STEP = Plan(steps=1, batch=2, warm_up=1)


@pytest.fixture
def folder(tmp_path, layout):
    """A training run's folder with everything that is collected before the first step, made small."""
    for letter in LETTERS:
        vocabulary = [layout.blank, layout.newline, *layout.kinds.values()]
        (tmp_path / f"vocabulary-{letter}.json").write_text(json.dumps(vocabulary))
    shutil.copytree(embedded_checkpoint() / "bert_tokenizer", tmp_path / "bert_tokenizer")
    return tmp_path


def changed(before: dict, module) -> set[str]:
    """What differs from `before`: the adapter, or an encoder by its name."""
    after = module.state_dict()
    names = [name for name in before if not torch.equal(before[name], after[name])]
    return {name.removeprefix("vision_tower.").split(".")[0] for name in names}


def copied(module) -> dict:
    return {name: value.clone() for name, value in module.state_dict().items()}


def test_alignment_trains_the_adapter_and_polish_the_encoders_too(folder, layout, embeddings):
    side = build_side(folder, tiny_config(), layout, embeddings)
    before = copied(side)
    train_alignment(side, folder, layout, embeddings, STEP)
    assert changed(before, side) == {"mm_projector"}
    aligned = copied(side)
    polish(side, folder, layout, embeddings, STEP)
    _, letters, _ = pick_group(random.Random("polish 0"), STEP.batch)
    assert letters, "the first step is meant to have experts"
    looked = {BY_LETTER[letter].module for letter in letters}
    assert changed(aligned, side) == {"mm_projector", "clip"} | looked
    again = load_side(build_side(folder, tiny_config(), layout, embeddings), folder)
    assert changed(copied(side), again) == set()
    assert not any(parameter.requires_grad for parameter in again.parameters())


def test_what_can_read_already_moves_slowly_and_the_adapter_at_the_full_rate():
    assert tower_pace("mm_projector.blocks.0.gate.0.weight") == 1.0
    assert tower_pace("vision_tower.vary.layers.0.mlp.lin1.weight") < 0.5
    assert tower_pace("vision_tower.clip.x.weight") < tower_pace("vision_tower.vary.x.weight")
    assert tower_pace("vision_tower.dinov2.layer.0.q_proj.weight") < tower_pace("vision_tower.vary.x.weight")


def test_muon_trains_the_experts_matrices_only():
    matrix, vector = torch.zeros(2, 2), torch.zeros(2)
    assert is_expert_matrix("vision_tower.vary.layers.0.mlp.lin1.weight", matrix)
    assert not is_expert_matrix("vision_tower.vary.layers.0.mlp.lin1.bias", vector)
    assert not is_expert_matrix("vision_tower.vary.pos_embed", matrix)
    assert not is_expert_matrix("vision_tower.clip.model.encoder.layers.0.mlp.fc1.weight", matrix)
    assert not is_expert_matrix("mm_projector.mlp.0.weight", matrix)


def test_the_loss_is_lowest_at_the_wanted_embeddings():
    table = torch.randn(9, 16, generator=torch.Generator().manual_seed(0))
    wanted = torch.tensor([[0, 3, 8, 0]])
    best, numbers = alignment_loss(table[wanted], wanted, table)
    worse, others = alignment_loss(table[wanted.flip(1)], wanted, table)
    assert best < worse
    assert numbers == {"right": 1.0, "blank": 1.0} and others["right"] < 1


def test_the_routers_tokens_do_not_depend_on_the_experts_it_will_choose(folder, layout, embeddings):
    side = build_side(folder, tiny_config(), layout, embeddings).eval()
    source, drawing = RealTokens(side, "routing"), draw("charts", 1, "train")
    tokens = source(drawing, ("E",), "Which is the highest?")
    assert tokens.shape == (GRID * GRID // 4, 576)
    assert torch.equal(tokens, source(drawing, (), "What is this?"))
