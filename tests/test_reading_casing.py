"""Letters of one ink: which of two a letter is, the rest of its word says; and the blank before a number."""

import pytest
import torch

from mova.vision.casing import meant, settled
from mova.vision.chances import Chances
from mova.vision.cutting import cut_into_tokens
from mova.vision.experts.reader import ALPHABET
from mova.vision.letters import PLACES, Letter
from mova.vision.spelling import Spelling

READ = {
    "STOcK": "STOCK", "cOSTS": "COSTS", "TooCKEX'S": "TOOCKEX'S", "TAXl": "TAXI", "PANvY": "PANVY",
    "ShOpping": "Shopping", "(sCore)": "(score)", "lgor": "Igor", "(lda)": "(Ida)", "Pub-lnn": "Pub-Inn",
    "1l:01": "11:01", "O0:00": "00:00", "$1,2O0": "$1,200", "192.l68": "192.168",
}  # fmt: skip
AS_THEY_ARE = (
    "No", "So", "US", "Us", "TVs", "DVDs", "(DVDs),", "MHz", "kWh", "McCarthy", "(McCoy)", "MacOS", "(Score)",
    "lion", "llama", "I", "I.", "l", "|", "-", "x", "", "YouTube", "1995", "B1", "(lO)", "AO12", "INV-2024-O",
    "0,5l", "1l", "100l", "5,5l/100", "I-95", "O2", "II/2024", "I.1", "IO1", "O(1)", "10|20|30", "MENU|HOME",
    "Dipl.-Ing.", "Check-In", "Tourist-Info", "Type-II", "VW-Bus", "Name/Vorname", "T-Shirt", "Köln-Ost",
    "O'Connor", "St.Olaf", "Bed-Box", "KATE's",
)  # fmt: skip
WHERE_SURE = ("JavaScript", "sRGB", "LinkedIn", "PlayStation", "SOlD", "ldap", "DeVito")


def meant_by(word, sure=0.9):
    return meant(word, [sure] * len(word))


@pytest.mark.parametrize(("read", "instead"), READ.items())
def test_a_word_says_which_of_two_letters_of_one_ink_it_has(read, instead):
    assert meant_by(read) == instead


@pytest.mark.parametrize("word", AS_THEY_ARE)
def test_words_that_say_nothing_of_their_letters_stay(word):
    assert meant_by(word) == word


@pytest.mark.parametrize("word", WHERE_SURE)
def test_what_is_sure_stays_where_words_are_written_so(word):
    assert meant_by(word, sure=0.99) == word
    assert meant_by("STOcK", sure=0.99) == "STOCK", "a small letter among capitals is read so more often"


def test_only_the_letters_of_the_word_are_changed():
    letters = [Letter(2, 3 * k, one, 0.9) for k, one in enumerate("STOcKcO")]
    found = settled(letters, [(0, 5)])
    assert "".join(letter.character for letter in found) == "STOCKcO"
    assert [letter.column for letter in found] == [letter.column for letter in letters]


def cut(read, steps, tokens, mending=True):
    """The text of letters that stand `steps` columns after each other; tokens: log chance by text and the
    place of the letter where it ends (a blank: in the gap before that)."""
    columns = [40 + sum(steps[:k]) for k in range(len(read))]
    letters = [Letter(2, column, one, 0.9) for one, column in zip(read, columns, strict=True)]
    texts = list(dict.fromkeys([*(text for text, _ in tokens), *read]))
    spelling = Spelling({text: k for k, text in enumerate(texts, start=1)})
    chances = torch.full((2, PLACES, len(texts) + 1), -9.0)
    for (text, last), chance in tokens.items():
        chances[1, columns[last] - (text == " "), spelling.tokens[text]] = chance
    characters = torch.full((4, PLACES, len(ALPHABET) + 1), -20.0)
    found = cut_into_tokens(letters, Chances(chances, characters, ALPHABET), spelling, mending)
    return "".join(spelling.texts[token] for piece in found for token in piece.tokens)


def test_a_line_is_cut_anew_where_a_word_decides_its_letters():
    tokens = {(" STO", 2): -0.1, ("cK", 4): -0.1, (" STOCK", 4): -2.0, (" no", 6): -0.1}
    assert cut("STOcKno", [3] * 7, tokens) == " STOCK no"
    assert cut("STOcKno", [3] * 7, tokens, mending=False) == " STOcK no"


def test_a_blank_before_a_digit_may_be_as_narrow_as_a_letter_where_it_is_all_but_certain():
    def date(chance, last=":", step=3):
        tokens = {(" on" + last, 2): -0.1, ("8", 3): -0.1, (" ", 3): chance}
        return cut(f"on{last}8", [3, 3, step], tokens)

    assert date(-0.001) == " on: 8"
    assert date(-0.2) == " on:8", "likely is not enough where letters are as near"
    assert date(-0.2, step=5) == " on: 8"
    assert date(-0.001, step=2) == " on:8", "too near for any blank"
    assert date(-0.001, last="-") == " on-8", "a sign has air around it"
