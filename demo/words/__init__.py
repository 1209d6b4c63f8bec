"""What the page says, one table for each language."""

from demo.words.table import ENGLISH, LANGUAGES, Words, words_asked_for, words_for

__all__ = ["ENGLISH", "LANGUAGES", "Words", "words_asked_for", "words_for"]
