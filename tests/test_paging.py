"""Experts that wait in host memory: the same answers, no more than two on the device, none left behind."""

from dataclasses import replace

import pytest
import torch

from mova.checkpoint import devices, loading, plan, precision
from mova.checkpoint.loading import load
from mova.checkpoint.paging import Pager
from mova.config import MovaConfig
from mova.engine import Engine, drain
from mova.errors import DeviceError
from mova.events import ExpertEncoded
from mova.model import MovaForCausalLM
from mova.vision.experts.pool import LETTERS
from tests.asking import SHORT, picture, prepare

CARD = torch.device("cuda", 0)


class FakeCard:
    """Stands for a card: what is moved to it is a copy, and it counts them."""

    def __init__(self):
        self.moved = 0

    def __call__(self, tensor, device):
        self.moved += 1
        return tensor.clone()


@pytest.fixture(scope="module", params=["fp32", "nf4", "int8"])
def paged(request, tiny_checkpoint):
    """(a model whose experts are paged, the same resident, the card)."""
    first, second = (load(tiny_checkpoint, precision=request.param, device="cpu") for _ in range(2))
    card = FakeCard()
    pager = Pager(first.model.model.vision_tower, torch.device("cpu"), card)
    return replace(first, pager=pager), second, card


def ask(loaded, experts):
    engine = prepare(Engine(loaded), ends=frozenset())
    return drain(engine.answer("how many are there?", picture(), experts=experts, decoding=SHORT))


@pytest.mark.parametrize("experts", ["ABC", "DEF", "G", ""])
def test_paged_is_resident(paged, experts):
    ours, theirs, card = paged
    before = card.moved
    found, expected = ask(ours, experts), ask(theirs, experts)
    assert (found.answer, found.gates) == (expected.answer, expected.gates)
    assert (found.contributions.maps() == expected.contributions.maps()).all()
    assert (card.moved > before) == bool(experts) and not ours.pager.present_letters


def test_the_next_expert_is_on_its_way_while_one_looks(paged, monkeypatch):
    ours, _, _ = paged
    seen = []
    whole = ours.model.encode_expert
    monkeypatch.setattr(
        ours.model,
        "encode_expert",
        lambda *given: seen.append(set(ours.pager.present_letters)) or whole(*given),
    )
    ask(ours, "CAG")
    assert seen == [{"C", "A"}, {"A", "G"}, {"G"}]


def test_nothing_stays_on_the_card_when_an_answer_is_left(paged):
    ours, _, _ = paged
    engine = Engine(ours)
    events = engine.answer("why?", picture(), experts="ABC", decoding=SHORT)
    next(event for event in events if isinstance(event, ExpertEncoded))
    assert ours.pager.present_letters == {"B"}
    events.close()
    assert not ours.pager.present_letters


def test_what_is_paged_is_chosen_by_what_is_free(monkeypatch):
    outline = MovaForCausalLM.outline(MovaConfig())
    monkeypatch.setattr(devices, "abilities", lambda device: devices.Abilities(torch.bfloat16, True))
    whole, paged = (plan.needed_bytes(outline, "nf4", CARD, paged=on) for on in (False, True))
    assert paged < whole - 0.5e9
    for free, expected in ((whole, False), (whole - 1, True)):
        monkeypatch.setattr(plan, "free_bytes", lambda device, free=free: free)
        assert plan.is_paged("auto", outline, "nf4", CARD) is expected
    assert plan.is_paged("paged", outline, "nf4", CARD)
    assert not plan.is_paged("resident", outline, "nf4", CARD)
    assert not plan.is_paged("paged", outline, "nf4", torch.device("cpu"))
    with pytest.raises(DeviceError, match="auto, resident, paged"):
        plan.is_paged("swapped", outline, "nf4", CARD)


def test_all_but_the_experts_is_placed(tiny_loaded, monkeypatch):
    """Where everything would go, without a card: the parts that are moved hold every weight but theirs."""
    moved, model = [], tiny_loaded.model
    monkeypatch.setattr(torch.nn.Module, "to", lambda module, device: moved.append(module))
    loading.place_all_but_experts(model, CARD)
    placed = sum(weight.numel() for module in moved for weight in module.parameters())
    tower = model.model.vision_tower
    experts = sum(w.numel() for name, w in tower.named_parameters() if not name.startswith("clip."))
    assert experts and placed + experts == sum(weight.numel() for weight in model.parameters())
    assert len(LETTERS) == 7 and precision.weight_bytes(model, "fp32", "model.vision_tower.") > 4 * experts
