"""What is fetched from the hub, or was fetched before; every way in which that fails has its sentence."""

import errno
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mova.checkpoint.devices import free_disk_bytes
from mova.errors import CheckpointError, DeviceError
from mova.progress import Report, Step, unheard

CONNECTION = "check the connection"
BYTES_BAR = "huggingface_hub.snapshot_download"  # the one of its bars that counts bytes on the disk
ON_DISK = 1.02  # of a file's bytes: what its folders and the disk's own tables take


@dataclass(frozen=True)
class Origin:
    """A repository at one commit, and the folder of the hub's cache that it is kept in; `fetching` are the
    hub's own options."""

    repository: str
    folder: Path
    fetching: dict[str, Any]

    @property
    def commit(self) -> str:
        """The cache calls the folder by it."""
        return self.folder.name

    @property
    def name(self) -> str:
        """The repository and the beginning of the commit."""
        return f"{self.repository}@{self.commit[:8]}"


def find_origin(hub_id: str, revision: str | None = None, **fetching: Any) -> Origin:
    """The repository of a hub id (`owner/name`, `owner/name@revision`), of which `config.json` alone is
    fetched. Raises CheckpointError."""
    repository, _, written = hub_id.partition("@")
    fetch = _snapshot(repository, revision or written or None, ["config.json"], [], fetching)
    fetch = partial(fetch, tqdm_class=_counting())
    return Origin(repository, _fetched(fetch, repository), fetching)


def fetch_files(
    origin: Origin, allow: Sequence[str], ignore: Sequence[str], progress: Report | None = None
) -> Path:
    """The folder with the repository's files whose names match a pattern of `allow` and none of `ignore`.

    `progress` hears of the bytes of those that are not here yet, possibly from other threads; without it
    the hub's library draws its own bars. Raises CheckpointError, and DeviceError, before anything is
    fetched, where the disk has no room for it.
    """
    fetch = _snapshot(origin.repository, origin.commit, allow, ignore, origin.fetching)
    missing = _missing_bytes(fetch)
    require_cache_room(origin, missing)
    if progress is not None:
        fetch = partial(fetch, tqdm_class=_counting(origin.name, missing, progress))
    return _fetched(fetch, origin.repository)


def require_cache_room(origin: Origin, size: int) -> None:
    """DeviceError when the disk of the hub's cache has not `size` bytes free."""
    free = free_disk_bytes(origin.folder)
    if size * ON_DISK > free:
        cache = origin.folder.parents[2]  # models--owner--name/snapshots/commit lies in it
        raise DeviceError(
            f"Downloading {origin.name} takes {size / 1e9:.1f} GB more in {cache}, whose disk has"
            f" {free / 1e9:.1f} GB free. Make room there, or set HF_HOME to a folder on another disk."
        )


def _snapshot(
    repository: str, revision: str | None, allow: Sequence[str], ignore: Sequence[str], fetching: dict
) -> Callable[..., Any]:
    """The hub's own function for these files of a repository, which takes more of its options."""
    import huggingface_hub

    return partial(
        huggingface_hub.snapshot_download,
        repository,
        revision=revision,
        allow_patterns=list(allow),
        ignore_patterns=list(ignore),
        **fetching,
    )


def _counting(name: str = "", whole: int = 0, progress: Report = unheard) -> type:
    """A progress bar for the library that draws nothing and reports the bytes that have come, of `whole`."""
    from huggingface_hub.utils import tqdm

    lock, done = threading.Lock(), 0

    class Counting(tqdm):
        def __init__(self, *given: Any, **options: Any):
            self._is_bytes = options.get("name") == BYTES_BAR
            super().__init__(*given, **options | {"disable": True})

        def update(self, n: float | None = 1) -> bool | None:
            nonlocal done
            if self._is_bytes:
                with lock:  # files come side by side
                    done += int(n or 0)
                    progress(Step("fetch", done, max(whole, done), name))
            return super().update(n)

    if whole:
        progress(Step("fetch", 0, whole, name))
    return Counting


def _missing_bytes(fetch: Callable[..., Any]) -> int:
    """What `fetch` would download; 0 where the hub does not say, which fetching then finds out by itself."""
    try:
        files = fetch(dry_run=True, tqdm_class=_counting())
    except Exception:  # of many types, as below
        return 0
    return sum(file.file_size or 0 for file in files if file.will_download)


def fetch_file(repository: str, name: str, revision: str) -> Path:
    """One file of a repository at one revision. Raises CheckpointError."""
    import huggingface_hub

    return _fetched(
        lambda: huggingface_hub.hf_hub_download(repository, name, revision=revision, tqdm_class=_counting()),
        repository,
    )


def _fetched(fetch: Callable[[], str], repository: str) -> Path:
    try:
        return Path(fetch())
    except Exception as error:  # the hub's, the web library's and the disk's, of many types
        what, remedy = _reason(error)
        raise CheckpointError(
            f"There is no folder {repository} here, and the hub did not give a repository of that name,"
            f" because {what}: {remedy}, or pass a local folder."
        ) from error


def _reason(error: Exception) -> tuple[str, str]:
    """(why nothing came, what to do): the first row whose type is that of the error, else of its cause."""
    from huggingface_hub import constants, errors

    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk of the hub's cache is full", "make room there, or set HF_HOME to another disk"
    if isinstance(error, PermissionError) and error.errno:
        return "the hub's cache may not be written to by you", "set HF_HOME to another folder"
    rows: tuple[tuple[type[Exception], str, str], ...] = (
        (errors.HFValidationError, "it is no name the hub could have", "check the spelling"),
        (errors.GatedRepoError, "it is given only to those who asked for it", "ask there and log in"),
        (errors.RepositoryNotFoundError, "there is none, or it is private", "check the spelling, or log in"),
        (errors.RevisionNotFoundError, "it has no such revision", "check the revision"),
        (errors.OfflineModeIsEnabled, "the hub is switched off", "unset HF_HUB_OFFLINE"),
    )
    for kind, what, remedy in rows:
        if isinstance(error, kind):
            return what, remedy
    if isinstance(error, errors.LocalEntryNotFoundError):
        if constants.HF_HUB_OFFLINE:
            return "the hub is switched off and nothing was fetched before", "unset HF_HUB_OFFLINE"
        return "it could not be reached and nothing was fetched before", CONNECTION
    return "fetching broke off", f"{CONNECTION}, name and revision"
