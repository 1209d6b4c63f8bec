"""Many visitors at once, each with a picture and questions of their own: nobody gets a word, a map, a choice
or a picture of another's. The model's answer is a function of what was asked; interleavings are forced, one
event at a time, by a schedule drawn from a seed.
"""

import random
import re
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from demo import answering as answering_module
from demo import state
from demo.answering import Answering
from demo.handlers import Handlers
from demo.lane import Lane
from demo.picture_store import PictureStore
from demo.startup import Startup
from demo.view import PARTS
from mova.engine import Engine, drain
from mova.images import read_image
from mova.language.prompts import Turn
from mova.request import Decoding
from tests.asking import kinds, picture, prepare
from tests.demo_pictures import draw_picture, make_examples

TOKENS = 4
GREEDY, WARM = Decoding(TOKENS), Decoding(TOKENS, temperature=1.2, top_p=0.9, seed=7)
# question, experts (None: the router), picture's seed (None: none), earlier turns, decoding
ASKED = (
    ("why?", None, 0, (), GREEDY),
    ("why?", None, 1, (), GREEDY),
    ("how many are there?", None, 0, (), GREEDY),
    ("why?", ("A",), 0, (), GREEDY),
    ("why?", ("A", "G"), 0, (), WARM),
    ("why?", (), 1, (Turn("what?", "this"),), GREEDY),
    ("why?", ("B", "C", "D"), 2, (), GREEDY),
    ("what is it?", None, None, (), GREEDY),
    ("what is it?", None, None, (Turn("why?", "so"),), WARM),
)


def begin(engine: Engine, number: int):
    question, experts, seed, history, decoding = ASKED[number]
    image = None if seed is None else picture(seed)
    return engine.answer(question, image, history, experts=experts, decoding=decoding)


def what_came(trace) -> tuple:
    """Everything of a trace that the question decides, and time does not."""
    maps = trace.contributions
    return trace.answer, trace.routing, trace.gates, None if maps is None else maps.digest


@pytest.fixture(scope="module")
def alone(tiny_loaded):
    """What each of ASKED gets from an engine that nobody else has used."""
    return [
        what_came(drain(begin(prepare(Engine(tiny_loaded), ends=frozenset()), n))) for n in range(len(ASKED))
    ]


def test_every_answer_depends_on_its_own_picture_question_choice_and_past(alone):
    assert len({answer for answer, *_ in alone}) >= len(ASKED) - 1, "else a mix-up would not be seen"
    assert len(set(map(repr, alone))) == len(ASKED)


@pytest.mark.parametrize("first", [0, 4, 8])
def test_an_answer_left_at_any_moment_leaves_no_trace_in_the_next(engine, alone, first):
    """At each event in turn the first visitor goes away, and another asks the same engine."""
    whole = list(begin(engine, first))
    assert {"ImageRead", "BaseEncoded", "Gated", "Prefilled", "Piece"} <= {*kinds(whole)} or first == 8
    events = len(whole)
    for place in range(1, events + 1):
        begun = begin(engine, first)
        for _ in range(place):
            next(begun)
        begun.close()
        second = (first + place) % len(ASKED)
        assert what_came(drain(begin(engine, second))) == alone[second]


@pytest.mark.parametrize("kept", [1, 600_000, 10**9])
def test_answers_in_any_order_on_a_small_cache_are_each_ones_own(tiny_loaded, alone, kept):
    engine = prepare(Engine(tiny_loaded, kept_bytes=kept), ends=frozenset())
    order = [*range(len(ASKED))] * 2
    random.Random(kept).shuffle(order)
    for number in order:
        assert what_came(drain(begin(engine, number))) == alone[number]


# --- the page: lane, visits, pictures and what is shown, over the same engine -----------------------


@dataclass
class Person:
    """One visitor, what they have asked and what they were shown of it."""

    name: str
    file: object
    questions: list[str]
    letters: str
    shown: list[str] = field(default_factory=list)

    @property
    def request(self) -> SimpleNamespace:
        return SimpleNamespace(session_hash=self.name)

    @property
    def settings(self) -> tuple:
        return "forced", list(self.letters), TOKENS, 0.0, 1.0, 0

    def references(self, loaded) -> list[tuple]:
        """What each of their questions gets from an engine of their own."""
        engine, image, turns = prepare(Engine(loaded), ends=frozenset()), read_image(self.file), []
        came = []
        for question in self.questions:
            trace = drain(engine.answer(question, image, turns, experts=self.letters, decoding=GREEDY))
            turns.append(Turn(question, trace.answer))
            came.append(what_came(trace))
        return came


