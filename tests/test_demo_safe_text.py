"""What people and models write is only text: tags, pictures and odd links stay characters, form stays."""

import re

import pytest
from markdown_it import MarkdownIt

from demo.safe_text import shielded, unshielded, with_formulas

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
    "$$ <img src=x>",
    "`$$` a $$ <img src=x> $$ b",
    "$$ a $$ <img src=x> $$",
    "\\( a $$ b \\) <img src=x> $$",
    "$$ a \\( b $$ <img src=x> \\)",
    "```\n$$\n```\n$$ <img src=x> $$",
    "[click]($$javascript:alert(1)$$)",
)
FORM = (
    "**bold** and `code`",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "1. one\n2. two",
    "[web](https://x.example/a)",
)


def without_formulas(text: str) -> str:
    """A text as the page's library hands it to Markdown: it has taken the formulas out, code or not."""
    for formula in (r"\$\$([\s\S]+?)\$\$", r"\\\(([\s\S]+?)\\\)"):
        text = re.sub(formula, "%%%LATEX_BLOCK_0%%%", text)
    return text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_tag_no_picture_and_no_odd_link_is_left(text):
    html = MarkdownIt("commonmark", {"html": True}).render(without_formulas(shielded(text)))
    for part in ("<script", "<img", 'href="javascript', 'href="data', 'href="//', "<b"):
        assert part not in html.replace("<blockquote", ""), html


@pytest.mark.parametrize("text", FORM)
def test_what_markdown_brings_for_reading_stays(text):
    assert shielded(text) == text


@pytest.mark.parametrize("text", ["x `<b>` y", "```html\n<b>x</b>\n```\nend", "~~~\n![a](b)\n", "``a `<b>``"])
def test_code_is_left_alone_closed_or_still_coming(text):
    assert shielded(text) == text


@pytest.mark.parametrize("text", ["$$a < b$$", "so \\(a <b\\), and\n$$\n![x] < 1\n$$\nend"])
def test_formulas_are_left_alone(text):
    assert shielded(text) == text


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("If $a < b$, then $b>a$.", "If \\(a < b\\), then \\(b>a\\)."),
        ("It is $9.80, not $12.", None),
        ("$5-$6 or 5$, 6$", None),
        ("`$a$` and $$a$$ and \\(c$d$\\)", None),
        ("$ a $ and \\$a$", None),
    ],
)
def test_formulas_between_single_dollars_are_told_from_money(text, drawn):
    assert with_formulas(text) == (drawn or text)


@pytest.mark.parametrize(
    "text", [*HOSTILE, *FORM, "$$a \\< b$$ <", "`\\<` <", "a < b", "2 <3 and ![", "plain"]
)
def test_a_person_who_edits_gets_the_text_back_as_it_was(text):
    assert unshielded(shielded(text)) == text
