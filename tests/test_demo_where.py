"""The panel of places and the colours of features, from a trace: what is drawn, said and left out."""

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from demo.panels.overlay import Frame, heat_uri
from demo.panels.panel import Shown
from demo.panels.seen import components_html, seen_buttons
from demo.panels.where import WHERE, number_text, where_html
from demo.theme import EXPERT_COLOURS
from demo.words import ENGLISH, LANGUAGES
from demo.words.table import words_in
from mova.components import BASE, Components
from mova.contributions import Contributions
from mova.events import advance
from mova.thumbnail import thumbnail
from mova.trace import Picture, Trace
from tests.fake_engine import INFO, FakeEngine
from tests.test_demo_panels import PICTURE, Words, shown, trace_of

THUMBNAIL = thumbnail(Image.new("RGB", (32, 16), "teal"))
WIDE = Picture(320, 160, "", THUMBNAIL)


def trace_with(maps: dict[str, np.ndarray], picture: Picture | None = WIDE) -> Trace:
    """A finished trace whose experts' maps are [layers, side, side] each."""
    experts = tuple(maps)
    whole = np.zeros((len(next(iter(maps.values()))), 7, *next(iter(maps.values())).shape[1:]))
    for letter, values in maps.items():
        whole[:, "ABCDEFG".index(letter)] = values
    trace = trace_of(experts=list(experts))
    return replace(trace, picture=picture, contributions=Contributions.of(whole, experts))


def hot(row: int, column: int, side: int = 8, layers: int = 1) -> np.ndarray:
    """Maps that are 0 but for one place."""
    maps = np.zeros((layers, side, side))
    maps[:, row, column] = 5
    return maps


def pixels(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))))


def drawn(html: str, letter: str, layer: str) -> np.ndarray:
    """The pixels of one map."""
    figure = re.search(rf'<figure class="mova-map" data-map="{letter}".*?</figure>', html, re.S)[0]
    heat = re.search(rf'<span class="mova-heat[^"]*" data-layer="{layer}".*?src="([^"]+)"', figure, re.S)
    return pixels(heat[1])


def table(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html[html.index("<details>") :], re.S)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_every_picked_expert_has_a_map_per_layer_and_their_mean_in_its_own_colour():
    rising = np.stack([np.arange(16.0).reshape(4, 4), np.arange(16.0)[::-1].reshape(4, 4) * 3])
    html = where_html(shown(trace_with({"E": rising, "D": rising + 1})), ENGLISH)
    first, second, mean = (drawn(html, "E", layer) for layer in ("1", "2", "all"))
    assert first[..., 3].argmin() == 0 and first[..., 3].argmax() == 15
    assert second[..., 3].argmin() == 15 and second[..., 3].argmax() == mean[..., 3].argmax() == 0
    assert first[..., :3].reshape(-1, 3)[5].tolist() == list(bytes.fromhex(EXPERT_COLOURS["E"][1:]))
    assert "3 to 16" not in html and "0 to 45" in html


def test_one_scale_for_all_is_the_share_of_the_answers_largest_value():
    """A ground of strength `flat` below the stretched map at strength `rise` is the map from 0 to the top."""
    values = np.random.default_rng(0).uniform(2, 9, (2, 4, 4))
    trace = trace_with({"E": values, "D": values / 3})
    html = where_html(shown(trace), ENGLISH)
    kept = trace.contributions.maps()
    for letter, layer in (("E", 1), ("D", 0)):
        figure = html[html.index(f'data-map="{letter}"') :]
        styles = re.search(rf'data-layer="{layer + 1}" style="--flat:([\d.]+);--rise:([\d.]+)"', figure)
        flat, rise = map(float, styles.groups())
        alpha = drawn(html, letter, str(layer + 1))[..., 3] / 255
        together = 1 - (1 - flat) * (1 - rise * alpha)
        assert np.allclose(together, kept[layer, "ABCDEFG".index(letter)] / kept.max(), atol=3e-3)
    assert f"Bright: {number_text(kept.max())}, the largest value of this answer" in html


