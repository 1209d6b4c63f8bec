"""Several people at once: how long each of them waits for the first word, and how many are answered.

Every visitor has a picture of their own and asks two questions about it, the second when the first is
answered. The engine answers one question at a time, so the waiting is the queue's.
"""

import threading
from collections.abc import Sequence
from statistics import quantiles
from time import perf_counter
from typing import Any

from mova.engine import Engine, drain
from mova.images import CheckedImage
from mova.request import Decoding

QUESTIONS = ("What is in this picture?", "Which colour is the largest part of it?")


def visit(engine: Engine, pictures: Sequence[CheckedImage], new_tokens: int) -> dict[str, Any]:
    """One visitor for each picture, all of them at once: p50 and p95 of the seconds from a question to its
    first word, and questions per second. Pictures must differ, else what is kept helps."""
    waits: list[float] = []

    def ask(picture: CheckedImage) -> None:
        for question in QUESTIONS:
            asked = perf_counter()
            trace = drain(engine.answer(question, picture, decoding=Decoding(max_new_tokens=new_tokens)))
            timings = trace.timings
            answering = (timings.total or 0.0) - (timings.first_word or timings.total or 0.0)
            waits.append(perf_counter() - asked - answering)

    threads = [threading.Thread(target=ask, args=(picture,)) for picture in pictures]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(waits) / (perf_counter() - started)
    cuts = quantiles(waits, n=20, method="inclusive")
    return {"visitors": len(pictures), "p50": cuts[9], "p95": cuts[18], "questions_per_second": rate}
