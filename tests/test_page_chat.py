"""The page in Chromium as a chat: what an answer may be, branches, undo, and what the browser keeps."""

import re

import pytest
from playwright.sync_api import expect

from tests.demo_pictures import draw_picture, make_examples
from tests.fake_engine import FakeEngine
from tests.page_server import serve
from tests.visitor import Visitor

pytestmark = pytest.mark.browser
ELSEWHERE = "https://elsewhere.example"
SAYS = {
    "table": "Here:\n\n| bar | height |\n|---|---|\n| red | 7 |\n",
    "list": "1. one\n2. **two**\n",
    "code": "```python\nprint('<b>')\n```\n",
    "formula": "So \\(a^2\\) and\n\n$$\\frac{a}{b}$$\n",
    "img": f"<img src={ELSEWHERE}/stolen.png onerror=alert(1)>",
    "here": "<img src=/stolen.png onerror=alert(1)><iframe src=/stolen.html></iframe>",
    "script": f"<script src={ELSEWHERE}/stolen.js></script><script>alert(1)</script>",
    "link": "[press](javascript:alert(1)) and <a href='javascript:alert(1)'>press</a>",
    "remote": f"![a]({ELSEWHERE}/stolen.png) ![b][c]\n\n[c]: {ELSEWHERE}/stolen.png\n",
    "svg": f"<svg onload=alert(1)><image href={ELSEWHERE}/stolen.png></svg>",
    "style": f"<style>body{{background:url({ELSEWHERE}/stolen.png)}}</style><b style='color:red'>x</b>",
    "tex": f"$$\\href{{javascript:alert(1)}}{{x}}\\includegraphics{{{ELSEWHERE}/stolen.png}}$$",
}
HOSTILE = ("img", "here", "script", "link", "remote", "svg", "style", "tex")


class Parrot(FakeEngine):
    """Says what SAYS has under the last word of the question."""

    def says(self, whole: str, number: int) -> str:
        said = next((text for name, text in SAYS.items() if f"Say {name}." in whole), None)
        return super().says(whole, number) if said is None or number else f"{said}\n\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serve(Parrot(0.002, words=3), make_examples(tmp_path_factory.mktemp("examples"))) as address:
        yield address


@pytest.fixture
def visitor(browser, address):
    visitor = Visitor(browser, address)
    yield visitor
    visitor.leave()


def foreign(visitor: Visitor, address: str) -> list[str]:
    """Addresses that a page of ours never asks for."""
    ours = (address, "data:", "blob:")
    return [url for url in visitor.requests if not url.startswith(ours) or "stolen" in url]


def test_tables_lists_code_and_formulas_are_shown_as_such(visitor):
    for number, name in enumerate(("table", "list", "code", "formula"), 1):
        visitor.ask(f"Say {name}.")
        visitor.wait_for_answers(number)
    expect(visitor.talk.get_by_role("cell", name="7")).to_be_visible()
    expect(visitor.answers.nth(1).locator("ol li strong")).to_have_text("two")
    expect(visitor.answers.nth(2).locator("pre code")).to_contain_text("print('<b>')")
    expect(visitor.answers.nth(3).locator(".katex").first).to_be_visible()
    expect(visitor.answers.nth(3).locator(".katex")).to_have_count(2)


def test_nothing_in_an_answer_is_fetched_or_run(visitor, address):
    dialogs = []
    visitor.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for number, name in enumerate(HOSTILE, 1):
        visitor.ask(f"Say {name}.")
        visitor.wait_for_answers(number)
    allowed = '[href^="http"], [href^="#"]'
    assert visitor.talk.locator("img, iframe, script, image, style, b").count() == 0
    assert visitor.talk.locator(f"[href]:not({allowed}), [onload], [onerror]").count() == 0
    for press in visitor.talk.locator(".mova-answer a").all():
        press.click()
    visitor.ask("Say it once more.")  # whatever was started has had its time
    visitor.wait_for_answers(len(HOSTILE) + 1)
    assert foreign(visitor, address) == [] and dialogs == []


