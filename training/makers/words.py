"""What is written on the pictures: an open list of words, numbers and codes, a part of it kept for judging.

`Words(rng, split)` draws from lists of some thousand words and invents what no list has. A word whose hash
falls into the kept part is never drawn for the split `train`; for `test` most are of that part.
"""

import random
import string
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from training.makers import people_words as people
from training.makers import thing_words as things
from training.makers.fonts import Family

KEPT_EVERY = 8  # one word in so many is kept for judging
INVENTED = 0.3
# Debian's package scowl: the commonest English words, graded. Without it the list here is all there is.
GRADED_WORDS = Path("/usr/share/dict/scowl")
GRADES = (
    "english-words.10",
    "english-words.20",
    "english-words.35",
    "american-words.10",
    "american-words.35",
)
UNFIT = ("fuck", "shit", "cunt", "nigg", "whore", "slut", "rape", "bitch")
ONSETS = "b br c ch cl d dr f fl g gl gr h j k kl l m n p pl qu r s sch sh sk sl sp st t th tr v w z".split()
VOWELS = "a a e e i i o o u y ai au ea ee ei ia io oa oo ou".split()
CODAS = ["", "", "", *"b ck d f g l ll lt m n nd ng nk nt p r rd rk rt s ss st t x".split()]
ENDINGS = "a o er en ex ia ic in is ix on or um us y ley son ton ville berg stad ford ix".split()
MAIL_HOSTS = ("example.com", "example.org", "mail.example", "post.example", "web.example")


def is_kept_apart(word: str) -> bool:
    """Whether a word, in any case, is kept for judging."""
    return zlib.crc32(word.lower().encode()) % KEPT_EVERY == 0


def is_kept(text: str) -> bool:
    """Whether any word of a text is kept for judging."""
    return any(is_kept_apart(word) for word in text.split())


@lru_cache(maxsize=1)
def common_words() -> tuple[str, ...]:
    """Common English words in small letters, 2 to 12 letters long, in alphabetical order."""
    found = set(things.COMMON)
    for grade in GRADES:
        if (GRADED_WORDS / grade).is_file():
            found |= set((GRADED_WORDS / grade).read_text("latin-1").split())
    plain = (word for word in found if 2 <= len(word) <= 12 and word.isascii() and word.isalpha())
    return tuple(sorted(w for w in plain if w.islower() and not any(bad in w for bad in UNFIT)))


_PARTED: dict[int, tuple[Sequence[str], tuple[str, ...], tuple[str, ...]]] = {}


