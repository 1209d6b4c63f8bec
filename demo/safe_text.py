"""Text from people and models -> Markdown that is text and form: nothing in it is fetched, nothing runs.

What Markdown brings for reading stays: lists, tables, code, formulas, links to the web. Tags, pictures and
links of other kinds become the characters they are written with. Code and formulas are left alone: there they
are characters already.
"""

import re
from collections.abc import Callable

# A fenced block (also one that is not closed yet, while text is still coming) or a span of code.
_CODE = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?^ {0,3}(?P=fence)[`~]*[ \t]*$|.*\Z)"
    r"|(?<!`)(?P<span>`+)(?!`)(?:(?!\n\n).)+?(?<!`)(?P=span)(?!`)",
    re.MULTILINE | re.DOTALL,
)
# What the library takes out of a text as formulas before it looks for anything else, also inside of code, in
# this order (demo/ui.py). It puts them back as characters.
_FORMULAS = (re.compile(r"\$\$.+?\$\$", re.DOTALL), re.compile(r"\\\(.+?\\\)", re.DOTALL))
# A formula between single dollars, which are money more often: an operator or one letter, no blank inside of
# the dollars and no word or number outside of them.
_DOLLARS = re.compile(
    r"(?<![\w\\$])\$(?=[A-Za-z]\$|[^$\n]*[\\^_=<>+*{])(?=[^\s$])[^$\n]+(?<![\s\\])\$(?![\w$])"
)
_UNSAFE = re.compile(r"<|!(?=\[)|\](?=\(\s*<?\s*(?!https?://)[^)\s])|\](?=\s*:)")
_SHIELDED = re.compile(r"\\(<|!(?=\[)|\](?=\()|\](?=\s*:))")


def shielded(text: str) -> str:
    """The text as safe Markdown: a backslash stands before what would be a tag, a picture or another link."""
    return _changed(text, _UNSAFE, lambda found: "\\" + found)


def unshielded(text: str) -> str:
    """What a person meant who edited a shielded text."""
    return _changed(text, _SHIELDED, lambda found: found[1:])


def with_formulas(text: str) -> str:
    """A model's text with `$a < b$` as the formula that the page's library draws."""
    return _changed(text, _DOLLARS, lambda found: f"\\({found[1:-1]}\\)")


def _changed(text: str, pattern: re.Pattern[str], change: Callable[[str], str]) -> str:
    """The text with what a pattern finds changed, outside of code and formulas."""
    seen, parts, place = text, [], 0
    for form in (*_FORMULAS, _CODE):
        seen = form.sub(lambda found: "x" * len(found[0]), seen)
    for found in pattern.finditer(seen):
        parts += [text[place : found.start()], change(text[found.start() : found.end()])]
        place = found.end()
    return "".join([*parts, text[place:]])
