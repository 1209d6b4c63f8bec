"""About the experts: what each of the eight encoders is, and which pictures here call for it. Pure; escaped.

Sizes and parameters are those of `MovaConfig()` (the released 8B) and of assets/mova-tiny's config;
tests/test_demo_about.py builds both and compares. Licences are those of NOTICE.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from demo.gallery import Example, thumbnail
from demo.panels.panel import badge
from demo.words import ENGLISH, Words
from mova.vision.experts.pool import BY_LETTER

BASE = "base"


@dataclass(frozen=True)
class Size:
    """What an encoder takes in, `side` pixels or as many patches a side, and how many parameters it has."""

    side: int
    parameters: int
    patches: bool = False


@dataclass(frozen=True)
class Encoder:
    """One encoder: the expert's letter or "base", the model it is, its paper, its size in both models."""

    key: str
    model: str
    paper: str
    arxiv: str
    released: Size
    tiny: Size

    @property
    def name(self) -> str:
        return "CLIP" if self.key == BASE else BY_LETTER[self.key].name


ENCODERS = (
    Encoder(
        BASE, "CLIP ViT-L/14-336",
        "Learning Transferable Visual Models From Natural Language Supervision", "2103.00020",
        Size(672, 305_276_928), Size(336, 1_263_552),
    ),
    Encoder(
        "A", "DINOv2-giant",
        "DINOv2: Learning Robust Visual Features without Supervision", "2304.07193",
        Size(518, 1_136_480_768), Size(336, 2_006_656),
    ),
    Encoder(
        "B", "Vary-base",
        "Vary: Scaling up the Vision Vocabulary for Large Vision-Language Models", "2312.06109",
        Size(1024, 90_850_560), Size(768, 5_095_727),
    ),
    Encoder(
        "C", "Co-DETR ViT-L",
        "DETRs with Collaborative Hybrid Assignments Training", "2211.12860",
        Size(1280, 310_596_544), Size(256, 1_683_080),
    ),
    Encoder(
        "D", "Pix2Struct-large",
        "Pix2Struct: Screenshot Parsing as Pretraining for Visual Language Understanding", "2210.03347",
        Size(45, 512_812_032, patches=True), Size(768, 5_095_727),
    ),
    Encoder(
        "E", "DePlot (Pix2Struct-base)",
        "DePlot: One-shot visual language reasoning by plot-to-table translation", "2212.10505",
        Size(45, 91_835_904, patches=True), Size(768, 5_850_081),
    ),
    Encoder(
        "F", "BiomedCLIP ViT-B/16",
        "BiomedCLIP: a multimodal biomedical foundation model pretrained from fifteen million scientific"
        " image-text pairs", "2303.00915",
        Size(224, 85_798_656), Size(192, 917_952),
    ),
    Encoder(
        "G", "SAM ViT-H",
        "Segment Anything", "2304.02643",
        Size(1024, 637_026_048), Size(256, 1_680_461),
    ),
)  # fmt: skip


def about_html(examples: Sequence[Example], say: Words = ENGLISH) -> str:
    """One card for each encoder; the pictures that call for it are buttons that ask, as in the gallery."""
    cards = "".join(_card(encoder, examples, say) for encoder in ENCODERS)
    return (
        f'<section class="mova-about" aria-labelledby="mova-about"><h2 id="mova-about">'
        f"{say('about.title')}</h2>"
        f'<p>{say("about.lead")}</p><ul class="mova-encoders">{cards}</ul>'
        f'<p class="mova-about-sources">{say("about.sources")}</p></section>'
    )


def _card(encoder: Encoder, examples: Sequence[Example], say: Words) -> str:
    mark = badge(encoder.key) if encoder.key != BASE else '<span class="mova-badge none">–</span>'
    role = say("about.base") if encoder.key == BASE else say(f"skill.{encoder.key}")
    facts = {
        "trained": say(f"about.trained.{encoder.key}"),
        "input": _both(_input(encoder.released, say), _input(encoder.tiny, say), say),
        "parameters": _both(_parameters(encoder.released), _parameters(encoder.tiny), say),
        "licence": say(f"about.licence.{encoder.key}"),
        "paper": f"{escape(encoder.paper)}<br>arXiv {encoder.arxiv}",
    }
    rows = "".join(f"<dt>{say(f'about.{key}')}</dt><dd>{value}</dd>" for key, value in facts.items())
    return (
        f'<li class="mova-encoder" data-encoder="{encoder.key}"><h3>{mark} {escape(encoder.name)}'
        f" <span>{role}</span></h3><p>{say(f'about.what.{encoder.key}')}</p>"
        f"<dl><dt>{say('about.model')}</dt><dd>{escape(encoder.model)}</dd>{rows}</dl>"
        f"{_pictures(encoder.key, examples, say)}</li>"
    )


def _both(released: str, tiny: str, say: Words) -> str:
    return say("about.both", released=released, tiny=tiny)


def _input(size: Size, say: Words) -> str:
    return say("about.patches" if size.patches else "about.pixels", side=size.side)


def _parameters(size: Size) -> str:
    """`305 M`, `1.3 M`."""
    millions = size.parameters / 1e6
    return f"{millions:.0f} M" if millions >= 10 else f"{millions:.1f} M"


def _pictures(key: str, examples: Sequence[Example], say: Words) -> str:
    wanted = [
        (position, example)
        for position, example in enumerate(examples)
        if (key in example.experts if key != BASE else not example.experts)
    ]
    if not wanted:
        return ""
    buttons = "".join(
        f'<button type="button" data-act="example" data-index="{position}"'
        f' title="{escape(say.told(example.look_at))}"><img src="{thumbnail(example.path)}" alt="">'
        f"<span>{escape(say.told(example.question))}</span></button>"
        for position, example in wanted
    )
    return f'<h4>{say("about.pictures")}</h4><div class="mova-encoder-pictures">{buttons}</div>'