def people(folder, count: int = 6) -> list[Person]:
    asked = (["why?", "how many are there?"], ["what is it?"], ["how many?", "why?", "what?"])
    return [
        Person(
            f"visitor-{n}",
            draw_picture(folder / f"{n}.png", (90 + 7 * n, 60 + 5 * n)),
            [f"visitor-{n}, {question}" for question in asked[n % 3]],
            ("A", "AG", "B", "CD")[n % 4],
        )
        for n in range(count)
    ]


def visit(handlers: Handlers, person: Person):
    """A step for each update that this person's page gets, questions one after the other."""
    for number, question in enumerate(person.questions):
        sent = {"text": question, "files": [str(person.file)] if number == 0 else []}
        taken = False
        while not taken:  # a full line refuses: they send it again, as people do
            for composer, *parts in handlers.ask_typed(sent, person.request, *person.settings):
                taken = taken or composer == {"text": "", "files": []}
                person.shown.append(" ".join(part for part in parts if isinstance(part, str)))
                yield


@pytest.mark.parametrize("seed", range(3))
def test_visitors_interleaved_at_every_update_see_only_their_own(tiny_loaded, tmp_path, monkeypatch, seed):
    monkeypatch.setattr(answering_module, "LOOK_INTERVAL", 0.0)
    monkeypatch.setattr(answering_module, "TEXT_INTERVAL", 0.0)
    engine = prepare(Engine(tiny_loaded, kept_bytes=600_000), ends=frozenset())
    (tmp_path / "store").mkdir()
    store = PictureStore(tmp_path / "store")
    lane = Lane(capacity=3)
    handlers = Handlers(Answering(Startup(engine), lane), make_examples(tmp_path), store)
    crowd, rng = people(tmp_path), random.Random(seed)
    expected = {person.name: person.references(tiny_loaded) for person in crowd}
    steps = {person.name: visit(handlers, person) for person in crowd}
    while steps:
        name = rng.choice(sorted(steps))
        for _ in range(rng.randint(1, 4)):
            if next(steps[name], "ended") == "ended":
                del steps[name]
                break
            so_far = handlers.visits.get(name).conversation.exchanges
            for exchange, (answer, *_) in zip(so_far, expected[name], strict=False):
                assert exchange.trace is None or answer.startswith(exchange.trace.answer)
    for person in crowd:
        kept = handlers.visits.get(person.name).conversation
        answered = [exchange for exchange in kept.exchanges if not exchange.failure]
        assert [exchange.question for exchange in answered] == person.questions
        for exchange, (answer, routing, gates, digest) in zip(answered, expected[person.name], strict=True):
            trace = exchange.trace
            assert (trace.answer, trace.routing, trace.gates, trace.contributions) == (
                answer, routing, gates, digest,
            )  # fmt: skip
        check_what_was_shown(person, store, kept)
    assert lane._all() == []


def check_what_was_shown(person, store, kept) -> None:
    """On no update stood a question or a picture of somebody else."""
    own = store.data_uri(kept.picture)
    size = f"{kept.picture.width} × {kept.picture.height}"
    whole = " ".join(person.shown)
    assert own in whole and size in whole
    pictures = set(re.findall(r'src="(data:image/webp[^"]+)"', whole))  # PNGs are maps of contributions
    assert pictures == {own}
    assert set(re.findall(r"\d+ × \d+(?= pixels)", whole)) == {size}
    assert set(re.findall(r"visitor-\d", whole)) == {person.name}, "whose question it is stands in it"


def test_a_visit_is_found_by_its_session_and_its_answers_by_ids_that_nobody_can_guess(tmp_path):
    (tmp_path / "store").mkdir()
    handlers = Handlers(Answering(Startup(), Lane()), [], PictureStore(tmp_path / "store"))
    anna = handlers.visits.change("anna", lambda v: state.ask(v, "a secret?", state.Settings()))
    shown = handlers.act(SimpleNamespace(id=anna.shown, act="show"), SimpleNamespace(session_hash="ben"))
    assert "a secret" not in str(shown)


def test_what_an_act_brings_bears_its_number_so_that_the_page_can_send_the_next_one(tmp_path):
    (tmp_path / "store").mkdir()
    handlers = Handlers(Answering(Startup(), Lane()), [], PictureStore(tmp_path / "store"))
    anna = handlers.visits.change("anna", lambda v: state.ask(v, "a question?", state.Settings()))
    request, done = SimpleNamespace(session_hash="anna"), PARTS.index("done")
    for act, number in (("show", 7), ("no such act", 8)):
        shown = handlers.act(SimpleNamespace(id=anna.shown, act=act, number=number), request)
        assert f'data-number="{number}"' in shown[done]
    shown = handlers.act(SimpleNamespace(id=anna.shown, act="show", number=["<b>"]), request)
    assert 'data-number="0"' in shown[done]
