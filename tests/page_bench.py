"""What an update of the page costs: server time, and bytes sent at twenty turns: `make bench-page`.

python tests/page_bench.py [--turns 20]
"""

import argparse
import json
import statistics
import sys
import tempfile
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from demo import state, view  # noqa: E402
from demo.panels import PANELS  # noqa: E402
from demo.panels.panel import Shown  # noqa: E402
from demo.picture_store import PictureStore  # noqa: E402
from demo.trace_store import TraceStore  # noqa: E402
from demo.words import ENGLISH  # noqa: E402
from mova.request import Settings  # noqa: E402
from mova.trace import Trace  # noqa: E402
from mova.trace_file import loads  # noqa: E402
from tests.demo_pictures import draw_picture, make_examples  # noqa: E402
from tests.fake_engine import FakeEngine  # noqa: E402
from tests.page_client import SETTINGS, PageClient  # noqa: E402
from tests.page_server import serve  # noqa: E402

RECORDED = ROOT / "examples" / "04-chart.trace.json"


def milliseconds(work, times: int = 50) -> float:
    """Median time of one call."""
    taken = []
    for _ in range(times):
        began = perf_counter()
        work()
        taken.append(1000 * (perf_counter() - began))
    return statistics.median(taken)


def server_time(trace: Trace, turns: int) -> dict[str, float]:
    """Milliseconds for every panel, for the whole view and for one step of text, at so many turns."""
    store, shown = TraceStore(), Shown.of(trace)
    visit = state.Visit.new(state.KeptPicture("", trace.picture.digest, 10, 10))
    for _ in range(turns):
        visit = state.ask(visit, trace.question, Settings())
        visit = state.record(visit, visit.shown, store.slim(trace))
    exchange = visit.exchange
    with tempfile.TemporaryDirectory() as folder:
        pictures = PictureStore(Path(folder))
        taken = {
            f"panel {panel.name}": milliseconds(lambda p=panel: p.draw(shown, ENGLISH)) for panel in PANELS
        }
        taken["whole view"] = milliseconds(lambda: view.whole(visit, pictures, store, answering=False))
        step = lambda staged: view.progress(visit, exchange, exchange, staged, store, {})  # noqa: E731
        taken["text update"] = milliseconds(lambda: step(False))
    return taken


def bytes_sent(turns: int) -> dict[str, int]:
    """Sizes of the messages of an answer's text, at so many turns."""
    settings = [*SETTINGS[:2], 60, *SETTINGS[3:]]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with serve(FakeEngine(0.02, words=60), make_examples(place)) as address:
            client = PageClient(address)
            with client.open():
                picture = draw_picture(place / "p.png", (200, 150))
                for turn in range(turns):
                    list(client.ask("What is it?", picture if turn == 0 else None, settings))
                client.begin("What is it?", settings)
                return _sizes(client)


def _sizes(client: PageClient) -> dict[str, int]:
    stream = HTTPConnection(client.host, timeout=600)
    stream.request("GET", f"/gradio_api/queue/data?session_hash={client.session}")
    sizes = []
    for line in stream.getresponse():
        message = json.loads(line[6:]) if line.startswith(b"data: ") else {"msg": ""}
        if message["msg"] == "process_generating":
            sizes.append((len(line), b"word" in line and b"mova-panel" not in line))
        if message["msg"] == "process_completed":
            break
    stream.close()
    text = [size for size, is_text in sizes if is_text]
    middle = text[1:-1]
    return {
        "first update": sizes[0][0],
        "text updates": len(text),
        "median": int(statistics.median(middle)),
        "largest": max(middle),
    }


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--turns", type=int, default=20)
    turns = given.parse_args().turns
    print(f"| server time at {turns} turns | ms |\n|---|---:|")
    for name, taken in server_time(loads(RECORDED.read_bytes()), turns).items():
        print(f"| {name} | {taken:.1f} |")
    print(f"\n| sent at {turns} turns | bytes |\n|---|---:|")
    for name, size in bytes_sent(turns).items():
        print(f"| {name} | {size} |")
