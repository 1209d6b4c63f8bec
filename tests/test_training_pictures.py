"""The drawn pictures: the same from a seed, labels where they say, questions with answers and experts."""

import hashlib
import json
import random
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from mova.vision.experts.pool import LETTERS, MAX_EXPERTS
from training.examples import DOUBTFUL, EXAMPLES, GREETING, PLACE, drawn
from training.pictures import things
from training.pictures.asking import UNFRAMED, chat
from training.pictures.canvas import pieces
from training.pictures.drawing import DOMAINS, SPLITS, draw, pick_experts
from training.pictures.objects import STEPS
from training.pictures.records import GRID, SIDE

ROOT = Path(__file__).parents[1]
SEEDS = range(12)
# SHA-256 of the pixels of three pictures without JPEG, so that a change of the generator is noticed.
PIXELS = {
    ("documents", 1013): "ad1268ca4e5bc936783dcde6ff8c64a9cfa98ce2b800aeb32415375c772b096a",
    ("charts", 1023): "8ed3f0e627e7718186ab494fc1de3ec07b12f4afcacea5c8497276e650779ca3",
    ("scenes", 1023): "4b8eef5310304a0ea89d60fabc6ebd4cb2f8e7300449feaea0e2a359b75f3dc4",
}


def drawings(domain, split="train"):
    return [draw(domain, seed, split) for seed in SEEDS]


def written_cells(drawing, label):
    """(cell, what is written) of each piece of a label, at its first character."""
    y = (label.box[1] + label.box[3]) / 2
    if not label.xs:
        return [(drawing.cell((label.box[0] + label.box[2]) / 2, y), label.text)]
    cells, start = [], 0
    for piece in pieces(label.text):
        cells.append((drawing.cell(label.xs[start], y), piece))
        start += len(piece)
    return cells


@pytest.mark.parametrize(("domain", "seed"), PIXELS)
def test_a_seed_draws_the_same_bytes(domain, seed):
    pixels = draw(domain, seed, "test").image.tobytes()
    assert hashlib.sha256(pixels).hexdigest() == PIXELS[domain, seed]


@pytest.mark.parametrize("domain", DOMAINS)
def test_seeds_and_splits_differ_and_repeat(domain):
    first, again = draw(domain, 3, "train"), draw(domain, 3, "train")
    assert first.image.tobytes() == again.image.tobytes()
    assert (first.labels, first.questions) == (again.labels, again.questions)
    assert first.image.tobytes() != draw(domain, 4, "train").image.tobytes()
    assert first.image.tobytes() != draw(domain, 3, "test").image.tobytes()


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="train, test"):
        draw("scenes", 0, "validation")


@pytest.mark.parametrize("domain", DOMAINS)
def test_pictures_are_near_square_rgb(domain):
    for drawing in drawings(domain):
        assert drawing.image.mode == "RGB"
        assert max(drawing.image.size) == 384
        widest = 1.8 if domain == "unfamiliar" else 1.34
        assert 1 / widest <= drawing.image.width / drawing.image.height <= widest


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_labels_lie_on_the_padded_square_and_drawn_words_on_the_picture(domain, split):
    for drawing in drawings(domain, split):
        for letter, labels in drawing.labels.items():
            assert letter in LETTERS
            for label in labels:
                assert len(label.xs) in (0, len(label.text))
                assert all(0 <= x <= drawing.image.width for x in label.xs), label
                for (line, column), _ in written_cells(drawing, label):
                    assert 0 <= line < GRID, label
                    assert 0 <= column < GRID, label


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_cell_is_told_one_thing_by_the_experts_of_a_question(domain, split):
    for drawing in drawings(domain, split):
        for experts in {question.experts for question in drawing.questions}:
            told = {}
            labels = [label for letter in experts for label in drawing.labels[letter]]
            for label in (label for label in labels if label.role != "tick"):
                for cell, text in written_cells(drawing, label):
                    assert told.setdefault(cell, text) == text, (domain, cell, text)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_questions_have_answers_and_experts_that_wrote_something(domain, split):
    for drawing in drawings(domain, split):
        assert drawing.questions
        for question in drawing.questions:
            assert question.text.strip()
            assert question.answer.strip()
            assert "{" not in question.text
            assert len(question.experts) <= MAX_EXPERTS
            assert set(question.experts) <= set(drawing.labels), question
            assert split == "test" or not question.held_out


def test_held_out_phrasings_are_never_asked_in_training():
    train, test = set(), set()
    for domain in DOMAINS:
        train |= {question.text for drawing in drawings(domain) for question in drawing.questions}
        for drawing in drawings(domain, "test"):
            test |= {question.text for question in drawing.questions if question.held_out}
    assert test
    assert not train & test


