"""Every sentence of the page by its key, in one JSON file for each language beside this one.

    say = words_for("zh-CN,en;q=0.8")
    say("gate.waiting")
    say("router.picked", names="<b>DePlot</b>")     # {names} in the sentence
    say.told(str(refusal))                          # what was raised in English

A sentence holds no markup and needs no escaping; what is put into it is escaped by whoever calls.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from demo.words.told import told_in

LANGUAGES = ("en", "zh")


class Words:
    """The sentences of one `language`; `told` puts into it what MoVA itself says in English."""

    def __init__(self, language: str, sentences: dict[str, str]):
        self.language, self._sentences, self.told = language, sentences, told_in(language)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of this key with `values` in their places. KeyError for a key that is not there."""
        sentence = self._sentences[key]
        return sentence.format(**values) if values else sentence

    def __contains__(self, key: str) -> bool:
        return key in self._sentences

    def keys(self) -> set[str]:
        return set(self._sentences)


@cache
def words_in(language: str) -> Words:
    """The words of one of LANGUAGES."""
    file = Path(__file__).with_name(f"{language}.json")
    return Words(language, json.loads(file.read_text(encoding="utf-8")))


def words_for(wish: str) -> Words:
    """The words of the first language of a wish that there is, else English.

    The wish is one language (`zh`, `zh-Hans-CN`) or a browser's whole list (`de, zh;q=0.8, en;q=0.5`), in
    which the order counts.
    """
    for part in wish[:200].split(","):
        language = part.split(";")[0].strip().lower().partition("-")[0]
        if language in LANGUAGES:
            return words_in(language)
    return ENGLISH


def words_asked_for(headers: Mapping[str, str]) -> Words:
    """The words for whoever sent a call: by the address of the page it came from, else by its browser."""
    asked = parse_qs(urlsplit(headers.get("referer") or "").query).get("lang", [])
    return words_for(asked[0] if asked else headers.get("accept-language") or "")


ENGLISH = words_in("en")
