"""The history strip and the three wordings: routing is seen to follow the question."""

from demo.panels.history import HistoryRow, history_html
from demo.panels.three_ways import came, three_ways_html
from demo.words import ENGLISH
from demo.words.table import words_in
from mova.trace import Routing, Trace
from mova.vision.experts.pool import LETTERS
from tests.fake_engine import INFO
from tests.test_demo_panels import HOSTILE, Words, trace_of

ROWS = (
    HistoryRow("a1", "What is it?", trace_of()),
    HistoryRow("b2", "Hello", trace_of("Hello"), shown=True),
    HistoryRow("c3", "Hello", trace_of("Hello", image=None)),
    HistoryRow("d4", HOSTILE),
)


def test_every_question_is_a_button_that_brings_its_answer_back():
    buttons = [a for tag, a in Words(history_html(ROWS, ENGLISH)).tags if tag == "button"]
    assert [(a["data-act"], a["data-id"]) for a in buttons] == [("show", row.id) for row in ROWS]
    assert [a["aria-pressed"] for a in buttons] == ["false", "true", "false", "false"]


def test_a_row_says_which_experts_came_and_how_much_of_each():
    text = Words(history_html(ROWS, ENGLISH)).text
    assert "What is it?: DePlot 0.62, Pix2Struct 0.38" in text
    assert "none: CLIP alone" in text and "not routed" in text and "not routed yet" in text


def test_before_the_gate_has_weighed_the_letters_stand_alone():
    routed = Trace("q", INFO, routing=Routing("E,D", ("E", "D"), None))
    html = history_html([HistoryRow("a", "q", routed)], ENGLISH)
    assert "q: DePlot, Pix2Struct" in Words(html).text
    assert html.count("mova-history-cell picked") == 2 and html.count("--w:100%") == 2


def test_a_hostile_question_stays_text():
    words = Words(history_html(ROWS, ENGLISH) + three_ways_html([(HOSTILE, None)], ENGLISH))
    assert words.text.count(HOSTILE) == 2
    assert not {"script", "img"} & {tag for tag, _ in words.tags}


def test_nothing_asked_gives_no_strip():
    assert history_html([], ENGLISH) == "" == three_ways_html([], ENGLISH)


def routing(*letters: str) -> Routing:
    return Routing(",".join(letters) or "none", letters, (0.5,) * 7, none_probability=0.9)


def test_it_is_counted_how_often_each_expert_came():
    results = [("one", routing("E", "D")), ("two", routing("E")), ("three", routing()), ("four", None)]
    counts = came(results)
    assert counts == dict.fromkeys(LETTERS, 0) | {"E": 2, "D": 1, "none": 1}
    text = Words(three_ways_html(results, ENGLISH)).text
    assert "Routed 3 of 4" in text and "2/3" in text and "0.90" in text
    assert "waiting" in text


def test_it_is_said_whether_the_wording_matters():
    same = [("one", routing("E", "D")), ("two", routing("D", "E"))]
    assert "Every wording called for the same experts." in three_ways_html(same, ENGLISH)
    assert "2 different choices" in three_ways_html([*same, ("three", routing("A"))], ENGLISH)
    assert "同样的专家" in three_ways_html(same, words_in("zh"))