def test_copying_an_answer_copies_its_text_alone(visitor):
    visitor.ask("Say table.")
    visitor.wait_for_answers()
    copied = visitor.copy_answer()
    assert copied == f"{SAYS['table']}\n\n word1 word2", (
        "the text as it was written, without the line under it"
    )


def test_another_wording_of_an_earlier_question_is_a_branch_and_both_survive_a_reload(visitor):
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.ask("Which one is left?")
    visitor.wait_for_answers(2)
    visitor.edit(0, "Where is the lowest bar?")
    visitor.wait_for_answers(1)
    expect(visitor.questions).to_have_text(["Where is the lowest bar?"])
    expect(visitor.notice).to_contain_text("stays in the list")
    expect(visitor.conversations).to_have_count(2)
    expect(visitor.conversations.nth(0)).to_contain_text("branch")
    visitor.open_conversation(1)
    expect(visitor.questions).to_have_text(["What is the highest bar?", "Which one is left?"])

    visitor.reload()
    expect(visitor.kept).to_have_count(2)
    visitor.kept.filter(has_text="What is the highest bar?").click()
    expect(visitor.questions).to_have_text(["What is the highest bar?", "Which one is left?"])
    visitor.kept.filter(has_text="Where is the lowest bar?").click()
    expect(visitor.questions).to_have_text(["Where is the lowest bar?"])
    expect(visitor.picked).to_have_text(["DINOv2"])
    expect(visitor.conversations).to_have_count(2)


def test_an_edit_to_nothing_is_refused_and_the_question_stays(visitor):
    visitor.ask("Tell me.")
    visitor.wait_for_answers()
    visitor.edit(0, "x" * 4001)
    expect(visitor.refusal).to_contain_text("longer than 4,000 characters")
    expect(visitor.questions).to_have_text(["Tell me."])
    expect(visitor.conversations).to_have_count(1)


def test_retry_answers_anew_and_undo_puts_the_question_back_and_keeps_it_no_more(visitor):
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.ask("Which one?")
    visitor.wait_for_answers(2)
    before = visitor.quiet_lines.last.get_attribute("data-id")
    visitor.retry()
    expect(visitor.talk.locator(f'[data-id="{before}"]')).to_have_count(0)
    visitor.wait_for_answers(2)
    visitor.undo()
    expect(visitor.questions).to_have_text(["What is the highest bar?"])
    expect(visitor.composer).to_have_value("Which one?")
    expect(visitor.picked).to_have_text(["Pix2Struct", "DePlot"])
    visitor.wait_until_kept(1)
    visitor.reload()
    visitor.open_kept()
    expect(visitor.questions).to_have_text(["What is the highest bar?"])
    visitor.undo()
    expect(visitor.questions).to_have_count(0)
    visitor.wait_until_kept()
    visitor.reload()
    expect(visitor.kept).to_have_count(0)


def test_forget_empties_what_the_browser_keeps(visitor):
    visitor.ask("Tell me.")
    visitor.wait_for_answers()
    visitor.reload()
    expect(visitor.kept).to_have_count(1)
    visitor.forget()
    expect(visitor.kept).to_have_count(0)
    visitor.reload()
    expect(visitor.kept).to_have_count(0)


def test_two_tabs_of_one_browser_keep_each_other_s_conversations(browser, visitor, address):
    visitor.ask("Tell me of the first tab.")
    visitor.wait_for_answers()
    tab = Visitor(browser, address, beside=visitor)
    expect(tab.kept).to_have_text([re.compile("first tab")])
    tab.ask("Tell me of the second tab.")
    tab.wait_for_answers()
    expect(visitor.kept).to_have_text([re.compile("second tab")])
    visitor.ask("And more?")
    visitor.wait_for_answers(2)
    tab.reload()
    expect(tab.kept).to_have_count(2)
    tab.kept.filter(has_text="first tab").click()
    expect(tab.questions).to_have_text(["Tell me of the first tab.", "And more?"])


