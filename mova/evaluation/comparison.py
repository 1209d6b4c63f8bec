"""The engine and the published loop, turn about on the same pictures, in the situations that people meet.

    new picture     picture and question arrive together
    follow-up       a second question about it
    other experts   the same question, experts chosen by hand that have not looked yet
    begun picture   the picture was there before its question, as on the page; the loop has no such thing
    decoding        tokens per second of a text that does not end

Answers must agree word for word; in other precisions than float32, near ties may fall either way.
"""

from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Any

from mova.checkpoint.loading import Loaded
from mova.engine import Engine, drain
from mova.evaluation.published_loop import PublishedLoop, Reply, generated_per_second
from mova.images import CheckedImage
from mova.language.decoding import greedy, steps
from mova.language.prompts import Turn
from mova.prepared import Prepared
from mova.request import Decoding
from mova.trace import Trace
from mova.vision.experts.pool import LETTERS

QUESTIONS = ("What is in this picture?", "Which colour is the largest part of it?")
PROMPT = "Tell a long story about a picture, its colours, its shapes and everything that is in it. "
ASKED = ("new picture", "follow-up", "other experts")
SITUATIONS = (*ASKED, "begun picture")


def compare(
    loaded: Loaded, loop: PublishedLoop, pictures: Sequence[CheckedImage], new_tokens: int
) -> dict[str, Any]:
    """For each situation: medians over the pictures of the seconds to the first word and to the end of both,
    their ratios (above 1 the engine is faster), and how many answers agree."""
    engine, prepared, rounds = Engine(loaded), Prepared.of(loaded), []
    lora = "answer" if "answer" in loaded.loras else None
    for number, picture in enumerate(pictures):
        round_ = [_both(engine, loop, picture, n, number, new_tokens) for n in range(len(ASKED))]
        round_.append((_begun(loaded, picture, new_tokens), round_[0][1]))
        rates = _rates(prepared, loop, lora, new_tokens)
        rounds.append((round_, rates))
    situations = {
        name: _summary([round_[place] for round_, _ in rounds]) for place, name in enumerate(SITUATIONS)
    }
    ours, theirs = (median(rates[place] for _, rates in rounds) for place in (0, 1))
    ratio = median(rates[0] / rates[1] for _, rates in rounds)
    decoding = {"ratio": ratio, "tokens_per_second": ours, "loop_tokens_per_second": theirs}
    return {
        "rounds": len(rounds),
        "loop_precision": loop.loaded.info.precision,
        "decoding": decoding,
        **situations,
    }


def _both(
    engine: Engine, loop: PublishedLoop, picture: CheckedImage, situation: int, number: int, new_tokens: int
) -> tuple[Trace, Reply]:
    """One question asked of both, the one first that was second in the round before."""
    history = (Turn(QUESTIONS[0], "A picture."),) if situation == 1 else ()
    question = QUESTIONS[1] if situation == 1 else QUESTIONS[0]
    experts = LETTERS[number % 5 : number % 5 + 3] if situation == 2 else None
    decoding = Decoding(max_new_tokens=new_tokens)

    def ours() -> Trace:
        return drain(engine.answer(question, picture, history, experts=experts, decoding=decoding))

    def theirs() -> Reply:
        return loop.ask(picture, question, history, experts, new_tokens)

    if number % 2:
        reply = theirs()
        return ours(), reply
    return ours(), theirs()


def _begun(loaded: Loaded, picture: CheckedImage, new_tokens: int) -> Trace:
    """The first question about a picture that came before it."""
    engine = Engine(loaded)
    engine.begin(picture)
    return drain(engine.answer(QUESTIONS[0], picture, decoding=Decoding(max_new_tokens=new_tokens)))


def _summary(pairs: Sequence[tuple[Trace, Reply]]) -> dict[str, Any]:
    firsts = [
        (trace.timings.first_word or trace.timings.total or 0.0, reply.first_word) for trace, reply in pairs
    ]
    wholes = [(trace.timings.total or 0.0, reply.total) for trace, reply in pairs]
    stages: dict[str, list[float]] = {}
    for trace, _ in pairs:
        for stage in trace.timings.stages:
            stages.setdefault(stage.name, []).append(stage.seconds)
    agree = [
        trace.answer == reply.text and (trace.routing is None or trace.routing.experts == reply.experts)
        for trace, reply in pairs
    ]
    return {
        "first_word_ratio": median(theirs / ours for ours, theirs in firsts),
        "first_word": median(ours for ours, _ in firsts),
        "loop_first_word": median(theirs for _, theirs in firsts),
        "total_ratio": median(theirs / ours for ours, theirs in wholes),
        "total": median(ours for ours, _ in wholes),
        "loop_total": median(theirs for _, theirs in wholes),
        "agree": sum(agree),
        "stages": {name: median(seconds) for name, seconds in stages.items()},
    }


def _rates(prepared: Prepared, loop: PublishedLoop, lora: str | None, count: int) -> tuple[float, float]:
    """Tokens per second of the engine's decoding and of `generate`, behind the same prompt."""
    ids = prepared.loaded.tokenizer(PROMPT * 4).input_ids
    ours = decoded_per_second(prepared, ids, count)
    return ours, generated_per_second(loop.loaded, ids, count, lora)


def decoded_per_second(prepared: Prepared, ids: Sequence[int], count: int) -> float:
    """Tokens per second of the engine's own loop: `count` of them after the first one."""
    decoder = prepared.decoder("answer")
    cache = decoder.cache(len(ids) + count + 1)
    decoder.ready(cache.capacity)
    logits = decoder.prefill(prepared.loaded.model.embed(ids), cache)
    started = perf_counter()
    for _ in steps(decoder, logits, cache, greedy, (), count + 1):
        pass
    return count / (perf_counter() - started)
