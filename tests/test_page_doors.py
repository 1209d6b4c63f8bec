"""Every door of the page with empty, absurd and half-right values: one sentence each, in our own words."""

import base64
import json
import re
import urllib.error
import urllib.request
from http.client import HTTPConnection
from urllib.parse import urlparse

import pytest

from demo import endpoint as endpoint_module
from demo.answering import Answering
from demo.endpoint import Endpoint
from demo.lane import Lane
from demo.listeners import Listeners
from demo.startup import Startup
from demo.ui import build_demo, launch_options
from mova.progress import Step
from tests.demo_pictures import draw_picture, make_examples
from tests.fake_engine import FakeEngine
from tests.page_client import SETTINGS, PageClient
from tests.page_server import upload

META = {"_type": "gradio.FileData"}
# What a library says and we do not: class names, object representations, paths of the server.
FOREIGN = re.compile(
    r"Traceback|Error:|Exception|object at 0x|<gradio|\bgradio\.|/site-packages/|/tmp/|/root/|pydantic"
    r"|NoneType|unhashable|not subscriptable|Internal Server|validation error|input_value|KeyError"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """(the Blocks, its address)."""
    demo = build_demo(FakeEngine(pace=0.002), make_examples(tmp_path_factory.mktemp("examples")))
    _, address, _ = demo.launch(
        prevent_thread_lock=True, quiet=True, **launch_options(demo, "127.0.0.1", None)
    )
    yield demo, address.rstrip("/")
    demo.close(verbose=False)


def send(address: str, path: str, body: bytes | dict | list | None, method: str = "POST") -> tuple[int, str]:
    """(status, text) of one call."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{address}/gradio_api/{path}", data, {"Content-Type": "application/json"}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def ask(address: str, data: object, **more) -> str:
    """What comes of a call of /ask: the whole stream, or the refusal."""
    status, text = send(address, "call/ask", {"data": data, **more})
    if status != 200:
        return text
    return send(address, f"call/ask/{json.loads(text)['event_id']}", None, "GET")[1]


def sentence_in(text: str) -> str:
    """The one sentence of a refusal, and that it is ours."""
    found = re.search(r'"(?:detail|error)": "((?:[^"\\]|\\.)*)"', text)
    assert found, f"no refusal in {text[:300]}"
    said = json.loads(f'"{found[1]}"')
    assert not FOREIGN.search(said) and len(said) < 400, said
    assert re.match(r"[A-Z/]", said) and said.rstrip().endswith((".", "here", "?")), said
    return said


IMAGES = {
    "an empty path": ({"path": "", "meta": META}, "no picture was named"),
    "an empty text": ("", "no picture was named"),
    "nothing in it": ({}, "does not fit"),
    "no path but meta": ({"meta": META}, "no picture was named"),
    "a number": (7, "does not fit"),
    "a list": ([{"path": "/etc/passwd", "meta": META}], "neither"),
    "true": (True, "does not fit"),
    "a file of the server": ({"path": "/etc/passwd", "meta": META}, "neither"),
    "a relative file": ("README.md", "neither"),
    "a path upwards": ({"path": "../../../etc/passwd", "meta": META}, "neither"),
    "a null byte": ({"path": "a\0b", "meta": META}, "neither"),
    "an endless name": ({"path": "a" * 100_000, "meta": META}, "neither"),
    "bare base64": ("iVBORw0KGgo" * 9000, "neither"),
    "an address": ("https://example.org/a.png", "address is not fetched"),
    "an address as url": ({"path": None, "url": "http://127.0.0.1/a.png", "meta": META}, "not fetched"),
    "a data URI of text": ("data:text/plain,hello", "does not say that it is a picture"),
    "a data URI cut short": ("data:image/png;base64,iVBORw0KGgo", "PNG file is damaged"),
    "a data URI of nothing": ("data:image/png;base64,", "empty"),
    "a data URI that is none": ("data:image/png;base64;;;", "not a data URI"),
    "base64 that is none": ("data:image/png;base64,####", "broken or cut short"),
}


@pytest.mark.parametrize("case", IMAGES)
def test_an_image_that_is_none_is_refused_in_words_that_name_the_picture(page, case):
    image, expected = IMAGES[case]
    said = sentence_in(ask(page[1], [image, "Which?", None, 5, 0, 0]))
    assert expected in said


def test_a_data_uri_is_taken_wherever_it_stands_and_leaves_no_file(page, tmp_path):
    demo, address = page
    uri = "data:image/png;base64," + base64.b64encode(draw_picture(tmp_path / "p.png").read_bytes()).decode()
    forms = (
        uri,
        {"path": uri, "meta": META},
        {"url": uri, "meta": META},
        {"path": None, "url": uri, "meta": META},
    )
    for form in forms:
        answer = ask(address, [form, "Which?", None, 2, 0, 0])
        assert "120x90 turn 1: Which?" in answer and "event: error" not in answer
    assert not [path for path in demo.folder.path.rglob("*") if "data-uri" in path.name]


def test_a_question_that_begins_like_a_data_uri_is_a_question(page):
    assert "turn 1: data: what is it?" in ask(page[1], [None, "data: what is it?", None, 2, 0, 0])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], "one to six inputs"), ([1] * 7, "one to six inputs"), (None, "one to six inputs"),
        ("What?", "one to six inputs"), ({"question": "What?"}, "one to six inputs"),
        ([None, None], "Type a question"), ([None, ""], "Type a question"), ([None, 7], "question"),
        ([None, ["a"]], "question"), ([None, {"a": 1}], "question"),
        ([None, "Hello", "E,D"], "the router chooses"), ([None, "Hello", {"E": 1}], "the router"),
        ([None, "Hello", [["E"]]], "no expert"), ([None, "Hello", ["E", "E"]], "named twice"),
        ([None, "Hello", None, "many"], "number of new tokens"), ([None, "Hello", None, None], "new tokens"),
        ([None, "Hello", None, 1e308], "new tokens"), ([None, "Hello", None, True], "new tokens"),
        ([None, "Hello", None, 5, "hot"], "temperature"), ([None, "Hello", None, 5, -1], "temperature"),
        ([None, "Hello", None, 5, 0, [1]], "seed"), ([None, "Hello", None, 5, 0, 1.5e300], "seed"),
    ],
)  # fmt: skip
def test_a_wrong_input_of_the_endpoint_is_named(page, data, expected):
    assert expected in sentence_in(ask(page[1], data))


def test_inputs_that_are_left_out_have_their_defaults(page):
    address = page[1]
    short = ask(address, [None, "Hello there"])
    assert '"max_new_tokens": 256' in short and "turn 1: Hello there" in short
    status, text = send(address, "call/v2/ask", {"question": "Hello there", "max_new_tokens": 3})
    assert status == 200
    named = send(address, f"call/v2/ask/{json.loads(text)['event_id']}", None, "GET")[1]
    assert '"max_new_tokens": 3' in named and "turn 1: Hello there" in named
    info = json.loads(send(address, "info", None, "GET")[1])["named_endpoints"]
    assert list(info) == ["/ask"]
    defaults = {p["parameter_name"]: p["parameter_has_default"] for p in info["/ask"]["parameters"]}
    assert all(has for name, has in defaults.items() if name != "question"), defaults


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("call/unknown", {"data": []}, 404), ("call/ask_typed", {"data": []}, 404),
        ("call/", {"data": []}, 404), ("call/v2/unknown", {}, 404),
        ("call/v2/ask", {"qustion": "x"}, 422), ("call/ask", b"no json", 422),
        ("call/ask", b"", 422), ("call/ask", b"[1]", 422), ("call/ask", b"\xff\xfe", 422),
        ("call/ask", {}, 422),
        ("call/ask", b"[" * 100_000, 422), ("run/ask", {"data": []}, 404), ("api/ask", {"data": []}, 404),
        ("run/predict", {}, 422), ("run/predict", {"data": [], "fn_index": 0}, 422),
        ("nothing/here", {}, 404),
        ("queue/join", {}, 422), ("queue/join", {"data": [], "fn_index": 10**9, "session_hash": "a"}, 422),
        ("queue/join", {"data": [], "fn_index": None, "session_hash": "a"}, 422),
        ("queue/join", {"data": None, "fn_index": 0, "session_hash": "a"}, 422),
        ("queue/join", {"data": [], "fn_index": 0, "session_hash": 7}, 422),
        ("queue/join", {"data": [], "fn_index": 0, "session_hash": "a", "event_data": [1]}, 422),
        ("queue/join", {"data": [], "fn_index": 0, "session_hash": "a", "trigger_id": "b"}, 422),
        ("queue/join", {"data": [], "fn_index": True, "session_hash": "a"}, 422),
        ("cancel", {}, 422), ("cancel", b"x", 422),
    ],
)  # fmt: skip
def test_a_call_that_is_none_is_refused_at_the_door(page, path, body, status):
    got, text = send(page[1], path, body)
    assert got == status
    sentence_in(text)


def test_an_answer_that_was_never_asked_for_is_not_waited_for(page):
    status, text = send(page[1], "call/ask/0123456789abcdef", None, "GET")
    assert "event: error" in text or status >= 400
    assert not FOREIGN.search(text)


def page_calls(demo) -> list[tuple[int, int]]:
    """(index, number of inputs) of every function the page itself calls."""
    return [(index, len(fn.inputs)) for index, fn in demo.fns.items() if fn.fn is not None]


@pytest.mark.parametrize(
    "values", [None, {}, [], 7, "x", {"files": 7}, {"text": 7, "files": [7]}, {"path": "/etc"}]
)
def test_every_function_of_the_page_takes_absurd_inputs_without_a_word_of_the_library(page, values):
    demo, address = page
    for index, count in page_calls(demo):
        queued = demo.fns[index].queue
        call = {"data": [values] * count, "fn_index": index, "session_hash": f"absurd{index}"}
        status, text = send(address, "queue/join" if queued else "run/predict", call | {"event_data": None})
        if queued and status == 200:
            stream = HTTPConnection(urlparse(address).netloc, timeout=60)
            stream.request("GET", f"/gradio_api/queue/data?session_hash=absurd{index}")
            text = stream.getresponse().read().decode()
        if '"success": false' in text or status >= 400:
            sentence_in(text)
        assert not FOREIGN.search(re.sub(r'"(html|value)":.*', "", text)), text[:500]


def test_an_uploaded_file_is_still_taken(page, tmp_path):
    path = upload(page[1], draw_picture(tmp_path / "a picture, with näme.png"))
    assert "120x90" in ask(page[1], [{"path": path, "meta": META}, "Which?", None, 2, 0, 0])


def test_a_body_without_end_is_refused(page):
    status, text = send(page[1], "call/ask", b'{"data": ["' + b"x" * (25 * 2**20) + b'"]}')
    assert status == 413 and "24 MB" in sentence_in(text)


# Waiting, loading, leaving


class SlowStart(Startup):
    """Loading that ends when it is told to."""

    def __init__(self):
        super().__init__()
        self.report(Step("read", 0.3))


def test_the_endpoint_waits_for_a_model_that_is_still_loading(monkeypatch):
    startup = SlowStart()
    asked = Endpoint(Answering(startup, Lane()), Listeners()).ask(None, "Hello", None, 3)
    monkeypatch.setattr("demo.answering.LOOK_INTERVAL", 0.01)
    startup.finish(FakeEngine(pace=0))
    assert list(asked)[-1]["answer"].startswith("turn 1: Hello")


def test_it_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr("demo.answering.LOOK_INTERVAL", 0.01)
    monkeypatch.setattr(endpoint_module, "PATIENCE", 0.05)
    lane = Lane()
    with pytest.raises(Exception, match="still loading .reading the weights, 30 %."):
        list(Endpoint(Answering(SlowStart(), lane), Listeners()).ask(None, "Hello", None, 3))
    assert lane._all() == []


def test_an_answer_that_nobody_fetches_is_ended(monkeypatch):
    monkeypatch.setattr(endpoint_module, "UNHEARD", -1.0)
    lane = Lane()
    with pytest.raises(Exception, match="Nobody came for the answer"):
        list(Endpoint(Answering(Startup(FakeEngine(pace=0)), lane), Listeners()).ask(None, "Hello", None, 3))
    assert lane._all() == []


def test_who_listens_is_known_and_for_how_long_nobody_has():
    listeners = Listeners()
    assert listeners.away("anna", since=0) > 0
    with listeners.listening("anna"), listeners.listening("anna"):
        assert listeners.away("anna", since=0) == 0
    assert 0 <= listeners.away("anna", since=0) < 60


def test_what_the_library_keeps_of_an_open_page_does_not_grow_with_its_questions(page, tmp_path):
    demo, address = page
    client = PageClient(address)
    sizes = []
    with client.open():
        for number in range(4):
            picture = draw_picture(tmp_path / f"{number}.png") if not number else None
            for _ in client.ask(f"What is it, {number}?", picture, [*SETTINGS[:2], 8, *SETTINGS[3:]]):
                pass
            session = demo.state_holder.session_data[client.session]
            sizes.append((len(session.config_values), len(session.blocks_config.blocks)))
            assert session.blocks_config.blocks.keys() == demo.blocks.keys()
    assert len(set(sizes)) == 1
