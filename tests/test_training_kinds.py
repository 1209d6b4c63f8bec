"""The base encoder learns the kinds of others' pictures, and what the experts write stays."""

import copy
import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer

from mova.checkpoint.loading import embedded_checkpoint
from training import kinds
from training.kinds import KindTraining, Seen, base_files, first_state, labelled, pace, save, varied
from training.layout import KINDS, TokenLayout
from training.makers.catalogue import draw
from training.stock import Stock, draw_file
from training.train import embeddings_of
from training.widening import shipped_side

SHIPPED = embedded_checkpoint()


@pytest.fixture(scope="module")
def layout():
    return TokenLayout(AutoTokenizer.from_pretrained(SHIPPED))


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stock")
    for maker in ("signs", "unfamiliar"):
        draw_file(folder, maker, "train", 0, 2)
    return Seen(Stock(folder))


@pytest.mark.parametrize(
    "maker, letter", [("signs", "D"), ("windows", "B"), ("charts", "E"), ("unfamiliar", "")]
)
def test_a_natural_picture_is_of_the_kind_of_the_expert_it_needs(layout, maker, letter):
    drawing = labelled(draw(maker, 1, "train"), random.Random(1))
    kinds = set(layout.kind(drawing)) - {layout.blank}
    assert kinds == {layout.kinds[letter]} and KINDS[letter]


def test_what_nobody_knows_is_cut_and_mirrored_and_what_is_read_is_not(monkeypatch):
    monkeypatch.setattr(kinds, "varied", lambda image, rng: image)
    sign, photo = draw("signs", 2, "train"), draw("unfamiliar", 2, "train")
    assert all(labelled(sign, random.Random(k)).image is sign.image for k in range(6))
    assert len({labelled(photo, random.Random(k)).image.tobytes() for k in range(9)}) > 2


def test_half_of_the_pictures_have_other_colours_or_proportions_and_none_is_cut():
    image = draw("signs", 2, "train").image
    seen = [varied(image, random.Random(k)) for k in range(40)]
    assert 10 <= sum(one is image for one in seen) <= 30 and {one.height for one in seen} == {image.height}
    assert len({one.width for one in seen}) > 5 and len({one.getpixel((0, 0)) for one in seen}) > 3


def test_a_second_sitting_holds_what_was_there_before_the_first(tmp_path):
    module, path = torch.nn.Linear(3, 2), tmp_path / "run" / "before.safetensors"
    first = first_state(module, path)
    with torch.no_grad():
        module.weight.zero_()
    assert torch.equal(first_state(module, path).weight, first.weight) and first.weight.any()


def test_a_folder_without_a_base_encoder_is_refused_before_anything_is_trained(tmp_path):
    with pytest.raises(FileNotFoundError, match="--target"):
        base_files(tmp_path)


def test_a_step_teaches_kinds_and_what_routed_experts_write_is_held(layout, seen):
    torch.manual_seed(0)
    side = shipped_side(SHIPPED)
    clip = side.vision_tower.clip
    training = KindTraining(side, copy.deepcopy(clip), seen, layout, embeddings_of(SHIPPED))
    clip.requires_grad_(True)
    losses, changes = [], []

    class Steps:
        def run(self, loss_of):
            optimizer = torch.optim.SGD(clip.parameters(), lr=1e-3)
            for _ in range(2):  # the same step twice: what it taught is there
                loss, numbers = loss_of(0)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
                changes.append(numbers["changed"])

    training.run(Steps())
    assert losses[1] < losses[0]
    assert changes[0] == 0.0 and changes[1] > 0.0
    assert all(p.grad is None for n, p in side.named_parameters() if ".clip." not in n)


def test_weights_that_are_small_move_by_small_steps():
    assert pace("vision_tower.clip.model.encoder.layers.0.mlp.fc2.weight") < 0.1
    assert pace("vision_tower.clip.model.encoder.layers.0.mlp.fc1.weight") == 1.0


def test_only_the_base_encoder_is_replaced(tmp_path):
    side = shipped_side(SHIPPED)
    for path in SHIPPED.glob("vision-*.safetensors"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with torch.no_grad():
        for parameter in side.parameters():
            parameter.add_(1.0)
    save(side, tmp_path)
    changed = set()
    for path in sorted(SHIPPED.glob("vision-*.safetensors")):
        before, after = load_file(path), load_file(tmp_path / Path(path).name)
        assert before.keys() == after.keys()
        changed |= {n for n, w in before.items() if not torch.equal(w, after[n])}
        assert all(w.dtype == after[n].dtype for n, w in before.items())
    assert changed and all(".clip." in name for name in changed)
