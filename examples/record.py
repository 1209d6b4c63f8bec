"""Records an answer of every example beside its picture, for pages that have no model (yet): `make traces`.

python examples/record.py [--model FOLDER-OR-HUB-ID] [--only NUMBER]
"""

import argparse
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
sys.path.insert(0, str(EXAMPLES.parent))

from demo.gallery import read_examples, trace_name  # noqa: E402
from mova.checkpoint.loading import default_checkpoint, load  # noqa: E402
from mova.engine import Engine  # noqa: E402
from mova.errors import MovaError  # noqa: E402
from mova.trace_file import dumps  # noqa: E402

MOST_BYTES = 200_000


def record(model: str | None, only: int | None) -> None:
    """Writes the traces. Raises MovaError for one that is too large to ship."""
    engine = Engine(load(model or default_checkpoint()))
    for number, example in enumerate(read_examples(EXAMPLES)):
        if only not in (None, number):
            continue
        text = dumps(engine.ask(example.path, example.question))
        size = len(text.encode())
        if size > MOST_BYTES:
            raise MovaError(
                f"Example {number} has a trace of {size} bytes; at most {MOST_BYTES} are shipped."
            )
        (EXAMPLES / trace_name(number, example.path)).write_text(text, encoding="utf-8")
        print(trace_name(number, example.path), size)


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--model")
    given.add_argument("--only", type=int)
    chosen = given.parse_args()
    record(chosen.model, chosen.only)
