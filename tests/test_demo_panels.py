"""The right side and the transcript, from a trace: what is said, drawn and kept plain."""

import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure
from PIL import Image

from demo.conversation import messages, quiet_line
from demo.header import footer_html, header_html
from demo.panels.figures import figure_bytes, gate_file, plot_gates
from demo.panels.gate import gate_html
from demo.panels.panel import Shown, seconds_text
from demo.panels.router import chance_text, log_odds_text, router_html
from demo.panels.time import time_html, took
from demo.picture_view import boxes_on, picture_html
from demo.safe_text import shielded
from demo.state import Exchange, KeptPicture, Visit, ask, record
from demo.theme import EXPERT_COLOURS
from demo.words import ENGLISH
from demo.words.table import words_in
from mova.events import advance
from mova.images import check_pixels
from mova.progress import Step
from mova.request import Settings
from mova.trace import ModelInfo, Routing, Said, Trace
from mova.vision.experts.pool import EXPERTS, LETTERS
from tests.fake_engine import INFO, FakeEngine

PICTURE = check_pixels(Image.new("RGB", (8, 8), "teal"))
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def trace_of(question: str = "What is it?", engine: FakeEngine | None = None, **options) -> Trace:
    """The whole trace of one question to a fake engine that does not wait."""
    trace = Trace(question, INFO)
    image = options.pop("image", PICTURE)
    for event in (engine or FakeEngine(pace=0)).answer(question, image, **options):
        trace = advance(trace, event)
    return trace


def exchange(trace: Trace | None, settings: Settings = Settings()) -> Exchange:  # noqa: B008 (frozen)
    return Exchange("What is it?", settings, trace)


def shown(trace: Trace, settings: Settings = Settings(), with_picture: bool = True) -> Shown:  # noqa: B008
    return Shown(trace, True, not trace.done, with_picture, settings.experts)


class Words(HTMLParser):
    """Text and tags of a piece of HTML."""

    def __init__(self, html: str):
        super().__init__()
        self.text, self.tags = "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def chips(html: str) -> dict[str, str]:
    """Letter -> classes of its chip, in the order drawn."""
    return {a["data-letter"]: a["class"] for tag, a in Words(html).tags if "data-letter" in a and tag == "li"}


def test_seven_chips_in_fixed_order_and_none_with_the_picked_ones_lit():
    drawn = chips(router_html(shown(trace_of(), with_picture=True), ENGLISH))
    assert "".join(list(drawn)[:7]) == LETTERS and list(drawn)[7] == "none"
    assert [letter for letter, classes in drawn.items() if "picked" in classes] == ["D", "E"]


def test_none_is_shown_as_a_choice():
    html = router_html(shown(trace_of("Hello"), with_picture=True), ENGLISH)
    assert "picked" in chips(html)["none"] and "Picked none" in Words(html).text
    assert "0.90" in Words(html).text


def routed(chances: dict[str, float], experts: tuple[str, ...] = ("E",), none: float = 0.0) -> Shown:
    """A question that was routed with these probabilities."""
    probabilities = tuple(chances.get(letter, 1e-9) for letter in LETTERS)
    return shown(Trace("q", INFO, routing=Routing("E", experts, probabilities, none_probability=none)))


def test_a_second_choice_that_was_near_is_named():
    lead = Words(router_html(routed({"E": 0.66, "B": 0.31}), ENGLISH)).text
    assert "Picked DePlot." in lead and "Hesitated: Vary 0.31." in lead
    lead = Words(router_html(routed({"E": 0.6}, none=0.4), ENGLISH)).text
    assert "Hesitated: none 0.40." in lead
    lead = Words(router_html(routed({"C": 0.2}, experts=(), none=0.8), ENGLISH)).text
    assert "Picked none" in lead and "Hesitated: Co-DETR 0.20." in lead
    assert "Hesitated" not in router_html(routed({"E": 0.97, "B": 0.02}), ENGLISH)


def test_a_probability_of_one_in_ten_thousand_is_seen():
    html = router_html(routed({"E": 0.9999, "B": 1e-4, "A": 1e-8}), ENGLISH)
    widths = [float(width) for width in re.findall(r'<i style="width:([\d.]+)%', html)]
    assert widths == [0, 33.3, 0, 0, 100, 0, 0, 0], "a logarithmic scale from one in a million to one"
    assert ">1e-4<" in html and "&gt;0.999" in html


