"""A trace as a file: written always the same way, read as data from elsewhere, refused in one sentence."""

import base64
import io
import json
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace

import pytest
from PIL import Image

from mova.engine import Engine, drain
from mova.language.prompts import Turn
from mova.thumbnail import MOST_BYTES, THUMBNAIL_SIDE, thumbnail
from mova.trace import to_json
from mova.trace_file import TraceRefused, canonical, dumps, loads, validated
from mova.worth import Worth
from tests.asking import SHORT, picture

NOWHERE = "nowhere"


@pytest.fixture
def trace(tiny_loaded, replies):
    replies.append("E,D")
    history = [Turn("läßt es — ?", '{"no"}\n')]
    return drain(Engine(tiny_loaded).answer("what?", picture(), history, decoding=SHORT))


@pytest.fixture
def weighed(trace):
    """The trace with what its experts were worth to the two halves of its answer."""
    half = len(trace.answer) // 2
    texts = [trace.answer[:half], trace.answer[half:]]
    worth = Worth.of(trace.routing.experts, texts, [-0.5, -2.0], [[-3.25, -1.0], [-0.5, -2.125]])
    return replace(trace, worth=worth)


def uri(kind: str, size: tuple[int, int]) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, kind)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def put(plain: dict, path: str, value: object) -> dict:
    """The plain trace with another value (or none: NOWHERE) at `a.b.0`."""
    changed = deepcopy(plain)
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    inner = changed
    for part in way:
        inner = inner[part]
    if value is NOWHERE:
        del inner[last]
    else:
        inner[last] = value
    return changed


def test_a_saved_trace_opens_equal_and_is_saved_again_byte_for_byte(trace):
    text = dumps(trace)
    assert loads(text) == loads(text.encode()) == trace
    assert dumps(loads(text)) == text
    assert text.endswith("}\n") and text.count("\n") == 1 and "läßt" in text


def test_what_experts_were_worth_is_saved_and_opens_equal(weighed):
    text = dumps(weighed)
    assert loads(text) == weighed and dumps(loads(text)) == text
    assert loads(text).worth.totals == (1.75, 0.125)


def test_a_trace_saved_without_the_later_keys_is_saved_again_byte_for_byte(trace):
    plain = to_json(trace)
    del plain["trace"]["token_ids"]
    older = canonical(plain)
    assert "token_ids" not in older and "worth" not in older
    assert loads(older) == replace(trace, token_ids=()) and dumps(loads(older)) == older


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("token_ids", [], "`trace.token_ids`"),
        ("token_ids", [-1], "`trace.token_ids[0]`"),
        ("token_ids", ["1"], "`trace.token_ids[0]`"),
        ("token_ids", [1], "its tokens are not as many as were counted"),
        ("worth", None, "`trace.worth`"),
        ("worth", {}, "`trace.worth"),
        ("worth.experts", ["E"], "what other experts were worth"),
        ("worth.experts", ["D", "E"], "what other experts were worth"),
        ("worth.experts", ["<", "E"], "`trace.worth.experts[0]`"),
        ("worth.words", [], "`trace.worth.words`"),
        ("worth.words.0.text", "another", "are not its answer"),
        ("worth.words.0.text", "", "`trace.worth.words[0].text`"),
        ("worth.words.1", NOWHERE, "are not its answer"),
        ("worth.words.1.falls", [0.5], "not one fall for each expert"),
        ("worth.words.1.falls.0", "much", "`trace.worth.words[1].falls[0]`"),
        ("worth.words.1.log_probability", 0.1, "`trace.worth.words[1].log_probability`"),
        ("worth.words.1.more", 1, "`trace.worth.words[1]`"),
        ("routing", None, "it has a gate and nothing was routed"),
    ],
)
def test_a_worth_that_does_not_fit_its_answer_is_refused(weighed, path, value, named):
    with pytest.raises(TraceRefused) as refused:
        validated(put(to_json(weighed), f"trace.{path}", value))
    assert named in str(refused.value) and len(str(refused.value)) < 300


