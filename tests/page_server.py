"""A served page and a client for its API, shared by the page's tests."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.ui import build_demo, launch_options


@contextmanager
def serve(engine, examples) -> Iterator[str]:
    """The page over `engine` on a free port of this machine; yields its address."""
    demo = build_demo(engine, examples)
    options = launch_options(demo, "127.0.0.1", None)
    _, address, _ = demo.launch(prevent_thread_lock=True, quiet=True, **options)
    try:
        yield address.rstrip("/")
    finally:
        demo.close(verbose=False)


def upload(address: str, path: Path) -> str:
    """Sends a file as the page does; its path on the server."""
    mark = uuid.uuid4().hex
    head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{path.name}"\r\n\r\n'
    body = head.encode() + path.read_bytes() + f"\r\n--{mark}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    request = urllib.request.Request(f"{address}/gradio_api/upload", body, headers)
    return json.loads(urllib.request.urlopen(request).read())[0]


def ask(address: str, image: Path | None, question: str, experts=None, *more) -> list[dict]:
    """All updates of one call of /ask, or a list with one {"error": sentence}."""
    file = None
    if image is not None:
        file = {"path": upload(address, image), "meta": {"_type": "gradio.FileData"}}
    data = [file, question, experts, *(more or (256, 0, 0))]
    request = urllib.request.Request(
        f"{address}/gradio_api/call/ask",
        json.dumps({"data": data}).encode(),
        {"Content-Type": "application/json"},
    )
    event = json.loads(urllib.request.urlopen(request).read())["event_id"]
    updates, kind = [], ""
    for line in urllib.request.urlopen(f"{address}/gradio_api/call/ask/{event}"):
        name, _, value = line.decode().strip().partition(": ")
        if name == "event":
            kind = value
        elif name == "data" and kind in ("generating", "complete"):
            updates.append(json.loads(value)[0])
        elif name == "data" and kind == "error":
            return [json.loads(value)]
    return updates
