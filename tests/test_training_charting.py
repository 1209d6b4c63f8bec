"""What the sight of charts is taught, and what the LLM is taught to make of a table."""

import random
from dataclasses import replace

import pytest
import torch
from PIL import Image

from mova.checkpoint.loading import embedded_checkpoint
from mova.vision.charts.seen import KINDS, MARKS, ROLES, Seen, marks_in
from mova.vision.experts.chart import ChartExpert
from training.alignment import VisionSide
from training.chart_answers import as_read, rows_in
from training.charting import Supply, example, loss_of, measured, new_sight, train, with_sight
from training.list_layout import ListLayout
from training.loop import Loop, Plan
from training.makers.catalogue import draw
from training.makers.drawn import draw_chart_with_text
from training.makers.records import Picture, Run
from training.pictures.drawing import draw as draw_scene
from training.pictures.records import Question
from training.pictures.tables import Mark
from training.pictures.unfamiliar import UNREAD_ANSWER
from training.reader_training import new_reader, turned_right
from training.sizes import tiny_config
from training.stock import Stock, draw_file
from training.text import load_text_tokenizer

SHIPPED = embedded_checkpoint()


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    folder = tmp_path_factory.mktemp("charts")
    for maker in ("charts", "signs"):
        draw_file(folder, maker, "train", 0, 6)
    return Stock(folder)


def charts(count=12):
    return [draw("charts", seed, "train") for seed in range(count)]


def test_every_value_of_a_chart_has_its_mark():
    for picture in charts():
        table = picture.table
        kinds = [mark.kind for mark in picture.marks]
        if table.kind == "pie":
            assert kinds.count("centre") == 1 and kinds.count("rim") == len(table.categories)
        else:
            assert kinds == ["end"] * len(table.series) * len(table.categories)
        width, height = picture.image.size
        assert all(-2 <= mark.x <= width + 2 and -2 <= mark.y <= height + 2 for mark in picture.marks)


def test_higher_values_end_higher_up_or_further_right():
    for picture in charts():
        if picture.table.kind == "pie":
            continue
        lying = picture.table.kind == "horizontal bar"
        values = picture.table.values
        ordered = sorted(picture.marks, key=lambda mark: mark.x if lying else -mark.y)
        assert max(map(max, values)) == values[ordered[-1].series][ordered[-1].category]


def test_the_first_recipes_charts_say_the_same():
    for seed in range(12):
        drawing = draw_scene("charts", seed, "train")
        table = drawing.table
        said = {question.kind: question.answer for question in drawing.questions}
        assert said.get("title", table.title) == table.title
        values = table.values[0]
        assert said.get("highest", table.categories[values.index(max(values))]) in table.categories
        picture = draw_chart_with_text(random.Random(seed), "train")
        assert {run.role for run in picture.runs} <= {"title", "category", "value", "tick"}
        assert {run.text for run in picture.runs if run.role == "category"} == set(picture.table.categories)


def picture_with(**changes):
    run = Run("Sales", (40.0, 10.0, 100.0, 30.0), ((50.0, 20.0),), 14.0, "title", 1)
    plain = draw("charts", 0, "train")
    changed = replace(
        plain, image=Image.new("RGB", (192, 96), "white"), runs=(run,), marks=(Mark("end", 96.0, 48.0),)
    )
    return replace(changed, **changes)


