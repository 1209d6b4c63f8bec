"""Finds a Chromium for the browser tests. `python tests/browser_fixture.py` prints it or exits with 1."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
MISSING = "no Chromium here: `make chromium` installs one"


def find_chromium() -> str | None:
    """Path of a Chromium that starts: one on the PATH, else playwright's own; None where there is none."""
    on_path = filter(None, map(shutil.which, COMMANDS))
    return next(filter(_starts, on_path), None) or _playwright_chromium()


def _starts(command: str) -> bool:
    # Ubuntu's chromium-browser may be a stub that only says which snap to install, so it is run.
    try:
        return subprocess.run([command, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwright_chromium() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() and _starts(path) else None


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser to pass as `executable_path`. Missing: a failure where CI=true, a skip elsewhere."""
    path = find_chromium()
    if path is None and os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(MISSING, pytrace=False)
    if path is None:
        pytest.skip(MISSING)
    return path


@pytest.fixture(scope="module")
def browser(chromium_path):
    """Chromium, started once for a file of tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=OPTIONS)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Gives all skips for want of a browser one place, so that the summary folds them into one line."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and MISSING in report.longrepr[2]:
        report.longrepr = (__file__, None, report.longrepr[2])
    return report


if __name__ == "__main__":
    found = find_chromium()
    print(found or MISSING)
    sys.exit(found is None)
