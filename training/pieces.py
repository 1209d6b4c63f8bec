"""The tokens a reader may write: two thousand of the LLM's own, out of which any printable ASCII is made.

    python -m training.pieces          counts again what the makers write; pieces.json is what is used

Texts are encoded with the LLM's merges restricted to those that lead to these tokens: a common word stays
one token, any other falls to shorter pieces, at last to its characters.
"""

import argparse
import json
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from tokenizers import Tokenizer

from training.layout import KINDS
from training.makers.catalogue import draw
from training.pictures.drawing import DOMAINS
from training.pictures.drawing import draw as draw_scene

FILE = Path(__file__).with_name("pieces.json")
SIZE = 2048
BLANK = "  "  # stands where nothing is; a single blank is something that is written, before digits
SPACE, NEWLINE = " ", "\n"
PRINTABLE = string.ascii_letters + string.digits + string.punctuation
# Pictures of each maker that are counted, and how much one of their words weighs.
COUNTED = {"lines": 3000, "documents": 1500, "signs": 1500, "windows": 1000, "charts": 300}
SCENES = 250


class Pieces:
    """The LLM's tokenizer narrowed to a list of its tokens.

    `ids` are the tokens' ids in the LLM, blank and new line first; their places in it are what a reader's
    head is asked for.
    """

    def __init__(self, tokenizer, tokens: list[str] | None = None):
        self.tokenizer = tokenizer
        tokens = json.loads(FILE.read_text()) if tokens is None else tokens
        self.ids = tokenizer.convert_tokens_to_ids(tokens)
        assert None not in self.ids and tokenizer.unk_token_id not in self.ids, "no token of this LLM"
        self.blank, self.space, self.newline = (self._single(text) for text in (BLANK, SPACE, NEWLINE))
        assert self.ids[:2] == [self.blank, self.newline]
        self._narrow = narrowed(tokenizer, set(tokens))

    def _single(self, text: str) -> int:
        found = self.tokenizer(text, add_special_tokens=False).input_ids
        assert len(found) == 1, f"{text!r} is {len(found)} tokens, one was expected"
        return found[0]

    @cached_property
    def index(self) -> dict[int, int]:
        """Place in the list of every id."""
        return {token: place for place, token in enumerate(self.ids)}

    @cached_property
    def texts(self) -> list[str]:
        """What each piece spells."""
        return [self.tokenizer.decode([token]) for token in self.ids]

    @cached_property
    def places(self) -> dict[str, int]:
        """Place in the list of every text that is written: blank and new line are not."""
        return {text: place for place, text in enumerate(self.texts) if place > 1}

    def encode(self, text: str) -> list[tuple[int, int, int]]:
        """(token id, start, end) of each piece of a text; start and end are places in the text."""
        encoded = self._narrow.encode(text, add_special_tokens=False)
        return [(token, *span) for token, span in zip(encoded.ids, encoded.offsets, strict=True)]

    def text_of(self, ids: Iterable[int]) -> str:
        """What token ids say, empty cells left out."""
        return self.tokenizer.decode([token for token in ids if token != self.blank])

    def ids_of(self, text: str) -> list[int]:
        """The token ids of a text."""
        return [token for token, _, _ in self.encode(text)]


def merges_of(tokenizer) -> list[tuple[str, str]]:
    """The LLM's merges in order."""
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    return [tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge) for merge in merges]


def narrowed(tokenizer, tokens: set[str]) -> Tokenizer:
    """The LLM's tokenizer without the merges that lead to other tokens; ids stay the LLM's."""
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    kept = [list(pair) for pair in merges_of(tokenizer) if pair[0] + pair[1] in tokens]
    state["model"]["merges"] = kept
    return Tokenizer.from_str(json.dumps(state))


def with_ancestors(tokens: Iterable[str], parents: dict[str, tuple[str, str]]) -> set[str]:
    """The tokens and all that they are merged from."""
    found, waiting = set(), list(tokens)
    while waiting:
        token = waiting.pop()
        if token not in found:
            found.add(token)
            waiting += parents.get(token, ())
    return found


def choose(tokenizer, counts: Counter[str], size: int = SIZE) -> list[str]:
    """`size` tokens at most: all printable ASCII with and without a blank before it, then the commonest."""
    parents: dict[str, tuple[str, str]] = {}
    for pair in merges_of(tokenizer):
        parents.setdefault(pair[0] + pair[1], pair)
    needed = [*PRINTABLE, *(f"Ġ{mark}" for mark in PRINTABLE if not mark.isdigit()), "Ġ", "Ċ"]
    needed += [f"Ġ{word.strip()}" for word in KINDS.values()]
    chosen = with_ancestors(needed, parents)
    for token, _ in counts.most_common():
        more = with_ancestors([token], parents) - chosen
        if len(chosen) + len(more) < size:
            chosen |= more
    first = ["Ġ" * len(BLANK), "Ċ"]
    return first + sorted(chosen - set(first), key=lambda token: (-counts[token], token))


def written_texts() -> Iterator[str]:
    """What stands on the makers' training pictures and on those of the first recipe."""
    for maker, pictures in COUNTED.items():
        for seed in range(pictures):
            picture = draw(maker, seed, "train")
            yield from (run.text for run in picture.runs)
            yield from (question.answer for question in picture.questions)
    for domain in DOMAINS:
        for seed in range(SCENES):
            drawing = draw_scene(domain, seed, "train")
            yield from (label.text for labels in drawing.labels.values() for label in labels)


def count(tokenizer, texts: Iterable[str]) -> Counter[str]:
    """How often each of the LLM's tokens is needed for texts that begin with a blank."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(tokenizer.tokenize(f" {text}"))
    return counts


def main() -> None:
    """Command line."""
    from transformers import AutoTokenizer

    parser = argparse.ArgumentParser(prog="python -m training.pieces", description=__doc__)
    parser.add_argument(
        "--llm", type=Path, default=Path("assets/mova-tiny"), help="folder with the tokenizer"
    )
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.llm)
    tokens = choose(tokenizer, count(tokenizer, written_texts()))
    FILE.write_text(json.dumps(tokens, ensure_ascii=True, indent=0) + "\n")
    print(f"{len(tokens)} tokens")


if __name__ == "__main__":
    main()
