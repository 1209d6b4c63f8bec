"""An answer as one HTML file: nothing in it is fetched, its numbers are the trace's, texts are only text."""

import json
import re
from dataclasses import replace

import pytest

from demo.export import export_html, letter
from demo.panels.panel import seconds_text
from demo.words import ENGLISH
from demo.words.table import LANGUAGES, words_in
from mova.trace import Said
from mova.trace_file import dumps, loads
from tests.test_demo_panels import HOSTILE, PICTURE, Words, trace_of

LOADS = {
    "src", "srcset", "href", "xlink:href", "action", "formaction", "data", "poster", "background", "ping",
    "manifest", "cite",
}  # fmt: skip


@pytest.fixture(scope="module")
def trace():
    return trace_of()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_address_is_loaded(trace, language):
    html = export_html(trace, words_in(language))
    page = Words(html)
    loaded = [value for _, given in page.tags for name, value in given.items() if name in LOADS and value]
    assert all(value.startswith(("data:", "#")) for value in loaded), loaded
    assert {tag for tag, _ in page.tags} & {"link", "iframe", "object", "embed", "base", "form"} == set()
    style = "".join(re.findall(r"<style>(.*?)</style>", html, re.S))
    assert "@import" not in style and "@font-face" not in style
    assert all(url.strip("\"'").startswith(("data:", "#")) for url in re.findall(r"url\(([^)]*)\)", style))


def test_a_policy_forbids_every_fetch(trace):
    tags = Words(export_html(trace, ENGLISH)).tags
    (policy,) = [given["content"] for tag, given in tags if tag == "meta" and "http-equiv" in given]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["img-src"] == "data:"
    assert set(rules) == {"default-src", "img-src", "style-src", "script-src"}
    names = [tag for tag, _ in tags]
    assert names.index("meta") < names.index("style"), "what comes before a policy is not held by it"


def test_the_numbers_are_those_of_the_trace(trace):
    text = Words(export_html(trace, ENGLISH)).text
    for letter_ in trace.routing.experts:
        place = "ABCDEFG".index(letter_)
        assert f"{trace.routing.probabilities[place]:.2f}" in text
    for rows in (trace.gates.masked, trace.gates.unmasked):
        for weight in (weight for row in rows for weight in row):
            assert f"{weight:.2f}" in text
    for stage in trace.timings.stages:
        assert seconds_text(stage.seconds) in text
    assert trace.answer in text and trace.question in text


def test_the_picture_is_inside_as_it_was_in_the_trace(trace):
    html = export_html(trace, ENGLISH)
    assert f'src="{trace.picture.thumbnail}"' in html
    assert f"{PICTURE.pixels.width} × {PICTURE.pixels.height}" in html


def test_an_answer_without_a_picture_is_exported_too():
    html = export_html(trace_of("Tell me.", image=None), ENGLISH)
    assert "<img" not in html and "Tell me." in html


def test_texts_are_only_text(trace):
    hostile = replace(trace, question=HOSTILE, pieces=(Said(HOSTILE, 0.1),), notes=(HOSTILE,))
    html = export_html(hostile, ENGLISH)
    before, scripts = html.partition("<script>")[0], re.findall(r"<script>.*?</script>", html, re.S)
    assert "alert(1)" not in "".join(scripts)
    page = Words(re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.S))
    assert not [name for _, given in page.tags for name in given if name.startswith("on")]
    assert "&lt;script&gt;alert(1)" in before and page.text.count("alert(1)") >= 3


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What is it?", "mova-What-is-it"),
        ("../../etc/passwd", "mova-etc-passwd"),
        ("这是什么？", "mova-这是什么"),
        ("???", "mova-answer"),
        ("x" * 500, "mova-" + "x" * 40),
    ],
)
def test_a_saved_file_is_named_after_its_question(trace, question, name):
    saved = json.loads(letter(replace(trace, question=question), "json", "text"))["save"]
    assert saved == {"name": f"{name}.trace.json", "type": "application/json", "text": "text"}


def test_what_is_saved_is_the_trace_s_one_form(trace):
    saved = json.loads(letter(trace, "json", dumps(trace)))["save"]
    assert dumps(loads(saved["text"])) == saved["text"] == dumps(trace)
