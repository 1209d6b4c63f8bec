"""The makers kept apart: training never sees them; their examination has a row for every bar."""

import json
import random
from pathlib import Path

import pytest

from mova.evaluation.questions import read_questions
from tests.test_layout import imports, modules
from training.kept_apart import examination as examining
from training.kept_apart import oddities, rows
from training.kept_apart.choice import choose_rows
from training.kept_apart.examination import accepted, asked, drawn_apart, rows_of, save
from training.kept_apart.office import LAYOUTS, compose
from training.kept_apart.plates import FORMS, figure_path, outline
from training.kept_apart.plots import Frame, echarts_option, vega_spec
from training.makers import unfamiliar
from training.makers.catalogue import draw
from training.makers.chart_data import compose as chart_table
from training.makers.words import Words
from training.pictures.tables import KINDS


def test_training_imports_nothing_of_them():
    found = {
        name: [other for other in imports(file) if other.startswith("training.kept_apart")]
        for name, file in modules("training").items()
        if not name.startswith("training.kept_apart")
    }
    assert not {name: others for name, others in found.items() if others}


def test_unfamiliar_kinds_are_others_than_training_has():
    assert len(oddities.KINDS) >= 10
    assert not set(oddities.KINDS) & set(unfamiliar.KINDS)
    assert len(oddities.KINDS) >= len(unfamiliar.KINDS)


@pytest.mark.parametrize("kind", oddities.KINDS)
def test_an_unfamiliar_picture_is_drawn_again_from_its_seed_and_never_answered_for(kind):
    first, again = (oddities.draw_oddity(random.Random(1), kind) for _ in range(2))
    assert first.image.tobytes() == again.image.tobytes()
    assert first.image.mode == "RGB"
    assert len(first.image.convert("L").getcolors(256 * 256)) > 1
    assert all(question.experts == () for question in first.questions)


@pytest.mark.parametrize("kind", KINDS)
def test_other_libraries_are_given_the_tables_values(kind):
    rng = random.Random(kind)
    table = chart_table(Words(rng, "test"), kind)
    frame = Frame.choose(rng)
    written = json.dumps([echarts_option(rng, table, frame), vega_spec(rng, table, frame)])
    given = json.loads(written)
    assert len(given[1]["data"]["values"]) == len(table.series) * len(table.categories)
    for name in table.categories:
        assert json.dumps(name)[1:-1] in written
    if table.title:
        assert given[0]["title"]["text"] == table.title == given[1]["title"]["text"]


def test_papers_of_the_office_state_their_fields_in_every_layout():
    seen = set()
    for seed in range(40):
        office = compose(random.Random(seed))
        for entry in office.written.entries:
            assert entry.value.replace("&", "&amp;").replace("'", "&#x27;") in office.text
        seen.add(office.paper.kind)
    assert {"letter", "invoice"} <= seen
    assert len(LAYOUTS) >= 5


def test_plates_and_figures_are_closed_paths():
    for form in ("arrow", "octagon", "ribbon", "trapezium", "oval", "board"):
        assert outline(form, (10, 10, 90, 40)).startswith("M") and outline(form, (10, 10, 90, 40)).endswith(
            "Z"
        )
    for form in set(FORMS) - {"circle", "ring", "oval", "square", "rectangle"}:
        assert figure_path(form, 20.0).endswith("Z")


@pytest.fixture(scope="module")
def examination(tmp_path_factory):
    """A small one of what can be drawn without a browser."""
    folder = tmp_path_factory.mktemp("examination")
    lines = []
    found = [
        ("b", draw(maker, 900_000 + k, "test"))
        for maker in ("charts", "documents", "signs")
        for k in range(4)
    ]
    found += [("a", oddities.draw_oddity(random.Random(k), "maze")) for k in range(2)]
    for number, (part, picture) in enumerate(found):
        name = f"{part}-{number}.webp"
        save(picture.image, folder / name)
        lines += rows_of(part, name, picture, asked(random.Random(number), picture))
    file = folder / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    return file


