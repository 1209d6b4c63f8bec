"""The pool of vision experts: the one table that knows letter, name, module, view and sentence.

Order is the published one: letter A is routing index 0. The sentences are part of the routing
prompt and must stay byte for byte (the one of D has no full stop). Source: paper section 3.2 and
the released inference code.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expert:
    """One row of the pool.

    `module` is the attribute of the vision tower, `tower` the number in the published key prefix
    `model.vision_tower.vision_tower_<n>.`, `view` the image view it reads, `skill` a short label
    for people, `sentence` what the router is told.
    """

    letter: str
    name: str
    module: str
    tower: int
    view: str
    skill: str
    sentence: str


EXPERTS = (
    Expert(
        "A", "DINOv2", "dinov2", 1, "dino", "natural scenes",
        "This model can effectively extract the accurate spatial and semantic information from natural images.",
    ),
    Expert(
        "B", "Vary", "vary", 2, "high", "dense documents",
        "This model can handle images with text accurately and efficiently but fails to process natural images.",
    ),
    Expert(
        "C", "Co-DETR", "codetr", 3, "high", "finding objects",
        "This model is a state-of-the-art object detector that can identify objects in images.",
    ),
    Expert(
        "D", "Pix2Struct", "pix2struct", 4, "patches", "signs and labels",
        "This model shows remarkable skill in text recognition,"
        " attaining top-tier text analysis outcomes across diverse areas",
    ),
    Expert(
        "E", "DePlot", "deplot", 5, "patches", "charts and plots",
        "This model is a specialized model designed to achieve state-of-the-art plot and chart"
        " understanding performance.",
    ),
    Expert(
        "F", "BiomedCLIP", "biomedclip", 6, "base", "medical images",
        "This model is a foundation model designed for biomedical vision-language processing.",
    ),
    Expert(
        "G", "SAM", "sam", 7, "high", "shapes and outlines",
        "This model is a leading image segmentation framework and achieves strong zero-shot"
        " segmentation performance.",
    ),
)  # fmt: skip

LETTERS = "".join(expert.letter for expert in EXPERTS)
BY_LETTER = {expert.letter: expert for expert in EXPERTS}
MAX_EXPERTS = 3


def indices(letters: str | tuple[str, ...] | list[str]) -> list[int]:
    """Positions of the letters in the pool, in the order given."""
    return [LETTERS.index(letter) for letter in letters]
