"""The panel of worth: shades, bars and table say what the trace says, and before that why or how."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from demo.panels.panel import Shown
from demo.panels.worth import WORTH, nats_text, worth_html
from demo.words import ENGLISH
from demo.words.table import words_in
from mova.trace import Routing, Said, Trace
from mova.worth import Passed, Worth
from tests.fake_engine import FakeEngine
from tests.test_demo_panels import HOSTILE, PICTURE, Words, trace_of

STYLES = Path(__file__).parent.parent / "assets" / "page"


def weighed(experts: str, falls: list[list[float]], texts=("It", " is", " boats.")) -> Trace:
    """A trace whose experts' falls by word are these."""
    whole = [-0.5] * len(texts)
    without = [[base - fall for base, fall in zip(whole, row, strict=True)] for row in falls]
    routing = Routing(None, tuple(experts), None, forced=True)
    pieces = tuple(Said(text, 0.1) for text in texts)
    worth = Worth.of(experts, texts, whole, without)
    return replace(trace_of(), routing=routing, pieces=pieces, worth=worth, done=True)


TWO = weighed("ED", [[0.0, 2.0, 4.0], [-1.5, 0.5, 0.25]])


def shown(trace: Trace, **how) -> Shown:
    return replace(Shown.of(trace), **({"live": True} | how))


def drawn(trace: Trace, **how) -> Words:
    return Words(worth_html(shown(trace, **how), ENGLISH))


def marks(html: Words) -> list[dict[str, str]]:
    return [attributes for tag, attributes in html.tags if tag == "mark"]


def cells(html: str) -> list[list[str]]:
    """The table's rows of text."""
    rows = re.findall(r"<tr>(.*?)</tr>", html[html.index("<table") :])
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_each_word_carries_its_shares_its_numbers_and_the_expert_it_needs_most():
    it, is_, boats = marks(drawn(TWO))
    assert [word.get("class") for word in (it, is_, boats)] == [None, "E", "E"]
    assert (it["style"], is_["style"]) == ("--D:-0.375", "--E:0.500;--D:0.125")
    assert boats["style"].startswith("--E:1.000") and boats["title"] == "E 4.00 · D 0.25 nats"
    assert it["title"] == "E 0.00 · D −1.50 nats"


def test_the_words_joined_are_the_answer_blanks_and_all():
    html = worth_html(shown(replace(TWO)), ENGLISH)
    text = html[html.index('class="mova-worth-text"') : html.index("</figure>")]
    assert Words(text.partition(">")[2]).text == TWO.answer


def test_bars_are_sorted_keep_their_sign_and_lie_on_either_side_of_zero():
    trace = weighed("DE", [[-3.0, 0.0, 0.0], [4.0, 2.0, 0.0]])
    html = worth_html(shown(trace), ENGLISH)
    assert re.findall(r">([−\d.]+) nats</span></label>", html) == ["6.00", "−3.00"]
    assert "left:33.33%;width:66.67%;--c:var(--cE)" in html
    assert 'left:0.00%;width:33.33%;--c:var(--cD)" class=less' in html
    assert html.count("--zero:33.33%") == 2


def test_several_experts_are_a_choice_that_starts_with_all_of_them():
    radios = [a for tag, a in drawn(TWO).tags if tag == "input"]
    assert [radio["value"] for radio in radios] == ["most", "E", "D"]
    assert [radio["value"] for radio in radios if "checked" in radio] == ["most"]
    other = weighed("ED", [[0.0, 2.0, 4.0], [0.0, 0.5, 0.25]])
    assert len({radio["name"] for radio in radios}) == 1
    assert radios[0]["name"] not in worth_html(shown(other), ENGLISH), "two panels would share one choice"


def test_an_expert_has_a_letter_and_an_underline_beside_its_colour():
    html = worth_html(shown(TWO), ENGLISH)
    assert "--uE:solid;" in html and "--uD:dashed;" in html
    assert html.count('class="mova-badge"') == 2 and ">DePlot</u>" in html


def test_the_table_says_every_number_and_the_sums():
    rows = cells(worth_html(shown(TWO), ENGLISH))
    assert rows[1:] == [
        ["It", "−0.500", "0.000", "−1.500"],
        ["is", "−0.500", "2.000", "0.500"],
        ["boats.", "−0.500", "4.000", "0.250"],
        ["The whole answer", "−1.500", "6.000", "−0.750"],
    ]
    assert rows[0][0] == "Word" and "DePlot" in rows[0][2] and "Pix2Struct" in rows[0][3]


def test_it_is_said_that_falls_need_not_add_up_and_in_words_what_falls_most():
    text = drawn(TWO).text
    assert "need not add up" in text
    assert "Falls most: “boats.” by 4.00 nats without DePlot; “is” by 2.00 nats without DePlot." in text


def test_one_expert_is_no_choice_and_its_gains_are_seen():
    html = drawn(weighed("A", [[-2.0, 0.0, -0.5]]))
    assert not [tag for tag, _ in html.tags if tag in ("input", "fieldset")]
    assert [word["class"] for word in marks(html)] == ["A", "A", "A"]
    assert "DINOv2 is taken away, the only expert picked" in html.text and "add up" not in html.text
    assert "likelier without" in html.text and "No word falls" in html.text and "−2.50 nats" in html.text


def test_worth_that_is_nothing_is_not_shaded_as_if_it_were():
    words = marks(drawn(weighed("ED", [[0.0, 0.001, -0.001], [0.02, 0.0, 0.0]])))
    assert [word["style"] for word in words] == ["--D:0.020", "", ""]
    assert [word.get("class") for word in words] == ["D", None, None]


