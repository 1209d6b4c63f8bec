"""Pictures as people's tools make them: labels on the ink, answers from the labels, what is kept apart."""

import hashlib
import itertools
import os
import random
import re
import subprocess
import sys
from functools import cache
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mova.vision.experts.pool import LETTERS, MAX_EXPERTS
from training.makers import fonts, people_words, thing_words
from training.makers.catalogue import MAKERS, draw
from training.makers.charts import HELD_OUT_STYLES, TRAIN_STYLES, Look
from training.makers.fields import Habits
from training.makers.flow import MOST_LINES, SIDE, SMALLEST_CAP
from training.makers.lines import PRINTABLE
from training.makers.pages import headed
from training.makers.papers import compose
from training.makers.records import ROLES
from training.makers.web_signs import BOARDS
from training.makers.words import KEPT_EVERY, Words, common_words, is_kept, is_kept_apart
from training.pictures.documents import ABSENT_ANSWER
from training.pictures.tables import KINDS
from training.pictures.unfamiliar import SMALL_ANSWER, UNKNOWN_ANSWER
from training.stock import Stock

ROOT = Path(__file__).parents[1]
DRAWN = tuple(name for name, maker in MAKERS.items() if not maker.browser and not maker.installed)
NOBODYS = ("unfamiliar", "formulas", "diagrams", "sketches")  # pictures that nobody can answer for
COUNTED = ("item count", "row count", "document kind", "what", "describe", "absent", "ticked")
PILLOW = tuple(name for name, maker in MAKERS.items() if maker.exact)
SEEDS = {"charts": range(8), "small-print": range(1)} | dict.fromkeys(NOBODYS, range(6))
# SHA-256 of the pixels of pictures that Pillow drew with Matplotlib's fonts alone.
PIXELS = {
    "documents": "551bb0a1208846c1dbae01951ea83fc27ab3ede0e4a1f3eb1c645df59fa47d90",
    "windows": "c08944000bd3cab14ec66e0df52dc1ee7a207cf17cd8074cbeb24f7a38a778ed",
    "signs": "40bffbce26a0c71baea7f02f35e4d0773001df911dadc895c547cf05145c842f",
}


@cache
def pictures(maker, split="train"):
    return [draw(maker, seed, split) for seed in SEEDS.get(maker, range(20))]


@pytest.fixture
def only_bundled_fonts(monkeypatch, tmp_path):
    """A machine without Debian's fonts and words."""
    monkeypatch.setattr(fonts, "DEBIAN", tmp_path)
    monkeypatch.setattr("training.makers.words.GRADED_WORDS", tmp_path)
    fonts.installed.cache_clear()
    common_words.cache_clear()
    yield
    fonts.installed.cache_clear()
    common_words.cache_clear()


def check_texts(picture):
    """Runs are plain text on the picture, with a point for each character."""
    assert picture.image.mode == "RGB"
    width, height = picture.image.size
    for run in picture.runs:
        assert run.text.isascii() and run.text.isprintable() and run.text == run.text.strip()
        assert len(run.points) == len(run.text) == len(run.xs)
        assert run.role in ROLES
        assert -1 <= run.box[0] < run.box[2] <= width + 1
        assert -1 <= run.box[1] < run.box[3] <= height + 1
        assert all(0 <= x <= width and 0 <= y <= height for x, y in run.points)


def check_ink(picture):
    """Every run's box holds dark and light."""
    pixels = np.asarray(picture.image.convert("L")).astype(int)
    for run in picture.runs:
        x0, y0, x1, y1 = (max(0, round(part)) for part in run.box)
        inside = pixels[y0 : y1 + 1, x0 : x1 + 1]
        assert inside.max() - inside.min() > 40, run


def stems_on_ink(pictures):
    """Share of the letters with a stem in their middle that have ink where their point is."""
    met = total = 0
    for picture in pictures:
        pixels = np.asarray(picture.image.convert("L")).astype(int)
        for run in picture.runs:
            x0, y0, x1, y1 = (max(0, round(part)) for part in run.box)
            paper = np.median(pixels[y0:y1, x0:x1])
            half = max(1, run.cap * 0.12)
            for letter, (x, y) in zip(run.text, run.points, strict=True):
                if letter in "Ili1TtfEFHB" and run.rotation == 0:
                    rows = slice(round(y - half), round(y + half) + 1)
                    columns = slice(round(x - half), round(x + half) + 1)
                    met += abs(pixels[rows, columns] - paper).max() > 40
                    total += 1
    assert total > 20
    return met / total


