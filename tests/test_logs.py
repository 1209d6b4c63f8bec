"""One logger: what is shown, where, and from which level on."""

import logging
import sys

import pytest

from mova import logs


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
