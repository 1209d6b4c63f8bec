"""What is kept of a picture: computed once, never changed, equal to computing it anew."""

import threading
from collections import Counter

import numpy as np
import pytest
import torch

from mova import feature_cache
from mova.checkpoint.loading import load
from mova.engine import Engine, drain
from mova.events import Routed
from mova.feature_cache import FeatureCache
from mova.language.decoder import Decoder
from mova.language.key_values import empty_key_values
from mova.language.prompts import encode, routing_prompt
from tests.asking import LONG, SHORT, picture, prepare


def test_features_of_a_picture_are_computed_once_and_stay_the_same_tensors(engine, monkeypatch):
    calls = Counter()
    for name in ("encode_base", "encode_expert"):
        whole = getattr(engine._prepared.loaded.model, name)

        def counted(*given, name=name, whole=whole):
            calls[name] += 1
            return whole(*given)

        monkeypatch.setattr(engine._prepared.loaded.model, name, counted)
    first = drain(engine.answer("what?", picture(), experts=["A", "G"], decoding=SHORT))
    kept = engine._pictures.features(picture().digest)
    before = {"base": kept.base, **kept.experts}
    copies = {name: tensor.clone() for name, tensor in before.items()}
    second = drain(engine.answer("how many?", picture(), experts=["G", "B"], decoding=SHORT))
    assert calls == {"encode_base": 1, "encode_expert": 3}
    assert all(tensor is {"base": kept.base, **kept.experts}[name] for name, tensor in before.items())
    assert all(torch.equal(before[name], copy) for name, copy in copies.items())
    looked = [s for s in second.timings.stages if s.name in ("base", "expert")]
    assert [s.reused for s in looked] == [True, True, False] and [s.expert for s in looked[1:]] == ["G", "B"]
    assert not any(s.reused for s in first.timings.stages)


def recorded_logits(engine, monkeypatch, question):
    """(routing, logits after each prefill, whether the prefix was reused) of a question."""
    seen = []
    whole = Decoder.prefill
    with monkeypatch.context() as patch:
        patch.setattr(Decoder, "prefill", lambda *given: seen.append(whole(*given)) or seen[-1])
        events = list(engine.answer(question, picture(), decoding=LONG))
    routed = next(e for e in events if isinstance(e, Routed))
    router, answer = seen
    return routed.routing, (router, answer), routed.reused, events[-1].trace.answer


def test_reused_and_fresh_agree(tiny_loaded, monkeypatch):
    def fresh():
        return prepare(Engine(tiny_loaded), ends=frozenset())

    warm = fresh()
    drain(warm.answer("what is the color of this picture", picture(), decoding=SHORT))
    for question in ("how many are there?", "\n\nwhere", "what is the color of this picture", "x" * 300):
        new = recorded_logits(fresh(), monkeypatch, question)
        old = recorded_logits(warm, monkeypatch, question)
        assert (new[2], old[2]) == (False, True)
        assert new[0].reply == old[0].reply and new[3] == old[3]
        assert np.allclose(new[0].probabilities, old[0].probabilities, atol=1e-5)
        for one, other in zip(new[1], old[1], strict=True):
            assert (one - other).abs().max() < 1e-4


def test_the_prefix_equals_running_the_whole_prompt(engine, tiny_loaded):
    """Against a forward without any cache: the routing prompt embedded in one go."""
    trace = drain(engine.answer("how many are there?", picture(), decoding=SHORT))
    kept = engine._pictures.features(picture().digest)
    model = tiny_loaded.model
    with torch.inference_mode():
        plain = model.fuse(kept.base, {}, torch.ones(1, 64), torch.zeros(1, 7))
        ids = encode(routing_prompt(engine._prepared.template, "how many are there?"), tiny_loaded.tokenizer)
        embeddings = model.embed(ids, model.pool_for_routing(plain.tokens)[0])
        reply = []
        for _ in range(16):
            logits = model(inputs_embeds=embeddings, use_cache=False).logits[0, -1]
            reply.append(int(logits.argmax()))
            embeddings = torch.cat([embeddings, model.embed(reply[-1:])], dim=1)
    assert tiny_loaded.tokenizer.decode(reply, skip_special_tokens=True).strip() == trace.routing.reply


@pytest.mark.parametrize("precision", ["fp32", "bf16", "nf4"])
def test_logits_behind_the_kept_prefix_are_those_of_the_whole_prompt(tiny_checkpoint, monkeypatch, precision):
    loaded = load(tiny_checkpoint, precision=precision, device="cpu")
    engine, question = Engine(loaded), "how many are there?"
    drain(engine.answer("what is the color of this picture", picture(), decoding=SHORT))
    _, (found, _), reused, _ = recorded_logits(engine, monkeypatch, question)
    assert reused
    kept, model = engine._pictures.features(picture().digest), loaded.model
    with torch.inference_mode():
        plain = model.fuse(kept.base, {}, kept.base.new_ones(1, 64), torch.zeros(1, 7))
        ids = encode(routing_prompt(engine._prepared.template, question), loaded.tokenizer)
        embeddings = model.embed(ids, model.pool_for_routing(plain.tokens)[0])
        whole = model(inputs_embeds=embeddings, use_cache=False).logits[0, -1].float()
    if precision == "fp32":
        assert (found - whole).abs().max() < 1e-4
    assert (found - whole).norm() <= 5e-2 * whole.norm()
    first, second = whole.topk(2).values
    assert found.argmax() == whole.argmax() or first - second <= 5e-2 * whole.abs().max()


