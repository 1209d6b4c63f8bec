"""The reader and its training: what it is shown, what it is asked for, sittings that go on from others."""

import json
import random
from dataclasses import replace

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from mova.vision.experts.reader import ALPHABET
from mova.vision.lines import CELL, SIDE
from mova.vision.spelling import Spelling
from training import resume
from training.loop import Sitting
from training.makers.catalogue import MAKERS
from training.makers.records import Picture, Run
from training.pieces import FILE
from training.reader_sheets import NEARBY, Sheets, characters, tokens_in_ink
from training.reader_training import (
    COPIES,
    LEGIBLE,
    ONLY_STRIPS,
    PRINT,
    STATE,
    Supply,
    legible_side,
    load_state,
    new_reader,
    put,
    reading_loss,
    save_state,
    shipped_reader,
    text_read,
    train_reader,
)
from training.stock import Stock, draw_file

COLUMNS = 192


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stock")
    for split in ("train", "test"):
        draw_file(folder, "strips", split, 0, pictures=4)
    draw_file(folder, "signs", "train", 0, pictures=2)
    return folder


def run_of(text, x, y, step=16.0, rotation=0.0):
    points = tuple((x + step * (k + 0.5), y) for k in range(len(text)))
    return Run(text, (x, y - 8, x + step * len(text), y + 8), points, 12.0, "paragraph", 1, rotation)


def test_a_character_stands_at_its_middle_and_what_is_beside_it_counts_neither_way():
    found = characters([run_of("Ab", 32, 24)], 64).view(4, COLUMNS)
    assert found[1, 10] == 1 + ALPHABET.index("A") and found[1, 14] == 1 + ALPHABET.index("b")
    assert found[1, 9] == found[2, 11] == found[0, 14] == NEARBY
    assert found[1, 12] == found[3, 10] == 0 and (found > 0).sum() == 2


def test_a_token_stands_where_it_ends_and_two_in_one_place_count_neither_way(pieces):
    runs = [run_of("Total", 64, 48), run_of("x12", 160, 48, step=1.0)]
    found = tokens_in_ink(runs, 96, pieces).view(3, COLUMNS)
    total = pieces.index[pieces.ids_of(" Total")[0]]
    assert found[1, 34] == total and found[1, 33] == found[1, 35] == found[1, 40] == NEARBY
    assert found[0, 34] == found[2, 34] == 0 and (found > 0).sum() == 1


def test_a_token_at_the_edge_of_its_row_may_be_read_in_the_next(pieces):
    found = tokens_in_ink([run_of("Total", 64, 62)], 96, pieces).view(3, COLUMNS)
    assert found[1, 34] > 0 and found[2, 34] == NEARBY and found[0, 34] == 0


def test_blanks_and_turned_text_are_no_characters():
    assert (characters([run_of("a b", 32, 24), run_of("up", 96, 56, rotation=90)], 64) > 0).sum() == 2


def test_characters_beyond_the_edge_are_left_out():
    assert (characters([run_of("abc", -24, 24)], 64) > 0).sum() == 2


