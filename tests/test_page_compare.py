"""The page in Chromium: one question answered twice, side by side, as two separate calls would answer it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo.gallery import read_examples
from demo.panels.gate import mean_weights
from demo.words import ENGLISH
from mova.trace import from_json
from mova.trace_file import loads
from tests.demo_pictures import make_examples
from tests.fake_engine import FakeEngine
from tests.page_server import ask, serve
from tests.visitor import Visitor

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent
EMBEDDED = ROOT / "assets" / "mova-tiny"


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return make_examples(tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="module")
def address(examples):
    with serve(FakeEngine(0.01, words=2000), examples) as address:
        yield address


@pytest.fixture
def visitor(browser, address):
    visitor = Visitor(browser, address)
    yield visitor
    visitor.leave()


def compare_equals_two_calls(visitor: Visitor, address: str, example, tokens: int, forced: str) -> None:
    """Compares the shown answer of an example with forced experts; both columns are what /ask says."""
    visitor.compare(*forced)
    expect(visitor.columns).to_have_count(2)
    visitor.wait_for_answers(3)
    for number, experts in enumerate((None, list(forced))):
        told = from_json(ask(address, example.path, example.question, experts, tokens, 0, 0)[-1])
        column = visitor.columns.nth(number)
        text = column.locator(".mova-text")
        assert text.inner_text().split() == told.answer.split()
        expect(column.locator("h3 .mova-badge")).to_have_text(list(told.routing.experts))
        means = dict(zip("ABCDEFG", mean_weights(told.gates), strict=True))
        weights = [f"{means[letter]:.2f}" for letter in sorted(told.routing.experts)]
        expect(column.locator(".mova-number")).to_have_text(weights)
        assert _whole(visitor, number).answer == told.answer


def _whole(visitor: Visitor, number: int):
    """The trace of one of the two answers, as it is saved."""
    visitor.quiet_lines.nth(-2 + number).click()
    expect(visitor.quiet_lines.nth(-2 + number)).to_have_attribute("aria-pressed", "true")
    return loads(visitor.save().read_bytes())


def test_both_columns_equal_two_separate_calls(visitor, address, examples):
    visitor.limit_tokens(12)
    visitor.pick_example(4)
    visitor.wait_for_answers()
    compare_equals_two_calls(visitor, address, examples[4], 12, "AC")


@pytest.mark.slow
def test_both_columns_equal_two_separate_calls_on_the_embedded_checkpoint(browser):
    if not (EMBEDDED / "config.json").is_file():
        pytest.skip("assets/mova-tiny is not there")
    from mova.checkpoint.loading import load
    from mova.engine import Engine

    examples = read_examples(ROOT / "examples")
    with serve(Engine(load(EMBEDDED)), examples) as address:
        visitor = Visitor(browser, address)
        expect.set_options(timeout=120_000)  # a model at work; the next visitor sets it anew
        visitor.limit_tokens(32)
        visitor.pick_example(4)
        visitor.wait_for_answers()
        compare_equals_two_calls(visitor, address, examples[4], 32, "A")
        visitor.leave()


def test_what_was_reused_is_said_and_that_both_say_the_same(visitor):
    visitor.limit_tokens(4)
    visitor.pick_example(3)
    visitor.wait_for_answers()
    visitor.compare("D")
    visitor.wait_for_answers(3)
    expect(visitor.columns.nth(0)).to_contain_text(ENGLISH("compare.reused", letters="A"))
    expect(visitor.columns.nth(1)).not_to_contain_text("reused")
    expect(visitor.panel("compare")).to_contain_text("Both say the same.")


def test_stop_ends_both(visitor):
    visitor.limit_tokens(3)
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.limit_tokens(1000)
    visitor.compare("A")
    expect(visitor.columns.first).to_contain_text("word3")
    visitor.stop.click()
    expect(visitor.stop).to_be_disabled()
    expect(visitor.quiet_lines).to_have_count(2)
    expect(visitor.quiet_lines.last).to_contain_text("stopped")
    expect(visitor.failures).to_have_text("Stopped before it began.")
    visitor.limit_tokens(3)
    visitor.ask("And now?")
    visitor.wait_for_answers(3)


def test_a_stop_in_the_second_answer_leaves_the_first_as_it_is(visitor):
    visitor.limit_tokens(150)
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.compare("A")
    expect(visitor.columns.nth(1)).to_contain_text("word3")
    visitor.stop.click()
    visitor.wait_for_answers(3)
    expect(visitor.quiet_lines.nth(1)).not_to_contain_text("stopped")
    expect(visitor.quiet_lines.nth(2)).to_contain_text("stopped")


def test_a_pair_is_kept_by_the_browser(visitor):
    visitor.limit_tokens(4)
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.compare("A")
    visitor.wait_for_answers(3)
    columns = visitor.columns.all_inner_texts()
    visitor.reload()
    visitor.open_kept()
    visitor.wait_for_answers(3)
    assert visitor.columns.all_inner_texts() == columns


def test_none_can_be_compared_too_and_three_are_the_most(visitor):
    visitor.limit_tokens(4)
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.what_if("A", "B", "C", "D")
    assert visitor.panel("router").locator('[data-act="whatif"][aria-pressed="true"]').count() == 3
    visitor.compare("none")
    visitor.wait_for_answers(3)
    expect(visitor.columns.nth(1)).to_contain_text("CLIP alone")
