"""Text from people and models -> Markdown that is text and form: nothing in it is fetched, nothing runs.

What Markdown brings for reading stays: lists, tables, code, formulas, links to the web. Tags, pictures and
links of other kinds become the characters they are written with. Code is left alone: there they are
characters already.
"""

import re

# A fenced block (also one that is not closed yet, while text is still coming) or a span of code.
_CODE = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?^ {0,3}(?P=fence)[`~]*[ \t]*$|.*\Z)"
    r"|(?<!`)(?P<span>`+)(?!`)(?:(?!\n\n).)+?(?<!`)(?P=span)(?!`)",
    re.MULTILINE | re.DOTALL,
)
_UNSAFE = re.compile(r"<|!(?=\[)|\](?=\(\s*<?\s*(?!https?://)[^)\s])|\](?=\s*:)")
_SHIELDED = re.compile(r"\\(<|!(?=\[)|\](?=\()|\](?=\s*:))")


def shielded(text: str) -> str:
    """The text as safe Markdown: a backslash stands before what would be a tag, a picture or another link."""
    parts, place = [], 0
    for code in _CODE.finditer(text):
        parts += [_shield(text[place : code.start()]), code[0]]
        place = code.end()
    return "".join([*parts, _shield(text[place:])])


def unshielded(text: str) -> str:
    """What a person meant who edited a shielded text."""
    return _SHIELDED.sub(r"\1", text)


def _shield(text: str) -> str:
    return _UNSAFE.sub(lambda found: "\\" + found[0], text)