def test_the_same_question_needs_another_expert_on_another_picture():
    experts = defaultdict(set)
    for domain in DOMAINS:
        for seed in range(40):
            for question in draw(domain, seed, "train").questions:
                experts[question.text].add(question.experts)
    assert len(experts["What is this?"]) >= 4
    assert len(experts["What does it say?"]) >= 2
    assert len(experts["How many are there?"]) >= 2


def test_the_same_picture_needs_other_experts_for_other_questions():
    for domain in ("scenes", "mixed"):
        needed = [{question.experts for question in drawing.questions} for drawing in drawings(domain)]
        assert sum(len(sets) > 1 for sets in needed) > len(needed) / 2


def test_counts_and_boxes_are_those_of_what_was_drawn():
    for drawing in drawings("objects"):
        names = [name for name, _ in drawing.boxes]
        counts = [label.text for label in drawing.labels["C"] if label.role == "count"]
        assert counts == [str(names.count(name)) for name in names]
        answers = {question.answer for question in drawing.questions if question.kind == "box"}
        assert all(answer.startswith("[0.") and answer.count(",") == 3 for answer in answers)


def test_a_place_is_written_beside_its_thing_in_twentieths_of_the_side():
    for drawing in drawings("objects"):
        places = [label for label in drawing.labels["C"] if label.role == "place"]
        things = [label for label in drawing.labels["C"] if label.role == "object"]
        assert len(places) == 5 * len(things)
        for k, (name, box) in enumerate(drawing.boxes):
            line = places[5 * k : 5 * k + 5]
            padding = drawing.padding * 2
            edges = [int((part + pad) / SIDE * 20) for part, pad in zip(box, padding, strict=True)]
            assert line[0].text == name
            for label, edge in zip(line[1:], edges, strict=True):
                assert abs(STEPS.index(label.text) - edge) <= 1
            row, column = drawing.cell(*middle(things[k].box))
            assert [drawing.cell(*middle(label.box)) for label in line] == [
                (row + 1, column + j) for j in range(-2, 3)
            ]


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_sort_of_picture_it_is_follows_from_what_is_on_it(domain):
    sorts = {"E": "a chart", "B": "a document", "F": "a medical picture"}
    asked = [
        (question, drawing)
        for drawing in (draw(domain, seed, "train") for seed in range(60))
        for question in drawing.questions
        if question.kind == "sort"
    ]
    for question, drawing in asked:
        own = {sorts[letter] for letter in drawing.labels if letter in sorts}
        asked_for = next(sort for sort in sorts.values() if sort in question.text.lower())
        assert question.answer == ("yes" if asked_for in own else "no")
        assert question.experts == ()
    assert asked


def middle(box):
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_experts_that_few_questions_need_are_picked_as_often_as_the_others():
    drawing = next(d for d in drawings("mixed") if len({q.experts for q in d.questions if q.experts}) > 3)
    sets = {question.experts for question in drawing.questions if question.experts}
    rng = random.Random(0)
    picked = Counter(pick_experts(rng, drawing) for _ in range(400))
    assert set(picked) == {question.experts for question in drawing.questions}
    assert min(picked[experts] for experts in sets) > 0.6 * 400 / (len(sets) + 1)


def test_every_thing_has_its_picture_and_the_folder_its_licence():
    folder = ROOT / "training" / "pictures" / "emoji"
    assert {path.stem for path in folder.glob("*.png")} == set(things.THINGS)
    assert "Apache License" in (folder / "LICENSE").read_text()


def test_a_larger_scale_draws_the_same_picture_larger():
    small, large = draw("charts", 1023, "test"), draw("charts", 1023, "test", scale=2)
    assert large.image.size == tuple(2 * side for side in small.image.size)
    assert large.questions == small.questions
    difference = ImageChops.difference(large.image.resize(small.image.size), small.image).convert("L")
    assert sum(difference.tobytes()) / (small.image.width * small.image.height) < 12


def test_the_examples_are_what_the_generator_draws():
    rows = json.loads((ROOT / "examples" / "examples.json").read_text(encoding="utf-8"))
    for example, written in zip(EXAMPLES, rows, strict=False):
        image, own = drawn(example)
        assert own == written
        with Image.open(ROOT / "examples" / example.image) as picture:
            assert picture.size == image.size
    shown = [(row["image"], row["question"], *row["experts"], row["answer"], row["look_at"]) for row in rows]
    assert shown[len(EXAMPLES) : -2] == list(DOUBTFUL) and rows[-2]["answer"] == GREETING["answer"]
    assert shown[-1] == PLACE
    assert {letter for written in rows for letter in written["experts"]} == set(LETTERS)


def test_courtesies_stand_around_questions_and_never_around_greetings():
    talk = [chat(random.Random(seed), "train") for seed in range(400)]
    framed = {kind for kind, text in ((q.kind, q.text) for q in talk) if text.startswith("Please tell me: ")}
    assert framed and not framed & set(UNFRAMED)