def test_who_added_most_has_the_colour_of_that_expert_and_letters_beside_it():
    left = np.tile([3.0, 3.0, 3.0, 1.0], (1, 4, 1))
    html = where_html(shown(trace_with({"E": left, "D": np.full((1, 4, 4), 2.0)})), ENGLISH)
    owners = drawn(html, "most", "all")
    for column, letter in ((0, "E"), (3, "D")):
        assert owners[0, column, :3].tolist() == list(bytes.fromhex(EXPERT_COLOURS[letter][1:]))
    assert "DePlot 75%, Pix2Struct 25% of the places" in html
    assert 'data-map="most"' not in where_html(shown(trace_with({"E": left})), ENGLISH)


@pytest.mark.parametrize("size", [(320, 160), (160, 320), (200, 200), (7, 4), (4, 7)])
def test_the_picture_lies_on_its_square_where_the_encoders_have_it(size):
    frame, side = Frame.of(Picture(*size)), max(size)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    assert (frame.left * side, frame.top * side) == pytest.approx((left, top))
    assert (frame.width * side, frame.height * side) == pytest.approx(size)


@pytest.mark.parametrize(
    ("size", "row", "column", "words"),
    [
        ((320, 160), 2, 0, "upper left"),
        ((320, 160), 5, 7, "lower right"),
        ((320, 160), 4, 4, "middle"),
        ((320, 160), 0, 0, "border, above"),
        ((320, 160), 7, 3, "border, below"),
        ((160, 320), 0, 2, "upper left"),
        ((160, 320), 4, 0, "border, left"),
        ((160, 320), 4, 7, "border, right"),
        ((200, 200), 0, 4, "top"),
        ((200, 200), 4, 0, "left"),
    ],
)
def test_the_table_says_where_a_map_is_strongest(size, row, column, words):
    trace = trace_with({"B": hot(row, column)}, Picture(*size, "", THUMBNAIL))
    html = where_html(shown(trace), ENGLISH)
    heads, cells = table(html)
    assert cells[heads.index("Strongest place")] == words
    assert f"Strongest place: {words}." in html
    if size[0] != size[1]:
        assert cells[heads.index("On the border")] == ("100.0%" if "border" in words else "0.0%")
    else:
        assert "On the border" not in heads


def test_the_table_has_every_expert_and_layer_with_its_share():
    ones = np.ones((2, 4, 4))
    rows = table(where_html(shown(trace_with({"E": 3 * ones, "D": ones})), ENGLISH))
    assert [row[:3] for row in rows[1:]] == [
        [layer, name, share]
        for layer in ("All", "1", "2")
        for name, share in (("E DePlot", "75.0%"), ("D Pix2Struct", "25.0%"))
    ]
    assert rows[1][rows[0].index("Strongest place")] == "the same everywhere"


def test_every_map_has_words_instead_of_itself():
    tags = Words(where_html(shown(trace_with({"E": hot(2, 0), "D": hot(3, 3)})), ENGLISH)).tags
    labels = [attributes["aria-label"] for _, attributes in tags if attributes.get("role") == "img"]
    assert len(labels) == 3 and labels[0].startswith("Map of the contribution of DePlot")
    assert all(attributes["alt"] == "" for tag, attributes in tags if tag == "img")


def test_the_page_gets_the_picture_once():
    html = where_html(shown(trace_with({"E": hot(2, 0), "D": hot(3, 3), "A": hot(1, 1)})), ENGLISH)
    assert html.count(THUMBNAIL) == 1 and html.count('class="mova-square"') == 4


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "data:image/webp;base64,AA)&quot;x", 'x" onload="y'])
def test_a_picture_that_is_none_is_not_put_into_the_page(uri):
    trace = trace_with({"E": hot(2, 0)}, Picture(320, 160, "", uri))
    html = where_html(shown(trace), ENGLISH)
    assert uri not in html and "no longer kept" in html and 'data-map="E"' in html


