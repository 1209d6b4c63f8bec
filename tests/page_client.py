"""What a browser does with the page, without a browser: a session, its heartbeat, calls of the page's own
functions and the stream of their results."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import urlopen

from gradio_client.utils import apply_diff

from tests.page_server import upload

SETTINGS = ["router", [], 256, 0, 1, 0]  # as they stand when the page opens
META = {"_type": "gradio.FileData"}


class PageClient:
    """One open page. `composer` is what its composer holds."""

    def __init__(self, address: str):
        self.address, self.session = address, uuid.uuid4().hex
        self.host = urlparse(address).netloc
        config = json.loads(urlopen(f"{address}/config").read())
        self._calls = {d["api_name"]: d["id"] for d in config["dependencies"] if d["api_name"]}
        self.composer: dict = {"text": "", "files": []}

    @contextmanager
    def open(self) -> Iterator["PageClient"]:
        """The page as long as it is open: the server hears its heartbeat, and notices when it ends."""
        heart = HTTPConnection(self.host, timeout=600)
        heart.request("GET", f"/gradio_api/heartbeat/{self.session}")
        heart.getresponse().readline()
        self.call("open_page", [""])
        try:
            yield self
        finally:
            heart.close()

    def call(self, name: str, data: list, **more) -> dict:
        """A function of the page that answers at once."""
        body = {"fn_index": self._calls[name], "data": data, "session_hash": self.session, **more}
        return json.loads(self._post("run/predict", body))

    def ask(self, text: str, picture: Path | None = None, settings: list | None = None) -> Iterator[list]:
        """Sends what is in the composer; yields every state of the page's parts, what stayed included."""
        self.begin(text, settings, picture)
        yield from self.results()

    def begin(self, text: str, settings: list | None = None, picture: Path | None = None) -> None:
        """Sends what is in the composer; what comes of it is fetched by `results`."""
        files = [{"path": upload(self.address, picture), "meta": META}] if picture else []
        data = [{"text": text, "files": files}, *(settings or SETTINGS)]
        body = {"fn_index": self._calls["ask_typed"], "data": data, "session_hash": self.session}
        self._post("queue/join", body)

    def results(self) -> Iterator[list]:
        """The values of the outputs of the call that was joined, after each update."""
        stream = HTTPConnection(self.host, timeout=600)
        stream.request("GET", f"/gradio_api/queue/data?session_hash={self.session}")
        values: list | None = None
        try:
            for line in stream.getresponse():
                if not line.startswith(b"data: "):
                    continue
                message = json.loads(line[6:])
                output = (message.get("output") or {}).get("data") or []
                if message["msg"] == "process_generating":
                    changed = output if values is None else map(apply_diff, values, output)
                    values = list(changed)
                    yield values
                elif message["msg"] == "process_completed":
                    if not message["success"]:
                        raise AssertionError(message["output"])
                    return
        finally:
            stream.close()

    def _post(self, path: str, body: dict) -> bytes:
        connection = HTTPConnection(self.host, timeout=600)
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"/gradio_api/{path}", json.dumps(body), headers)
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        assert reply.status == 200, text
        return text
