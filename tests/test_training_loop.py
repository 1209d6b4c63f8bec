"""The training loop: a run that was killed goes on as if nothing had happened."""

import json

import pytest
import torch
from torch import nn

from training.loop import Loop, Plan, last_weights

PLAN = Plan(steps=12, batch=1, rate=0.05, warm_up=4, save_every=4, log_every=6)


def build_module():
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def loss_of(module, stop_at=None):
    """A loss that depends on the step alone; `stop_at` kills the run as a person would."""

    def compute(step):
        if step == stop_at:
            raise KeyboardInterrupt
        inputs = torch.randn(8, 3, generator=torch.Generator().manual_seed(step))
        return (module(inputs) - inputs[:, :2]).square().mean(), {"twice": 2.0 * step}

    return compute


def run(folder, plan=PLAN, stop_at=None, **options):
    module = build_module()
    loop = Loop(folder, "stage", module, plan, **options)
    loop.run(loss_of(module, stop_at))
    return module


def is_weight(name, parameter):
    return name == "weight"


@pytest.mark.parametrize("options", [{}, {"is_matrix": is_weight}], ids=["AdamW", "Muon too"])
@pytest.mark.parametrize("stop_at", [4, 7, 11])
def test_a_killed_run_continued_ends_bit_for_bit_where_an_uninterrupted_one_does(tmp_path, stop_at, options):
    whole = run(tmp_path / "whole", **options)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", stop_at=stop_at, **options)
    continued = run(tmp_path / "killed", **options)
    assert torch.equal(continued.weight, whole.weight) and torch.equal(continued.bias, whole.bias)


def test_a_continued_run_starts_at_its_last_checkpoint(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, stop_at=7)
    assert Loop(tmp_path, "stage", build_module(), PLAN).step == 4


def test_a_finished_run_is_not_trained_further(tmp_path):
    first = run(tmp_path)
    again = build_module()
    Loop(tmp_path, "stage", again, PLAN).run(lambda step: pytest.fail("no step is left"))
    assert torch.equal(again.weight, first.weight)


def test_training_lowers_the_loss(tmp_path):
    module = build_module()
    compute = loss_of(module)
    before = compute(99)[0].item()
    Loop(tmp_path, "stage", module, Plan(steps=60, batch=1, rate=0.05)).run(compute)
    assert compute(99)[0].item() < before / 2


def test_the_rate_warms_up_in_a_line():
    plan = Plan(steps=100, batch=1, warm_up=4)
    assert [plan.share_at(step) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]


def test_the_rate_falls_along_a_cosine_to_a_fiftieth():
    plan = Plan(steps=104, batch=1, warm_up=4)
    rates = [plan.share_at(step) for step in range(4, 105)]
    assert rates[0] == 1.0 and rates[50] == pytest.approx(0.51) and rates[-1] == pytest.approx(0.02)
    assert rates == sorted(rates, reverse=True)
    assert plan.share_at(200) == pytest.approx(0.02)


def test_a_plan_shorter_than_its_warm_up_still_trains(tmp_path):
    run(tmp_path, Plan(steps=2, batch=1, warm_up=40))


def test_a_parameter_learns_at_its_share_of_the_rate(tmp_path):
    before = build_module()
    after = run(tmp_path, scale=lambda name: 0.0 if name == "bias" else 1.0)
    assert torch.equal(after.bias, before.bias) and not torch.equal(after.weight, before.weight)


def test_a_continued_run_keeps_to_its_own_shares_of_the_rate(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, stop_at=5)
    saved = torch.load(tmp_path / "stage.pt", weights_only=True)["weights"]["bias"]
    continued = run(tmp_path, scale=lambda name: 0.0 if name == "bias" else 1.0)
    assert torch.equal(continued.bias, saved)


def test_the_weights_of_the_latest_stage_that_has_run_are_taken(tmp_path):
    with pytest.raises(FileNotFoundError, match="polish or stage"):
        last_weights(tmp_path, "polish", "stage")
    module = run(tmp_path)
    assert torch.equal(last_weights(tmp_path, "polish", "stage")["weight"], module.weight)


def test_matrices_named_as_such_are_trained_by_muon_at_its_own_rate(tmp_path):
    still = Plan(steps=6, batch=1, rate=0.0, matrix_rate=0.05, warm_up=2)
    before, after = build_module(), run(tmp_path, still, is_matrix=is_weight)
    assert torch.equal(after.bias, before.bias) and not torch.equal(after.weight, before.weight)


def test_frozen_parameters_are_neither_trained_nor_saved(tmp_path):
    module = build_module()
    module.bias.requires_grad_(False)
    Loop(tmp_path, "stage", module, PLAN).run(loss_of(module))
    saved = torch.load(tmp_path / "stage.pt", weights_only=True)
    assert set(saved["weights"]) == {"weight"}
    assert torch.equal(module.bias, build_module().bias)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_last_checkpoint_whole(tmp_path, bad):
    module = build_module()
    compute = loss_of(module)

    def breaks(step):
        loss, numbers = compute(step)
        return (loss * bad if step == 6 else loss), numbers

    with pytest.raises(FloatingPointError, match="stage: the loss of step 6"):
        Loop(tmp_path, "stage", module, PLAN).run(breaks)
    saved = torch.load(tmp_path / "stage.pt", weights_only=True)
    assert saved["step"] == 4 and torch.isfinite(saved["weights"]["weight"]).all()
    assert torch.equal(run(tmp_path).weight, run(tmp_path / "whole").weight)


def test_a_save_that_breaks_off_leaves_the_last_checkpoint_whole(tmp_path, monkeypatch):
    module = build_module()
    loop = Loop(tmp_path, "stage", module, PLAN)
    loop.save()

    def breaks(state, path):
        path.write_bytes(b"half a checkpoint")
        raise OSError("no space left")

    monkeypatch.setattr(torch, "save", breaks)
    loop.step = 5
    with pytest.raises(OSError, match="no space"):
        loop.save()
    assert Loop(tmp_path, "stage", build_module(), PLAN).step == 0


def test_the_log_has_the_means_of_every_few_steps(tmp_path):
    run(tmp_path)
    first, last = map(json.loads, (tmp_path / "stage.log").read_text().splitlines())
    assert (first["step"], last["step"], last["of"]) == (6, 12, 12)
    assert first["twice"] == 5.0 and last["twice"] == 17.0
    assert last["seconds_left"] == 0
