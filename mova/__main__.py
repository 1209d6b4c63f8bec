"""The terminal's way in: `ask` answers one question, `evaluate` a file of them, `quantize` writes a smaller
checkpoint, `bench` measures.

python -m mova ask --image examples/chart.png --question "Which bar is highest?"
python -m mova evaluate --questions questions.jsonl --images pictures
python -m mova quantize zongzhuofan/llama3-mova-8b
python -m mova bench --precision bf16
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from mova import logs, options
from mova.errors import MovaError
from mova.events import Done, Gated, Noted, Piece, Routed
from mova.images import read_image
from mova.progress import Report, Step
from mova.request import named_experts
from mova.trace import Trace
from mova.trace_file import dumps

log = logging.getLogger("mova.terminal")
MODEL = "checkpoint folder or hub id (default: the embedded one)"
PRECISION = "nf4, int8, bf16 or fp32 (default: what is fastest)"
MEMORY = "auto, resident or paged: where experts wait"
STEPS = "recorded (default) or plain: how a card decodes"
DOING = {
    "find": "Looking for {name}",
    "read": "Reading the weights",
    "write": "Writing {name}",
    "record": "Recording decoding steps",
    "ready": "Ready",
}
DEVICE = "cpu, cuda or cuda:N (default: CUDA where there is one)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command: 0 when it worked, 2 when it was refused, with the reason on standard error, 3 when
    an evaluation has questions that could not be asked."""
    logs.show()
    given = build_parser().parse_args(arguments)
    try:
        return given.command(given)
    except MovaError as error:
        logs.refused(log, error)
        return 2
    except KeyboardInterrupt:
        return 130


