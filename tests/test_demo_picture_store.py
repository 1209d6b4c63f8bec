"""Visitors' pictures on disk: kept clean, found by content, gone with the last who asked about them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from demo.picture_store import PictureStore
from mova.errors import ImageRefused
from tests.demo_pictures import draw_picture


@pytest.fixture
def store(tmp_path):
    (tmp_path / "kept").mkdir()
    return PictureStore(tmp_path / "kept")


def kept(store: PictureStore) -> list[Path]:
    return list(store._folder.iterdir())


def test_a_kept_picture_reads_back_the_same(store, tmp_path):
    source = tmp_path / "photo.jpg"
    Image.effect_noise((70, 50), 60).convert("RGB").save(source)
    picture, note = store.keep("anna", source, "hint")
    assert (picture.width, picture.height, picture.hint, note) == (70, 50, "hint", None)
    assert store.read(picture).digest == picture.digest
    assert store.keep("anna", source)[0].path == picture.path and len(kept(store)) == 1
    small = store.data_uri(picture)
    assert small.startswith("data:image/webp;base64,") and store.data_uri(picture) == small
    assert store.data_uri(None) == ""


def test_keeping_pictures_leaves_no_file_open(store, tmp_path):
    opened = Path("/proc/self/fd")
    if not opened.is_dir():
        pytest.skip("open files are counted in /proc, which only Linux has")
    store.keep("anna", draw_picture(tmp_path / "first.png"))
    before = len(list(opened.iterdir()))
    for side in range(50, 60):
        store.keep("anna", draw_picture(tmp_path / f"{side}.png", (side, side)))
    assert len(list(opened.iterdir())) <= before


def test_an_animated_picture_comes_with_a_note(store, tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert "first frame" in store.keep("anna", tmp_path / "a.gif")[1]


def test_a_refused_file_is_not_kept(store, tmp_path):
    (tmp_path / "a.png").write_bytes(b"nothing")
    with pytest.raises(ImageRefused):
        store.keep("anna", tmp_path / "a.png")
    assert kept(store) == []


def test_old_pictures_are_deleted_and_their_absence_told(store, tmp_path):
    old, _ = store.keep("anna", draw_picture(tmp_path / "old.png"))
    store.forget_old(seconds=0)
    with pytest.raises(ImageRefused, match="Upload it again"):
        store.read(old)
    assert store.data_uri(old) == "" and kept(store) == []


def test_a_picture_goes_with_the_last_who_asks_about_it(store, tmp_path):
    red, blue = (draw_picture(tmp_path / f"{c}.png", colour=c) for c in ("red", "blue"))
    for owner in ("anna", "ben"):
        picture, _ = store.keep(owner, red)
    other, _ = store.keep("anna", blue)
    store.release("anna", keep=frozenset({picture.digest}))
    assert [path.stem for path in kept(store)] == [picture.digest]
    store.release("anna")
    assert store.read(picture).digest == picture.digest, "ben still asks about it"
    store.release("ben")
    assert kept(store) == []
    with pytest.raises(ImageRefused):
        store.read(other)


def test_many_visitors_at_once_each_find_their_own(store, tmp_path):
    """Keeping, reading and letting go of the same few pictures in many threads: nothing raises but that a
    picture is gone, and whoever holds one can read it."""
    files = [draw_picture(tmp_path / f"{n}.png", (30 + n, 30)) for n in range(4)]
    start = threading.Barrier(8)

    def visit(number: int) -> None:
        start.wait(timeout=30)
        for turn in range(25):
            owner, file = f"visitor {number}", files[(number + turn) % len(files)]
            picture, _ = store.keep(owner, file)
            assert store.read(picture).digest == picture.digest
            assert store.data_uri(picture)
            store.release(owner)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(visit, number) for number in range(8)]:
            done.result(timeout=60)
    assert kept(store) == []
