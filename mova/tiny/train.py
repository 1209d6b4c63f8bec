"""`python -m mova.tiny.train STAGE ...`: the embedded checkpoint, stage by stage, each resumable.

    encoder B     stage 0: one encoder alone (A-G or base) writes the LLM's tokens
    align         stage 1: encoders, adapter and projector together, no LLM
    routing       stage 2: the router's LoRA
    answer        stage 2: the answering LoRA
    assemble      the parts become a checkpoint folder
"""

import argparse
from pathlib import Path

import torch
from transformers import AutoTokenizer

from mova.tiny.encoders import train_encoder
from mova.tiny.layout import TokenLayout
from mova.tiny.loop import Plan
from mova.tiny.sizes import tiny_config


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Command line of one stage."""
    parser = argparse.ArgumentParser(prog="python -m mova.tiny.train", description=__doc__)
    parser.add_argument("stage", choices=["encoder", "align", "routing", "answer", "assemble"])
    parser.add_argument("letter", nargs="?", default="base", help="which encoder: A-G or base")
    parser.add_argument("--run", type=Path, default=Path("runs/tiny"), help="folder of this training run")
    parser.add_argument("--llm", type=Path, default=Path("runs/llm"), help="folder written by mova.tiny.llm")
    parser.add_argument("--parent", help="start an encoder with another one's trained layers, e.g. E from D")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Runs one stage to its end."""
    options = parse_arguments(arguments)
    torch.set_num_threads(options.threads)
    layout = TokenLayout(AutoTokenizer.from_pretrained(options.llm))
    plan = Plan(options.steps, options.batch, options.rate)
    if options.stage == "encoder":
        train_encoder(options.letter, options.run, tiny_config(), layout, plan, options.device, options.parent)


if __name__ == "__main__":
    main()