def test_keys_stand_in_order_and_blanks_nowhere(trace):
    again = json.loads(dumps(trace))
    shuffled = json.loads(json.dumps(again), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert canonical(shuffled) == dumps(trace)


def test_the_picture_travels_as_a_small_webp(trace):
    data = base64.b64decode(trace.picture.thumbnail.partition(",")[2])
    with Image.open(io.BytesIO(data)) as small:
        assert (small.format, small.size) == ("WEBP", (60, 40))
    noise = Image.effect_noise((3000, 1500), 120).convert("RGB")
    made = base64.b64decode(thumbnail(noise).partition(",")[2])
    with Image.open(io.BytesIO(made)) as small:
        assert max(small.size) == THUMBNAIL_SIDE and len(made) <= MOST_BYTES


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("answer", "another", "its answer is not what its pieces say"),
        ("answer", NOWHERE, "`answer`"),
        ("more", 1, "it is not"),
        ("trace.more", "<script>", "`trace`"),
        ("trace.question", 7, "`trace.question`"),
        ("trace.gates.masked.0", [0.5], "`trace.gates.masked[0]`"),
        ("trace.gates.masked.0.3", 1.5, "`trace.gates.masked[0][3]`"),
        ("trace.gates.masked.1", NOWHERE, "its two gates have different layers"),
        ("trace.routing", None, "it has a gate and nothing was routed"),
        ("trace.routing.experts", ["E", "E"], "`trace.routing.experts`"),
        ("trace.routing.experts", ["E", "B"], "other experts than were picked"),
        ("trace.routing.experts.0", "H", "`trace.routing.experts[0]`"),
        ("trace.contributions.levels", "AAAA", "its contribution maps do not fit"),
        ("trace.contributions.levels", "<b>", "`trace.contributions.levels`"),
        ("trace.settings.temperature", -1, "`trace.settings.temperature`"),
        ("trace.settings.seed", 1.5, "`trace.settings.seed`"),
        ("trace.timings.total", "soon", "`trace.timings.total`"),
        ("trace.timings.stages.0.stage", "lunch", "`trace.timings.stages[0].stage`"),
        ("trace.pieces.0", ["text"], "`trace.pieces[0]`"),
        ("trace.picture.thumbnail", "javascript:alert(1)", "`trace.picture.thumbnail`"),
        ("trace.picture.thumbnail", "data:image/webp;base64,AAAA", "not a small WEBP"),
        ("trace.picture.thumbnail", uri("PNG", (9, 9)), "not a small WEBP"),
        ("trace.picture.thumbnail", uri("WEBP", (1500, 9)), "not a small WEBP"),
        ("schema", 2, "older than the file"),
        ("schema", 0, "version 0"),
        ("schema", "1", "`schema`"),
        ("schema", True, "`schema`"),
    ],
)
def test_what_is_no_trace_is_refused_in_a_sentence_that_names_the_place(trace, path, value, named):
    with pytest.raises(TraceRefused) as refused:
        validated(put(to_json(trace), path, value))
    said = str(refused.value)
    assert named in said and said.endswith((".", "it.")) and len(said) < 300
    assert "Error" not in said and "schema'" not in said


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"null", b"[]", b"[" * 100_000, b"\xff\xfe{}", b'{"schema": NaN}', b"PK\x03\x04", b"1"],
    ids=["nothing", "cut", "null", "list", "deep", "not UTF-8", "NaN", "zip", "number"],
)
def test_what_is_not_even_json_is_refused(data):
    with pytest.raises(TraceRefused, match="no trace of MoVA"):
        loads(data)


def test_a_trace_with_a_number_that_is_none_is_refused(trace):
    text = dumps(trace).replace('"first_word":', '"first_word":1e999,"x":')
    with pytest.raises(TraceRefused):
        loads(text)


def test_a_file_that_is_too_large_is_not_even_parsed():
    with pytest.raises(TraceRefused, match=r"5\.0 MB; a trace has at most 4"):
        loads(b"[" * (5 * 2**20))


def test_a_trace_opens_where_no_model_library_can_be_imported(trace, tmp_path):
    file = tmp_path / "trace.json"
    file.write_text(dumps(trace), encoding="utf-8")
    script = (
        "import sys\n"
        "for name in ('torch', 'transformers', 'gradio', 'matplotlib'): sys.modules[name] = None\n"
        "from mova.trace_file import dumps, loads\n"
        "text = open(sys.argv[1], encoding='utf-8').read()\n"
        "assert dumps(loads(text)) == text\n"
    )
    subprocess.run([sys.executable, "-c", script, file], check=True)
