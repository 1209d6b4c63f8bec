"""What a piece of work takes of this machine: seconds on the wall and of the processor, memory of its own.

with Watched() as watched:
    loaded = load("assets/mova-tiny")
watched.seconds, watched.processor_seconds, watched.anonymous_gb
"""

import threading
from pathlib import Path
from time import perf_counter, process_time
from types import TracebackType
from typing import Self

STATUS = Path("/proc/self/status")
PAUSE = 0.005  # seconds between two looks


class Watched:
    """Known afterwards: `seconds`, `processor_seconds` of all threads, and `anonymous_gb`, the most memory
    the process held at any look that no file on the disk stands for (None where the system does not say).
    """

    def __init__(self) -> None:
        self.seconds = self.processor_seconds = 0.0
        self.anonymous_gb = anonymous_gb()
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._began = perf_counter(), process_time()
        self._looking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wall, processor = self._began
        self.seconds, self.processor_seconds = perf_counter() - wall, process_time() - processor
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        while self.anonymous_gb is not None:
            self.anonymous_gb = max(self.anonymous_gb, anonymous_gb() or 0.0)
            if self._over.wait(PAUSE):
                return


def anonymous_gb() -> float | None:
    """Memory of this process that no file stands for, GB; None where the system does not say."""
    return status_gb("RssAnon")


def status_gb(name: str) -> float | None:
    """One figure of the kernel's about this process, GB; None where there is none."""
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 / 1e9 for line in lines if line.startswith(f"{name}:")), None)
