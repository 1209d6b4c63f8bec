"""Pictures drawn ahead: files that come back as they were, appear when whole, and are not drawn twice."""

import pickle
import random

import pytest

from training import stock
from training.makers.catalogue import draw
from training.stock import Stock, draw_file, file_of, main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stock")
    for maker, number in (("documents", 0), ("documents", 3), ("signs", 0)):
        draw_file(folder, maker, "train", number, pictures=3)
    return folder


def test_pictures_come_back_as_they_were_drawn(folder):
    found = Stock(folder)
    assert len(found) == 9
    for index, seed in ((0, 0), (2, 2), (4, 3 * stock.PER_FILE + 1)):
        picture, drawn = found[index], draw("documents", seed, "train")
        assert picture.image.tobytes() == drawn.image.tobytes()
        assert picture.questions == drawn.questions
        assert (picture.maker, picture.domain, picture.held_out) == ("documents", "documents", frozenset())
        for run, original in zip(picture.runs, drawn.runs, strict=True):
            assert (run.text, run.role, run.line) == (original.text, original.role, original.line)
            assert run.box == pytest.approx(original.box, abs=0.06)


def test_a_charts_table_comes_back(tmp_path):
    draw_file(tmp_path, "charts", "test", 0, pictures=2)
    found = Stock(tmp_path, split="test")
    drawn = draw("charts", 1, "test")
    assert found[1].table == drawn.table
    assert [(r.category, r.series) for r in found[1].runs] == [(r.category, r.series) for r in drawn.runs]


def test_makers_and_splits_are_told_apart(folder):
    assert len(Stock(folder, makers=("signs",))) == 3
    assert len(Stock(folder, split="test")) == 0
    assert Stock(folder).by_maker() == {"documents": [0, 1, 2, 3, 4, 5], "signs": [6, 7, 8]}
    assert Stock(folder).plain(7)["maker"] == "signs"


def test_what_is_there_is_not_drawn_again_and_half_a_file_counts_for_nothing(tmp_path, monkeypatch):
    path = draw_file(tmp_path, "signs", "train", 1, pictures=2)
    before = path.stat().st_mtime_ns
    (tmp_path / "signs.train.00002.part").write_bytes(b"half")
    monkeypatch.setattr(stock, "draw", None)
    assert draw_file(tmp_path, "signs", "train", 1, pictures=2).stat().st_mtime_ns == before
    assert len(Stock(tmp_path)) == 2


def test_a_stock_is_handed_to_another_process(folder):
    found = Stock(folder)
    found[0]
    assert pickle.loads(pickle.dumps(found))[1].maker == "documents"


def test_the_command_draws_as_many_as_asked_for(tmp_path, capsys):
    main([str(tmp_path), "--makers", "signs", "--pictures", "2", "--first", "7"])
    assert file_of(tmp_path, "signs", "train", 7).exists()
    assert len(Stock(tmp_path)) == 2
    assert "signs.train.00007.zip" in capsys.readouterr().out


def test_a_mixture_has_each_makers_pictures_as_often_as_its_share(folder):
    mixture = stock.Mixture(Stock(folder), {"documents": 1, "signs": 3, "charts": 100})
    drawn = [mixture.pick(random.Random(seed)).maker for seed in range(60)]
    assert 30 < drawn.count("signs") < 60 and set(drawn) == {"signs", "documents"}
    assert mixture.place(random.Random(3)) == mixture.place(random.Random(3))
    with pytest.raises(FileNotFoundError, match=r"training\.stock"):
        stock.Mixture(Stock(folder), {"charts": 1})
