"""`python -m training.resume`: goes on with the training that is not finished, from a fresh checkout too.

Draws what is missing of the stock of pictures (a quarter of an hour the first time), then gives the reader a
sitting from where `training/state` stands, or from the shipped one, and replaces that state. Needs what
`make train-needs` installs.
"""

import argparse
from pathlib import Path

import torch
from playwright.sync_api import Error as BrowserError
from transformers import AutoTokenizer

from training.makers.catalogue import MAKERS
from training.pieces import Pieces
from training.reader_training import COPIES, STATE, put, train_reader
from training.stock import PER_FILE, draw_file

LAST_STEP = 100_000  # of the reader, over all sittings
# Pictures of each maker, in the order in which they are drawn and needed.
STOCK = {
    "print": {
        "test": {"strips": 200, "documents": 60, "windows": 60, "signs": 60, "charts": 60},
        "train": {
            "strips": 4000, "documents": 1500, "signs": 1000, "windows": 1000, "charts": 1000, "pages": 1000,
        },
    },
    "signs": {
        "test": {"strips": 200, "signs": 60, "web-signs": 60},
        "train": {"strips": 2000, "signs": 1500, "web-signs": 1500, "documents": 500, "windows": 500},
    },
    "charts": {
        "test": {"strips": 200, "charts": 60, "web-charts": 60},
        "train": {"strips": 4000, "documents": 1500, "signs": 1000, "charts": 2000, "web-charts": 2000},
    },
}  # fmt: skip


def draw_stock(folder: Path, wanted: dict[str, dict[str, int]]) -> None:
    """Draws what is missing; pages are left out where no Chromium runs."""
    for split, makers in wanted.items():
        for maker, pictures in makers.items():
            try:
                for number in range(-(-pictures // PER_FILE)):
                    count = min(PER_FILE, pictures - number * PER_FILE)
                    print(draw_file(folder, maker, split, number, count).name, flush=True)
            except BrowserError:
                if not MAKERS[maker].browser:
                    raise
                print(f"No Chromium runs here: {maker} are left out.", flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.resume", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120, help="how long the sitting lasts")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--stock", type=Path, default=Path("runs/stock"))
    parser.add_argument("--run", type=Path, default=Path("runs/reader"), help="for what is not committed")
    parser.add_argument("--reads", choices=COPIES, default="print", help="which copy; each has its own state")
    parser.add_argument("--state", type=Path, default=STATE)
    parser.add_argument("--target", type=Path, help="a checkpoint in which the copy is replaced at the end")
    parser.add_argument(
        "--llm",
        type=Path,
        default=Path("assets/mova-tiny"),
        help="checkpoint with the tokenizer, and a reader",
    )
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    draw_stock(options.stock, STOCK[options.reads])
    pieces = Pieces(AutoTokenizer.from_pretrained(options.llm))
    train_reader(
        options.run,
        options.stock,
        options.state,
        pieces,
        options.minutes,
        LAST_STEP,
        options.llm,
        COPIES[options.reads],
    )
    if options.target:
        put(options.state, options.target, COPIES[options.reads])


if __name__ == "__main__":
    main()
