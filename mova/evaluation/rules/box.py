"""RefCOCO's rule: a box that overlaps enough."""

from collections.abc import Sequence
from statistics import fmean

from mova.evaluation.rules.target import Case, Numbers
from mova.language.boxes import Box, iou, read_boxes

IOU_THRESHOLD = 0.5
_DECIMALS = 9  # far finer than a pixel: an IoU of exactly one half must not fail on binary fractions


def box(reply: str, target: Box) -> float:
    """Accuracy at IoU 0.5, for RefCOCO, RefCOCO+ and RefCOCOg: 1 where the overlap is one half or more.

    The first `[x1, y1, x2, y2]` of the reply counts, from 0 to 1 on the picture padded to a centred square
    (MoVA's published format); `target` is on the same square. Source: Yu et al. 2016 (arXiv 1608.00272);
    equality counts as in QwenLM/Qwen-VL, evaluate_grounding.py, and lmms-eval, refcoco/utils_rec.py.
    """
    return float(round(reply_iou(reply, target), _DECIMALS) >= IOU_THRESHOLD)


def box_numbers(replies: Sequence[str | None], targets: Sequence[Box]) -> Numbers:
    """The mean IoU; a reply without a box counts as 0."""
    pairs = zip(replies, targets, strict=True)
    ious = [0.0 if reply is None else reply_iou(reply, target) for reply, target in pairs]
    return {"mean_iou": fmean(ious) if ious else None}


def box_report(cases: Sequence[Case]) -> Numbers:
    """The mean IoU over all questions."""
    return box_numbers([case.reply for case in cases], [case.target for case in cases])


def reply_iou(reply: str, target: Box) -> float:
    """Intersection over union of the reply's first box and the target; 0 without a box."""
    found = read_boxes(reply)
    return iou(found[0], target) if found else 0.0
