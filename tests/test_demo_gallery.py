"""The gallery's examples, and the start of the page."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from demo.gallery import gallery_html, read_examples
from demo.startup import Startup
from demo.words.table import words_in
from mova.errors import MovaError
from mova.progress import Step
from tests.demo_pictures import make_examples

ROOT = Path(__file__).parent.parent


def test_every_example_becomes_a_card_that_says_what_it_asks(tmp_path):
    html = gallery_html(make_examples(tmp_path))
    assert html.count('data-act="example"') == 7
    assert "What is the highest bar?" in html and 'title="Look at expert E."' in html
    assert html.count('src="data:image/webp') == 7, "thumbnails travel in the page: no file is served"


def test_the_shipped_examples_can_be_read_and_cover_every_expert():
    examples = read_examples(ROOT / "examples")
    assert len(examples) >= 7
    assert set("ABCDEFG") <= {letter for example in examples for letter in example.experts}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"question": None}, "'question' should be a str"),
        ({"experts": ["Z"]}, "unknown expert 'Z'"),
        ({"image": "absent.png"}, "there is no picture"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, change, sentence):
    make_examples(tmp_path)
    rows = json.loads((tmp_path / "examples.json").read_text())
    rows[2] |= change
    (tmp_path / "examples.json").write_text(json.dumps(rows))
    with pytest.raises(MovaError, match=f"example 2.*{sentence}"):
        read_examples(tmp_path)


def test_missing_examples_are_named(tmp_path):
    with pytest.raises(MovaError, match="is missing"):
        read_examples(tmp_path)


def test_progress_is_seen_until_the_engine_is_there():
    startup = Startup()
    startup.report(Step("read", 0.4))
    assert startup.engine is None and startup.wait(0.01) is None
    assert startup.step == Step("read", 0.4)
    startup.finish("engine")
    assert startup.wait(0) == "engine" == startup.engine


@pytest.mark.slow
def test_the_page_says_what_is_wrong_with_a_checkpoint_and_ends():
    command = [sys.executable, "app.py", "--model", "/nowhere/at/all", "--device", "cpu"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 1
    assert "http://127.0.0.1:" in ended.stdout
    assert "There is no checkpoint at /nowhere/at/all" in ended.stderr and "Traceback" not in ended.stderr


def test_every_card_has_a_button_that_asks_and_one_that_takes_the_picture(tmp_path):
    html = gallery_html(make_examples(tmp_path))
    for act in ("example", "use"):
        assert re.findall(rf'data-act="{act}" data-index="(\d)"', html) == list("0123456")


def test_tab_stops_once_in_the_gallery(tmp_path):
    html = gallery_html(make_examples(tmp_path))
    assert html.count('tabindex="0"') == 1 and html.count('tabindex="-1"') == html.count("<button") - 1


def test_the_gallery_speaks_chinese(tmp_path):
    html = gallery_html(make_examples(tmp_path), words_in("zh"))
    assert "使用这张图片" in html and "密集文档" in html and "Use this picture" not in html
