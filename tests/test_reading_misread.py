"""Words that are read right though one of their letters was not: a likely token decides, at a price."""

import torch

from mova.vision.chances import Chances
from mova.vision.cutting import cut_into_tokens
from mova.vision.experts.reader import ALPHABET
from mova.vision.letters import PLACES, Letter
from mova.vision.spelling import Spelling

BAND, FIRST, PITCH = 2, 42, 4
NONE = 0


class Line:
    """Letters read in a line, `pitch` columns apart, with what else may stand there and which tokens end
    where: a token's log chance by its text and the place of its last letter."""

    def __init__(self, said, tokens, pitch=PITCH, sure=0.99):
        words = list(dict.fromkeys([*(word for word, _ in tokens), *said]))
        self.spelling = Spelling({word: k for k, word in enumerate(words, start=1)})
        self.letters = [Letter(BAND, FIRST + pitch * k, one, sure) for k, one in enumerate(said)]
        self.tokens = torch.full((2, PLACES, len(words) + 1), -9.0)
        self.characters = torch.full((4, PLACES, len(ALPHABET) + 1), -20.0)
        for letter in self.letters:
            self.may_be(letter.column, letter.character, 0.0)
        for (word, last), chance in tokens.items():
            self.tokens[BAND // 2, self.letters[last].column, self.spelling.tokens[word]] = chance

    def may_be(self, column, character, chance):
        """Says how likely a character is in a column; "" is none."""
        place = 1 + ALPHABET.index(character) if character else NONE
        self.characters[BAND, column, place] = chance
        return self

    @property
    def text(self):
        return self.cut()

    def cut(self, **how):
        chances = Chances(self.tokens, self.characters, ALPHABET)
        cut = cut_into_tokens(self.letters, chances, self.spelling, **how)
        return "".join(self.spelling.texts[token] for piece in cut for token in piece.tokens)


def column(place, pitch=PITCH):
    return FIRST + pitch * place


def test_a_letter_is_another_where_a_likely_token_has_that():
    tokens = {(" Serbia", 5): -0.1, (" Sor", 2): -4.0, ("bia", 5): -4.0}
    assert Line("Sorbia", tokens).may_be(column(1), "e", -3.0).text == " Serbia"
    assert Line("Sorbia", tokens).text == " Sorbia", "nothing speaks for an e"
    assert Line("Sorbia", tokens).may_be(column(1), "e", -3.0).cut(mending=False) == " Sorbia"
    unlikely = tokens | {(" Serbia", 5): -4.0}
    assert Line("Sorbia", unlikely).may_be(column(1), "e", -1.0).text == " Sorbia"
    two = Line("Sorbla", tokens).may_be(column(1), "e", -1.0).may_be(column(4), "i", -1.0)
    assert "Serbia" not in two.text, "but for one letter, not two"


def test_a_missed_letter_is_written_where_its_ink_was_seen():
    tokens = {(" Chemistry", 7): -0.1, (" Chem", 3): -4.0, ("stry", 7): -4.0}
    assert Line("Chemstry", tokens).may_be(column(3) + 2, "i", -3.0).text == " Chemistry"
    assert Line("Chemstry", tokens).text == " Chemstry"
    assert Line("Chemstry", tokens).may_be(column(5) + 2, "i", -3.0).text == " Chemstry", "it stood elsewhere"


def test_a_letter_where_there_is_none_is_left_out():
    tokens = {(" Health", 6): -0.1, (" Hle", 2): -4.0, ("alth", 6): -4.0}
    assert Line("Hlealth", tokens).may_be(column(1), "", -3.0).text == " Health"
    assert Line("Hlealth", tokens).text == " Hlealth"


def test_a_letter_of_the_token_beside_is_no_missed_one():
    """Nor|man: the m is wide, and beside it one is likely; " Norm" and "man" share it."""
    tokens = {(" Norm", 3): -0.1, ("man", 5): -0.1, (" Nor", 2): -8.0}
    line = Line("Norman", tokens).may_be(column(3) + 1, "m", -0.1)
    assert line.text == " Norman"


def test_a_missed_letter_may_begin_a_line():
    tokens = {(" Ida", 1): -0.1, (" da", 1): -5.0}
    line = Line("da", tokens)
    assert line.text == " da"
    assert line.may_be(column(0) - 3, "I", -2.0).text == " Ida"


def test_letters_as_they_were_read_are_kept_where_their_tokens_are_as_likely():
    tokens = {(" income", 5): -1.5, (" Income", 5): -1.0}
    assert Line("income", tokens).may_be(column(0), "I", -1.0).text == " income"