def test_contribution_is_called_contribution():
    html = where_html(shown(trace_of()), ENGLISH).lower()
    assert "contribution" in html and "explanation" not in html and "explains" not in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_maps_the_panel_says_why(language):
    say = words_in(language)
    trace = trace_of()
    slim = replace(trace, contributions=trace.contributions.digest)
    begun = Trace("What?", INFO)
    said = {
        "idle": Shown(),
        "no_picture": shown(trace_of(image=None), with_picture=False),
        "waiting": Shown(begun, True, True, True),
        "ended": Shown(begun, True, False, True),
        "none": shown(trace_of("Hello")),
        "gone": shown(slim),
    }
    for state, what in said.items():
        html = where_html(what, say)
        assert say(f"where.{state}") in Words(html).text, state
        assert "mova-square" not in html
    assert say("where.gone") in where_html(shown(replace(trace, contributions=None)), say)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fake_answers_maps_are_drawn_in_every_language(language):
    html = where_html(shown(trace_of()), words_in(language))
    assert 'data-panel="where"' in html and html.count('role="radiogroup"') == 3
    assert "{" not in Words(html).text


def test_the_panel_is_drawn_again_when_its_maps_come():
    seen = []
    trace = Trace("What?", INFO)
    for event in FakeEngine(pace=0).answer("What?", PICTURE):
        trace = advance(trace, event)
        seen.append(WHERE.shows(trace))
    assert len({str(value) for value in seen}) == 3  # a picture, who was picked, the maps


def test_nothing_added_anywhere_is_said():
    html = where_html(shown(trace_with({"E": np.zeros((1, 4, 4)), "D": hot(1, 1, 4)})), ENGLISH)
    assert table(html)[1][-2:] == ["nothing", "0.0%"]
    tiny = where_html(shown(trace_with({"E": np.full((1, 4, 4), 1e-5)})), ENGLISH)
    assert "less than 0.001" in tiny and "e-" not in Words(tiny).text


def test_a_full_size_answer_is_small():
    """24 x 24 places, three layers, three experts, in maps that compress badly."""
    values = np.random.default_rng(0).normal(15, 2, (3, 24, 24))
    html = where_html(shown(trace_with({"E": values, "D": values[::-1], "B": values / 2})), ENGLISH)
    assert len(html) - len(THUMBNAIL) < 60_000


def test_the_largest_trace_there_may_be_is_drawn_without_its_layers():
    experts = dict.fromkeys("ABCDEFG", np.random.default_rng(0).uniform(0, 1, (16, 64, 64)))
    html = where_html(shown(trace_with(experts)), ENGLISH)
    assert 'data-layer="1"' not in html and html.count('class="mova-heat') == 8 and len(html) < 400_000


def test_a_heat_map_is_clear_at_zero_and_solid_at_one():
    drawn = pixels(heat_uri(np.array([[0.0, 0.5, 1.0, 2.0]]), "#0072B2"))
    assert drawn[0, :, 3].tolist() == [0, 128, 255, 255]


# What an encoder sees


def test_colours_of_features_are_drawn_pixel_by_pixel_beside_the_picture():
    colours = bytes(range(48))
    seen = Components("G", 4, colours, (0.5, 0.3, 0.1))
    html = components_html(seen, WIDE, ENGLISH)
    uri = re.search(r'src="(data:image/png[^"]+)"', html)[1]
    assert pixels(uri).tobytes() == colours and pixels(uri).shape == (4, 4, 3)
    text = Words(html).text
    assert "What SAM sees" in text and "50%, 30% and 10%" in text and "similar features" in text
    labels = [a["aria-label"] for _, a in Words(html).tags if a.get("role") == "img"]
    assert len(labels) == 2 and "SAM" in labels[1]
    assert "CLIP" in components_html(replace(seen, letter=BASE), None, ENGLISH)


def test_each_encoder_asked_about_has_a_button_and_the_base_one_is_the_last():
    tags = Words(seen_buttons(("E", "D"), ENGLISH)).tags
    assert [(a["data-act"], a["data-id"]) for tag, a in tags if tag == "button"] == [
        ("see", "E"), ("see", "D"), ("see", BASE),
    ]  # fmt: skip
