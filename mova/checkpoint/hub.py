"""What is fetched from the hub, or was fetched before; every way in which that fails has its sentence."""

import errno
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mova.errors import CheckpointError

CONNECTION = "check the connection"


def fetch_snapshot(
    repository: str, revision: str | None, allow: Sequence[str], ignore: Sequence[str], **fetching: Any
) -> Path:
    """The folder of a repository at one revision; `fetching` are the hub's own options.

    Raises CheckpointError.
    """
    import huggingface_hub

    def fetch() -> str:
        return huggingface_hub.snapshot_download(
            repository,
            revision=revision,
            allow_patterns=list(allow),
            ignore_patterns=list(ignore),
            **fetching,
        )

    return _fetched(fetch, repository)


def fetch_file(repository: str, name: str, revision: str) -> Path:
    """One file of a repository at one revision. Raises CheckpointError."""
    import huggingface_hub

    return _fetched(lambda: huggingface_hub.hf_hub_download(repository, name, revision=revision), repository)


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
