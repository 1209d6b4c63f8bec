"""The page in Chromium: traces saved, opened, played again, exported; the examples played with no model."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo.panels.router import chance_text
from mova.trace_file import dumps, loads
from tests.demo_pictures import draw_picture, make_examples
from tests.fake_engine import FakeEngine
from tests.page_server import ask, serve
from tests.visitor import PICKED, QUIET_LINE, Visitor

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent
FAILED = "No model is here for a test. Download one."
# The page without a model, where none of the model's libraries can be imported; says its address.
NO_ENGINE = f"""
import sys
for name in ("torch", "transformers", "peft", "bitsandbytes", "accelerate", "safetensors"):
    sys.modules[name] = None
from pathlib import Path
from demo.serving import open_page, wait_for_the_end
from demo.startup import Startup
startup = Startup()
startup.fail({FAILED!r})
with open_page(startup, Path("examples"), "127.0.0.1", None) as address:
    print(address, flush=True)
    wait_for_the_end()
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serve(FakeEngine(0.004, words=9), make_examples(tmp_path_factory.mktemp("examples"))) as address:
        yield address


@pytest.fixture
def visitor(browser, address):
    visitor = Visitor(browser, address)
    yield visitor
    visitor.leave()


def shown(visitor: Visitor) -> dict[str, object]:
    """What the right side says of an answer, what can be done with it left out."""
    return {
        "picked": visitor.picked.all_inner_texts(),
        "chances": visitor.panel("router").locator(".mova-chip").all_text_contents(),
        "gate": visitor.panel("gate").inner_text().replace("⤢\n", ""),
        "time": visitor.panel("time").inner_text().replace("⤢\n", ""),
        "where": visitor.panel("where").locator("table").first.text_content(),
    }


def answered(visitor: Visitor, number: int = 4) -> dict[str, object]:
    visitor.pick_example(number)
    visitor.wait_for_answers()
    return shown(visitor)


def test_a_saved_file_is_the_trace_in_its_one_form(visitor, address, tmp_path):
    picture = draw_picture(tmp_path / "mine.png", (150, 100))
    visitor.ask("What is it?", picture)
    visitor.wait_for_answers()
    file = visitor.save()
    assert file.name == "mova-What-is-it.trace.json"
    text = file.read_text(encoding="utf-8")
    trace = loads(text)
    assert dumps(trace) == text
    assert trace.answer.strip() == visitor.answers.inner_text().strip()
    told = ask(address, picture, "What is it?")[-1]["trace"]
    plain = json.loads(text)["trace"]
    for part in ("question", "settings", "routing", "gates", "contributions", "model", "picture", "prompt"):
        assert plain[part] == told[part], part
    assert plain.keys() == told.keys()


@pytest.mark.parametrize("way", ["chosen", "dropped"])
def test_an_opened_trace_shows_what_was_shown_and_is_saved_the_same(browser, visitor, address, way):
    before = answered(visitor)
    file = visitor.save()
    other = Visitor(browser, address)
    other.play_at("8")
    if way == "chosen":
        other.open_trace(file)
    else:
        assert other.drop(file, other.panel("router"))
    expect(other.notice).to_contain_text("opened trace")
    other.wait_for_answers()
    assert shown(other) == before
    expect(other.questions).to_have_text(["What is the highest bar?"])
    assert other.answers.inner_text() == visitor.answers.inner_text()
    assert other.save().read_bytes() == file.read_bytes()
    expect(other.origins).to_contain_text("recording of mova-fake")
    other.leave()