def test_the_examination_is_a_question_file(examination):
    questions = read_questions(examination, examination.parent)
    assert {question.category for question in questions} == {
        "b charts", "b documents", "b signs", "a unfamiliar",
    }  # fmt: skip
    assert all(question.target for question in questions)
    assert any("held-out phrasing" in question.tags for question in questions)


def test_every_bar_has_its_row_and_right_answers_score_one(examination):
    asked_of = [
        rows.Asked(one.fields, one.fields["answers"][0], tuple(one.fields["experts"]))
        for one in rows.read(examination, None)
    ]
    table = {row[0]: row for row in rows.results(asked_of)}
    assert table["b charts: highest"][2] == 1.0
    assert table["b documents: field"][2] == 1.0
    assert table["a unfamiliar: cannot tell"][5] == 1.0  # the constant answer is right there and nowhere else
    assert table["b signs: read"][5] == 0.0
    assert all(exact == 1.0 for _, _, exact in rows.routing(asked_of))
    assert rows.refusals(asked_of)[0][1] == 0.0


def test_the_command_prints_baselines_without_answers(examination, capsys):
    rows.main([str(examination)])
    printed = capsys.readouterr().out
    assert "majority answer" in printed and "b charts: lowest" in printed


def test_values_are_right_with_or_without_their_marks():
    picture = draw("charts", 900_001, "test")
    for row, question in asked(random.Random(0), picture):
        answers = accepted(question, picture)
        assert question.answer in answers
        if row == "charts: kind" and picture.table.kind == "horizontal bar":
            assert "a bar chart" in answers


def test_so_many_questions_of_each_row_are_chosen_and_a_pictures_stay_together():
    lines = [
        {"image": f"{k // 3}.png", "tags": tags, "question_id": str(k)}
        for k in range(60)
        for tags in (
            [["a documents: field", "a documents: exact number"], ["a charts: title"], ["b charts: title"]][
                k % 3
            ],
        )
    ]
    chosen = choose_rows(lines, 5)
    assert [line["tags"][0] for line in chosen].count("a charts: title") == 5
    assert len(chosen) == 10, "nothing of part (b)"
    assert {line["tags"][0] for line in choose_rows(lines, 5, "b")} == {"b charts: title"}
    images = [line["image"] for line in chosen]
    assert images == sorted(images, key=images.index), "what is of one picture is asked together"
    fewer = [line if line["image"] > "5" else line | {"tags": line["tags"][:1]} for line in lines]
    exact = [line for line in choose_rows(fewer, 5) if "a documents: exact number" in line["tags"]]
    assert len(exact) == 5, "a row that is part of another goes on until it has its own"


def test_other_numbers_are_other_pictures_of_the_same_makers():
    first, again, other = (
        next(iter(drawn_apart("oddities", range(number, number + 1), None, Path())))
        for number in (0, 0, len(oddities.KINDS))
    )
    assert first.maker == other.maker
    assert first.image.tobytes() == again.image.tobytes() != other.image.tobytes()


def test_an_examination_has_the_parts_and_begins_at_the_number_that_are_asked_for(tmp_path, monkeypatch):
    seeds = []
    monkeypatch.setattr(examining, "draw", lambda maker, seed, split: seeds.append(seed))
    assert len(list(examining.pictures("b", 2, None, tmp_path, first=40))) == len(seeds)
    assert min(seeds) == examining.FIRST_SEED + 40

    oddity = oddities.draw_oddity(random.Random(1), next(iter(oddities.KINDS)))
    parts = []
    monkeypatch.setattr(examining, "pictures", lambda part, *_: parts.append(part) or [oddity])
    written = examining.write_examination(tmp_path, 1, None, first=7, parts=("b",))
    assert parts == ["b"]
    assert {line["image"][-9:] for line in map(json.loads, written.read_text().splitlines())} == {"-0007.png"}
