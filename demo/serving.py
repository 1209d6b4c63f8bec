"""The page opened, and closed again whatever ends the process: nothing of a visitor stays behind."""

import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.gallery import read_examples
from demo.memory import bound_memory
from demo.startup import Startup
from demo.ui import build_demo, launch_options
from mova.errors import MovaError


@contextmanager
def open_page(startup: Startup, examples: Path, host: str, port: int | None) -> Iterator[str]:
    """The page served with the examples of a folder; yields its address.

    A SIGTERM (docker stop, systemd, a Space's restart) or SIGHUP (a closed terminal) ends the process as
    Ctrl+C does: answers are stopped, the server is closed, what visitors sent is deleted. Raises MovaError
    for examples that are not whole and for an address that cannot be listened on.
    """
    bound_memory()
    require_address(host, port)
    _listen_for_the_end()
    page = build_demo(startup, read_examples(examples))
    try:
        options = launch_options(page, host, port)
        yield page.launch(prevent_thread_lock=True, quiet=True, **options)[1]
    finally:
        page.lane.close()
        page.close(verbose=False)
        page.folder.remove()


def _listen_for_the_end() -> None:
    """A signal to end becomes SystemExit in the main thread."""
    signals = [signal.SIGTERM]
    # Windows has no SIGHUP; under nohup it is ignored, and is to stay so.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signals.append(signal.SIGHUP)

    def end(*_) -> None:
        for each in signals:  # a closed terminal often says so twice: once is enough to clean up after
            signal.signal(each, signal.SIG_IGN)
        sys.exit(0)

    for each in signals:
        signal.signal(each, end)


def wait_for_the_end() -> None:
    """Returns never: a signal ends it. The system may hand one to any thread, and only the main thread acts
    on it, so that it has to wake from time to time to see."""
    while True:
        time.sleep(1)


def require_address(host: str, port: int | None) -> None:
    """Raises MovaError when the page cannot listen there; without a port, when the address is not ours."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port or 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (OSError, UnicodeError, OverflowError) as error:
        asked = f"port {port} of {host!r:.60}" if port else f"{host!r:.60}"
        raise MovaError(
            f"The page cannot listen on {asked}: it is taken, or no address of this machine. Choose another"
            " with --port or --host."
        ) from error
