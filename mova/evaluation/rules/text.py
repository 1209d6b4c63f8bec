"""Rules that compare a reply with the right texts: exact, GQA, DocVQA and ChartQA."""

from mova.evaluation.rules.target import Answers

ANLS_THRESHOLD = 0.5
RELAXED_CHANGE = 0.05


def exact(reply: str, answers: Answers) -> float:
    """1 where the reply equals an answer but for case, blanks around it and one final full stop.

    For questions of one's own: no benchmark publishes this rule.
    """
    return float(_plain(reply) in map(_plain, answers))


def _plain(text: str) -> str:
    return text.strip().removesuffix(".").rstrip().casefold()


def gqa(reply: str, answers: Answers) -> float:
    """GQA's accuracy: the reply without its final full stops, in lower case, is the answer, as written.

    Source: the replies as LLaVA's scripts/convert_gqa_for_eval.py writes them, compared as GQA's eval.py
    does (`predicted == gold`).
    """
    return float(reply.strip().rstrip(".").lower() in answers)


def anls(reply: str, answers: Answers) -> float:
    """Average normalised Levenshtein similarity, for DocVQA: the best answer's 1 - distance / length.

    A similarity below one half scores 0; exactly one half stays. Case and the number of blanks do not
    count for the distance, and the length is that of the longer text as it was given. Source: the DocVQA
    challenge's evaluation script (rrc.cvc.uab.es, `evaluate_method`); the equation is Biten et al. 2019
    (arXiv 1907.00490), which would drop exactly one half.
    """
    similarity = 1 - min(_share_to_change(reply.strip(), answer) for answer in answers)
    return similarity if similarity >= ANLS_THRESHOLD else 0.0


def _share_to_change(reply: str, answer: str) -> float:
    # The script measures the texts in capitals, of which some letters have more.
    length = max(len(answer.upper()), len(reply.upper()))
    return levenshtein(_collapsed(answer), _collapsed(reply)) / length if length else 0.0


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

    A final % divides by 100; an expected 0 is compared as text, and so is a number with commas. Source:
    google-research/pix2struct, metrics.py, `relaxed_correctness`, after Masry et al. 2022 (arXiv
    2203.10244), section 5.1. MoVA's own script passes reply and answer to it the other way round, so that
    5 % are of the reply there.
    """
    return float(any(_relaxed_equal(reply.strip(), answer) for answer in answers))


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
