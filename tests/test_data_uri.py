"""A picture inside a text: what is read of it, and what is said of a broken one, which never quotes it."""

import base64
from urllib.parse import quote_from_bytes

import pytest

from mova.errors import ImageRefused
from mova.images import read_image
from mova.imaging import data_uri
from mova.imaging.data_uri import is_data_uri, read_data_uri
from tests.image_files import encoded, noise

PICTURE = encoded(noise(9, 7))
BASE64 = base64.b64encode(PICTURE).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"data:image/png;base64,{BASE64}",
        f"  DATA:IMAGE/PNG;BASE64,{BASE64}\n",
        f"data:image/png;name=a.png;base64,{BASE64}",
        f"data:;base64,{BASE64}",
        f"data:application/octet-stream;base64,{BASE64}",
        f"data:image/jpeg;base64,{BASE64}",  # what it is, is seen by its bytes
        f"data:image/png;base64,{BASE64.rstrip('=')}",
        "data:image/png;base64,\n" + "\n".join(BASE64[at : at + 76] for at in range(0, len(BASE64), 76)),
        "data:image/png;base64," + BASE64.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
        "data:image/png," + quote_from_bytes(PICTURE),
    ],
)
def test_a_picture_comes_out_of_it(text):
    assert is_data_uri(text)
    assert read_data_uri(text) == PICTURE
    assert read_image(text).pixels.tobytes() == noise(9, 7).tobytes()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "not a data URI"),
        ("https://example.org/a.png", "not a data URI"),
        ("data:image/png", "not a data URI"),
        ("data:" + "x" * 5000 + ",", "not a data URI"),
        ("data:text/html;base64,PGI+c2VjcmV0", "does not say that it is a picture"),
        ("data:image/png;base64,", "empty"),
        ("data:image/png;base64,====", "broken"),
        ("data:image/png;base64,c2Vj*cmV0", "broken"),
        ("data:image/png;base64,c2VjcmV0c", "broken"),
        ("data:image/png;base64,c2Vj=cmV0", "broken"),
        ("data:image/png;base64,c2VjcmV0-_", "broken"),
        ("data:image/png;base64,secrét", "broken"),
        ("data:image/png,secret%", "broken"),
        ("data:image/png,secret%zz", "broken"),
        ("data:image/png,secrét", "broken"),
    ],
)
def test_what_is_none_or_broken_is_refused_without_being_quoted(text, word):
    with pytest.raises(ImageRefused, match=word) as refusal:
        read_data_uri(text)
    said = str(refusal.value)
    assert said.endswith(".")
    assert "secr" not in said
    assert "c2V" not in said


@pytest.mark.parametrize("form", ["data:image/png;base64," + "A" * 4000, "data:image/png," + "%41" * 1100])
def test_what_holds_too_much_is_refused_before_it_is_decoded(form, monkeypatch):
    monkeypatch.setattr(data_uri, "MAX_FILE_BYTES", 1000)
    for decoder in ("base64.b64decode", "mova.imaging.data_uri.unquote_to_bytes"):
        monkeypatch.setattr(decoder, lambda *_, **__: pytest.fail("decoded"))
    monkeypatch.setattr(data_uri, "_MOST_PERCENT", 1000)
    with pytest.raises(ImageRefused, match="too long"):
        read_data_uri(form)


def test_what_only_just_holds_too_much_is_refused_too(monkeypatch):
    monkeypatch.setattr(data_uri, "MAX_FILE_BYTES", 100)
    assert read_data_uri("data:image/png;base64," + base64.b64encode(bytes(100)).decode()) == bytes(100)
    with pytest.raises(ImageRefused, match="MB are read"):
        read_data_uri("data:image/png;base64," + base64.b64encode(bytes(101)).decode())


@pytest.mark.parametrize("text", ["", "picture.png", "/data/image", "dat:", "C:\\data.png"])
def test_a_path_is_no_data_uri(text):
    assert not is_data_uri(text)
