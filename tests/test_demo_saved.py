"""Panels as figures in files: what can be drawn of a trace, and that equal traces give equal files."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from demo.panels import PANELS
from demo.panels.saved import FIGURES, panel_file
from demo.words.table import words_in
from mova.errors import QuestionRefused
from mova.trace_file import loads
from mova.worth import Worth

RECORDED = Path(__file__).parent.parent / "examples" / "09-chart_with_note.trace.json"


@pytest.fixture(scope="module")
def trace():
    worth = Worth.of(("E", "D"), ["Water", " Growth"], [-0.1, -0.2], [[-3.0, -1.0], [-0.1, 0.0]])
    return replace(loads(RECORDED.read_bytes()), worth=worth)


def test_every_panel_has_a_figure():
    assert set(FIGURES) == {panel.name for panel in PANELS}


@pytest.mark.parametrize("panel", FIGURES)
def test_a_panel_is_an_svg_with_text_and_a_png(trace, panel):
    svg = panel_file(trace, panel, "svg")
    assert svg == panel_file(trace, panel, "svg")
    words = " ".join(ElementTree.fromstring(svg).itertext())
    assert "DePlot" in words and "Pix2Struct" in words
    assert panel_file(trace, panel, "png").startswith(b"\x89PNG")


def test_a_figure_holds_the_numbers_of_the_trace(trace):
    words = " ".join(ElementTree.fromstring(panel_file(trace, "worth", "svg")).itertext())
    assert "3.70" in words and "−0.20" in words
    where = " ".join(ElementTree.fromstring(panel_file(trace, "where", "svg")).itertext())
    shares = [int(share) for share in re.findall(r"(\d+)%", where)]
    assert len(shares) == len(trace.routing.experts) and sum(shares) == pytest.approx(100, abs=1)


def test_an_svg_speaks_the_language_of_the_page(trace):
    assert "路由" in panel_file(trace, "router", "svg", words_in("zh")).decode()


@pytest.mark.parametrize(
    ("panel", "form"), [("router", "pdf"), ("cellar", "svg"), ("worth", "svg"), ("", "")]
)
def test_what_cannot_be_drawn_is_refused_in_words(trace, panel, form):
    with pytest.raises(QuestionRefused, match="nothing to be saved"):
        panel_file(replace(trace, worth=None), panel, form)
    with pytest.raises(QuestionRefused, match="nothing to be saved"):
        panel_file(None, "router", "svg")