@pytest.mark.parametrize(
    ("chance", "text", "odds"),
    [(0, "0", "≤ −16.1"), (3e-5, "3e-5", "−10.4"), (0.02, "0.02", "−3.9"), (0.5, "0.50", "+0.0"),
     (0.9972, "0.997", "+5.9"), (0.99999, ">0.999", "+11.5"), (1, ">0.999", "≥ +16.1")],
)  # fmt: skip
def test_what_is_nearly_certain_is_told_from_what_is_certain(chance, text, odds):
    assert (chance_text(chance), log_odds_text(chance)) == (text, odds)


def test_chips_are_buttons_where_one_may_choose():
    trace = trace_of()
    tags = Words(router_html(replace(shown(trace), what_if=("E", "B", "D")), ENGLISH)).tags
    buttons = {a["data-letter"]: a for tag, a in tags if tag == "button" and "data-letter" in a}
    assert list(buttons) == [*LETTERS, "none"] and {a["data-act"] for a in buttons.values()} == {"whatif"}
    assert [x for x, a in buttons.items() if a["aria-pressed"] == "true"] == ["B", "D", "E"]
    assert [x for x, a in buttons.items() if "aria-disabled" in a] == ["A", "C", "F", "G"]
    assert chips(router_html(replace(shown(trace), what_if=()), ENGLISH)) == chips(
        router_html(shown(trace), ENGLISH)
    )
    assert "<button" not in router_html(shown(trace), ENGLISH)


def test_reply_and_prompt_are_there_as_plain_text():
    routing = Routing(HOSTILE, ("A",), (0.5,) * 7, prompt=HOSTILE)
    html = router_html(shown(Trace("q", INFO, routing=routing), with_picture=True), ENGLISH)
    assert Words(html).text.count(HOSTILE) == 2
    assert not {"script", "img"} & {tag for tag, _ in Words(html).tags}


def test_a_forced_choice_says_that_the_router_was_not_asked():
    trace = trace_of(experts=["B"])
    html = router_html(shown(trace, Settings(experts=("B",)), with_picture=True), ENGLISH)
    assert "You chose Vary; the router was not asked." in Words(html).text
    assert "<details>" not in html
    assert 'data-stage="router"' not in time_html(shown(trace, with_picture=True), ENGLISH)


def test_two_experts_have_two_heat_maps_with_words_and_a_table():
    html = gate_html(shown(trace_of(), with_picture=True), ENGLISH)
    words = [a["aria-label"] for _, a in Words(html).tags if a.get("role") == "img"]
    assert len(words) == 2 and "Strongest, layer 1: DePlot 0.62" in words[0]
    assert html.count("mova-cell") == 2 * 3 * 7 and html.count("<tr>") == 1 + 2 * 3


def test_one_expert_is_said_to_be_one_by_construction_and_not_drawn():
    html = gate_html(shown(trace_of("Which?"), with_picture=True), ENGLISH)
    assert "1.00 by construction" in html and html.count('role="img"') == 1


def test_no_expert_is_said_to_be_zero_everywhere():
    html = gate_html(shown(trace_of("Hello"), with_picture=True), ENGLISH)
    assert "0.00 everywhere" in html and html.count('role="img"') == 1


def test_stages_are_rows_in_order_and_reused_ones_say_so():
    engine = FakeEngine(pace=0)
    trace_of(engine=engine)
    tags = Words(time_html(shown(trace_of(engine=engine), with_picture=True), ENGLISH)).tags
    rows = [(a["data-stage"], a["class"]) for tag, a in tags if tag == "tr" and "data-stage" in a]
    assert [name for name, _ in rows] == [
        "image", "base", "router", "expert", "expert", "adapter", "prefill", "decode",
    ]  # fmt: skip
    assert [kind for name, kind in rows if name in ("base", "expert")] == ["reused"] * 3


def test_the_stage_after_the_last_one_is_now():
    trace = Trace("What?", INFO)
    for event, _ in zip(FakeEngine(pace=0).answer("What?", PICTURE), range(3), strict=False):
        trace = advance(trace, event)
    html = time_html(shown(trace, with_picture=True), ENGLISH)
    assert '<tr class="now" aria-current="step"><th scope="row"><span' in html and "E · DePlot" in html


