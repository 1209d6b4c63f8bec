"""Starts the page: `python app.py [--model FOLDER-OR-HUB-ID] [--precision nf4] [--host H] [--port P]`.

Every option has a twin in the environment (MOVA_MODEL, ...); the option wins. The page is there at once.
"""

import logging
import os
import sys
import threading
from pathlib import Path

from mova import logs, options
from mova.errors import MovaError

ROOT = Path(__file__).resolve().parent
log = logging.getLogger("mova")


def parser() -> options.Parser:
    """The options, each with its environment twin as default."""
    given = options.Parser(prog="app.py", description="MoVA in the browser.")
    given.add("--model", twin="MOVA_MODEL", read=options.named, help="checkpoint folder or hub id")
    given.add("--precision", twin="MOVA_PRECISION", read=options.precision, help="nf4, int8, bf16 or fp32")
    given.add("--memory", twin="MOVA_MEMORY", read=options.memory, default="auto", help="for the experts")
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
    from demo.serving import open_page
    from demo.startup import Startup

    startup = Startup()
    try:
        with open_page(startup, ROOT / "examples", given.host, given.port) as address, startup.told():
            log.info("MoVA is at %s (loading the model ...)", address)
            from mova.checkpoint.loading import default_checkpoint, load
            from mova.engine import Engine, end_process

            if source := given.model or startup.found(default_checkpoint):
                how = {name: getattr(given, name) for name in ("precision", "memory", "device", "bert_vocab")}
                startup.finish(Engine(load(source, progress=startup.report, **how), on_lost=end_process))
                log.info("Ready: %s. Ctrl+C ends it.", startup.engine.info.short)
            threading.Event().wait()
    except MovaError as error:
        logs.refused(log, error)
        sys.exit(1)
    except KeyboardInterrupt:
        log.info("Ended.")


if __name__ == "__main__":
    main()
