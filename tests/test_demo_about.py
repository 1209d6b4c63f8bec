"""About the experts: what is said of sizes and parameters is what the two models are."""

import re
from pathlib import Path

import pytest
import torch

from demo.about import BASE, ENCODERS, about_html
from demo.gallery import read_examples
from demo.words.table import words_in
from mova.config import MovaConfig
from mova.vision.experts.finder import SMALL
from mova.vision.experts.pool import BY_LETTER, LETTERS
from mova.vision.tower import VisionTower

ROOT = Path(__file__).parent.parent


def config_of(checkpoint: str) -> MovaConfig:
    return MovaConfig() if checkpoint == "released" else MovaConfig.from_pretrained(ROOT / "assets/mova-tiny")


def sides(config: MovaConfig) -> dict[str, int]:
    """What each encoder takes in: pixels, or patches, a side."""
    high, rows = config.views.high_side, config.views.patch_rows
    taken = {
        BASE: config.base_side, "A": config.dinov2.largest_side, "B": high, "C": config.codetr.image_size,
        "D": rows, "E": rows, "F": config.biomedclip.image_size, "G": high,
    }  # fmt: skip
    taken |= {letter: max(config.reads(BY_LETTER[letter].module)) for letter in readers(config)}
    return taken | {letter: SMALL for letter in "CG" if config.finds(BY_LETTER[letter].module)}


def readers(config: MovaConfig) -> list[str]:
    """The experts that are readers of print."""
    return [letter for letter in LETTERS if config.reads(BY_LETTER[letter].module)]


@pytest.mark.parametrize("checkpoint", ["released", "tiny"])
def test_sizes_and_parameters_are_those_of_the_model(checkpoint):
    config = config_of(checkpoint)
    with torch.device("meta"):
        tower = VisionTower(config)
    for encoder in ENCODERS:
        size = getattr(encoder, checkpoint)
        name = "clip" if encoder.key == BASE else BY_LETTER[encoder.key].module
        count = sum(weight.numel() for weight in tower.get_submodule(name).parameters())
        assert (size.side, size.parameters) == (sides(config)[encoder.key], count), encoder.key
        assert size.patches == (encoder.key in "DE" and encoder.key not in readers(config))
    assert config.views.patch_size == 16, "the page says patches of 16 x 16 pixels"


def test_every_encoder_has_a_card_with_the_pictures_that_call_for_it():
    examples = read_examples(ROOT / "examples")
    html = about_html(examples)
    cards = dict(re.findall(r'data-encoder="(\w+)">(.*?)</li>', html, re.S))
    assert list(cards) == [BASE, *LETTERS]
    for key, card in cards.items():
        wanted = {
            str(position)
            for position, example in enumerate(examples)
            if (key in example.experts if key != BASE else not example.experts)
        }
        assert set(re.findall(r'data-act="example" data-index="(\d+)"', card)) == wanted != set()
        assert re.search(r"arXiv \d{4}\.\d{5}", card)


def test_the_licences_are_those_of_the_notice():
    notice = " ".join((ROOT / "NOTICE").read_text().split())
    html = about_html([])
    for said, told in (
        ("weights: research use only", '"intended and licensed for research use only"'),
        ("deployed use is out of scope", "deployed use, commercial or otherwise, is out of scope"),
        ("code: MIT; weights: Apache 2.0", "cards of the published ViT-L checkpoints say Apache License 2.0"),
    ):
        assert said in html and told in notice


def test_the_cards_are_there_in_chinese_too():
    html = about_html([], words_in("zh"))
    assert html.count("论文") == 8 and "Trained" not in html
