"""What MoVA says in English by itself -> the same in another language: refusals, notes, why something ended.

Whoever refuses knows nothing of languages: its text is English, and so is what a trace or a browser keeps of
it. The table of a language, `told.<language>.json` beside this file, has each of these sentences with places
for what is put into them. A key that ends with a full stop is one sentence, others may follow it; any other
key stands alone or in a place.
"""

import json
import re
from functools import cache
from pathlib import Path

LONGEST = 2000  # characters; what is longer is none of our sentences
_PLACE = re.compile(r"\{(\w+)\}")


class Told:
    """The table of one language: English -> what is said instead."""

    def __init__(self, table: dict[str, str]):
        # The one with most words of its own first: `only the first` before `only {place}`.
        keys = sorted(table, key=lambda key: -len(_PLACE.sub("", key)))
        self._rows = [(_pattern(key), table[key]) for key in keys]

    def __call__(self, text: str) -> str:
        """The text in this language; what the table has not stays as it is."""
        return self._said(text)[0]

    def knows(self, text: str) -> bool:
        """Whether the table has all of a text."""
        return self._said(text)[1]

    def _said(self, text: str) -> tuple[str, bool]:
        if len(text) > LONGEST:
            return text, False
        for pattern, said in self._rows:
            found = pattern.fullmatch(text)
            if found is None:
                continue
            values = found.groupdict()
            rest, known = self._said(values.pop("rest_") or "") if values.get("rest_") else ("", True)
            return _PLACE.sub(lambda place: self._value(values[place[1]]), said) + rest, known  # noqa: B023
        return text, not text

    def _value(self, value: str) -> str:
        """What stands in a place: itself, or something that the table has, a sentence without its full stop
        too."""
        for ending in ("", "."):
            said, known = self._said(value + ending)
            if known:
                return said.rstrip("。") if ending else said
        return value


def _pattern(key: str) -> re.Pattern[str]:
    parts = _PLACE.split(key)
    inner = "".join(f"(?P<{part}>.+?)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts))
    return re.compile(rf"{inner}(?: +(?P<rest_>.+))?" if key.endswith(".") else inner)


@cache
def told_in(language: str) -> Told:
    """The table of one language; empty for English."""
    file = Path(__file__).with_name(f"told.{language}.json")
    return Told(json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {})