def test_two_visitors_never_see_each_other_s(browser, visitor, address):
    visitor.ask("Tell me a secret.")
    visitor.wait_for_answers()
    other = Visitor(browser, address)
    other.ask("Tell me something.")
    other.wait_for_answers()
    expect(other.conversations).to_have_count(1)
    other.reload()
    expect(other.kept).to_have_text([re.compile("Tell me something")])
    assert "secret" not in other.page.content()
    other.leave()
    visitor.reload()
    expect(visitor.kept).to_have_text([re.compile("Tell me a secret")])


def test_a_kept_conversation_shows_how_mova_looked_and_goes_on_with_its_picture(visitor, tmp_path):
    picture = draw_picture(tmp_path / "mine.png", (150, 100))
    visitor.ask("What is it?", picture)
    visitor.wait_for_answers()
    gate, chosen = visitor.panel("gate").inner_text(), visitor.picked.all_inner_texts()
    visitor.reload()
    visitor.open_kept()
    expect(visitor.answers).to_contain_text("150x100")
    expect(visitor.heat_maps).to_have_count(2)
    assert visitor.panel("gate").inner_text() == gate
    assert visitor.picked.all_inner_texts() == chosen == ["Pix2Struct", "DePlot"]
    assert visitor.stages.count() >= 6
    visitor.ask("How many?")
    expect(visitor.failures).to_contain_text("Upload it again")
    visitor.ask("How many now?", picture)
    visitor.wait_for_answers(2)
    expect(visitor.answers.last).to_contain_text("150x100 turn 2: How many now?")
    expect(visitor.questions).to_have_text(["What is it?", "How many?", "How many now?"])
    expect(visitor.conversations).to_have_count(1)


def test_another_answer_at_a_temperature_has_another_seed_and_says_so(visitor):
    visitor.set_temperature(1.5)
    visitor.ask("Tell me.")
    visitor.wait_for_answers()
    seeds = [_seed(visitor)]
    for _ in range(2):
        before = visitor.quiet_lines.last.get_attribute("data-id")
        visitor.regenerate.click()
        expect(visitor.talk.locator(f'[data-id="{before}"]')).to_have_count(0)
        visitor.wait_for_answers()
        seeds.append(_seed(visitor))
    assert len(set(seeds)) == 3, seeds


def _seed(visitor: Visitor) -> str:
    return re.search(r"seed (\d+)", visitor.quiet_lines.last.inner_text())[1]


def test_the_choice_of_light_or_dark_survives_a_reload(visitor):
    is_dark = "document.body.classList.contains('dark')"
    assert not visitor.page.evaluate(is_dark)
    visitor.page.get_by_role("button", name="Light / dark").click()
    visitor.page.wait_for_function(is_dark)
    visitor.reload()
    assert visitor.page.evaluate(is_dark)
    visitor.page.get_by_role("button", name="Light / dark").click()
    visitor.reload()
    assert not visitor.page.evaluate(is_dark)


def test_a_refused_file_leaves_no_broken_picture_and_is_said_once(visitor, tmp_path):
    file = tmp_path / "text.png"
    file.write_bytes(b"no picture")
    visitor.choose_file(file)
    visitor.picture_to_send.wait_for(state="attached")
    visitor.composer.fill("What is it?")
    visitor.composer.press("Enter")
    expect(visitor.refusal).to_contain_text("not a picture")
    expect(visitor.picture_to_send).to_have_count(0)
    expect(visitor.composer).to_have_value("What is it?")
    expect(visitor.page.get_by_text("not a picture")).to_have_count(1)
    visitor.ask("What is it?", draw_picture(tmp_path / "good.png"))
    visitor.wait_for_answers()
    expect(visitor.refusal).to_have_count(0)
