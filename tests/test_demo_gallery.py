"""Examples and pictures on disk, and the start of the page."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from demo.gallery import gallery_html, read_examples
from demo.picture_store import KEPT_SECONDS, PictureStore
from demo.startup import Startup
from mova.errors import ImageRefused, MovaError
from tests.demo_pictures import draw_picture, make_examples

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


def test_a_kept_picture_reads_back_the_same(tmp_path):
    store = PictureStore()
    source = tmp_path / "photo.jpg"
    Image.effect_noise((70, 50), 60).convert("RGB").save(source)
    picture, note = store.keep(source, "hint")
    assert (picture.width, picture.height, picture.hint, note) == (70, 50, "hint", None)
    assert store.read(picture).digest == picture.digest
    assert store.keep(source)[0].path == picture.path, "the same content is kept once"
    assert store.data_uri(picture).startswith("data:image/webp;base64,") and store.data_uri(None) == ""


def test_keeping_pictures_leaves_no_file_open(tmp_path):
    store, opened = PictureStore(), Path("/proc/self/fd")
    if not opened.is_dir():
        pytest.skip("open files are counted in /proc, which only Linux has")
    store.keep(draw_picture(tmp_path / "first.png"))
    before = len(list(opened.iterdir()))
    for side in range(50, 60):
        store.keep(draw_picture(tmp_path / f"{side}.png", (side, side)))
    assert len(list(opened.iterdir())) <= before


def test_an_animated_picture_comes_with_a_note(tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert "first frame" in PictureStore().keep(tmp_path / "a.gif")[1]


def test_a_refused_file_is_not_kept(tmp_path):
    store = PictureStore()
    (tmp_path / "a.png").write_bytes(b"nothing")
    with pytest.raises(ImageRefused):
        store.keep(tmp_path / "a.png")


def test_old_pictures_are_deleted_and_their_absence_told(tmp_path):
    store = PictureStore()
    old, _ = store.keep(draw_picture(tmp_path / "old.png"))
    past = time.time() - KEPT_SECONDS - 1
    os.utime(old.path, (past, past))
    store.keep(draw_picture(tmp_path / "new.png", colour="red"))
    with pytest.raises(ImageRefused, match="Upload it again"):
        store.read(old)
    assert store.data_uri(old) == ""


def test_progress_is_seen_until_the_engine_is_there():
    startup = Startup()
    startup.report("weights", 0.4)
    assert startup.engine is None and startup.wait(0.01) is None
    assert (startup.text, startup.fraction) == ("weights", 0.4)
    startup.finish("engine")
    assert startup.wait(0) == "engine" == startup.engine


@pytest.mark.slow
def test_the_page_says_what_is_wrong_with_a_checkpoint_and_ends():
    command = [sys.executable, "app.py", "--model", "/nowhere/at/all", "--device", "cpu"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 1
    assert "http://127.0.0.1:" in ended.stdout
    assert "There is no checkpoint at /nowhere/at/all" in ended.stderr and "Traceback" not in ended.stderr
