"""The page in Chromium: dropping and pasting pictures, files that are refused, keyboard and screen sizes."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.demo_pictures import draw_picture, make_examples, write_huge_png
from tests.fake_engine import FakeEngine
from tests.page_server import serve
from tests.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serve(FakeEngine(0.02, words=2000), make_examples(tmp_path_factory.mktemp("examples"))) as address:
        yield address


@pytest.fixture
def visitor(browser, address):
    visitor = Visitor(browser, address)
    yield visitor
    visitor.leave()


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that must be refused, with a part of the sentence that says why."""
    good = draw_picture(folder / "good.png", (300, 300)).read_bytes()
    contents = {"text.png": b"no picture", "cut.png": good[:100], "empty.png": b""}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return {
        "not an image": (folder / "text.png", "not a picture"),
        "truncated": (folder / "cut.png", "damaged or cut short"),
        "0 bytes": (folder / "empty.png", "empty (0 bytes)"),
        "13000 x 13000": (write_huge_png(folder / "huge.png"), "megapixels are accepted"),
    }


@pytest.mark.parametrize("case", ["not an image", "truncated", "0 bytes", "13000 x 13000"])
def test_a_bad_picture_is_refused_in_words_and_the_conversation_kept(visitor, tmp_path, case):
    file, sentence = bad_files(tmp_path)[case]
    visitor.limit_tokens(3)
    visitor.pick_example()
    visitor.wait_for_answers()
    visitor.ask("What is this?", file)
    expect(visitor.refusal).to_contain_text(sentence)
    expect(visitor.composer).to_have_value("What is this?")
    expect(visitor.questions).to_have_count(1)
    expect(visitor.quiet_lines).to_have_count(1)


def test_a_question_of_two_megabytes_is_refused_in_words(visitor):
    visitor.limit_tokens(3)
    visitor.pick_example()
    visitor.wait_for_answers()
    visitor.ask("x" * 2_000_000)
    expect(visitor.refusal).to_contain_text("longer than 4,000 characters")
    expect(visitor.quiet_lines).to_have_count(1)
    assert len(visitor.composer.input_value()) == 4001, "what was typed is kept, as far as it can be asked"
    visitor.composer.fill("")
    visitor.ask("And now?")
    visitor.wait_for_answers(2)


def test_a_file_over_ten_megabytes_is_refused_before_it_is_sent_however_it_comes(browser, address, tmp_path):
    visitor = Visitor(browser, address, "?lang=zh", invitation="请选择上方的示例")
    large = tmp_path / "large.png"
    large.write_bytes(bytes(10 * 2**20 + 1))
    ways = (
        lambda: visitor.choose_file(large),
        lambda: visitor.drop(large, visitor.composer),
        lambda: visitor.paste(large),
        lambda: visitor.choose_file(draw_picture(tmp_path / "small.png")),
        lambda: visitor.drop(large, visitor.panel("router")),
    )
    for number, way in enumerate(ways):
        visitor.page.evaluate("mova.say('')")
        expect(visitor.refusal).to_have_count(0)
        way()
        if number == 3:  # what is there already stays
            expect(visitor.picture_to_send).to_have_count(1)
        else:
            expect(visitor.refusal).to_contain_text("文件超过 10 MB")
    expect(visitor.picture_to_send).to_have_count(1)
    assert visitor.toast.count() == 0 and sum("/upload?" in asked for asked in visitor.requests) == 1
    visitor.leave()


def test_a_picture_dropped_anywhere_is_taken(visitor, tmp_path):
    picture = draw_picture(tmp_path / "dropped.png", (210, 140))
    places = (visitor.page.get_by_text("No picture yet"), visitor.panel("router"), visitor.invitation)
    for place in places:
        assert visitor.drop(picture, place), "the browser would have opened it in the page's place"
        expect(visitor.picture_to_send).to_have_count(1)
    visitor.limit_tokens(3)
    visitor.ask("What is it?")
    visitor.wait_for_answers()
    expect(visitor.answers).to_contain_text("210x140")


def test_a_second_picture_takes_the_place_of_the_first_and_that_is_said(visitor, tmp_path):
    visitor.paste(draw_picture(tmp_path / "first.png", (100, 80)))
    expect(visitor.picture_to_send).to_have_count(1)
    visitor.paste(draw_picture(tmp_path / "second.png", (200, 80)))
    expect(visitor.status).to_contain_text("takes the place of the one before")
    expect(visitor.picture_to_send).to_have_count(1)
    visitor.limit_tokens(3)
    visitor.ask("What is it?")
    visitor.wait_for_answers()
    expect(visitor.answers).to_contain_text("200x80")


def test_leaving_the_page_while_an_answer_runs_asks_first(visitor):
    asked = []
    visitor.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    visitor.limit_tokens(1000)
    visitor.pick_example()
    expect(visitor.answers).to_have_count(1)
    visitor.page.reload()
    visitor.invitation.wait_for()
    assert asked == ["beforeunload"]
    visitor.page.reload()
    visitor.invitation.wait_for()
    assert asked == ["beforeunload"], "with nothing to lose, nobody is asked"


def test_what_people_and_the_model_write_is_only_text(visitor):
    visitor.limit_tokens(2)
    text = "<img src=x onerror=alert(1)> ${1+1} {{value}} <b>bold</b>"
    visitor.ask(text)
    visitor.wait_for_answers()
    assert visitor.questions.inner_text() == text
    assert "<img src=x" in visitor.answers.inner_text()
    assert visitor.talk.locator("img, b").count() == 0


def test_the_keyboard_reaches_the_gallery_and_figures_have_words(visitor):
    visitor.limit_tokens(3)
    visitor.examples.nth(4).focus()
    visitor.page.keyboard.press("Enter")
    visitor.wait_for_answers()
    assert "Strongest, layer 1: DePlot" in visitor.heat_maps.first.get_attribute("aria-label")
    visitor.panel("gate").get_by_text("The same as a table").click()
    expect(visitor.panel("gate").get_by_role("table").first).to_be_visible()
    visitor.panel("router").get_by_text("Exact numbers, reply and prompt").click()
    expect(visitor.panel("router").get_by_text("What is the highest bar?")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900), (1920, 1080)])
def test_nothing_overflows_sideways_and_a_phone_gets_one_column(browser, address, width, height):
    visitor = Visitor(browser, address, viewport={"width": width, "height": height})
    visitor.limit_tokens(5)
    visitor.pick_example()
    visitor.wait_for_answers()
    assert visitor.sideways() <= width
    talk, router = visitor.talk.bounding_box(), visitor.panel("router").bounding_box()
    below = router["y"] >= talk["y"] + talk["height"]
    assert below == (width < 820)
    visitor.leave()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1366, 625)])
def test_while_an_answer_runs_every_control_is_in_reach_without_scrolling(
    browser,
    address,
    width,
    height,
):
    visitor = Visitor(browser, address, viewport={"width": width, "height": height})
    visitor.limit_tokens(1000)
    visitor.open_settings()  # closes them again
    visitor.pick_example()
    expect(visitor.answers).to_have_count(1)
    controls = (visitor.stop, visitor.regenerate, visitor.clear, visitor.composer, visitor.examples.first)
    settings = visitor.page.get_by_role("button", name="Settings")
    for control in (*controls, settings):
        assert visitor.in_view(control)
    visitor.leave()
