"""The folder for what visitors send: gone with its process, however that ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.temporary import PREFIX, TemporaryFolder, remove_abandoned

ROOT = Path(__file__).parent.parent
# Holds a folder with a file in it, says so, and waits for the signal.
HOLDER = """
import signal, sys, threading
from demo.temporary import TemporaryFolder
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
folder = TemporaryFolder(sys.argv[1])
(folder.room("pictures") / "visitor.png").write_bytes(b"x")
print(folder.path, flush=True)
threading.Event().wait()
"""


def hold(parent: Path) -> tuple[subprocess.Popen, Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(parent)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    return process, Path(process.stdout.readline().strip())


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_told_to_end_leaves_nothing(tmp_path, how):
    process, folder = hold(tmp_path)
    assert list(folder.rglob("*.png"))
    process.send_signal(how)
    process.wait(timeout=30)
    assert not folder.exists()


def test_what_a_crash_leaves_is_removed_by_the_next_start(tmp_path):
    process, folder = hold(tmp_path)
    process.kill()
    process.wait(timeout=30)
    assert list(folder.rglob("*.png"))
    new = TemporaryFolder(tmp_path)
    assert not folder.exists() and new.path.is_dir()
    new.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_living_process_keeps_its_folder(tmp_path):
    process, folder = hold(tmp_path)
    assert remove_abandoned(tmp_path) == [] and list(folder.rglob("*.png"))
    process.terminate()
    process.wait(timeout=30)


def test_other_peoples_files_are_not_touched(tmp_path):
    (tmp_path / f"{PREFIX}half-made").mkdir()
    (tmp_path / "something-else").mkdir()
    remove_abandoned(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_only_its_owner_may_look_inside(tmp_path):
    folder = TemporaryFolder(tmp_path)
    assert os.stat(folder.path).st_mode & 0o077 == 0
    assert folder.room("a") != folder.room("a"), "every room is a new one"
    folder.remove()
    folder.remove()
