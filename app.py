"""Starts the page: `python app.py [--model FOLDER-OR-HUB-ID] [--precision nf4] [--host H] [--port P]`.

Every option has a twin in the environment (MOVA_MODEL, ...); the option wins. The page is there at once.
"""

import argparse
import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
log = logging.getLogger("mova")


def parse_arguments() -> argparse.Namespace:
    """The options, each with its environment twin as default."""
    twin = os.environ.get
    parser = argparse.ArgumentParser(description="MoVA in the browser.")
    parser.add_argument("--model", default=twin("MOVA_MODEL"), help="checkpoint (default: the embedded one)")
    parser.add_argument("--precision", default=twin("MOVA_PRECISION"), help="nf4, int8, bf16 or fp32")
    parser.add_argument("--device", default=twin("MOVA_DEVICE"), help="cpu, cuda or cuda:N")
    parser.add_argument("--bert-vocab", default=twin("MOVA_BERT_VOCAB"), help="BERT's vocab.txt")
    # A Space is reached from outside its container and says so in Gradio's own variable.
    host = twin("MOVA_HOST") or twin("GRADIO_SERVER_NAME") or "127.0.0.1"
    parser.add_argument("--host", default=host, help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", default=twin("MOVA_PORT"), type=int, help="default: first free from 7860")
    return parser.parse_args()


def main() -> None:
    """Opens the page, loads the model behind it, serves until interrupted."""
    given = parse_arguments()
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    from demo.startup import Startup
    from demo.ui import open_page
    from mova import logs
    from mova.errors import MovaError

    logs.show(told=sys.stdout)
    startup = Startup()
    try:
        demo, address = open_page(startup, ROOT / "examples", given.host, given.port)
        log.info("MoVA is at %s (loading the model ...)", address)
        from mova.checkpoint.loading import default_checkpoint, load
        from mova.engine import Engine

        options = {"precision": given.precision, "device": given.device, "bert_vocab": given.bert_vocab}
        loaded = load(given.model or default_checkpoint(), progress=startup.report, **options)
        startup.finish(Engine(loaded))
    except (MovaError, OSError) as error:  # OSError: the port is taken
        log.error("%s", error)
        sys.exit(1)
    info = loaded.info
    log.info("Ready: %s, %s, %s. Ctrl+C ends it.", info.name, info.precision, info.device)
    demo.block_thread()


if __name__ == "__main__":
    main()