def _parted(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that training may use, and those kept for judging.

    Lists are told apart by identity: hashing thirty thousand words for each one drawn would cost more.
    """
    if id(words) not in _PARTED:
        usual, kept = (tuple(w for w in words if is_kept(w) == wanted) for wanted in (False, True))
        _PARTED[id(words)] = (words, usual, kept)  # the list is held, so its identity is not given away
    return _PARTED[id(words)][1:]


class Words:
    """Draws words for one picture; `kept_used` tells whether one of the kept part was among them."""

    def __init__(self, rng: random.Random, split: str):
        self.rng = rng
        self.split = split
        self.kept_used = False

    def held_out_with(self, family: Family) -> set[str]:
        """What of a picture that is set in a family with these words is kept for judging."""
        return ({"font"} if family.kept else set()) | ({"words"} if self.kept_used else set())

    def pick(self, words: Sequence[str]) -> str:
        """One word or phrase of a list; in the test split mostly of the kept part."""
        usual, kept = _parted(words)
        if self.split == "test" and kept and self.rng.random() < 0.75:
            self.kept_used = True
            return self.rng.choice(kept)
        return self.rng.choice(usual)

    def sample(self, words: Sequence[str], count: int) -> list[str]:
        """Different words of a list, in the list's order; at most as many as it has for this split."""
        usual, kept = _parted(words)
        pool = list(dict.fromkeys((*usual, *kept) if self.split == "test" else usual))
        chosen = set(self.rng.sample(pool, min(count, len(pool))))
        self.kept_used |= self.split == "test" and bool(chosen & set(kept))
        return [word for word in dict.fromkeys(words) if word in chosen]

    def invented(self) -> str:
        """A pronounceable word that no list has, in small letters."""
        while True:
            parts = self.rng.choice((1, 1, 2, 2, 3))
            word = "".join(self._syllable() for _ in range(parts)) + self.rng.choice(ENDINGS)
            if len(word) <= 12 and self._allowed(word):
                return word

    def _syllable(self) -> str:
        return self.rng.choice(ONSETS) + self.rng.choice(VOWELS) + self.rng.choice(CODAS)

    def letters(self) -> str:
        """Three to eight letters in no order."""
        while True:
            word = "".join(self.rng.choices(string.ascii_lowercase, k=self.rng.randrange(3, 9)))
            if self._allowed(word):
                return word

    def _allowed(self, word: str) -> bool:
        if any(bad in word for bad in UNFIT):
            return False
        kept = is_kept_apart(word)
        self.kept_used |= kept and self.split == "test"
        return self.split == "test" or not kept

    def open_name(self, words: Sequence[str]) -> str:
        """A capitalised word of a list or, three times in ten, an invented one."""
        if self.rng.random() < INVENTED:
            return (self.invented() if self.rng.random() < 0.8 else self.letters()).capitalize()
        return self.pick(words)

    def first(self) -> str:
        """A first name."""
        return self.open_name(people.FIRST_NAMES)

    def last(self) -> str:
        """A family name."""
        return self.open_name(people.SURNAMES)

    def person(self) -> str:
        """A name as forms have it."""
        first, last = self.first(), self.last()
        shape = self.rng.random()
        if shape < 0.6:
            return f"{first} {last}"
        if shape < 0.72:
            return first
        if shape < 0.8:
            return f"{first[0]}. {last}"
        if shape < 0.86:
            return f"{first} {self.rng.choice(string.ascii_uppercase)}. {last}"
        if shape < 0.93:
            return f"{self.rng.choice(('Dr.', 'Mr.', 'Mrs.', 'Ms.', 'Prof.'))} {last}"
        return f"{last}, {first}"

    def city(self) -> str:
        """A town."""
        return self.open_name(people.CITIES)

    def country(self) -> str:
        """A country."""
        return self.pick(people.COUNTRIES)

    def street(self) -> str:
        """A street and a number, in either order."""
        stem = self.open_name(people.STREET_STEMS)
        road = f"{stem} {self.rng.choice(people.STREET_TYPES)}"
        number = self.rng.randrange(1, 250)
        return f"{number} {road}" if self.rng.random() < 0.6 else f"{road} {number}"

    def place(self) -> str:
        """A town with its postal code."""
        code = "".join(self.rng.choices(string.digits, k=self.rng.choice((4, 5, 5))))
        return f"{code} {self.city()}" if self.rng.random() < 0.7 else f"{self.city()} {code}"

    def company(self) -> str:
        """A firm."""
        shape = self.rng.random()
        if shape < 0.4:
            return f"{self.last()} {self.rng.choice(people.COMPANY_ENDS)}"
        if shape < 0.6:
            return f"{self.last()} & {self.rng.choice(('Sons', 'Co', 'Partners', self.last()))}"
        field, end = self.pick(things.TOPICS), self.rng.choice(people.COMPANY_ENDS)
        return f"{self.open_name(people.CITIES)} {field} {end}"

    def thing(self, words: Sequence[str]) -> str:
        """A ware, a dish or a subject, three times in ten with an invented part."""
        phrase = self.pick(words)
        if self.rng.random() < INVENTED:
            invented = self.invented().capitalize()
            return invented if self.rng.random() < 0.5 else f"{invented} {phrase.split()[-1]}"
        return phrase

    def word(self) -> str:
        """A common word in small letters, or an invented one."""
        return self.pick(common_words()) if self.rng.random() > INVENTED / 2 else self.invented()

    def title(self, count: int) -> str:
        """So many words, each with a capital."""
        return " ".join(self.word().capitalize() for _ in range(count))

    def sentence(self, count: int) -> str:
        """So many words that mean nothing together, with a capital and a full stop."""
        words = [self.word() for _ in range(count)]
        for k in range(3, count - 2):
            if self.rng.random() < 0.1:
                words[k] += ","
        text = " ".join(words)
        return f"{text[0].upper()}{text[1:]}{self.rng.choice('....!?')}"
