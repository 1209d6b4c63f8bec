"""A hub for tests: a web server on this machine that gives a folder's files as a repository at one commit."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

REPOSITORY = "someone/some-mova"
COMMIT = "0123456789abcdef" * 2 + "01234567"


class Hub(ThreadingHTTPServer):
    """Answers for REPOSITORY alone, with a `token` only for those who have it; remembers what was given."""

    daemon_threads = True

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), _Answers)
        self.folder = folder
        self.given: list[str] = []
        self.token = ""

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def files(self) -> dict[str, Path]:
        """What it has, by the names in the repository."""
        found = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path for path in found}


class _Answers(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if self.server.token and self.headers["Authorization"] != f"Bearer {self.server.token}":
            self._head(401, b"", {"X-Error-Code": "RepoNotFound"})
            return
        path, api = self.path.partition("?")[0], f"/api/models/{REPOSITORY}"
        if path.startswith(f"{api}/tree/"):
            self._tell([_entry(name, file) for name, file in self.server.files().items()])
        elif path.startswith(api):
            self._tell({"id": REPOSITORY, "sha": COMMIT, "siblings": []})
        else:
            name = path.removeprefix(f"/{REPOSITORY}/resolve/{COMMIT}/")
            self._give(name, self.server.files().get(name))

    def _tell(self, value: object) -> None:
        data = json.dumps(value).encode()
        self._head(200, data, {"Content-Type": "application/json"})

    def _give(self, name: str, file: Path | None) -> None:
        if file is None:
            self._head(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        data = file.read_bytes()
        if self.command == "GET":
            self.server.given.append(name)
        self._head(200, data, {"ETag": f'"{sha256(data).hexdigest()}"', "X-Repo-Commit": COMMIT})

    def _head(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(data))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *given: object) -> None:
        """Nothing of it is printed."""


def _entry(name: str, file: Path) -> dict[str, object]:
    return {"type": "file", "path": name, "size": file.stat().st_size, "oid": "0" * 40}


@contextmanager
def serving(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The library's hub is `folder`, and its cache is `cache`."""
    from huggingface_hub import constants

    hub = Hub(folder)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    monkeypatch.setattr(constants, "ENDPOINT", hub.address)
    template = hub.address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