def test_the_tab_key_stops_at_the_words_that_need_an_expert_most():
    texts = tuple(f" w{number}" for number in range(40))
    words = marks(drawn(weighed("E", [[float(number) for number in range(40)]], texts)))
    assert ["tabindex" in word for word in words] == [False] * 28 + [True] * 12


def test_words_from_a_file_are_plain_text():
    html = drawn(weighed("ED", [[0.0, 1.0], [1.0, 0.0]], ("It", f" {HOSTILE}")))
    assert not {"script", "img"} & {tag for tag, _ in html.tags}
    assert html.text.count(HOSTILE) == 3  # in the text, in the words about it, in the table


# Before that


def test_an_answer_that_can_be_asked_about_has_a_button_and_says_what_it_takes():
    html = drawn(replace(TWO, worth=None))
    buttons = [attributes for tag, attributes in html.tags if tag == "button"]
    assert buttons == [{"type": "button", "class": "mova-act", "data-act": "worth"}]
    assert "3 passes" in html.text


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (Shown(), "Once a question is answered"),
        (Shown(None, True, True, True), "When the answer is whole"),
        (Shown(replace(TWO, worth=None, done=False), True, True, True), "When the answer is whole"),
        (shown(trace_of("Hello")), "No expert was picked"),
        (shown(trace_of(image=None)), "No picture"),
        (shown(replace(TWO, worth=None, pieces=())), "no words"),
        (shown(replace(TWO, worth=None), live=False), "not found out"),
        (shown(replace(TWO, worth=None, token_ids=())), "not found out"),
        (shown(replace(TWO, worth=None, routing=None)), "not found out"),
    ],
)
def test_where_there_is_nothing_to_find_out_it_says_why_and_has_no_button(how, said):
    html = Words(worth_html(how, ENGLISH))
    assert said in html.text and "button" not in dict(html.tags)


def test_while_it_is_found_out_the_passes_are_told():
    html = drawn(replace(TWO, worth=None), weighing=Passed(2, 4))
    assert (
        "2 of 4 passes" in html.text and ("div", {"class": "mova-worth-offer", "role": "status"}) in html.tags
    )
    (bar,) = [attributes for tag, attributes in html.tags if tag == "progress"]
    assert (bar["max"], bar["value"]) == ("4", "2") and "button" not in dict(html.tags)


def test_the_panel_keeps_its_name_in_another_language_and_says_nothing_in_english():
    html = worth_html(shown(TWO), words_in("zh"))
    assert 'data-panel="worth"' in html and "价值" in html
    assert not re.search(r"[a-z]{4,} [a-z]{2,}", re.sub(r"<[^>]*>", " ", html).replace(TWO.answer, ""))


def test_the_panel_is_drawn_again_when_worth_is_known_and_not_for_each_word():
    assert WORTH.shows(TWO) != WORTH.shows(replace(TWO, worth=None))
    growing = replace(TWO, worth=None, done=False)
    assert WORTH.shows(growing) == WORTH.shows(replace(growing, pieces=(*growing.pieces, Said(" x", 0.2))))


def test_the_fake_engine_gives_a_worth_that_belongs_to_its_answer():
    engine = FakeEngine(pace=0)
    trace = trace_of(engine=engine)
    *passed, worth = engine.worth(trace, PICTURE)
    assert [event.done for event in passed] == [0, 1, 2, 3]
    assert worth.experts == trace.routing.experts
    assert "".join(word.text for word in worth.words) == trace.answer


@pytest.mark.parametrize(
    ("nats", "text"), [(9.536, "9.54"), (-2.66, "−2.66"), (-0.004, "0.00"), (0.0, "0.00"), (-0.006, "−0.01")]
)
def test_nats_keep_their_sign_and_zero_has_none(nats, text):
    assert nats_text(nats) == text


# In a browser


@pytest.fixture
def opened(browser):
    """The panel by itself with its styles, at a width."""

    def open_at(width: int, theme: str = ""):
        styles = "".join((STYLES / name).read_text() for name in ("style.css", "worth.css"))
        page = browser.new_page(viewport={"width": width, "height": 700})
        page.set_content(
            f"<html class='{theme}'><style>{styles}</style>{worth_html(shown(TWO), ENGLISH)}</html>"
        )
        return page

    return open_at


def shade(page, number: int) -> str:
    return page.evaluate(
        "n => { const s = getComputedStyle(document.querySelectorAll('mark')[n]);"
        " return s.backgroundImage + s.borderBottomStyle }",
        number,
    )


@pytest.mark.browser
def test_choosing_an_expert_shades_the_words_by_it_alone(opened):
    page = opened(700)
    before = [shade(page, number) for number in range(3)]
    page.get_by_label("Pix2Struct").check()
    after = [shade(page, number) for number in range(3)]
    assert "solid" in before[2] and "dashed" in after[2]
    assert all(one != other for one, other in zip(before, after, strict=True))
    page.get_by_label("the expert that each word needs most").check()
    assert [shade(page, number) for number in range(3)] == before
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 520, 700])
def test_nothing_is_wider_than_the_panel_and_the_keyboard_reads_the_numbers(opened, width):
    page = opened(width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for _ in range(9):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "MARK":
            break
    told = page.evaluate("getComputedStyle(document.activeElement, '::after').content")
    assert "E 2.00 · D 0.50 nats" in told
    page.close()
