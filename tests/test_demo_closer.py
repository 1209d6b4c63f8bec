"""Closer looks at an answer: in the lane, with Stop; what was refused can still be read at the end."""

from types import SimpleNamespace

import gradio as gr
import pytest

from demo import view
from demo.answering import Answering
from demo.handlers import Handlers
from demo.lane import Lane
from demo.picture_store import PictureStore
from demo.startup import Startup
from mova.errors import QuestionRefused
from tests.demo_pictures import make_examples
from tests.fake_engine import FakeEngine
from tests.page_client import SETTINGS

ANNA = SimpleNamespace(session_hash="anna")
STATUS, STOP = view.PARTS.index("status"), view.PARTS.index("stop")


class Refusing(FakeEngine):
    """Answers, and refuses every closer look."""

    def components(self, image, letter, *, stop=None):
        raise QuestionRefused("It is not to be seen.")

    def route(self, question, image, *, stop=None):
        raise QuestionRefused("It is not to be routed.")

    def worth(self, trace, image, *, stop=None):
        raise QuestionRefused("It is not to be weighed.")


def answered(engine: FakeEngine, folder) -> Handlers:
    """Handlers of a page on which anna has had one example answered."""
    (folder / "store").mkdir()
    store = PictureStore(folder / "store")
    handlers = Handlers(Answering(Startup(engine), Lane()), make_examples(folder), store)
    list(handlers.act_and_ask(SimpleNamespace(act="example", index=4), ANNA, *SETTINGS))
    return handlers


def looked(handlers: Handlers, act: str, **more) -> list[tuple]:
    return list(handlers.act_and_ask(SimpleNamespace(act=act, **more), ANNA, *SETTINGS))


@pytest.mark.parametrize(
    ("act", "said"), [("see", "not to be seen"), ("ways", "not to be routed"), ("worth", "not to be weighed")]
)
def test_a_refusal_is_the_last_thing_said_and_the_line_is_free(tmp_path, act, said):
    handlers = answered(Refusing(pace=0), tmp_path)
    last = looked(handlers, act, id="E")[-1]
    assert said in last[STATUS] and 'role="alert"' in last[STATUS]
    assert last[STOP] == gr.Button(interactive=False) or last[STOP].interactive is False
    assert not handlers.lane.busy("anna")


@pytest.mark.parametrize("act", ["see", "ways", "worth"])
def test_a_look_has_stop_while_it_lasts_and_nothing_said_after_it(tmp_path, act):
    handlers = answered(FakeEngine(pace=0), tmp_path)
    views = looked(handlers, act, id="E")
    stops = [shown[STOP].interactive for shown in views if isinstance(shown[STOP], gr.Button)]
    assert True in stops and stops[-1] is False
    assert 'role="alert"' not in str(views[-1][STATUS])
