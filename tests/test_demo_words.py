"""The page's words: one table for each language, and who gets which."""

import re

import pytest

from demo.words import ENGLISH, LANGUAGES, words_for
from demo.words.table import words_in


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
