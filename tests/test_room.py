"""Memory for decoding: what is promised before, what is taken, and who waits."""

import os
import subprocess
import sys
import threading

import pytest
from PIL import Image

from mova.imaging.room import MOST_BYTES, Room, peak_bytes
from tests.image_files import encoded, large_png, profile_of

PEAK = """
import sys
from pathlib import Path
from mova.images import decode_bytes, read_image

def most_so_far():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

read_image(Path(sys.argv[1]))  # whatever has to be loaded once
before = most_so_far()
for name in sys.argv[2:]:
    read_image(Path(name))
    print(most_so_far() - before, decode_bytes(Path(name)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted as Linux counts it")
def test_reading_forty_megapixels_takes_what_was_promised_and_little_more_than_its_pixels(tmp_path):
    size, row = (8000, 4990), bytes(range(250)) * 32
    palette = (b"PLTE", bytes(range(250)) * 3), (b"tRNS", bytes([0, 128]))
    pictures = {  # in growing order: what is measured is the most so far
        "palette": large_png(size, 8, 3, row, *palette),
        "grey16": large_png(size, 16, 0, row * 2),
        "rgb": large_png(size, 8, 2, row * 3),
        "rgba": large_png(size, 8, 6, row * 4),
    }
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 9))
    pictures = {"small": encoded(clear, icc_profile=profile_of("tagged_Adobe_RGB.png")), **pictures}
    for name, data in pictures.items():
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-c", PEAK, *(str(tmp_path / name) for name in pictures)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=os.getcwd())
    numbers = list(map(int, ran.stdout.split()))
    peaks, promised = numbers[::2], numbers[1::2]
    assert all(peak <= most for peak, most in zip(peaks, promised, strict=True)), (peaks, promised)
    assert 4 * size[0] * size[1] < peaks[-1] < 6 * size[0] * size[1]
    assert promised[-1] < 7 * size[0] * size[1]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF"])
def test_the_largest_picture_of_any_format_fits_into_the_room(kind):
    assert 4 * 40_000_000 < peak_bytes((8000, 5000), "RGBA", kind) <= MOST_BYTES


def test_a_larger_picture_and_a_larger_mode_never_take_less():
    sides = [peak_bytes((side, side), "RGB", "PNG") for side in (1, 100, 2000, 2100, 6000)]
    assert sides == sorted(sides)
    modes = [peak_bytes((6000, 6000), mode, "PNG") for mode in ("P", "I;16", "RGB")]
    assert modes == sorted(modes)


def entered_after(room: Room, needed: int, order: list[str], name: str) -> threading.Thread:
    """A thread that waits for room; comes back once it does (or is let in at once)."""
    inside = threading.Event()

    def enter() -> None:
        with room.hold(needed):
            order.append(name)
            inside.set()

    waiting = room.waiting
    thread = threading.Thread(target=enter)
    thread.start()
    while room.waiting == waiting and not inside.is_set():
        inside.wait(0.001)
    return thread


@pytest.mark.parametrize(("held", "needed"), [([10, 10], 10), ([60], 50)])
def test_who_does_not_fit_waits_until_somebody_leaves(held, needed):
    room, order = Room(most_at_once=2, most_bytes=100), []
    holds = [room.hold(size) for size in held]
    for hold in holds:
        hold.__enter__()
    thread = entered_after(room, needed, order, "in")
    order.append("left")
    holds[0].__exit__(None, None, None)
    thread.join()
    assert order == ["left", "in"]
    for hold in holds[1:]:
        hold.__exit__(None, None, None)
    assert room.waiting == 0


def test_turns_are_kept_so_that_a_large_picture_gets_in_at_all():
    room, order = Room(most_at_once=2, most_bytes=100), []
    first = room.hold(60)
    first.__enter__()
    large = entered_after(room, 90, order, "large")
    small = entered_after(room, 10, order, "small")  # would fit at once
    first.__exit__(None, None, None)
    large.join()
    small.join()
    assert order == ["large", "small"]


def test_room_is_given_back_when_reading_fails():
    room = Room(most_at_once=1, most_bytes=100)
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"), room.hold(100):
            raise ValueError("broken")
