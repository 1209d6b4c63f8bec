"""The page's words: one table for each language, and who gets which."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.loading_words import loading_words
from demo.words import ENGLISH, LANGUAGES, words_for
from demo.words.table import words_in
from demo.words.told import told_in
from mova.progress import Step

ROOT = Path(__file__).parent.parent
# Files with sentences in the code that no table has: for programs, or in the tables with places in them
# (tests/test_demo_told.py).
TO_CONVERT = {
    "demo/conversation.py", "demo/doorkeeper.py", "demo/doors.py",
    "demo/help_line.py", "demo/theme.py", "demo/ui.py",
}  # fmt: skip
# What is no sentence of the page: names of papers and models, the rules that make questions for the model.
DATA = {
    "demo/about.py": {"ENCODERS"},
    "demo/rephrasing.py": {
        "_ASKS", "_TELLS", "_ABOUT_YOU", "_ENGLISH", "_CHINESE", "_CHINESE_POLITE", "_CHINESE_PICTURE",
        "_CHINESE_ABOUT_YOU", "_IN_PICTURE",
    },
}  # fmt: skip


def places(sentence: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", sentence))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_places(language):
    say = words_in(language)
    assert say.keys() == ENGLISH.keys()
    wrong = [key for key in say.keys() if places(say(key)) != places(ENGLISH(key))]  # noqa: SIM118
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_holds_no_markup(language):
    say = words_in(language)
    assert [key for key in say.keys() if re.search(r"[<>]|&\w+;", say(key))] == []  # noqa: SIM118


def test_the_language_follows_the_browsers_wish():
    assert words_for("zh-Hans-CN").language == "zh"
    assert words_for("de-DE,de;q=0.9,zh;q=0.5,en;q=0.3").language == "zh"
    for wish in ("", "de", "en-GB,zh;q=0.1", "*", ";;,", "x" * 10_000):
        assert words_for(wish).language == "en"


@pytest.mark.parametrize(
    ("step", "english"),
    [
        (Step("find", name="x"), "looking for the model"),
        (
            Step("fetch", 4_680_000_000, 23_400_000_000, "a/b@1"),
            "downloading a/b@1, 4.7 of 23.4 GB, 20 %",
        ),
        (Step("fetch", 41_000_000, 280_000_000, "a/b@1"), "downloading a/b@1, 41.0 of 280.0 MB, 14 %"),
        (Step("read", 0.999), "reading the weights, 99 %"),
        (Step("ready", 1.0), "ready"),
    ],
)
def test_how_far_loading_is_is_said_in_every_language(step, english):
    assert loading_words(step, ENGLISH) == english
    assert all(loading_words(step, words_in(language)) for language in LANGUAGES)


def sentences(code: str, data: set[str]) -> Iterator[str]:
    """What the strings of some code would put before a person's eyes: without markup, keys and docstrings."""
    for node in _strings(ast.parse(code), data):
        text = _plain(node)
        shown = re.findall(r"(?:aria-label|title|alt|placeholder)=[\"']([^\"']+)", text)
        for words in (re.sub(r"<[^>]*>|^[^<]*>|<[^>]*$", " ", text), *shown):
            if (
                re.search(r"[A-Za-z]{2,}[,:]? +[A-Za-z]{2,}|\b[A-Z][a-z]{2,}|[一-鿿]{2}", words)
                and words != "False"
            ):
                yield words.replace("\0", "").strip()


def _strings(node: ast.AST, data: set[str]) -> Iterator[ast.AST]:
    """String nodes of what is shown: no docstring, no error for whoever runs the page, no data."""
    if isinstance(node, ast.Raise | ast.Assert) or _is_data(node, data):
        return
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
    if isinstance(node, ast.JoinedStr):
        children = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    else:
        hidden = {id(getattr(node, field, None)) for field in ("annotation", "returns")}  # types
        hidden |= set(map(id, node.keys)) if isinstance(node, ast.Dict) else set()
        children = [child for child in ast.iter_child_nodes(node) if id(child) not in hidden]
    for child in children:
        if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            yield from _strings(child, data)


def _is_data(node: ast.AST, data: set[str]) -> bool:
    names = {getattr(target, "id", "") for target in node.targets} if isinstance(node, ast.Assign) else set()
    return bool(names & (data | {"__all__"}))


def _plain(node: ast.AST) -> str:
    """A string's text, with a sign in the place of what is put into it."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)


FILES = {str(file.relative_to(ROOT)): file for file in sorted((ROOT / "demo").rglob("*.py"))}


@pytest.mark.parametrize("name", FILES)
def test_every_sentence_of_the_page_stands_in_the_tables_of_words(name):
    every = sentences(FILES[name].read_text(encoding="utf-8"), DATA.get(name, set()))
    found = [sentence for sentence in every if not told_in("zh").knows(sentence)]
    if name in TO_CONVERT:
        assert found, f"{name} has no sentence left: take it out of TO_CONVERT"
    else:
        assert not found


def test_a_sentence_in_the_code_is_found():
    for code, found in (
        ('f"<p>{size} No picture.</p>"', "No picture."),
        ("'<b title=\"Show it\">x</b>'", "Show it"),
        ('say("a.b", name="two words")', "two words"),
        ('{"label": "Stop"}', "Stop"),
        ('f"<span class=\\"one two\\">{say(\'a.b\')}</span>"', None),
        ('"<i style=\\"width:1%\\">" + f"left:{x}%;top:{y}%"', None),
    ):
        assert list(sentences(f'"""A module."""\nshown = {code}\n', set())) == ([found] if found else []), (
            code
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_hold_no_markup_and_need_no_escaping(language):
    say = words_in(language)
    assert [key for key in say.keys() if re.search(r"[<>&]", say(key))] == []  # noqa: SIM118


def test_every_key_that_is_said_is_there():
    said = set()
    for file in FILES.values():
        said |= set(re.findall(r"""say\(\s*["']([\w.]+)["']""", file.read_text(encoding="utf-8")))
    assert said <= ENGLISH.keys()
