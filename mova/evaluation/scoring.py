"""The benchmarks' rules: a reply and what was expected -> a score from 0 to 1. Pure text and numbers.

`RULES` is the one table: the kinds a question file may name. `EXTRAS` are numbers that some benchmarks
report beside the mean score, over all replies of the kind. A reply is None for a question that could not
be asked: it counts as wrong.
"""

import re
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

from mova.language.boxes import Box, iou, read_boxes

Answers = tuple[str, ...]
Target = Answers | Box

HUMANS = 10  # people who answer one question of VQAv2 and TextVQA
ANLS_THRESHOLD = 0.5
RELAXED_CHANGE = 0.05
IOU_THRESHOLD = 0.5


def score(kind: str, reply: str | None, target: Target) -> float:
    """The score of one reply under the rule `kind`, from 0 to 1."""
    return 0.0 if reply is None else RULES[kind](reply, target)


def exact(reply: str, answers: Answers) -> float:
    """1 where the reply equals an answer but for case, blanks around it and one final full stop."""
    return float(_plain(reply) in map(_plain, answers))


def _plain(text: str) -> str:
    return text.strip().removesuffix(".").rstrip().casefold()


# VQA: the marks, words and contractions of the official evaluation.
_MARKS = ';/[]"{}()=+\\_-><@`,?!'
_DIGIT_COMMA = re.compile(r"\d,\d")
# Published as (?!<=\d)(\.)(?!\d): its first group asks nothing of a full stop.
_FULL_STOP = re.compile(r"\.(?!\d)")
_NUMBERS = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten".split())
} | {"none": "0"}
_ARTICLES = {"a", "an", "the"}
# The published list without I'd've, I'm, I've: it looks words up in lower case and never finds them.
_CONTRACTIONS = (
    "ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't"
    " he'd he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've"
    " mustn't must've needn't not've o'clock oughtn't shan't she'd've should've shouldn't shouldn't've"
    " somebody'd've somebody'll somebody's someone'd someone'd've someone'll someone's something'd"
    " something'd've something'll that's there'd there'd've there're there's they'd they'd've they'll they're"
    " they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's where'd where's"
    " where've who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've"
    " y'all y'all'll y'all'd've you'd you'd've you'll you're you've"
).split()
_SPELLED = {
    word[:place] + word[place + 1 :]: word
    for word in _CONTRACTIONS
    for place, mark in enumerate(word)
    if mark == "'"
}


def vqa(reply: str, answers: Answers) -> float:
    """VQA's soft accuracy over ten people's answers, for VQAv2 and TextVQA.

    The mean, over every person left out, of min(1, equal answers among the others / 3). Where people
    disagree, punctuation, number words, articles and contractions are evened out first; where all agree,
    only case is. One answer alone counts as ten equal ones. Source: GT-Vision-Lab/VQA, vqaEval.py, in the
    version for VQAv2.
    """
    people = [_one_line(answer) for answer in (answers * HUMANS if len(answers) == 1 else answers)]
    even = _even if len(set(people)) > 1 else str.lower
    said, people = even(_one_line(reply)), [even(answer) for answer in people]
    equal = people.count(said)
    return fmean(min(1.0, (equal - (answer == said)) / 3) for answer in people)


