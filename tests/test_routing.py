"""Reading the router's reply, and the probabilities of its letters."""

import numpy as np
import pytest

from mova.errors import QuestionRefused
from mova.language.routing import (
    LetterTable,
    StepProbabilities,
    certain_experts,
    forced_routing,
    parse_reply,
    routing_from_steps,
)
from mova.request import check_experts


@pytest.mark.parametrize(
    ("begun", "certain"),
    [
        ("", ""), ("A", ""), ("A,", "A"), ("A,C", "A"), ("A,C,G", "AC"), ("A,C,G,", "ACG"), ("An", ""),
        ("A. Then G", "A"), ("none", ""), ("A,A,", "A"), ("A,B,C,D,", "ABC"), ("A,B,,D,", "AB"),
    ],
)  # fmt: skip
def test_a_letter_is_certain_when_something_stands_behind_it(begun, certain):
    assert certain_experts(begun) == tuple(certain)
    for more in ("", "B", "z", ",F,", " of the"):
        assert parse_reply(begun + more)[: len(certain)] == tuple(certain)


@pytest.mark.parametrize(
    ("reply", "experts"),
    [
        ("E,D", "ED"),
        ("A, B", "AB"),
        ("none", ""),
        ("None", ""),
        ("", ""),
        ("Answer: C", "C"),
        ("NONE", ""),
        ("DEPLOT", ""),
        ("ABCDEFG", ""),
        ("Bad", ""),
        ("a,b", ""),
        ("H", ""),
        ("A1", ""),
        ("G,G,A", "GA"),
        ("B,B,B,C", "B"),
        ("A,B,C,D", "ABC"),
        ("A B C D", "ABC"),
        (",,,A", ""),
        ("E,,D,G", "ED"),
        ("A.B", "AB"),
        ("A_B", "AB"),
        ("(D)", "D"),
        ("éA", ""),
    ],
)
def test_reply_reader(reply, experts):
    assert parse_reply(reply) == tuple(experts)


@pytest.mark.parametrize(
    ("letters", "word"),
    [(["H"], "'H'"), (["AB"], "'AB'"), ([""], "no expert"), (["a"], "'a'"), ([3], "'3'"), ([None], "None"),
     (["A", "A"], "twice"), (["A", "B", "C", "D"], "at most 3")],
)  # fmt: skip
def test_wrong_experts_are_refused_in_a_sentence(letters, word):
    with pytest.raises(QuestionRefused, match=word):
        check_experts(letters)


def test_forced_routing_did_not_ask_the_router():
    routing = forced_routing(check_experts(["E", "D"]))
    assert (routing.reply, routing.probabilities, routing.forced) == (None, None, True)
    assert routing.experts == ("E", "D")
    assert forced_routing(check_experts([])).experts == ()


def step(none: float = 0.0, **letters: float) -> StepProbabilities:
    return StepProbabilities(tuple(letters.get(letter, 0.0) for letter in "ABCDEFG"), none)


def test_each_letter_has_the_probability_of_its_own_step():
    steps = [step(E=0.7, D=0.2, A=0.1), step(), step(D=0.9, E=0.05, A=0.01), step()]
    routing = routing_from_steps(["E", "E,", "E,D", "E,D"], steps)
    assert routing.reply == "E,D" and routing.experts == ("E", "D")
    assert routing.probabilities == (0.1, 0.0, 0.0, 0.9, 0.7, 0.0, 0.0)


def test_the_first_letter_step_counts_not_the_first_step():
    steps = [step(A=0.3), step(C=0.8, A=0.1, none=0.05)]
    routing = routing_from_steps(["Answer: ", "Answer: C"], steps)
    assert routing.probabilities[0] == 0.1 and routing.probabilities[2] == 0.8
    assert routing.none_probability == 0.05


def test_none_keeps_the_first_step():
    routing = routing_from_steps(["none", "none"], [step(none=0.6, B=0.3), step(B=0.9)])
    assert routing.experts == () and routing.none_probability == 0.6 and routing.probabilities[1] == 0.3


def test_an_empty_reply_has_no_probabilities():
    routing = routing_from_steps([], [])
    assert (routing.reply, routing.experts, routing.probabilities) == ("", (), None)


class WordTokenizer:
    """A vocabulary written out: encoding takes the longest entry, special entries have no text."""

    words = ("<s>", "D", " D", ",D", "DE", "none", " None", "no", "ne", ", D", "E", "None", "<0x41>")

    def __len__(self):
        return len(self.words)

    def __call__(self, text, add_special_tokens=True):
        ids = []
        while text:
            word = max((w for w in self.words if text.startswith(w)), key=len, default=text[0])
            ids.append(self.words.index(word) if word in self.words else 11)
            text = text[len(word) :]
        return type("Encoding", (), {"input_ids": ids})

    def convert_ids_to_tokens(self, ids):
        return [self.words[i] for i in ids]

    def decode(self, ids):
        return "".join({"<s>": "", "<0x41>": "A"}.get(self.words[i], self.words[i]) for i in ids)


def test_letter_table_sums_spellings_of_a_letter():
    table = LetterTable.from_tokenizer(WordTokenizer())
    assert table.letters[3] == (1, 2, 3, 9) and table.letters[4] == (10,) and table.letters[0] == (12,)
    assert table.letters[1] == ()
    assert set(table.none) == {5, 6, 11}
    probabilities = np.full(len(WordTokenizer.words), 1 / 13)
    read = table.read(probabilities)
    assert read.letters[3] == pytest.approx(4 / 13) and read.none == pytest.approx(3 / 13)