def build_parser() -> options.Parser:
    """The commands and their options."""
    prog = "mova" if Path(sys.argv[0]).stem == "mova" else "python -m mova"
    parser = options.Parser(prog=prog, description="MoVA from the terminal.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    for add in (_add_ask, _add_evaluate, _add_quantize):
        command = add(commands)
        command.add("--device", read=options.device, help=DEVICE)
        command.add("--revision", metavar="ID", read=options.named, help="revision of a hub id")
        told = "BERT's vocab.txt, where the checkpoint has none"
        command.add("--bert-vocab", metavar="FILE", read=options.path, help=told)
    _add_bench(commands)
    return parser


def _add_ask(commands) -> options.Parser:
    ask = commands.add_parser("ask", help="answer one question, about a picture or without one")
    ask.set_defaults(command=run_ask)
    ask.add("--model", metavar="DIR", read=options.named, help=MODEL)
    ask.add("--image", metavar="FILE", help="picture the question is about")
    ask.add("--question", metavar="TEXT", required=True)
    ask.add("--experts", metavar="E,D|none", help="use these experts instead of asking the router")
    ask.add("--precision", metavar="P", read=options.precision, help=PRECISION)
    ask.add("--memory", metavar="M", read=options.memory, default="auto", help=MEMORY)
    ask.add("--steps", metavar="S", read=options.steps, default="recorded", help=STEPS)
    ask.add("--json", action="store_true", help="print the answer and its trace as one JSON object")
    ask.add("--max-new-tokens", read=options.count, default=256, metavar="N")
    ask.add("--temperature", read=options.number, default=0.0, help="0 decodes greedily (default)")
    ask.add("--top-p", read=options.number, default=1.0, metavar="P")
    ask.add("--seed", read=options.whole, default=0)
    return ask


def _add_quantize(commands) -> options.Parser:
    quantize = commands.add_parser("quantize", help="write a quantised copy of a checkpoint")
    quantize.set_defaults(command=run_quantize)
    quantize.add("source", metavar="SRC", read=options.named, help="checkpoint folder or hub id")
    told = "new folder (default: named after SRC)"
    quantize.add("target", metavar="DST", nargs="?", read=options.path, help=told)
    told = "nf4 (default) or int8"
    quantize.add("--precision", metavar="P", read=options.quantised, default="nf4", help=told)
    return quantize


def _add_bench(commands) -> None:
    bench = commands.add_parser("bench", help="measure every stage, and against the published loop")
    bench.set_defaults(command=run_bench)
    bench.add("--model", metavar="DIR", read=options.named, help=MODEL)
    told = "a full-size random checkpoint, written there if absent"
    bench.add("--random-8b", metavar="DIR", read=options.path, help=told)
    told = "a random checkpoint of 300 million weights"
    bench.add("--random-mid", metavar="DIR", read=options.path, help=told)
    bench.add("--image", metavar="FILE", help="picture to look at (default: drawn ones)")
    bench.add("--precision", metavar="P", read=options.precision, help=PRECISION)
    told = "what the published loop runs in (default: the same)"
    bench.add("--loop-precision", metavar="P", read=options.precision, help=told)
    bench.add("--rounds", read=options.whole, default=10, metavar="N", help="comparisons; 0 makes none")
    bench.add("--visitors", read=options.counts, default=(), metavar="1,4,16", help="so many ask at once")
    bench.add("--memory", metavar="M", read=options.memory, default="auto", help=MEMORY)
    bench.add("--steps", metavar="S", read=options.steps, default="recorded", help=STEPS)
    bench.add("--max-new-tokens", read=options.count, default=64, metavar="N")
    bench.add("--device", read=options.device, help=DEVICE)
    bench.add("--json", action="store_true", help="print everything as one JSON object")


def _add_evaluate(commands) -> options.Parser:
    evaluate = commands.add_parser("evaluate", help="answer a file of questions and score the answers")
    evaluate.set_defaults(command=run_evaluate)
    evaluate.add("--model", metavar="DIR", read=options.named, help=MODEL)
    evaluate.add(
        "--questions", metavar="FILE", read=options.path, required=True,
        help="JSON lines as LLaVA writes them, LLaVA's file for ScienceQA, or MMBench's table",
    )  # fmt: skip
    evaluate.add(
        "--images",
        metavar="DIR",
        read=options.path,
        help="folder of the questions' pictures, where they are files",
    )
    evaluate.add(
        "--annotations", metavar="PATH", read=options.path,
        help="the benchmark's own file or folder of expected answers, where the questions hold none",
    )  # fmt: skip
    evaluate.add("--kind", metavar="RULE", help="the rule for questions that name none")
    evaluate.add(
        "--score-only", action="store_true", help="load no model and ask nothing: score the answers kept"
    )
    evaluate.add(
        "--experts",
        metavar="WHO",
        default="router",
        help="router (default), none, all, random, or letters such as E,D",
    )
    evaluate.add("--shard", metavar="K/N", help="ask every N-th question only, from the K-th on")
    evaluate.add(
        "--answers",
        metavar="DIR",
        read=options.path,
        help="folder to keep answers in (default: beside the questions)",
    )
    evaluate.add("--precision", metavar="P", read=options.precision, help=PRECISION)
    evaluate.add("--max-new-tokens", read=options.count, default=128, metavar="N")
    evaluate.add("--json", action="store_true", help="print all scores as one JSON object")
    return evaluate


def run_ask(given: argparse.Namespace) -> int:
    """Answers `given.question` on standard output, streamed or as JSON."""
    # Everything that can be refused is refused before the model is loaded.
    image = None if given.image is None else read_image(given.image)
    experts = None if given.experts is None else named_experts(given.experts)
    from mova.checkpoint.loading import default_checkpoint, load
    from mova.engine import Engine
    from mova.request import Decoding, check_question

    question = check_question(given.question)
    decoding = Decoding(given.max_new_tokens, given.temperature, given.top_p, given.seed)
    progress = _progress()
    loaded = load(
        given.model or default_checkpoint(),
        precision=given.precision,
        memory=given.memory,
        steps=given.steps,
        device=given.device,
        revision=given.revision,
        bert_vocab=given.bert_vocab,
        progress=progress,
    )
    engine = Engine(loaded, progress=progress)
    for event in engine.answer(question, image, experts=experts, decoding=decoding):
        if isinstance(event, Done) and given.json:
            print(dumps(event.trace), end="")
        elif not given.json:
            _show(event)
    return 0


def run_evaluate(given: argparse.Namespace) -> int:
    """Prints the scores of the questions answered so far, as tables or JSON."""
    from mova.evaluation.evaluate import evaluate
    from mova.evaluation.score_table import as_markdown

    report = evaluate(
        given.questions,
        given.images,
        annotations=given.annotations,
        kind=given.kind,
        score_only=given.score_only,
        checkpoint=given.model,
        experts=given.experts,
        shard=given.shard,
        answers=given.answers,
        precision=given.precision,
        device=given.device,
        revision=given.revision,
        bert_vocab=given.bert_vocab,
        max_new_tokens=given.max_new_tokens,
        progress=_progress(),
    )
    print(json.dumps(report, indent=2, ensure_ascii=False) if given.json else as_markdown(report))
    return 3 if report["refused"] else 0


def run_quantize(given: argparse.Namespace) -> int:
    """Writes the quantised checkpoint and prints its folder."""
    from mova.checkpoint.quantize import quantize

    folder = quantize(
        given.source,
        given.target,
        given.precision,
        device=given.device,
        revision=given.revision,
        bert_vocab=given.bert_vocab,
        progress=_progress(),
    )
    print(Path(folder))
    return 0


def run_bench(given: argparse.Namespace) -> int:
    """Prints what loading and answering took, as tables or JSON."""
    image = None if given.image is None else read_image(given.image)
    from mova.evaluation.bench import bench
    from mova.evaluation.bench_table import as_table

    report = bench(
        given.model,
        image=image,
        precision=given.precision,
        device=given.device,
        random_8b=given.random_8b,
        random_mid=given.random_mid,
        new_tokens=given.max_new_tokens,
        rounds=given.rounds,
        loop_precision=given.loop_precision,
        memory=given.memory,
        steps=given.steps,
        visitors=given.visitors,
        progress=_progress(),
    )
    print(json.dumps(report, indent=2) if given.json else as_table(report))
    return 0


def _show(event: object) -> None:
    """Text on standard output as it comes; what happened on the way on standard error."""
    match event:
        case Routed(routing=routing):
            names = ", ".join(routing.experts) or "none"
            log.info("[experts: %s%s]", names, " (chosen by you)" if routing.forced else "")
        case Gated(gates=gates):
            for number, row in enumerate(gates.masked):
                log.info("[gate %d: %s]", number, " ".join(f"{weight:.2f}" for weight in row))
        case Noted(text=text):
            log.info("[%s]", text)
        case Piece(text=text):
            print(text, end="", flush=True)
        case Done(trace=trace):
            print(flush=True)
            log.info("%s", _seconds(trace))


def _seconds(trace: Trace) -> str:
    timings = trace.timings
    rate = f", {timings.tokens_per_second:.1f} tokens/s" if timings.tokens_per_second else ""
    return f"[{timings.total:.2f} s, {timings.tokens} tokens{rate}]"


def _progress() -> Report:
    """Says on standard error how far loading or writing a checkpoint is."""
    line = logs.ProgressLine()

    def show(step: Step) -> None:
        if step.stage == "fetch":
            text = f"{step.done / 1e9:.1f} of {step.whole / 1e9:.1f} GB of {step.name} downloaded"
        else:
            text = DOING[step.stage].format(name=step.name)
        line.show(step, text)

    return show


def run() -> None:
    """The command `mova` of an installed copy."""
    sys.exit(main())


if __name__ == "__main__":
    run()
