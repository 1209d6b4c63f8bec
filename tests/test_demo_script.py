"""Scripts of talks and tours: what is read from a file, what a bad one is told, what an address may name."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from demo.gallery import read_examples
from demo.script import find_example, link_names, read_script, read_scripts, scripts_html
from demo.words import LANGUAGES
from mova.errors import MovaError
from tests.demo_pictures import make_examples

SHIPPED = Path(__file__).parent.parent / "examples"


@pytest.fixture
def examples(tmp_path):
    return make_examples(tmp_path)


@pytest.fixture
def read(tmp_path, examples):
    """(rows) -> the steps of a script of these rows."""

    def read(rows):
        file = tmp_path / "script.json"
        file.write_text(rows if isinstance(rows, str) else json.dumps(rows))
        return read_script(file, examples)

    return read


def test_the_scripts_that_come_along_speak_every_language_and_need_no_model():
    examples = read_examples(SHIPPED)
    scripts = read_scripts(examples)
    assert len(scripts["tour"]) == 6 and scripts["present"]
    for step in (*scripts["tour"], *scripts["present"]):
        assert set(step.line) == set(LANGUAGES) and len(set(step.line.values())) == len(LANGUAGES)
        assert step.example is None or examples[step.example].trace is not None


def test_an_example_is_named_by_its_picture_or_its_number(read, examples):
    name = examples[2].path.stem
    first, second, third = read([{"example": name, "line": "a"}, {"example": 3, "line": "b"}, {"line": "c"}])
    assert (first.example, second.example, third.example) == (2, 3, None)
    assert first.plays and not third.plays and third.line["zh"] == "c"


def test_a_step_plays_slowly_and_is_asked_only_where_it_says_so(read):
    plain, forced, alone = read(
        [
            {"example": 0, "line": "a"},
            {"example": 0, "experts": "e,D", "line": "b"},
            {"example": 0, "experts": "none", "live": False, "speed": 2, "line": "c"},
        ]
    )
    assert (plain.live, plain.speed, plain.experts) == (False, 0.5, None)
    assert (forced.live, forced.experts) == (True, ("E", "D"))
    assert (alone.live, alone.speed, alone.experts) == (False, 2.0, ())


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"example": "nowhere", "line": "a"}, "no example 'nowhere'"),
        ({"example": 99, "line": "a"}, "no example '99'"),
        ({"example": 0}, "'line' should be"),
        ({"line": ""}, "1 to 400 characters"),
        ({"line": {"zh": "一"}}, "'line' should be"),
        ({"example": 0, "experts": "X", "line": "a"}, "no expert 'X'"),
        ({"example": 0, "experts": ["E"], "line": "a"}, "letters like 'E,D'"),
        ({"experts": "E", "line": "a"}, "need an example"),
        ({"example": 0, "speed": 3, "line": "a"}, "'speed' should be one of"),
        ({"example": 0, "live": "yes", "line": "a"}, "'live' should be"),
        ({"panel": "cellar", "line": "a"}, "'panel' should be one of"),
        ({"trace": "gone.json", "line": "a"}, "no trace .*gone.json"),
        ({"trace": "examples.json", "line": "a"}, "no trace of MoVA"),
        ({"example": 0, "trace": "a.json", "line": "a"}, "an example and a trace"),
        ({"lines": "a"}, "a step has some of"),
        ("chart", "a step has some of"),
    ],
)
def test_a_bad_step_is_named_with_what_is_wrong(read, row, sentence):
    with pytest.raises(MovaError, match=f"(?s)script.json, step 2: .*{sentence}.*Correct it"):
        read([{"line": "a good one"}, row])


@pytest.mark.parametrize("text", ["", "[", "{}", '"a"', "null"])
def test_a_bad_file_is_refused_in_words(read, text):
    with pytest.raises(MovaError, match="script.json .*Correct it"):
        read(text)


def test_a_page_without_scripts_has_none(examples):
    assert read_scripts(examples) == {"present": [], "tour": []} and read_scripts([]) == {}


def test_an_address_names_every_example_in_its_own_way(examples):
    twice = [*examples, examples[0]]
    names = link_names(twice)
    assert len(set(names)) == len(twice) and names[0] == examples[0].path.stem
    assert [find_example(twice, name) for name in names] == list(range(len(twice)))


def test_what_the_browser_is_told_is_escaped_and_names_no_file(read, examples):
    steps = read([{"example": 0, "line": '<b>"quoted"</b>'}])
    html = scripts_html({"present": steps}, examples)
    assert "<b>" not in html
    told = json.loads(unescape(re.search('data-scripts="(.*)"', html)[1]))
    assert told["scripts"]["present"][0]["line"]["en"] == '<b>"quoted"</b>'
    assert "trace" not in told["scripts"]["present"][0] and set(told["words"]) == set(LANGUAGES)