def _one_line(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ").strip()


def _even(text: str) -> str:
    """What VQA compares: marks, number words, articles and apostrophes as its evaluation leaves them."""
    comma_in_number = _DIGIT_COMMA.search(text)
    kept = text
    for mark in _MARKS:
        beside_blank = f"{mark} " in text or f" {mark}" in text
        kept = kept.replace(mark, "" if beside_blank or comma_in_number else " ")
    words = (_NUMBERS.get(word, word) for word in _FULL_STOP.sub("", kept).lower().split())
    return " ".join(_SPELLED.get(word, word) for word in words if word not in _ARTICLES)


def anls(reply: str, answers: Answers) -> float:
    """Average normalised Levenshtein similarity, for DocVQA: the best answer's 1 - distance / length.

    Half of the longer text or more to change scores 0. Case and the number of blanks do not count.
    Source: Biten et al. 2019 (arXiv 1907.00490), equation 1, and the DocVQA challenge.
    """
    return max(_similarity(_collapsed(reply), _collapsed(answer)) for answer in answers)


def _similarity(first: str, second: str) -> float:
    share = levenshtein(first, second) / max(len(first), len(second), 1)
    return 1 - share if share < ANLS_THRESHOLD else 0.0


def _collapsed(text: str) -> str:
    return " ".join(text.lower().split())


def levenshtein(first: str, second: str) -> int:
    """Fewest characters to insert, delete or replace that make `second` of `first`."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        above, row = row, [i]
        for j, b in enumerate(second, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


def relaxed(reply: str, answers: Answers) -> float:
    """ChartQA's relaxed accuracy: a number within 5 % of the expected one, any other text equal but for case.

    A final % divides by 100; an expected 0 is compared as text. Source: Masry et al. 2022 (arXiv
    2203.10244), section 5.1, as in pix2struct's metrics.
    """
    return float(any(_relaxed_equal(reply.strip(), answer.strip()) for answer in answers))


def _relaxed_equal(said: str, wanted: str) -> bool:
    number, target = _number(said), _number(wanted)
    if number is None or not target:
        return said.lower() == wanted.lower()
    return abs(number - target) / abs(target) <= RELAXED_CHANGE


def _number(text: str) -> float | None:
    try:
        return float(text.rstrip("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None


def yes_no(reply: str, answers: Answers) -> float:
    """POPE's accuracy: the reply's first sentence says no where it has the word No, no or not, else yes.

    Source: Li et al. 2023 (arXiv 2305.10355), its evaluation script.
    """
    return float(says_yes(reply) == (answers[0] == "yes"))


def says_yes(reply: str) -> bool:
    """Whether POPE reads the reply as a yes; commas are dropped and words parted at blanks, as published."""
    words = reply.strip().partition(".")[0].replace(",", "").split(" ")
    return not {"No", "no", "not"} & set(words)


def yes_no_numbers(replies: Sequence[str | None], targets: Sequence[Answers]) -> dict[str, float | None]:
    """POPE's precision, recall and F1 (yes is positive) and the share of yes; None where undefined."""
    wanted = [answers[0] == "yes" for answers in targets]
    pairs = list(zip(replies, wanted, strict=True))
    said = [not yes if reply is None else says_yes(reply) for reply, yes in pairs]
    right = sum(a and b for a, b in zip(said, wanted, strict=True))
    return {
        "precision": right / sum(said) if any(said) else None,
        "recall": right / sum(wanted) if any(wanted) else None,
        "f1": 2 * right / (sum(said) + sum(wanted)) if any(said + wanted) else None,
        "yes": sum(said) / len(said) if said else None,
    }


def box(reply: str, target: Box) -> float:
    """Accuracy at IoU 0.5, for RefCOCO, RefCOCO+ and RefCOCOg: 1 where the reply's box overlaps enough.

    The first `[x1, y1, x2, y2]` of the reply counts, from 0 to 1 on the picture padded to a centred square
    (MoVA's published format); `target` is on the same square. Source: Yu et al. 2016 (arXiv 1608.00272).
    """
    return float(reply_iou(reply, target) > IOU_THRESHOLD)


def box_numbers(replies: Sequence[str | None], targets: Sequence[Box]) -> dict[str, float | None]:
    """The mean IoU; a reply without a box counts as 0."""
    pairs = zip(replies, targets, strict=True)
    ious = [0.0 if reply is None else reply_iou(reply, target) for reply, target in pairs]
    return {"mean_iou": fmean(ious) if ious else None}


def reply_iou(reply: str, target: Box) -> float:
    """Intersection over union of the reply's first box and the target; 0 without a box."""
    found = read_boxes(reply)
    return iou(found[0], target) if found else 0.0


_LETTER = re.compile(r"([A-Z])[.)]?|([A-Z])\. .*", re.DOTALL)
_ANSWER_IS = re.compile(r"The answer is ([A-Z])\.")


def choice(reply: str, answers: Answers) -> float:
    """Multiple choice by letter, for ScienceQA, AI2D and MMBench: 1 where the reply names the right letter.

    MMBench's circular runs (every order of the options must be right) and its matching by a second model
    are not done. Source: LLaVA's eval_science_qa.py; a letter with `.` or `)` behind it counts too.
    """
    return float(named_letter(reply) == answers[0])


def named_letter(reply: str) -> str | None:
    """The capital letter that is the whole reply, or begins it (`B. `), or that it once calls the answer."""
    text = reply.strip()
    if found := _LETTER.fullmatch(text):
        return found[1] or found[2]
    said = _ANSWER_IS.findall(text)
    return said[0] if len(said) == 1 else None


RULES: dict[str, Callable[[str, Any], float]] = {  # of a reply and the rule's own kind of target
    "exact": exact,
    "vqa": vqa,
    "anls": anls,
    "relaxed": relaxed,
    "yes_no": yes_no,
    "box": box,
    "choice": choice,
}
EXTRAS: dict[str, Callable[[Sequence[str | None], Sequence[Any]], dict[str, float | None]]] = {
    "yes_no": yes_no_numbers,
    "box": box_numbers,
}
