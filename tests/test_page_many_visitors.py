"""Sixteen open pages at once over one server: what each is sent is its own, whoever stops or leaves."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from demo.view import PARTS
from tests.demo_pictures import draw_picture, make_examples
from tests.fake_engine import FakeEngine
from tests.page_client import SETTINGS, PageClient
from tests.page_server import ask, serve

VISITORS = 16
SHORT = [*SETTINGS[:2], 12, *SETTINGS[3:]]
COMPOSER, TRANSCRIPT, STATUS = (PARTS.index(part) for part in ("composer", "transcript", "status"))


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serve(FakeEngine(pace=0.002), make_examples(tmp_path_factory.mktemp("examples"))) as address:
        yield address


def own_size(number: int) -> tuple[int, int]:
    return 200 + number, 150 + number


def check_own(number: int, updates: list[list]) -> None:
    """Nothing in any update is about another's picture or question."""
    text = " ".join(str(part) for update in updates for part in update)
    assert set(re.findall(r"(\d+)x\d+ turn", text)) <= {str(own_size(number)[0])}
    assert set(re.findall(r"marker(\d+)z", text)) == {str(number)}


def last_answer(updates: list[list]) -> str:
    shown = [update[TRANSCRIPT] for update in updates if isinstance(update[TRANSCRIPT], list)]
    return [part["text"] for part in shown[-1][-1]["content"] if part["type"] == "text"][-1]


def visit(address: str, picture: Path, number: int, start: threading.Barrier) -> None:
    """Two questions, with what visitors do between: some stop, some lose the connection and come back."""
    client = PageClient(address)
    with client.open():
        start.wait(timeout=60)
        asked = client.ask(f"What is marker{number}z?", picture, SHORT)
        updates = [next(asked)]
        if number % 4 == 1:  # stops while waiting or answering
            client.call("stop", [])
            updates += list(asked)
        elif number % 4 == 2:  # loses the stream in the middle, and asks again once it is free
            asked.close()
            client.call("stop", [])
        else:
            updates += list(asked)
            assert last_answer(updates).endswith("word11")
        check_own(number, updates)
        again = list(client.ask(f"Which is marker{number}z?", None, SHORT))
        check_own(number, again)
        width, height = own_size(number)
        turns = r"[12]"  # a stopped answer that has no word yet is no turn
        words = rf"{width}x{height} turn {turns}: Which is marker{number}z\? word0 word1 .* word11"
        assert re.fullmatch(words, last_answer(again))


def test_sixteen_pages_and_a_program_get_their_own_answers(address, tmp_path):
    pictures = [draw_picture(tmp_path / f"{number}.png", own_size(number)) for number in range(VISITORS)]
    start = threading.Barrier(VISITORS + 1)

    def program() -> None:
        start.wait(timeout=60)
        for number in (100, 101):
            picture = draw_picture(tmp_path / f"{number}.png", own_size(number))
            updates = ask(address, picture, f"What is marker{number}z?", None, 12, 0, 0)
            width, height = own_size(number)
            assert updates[-1]["answer"].startswith(f"{width}x{height} turn 1: What is marker{number}z?")
            assert all(str(number) in update["trace"]["question"] for update in updates)

    with ThreadPoolExecutor(VISITORS + 1) as pool:
        visits = [pool.submit(visit, address, pictures[n], n, start) for n in range(VISITORS)]
        for done in [*visits, pool.submit(program)]:
            done.result(timeout=300)


def test_a_full_line_refuses_and_keeps_what_was_typed(tmp_path):
    """One more than fit: they are told so at once, and nothing of theirs hangs."""
    from demo.lane import CAPACITY

    with serve(FakeEngine(pace=0.2, words=10**4), make_examples(tmp_path)) as address:
        waiting = [PageClient(address) for _ in range(CAPACITY + 1)]
        asked = []
        for client in waiting:
            asked.append(client.ask("Where is it?", None, [*SETTINGS[:2], 1024, *SETTINGS[3:]]))
            next(asked[-1])
        late = PageClient(address)
        updates = list(late.ask("Where is it?", None, SHORT))
        assert "questions are waiting already" in updates[-1][STATUS]
        assert updates[-1][COMPOSER] == {"__type__": "update"}, "the composer keeps the question"
        late.call("act", [], event_data={"act": "show", "id": "0"})  # the page goes on answering clicks
        for client in waiting:
            client.call("stop", [])
        for stream in asked:
            for _ in stream:
                pass
        assert last_answer(list(late.ask("Where is it?", None, SHORT))).endswith("word11")
