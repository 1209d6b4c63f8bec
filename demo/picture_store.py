"""Pictures of visitors on disk: checked, stripped of metadata, stored by content, deleted when old."""

import base64
import io
import tempfile
import time
from pathlib import Path

from demo.state import KeptPicture
from demo.theme import PICTURE_GONE
from mova.errors import ImageRefused
from mova.images import CheckedImage, read_image

KEPT_SECONDS = 3600
SHOWN_SIDE = 720  # pixels of the copy that is sent to the browser


class PictureStore:
    """A private temporary folder of PNG files named by their content. Nothing in it is served by path."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mova-pictures-")

    def keep(self, source: str | Path, hint: str = "") -> tuple[KeptPicture, str | None]:
        """Check a file and keep a clean copy; also what its owner should know. Raises ImageRefused."""
        self._forget_old()
        checked = read_image(source)
        path = Path(self._folder.name) / f"{checked.digest}.png"
        if not path.exists():
            # A half-written file must never be seen under the final name by another visitor's thread.
            with tempfile.NamedTemporaryFile(dir=self._folder.name, delete=False) as part:
                checked.pixels.save(part, "PNG", compress_level=1)
            Path(part.name).rename(path)
        path.touch()
        return KeptPicture(str(path), checked.digest, *checked.pixels.size, hint), checked.note

    def read(self, picture: KeptPicture) -> CheckedImage:
        """The pixels of a kept picture. Raises ImageRefused when it was deleted meanwhile."""
        path = Path(picture.path)
        if not path.is_file():
            raise ImageRefused(PICTURE_GONE)
        path.touch()
        return read_image(path)

    def data_uri(self, picture: KeptPicture | None) -> str:
        """A copy small enough to be sent inside the page; empty when there is none."""
        if picture is None or not Path(picture.path).is_file():
            return ""
        pixels = read_image(picture.path).pixels
        pixels.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
        buffer = io.BytesIO()
        pixels.save(buffer, "WEBP", quality=88)
        return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()

    def _forget_old(self) -> None:
        oldest = time.time() - KEPT_SECONDS
        for path in Path(self._folder.name).iterdir():
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)
