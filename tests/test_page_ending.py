"""Every way in which the page's process can end while it answers: nothing of a visitor stays."""

import ctypes
import json
import os
import platform
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.demo_pictures import draw_picture
from tests.page_server import upload

ROOT = Path(__file__).parent.parent
# Linux's number of the call that sends a signal to one thread, by processor.
TGKILL = {"x86_64": 234, "aarch64": 131}.get(platform.machine()) if sys.platform == "linux" else None
# The page over an engine that never ends by itself; says its address.
SERVER = """
import sys
from pathlib import Path
from demo.serving import open_page, wait_for_the_end
from demo.startup import Startup
from tests.fake_engine import FakeEngine
try:
    with open_page(Startup(FakeEngine(0.05, words=10**6)), Path("examples"), "127.0.0.1", None) as address:
        print(address, flush=True)
        wait_for_the_end()
except KeyboardInterrupt:
    pass
"""


def start(folder: Path, **options) -> tuple[subprocess.Popen, str]:
    """A page whose temporary files are below `folder`; (process, address)."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )
    return process, process.stdout.readline().strip().rstrip("/")


def begin_an_answer(address: str, picture: Path):
    """The stream of an answer about an uploaded picture, its first words read."""
    file = {"path": upload(address, picture), "meta": {"_type": "gradio.FileData"}}
    call = urllib.request.Request(
        f"{address}/gradio_api/call/ask",
        json.dumps({"data": [file, "Which?", None, 1024, 0, 0]}).encode(),
        {"Content-Type": "application/json"},
    )
    event = json.loads(urllib.request.urlopen(call).read())["event_id"]
    stream = urllib.request.urlopen(f"{address}/gradio_api/call/ask/{event}")
    while b"word0" not in stream.readline():
        pass
    return stream


def left_behind(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "visitors" in str(path)]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_page_that_is_told_to_end_while_it_answers_ends_and_leaves_nothing(tmp_path, how):
    room = tmp_path / "temporary"
    room.mkdir()
    process, address = start(room)
    stream = begin_an_answer(address, draw_picture(tmp_path / "mine.png"))
    assert any(path.suffix == ".png" for path in left_behind(room))
    process.send_signal(how)
    assert process.wait(timeout=60) == 0
    assert left_behind(room) == []
    stream.close()


@pytest.mark.skipif(TGKILL is None, reason="which system call signals a thread is not known here")
def test_a_signal_that_the_system_hands_to_another_thread_ends_the_page_too(tmp_path):
    process, _ = start(tmp_path)
    others = {int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir()} - {process.pid}
    ctypes.CDLL(None).syscall(TGKILL, process.pid, min(others), signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def test_a_page_that_is_told_twice_still_cleans_up(tmp_path):
    process, address = start(tmp_path)
    begin_an_answer(address, draw_picture(tmp_path / "mine.png")).close()
    process.send_signal(signal.SIGHUP)
    while process.poll() is None:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.001)
    assert process.returncode == 0
    assert left_behind(tmp_path) == []


def test_a_page_started_with_nohup_outlives_its_terminal(tmp_path):
    def nohup():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process, address = start(tmp_path, preexec_fn=nohup)
    process.send_signal(signal.SIGHUP)
    assert urllib.request.urlopen(address).status == 200
    process.terminate()
    assert process.wait(timeout=60) == 0


def test_what_a_crash_leaves_is_gone_once_the_page_is_started_again(tmp_path):
    room = tmp_path / "temporary"
    room.mkdir()
    process, address = start(room)
    begin_an_answer(address, draw_picture(tmp_path / "mine.png")).close()
    process.kill()
    process.wait(timeout=60)
    assert left_behind(room)
    again, _ = start(room)
    assert not [path for path in left_behind(room) if path.suffix == ".png"]
    again.terminate()
    again.wait(timeout=60)
    assert left_behind(room) == []
