"""Pictures of visitors on disk: checked, without metadata, known by content, gone with the last who asked.

What is kept is known from memory alone, under a lock; the folder is never listed, so no file can vanish
between two looks at it.
"""

import io
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from demo.state import KeptPicture
from demo.theme import PICTURE_GONE
from mova.errors import ImageRefused
from mova.images import CheckedImage, read_image
from mova.imaging.data_uri import data_uri_of

KEPT_SECONDS = 3600
SHOWN_SIDE = 720  # pixels of the copy that is sent to the browser


@dataclass
class _Entry:
    """One kept file: who asks about it, when it was last used, and the small copy once it was made."""

    path: Path
    owners: set[str] = field(default_factory=set)
    used: float = 0.0
    data_uri: str = ""


class PictureStore:
    """PNG files named by their content in a folder of the process's own. Nothing in it is served by path."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()

    def keep(self, owner: str, source: str | Path, hint: str = "") -> tuple[KeptPicture, str | None]:
        """Check a file and keep a clean copy for a visitor; also what its owner should know.

        Raises ImageRefused.
        """
        self.forget_old()
        checked = read_image(source)
        path = self._folder / f"{checked.digest}.png"
        data = io.BytesIO()
        checked.pixels.save(data, "PNG", compress_level=1)
        with self._lock:
            entry = self._entries.get(checked.digest)
            if entry is None:
                path.write_bytes(data.getvalue())
                entry = self._entries[checked.digest] = _Entry(path)
            entry.owners.add(owner)
            entry.used = time.monotonic()
        return KeptPicture(str(path), checked.digest, *checked.pixels.size, hint), checked.note

    def read(self, picture: KeptPicture) -> CheckedImage:
        """The pixels of a kept picture. Raises ImageRefused when it was deleted meanwhile."""
        with self._lock:
            entry = self._entry(picture)
            if entry is None:
                raise ImageRefused(PICTURE_GONE)
            entry.used = time.monotonic()
            data = entry.path.read_bytes()
        return read_image(data)

    def data_uri(self, picture: KeptPicture | None) -> str:
        """A copy small enough to be sent inside the page; empty when there is none (any more)."""
        if picture is None:
            return ""
        with self._lock:
            entry = self._entry(picture)
            if entry is None or entry.data_uri:
                return "" if entry is None else entry.data_uri
            data = entry.path.read_bytes()
        made = _small_copy(data)
        with self._lock:
            if picture.digest in self._entries:
                self._entries[picture.digest].data_uri = made
        return made

    def _entry(self, picture: KeptPicture) -> _Entry | None:
        """The file of a picture that its visitor brought: an equal digest alone gives no right."""
        return self._entries.get(picture.digest) if picture.path else None

    def release(self, owner: str, keep: frozenset[str] = frozenset()) -> None:
        """This visitor asks about no picture any more but those of the digests `keep`."""
        with self._lock:
            for digest, entry in list(self._entries.items()):
                if owner in entry.owners and digest not in keep:
                    entry.owners.discard(owner)
                    if not entry.owners:
                        self._delete(digest)

    def forget_old(self, seconds: float = KEPT_SECONDS) -> None:
        """Delete what nobody has asked about for so many seconds."""
        oldest = time.monotonic() - seconds
        with self._lock:
            for digest in [digest for digest, entry in self._entries.items() if entry.used < oldest]:
                self._delete(digest)

    def _delete(self, digest: str) -> None:
        self._entries.pop(digest).path.unlink(missing_ok=True)


def _small_copy(data: bytes) -> str:
    pixels = read_image(data).pixels
    pixels.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    return data_uri_of(pixels, "WEBP", quality=88)
