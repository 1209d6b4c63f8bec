"""One logger: what is shown, where, and from which level on."""

import logging
import sys

import pytest

from mova import logs
from mova.progress import Step


@pytest.fixture(autouse=True)
def quiet_afterwards():
    yield
    logger = logging.getLogger("mova")
    logger.handlers.clear()
    logger.setLevel(logging.NOTSET)


def test_what_happens_is_told_plainly_and_what_is_wrong_behind_the_name(capsys):
    logs.show()
    log = logging.getLogger("mova.anything")
    log.debug("unsaid")
    log.info("MoVA is at %s", "home")
    log.error("no")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "MoVA is at home\nmova: no\n")


def test_the_page_tells_on_standard_output_and_warns_on_standard_error(capsys):
    logs.show(told=sys.stdout)
    logs.show(told=sys.stdout)  # twice shows nothing twice
    logging.getLogger("mova.page").info("ready")
    logging.getLogger("mova.page").warning("careful")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("ready\n", "mova: careful\n")


def test_the_level_is_the_environments(capsys, monkeypatch):
    monkeypatch.setenv("MOVA_LOG", "error")
    logs.show()
    logging.getLogger("mova").warning("unsaid")
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("MOVA_LOG", "loud")
    logs.show()
    assert "expected debug, info" in capsys.readouterr().err


def test_a_fault_brings_its_traceback(capsys):
    logs.show()
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        logging.getLogger("mova").exception("broken")
    told = capsys.readouterr().err
    assert told.startswith("mova: broken\nTraceback") and "ZeroDivisionError" in told


def test_a_program_that_imports_the_package_hears_nothing():
    assert not logging.getLogger("mova").handlers


def test_a_terminal_has_one_line_of_progress_and_what_is_said_begins_below_it(capsys, monkeypatch):
    logs.show()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    line = logs.ProgressLine()
    line.show(Step("fetch", 1, 4), "one")
    line.show(Step("fetch", 2, 4), "too soon to be seen")
    line.show(Step("read", 0.5), "two")
    logging.getLogger("mova").error("no")
    line.show(Step("ready", 1.0), "three")
    told = capsys.readouterr().err
    assert told.replace("\r", "|").split() == [
        *("|[", "25%]", "one"), *("|[", "50%]", "two", "mova:", "no"), *("|[100%]", "three")
    ]  # fmt: skip
    assert told.count("\n") == 3 and "\nmova: no\n" in told and told.endswith("\n")


def test_where_there_is_no_terminal_a_download_is_told_ten_times(capsys):
    logs.show()
    line = logs.ProgressLine()
    for done in range(1001):
        line.show(Step("fetch", done, 1000), f"{done} bytes")
        line.show(Step("read", done / 1000), "reading")
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "[  0%] 0 bytes" and told[-1] == "[100%] 1000 bytes" and len(told) == 11