def test_stages_to_come_say_how_long_they_usually_take():
    usual = took(trace_of())
    assert set(usual) == {"image", "base", "router", "expert E", "expert D", "adapter", "prefill", "decode"}
    trace = Trace("What?", INFO)
    for event, _ in zip(FakeEngine(pace=0).answer("What?", PICTURE), range(3), strict=False):
        trace = advance(trace, event)
    html = time_html(replace(shown(trace), usual={"expert E": 0.4, "decode": 2.0}), ENGLISH)
    assert html.count("<b style=") == 2 and "usually 400 ms" in html and "usually 2.0 s" in html
    assert "usually" not in time_html(replace(shown(trace_of()), usual={"decode": 2.0}), ENGLISH)


def test_reused_stages_say_nothing_of_how_long_such_a_stage_takes():
    engine = FakeEngine(pace=0)
    trace_of(engine=engine)
    assert set(took(trace_of(engine=engine))) == {"image", "adapter", "prefill", "decode"}
    assert "router" not in took(trace_of(experts=["B"]))


@pytest.mark.parametrize(
    ("before", "words"),
    [(0, "Next in the line."), (1, "One question comes before this one."), (3, "3 questions come before")],
)
def test_the_place_in_the_line_is_told_while_one_waits(before, words):
    waiting = Shown(None, asked=True, pending=True, with_picture=True, before=before)
    assert words in time_html(waiting, ENGLISH)
    assert "comes before" not in time_html(replace(waiting, trace=Trace("q", INFO)), ENGLISH)


def test_the_request_is_named_for_whoever_reads_the_log():
    assert "mova-request" not in time_html(shown(trace_of()), ENGLISH)
    html = time_html(replace(shown(trace_of()), request="<7f3a>"), ENGLISH)
    assert "<code" in html and "&lt;7f3a&gt;" in html


def test_before_anything_every_panel_has_words():
    for panel in (router_html, gate_html, time_html):
        assert len(Words(panel(Shown(), ENGLISH)).text) > 40


def test_the_quiet_line_names_experts_first_word_and_speed():
    trace = trace_of()
    timings = replace(trace.timings, first_word=1.23, tokens_per_second=38.2)
    line = quiet_line(replace(trace, timings=timings), True, ENGLISH)
    assert line == "DePlot 0.62 · Pix2Struct 0.38 · 1.2 s to the first word · 38 tok/s"
    assert quiet_line(trace_of("Hello"), True, ENGLISH).startswith("CLIP alone")
    assert quiet_line(trace_of("Hello", image=None), False, ENGLISH).startswith("text only")
    assert quiet_line(replace(trace, stopped=True), True, ENGLISH).endswith("stopped")


def parts(visit: Visit) -> list[str]:
    """What the newest answer is made of: the HTML of the page's own pieces, and texts."""
    return [part.get("value") or part["text"] for part in messages(visit, ENGLISH)[-1]["content"]]


def test_the_chat_gets_texts_shielded_and_pieces_escaped():
    visit = ask(Visit.new(), HOSTILE, Settings())
    visit = record(visit, visit.shown, replace(trace_of(), pieces=(Said(HOSTILE, 0.1),), notes=(HOSTILE,)))
    asked, answered = messages(visit, ENGLISH)
    texts = [p["text"] for p in (*asked["content"], *answered["content"]) if p["type"] == "text"]
    assert texts == [shielded(HOSTILE)] * 2
    pieces = Words("".join(p["value"] for p in answered["content"] if p["type"] == "component"))
    assert pieces.text.count(HOSTILE) == 1
    assert not {"script", "img"} & {tag for tag, _ in pieces.tags}


def test_the_line_under_an_answer_is_a_piece_of_its_own_with_its_id():
    visit = ask(Visit.new(), "What is it?", Settings())
    visit = record(visit, visit.shown, trace_of())
    [line] = [part for part in parts(visit) if "mova-line" in part]
    assert f'data-id="{visit.shown}"' in line and 'aria-pressed="true"' in line


