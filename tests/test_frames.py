"""Files with more than one picture: the one that people see first is looked at, and the note says so."""

import struct

import numpy as np
import pytest
from PIL import Image

from mova.images import read_image, upright_size
from mova.imaging.gif import read_gif
from tests.image_files import chunk, encoded, furthest, gif, noise, smooth, tiff

ANIMATED = "The picture is animated: only its first frame is looked at."


def solid(colour: str | tuple[int, ...], mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (16, 16), colour)


def animation(kind: str, *frames: Image.Image, **options) -> bytes:
    options |= {"WEBP": {"lossless": True}, "GIF": {"disposal": 2}}.get(kind, {})
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, **options)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_keeps_its_first_frame_and_says_so(kind):
    checked = read_image(animation(kind, solid("red"), solid("blue")))
    red, _, blue = checked.pixels.getpixel((8, 8))
    assert red > 240 and blue < 15
    assert checked.note == ANIMATED


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize("blank", ["clear", "black", "white"])
def test_a_blank_first_frame_gives_way_to_the_first_that_shows_something(kind, blank):
    empty = solid((0, 0, 0, 0), "RGBA") if blank == "clear" else solid(blank).convert("RGBA")
    shown = solid((0, 0, 0, 0), "RGBA")
    shown.paste((200, 0, 0, 255), (4, 4, 12, 12))
    checked = read_image(animation(kind, empty, shown, solid("blue").convert("RGBA")))
    assert checked.pixels.getpixel((8, 8)) == pytest.approx((200, 0, 0), abs=2)
    assert "begins empty: only its frame 2 is looked at" in checked.note


def test_where_all_frames_are_blank_the_first_is_kept():
    checked = read_image(animation("PNG", solid("black"), solid("white"), solid("black")))
    assert checked.pixels.getpixel((8, 8)) == (0, 0, 0)
    assert checked.note == ANIMATED


def test_a_large_animation_is_not_searched():
    frames = [Image.new("L", (2100, 2100), value) for value in (0, 90)]
    checked = read_image(animation("PNG", *frames))
    assert checked.pixels.getpixel((8, 8)) == (0, 0, 0)


def test_an_animated_pngs_picture_for_old_viewers_is_not_what_people_see():
    frames = [solid(colour) for colour in ("red", "blue", "green")]
    checked = read_image(animation("PNG", *frames, default_image=True))
    assert checked.pixels.getpixel((8, 8)) == (0, 0, 255)
    assert checked.note == ANIMATED
    one = read_image(animation("PNG", *frames[:2], default_image=True))
    assert (one.pixels.getpixel((8, 8)), one.note) == ((0, 0, 255), None)


def test_a_broken_animation_leaves_the_picture_beside_it():
    data = animation("PNG", *(noise(16, 16).rotate(turn) for turn in (0, 90, 180)), default_image=True)
    place = data.index(b"fdAT")
    broken = data[:place] + b"fdAT\0\0\0\x07" + data[place + 8 :]
    shown = read_image(broken).pixels
    assert furthest(shown, noise(16, 16)) == 0


