"""What a question costs as there are more of something: `make bench-growth` draws docs/growth.svg.

python tests/growth_bench.py [--model FOLDER] [--rounds 3]

Earlier turns of the conversation: seconds to the first word, picture and experts seen before. Length of the
answer: seconds a token. Pictures since the start: seconds to the first word of a new one, and what is kept.
"""

import argparse
import sys
from pathlib import Path
from statistics import median

import psutil
from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mova.checkpoint.loading import Loaded, default_checkpoint, load  # noqa: E402
from mova.engine import Engine  # noqa: E402
from mova.evaluation.bench import drawn_picture  # noqa: E402
from mova.evaluation.comparison import decoded_per_second  # noqa: E402
from mova.language.prompts import Turn  # noqa: E402
from mova.prepared import Prepared  # noqa: E402
from mova.request import Decoding  # noqa: E402

TURNS, TOKENS, PICTURES = (0, 2, 4, 8, 12, 16), (16, 64, 128, 256, 512), (1, 5, 10, 20, 30, 40)
EARLIER = Turn("What is there on the left, and what colour does it have?", "A dark shape with a bright edge.")
SHORT = Decoding(max_new_tokens=2)
Curve = list[tuple[int, float]]


def first_word(engine: Engine, number: int, turns: int = 0) -> float:
    """Seconds to the first word about the picture of this number."""
    history = (EARLIER,) * turns
    trace = engine.ask(drawn_picture(number), "What is in this picture?", history=history, decoding=SHORT)
    return trace.timings.first_word or trace.timings.total or 0.0


def by_turns(loaded: Loaded, rounds: int) -> Curve:
    engine = Engine(loaded)
    first_word(engine, 0)
    return [(n, median(first_word(engine, 0, n) for _ in range(rounds))) for n in TURNS]


def by_tokens(loaded: Loaded, rounds: int) -> Curve:
    prepared = Prepared.of(loaded)
    ids = loaded.tokenizer("Tell a long story about a picture. " * 20).input_ids
    return [
        (n, 1 / median(decoded_per_second(prepared, ids, n) for _ in range(rounds)) * 1000) for n in TOKENS
    ]


def by_pictures(loaded: Loaded) -> tuple[Curve, Curve]:
    """Seconds, and memory of the process in MB."""
    engine, seconds, memory = Engine(loaded), {}, {}
    for number in range(1, max(PICTURES) + 1):
        seconds[number] = first_word(engine, number)
        memory[number] = psutil.Process().memory_info().rss / 1e6
    return [(n, seconds[n]) for n in PICTURES], [(n, memory[n]) for n in PICTURES]


def draw(curves: list[tuple[str, str, Curve]]) -> Figure:
    """A panel for each curve, every axis from zero."""
    figure = Figure(figsize=(11, 2.8), layout="constrained")
    for axes, (below, beside, curve) in zip(figure.subplots(1, len(curves)), curves, strict=True):
        axes.plot(*zip(*curve, strict=True), marker="o", color="#3b5bdb")
        axes.set(xlabel=below, ylabel=beside, xlim=(0, None), ylim=(0, 1.15 * max(y for _, y in curve)))
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--model")
    given.add_argument("--rounds", type=int, default=3)
    given.add_argument("--out", type=Path, default=ROOT / "docs" / "growth.svg")
    options = given.parse_args()
    loaded = load(options.model or default_checkpoint())
    seconds, memory = by_pictures(loaded)
    curves = [
        ("earlier turns", "first word, s", by_turns(loaded, options.rounds)),
        ("tokens of the answer", "ms a token", by_tokens(loaded, options.rounds)),
        ("pictures so far", "first word, s", seconds),
        ("pictures so far", "process, MB", memory),
    ]
    for below, beside, curve in curves:
        print(f"| {below} |", " | ".join(str(x) for x, _ in curve), "|")
        print(f"| {beside} |", " | ".join(f"{y:.3g}" for _, y in curve), "|\n", flush=True)
    draw(curves).savefig(options.out, metadata={"Date": None})


if __name__ == "__main__":
    main()
