"""What people and models write is only text: tags, pictures and odd links stay characters, form stays."""

import pytest
from markdown_it import MarkdownIt

from demo.safe_text import shielded, unshielded

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=https://x.example/a.png onerror=alert(1)>",
    "![p](https://x.example/a.png)",
    "![p][ref]\n\n[ref]: https://x.example/a.png",
    "[click](javascript:alert(1))",
    "[click](<javascript:alert(1)>)",
    "[click]( data:text/html,x)",
    "[click](//x.example)",
    "<https://x.example>",
    "a <b\nc>d</b> & <!-- no -->",
    "`one` <img src=x> `two",
    "```\ncode\n```\n<img src=x>",
    "``` <img src=x>",
)
FORM = (
    "**bold** and `code`",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "1. one\n2. two",
    "[web](https://x.example/a)",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_tag_no_picture_and_no_odd_link_is_left(text):
    html = MarkdownIt("commonmark", {"html": True}).render(shielded(text))
    for part in ("<script", "<img", 'href="javascript', 'href="data', 'href="//', "<b"):
        assert part not in html.replace("<blockquote", ""), html


@pytest.mark.parametrize("text", FORM)
def test_what_markdown_brings_for_reading_stays(text):
    assert shielded(text) == text


@pytest.mark.parametrize("text", ["x `<b>` y", "```html\n<b>x</b>\n```\nend", "~~~\n![a](b)\n", "``a `<b>``"])
def test_code_is_left_alone_closed_or_still_coming(text):
    assert shielded(text) == text


@pytest.mark.parametrize("text", [*HOSTILE, *FORM, "a < b", "2 <3 and ![", "plain"])
def test_a_person_who_edits_gets_the_text_back_as_it_was(text):
    assert unshielded(shielded(text)) == text
