"""Starts the page: `python app.py [--model FOLDER-OR-HUB-ID] [--precision nf4] [--host H] [--port P]`.

Every option has a twin in the environment (MOVA_MODEL, ...); the option wins. The page is there at once.
"""

import logging
import os
import sys
from pathlib import Path

from mova import errors, logs, options

ROOT = Path(__file__).resolve().parent
log = logging.getLogger("mova")


def parser() -> options.Parser:
    """The options, each with its environment twin as default."""
    given = options.Parser(prog="app.py", description="MoVA in the browser.")
    given.add("--model", twin="MOVA_MODEL", read=options.named, help="checkpoint folder or hub id")
    given.add("--precision", twin="MOVA_PRECISION", read=options.precision, help="nf4, int8, bf16 or fp32")
    given.add("--memory", twin="MOVA_MEMORY", read=options.memory, default="auto", help="for the experts")
    given.add("--steps", twin="MOVA_STEPS", read=options.steps, default="recorded", help="recorded or plain")
    given.add("--device", twin="MOVA_DEVICE", read=options.device, help="cpu, cuda or cuda:N")
    given.add("--bert-vocab", twin="MOVA_BERT_VOCAB", read=options.path, help="BERT's vocab.txt")
    host = os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"  # a Space is reached from outside
    given.add("--host", twin="MOVA_HOST", read=options.named, default=host, help=f"default: {host}")
    given.add("--port", twin="MOVA_PORT", read=options.port, help="default: first free from 7860")
    return given


def main() -> None:
    """Opens the page, loads the model behind it, serves until interrupted."""
    logs.show(told=sys.stdout)
    given = parser().parse_args()
    from demo import serving, startup

    waiting = startup.Startup()
    try:
        with serving.open_page(waiting, ROOT / "examples", given.host, given.port) as at, waiting.told():
            log.info("MoVA is at %s (loading the model ...)", at)
            from mova.checkpoint.loading import default_checkpoint, load
            from mova.engine import Engine, end_process

            if source := given.model or waiting.found(default_checkpoint):
                how = {k: v for k, v in vars(given).items() if k not in ("model", "host", "port")}
                loaded = load(source, progress=waiting.report, **how)
                waiting.finish(Engine(loaded, on_lost=end_process, progress=waiting.report))
                log.info("Ready: %s. Ctrl+C ends it.", waiting.engine.info.short)
            serving.wait_for_the_end()
    except errors.MovaError as error:
        logs.refused(log, error)
        sys.exit(1)
    except KeyboardInterrupt:
        log.info("Ended.")


if __name__ == "__main__":
    main()