def test_boxes_of_an_answer_lie_on_the_picture_in_its_pixels():
    wide = KeptPicture("wide.png", "", 200, 100)
    answer = "The dog is at [0.1, 0.25, 0.6, 0.5], the cat at [0.5, 0.9, 0.6, 1.0]."
    asked = exchange(Trace("Where?", INFO, pieces=(Said(answer, 0.1),)))
    assert boxes_on(wide, asked) == [(20, 0, 120, 50)]  # the cat would lie below the picture
    html = picture_html(wide, "data:,", asked)
    rectangles = [attributes for tag, attributes in Words(html).tags if tag == "rect"]
    assert {(r["x"], r["y"], r["width"], r["height"]) for r in rectangles} == {
        ("20.0", "0.0", "100.0", "50.0")
    }
    assert "with the box of the answer" in html
    without = exchange(Trace("Where?", INFO, pieces=(Said("No dog.", 0.1),)))
    assert "<svg" not in picture_html(wide, "data:,", without)


def test_an_answer_without_a_picture_says_above_it_who_answers():
    visit = ask(Visit.new(), "What is it?", Settings())
    visit = record(visit, visit.shown, trace_of(image=None))
    origin, text, *_ = parts(visit)
    assert "No picture: plain none" in origin and text.endswith("word11")
    visit = ask(Visit.new(KeptPicture("p.png", "d", 8, 8)), "Q", Settings())
    assert "No picture" not in "".join(parts(record(visit, visit.shown, trace_of())))


def test_the_header_names_the_model_and_what_to_expect():
    assert "mova-fake · fp32 · CPU · 0.5 GB" in header_html(INFO)
    assert "expect simple answers" in header_html(INFO)
    assert "expect simple answers" not in header_html(replace(INFO, embedded=False))
    loading = header_html(None, Step("read", 0.5))
    assert "loading … reading the weights" in loading and "50 %" in loading


def test_llama_is_named_with_its_licence_only_where_it_is_loaded():
    llama = ModelInfo("MoVA-8B", "NF4", "GPU", 9.1, "Llama 3", licence="llama3")
    assert "Built with Meta Llama 3" in footer_html(llama, []) and "llama.com" in footer_html(llama, [])
    assert "Llama" not in footer_html(INFO, [])


def test_a_saved_gate_is_a_figure_with_a_title_axes_experts_and_numbers():
    figure = plot_gates([[0.1] * 7, [0, 0, 0, 0, 1.0, 0, 0]], "How it was weighed")
    assert isinstance(figure, Figure)
    svg = figure_bytes(figure, "svg").decode()
    assert [expert.name for expert in EXPERTS if f">{expert.name}</" in svg] == [e.name for e in EXPERTS]
    assert all(f">{words}</text>" in svg for words in ("How it was weighed", "Expert", "Adapter layer"))
    assert svg.count(">0.10</text>") == 7


def test_equal_gates_are_saved_as_equal_files():
    gates = trace_of().gates
    assert gate_file(gates, "svg") == gate_file(gates, "svg") != gate_file(gates, "svg", preferred=True)
    assert gate_file(gates, "png").startswith(b"\x89PNG")
    assert "实际使用的门控权重" in gate_file(gates, "svg", words_in("zh")).decode()
    with pytest.raises(ValueError, match="svg or png, not as 'gif'"):
        gate_file(gates, "gif")


def test_the_right_side_is_drawn_in_far_less_than_a_frame():
    whole = shown(trace_of())

    def seconds() -> float:
        began = time.perf_counter()
        for panel in (router_html, gate_html, time_html):
            panel(whole, ENGLISH)
        return time.perf_counter() - began

    assert min(seconds() for _ in range(20)) < 0.003


def test_the_numbers_in_the_cells_are_those_of_the_gate():
    gates = trace_of().gates
    cells = re.findall(r'class="mova-cell[^>]*>([^<]*)<', gate_html(shown(trace_of()), ENGLISH))
    weights = [weight for rows in (gates.masked, gates.unmasked) for row in rows for weight in row]
    assert cells == [f"{weight:.2f}" if weight else "0" for weight in weights]


def test_every_panel_speaks_chinese():
    for panel in (router_html, gate_html, time_html):
        said = Words(panel(shown(trace_of()), words_in("zh"))).text
        assert re.search("[一-鿿]", said) and "which" not in said and "Picked" not in said


def test_every_expert_has_its_own_colour():
    assert len(set(EXPERT_COLOURS.values())) == 7


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0004, "0 ms"), (0.3124, "312 ms"), (0.9996, "1.0 s"), (12, "12.0 s")]
)
def test_seconds_are_said_in_the_unit_people_use(seconds, text):
    assert seconds_text(seconds) == text
