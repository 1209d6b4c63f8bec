"""What an encoder sees, as colours: principal components, and the engine that finds and keeps them."""

import threading

import numpy as np
import pytest
import torch

from mova.components import BASE, Components
from mova.engine import Engine, drain
from mova.errors import QuestionRefused
from mova.feature_cache import PictureFeatures
from mova.vision.components import find_components
from tests.asking import SHORT, picture


def colours(found: Components) -> np.ndarray:
    return np.frombuffer(found.colours, np.uint8).reshape(found.side, found.side, 3)


def features(seed: int = 0, side: int = 6, channels: int = 20) -> torch.Tensor:
    """[1, side * side, channels] of noise whose channels have very different spreads."""
    noise = torch.randn(1, side * side, channels, generator=torch.Generator().manual_seed(seed))
    return noise * torch.linspace(5, 0.1, channels) + 3


def test_the_components_are_those_of_the_covariance():
    given = features()
    places = given[0].double().numpy()
    values, vectors = np.linalg.eigh(np.cov(places.T, bias=True))
    found = find_components(given, "A")
    assert found.shares == pytest.approx(values[::-1][:3] / values.sum())
    for channel in range(3):
        scores = (places - places.mean(axis=0)) @ vectors[:, -1 - channel]
        level = colours(found)[..., channel].reshape(-1).astype(float)
        between = (level > 0) & (level < 255)
        assert abs(np.corrcoef(scores[between], level[between])[0, 1]) > 0.999
        assert level.min() == 0 and level.max() == 255


def test_equal_features_have_equal_colours_whatever_their_sign_or_scale():
    given = features()
    assert find_components(given, "A") == find_components(given.clone(), "A")
    for other in (7 * given, given + 100, torch.cat([given, torch.zeros(1, 36, 5)], dim=2)):
        assert (
            np.abs(
                colours(find_components(other, "A")).astype(int) - colours(find_components(given, "A"))
            ).max()
            <= 1
        )
    # Turned about in its channels, the picture stays: the signs of eigenvectors are a library's whim.
    turned = given @ torch.linalg.qr(torch.randn(20, 20, generator=torch.Generator().manual_seed(1)))[0]
    assert (
        np.abs(colours(find_components(turned, "A")).astype(int) - colours(find_components(given, "A"))).max()
        <= 1
    )


def test_two_halves_have_two_colours():
    given = torch.zeros(1, 36, 8)
    given[0, 18:, 2] = 4
    found = find_components(given, "G")
    assert len({tuple(c) for c in colours(found)[:3].reshape(-1, 3)}) == 1
    assert len({tuple(c) for c in colours(found).reshape(-1, 3)}) == 2
    assert found.shares[0] == pytest.approx(1) and found.shares[1:] == (0, 0)


@pytest.mark.parametrize("side", [1, 5])
def test_features_that_do_not_vary_are_grey(side):
    found = find_components(torch.full((1, side * side, 4), 3.0, dtype=torch.bfloat16), "A")
    assert set(found.colours) == {128} and found.shares == (0, 0, 0)


def test_few_channels_leave_the_other_colours_grey():
    found = find_components(features(channels=2), "A")
    assert set(colours(found)[..., 2].reshape(-1)) == {128} and found.shares[2] == 0


@pytest.mark.parametrize("letter", [*"ABCDEFG", BASE])
def test_every_encoder_can_be_asked(engine, tiny_loaded, letter):
    found = engine.components(picture(), letter)
    assert (found.letter, found.side) == (letter, tiny_loaded.config.image_feat_size)
    assert len(found.colours) == found.side**2 * 3
    assert 1 >= found.shares[0] >= found.shares[1] >= found.shares[2] > 0


def test_what_an_answer_computed_is_used_and_what_is_found_is_kept(engine, monkeypatch):
    drain(engine.answer("what?", picture(), experts=["A"], decoding=SHORT))
    kept = engine._pictures.features(picture().digest)
    model = engine._prepared.loaded.model
    monkeypatch.setattr(model, "encode_base", None)
    seen, whole = [], model.encode_expert
    monkeypatch.setattr(
        model, "encode_expert", lambda letter, views: seen.append(letter) or whole(letter, views)
    )
    assert engine.components(picture(), "A") == find_components(kept.experts["A"], "A")
    assert engine.components(picture(), BASE) == find_components(kept.base, BASE)
    first = engine.components(picture(), "G")
    assert engine.components(picture(), "G") is first and seen == ["G"]
    trace = drain(engine.answer("how?", picture(), experts=["G"], decoding=SHORT))
    assert seen == ["G"] and [s.reused for s in trace.timings.stages if s.name == "expert"] == [True]


def test_components_before_any_answer_are_those_after_it(tiny_loaded):
    cold = Engine(tiny_loaded).components(picture(), "C")
    warm = Engine(tiny_loaded)
    drain(warm.answer("what?", picture(), experts=["C"], decoding=SHORT))
    assert warm.components(picture(), "C") == cold
    assert Engine(tiny_loaded).components(picture(1), "C") != cold


@pytest.mark.parametrize("letter", ["H", "", "AB", "a", "Base"])
def test_a_letter_that_is_none_is_refused(engine, letter):
    with pytest.raises(QuestionRefused):
        engine.components(picture(), letter)


def test_it_waits_for_an_answer_to_end_and_stops_when_told(engine):
    events = engine.answer("what?", picture(), experts=["A"], decoding=SHORT)
    next(events)
    stop = threading.Event()
    found = []
    asking = threading.Thread(target=lambda: found.append(engine.components(picture(), "A", stop=stop)))
    asking.start()
    asking.join(0.3)
    assert asking.is_alive()
    stop.set()
    asking.join(5)
    assert found == [None]
    events.close()
    assert engine.components(picture(), "A") is not None


def test_memory_that_does_not_suffice_is_told_and_frees_the_engine(engine, monkeypatch):
    from mova.errors import DeviceError

    def fail(*given):
        raise torch.OutOfMemoryError

    with monkeypatch.context() as patch:
        patch.setattr(engine._prepared.loaded.model, "encode_expert", fail)
        with pytest.raises(DeviceError):
            engine.components(picture(), "A")
    assert engine.components(picture(), "A") is not None


def test_what_is_seen_and_the_thumbnail_count_as_bytes_that_are_kept():
    colours = Components("A", 2, bytes(12), (1.0, 0.0, 0.0))
    assert PictureFeatures(thumbnail="data:,", components={"A": colours}).nbytes == 18