def test_an_answer_is_played_again_stage_by_stage(visitor):
    before = answered(visitor)
    visitor.play_at("0.25")
    visitor.page.get_by_role("button", name="Replay").click()
    expect(visitor.doing).to_be_visible()
    # The choice is seen before the answer is whole. Asked at once: what was shown before goes bit by bit.
    visitor.page.wait_for_function(
        "([picked, whole]) =>"
        " document.querySelectorAll(picked).length === 2 && !document.querySelector(whole)",
        arg=[PICKED, QUIET_LINE],
    )
    visitor.stop.click()
    visitor.wait_for_answers()
    assert shown(visitor) == before
    expect(visitor.conversations).to_have_count(2)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"not": "a trace"}', "no trace of MoVA"),
        (b"\x89PNG", "not JSON, or was cut short"),
        (b"", "not JSON, or was cut short"),
        (b'{"schema": 7}', "update it"),
        (b" " * (5 * 2**20), "over 4 MB"),
    ],
)
def test_a_bad_file_gives_a_sentence_and_loses_nothing(visitor, tmp_path, content, sentence):
    before = answered(visitor)
    visitor.composer.fill("What I was about to ask")
    bad = tmp_path / "bad.trace.json"
    bad.write_bytes(content)
    visitor.open_trace(bad)
    expect(visitor.page.locator("#status")).to_contain_text(sentence)
    expect(visitor.composer).to_have_value("What I was about to ask")
    assert shown(visitor) == before
    expect(visitor.conversations).to_have_count(1)


def test_two_files_saved_one_after_the_other_are_both_there(visitor):
    answered(visitor)
    assert visitor.save().read_bytes() == visitor.save().read_bytes()


def test_an_exported_page_opens_from_disk_with_the_network_off_and_shows_the_same(browser, visitor, address):
    before = answered(visitor)
    file = visitor.export()
    assert file.name == "mova-What-is-the-highest-bar.html"
    context = browser.new_context(offline=True, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    gate = page.locator('[data-panel="gate"]')
    expect(gate).to_be_visible()
    assert gate.inner_text() == before["gate"]
    assert page.locator(".mova-chip.picked .mova-name").all_inner_texts() == before["picked"]
    assert page.locator('[data-panel="time"]').inner_text() == before["time"]
    expect(page.locator(".mova-text")).to_have_text(visitor.answers.inner_text().strip())
    assert page.locator("main img").first.evaluate("image => image.naturalWidth") > 0
    page.check('[data-where="layer"][value="2"]', force=True)
    expect(page.locator('.mova-where [data-layer="2"]').first).to_be_visible()
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert complaints == []
    context.close()


@pytest.fixture(scope="module")
def no_engine():
    process = subprocess.Popen([sys.executable, "-c", NO_ENGINE], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield process.stdout.readline().strip().rstrip("/")
    process.terminate()
    process.wait(timeout=60)


def test_with_no_model_and_no_torch_the_examples_play_what_was_recorded(browser, no_engine):
    visitor = Visitor(browser, no_engine)
    expect(visitor.page.get_by_role("alert").filter(has_text="could not be loaded")).to_contain_text(FAILED)
    visitor.play_at("8")
    visitor.pick_example(4)
    expect(visitor.notice).to_contain_text("no model here")
    visitor.wait_for_answers()
    recorded = (ROOT / "examples" / "04-chart.trace.json").read_bytes()
    trace = loads(recorded)
    expect(visitor.answers).to_contain_text(trace.answer.strip())
    for chance in trace.routing.probabilities:
        expect(visitor.panel("router")).to_contain_text(chance_text(chance))
    expect(visitor.stages).to_have_count(len(trace.timings.stages))
    assert visitor.picture.evaluate("image => image.naturalWidth") > 0
    assert visitor.save().read_bytes() == recorded
    visitor.clear.click()
    visitor.invitation.wait_for()
    visitor.ask("Tell me something.")
    expect(visitor.failures).to_contain_text(FAILED)
    visitor.leave()


def test_with_no_model_a_kept_recording_opens_after_a_reload(browser, no_engine):
    visitor = Visitor(browser, no_engine)
    visitor.play_at("8")
    visitor.pick_example(0)
    visitor.wait_for_answers()
    before = shown(visitor)
    visitor.reload()
    visitor.open_kept()
    visitor.wait_for_answers()
    assert shown(visitor) == before
    visitor.leave()
