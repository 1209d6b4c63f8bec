"""`python -m training.train STAGE ...`: the embedded checkpoint, stage by stage, each resumable.

encoder B     stage 0: one encoder alone (A-G or base) writes the LLM's tokens
align         stage 1: adapter and projector carry the tokens to the LLM's embeddings, no LLM
polish        stage 1, encoders too, from where align ended
renew C       an encoder trained anew takes the old one's place; polish then goes on from there
routing       stage 2: the router's LoRA; with --real on the tokens the vision side gives
answer        stage 2: the answering LoRA; with --real likewise
assemble      the parts become a checkpoint folder (--target)

The second recipe's reader, not finished, is trained by `python -m training.resume`.
"""

import argparse
from pathlib import Path

import torch
from transformers import AutoTokenizer

from training.alignment import (
    RealTokens,
    VisionSide,
    build_side,
    load_side,
    polish,
    train_alignment,
)
from training.assemble import assemble
from training.encoders import train_encoder
from training.language import read_llm, train_speaker
from training.layout import TokenLayout
from training.loop import Plan
from training.renewal import renew_encoder
from training.sizes import tiny_config

STAGES = ("encoder", "align", "polish", "renew", "routing", "answer", "assemble")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Command line of one stage."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("letter", nargs="?", default="base", help="which encoder: A-G or base")
    parser.add_argument("--run", type=Path, default=Path("runs/tiny"), help="folder of this training run")
    parser.add_argument("--llm", type=Path, default=Path("runs/llm"), help="the LLM unpacked by training.llm")
    parser.add_argument("--target", type=Path, default=Path("assets/mova-tiny"), help="where assemble writes")
    parser.add_argument("--parent", help="start an encoder with another one's trained layers, e.g. E from D")
    parser.add_argument("--real", action="store_true", help="train a LoRA on the vision side's own tokens")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--rate", type=float, default=1.2e-3, help="AdamW's; Muon's is fixed")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Runs one stage to its end."""
    options = parse_arguments(arguments)
    torch.set_num_threads(options.threads)
    layout = TokenLayout(AutoTokenizer.from_pretrained(options.llm))
    plan = Plan(options.steps, options.batch, options.rate)
    run, config, device = options.run, tiny_config(), options.device
    if options.stage == "encoder":
        train_encoder(options.letter, run, config, layout, plan, device, options.parent)
    elif options.stage in ("align", "polish"):
        embeddings = embeddings_of(options.llm)
        side = build_side(run, config, layout, embeddings).to(device)
        train = polish if options.stage == "polish" else train_alignment
        train(side, run, layout, embeddings, plan)
    elif options.stage == "renew":
        embeddings = embeddings_of(options.llm)
        side = build_side(run, config, layout, embeddings)
        new = renew_encoder(side, options.letter, run, layout, embeddings)
        print(f"{len(new)} words are new", flush=True)
    elif options.stage == "assemble":
        assemble(trained_side(options, layout), run, options.llm, options.target)
    else:
        source = RealTokens(trained_side(options, layout).to(device), options.stage) if options.real else None
        train_speaker(options.stage, run, options.llm, layout, plan, source, device)


def embeddings_of(llm: Path) -> torch.Tensor:
    """The LLM's embedding table, float32 [vocabulary, H]."""
    return read_llm(llm)["model.embed_tokens.weight"]


def trained_side(options: argparse.Namespace, layout: TokenLayout) -> VisionSide:
    """The vision side as stage 1 left it."""
    return load_side(build_side(options.run, tiny_config(), layout, embeddings_of(options.llm)), options.run)


if __name__ == "__main__":
    main()