def check_size(picture):
    """The print is as large, and as little, as is promised."""
    assert min(picture.caps(SIDE)) >= SMALLEST_CAP
    assert len({run.line for run in picture.runs}) <= MOST_LINES


def check_questions(picture, split):
    """Questions are whole, and those kept for judging are asked in the test split only."""
    assert picture.questions
    for question in picture.questions:
        assert question.text.strip() and question.answer.strip()
        assert "{" not in question.text
        assert len(question.experts) <= MAX_EXPERTS
        assert set(question.experts) <= set(LETTERS)
        assert split == "test" or not question.held_out
    assert split == "test" or not picture.held_out


def check_answers(picture):
    """What is asked of a text can be read on the picture."""
    said = " ".join(run.text for run in picture.runs)
    for question in picture.questions:
        if question.experts and question.kind not in COUNTED and question.answer != ABSENT_ANSWER:
            parts = question.answer.split(", ") if question.kind in ("button", "menu") else [question.answer]
            assert all(part in said for part in parts), question


@pytest.mark.parametrize("maker", [name for name in DRAWN if name not in (*NOBODYS, "forms")])
def test_texts_lie_on_ink_where_the_runs_say(maker):
    for picture in pictures(maker):
        check_texts(picture)
        check_ink(picture)
    assert maker == "small-print" or stems_on_ink(pictures(maker)) > 0.9


def test_lines_hold_all_sorts_of_printable_signs():
    found = [draw("lines", seed, "train") for seed in range(120)]
    written = {letter for picture in found for run in picture.runs for letter in run.text}
    assert len(written & set(PRINTABLE)) > 0.95 * len(PRINTABLE)


def test_small_print_is_smaller_than_what_is_promised_and_is_said_to_be():
    for picture in pictures("small-print"):
        assert max(picture.caps(SIDE)) < SMALLEST_CAP * 0.7
        assert any(question.answer == SMALL_ANSWER for question in picture.questions)


@pytest.mark.parametrize("maker", NOBODYS)
def test_unfamiliar_pictures_are_answered_for_by_no_one(maker):
    for picture in pictures(maker):
        assert all(question.experts == () for question in picture.questions)
        assert any(question.answer == UNKNOWN_ANSWER for question in picture.questions)


@pytest.mark.parametrize("maker", ["documents", "signs", "windows"])
def test_pages_keep_to_the_size_that_is_promised(maker):
    for picture in pictures(maker):
        check_size(picture)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("maker", DRAWN)
def test_questions_are_whole_and_held_out_ones_only_tested(maker, split):
    for picture in pictures(maker, split):
        check_questions(picture, split)


@pytest.mark.parametrize("maker", ["documents", "signs", "windows"])
def test_answers_are_read_from_the_picture(maker):
    for picture in pictures(maker):
        check_answers(picture)


def by_chromium(folder, chromium_path, maker, count):
    """A maker's first pictures, drawn in a process of its own: playwright runs once in a thread."""
    command = [sys.executable, "-m", "training.stock", str(folder), "--makers", maker]
    command += ["--pictures", str(count)]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "CHROMIUM": chromium_path})
    return list(Stock(folder))


def test_fields_side_by_side_keep_each_value_below_its_name():
    rows = 0
    for seed in range(12):
        habits = Habits.choose(Words(random.Random(seed), "train"))
        entries = list(compose(habits.words).entries)
        found = []
        for table in re.findall(r"<table.*?</table>", headed(habits, entries)):
            names, values = (
                [unescape(text) for text in re.findall(r"<td[^>]*>(.*?)</td>", row)]
                for row in re.findall(r"<tr>(.*?)</tr>", table)
            )
            found += zip(names, values, strict=True)
            rows += len(names) > 1
        assert found == [(entry.label, entry.value) for entry in entries]
    assert rows > 10