def test_print_and_marks_are_told_at_their_places_in_the_square():
    one = example(picture_with())
    assert one.pixels.shape == (3, 384, 384)
    rows, columns = (one.roles == ROLES.index("title")).nonzero(as_tuple=True)
    # Two px of the picture are a place; the square has 48 px more above.
    assert (rows.min(), rows.max() + 1) == ((48 + 10) // 2, (48 + 30) // 2)
    assert (columns.min(), columns.max() + 1) == (20, 50)
    assert one.marks[MARKS.index("end"), 48, 48] == 1 and one.marks.sum() > 1
    assert (one.marks == 1).sum() == 1


def test_a_stretched_picture_is_told_what_it_shows():
    shapes = set()
    for seed in range(8):
        one = example(picture_with(), random.Random(seed))
        shapes.add((one.roles > 0).sum().item())
        assert (one.marks == 1).sum() == 1
    assert len(shapes) > 1


def test_what_is_no_chart_has_no_roles():
    one = example(picture_with(table=None, marks=()))
    assert one.kind == 0 and not one.roles.any() and not one.marks.any()


def test_what_is_told_is_what_would_be_found():
    picture = draw("charts", 1, "train")
    one = example(picture)
    sure = torch.nn.functional.one_hot(one.roles, len(ROLES)).permute(2, 0, 1)[None].float()
    kinds = torch.nn.functional.one_hot(torch.tensor([one.kind]), len(KINDS)).float()
    seen = Seen(40 * sure, 40 * (one.marks[None] == 1).float() - 20, one.offsets[None], 40 * kinds)
    loss, numbers = loss_of(seen, [one])
    assert loss < 0.01 and numbers["roles"] == numbers["kind"] == numbers["marks"] == 1
    found = sum(len(places) for places in marks_in(seen).values())
    assert found == len({(int(m.x), int(m.y)) for m in picture.marks})


def test_the_sight_learns_and_goes_on_where_it_was(stock, tmp_path):
    supply = Supply(stock, stock)
    torch.manual_seed(0)
    losses = []
    for steps in (2, 4):
        sight = new_sight()
        loop = Loop(tmp_path, "charting", sight, Plan(steps, batch=2, warm_up=1, save_every=1))
        losses.append(loop.step)
        train(sight, supply, loop)
    assert losses == [0, 2], "the second goes on from the first"
    assert set(measured(sight.eval(), stock, 2)) == {"charts", "signs"}


def test_a_checkpoint_gets_the_sight_and_its_own_reader(pieces):
    plain = tiny_config().to_dict()
    plain["deplot"]["reads"] = [768]
    plain["expert_channels"][4] = plain["mm_hidden_size"]
    plain["reader"]["vocab_size"] = len(pieces.ids)
    side = VisionSide(type(tiny_config())(**plain), load_text_tokenizer(SHIPPED))
    sight, reader = new_sight(), new_reader(len(pieces.ids))
    found = with_sight(side, sight, reader.state_dict())
    expert = found.vision_tower.expert("E")
    assert isinstance(expert, ChartExpert) and found.config.sees("deplot")
    assert torch.equal(expert.sight.kind_head.weight, sight.kind_head.weight)
    assert torch.equal(expert.reader.narrow.weight, reader.narrow.weight)
    assert torch.equal(found.mm_projector.mlp[0].weight, side.mm_projector.mlp[0].weight)


@pytest.fixture(scope="module")
def layout(pieces):
    return ListLayout(pieces)


def test_a_table_on_the_cells_is_read_back(layout, pieces):
    for picture in charts(20):
        if len(picture.table.series) == 1:
            rows = rows_in(layout.written(picture), pieces)
            values = zip(picture.table.categories, picture.table.written[0], strict=True)
            right = [[name, value] in rows for name, value in values]
            assert sum(right) >= len(right) - 1, rows


def question(kind, answer, text="?"):
    return Question(text, answer, ("E",), kind, 0, False)


def test_what_was_misread_is_repeated_and_what_was_not_read_is_not_answered(layout, pieces):
    table = replace(
        draw("charts", 1, "train").table, kind="bar", title="Total Sales", categories=("Butter", "Bread"),
        category_axis="", value_axis="", series=("",), values=((18.0, 40.0),), printed=(("", ""),),
        written=(("18", "40"),),
    )  # fmt: skip
    asked = [
        question("title", "Total Sales"), question("highest", "Bread"), question("lowest", "Butter"),
        question("estimate", "18", "How much is Butter?"), question("estimate", "40", "And Bread?"),
        question("chart kind", "a bar chart"),
    ]  # fmt: skip
    picture = Picture(Image.new("RGB", (9, 9)), "charts", "charts", table=table)
    whole = as_read(asked, table, layout.written(picture), pieces)
    assert [one.answer for one in whole] == [one.answer for one in asked]
    misread = replace(table, title="Total Sale", categories=("Buter", "Bread"), written=(("17", "40"),))
    cells = layout.written(replace(picture, table=misread))
    answers = [one.answer for one in as_read(asked, table, cells, pieces)]
    assert answers == ["Total Sale", "Bread", "Buter", "17", "40", "a bar chart"]
    nothing = as_read(asked, table, [pieces.blank] * 144, pieces)
    assert {one.answer for one in nothing} == {UNREAD_ANSWER, "a bar chart"}


def test_a_turned_chart_has_its_axiss_name_upright():
    picture = next(one for one in (draw("charts", seed, "train") for seed in range(60))
                   if any(run.role == "axis" and run.rotation == 90 for run in one.runs))  # fmt: skip
    turned = turned_right(picture)
    (name,) = (run for run in turned.runs if run.role == "axis" and abs(run.rotation) < 1)
    xs = [x for x, _ in name.points]
    assert xs == sorted(xs) and turned.image.size == picture.image.size[::-1]
    x0, y0, x1, y1 = name.box
    assert 0 <= x0 < x1 <= turned.image.width and 0 <= y0 < y1 <= turned.image.height