@pytest.mark.parametrize("kind", ["GIF", "PNG"])
def test_frames_that_are_cut_off_behind_the_first_do_not_matter(kind):
    frames = [noise(40, 40).rotate(turn).quantize(64) for turn in (0, 90, 180)]
    data = animation(kind, *frames)
    checked = read_image(data[: len(data) * 2 // 3])
    assert furthest(checked.pixels, read_image(data).pixels) == 0


def test_a_gifs_words_and_frames_without_end_cost_nothing():
    frame = gif((4, 4), ((0, 0), (4, 4), 1, None))
    comment = b"!\xfe" + (b"\xff" + b"x" * 255) * 40_000 + b"\0"
    palette_end = 13 + 12
    talkative = frame[:palette_end] + comment + frame[palette_end:]
    assert read_gif(talkative).data == frame  # Pillow would put the comment together, block by block
    assert read_image(talkative).pixels.getpixel((1, 1)) == (255, 0, 0)
    many = frame[:-1] + frame[palette_end:-1] * 50_000 + b";"
    assert read_image(many).note == ANIMATED


def test_a_gifs_later_frame_beyond_its_canvas_is_left_out():
    data = gif((4, 4), ((0, 0), (4, 4), 0, None), ((0, 0), (60_000, 1), 1, None))
    assert read_image(data).pixels.size == upright_size(data) == (4, 4)


def test_a_gifs_canvas_grows_to_its_first_frame():
    for screen in ((0, 0), (2, 2)):
        data = gif(screen, ((0, 0), (6, 4), 3, None))
        assert read_image(data).pixels.size == upright_size(data) == (6, 4)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_of_several_pages_the_first_is_read(compression):
    pages = [noise(20, 10), noise(10, 30)]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression=compression)
    checked = read_image(data)
    assert checked.pixels.tobytes() == pages[0].tobytes()
    assert checked.note == "The file has several pages: only the first is looked at."


def test_a_preview_is_no_page():
    big, preview = noise(40, 30), noise(4, 3)
    for pages, main in (([big, preview], 0), ([preview, big], 1)):
        data = bytearray(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
        for number, place in enumerate(directories(data)):
            # The tag that every page begins with, its width, has room for this one before it.
            insert_subfile_type(data, place, reduced=number != main)
        checked = read_image(bytes(data))
        assert checked.pixels.tobytes() == big.tobytes()
        assert checked.note is None
        assert upright_size(bytes(data)) == big.size


def directories(data: bytearray) -> list[int]:
    """Where a little-endian TIFF's directories are."""
    places, place = [], struct.unpack_from("<I", data, 4)[0]
    while place:
        places.append(place)
        count = struct.unpack_from("<H", data, place)[0]
        place = struct.unpack_from("<I", data, place + 2 + 12 * count)[0]
    return places


def insert_subfile_type(data: bytearray, place: int, reduced: bool) -> None:
    """Makes the first tag that says little, the resolution's unit or the like, into NewSubfileType."""
    count = struct.unpack_from("<H", data, place)[0]
    entries = [bytes(data[place + 2 + 12 * n : place + 14 + 12 * n]) for n in range(count)]
    kept = [
        entry for entry in entries if struct.unpack_from("<H", entry)[0] != 284
    ]  # planar configuration: 1
    assert len(kept) == count - 1
    kept.insert(0, struct.pack("<HHII", 254, 4, 1, int(reduced)))
    data[place + 2 : place + 2 + 12 * count] = b"".join(kept)


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_of_tiff_are_read(order):
    pixels = read_image(tiff(np.array([[0, 32768, 65535]], np.uint16), order=order)).pixels
    assert [pixels.getpixel((x, 0))[0] for x in range(3)] == [0, 128, 255]


@pytest.mark.parametrize(
    ("values", "shown", "chosen"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255], False),
        ([0.0, 100.0, 255.0], [0, 100, 255], False),
        ([0.0, 32768.0, 65535.0], [0, 128, 255], False),
        ([-20.0, 30.0, 80.0], [0, 128, 255], True),
        ([np.nan, 0.5, 1.0], [0, 128, 255], False),
        ([-np.inf, 0.5, np.inf], [0, 128, 255], False),
        ([np.nan, np.nan, np.nan], [0, 0, 0], False),
    ],
)
def test_floats_are_spread_from_black_to_white_where_no_custom_says_how(values, shown, chosen):
    checked = read_image(encoded(Image.fromarray(np.array([values], np.float32)), "TIFF"))
    assert [checked.pixels.getpixel((x, 0))[0] for x in range(3)] == pytest.approx(shown, abs=1)
    assert (checked.note == "Its values, -20 to 80, are shown from black to white.") == chosen
    whole = np.array([[int(np.nan_to_num(value, posinf=0, neginf=0)) for value in values]], np.int32)
    assert read_image(encoded(Image.fromarray(whole), "TIFF")).pixels.size == (3, 1)


def test_a_phones_second_picture_is_not_the_first():
    data = encoded(smooth(64, 48), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8), "red")])
    checked = read_image(data)
    assert (checked.pixels.size, checked.note) == ((64, 48), None)
    assert furthest(checked.pixels, smooth(64, 48)) <= 8
    directory = data.index(b"MPF\0")
    broken = data[: directory + 8] + bytes(20) + data[directory + 28 :]
    assert read_image(broken).digest == checked.digest


def test_an_endless_chain_of_pages_ends():
    data = bytearray(encoded(noise(4, 4), "TIFF"))
    place = directories(data)[0]
    count = struct.unpack_from("<H", data, place)[0]
    struct.pack_into("<I", data, place + 2 + 12 * count, place)
    assert read_image(bytes(data)).note is None


def test_chunks_of_an_animation_that_is_none_are_passed_over():
    png = encoded(noise(8, 8))
    claimed = png[:33] + chunk(b"acTL", struct.pack(">II", 0, 0)) + png[33:]
    checked = read_image(claimed)
    assert (checked.pixels.tobytes(), checked.note) == (noise(8, 8).tobytes(), None)
