"""Hundreds of questions to a real page, and what its process holds meanwhile: `make soak`.

    python tests/soak.py [--questions 500] [--staying 125] [--model FOLDER]

Starts app.py, then visitors come two at a time, each with own pictures, ask five questions and leave; the
last quarter, or the last --staying, is one visitor who stays. A row every 25 questions: resident memory,
threads, open files, files in the temporary folder.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.demo_pictures import draw_picture  # noqa: E402
from tests.page_client import SETTINGS, PageClient  # noqa: E402

QUESTIONS = ("What is it?", "How many are there?", "What does it say?", "Which is largest?", "And now?")
SHORT = [*SETTINGS[:2], 24, *SETTINGS[3:]]
EVERY, AT_ONCE = 25, 2


class Count:
    """Questions answered so far; prints a row for every EVERY of them."""

    def __init__(self, process: psutil.Process, folder: Path):
        self._process, self._folder, self._number, self._lock = process, folder, 0, threading.Lock()
        print("| questions | memory, MB | threads | open files | files kept |\n|---:|---:|---:|---:|---:|")
        self._row()

    def add(self) -> None:
        with self._lock:
            self._number += 1
            if self._number % EVERY == 0:
                self._row()

    def _row(self) -> None:
        memory = self._process.memory_info().rss / 2**20
        files = sum(path.is_file() for path in self._folder.rglob("*"))
        row = (self._number, f"{memory:.0f}", self._process.num_threads(), self._process.num_fds(), files)
        print("|", " | ".join(map(str, row)), "|", flush=True)


def ask(client: PageClient, text: str, picture: Path | None, count: Count) -> None:
    for _ in client.ask(text, picture, SHORT):
        pass
    count.add()


def visitor(address: str, folder: Path, number: int, count: Count) -> None:
    """Five questions about two pictures, and gone."""
    with PageClient(address).open() as client:
        for turn, question in enumerate(QUESTIONS):
            size = (240 + number % 400, 200 + turn + number // 400)
            picture = draw_picture(folder / f"{number}-{turn}.png", size) if turn in (0, 3) else None
            ask(client, question, picture, count)


def stay(address: str, folder: Path, questions: int, count: Count) -> None:
    """One visitor with many questions about a picture, and a new picture now and then."""
    with PageClient(address).open() as client:
        for number in range(questions):
            new = number % 20 == 0
            picture = draw_picture(folder / f"s{number}.png", (300 + number, 220)) if new else None
            ask(client, f"{QUESTIONS[number % 5]} ({number})", picture, count)


def started(model: str | None, folder: Path) -> tuple[subprocess.Popen, str]:
    """app.py with its temporary files below `folder`, once its model is there."""
    command = [sys.executable, "app.py", *(["--model", model] if model else [])]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"TMPDIR": str(folder)}, stdout=subprocess.PIPE, text=True
    )
    address = ""
    for line in process.stdout:
        address = (re.findall(r"http://[^ ]+", line) or [address])[0]
        if line.startswith("Ready"):
            return process, address.rstrip("/")
    raise SystemExit("The page did not start: see above.")


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--questions", type=int, default=500)
    given.add_argument("--staying", type=int, help="questions of the visitor who stays (default: a quarter)")
    given.add_argument("--model")
    options = given.parse_args()
    with tempfile.TemporaryDirectory() as pictures, tempfile.TemporaryDirectory() as room:
        process, address = started(options.model, Path(room))
        try:
            count = Count(psutil.Process(process.pid), Path(room))
            alone = options.questions // 4 if options.staying is None else options.staying
            visitors = (options.questions - alone) // len(QUESTIONS)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for done in [
                    pool.submit(visitor, address, Path(pictures), n, count) for n in range(visitors)
                ]:
                    done.result()
            stay(address, Path(pictures), alone, count)
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
