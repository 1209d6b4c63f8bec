"""The heavy parts of traces: kept once, given back whole, bounded."""

from dataclasses import replace

from PIL import Image

from demo.trace_store import TraceStore
from mova.contributions import Contributions
from mova.images import check_pixels
from tests.test_demo_panels import trace_of


def picture(colour: str):
    return check_pixels(Image.new("RGB", (8, 8), colour))


def test_a_slim_trace_becomes_whole_again():
    store, trace = TraceStore(), trace_of()
    slim = store.slim(trace)
    assert isinstance(slim.contributions, str) and slim.picture.thumbnail is None
    assert slim.gates == trace.gates and slim.pieces == trace.pieces
    assert store.whole(slim) == trace
    assert store.slim(slim) == slim and store.whole(trace) == trace


def test_a_trace_without_heavy_parts_is_left_as_it_is():
    store, trace = TraceStore(), trace_of(image=None)
    assert store.slim(trace) == trace == store.whole(trace)


def test_parts_used_longest_ago_make_room_and_the_rest_of_the_trace_stays():
    red, blue = (trace_of(image=picture(colour)) for colour in ("red", "blue"))
    thumbnail, maps = len(red.picture.thumbnail), len(red.contributions.levels)
    store = TraceStore(most_bytes=2 * thumbnail + maps)  # equal maps are one part
    slim_red, slim_blue = store.slim(red), store.slim(blue)
    assert store.whole(slim_red) == red and store.whole(slim_blue) == blue
    third = store.slim(trace_of(image=picture("green")))
    assert store.whole(third).picture.thumbnail
    gone = store.whole(slim_red)
    assert gone == replace(red, picture=replace(red.picture, thumbnail=None))
    assert isinstance(store.whole(slim_blue).contributions, Contributions)


def test_a_part_that_is_larger_than_the_whole_store_is_not_kept():
    store, trace = TraceStore(most_bytes=10), trace_of()
    whole = store.whole(store.slim(trace))
    assert whole.contributions is None and whole.picture.thumbnail is None and whole.gates == trace.gates
