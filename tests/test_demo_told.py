"""What MoVA says in English by itself, in the page's other languages: nothing a visitor meets is left out."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.conversation import messages
from demo.gallery import gallery_html, read_examples
from demo.script import read_scripts
from demo.state import Visit, ask, fail
from demo.words import LANGUAGES, words_asked_for
from demo.words.table import words_in
from demo.words.told import told_in
from mova.request import Settings
from mova.vision.experts.pool import EXPERTS
from training.visitor_pictures import EXAMPLES as VISITORS

ROOT = Path(__file__).parent.parent
OTHERS = [language for language in LANGUAGES if language != "en"]
# What speaks to whoever starts the page, runs a command or writes a program, and not to a visitor.
NOT_MET = (
    "mova/__main__.py", "mova/config.py", "mova/logs.py", "mova/options.py", "mova/prepared.py",
    "mova/public.py", "mova/checkpoint/", "mova/evaluation/", "mova/vision/", "demo/serving.py",
    "demo/__init__.py",
)  # fmt: skip
# What is no sentence: prompts, names of things, rules, markup, what only a log or a library is told.
DATA = {
    "mova/contributions.py": {"the contributions"},
    "mova/engine.py": {"It came about so", "an answer ends"},
    "mova/imaging/colour.py": {"an unnamed"},
    "mova/imaging/colour_spaces.py": {"\0 PQ", "\0 HLG", "\0 \0"},
    "mova/language/prompts.py": {""},
    "mova/language/recording.py": {"Decoding steps are not recorded"},
    "mova/trace.py": {"the trace has schema"},
    "mova/trace_file.py": {"\0 is no number"},
    "demo/about.py": {""},
    "demo/doorkeeper.py": {"default-src", "event: error"},
    "demo/doors.py": {"A call did not fit"},
    "demo/gallery.py": {"\0 is missing", "\0: "},
    "demo/help_line.py": {""},
    "demo/keeping.py": {"a text is none", "an id is none"},
    "demo/rephrasing.py": {""},
    # A script's file speaks to whoever wrote it.
    "demo/script.py": {
        "\0", "it has an", "'experts' and", "'live' ", "'speed' ", "'line' ", "a line ", "'panel' ",
        "there is no trace",
    },
    "demo/theme.py": {"IBM Plex", "\0 Until then"},
    "demo/ui.py": {"() =>", "answer and trace"},
}  # fmt: skip
MARKUP = re.compile(r"[<>]|class=|aria-|data-\w+=|[;:]\s*\0?(?:width|left)|^mova-|^#|^\$")


def sentences(code: str) -> Iterator[str]:
    """The strings of some code that read like words, \\0 in the place of what is put into them."""
    for node in _strings(ast.parse(code)):
        if isinstance(node, ast.Constant):
            text = str(node.value)
        else:
            assert isinstance(node, ast.JoinedStr)
            text = "".join(str(p.value) if isinstance(p, ast.Constant) else "\0" for p in node.values)
        text = re.sub(r"\{\w+\}", "\0", text)
        if re.search(r"[A-Za-z]{2,}[,:]? +[A-Za-z]{2,}", text) and not MARKUP.search(text):
            yield text


def _strings(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Assert):
        return
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
    inner = node.values if isinstance(node, ast.JoinedStr) else ast.iter_child_nodes(node)
    for child in inner:
        a_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not a_docstring and not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)):
            yield from _strings(child)


def met() -> dict[str, list[str]]:
    found = {}
    for file in sorted([*(ROOT / "mova").rglob("*.py"), *(ROOT / "demo").rglob("*.py")]):
        name = str(file.relative_to(ROOT))
        if not name.startswith(NOT_MET):
            data = tuple(DATA.get(name, ()))
            said = [
                s for s in sentences(file.read_text(encoding="utf-8")) if not (data and s.startswith(data))
            ]
            if said:
                found[name] = said
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_that_a_visitor_may_meet_is_said_in_their_language(language):
    told, left_out = told_in(language), []
    for name, said in met().items():
        for text in said:
            # What is put in may end in sentences of its own: advice, or what another refused.
            for example in (
                text.replace("\0", "7"),
                re.sub(r" \0$", " Shorten it.", text).replace("\0", "7"),
            ):
                if told.knows(example.removesuffix(" 7").strip()):
                    break
            else:
                left_out.append(f"{name}: {text!r}")
    assert left_out == []


def test_what_is_looked_through_holds_the_refusals():
    found = met()
    assert {
        "mova/images.py",
        "mova/request.py",
        "mova/trace_file.py",
        "demo/theme.py",
        "demo/doors.py",
    } <= set(found)
    assert "The question is empty. Write what you would like to know." in found["mova/request.py"]
    assert 'raise X("A b c.")' not in list(sentences('raise X("A b c.")'))
    assert list(sentences('raise X(f"No {name} here.")')) == [] and list(sentences('x = "No one here."'))


@pytest.mark.parametrize("language", OTHERS)
def test_examples_experts_and_scripts_are_told_too(language):
    told = told_in(language)
    shipped = read_examples(ROOT / "examples")
    texts = [t for example in (*shipped, *VISITORS) for t in (example.question, example.look_at)]
    assert [text for text in (*texts, *(expert.sentence for expert in EXPERTS)) if not told.knows(text)] == []
    for steps in read_scripts(shipped).values():
        assert [step.line["en"] for step in steps if step.line[language] == step.line["en"]] == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_put_into_a_sentence_is_in_both(language):
    table = json.loads((ROOT / "demo" / "words" / f"told.{language}.json").read_text(encoding="utf-8"))
    places = re.compile(r"\{(\w+)\}")
    assert [k for k, said in table.items() if sorted(places.findall(k)) != sorted(places.findall(said))] == []


def test_sentences_follow_each_other_and_stand_in_each_other():
    told = told_in("zh")
    assert told(
        "The file is a JSON text, not a picture of a kind that is read here. Send a smaller copy."
    ) == ("文件是 JSON 文本，不是这里能读取的图片。请发送较小的副本。")
    said = told("This kept conversation cannot be read any more: it has over 20 MB. Reload the page.")
    assert said == "这段保存的对话已无法读取：它超过 20 MB。请重新加载页面。"
    assert told("The address asks for what is not here: The question is empty. Shorten it.").endswith(
        "请缩短。"
    )
    assert told("Somebody else's words.") == "Somebody else's words." and not told.knows("x")
    assert told_in("en")("The question is empty.") == "The question is empty."


def test_a_refusal_in_an_answers_place_is_in_the_language_of_the_page():
    visit = ask(Visit.new(), "Where?", Settings())
    visit = fail(visit, visit.shown, "Stopped before it began.")
    assert "在开始之前已停止。" in str(messages(visit, words_in("zh")))


def test_a_card_says_what_its_question_means_and_asks_it_as_it_is(tmp_path):
    html = gallery_html(read_examples(ROOT / "examples"), words_in("zh"))
    assert "有几匹马？" in html and '<span lang="en">How many horses are there?</span>' in html


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({"accept-language": "zh-CN,en;q=0.8"}, "zh"),
        ({"accept-language": "en", "referer": "http://x/?lang=zh"}, "zh"),
        ({"accept-language": "zh", "referer": "http://x/?lang=en"}, "en"),
        ({}, "en"),
    ],
)
def test_a_call_is_refused_in_the_language_of_the_page_it_came_from(headers, language):
    assert words_asked_for(headers).language == language
