"""The endpoint /ask over a fake engine: what it streams, and what it refuses."""

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.demo_pictures import draw_picture, make_examples, write_huge_png
from tests.fake_engine import FakeEngine
from tests.page_server import ask, serve

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serve(FakeEngine(pace=0.005), make_examples(tmp_path_factory.mktemp("examples"))) as address:
        yield address


@pytest.fixture
def picture(tmp_path):
    return draw_picture(tmp_path / "picture.png")


def post(address: str, data: list) -> str:
    """The whole reply to one call of /ask with exactly these inputs."""
    request = urllib.request.Request(
        f"{address}/gradio_api/call/ask",
        json.dumps({"data": data}).encode(),
        {"Content-Type": "application/json"},
    )
    event = json.loads(urllib.request.urlopen(request).read())["event_id"]
    return urllib.request.urlopen(f"{address}/gradio_api/call/ask/{event}").read().decode()


def test_every_update_is_the_whole_of_it_so_far(address, picture):
    updates = ask(address, picture, "What is here?")
    stages = [[s["stage"] for s in update["trace"]["timings"]["stages"]] for update in updates]
    assert all(len(now) >= len(before) for before, now in zip(stages, stages[1:], strict=False))
    assert stages[-1] == ["image", "base", "router", "expert", "expert", "adapter", "prefill", "decode"]
    answers = [update["answer"] for update in updates]
    assert all(now.startswith(before) for before, now in zip(answers, answers[1:], strict=False))
    assert answers[-1].startswith("120x90 turn 1: What is here?")


def test_the_trace_has_routing_gates_timings_and_model(address, picture):
    trace = ask(address, picture, "What is here?")[-1]["trace"]
    assert trace["routing"]["reply"] == "E,D" and trace["routing"]["experts"] == ["E", "D"]
    assert len(trace["routing"]["probabilities"]) == 7 and trace["routing"]["forced"] is False
    for kind in ("masked", "unmasked"):
        assert all(sum(row) == pytest.approx(1) and len(row) == 7 for row in trace["gates"][kind])
    assert trace["model"]["name"] == "mova-fake" and trace["timings"]["total"] > 0


def test_null_an_empty_list_and_letters_stay_apart(address, picture):
    chosen = {}
    for name, experts in (("router", None), ("none", []), ("forced", ["B"])):
        chosen[name] = ask(address, picture, "What is here?", experts)[-1]["trace"]
    assert chosen["router"]["routing"]["forced"] is False
    assert chosen["none"]["routing"] == {
        "reply": None, "experts": [], "probabilities": None, "forced": True, "none_probability": None,
    }  # fmt: skip
    assert all(weight == 0 for row in chosen["none"]["gates"]["masked"] for weight in row)
    assert chosen["forced"]["routing"]["experts"] == ["B"]


def test_without_a_picture_it_is_plain_chat(address):
    trace = ask(address, None, "Hello there")[-1]["trace"]
    assert trace["routing"] is None and trace["gates"] is None


def test_the_number_of_tokens_is_kept_to(address, picture):
    assert ask(address, picture, "What?", None, 3, 0, 0)[-1]["trace"]["timings"]["tokens"] == 3


@pytest.mark.parametrize(
    ("experts", "sentence"),
    [
        (["H"], "There is no expert 'H'"),
        (["A", "B", "C", "D"], "at most 3"),
        (["A", "A"], "named twice"),
        ("E,D", "null (the router chooses)"),
        ([7], "There is no expert"),
    ],
)
def test_a_wrong_choice_of_experts_is_refused_in_words(address, picture, experts, sentence):
    (refused,) = ask(address, picture, "What is here?", experts)
    assert sentence in refused["error"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ((0, 0, 0), "number of new tokens"),
        ((256, 9, 0), "temperature"),
        ((256, 0, -1), "seed"),
        ((None, 0, 0), "number of new tokens"),
    ],
)
def test_a_setting_out_of_bounds_is_named(address, more, sentence):
    (refused,) = ask(address, None, "Hello", None, *more)
    assert sentence in refused["error"]


def test_a_question_of_two_megabytes_and_an_empty_one_are_refused(address):
    assert "longer than 4,000 characters" in ask(address, None, "x" * 2_000_000)[0]["error"]
    assert "Type a question" in ask(address, None, "  ")[0]["error"]


def test_bad_pictures_are_refused_each_in_its_own_words(address, tmp_path):
    good = draw_picture(tmp_path / "good.png", (300, 300)).read_bytes()
    cases = {
        "text.png": (b"no picture at all", "not a picture"),
        "cut.png": (good[:100], "damaged or cut short"),
        "empty.png": (b"", "empty (0 bytes)"),
    }
    for name, (data, sentence) in cases.items():
        (tmp_path / name).write_bytes(data)
        assert sentence in ask(address, tmp_path / name, "What is here?")[0]["error"], name
    assert (
        "megapixels are accepted" in ask(address, write_huge_png(tmp_path / "huge.png"), "What?")[0]["error"]
    )


def test_a_refusal_by_the_engine_keeps_its_sentence_and_the_lane_goes_on(address):
    assert "refused for a test" in ask(address, None, "Hello refuse")[0]["error"]
    assert ask(address, None, "Hello again")[-1]["answer"]


def test_a_path_outside_the_uploads_is_never_read(address):
    """A caller names a file of the server instead of uploading one."""
    for path in ("/etc/hostname", str(ROOT / "README.md"), "README.md"):
        reply = post(address, [{"path": path, "meta": {"_type": "gradio.FileData"}}, "What?", None, 9, 0, 0])
        assert "event: error" in reply and "generating" not in reply


def test_two_callers_take_turns_and_get_their_own_answers(address, tmp_path):
    pictures = [draw_picture(tmp_path / f"{side}.png", (side, side)) for side in (40, 50)]
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(ask, address, picture, "What is it?") for picture in pictures]
        answers = [call.result(timeout=60)[-1]["answer"] for call in calls]
    assert [answer.split()[0] for answer in answers] == ["40x40", "50x50"]


def test_text_comes_at_most_twenty_times_a_second(tmp_path):
    with serve(FakeEngine(pace=0.002, words=300), make_examples(tmp_path)) as address:
        began = time.monotonic()
        updates = ask(address, None, "Hello there", None, 300, 0, 0)
        assert len(updates) <= 20 * (time.monotonic() - began) + 5
        assert "word299" in updates[-1]["answer"]


@pytest.mark.parametrize("file", ["http://example.org/x.png", "https://example.org/x.png"])
def test_an_address_in_the_place_of_a_file_is_refused_and_never_fetched(address, monkeypatch, file):
    fetched = []

    async def fetch(url, **_):
        fetched.append(url)
        raise RuntimeError("nothing may be fetched")

    monkeypatch.setattr("gradio.processing_utils.async_ssrf_protected_download", fetch)
    data = [{"path": file, "meta": {"_type": "gradio.FileData"}}, "What?", None, 9, 0, 0]
    assert "has to be uploaded" in post(address, data)
    assert fetched == []
