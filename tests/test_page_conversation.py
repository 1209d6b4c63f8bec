"""The page in Chromium: asking, watching the answer come, and looking back. Runs on a fake engine at a human
pace; the main flow also on the embedded checkpoint (marker slow)."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo.gallery import read_examples
from tests.demo_pictures import draw_picture, make_examples
from tests.fake_engine import FakeEngine
from tests.page_server import serve
from tests.visitor import Visitor

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent
EMBEDDED = ROOT / "assets" / "mova-tiny"


@pytest.fixture(scope="module")
def engine():
    """A quick fake engine whose answers are short unless asked to be long."""
    return FakeEngine(0.02, words=2000)


@pytest.fixture(scope="module")
def address(engine, tmp_path_factory):
    with serve(engine, make_examples(tmp_path_factory.mktemp("examples"))) as address:
        yield address


@pytest.fixture
def visitor(browser, address):
    visitor = Visitor(browser, address)
    yield visitor
    visitor.leave()


def main_flow(visitor: Visitor) -> None:
    """A click on an example: chips light up, then the heat map, then text that grows, then a quiet line."""
    visitor.pick_example(4)
    expect(visitor.experts).to_have_count(8)
    visitor.picked.first.wait_for()
    expect(visitor.heat_maps.first).to_be_visible()
    expect(visitor.answers).to_have_count(1)
    visitor.wait_for_answers()
    expect(visitor.quiet_lines).to_have_text(re.compile(r"to the first word · \d+ tok/s"))
    assert visitor.stages.count() >= 6


def test_an_example_is_asked_with_one_click_and_shows_how_mova_looked(visitor):
    visitor.limit_tokens(40)
    main_flow(visitor)
    expect(visitor.picked).to_have_text(["Pix2Struct", "DePlot"])
    assert visitor.heat_maps.count() == 2
    assert visitor.quiet_lines.inner_text().startswith("DePlot 0.6")


@pytest.mark.slow
def test_the_main_flow_runs_on_the_embedded_checkpoint(browser):
    if not (EMBEDDED / "config.json").is_file():
        pytest.skip("assets/mova-tiny is not there")
    from mova.checkpoint.loading import load
    from mova.engine import Engine

    with serve(Engine(load(EMBEDDED)), read_examples(ROOT / "examples")) as address:
        visitor = Visitor(browser, address)
        main_flow(visitor)
        visitor.pick_example(0)
        visitor.wait_for_answers()
        visitor.leave()


def test_stages_and_text_appear_while_the_answer_is_made(visitor):
    visitor.limit_tokens(60)
    visitor.pick_example(4)
    visitor.picked.first.wait_for()
    assert visitor.quiet_lines.count() == 0, "chips should light up before the answer is done"
    expect(visitor.answers).to_have_count(1)
    early = visitor.answers.inner_text()
    visitor.wait_for_answers()
    assert len(visitor.answers.inner_text()) > len(early) > 0


def test_a_picture_is_begun_before_its_question_is_there(visitor, engine, tmp_path):
    begun = engine.begun.wait
    engine.begun.clear()
    visitor.choose_file(draw_picture(tmp_path / "early.png", (333, 222)))
    assert begun(30), "the picture in the composer"
    visitor.limit_tokens(3)
    visitor.ask("Which one?")
    visitor.wait_for_answers()
    expect(visitor.reused_stages.first).to_contain_text("CLIP")


def test_a_click_before_the_one_before_is_done_is_not_lost(visitor):
    """Both within one turn of the browser, so that the second surely comes while the first is on its way."""
    visitor.limit_tokens(3)
    visitor.pick_example()
    visitor.wait_for_answers()
    visitor.ask("And now?")
    visitor.wait_for_answers(2)
    visitor.click_at_once(visitor.quiet_lines, 0, 1, 0)
    expect(visitor.quiet_lines.nth(0)).to_have_attribute("aria-pressed", "true")
    visitor.click_at_once(visitor.quiet_lines, 0, 1)
    expect(visitor.quiet_lines.nth(1)).to_have_attribute("aria-pressed", "true")


def test_nothing_is_asked_of_another_host(visitor, address):
    visitor.limit_tokens(5)
    visitor.pick_example()
    visitor.wait_for_answers()
    assert [url for url in visitor.requests if not url.startswith((address, "data:", "blob:"))] == []


def test_stop_ends_a_long_answer_within_two_seconds_and_the_next_question_works(visitor):
    visitor.limit_tokens(1000)
    visitor.pick_example()
    expect(visitor.answers).to_have_count(1)
    began = time.monotonic()
    visitor.stop.click()
    visitor.wait_for_answers()
    assert time.monotonic() - began < 2
    expect(visitor.quiet_lines).to_contain_text("stopped")
    visitor.limit_tokens(5)
    visitor.ask("And now?")
    visitor.wait_for_answers(2)


def test_a_question_sent_right_after_stop_is_asked(visitor):
    visitor.limit_tokens(400)
    for turn in range(1, 4):
        visitor.ask("Tell me something.")
        expect(visitor.questions).to_have_count(2 * turn - 1)
        expect(visitor.stop).to_be_enabled()
        expect(visitor.composer).to_have_value(
            ""
        )  # what is written before would be emptied with the question
        visitor.composer.fill("Which one is highest?")
        visitor.stop.click()
        visitor.composer.press("Enter")
        expect(visitor.questions).to_have_count(2 * turn)
        expect(visitor.composer).to_have_value("")
        visitor.stop.click()
        expect(visitor.stop).to_be_disabled()


def test_two_visitors_at_once_get_their_own_answers(browser, address, tmp_path):
    visitors = [Visitor(browser, address) for _ in range(2)]
    for number, visitor in enumerate(visitors):
        visitor.limit_tokens(20)
        visitor.ask(
            f"What is picture {number}?", draw_picture(tmp_path / f"{number}.png", (100 + number, 80))
        )
    for number, visitor in enumerate(visitors):
        visitor.wait_for_answers()
        expect(visitor.answers).to_contain_text(f"{100 + number}x80 turn 1: What is picture {number}?")
        expect(visitor.questions).to_have_count(1)
        visitor.leave()


def test_a_waiting_visitor_can_take_the_question_back(browser, address):
    first, second = (Visitor(browser, address) for _ in range(2))
    first.limit_tokens(300)
    first.pick_example()
    expect(first.answers).to_have_count(1)
    second.pick_example()
    second.doing.wait_for()
    second.stop.click()
    expect(second.failures).to_have_text("Stopped before it began.")
    first.stop.click()
    first.wait_for_answers()
    second.limit_tokens(5)
    second.regenerate.click()
    second.wait_for_answers()
    first.leave()
    second.leave()


def test_a_visitor_who_leaves_frees_the_lane(browser, address, visitor):
    leaver = Visitor(browser, address)
    leaver.limit_tokens(1000)
    leaver.pick_example()
    expect(leaver.answers).to_have_count(1)
    leaver.leave()
    visitor.limit_tokens(3)
    visitor.pick_example()
    visitor.wait_for_answers()


def test_an_earlier_answer_brings_its_right_side_back(visitor):
    visitor.limit_tokens(5)
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.ask("Which one is left?")
    visitor.wait_for_answers(2)
    expect(visitor.picked).to_have_text(["Co-DETR"])
    expect(visitor.panel("gate")).to_contain_text("1.00 by construction")
    assert visitor.reused_stages.count() >= 1
    visitor.quiet_lines.first.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.picked).to_have_text(["Pix2Struct", "DePlot"])
    expect(visitor.quiet_lines.first).to_be_focused()
    visitor.look_back_at(1)
    expect(visitor.picked).to_have_text(["Co-DETR"])


def test_the_text_follows_its_end_but_not_for_one_who_reads_above(visitor):
    visitor.limit_tokens(300)
    visitor.pick_example()
    visitor.wait_for_answers()
    assert visitor.text_below < 5
    visitor.limit_tokens(1000)
    visitor.ask("And then?")
    expect(visitor.answers).to_have_count(2)
    # One who has scrolled up stays there while the text goes on.
    visitor.talk.evaluate("box => { box.scrollTop = 10; }")
    before = visitor.answers.last.inner_text()
    expect(visitor.answers.last).not_to_have_text(before)
    early = visitor.answers.last.inner_text()
    expect(visitor.answers.last).not_to_have_text(early)
    assert visitor.talk.evaluate("box => box.scrollTop") == 10
    visitor.stop.click()
    visitor.wait_for_answers(2)
    visitor.limit_tokens(5)
    visitor.press_unreleased(visitor.talk)
    visitor.ask("And now?")
    visitor.wait_for_answers(3)
    assert visitor.text_below < 5


def test_a_line_is_chosen_though_the_text_goes_on_under_the_finger(browser, address):
    visitor = Visitor(browser, address, viewport={"width": 1440, "height": 1200})
    visitor.limit_tokens(5)
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.limit_tokens(1000)
    visitor.ask("Which one is left?")
    expect(visitor.picked).to_have_text(["Co-DETR"])
    visitor.wait_for_text(0)
    with visitor.pressing(visitor.quiet_lines.first):
        visitor.wait_for_text(60)  # px: two rows and more
    expect(visitor.picked).to_have_text(["Pix2Struct", "DePlot"])
    visitor.stop.click()
    visitor.wait_for_answers(2)
    assert visitor.text_below < 5  # once the button is up, the text is followed as before
    visitor.leave()


def test_a_new_picture_starts_a_new_conversation_and_the_old_one_stays_listed(visitor, tmp_path):
    visitor.limit_tokens(5)
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.ask("How many?", draw_picture(tmp_path / "new.png", (200, 100)))
    expect(visitor.notice).to_contain_text("New picture, new conversation")
    visitor.wait_for_answers()
    expect(visitor.questions).to_have_text(["How many?"])
    expect(visitor.conversations).to_have_count(2)
    visitor.open_conversation(1)
    expect(visitor.questions).to_have_text(["What is the highest bar?"])
    expect(visitor.picture).to_have_attribute("alt", re.compile("124 × 90"))


def test_a_box_in_an_answer_is_drawn_on_the_picture_while_that_answer_is_shown(visitor, tmp_path):
    visitor.limit_tokens(5)
    wide = draw_picture(tmp_path / "wide.png", (200, 100))  # its upper edge is at 0.25
    visitor.ask("Which [0.5, 0.25, 0.75, 0.5]?", wide)
    visitor.wait_for_answers()
    expect(visitor.picture).to_have_attribute("alt", re.compile("with the box of the answer"))
    drawn, whole = visitor.boxes.bounding_box(), visitor.picture.bounding_box()
    parts = [(drawn[side] - whole[side]) / whole["width"] for side in "xy"]
    parts += [drawn["width"] / whole["width"], drawn["height"] / whole["width"]]
    assert parts == pytest.approx([0.5, 0, 0.25, 0.25], abs=0.03)
    visitor.ask("And now?")
    visitor.wait_for_answers(2)
    expect(visitor.boxes).to_have_count(0)
    visitor.look_back_at(0)
    expect(visitor.boxes).to_have_count(1)


def test_small_talk_without_a_picture_is_answered_by_the_page_and_other_talk_by_the_plain_model(visitor):
    visitor.limit_tokens(5)
    visitor.ask("Hello, who are you?")
    expect(visitor.origins).to_have_text(["From this page, not from the model"])
    expect(visitor.quiet_lines).to_have_count(0)
    visitor.ask("Tell me something.")
    expect(visitor.origins.last).to_contain_text("No picture: plain")
    visitor.wait_for_answers()


def test_regenerate_replaces_the_answer_and_clear_empties_the_conversation_and_what_is_kept(visitor):
    visitor.limit_tokens(5)
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.limit_tokens(3)
    visitor.regenerate.click()
    expect(visitor.answers).to_have_text(re.compile(r"word2\s*$"))
    visitor.wait_for_answers()
    visitor.wait_until_kept(1)
    visitor.clear.click()
    visitor.wait_until_kept()
    visitor.invitation.wait_for()
    expect(visitor.picture).to_have_count(0)


def test_experts_can_be_forced_and_left_out(visitor):
    visitor.limit_tokens(3)
    visitor.force_experts("B · Vary")
    visitor.pick_example(4)
    visitor.wait_for_answers()
    expect(visitor.picked).to_have_text(["Vary"])
    expect(visitor.panel("router")).to_contain_text("the router was not asked")
    visitor.force_experts()
    visitor.regenerate.click()
    expect(visitor.picked).to_have_text(["none"])
    visitor.wait_for_answers()
    expect(visitor.panel("gate")).to_contain_text("0.00 everywhere")


def test_a_fault_inside_is_told_in_words_and_the_next_question_works(visitor):
    visitor.limit_tokens(3)
    visitor.ask("Hello fault")
    expect(visitor.failures).to_contain_text("MoVA failed while it worked")
    visitor.ask("Hello refuse")
    expect(visitor.failures.nth(1)).to_contain_text("refused for a test")
    visitor.ask("Hello again")
    visitor.wait_for_answers()


def test_each_text_stands_in_its_own_writing_direction(visitor):
    visitor.limit_tokens(3)
    visitor.ask("ما هذا؟")
    visitor.wait_for_answers()
    visitor.ask("Tell me.")
    visitor.wait_for_answers(2)
    directions = [
        visitor.questions.nth(n).evaluate("text => getComputedStyle(text).direction") for n in (0, 1)
    ]
    assert directions == ["rtl", "ltr"]


def test_the_second_of_two_clicks_leaves_when_the_first_is_answered(visitor):
    visitor.limit_tokens(3)
    visitor.pick_example()
    visitor.wait_for_answers()
    visitor.ask("And now?")
    visitor.wait_for_answers(2)
    told = []

    def tell(what):
        return lambda request: told.append(what) if '"show"' in (request.post_data or "") else None

    visitor.page.on("request", tell("sent"))
    visitor.page.on("requestfinished", tell("answered"))
    visitor.click_at_once(visitor.quiet_lines, 1, 0)  # the second answer is shown already
    expect(visitor.quiet_lines.nth(0)).to_have_attribute("aria-pressed", "true")
    visitor.click_at_once(visitor.quiet_lines, 1)
    expect(visitor.quiet_lines.nth(1)).to_have_attribute("aria-pressed", "true")
    assert told[:4] == ["sent", "answered"] * 2
