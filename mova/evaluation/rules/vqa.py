"""VQAv2's and TextVQA's soft accuracy over ten people's answers."""

import re
from collections.abc import Sequence
from statistics import fmean

from mova.evaluation.rules.target import Answers

HUMANS = 10  # people who answer one question of VQAv2 and TextVQA

# The marks, words and contractions of the official evaluation.
_MARKS = ';/[]"{}()=+\\_-><@`,?!'
_DIGIT_COMMA = re.compile(r"\d,\d")
# Published as (?!<=\d)(\.)(?!\d): its first group asks nothing of a full stop.
_FULL_STOP = re.compile(r"\.(?!\d)")
# Published as `sub("", text, re.UNICODE)`: that place is the count's, and the flag is worth 32.
_MOST_FULL_STOPS = 32
_NUMBERS = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten".split())
} | {"none": "0"}
_ARTICLES = {"a", "an", "the"}
# The published list without I'd've, I'm, I've: it looks words up in lower case and never finds them.
_CONTRACTIONS = (
    "ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't"
    " he'd he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've"
    " mustn't must've needn't not've o'clock oughtn't 'ow's'at shan't she'd've should've shouldn't"
    " shouldn't've somebody'd've somebody'll somebody's someone'd someone'd've someone'll someone's"
    " something'd something'd've something'll that's there'd there'd've there're there's they'd they'd've"
    " they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's"
    " where'd where's where've who'd who'd've who'll who's who've why'll why're why's won't would've"
    " wouldn't wouldn't've y'all y'all'll y'all'd've you'd you'd've you'll you're you've"
).split()
_SPELLED = {
    word[:place] + word[place + 1 :]: word
    for word in _CONTRACTIONS
    for place, mark in enumerate(word)
    if mark == "'"
} | {"somebody'd": "somebodyd"}  # as published, the only one that loses its apostrophe


def vqa(reply: str, answers: Answers) -> float:
    """VQAv2's soft accuracy: the mean, over every person left out, of min(1, equal others / 3).

    Where people disagree, punctuation, number words, articles and contractions are evened out first; where
    all agree, only case is. One answer alone counts as ten equal ones. Source: GT-Vision-Lab/VQA,
    vqaEval.py, in its last version. Case is ours where all agree: the script tells it apart, and LLaVA
    lower-cases what it submits (scripts/convert_vqav2_for_submission.py).
    """
    people = [_one_line(answer) for answer in _ten(answers)]
    even = _even if len(set(people)) > 1 else str.lower
    return _agreement(even(_one_line(reply)), [even(answer) for answer in people])


def textvqa(reply: str, answers: Answers) -> float:
    """TextVQA's soft accuracy: as VQAv2's, but reply and answers are always evened out.

    Before that, commas and question marks are dropped and a blank is put before every 's. One answer alone
    counts as ten equal ones. Source: LLaVA's llava/eval/m4c_evaluator.py, `EvalAIAnswerProcessor` and
    `TextVQAAccuracyEvaluator`, which are Pythia's.
    """
    return _agreement(_tokenised(reply), [_tokenised(answer) for answer in _ten(answers)])


def _ten(answers: Answers) -> Answers:
    return answers * HUMANS if len(answers) == 1 else answers


def _agreement(said: str, people: Sequence[str]) -> float:
    """The mean over people of how far the others, three of whom are enough, said the same."""
    equal = people.count(said)
    return fmean(min(1.0, (equal - (answer == said)) / 3) for answer in people)


def _one_line(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ").strip()


def _tokenised(text: str) -> str:
    text = text.lower().replace(",", "").replace("?", "").replace("'s", " 's").strip()
    return _even(_one_line(text))


def _even(text: str) -> str:
    """What VQA compares: marks, number words, articles and apostrophes as its evaluation leaves them."""
    comma_in_number = _DIGIT_COMMA.search(text)
    kept = text
    for mark in _MARKS:
        beside_blank = f"{mark} " in text or f" {mark}" in text
        kept = kept.replace(mark, "" if beside_blank or comma_in_number else " ")
    kept = _FULL_STOP.sub("", kept, count=_MOST_FULL_STOPS)
    words = (_NUMBERS.get(word, word) for word in kept.lower().split())
    return " ".join(_SPELLED.get(word, word) for word in words if word not in _ARTICLES)