@pytest.mark.browser
def test_pages_by_chromium_are_labelled_as_the_others(tmp_path, chromium_path):
    found = by_chromium(tmp_path, chromium_path, "pages", 12)
    for picture in found:
        check_texts(picture)
        check_ink(picture)
        check_questions(picture, "train")
        check_answers(picture)
    assert stems_on_ink(found) > 0.9
    assert sum(min(picture.caps(SIDE)) >= SMALLEST_CAP for picture in found) >= 10


@pytest.mark.browser
def test_charts_by_chromium_have_a_mark_for_every_value(tmp_path, chromium_path):
    found = by_chromium(tmp_path, chromium_path, "web-charts", 10)
    for picture in found:
        check_questions(picture, "train")
        table, kinds = picture.table, [mark.kind for mark in picture.marks]
        count = len(table.categories)
        ends = ["centre", *["rim"] * count] if table.kind == "pie" else ["end"] * len(table.series) * count
        assert kinds == ends
        texts = {run.text for run in picture.runs}
        assert texts >= {*table.categories, *([table.title] if table.title else [])}
    assert stems_on_ink(found) > 0.85
    assert sum(min(picture.caps(SIDE)) >= SMALLEST_CAP for picture in found) >= 8


@pytest.mark.browser
def test_signs_by_chromium_show_their_words_large_enough(tmp_path, chromium_path):
    found = by_chromium(tmp_path, chromium_path, "web-signs", 16)
    for picture in found:
        assert picture.domain == "signs" and 1 <= len(picture.runs) <= 4
        check_texts(picture)
        check_ink(picture)
        check_size(picture)
        check_questions(picture, "train")
        check_answers(picture)
    assert stems_on_ink(found) > 0.9
    assert len({picture.image.size for picture in found}) > 6


def test_boards_kept_for_judging_are_not_hung_up_in_training():
    assert len(set(BOARDS["test"]) - set(BOARDS["train"])) >= 2


def test_a_charts_texts_are_its_tables():
    for picture in pictures("charts"):
        table = picture.table
        assert table.kind in KINDS
        texts = {role: [run for run in picture.runs if run.role == role] for role in ROLES}
        assert [run.text for run in texts["title"]] == ([table.title] if table.title else [])
        names = {run.category: run.text for run in texts["category"]}
        assert names == dict(enumerate(table.categories))
        printed = {(run.series, run.category): run.text for run in texts["value"]}
        for s, row in enumerate(table.printed):
            for k, text in enumerate(row):
                assert printed.get((s, k), "") == text


def test_answers_about_charts_follow_from_the_table():
    for picture in pictures("charts"):
        table = picture.table
        best = table.categories[table.values[0].index(max(table.values[0]))]
        for question in picture.questions:
            if question.kind == "highest":
                assert question.answer == best
            elif question.kind in ("value", "estimate"):
                assert question.answer in table.written[0]
            elif question.kind == "chart kind":
                assert question.answer == f"a {table.kind} chart"


def test_charts_show_their_longest_bar_where_the_table_says():
    ends = {"bar": lambda run: run.points[0][1], "horizontal bar": lambda run: -run.box[0]}
    for picture in pictures("charts"):
        end = ends.get(picture.table.kind)
        values = [run for run in picture.runs if run.role == "value"]
        if end and values and min(picture.table.values[0]) > 0:
            highest = min(values, key=end)
            assert highest.category == picture.table.values[0].index(max(picture.table.values[0]))


@pytest.mark.parametrize("maker", PILLOW)
def test_a_seed_draws_the_same_picture_again(maker):
    first, again, other = draw(maker, 3, "train"), draw(maker, 3, "train"), draw(maker, 4, "train")
    assert first.image.tobytes() == again.image.tobytes()
    assert (first.runs, first.questions) == (again.runs, again.questions)
    assert first.image.tobytes() != other.image.tobytes()


@pytest.mark.parametrize("maker", PIXELS)
def test_pillow_draws_the_same_bytes_with_the_fonts_that_everyone_has(maker, only_bundled_fonts):
    assert hashlib.sha256(draw(maker, 5, "train").image.tobytes()).hexdigest() == PIXELS[maker]


