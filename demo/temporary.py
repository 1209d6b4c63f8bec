"""A folder of this process's own for everything visitors send; gone when the process ends, however it ends.

It is removed at the end of a process that ends by itself or by a signal. What a crash leaves is found and
removed by the next start: a folder belongs to a living process as long as the lock inside it is held.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "mova-visitors-"
LOCK = "in-use.lock"


class TemporaryFolder:
    """A private folder below the system's for temporary files, with room for uploads and pictures."""

    def __init__(self, parent: str | Path | None = None):
        self.parent = Path(parent or tempfile.gettempdir())
        remove_abandoned(self.parent)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self.parent))
        self._lock = FileLock(self.path / LOCK, thread_local=False)
        self._lock.acquire(timeout=0)
        atexit.register(self.remove)

    def room(self, name: str) -> Path:
        """A new folder inside for one kind of file."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.path))

    def remove(self) -> None:
        """Everything in it is gone; a second call changes nothing."""
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


_OWN: list[TemporaryFolder] = []


def own_folder() -> TemporaryFolder:
    """This process's folder: made when first asked for, the same one afterwards, and told to the page's
    library as the place for uploads, which it looks up in the environment at every call."""
    if not _OWN or not _OWN[0].path.is_dir():
        _OWN[:] = [TemporaryFolder()]
        os.environ["GRADIO_TEMP_DIR"] = str(_OWN[0].room("uploads"))
    return _OWN[0]


def remove_abandoned(parent: Path) -> list[Path]:
    """Removes the folders below `parent` that no living process holds; returns them."""
    removed = []
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            # A folder without its lock is being made this moment, or was half removed.
            lock = FileLock(folder / LOCK) if (folder / LOCK).exists() else None
            if lock is None:
                continue
            with lock.acquire(timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
        except (Timeout, OSError):
            continue  # somebody's, or another user's
    return removed