def test_a_sheet_leaves_out_rows_of_mere_border(pieces):
    picture = Picture(
        Image.new("RGB", (384, 96), "white"), "test", "documents", (run_of("Total", 32, 24, 8.0),)
    )
    sheet = Sheets(pieces).sheet(picture)
    # Twice as large on the view, where it reaches from px 288 to 480: rows 9 to 14.
    assert sheet.pixels.shape == (3, 6 * CELL, 768)
    places = (sheet.characters.view(12, COLUMNS) > 0).nonzero()
    assert set(places[:, 0].tolist()) == {3} and places[0, 1] == (32 + 4) * 2 // 4
    rows = {place // COLUMNS for place in (sheet.tokens > 0).nonzero().flatten().tolist()}
    assert rows == {1}


def test_large_print_is_read_from_a_smaller_picture(pieces):
    rng = random.Random(0)
    run = Run("Total", (0, 80, 300, 220), tuple((30 + 60.0 * k, 150.0) for k in range(5)), 120.0, "sign", 1)
    picture = Picture(Image.new("RGB", (384, 300), "white"), "test", "signs", (run,))
    side = legible_side(rng, picture)
    assert LEGIBLE[0] <= 240 * side / SIDE <= LEGIBLE[1] + 1
    sheet = Sheets(pieces).sheet(picture, side)
    row, column = divmod((sheet.tokens > 0).nonzero()[0].item(), COLUMNS)
    ends = (SIDE - side) / 2 + 270 * side / 384
    assert column == int(ends // 4) and (sheet.tokens > 0).sum() == 1
    assert sheet.pixels.shape[1] <= side + 2 * CELL
    small = Picture(picture.image, "test", "signs", (replace(run, cap=12.0),))
    assert legible_side(rng, small) == SIDE


def test_it_answers_for_every_place_of_a_token_and_of_a_character():
    tokens, letters = new_reader(50)(torch.zeros(2, 3, 64, 768))
    assert tokens.shape == (2, 2 * COLUMNS, 50)
    assert letters.shape == (2, 4 * COLUMNS, len(ALPHABET) + 1)
    with pytest.raises(AssertionError, match="multiple of 32"):
        new_reader(50)(torch.zeros(1, 3, 48, 768))


def test_a_page_is_read_like_its_parts():
    """Nothing that is learnt depends on how high a picture is, so strips teach what pages need."""
    torch.manual_seed(0)
    reader, page = new_reader(20).eval(), torch.randn(1, 3, 20 * CELL, 768)
    whole, part = (reader(pixels)[0].view(-1, COLUMNS, 20) for pixels in (page, page[:, :, : 14 * CELL]))
    assert torch.allclose(whole[0:1], part[0:1], atol=1e-4)


def test_the_last_token_of_a_row_sees_the_first(pieces):
    torch.manual_seed(0)
    reader, pixels = new_reader(20).eval(), torch.zeros(1, 3, 64, 768)
    other = pixels.clone()
    other[..., :32] = 1
    assert not torch.equal(reader(pixels)[0][0, COLUMNS - 1], reader(other)[0][0, COLUMNS - 1])


def test_the_same_step_is_the_same_lesson_and_pages_come_after_strips(pieces, stock):
    supply = Supply(Stock(stock), pieces)
    first, again = supply.step(3), supply.step(3)
    assert len(first) == 4 and all(torch.equal(a.pixels, b.pixels) for a, b in zip(first, again, strict=True))
    heights = {supply.step(step)[0].pixels.shape[1] for step in range(5000, 5008)}
    assert 6 * CELL in heights and len(heights) > 1


def test_a_stock_without_strips_says_what_to_draw(pieces, stock):
    with pytest.raises(FileNotFoundError, match="--makers strips --split train"):
        Supply(Stock(stock, makers=("signs",)), pieces)


def test_training_lowers_the_loss_and_measures_what_was_read(pieces, stock):
    torch.manual_seed(0)
    sheets = Supply(Stock(stock), pieces).step(0)[:1]
    reader = new_reader(len(pieces.ids))
    optimizer = torch.optim.AdamW(reader.parameters(), lr=1e-3)
    losses = []
    for _ in range(6):
        loss, numbers = reading_loss(reader, sheets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 1
    assert set(numbers) == {"characters", "tokens", "no_character", "no_token"}


def test_the_text_is_measured_by_the_edits_that_it_needs(pieces, stock):
    sheet = Supply(Stock(stock), pieces).page(random.Random(0))
    spelling = Spelling(pieces.places)
    tokens, letters = sheet.tokens.clamp(min=0), sheet.characters.clamp(min=0)

    class Perfect(torch.nn.Module):
        def forward(self, pixels):
            count = len(ALPHABET) + 1
            return tuple(
                20 * torch.nn.functional.one_hot(given, size).float()[None]
                for given, size in ((tokens, len(pieces.ids)), (letters, count))
            )

    whole = text_read(Perfect(), [sheet], spelling)
    assert whole > 0.7
    letters = letters * 0
    assert text_read(Perfect(), [sheet], spelling) == 0.0


def test_a_state_comes_back_but_for_the_rounding(tmp_path):
    torch.manual_seed(0)
    reader, other = (new_reader(20) for _ in range(2))
    assert load_state(other, tmp_path)[0]["step"] == 0
    save_state(reader, {"step": 7}, [{"step": 7}], tmp_path)
    save_state(reader, {"step": 8}, [{"step": 7}, {"step": 8}], tmp_path)
    assert load_state(other, tmp_path) == ({"step": 8}, [{"step": 7}, {"step": 8}])
    assert torch.allclose(other.ink_head.weight, reader.ink_head.weight, rtol=0.01)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "reader.json", "reader.jsonl", "reader.safetensors",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_sitting_goes_on_from_the_state_without_the_folder_it_ran_in(pieces, stock, tmp_path):
    for sitting, last in (("one", 2), ("two", 4)):
        train_reader(tmp_path / sitting, stock, tmp_path / "state", pieces, minutes=5, last=last)
    known = json.loads((tmp_path / "state" / "reader.json").read_text())
    measured = [json.loads(line) for line in (tmp_path / "state" / "reader.jsonl").read_text().splitlines()]
    assert [known["step"], *(line["step"] for line in measured)] == [4, 2, 4]
    assert known["core_minutes"] >= measured[0]["core_minutes"] >= 0
    assert torch.load(tmp_path / "two" / "reader.pt", weights_only=True)["step"] == known["step"]


def test_only_what_is_missing_of_the_stock_is_drawn_and_pages_only_where_a_browser_runs(
    stock, monkeypatch, capsys
):
    def no_browser(folder, maker, split, number, pictures):
        if maker == "pages":
            raise resume.BrowserError("no Chromium")
        assert pictures == 4
        return draw_file(folder, maker, split, number, pictures)

    monkeypatch.setattr(resume, "draw_file", no_browser)
    resume.draw_stock(stock, {"train": {"strips": 4, "pages": 500}, "test": {"strips": 4}})
    assert capsys.readouterr().out.splitlines() == [
        "strips.train.00000.zip",
        "No Chromium runs here: pages are left out.",
        "strips.test.00000.zip",
    ]


def test_what_is_committed_of_an_unfinished_training_is_small_and_known():
    found = {path.name for path in STATE.iterdir()} if STATE.exists() else set()
    assert found <= {"reader.json", "reader.jsonl", "reader.safetensors"}
    assert sum((STATE / name).stat().st_size for name in found) < 40_000_000
    if found:
        reader = new_reader(len(json.loads(FILE.read_text())))
        known, measured = load_state(reader, STATE)
        assert known["step"] == measured[-1]["step"] > 0


def test_a_sitting_ends_with_its_time_and_its_rate_falls_before():
    clock = [0.0]
    sitting = Sitting(1000, 1, warm_up=10, minutes=10, first=50, ending=0.2, now=lambda: clock[0], began=0.0)
    assert [sitting.share_at(step) for step in (50, 54, 59, 500)] == [0.1, 0.5, 1.0, 1.0]
    clock[0] = 540.0
    assert sitting.share_at(500) == pytest.approx(0.5) and not sitting.is_over(500)
    assert sitting.seconds_left(500, pace=3.0) == 60
    clock[0] = 600.0
    assert sitting.share_at(500) == 0.05 and sitting.is_over(500)
    clock[0] = 0.0
    assert sitting.is_over(1000)


def test_without_a_state_training_goes_on_from_a_checkpoints_reader(tmp_path):
    torch.manual_seed(0)
    reader, other = (new_reader(20) for _ in range(2))
    weights = {PRINT.place + name: tensor.bfloat16() for name, tensor in reader.state_dict().items()}
    save_file(weights, tmp_path / "vision-00001-of-00001.safetensors")
    known, measured = load_state(other, tmp_path / "state", tmp_path)
    assert known["step"] == ONLY_STRIPS and measured == []
    assert torch.allclose(other.narrow.weight, reader.narrow.weight, rtol=0.01)


def test_a_copy_begins_at_its_own_weights_and_is_put_back_in_its_own_place(tmp_path):
    torch.manual_seed(0)
    signs, state = COPIES["signs"], tmp_path / "state"
    shared, own, learnt = (new_reader(20).state_dict() for _ in range(3))
    first, second = (
        tmp_path / "vision-00001-of-00002.safetensors",
        tmp_path / "vision-00002-of-00002.safetensors",
    )
    save_file({PRINT.place + name: tensor.contiguous() for name, tensor in shared.items()}, first)
    assert same(shipped_reader(tmp_path, signs), shared)  # it has none of its own yet
    save_file({signs.place + name: tensor.contiguous() for name, tensor in own.items()}, second)
    assert same(shipped_reader(tmp_path, signs), own) and same(shipped_reader(tmp_path), shared)

    reader = new_reader(20)
    reader.load_state_dict(learnt)
    save_state(reader, {"step": 1}, [], state)
    put(state, tmp_path, signs)
    assert same(shipped_reader(tmp_path, signs), {name: w.bfloat16().float() for name, w in learnt.items()})
    assert same(shipped_reader(tmp_path), shared)
    second.unlink()
    with pytest.raises(
        ValueError, match=r"has 0 of the \d+ weights .* model\.vision_tower\.pix2struct\.reader"
    ):
        put(state, tmp_path, signs)


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether both hold equal weights under the same names."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("copy", COPIES)
def test_each_copy_learns_from_makers_that_are_drawn_for_it(copy):
    assert COPIES[copy].pages_from.keys() <= resume.STOCK[copy]["train"].keys() <= MAKERS.keys()