def test_the_kept_prefix_is_never_written_to(engine):
    drain(engine.answer("what?", picture(), decoding=SHORT))
    kept = engine._pictures
    prefixes = [*kept.features(picture().digest).prefixes.values(), *kept.openings.values()]
    assert len(prefixes) == 3  # the router's, and what both passes begin with
    copies = [prefix.states.clone() for prefix in prefixes]
    for question in ("why?", "how many are there in this picture?"):
        drain(engine.answer(question, picture(), decoding=SHORT))
    assert all(torch.equal(prefix.states, copy) for prefix, copy in zip(prefixes, copies, strict=True))


def test_prefixes_belong_to_their_pass_and_are_computed_once(engine, monkeypatch):
    begun = []
    whole = Decoder._run
    monkeypatch.setattr(Decoder, "_run", lambda d, e, cache: begun.append(cache.length) or whole(d, e, cache))
    for question in ("what?", "why?"):
        drain(engine.answer(question, picture(), decoding=SHORT))
    opening = len(engine._pictures.openings["answer"].ids)
    assert list(engine._pictures.features(picture().digest).prefixes) == ["routing"]
    assert begun.count(0) == 2, "only the two openings start from nothing"
    assert begun == [0, opening, begun[2], 0, opening, begun[2], opening]


def test_what_is_kept_is_bounded_in_bytes(tiny_loaded):
    engine = Engine(tiny_loaded)
    drain(engine.answer("what?", picture(0), experts=["A"], decoding=SHORT))
    one = engine._pictures.features(picture(0).digest).nbytes
    assert one > 100_000
    engine = Engine(tiny_loaded, kept_bytes=int(2.3 * one))
    for seed in (0, 1, 0, 2):
        drain(engine.answer("what?", picture(seed), experts=["A"], decoding=SHORT))
    assert list(engine._pictures._pictures) == [picture(0).digest, picture(2).digest]
    engine = Engine(tiny_loaded, kept_bytes=1)
    for seed in (0, 1):
        drain(engine.answer("what?", picture(seed), experts=["A"], decoding=SHORT))
    assert list(engine._pictures._pictures) == [picture(1).digest]


def test_a_picture_begun_when_it_arrives_gives_the_same_answer(tiny_loaded):
    def fresh():
        return prepare(Engine(tiny_loaded), ends=frozenset())

    expected, engine = drain(fresh().answer("how many?", picture(), decoding=SHORT)), fresh()
    engine.begin(picture())
    found = drain(engine.answer("how many?", picture(), decoding=SHORT))
    assert (found.answer, found.routing, found.gates) == (expected.answer, expected.routing, expected.gates)
    assert [s.reused for s in found.timings.stages if s.name in ("base", "router")] == [True, True]


def test_begun_work_ends_at_a_stop_and_waits_for_an_answer(engine):
    stop = threading.Event()
    stop.set()
    running = engine.answer("what?", picture(1), experts=[], decoding=SHORT)
    next(running)
    engine.begin(picture(), stop)
    assert picture().digest not in engine._pictures._pictures
    running.close()
    engine.begin(picture(), stop)
    assert engine._pictures.features(picture().digest).base is None


def test_one_sequence_takes_the_room_that_another_left():
    made = []

    def make(capacity):
        made.append(empty_key_values(1, 1, 8, capacity, torch.float32, torch.device("cpu")))
        return made[-1]

    pictures = FeatureCache(2**20)
    with pictures.room(make, 10) as first:
        first.claim(7)
        with pictures.room(make, 10) as other:
            assert other is not first  # two at a time have their own
    with pictures.room(make, 6) as again:
        assert again in made and again.length == 0 and again.capacity == 10
    with pictures.room(make, 11) as larger:
        assert larger.capacity == 11 and len(made) == 3
    with pytest.raises(ValueError), pictures.room(make, 8):
        raise ValueError
    with pictures.room(make, 11) as after_failing:
        assert after_failing is larger
    pictures.clear()
    with pictures.room(make, 1):
        assert len(made) == 4


def test_room_that_is_large_does_not_wait(monkeypatch):
    monkeypatch.setattr(feature_cache, "MOST_SPARE", 100)
    pictures, made = FeatureCache(2**20), []

    def make(capacity):
        made.append(empty_key_values(1, 1, 8, capacity, torch.float32, torch.device("cpu")))
        return made[-1]

    for _ in range(2):
        with pictures.room(make, 50):
            pass
    assert len(made) == 2


def test_what_an_earlier_sequence_left_in_the_room_is_never_seen(engine):
    """Longer answers before shorter ones: each is what it is in new room."""
    asked = [
        ("what is this and what else is there to be seen?", LONG),
        ("what?", SHORT),
        ("how many?", SHORT),
    ]
    kept = [drain(engine.answer(text, picture(), experts=["A"], decoding=how)) for text, how in asked]
    for trace, (text, how) in zip(kept, asked, strict=True):
        engine._pictures.clear()
        anew = drain(engine.answer(text, picture(), experts=["A"], decoding=how))
        assert anew.token_ids == trace.token_ids