def test_without_debians_fonts_there_are_some_of_both_parts(only_bundled_fonts):
    assert len(fonts.installed(False)) >= 3
    assert len(fonts.installed(True)) >= 2


def test_a_fifth_of_the_families_or_more_is_kept_apart():
    kept = [family for family in fonts.FAMILIES if family.kept]
    assert len(kept) / len(fonts.FAMILIES) > 0.2
    for split, wanted in (("train", {False}), ("test", {False, True})):
        rng = random.Random(0)
        assert {fonts.choose_family(rng, split).kept for _ in range(200)} == wanted


def test_styles_kept_apart_are_never_trained_on():
    assert not set(TRAIN_STYLES) & set(HELD_OUT_STYLES)
    assert len(HELD_OUT_STYLES) >= 4
    rng = random.Random(0)
    assert not {Look.choose(rng, "train").style for _ in range(300)} & set(HELD_OUT_STYLES)
    assert {Look.choose(rng, "test").style for _ in range(300)} >= set(HELD_OUT_STYLES)


LISTS = (people_words.FIRST_NAMES, people_words.SURNAMES, people_words.CITIES, thing_words.GOODS)


def test_words_kept_apart_are_drawn_in_the_test_split_only():
    assert not is_kept("Total Name") and 6 <= KEPT_EVERY <= 10
    for words in LISTS:
        share = sum(map(is_kept, words)) / len(words)
        assert 0.04 < share < 0.35
        train, test = Words(random.Random(0), "train"), Words(random.Random(0), "test")
        assert not any(is_kept(train.pick(words)) for _ in range(300))
        assert any(is_kept(test.pick(words)) for _ in range(30))
        assert test.kept_used and not train.kept_used
    train = Words(random.Random(1), "train")
    assert not any(is_kept_apart(train.invented()) or is_kept_apart(train.letters()) for _ in range(300))


def test_training_pictures_show_no_name_or_place_kept_apart():
    kept = {w for w in (*people_words.FIRST_NAMES, *people_words.CITIES) if is_kept_apart(w)}
    for maker in DRAWN:
        texts = " ".join(run.text for picture in pictures(maker) for run in picture.runs)
        assert not {word.strip(",.:") for word in texts.split()} & kept


def test_pictures_are_of_many_sizes_with_small_and_large_print():
    found = pictures("documents")
    assert len({picture.image.size for picture in found}) > 8
    caps = [min(picture.caps(SIDE)) for picture in found]
    assert min(caps) < 15 and max(caps) > 24


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="train, test"):
        draw("documents", 0, "validation")


def test_padding_is_that_of_the_square():
    picture = pictures("documents")[0]
    side = max(picture.image.size)
    left, top = picture.padding
    square = Image.new("RGB", (side, side))
    square.paste(picture.image, (left, top))
    assert square.size == (side, side) and min(left, top) == 0


def test_forms_stand_apart_on_pale_or_dark_paper_in_the_colours_they_are_called():
    for picture in pictures("forms"):
        pixels = np.asarray(picture.image).astype(int)
        paper = np.median(pixels, axis=(0, 1))
        assert (paper.min() > 170 or paper.max() < 70) and 1 <= len(picture.boxes) <= 5
        asked = [q for q in picture.questions if q.kind == "colour"]
        names = [name for name, _ in picture.boxes]
        assert all(any(name.startswith(q.answer) for name in names) for q in asked)
        sides = sorted(max(x1 - x0, y1 - y0) for _, (x0, y0, x1, y1) in picture.boxes)
        assert all(b > 1.02 * a for a, b in zip(sides, sides[1:], strict=False))
        for (_, a), (_, b) in itertools.combinations(picture.boxes, 2):
            between = np.hypot(a[0] + a[2] - b[0] - b[2], a[1] + a[3] - b[1] - b[3]) / 2
            assert between > 1.3 * (a[2] - a[0] + b[2] - b[0]) / 2, "no corner touches another shape"
        for name, (x0, y0, x1, y1) in picture.boxes:
            around = pixels[round(y0) - 3 : round(y1) + 3, round(x0) - 3 : round(x1) + 3]
            assert around.size and np.ptp(around, axis=(0, 1)).max() > 40, name
