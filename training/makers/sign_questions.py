"""Questions about signs: what they say, their lines, words and numbers, and what is not on them."""

import random
import re

from training.pictures.asking import DESCRIBE, SAYS, WHAT, Phrasings, ask, without_experts
from training.pictures.records import Question
from training.pictures.signs import FIRST, NUMBER, READ

SECOND = Phrasings(
    ("What does the second line say?", "What is written below?", "Read the second line.",
     "What stands in the lower line?", "What is in the line below?", "What does the lower line say?"),
    ("What do you read second?", "What stands at the bottom?"),
)  # fmt: skip
MORE_READ = Phrasings(
    ("What does this {x} say?", "what does the {x} say", "Read what is on the {x}.", "What's on the {x}?",
     "Which text is on the {x}?", "What text does the {x} have?", "Copy the text of the {x}.",
     "What is printed on the {x}?", "Tell me the words on the {x}.", "Spell out the {x}.",
     "I cannot read the {x}. What does it say?", "Please read this {x}."),
    ("What have they put on the {x}?", "What would I read on the {x}?"),
)  # fmt: skip
PRICE = Phrasings(
    ("What is the price?", "How much is it?", "What does it cost?", "Which price is on it?",
     "How much does it cost?"),
    ("What would I pay?", "Which price do they ask?"),
)  # fmt: skip
LAST_WORD = Phrasings(
    ("What is the last word?", "Which word comes last?", "Read the last word."),
    ("With which word does it end?",),
)  # fmt: skip
FIRST_WORD = Phrasings(
    ("What is the first word?", "Which word comes first?", "Read the first word."),
    ("With which word does it begin?",),
)  # fmt: skip
MONEY = re.compile(r"(\$|USD|EUR|GBP|CHF) ?\d|\d ?(USD|EUR|GBP|CHF)")


def questions_about(rng: random.Random, split: str, sign) -> tuple[Question, ...]:
    """Three to seven questions about one sign."""

    def add(phrasings: Phrasings, answer: str, kind: str, **filled: str) -> None:
        questions.append(ask(rng, split, phrasings, answer, "D", kind, **filled))

    questions: list[Question] = []
    add(READ, sign.text, "read", x=sign.noun)
    add(rng.choice((SAYS, MORE_READ)), sign.text, "read", x=rng.choice(("sign", sign.noun)))
    if rng.random() < 0.4:
        add(rng.choice((SAYS, MORE_READ, READ)), sign.text, "read", x=sign.noun)
    numbers = re.findall(r"\d+", sign.text)
    money = next((line for line in sign.lines if MONEY.search(line)), "")
    if len(numbers) == 1 and not money:
        add(NUMBER, numbers[0], "sign number", x=sign.noun)
    if money and " " not in money:
        add(PRICE, money, "sign price")
    if len(sign.lines) == 2:
        add(FIRST if sign.lines[0].count(" ") == 0 else _whole_lines(FIRST), sign.lines[0], "first line")
        add(SECOND, sign.lines[1], "second line")
    words = sign.text.split()
    if len(words) > 1 and rng.random() < 0.3:
        first = rng.random() < 0.5
        add(FIRST_WORD if first else LAST_WORD, words[0] if first else words[-1], "word")
    if rng.random() < 0.2:
        add(WHAT, f"a {sign.noun}", "what")
    if rng.random() < 0.12:
        add(DESCRIBE, f"A {sign.noun} that says {sign.text}.", "describe")
    if rng.random() < 0.2:
        questions.append(without_experts(rng, split, "D"))
    rng.shuffle(questions)
    return tuple(questions)


def _whole_lines(phrasings: Phrasings) -> Phrasings:
    """The phrasings that ask for a line and not for a word."""
    lines = tuple(text for text in phrasings.train if "word" not in text)
    return Phrasings(lines, phrasings.held_out)
