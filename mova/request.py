"""What a person may ask: the question, the experts, how the answer is chosen; checked here and nowhere else.

Plain data without torch: the page, the command line and the engine check with the same functions. What is
refused raises QuestionRefused with a sentence that names what is at fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mova.errors import QuestionRefused
from mova.images import CheckedImage
from mova.language.prompts import Turn
from mova.vision.experts.pool import LETTERS, MAX_EXPERTS

MOST_CHARACTERS = 20_000
MOST_NEW_TOKENS = 4096


def check_number(name: str, value: Any, low: float, high: float, whole: bool = False) -> None:
    """Raises QuestionRefused unless `value` is a (whole) number from `low` to `high`."""
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not number or not low <= value <= high:  # so is what is no number or not finite
        kind = "whole number" if whole else "number"
        raise QuestionRefused(f"The {name} must be a {kind} from {low:,} to {high:,}, not {value!r:.40}.")


@dataclass(frozen=True)
class Decoding:
    """How an answer is chosen: greedy at temperature 0, else sampled from the smallest set of tokens
    whose probabilities sum to `top_p`, reproducibly for one `seed`. Raises QuestionRefused."""

    max_new_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self):
        check_number("number of new tokens", self.max_new_tokens, 1, MOST_NEW_TOKENS, whole=True)
        check_number("temperature", self.temperature, 0, 100)
        check_number("top-p", self.top_p, 0, 1)
        check_number("seed", self.seed, 0, 2**63 - 1, whole=True)


@dataclass(frozen=True)
class Settings:
    """How a question is answered. `experts` None means that the router chooses, () the base encoder alone,
    letters that exactly these look."""

    experts: tuple[str, ...] | None = None
    decoding: Decoding = Decoding()


@dataclass(frozen=True)
class Request:
    """One checked question and everything that came with it; `history` are the earlier turns about the
    same picture."""

    question: str
    image: CheckedImage | None = None
    history: tuple[Turn, ...] = ()
    settings: Settings = Settings()


def check_question(question: object, most: int = MOST_CHARACTERS) -> str:
    """The question without blanks around it; raises QuestionRefused when it is empty or longer than `most`
    characters."""
    if not isinstance(question, str) or not question.strip():
        raise QuestionRefused("The question is empty. Write what you would like to know.")
    if len(question) > most:
        raise QuestionRefused(
            f"The question is longer than {most:,} characters, the most that is read. Shorten it."
        )
    return clean(question).strip()


def clean(text: str) -> str:
    """Text without lone surrogates, which JSON can carry and no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def named_experts(text: str) -> tuple[str, ...]:
    """`E,D` or `e, d` -> ("E", "D"); `none` -> (). Raises QuestionRefused."""
    letters = [letter.strip().upper() for letter in text.split(",")]
    return () if letters == ["NONE"] else check_experts(letters)


def check_experts(letters: Sequence[object], most: int = MAX_EXPERTS) -> tuple[str, ...]:
    """A person's own choice of experts, checked: known letters, each once, at most `most`.

    Raises QuestionRefused with a sentence that names the letter at fault.
    """
    known: list[str] = []
    for letter in letters:
        if not isinstance(letter, str) or len(letter) != 1 or letter not in LETTERS:
            raise QuestionRefused(
                f"There is no expert {str(letter)[:20]!r}. Experts are the letters A to G: choose up to"
                f" {most} of them, or none for the base encoder alone."
            )
        known.append(letter)
    if len(set(known)) < len(known):
        raise QuestionRefused(f"An expert was named twice in {', '.join(known)}. Name each letter once.")
    if len(known) > most:
        raise QuestionRefused(
            f"{len(known)} experts were named ({', '.join(known)}); at most {most} can look at a"
            " picture. Leave some out, or let the router choose."
        )
    return tuple(known)
