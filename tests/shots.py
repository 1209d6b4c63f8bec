"""The README's pictures, taken from the running page on the small model: `make shots`."""

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from demo.gallery import read_examples  # noqa: E402
from mova.checkpoint.loading import default_checkpoint, load  # noqa: E402
from mova.engine import Engine  # noqa: E402
from tests.browser_fixture import OPTIONS, find_chromium  # noqa: E402
from tests.page_server import serve  # noqa: E402
from tests.visitor import Visitor  # noqa: E402

OUT = ROOT / "assets" / "page"
CHART = 8  # the example that calls for two experts


def answered(visitor: Visitor) -> None:
    """One example asked, and its answer there."""
    visitor.pick_example(CHART)
    visitor.wait_for_answers()


def where(visitor: Visitor) -> None:
    answered(visitor)
    visitor.panel("where").evaluate("panel => panel.scrollIntoView({ block: 'start' })")


def compare(visitor: Visitor) -> None:
    answered(visitor)
    visitor.compare("A")
    visitor.wait_for_answers(3)
    visitor.panel("compare").evaluate("panel => panel.scrollIntoView({ block: 'start' })")


SHOTS: dict[str, tuple[Callable[[Visitor], None], str]] = {
    "screenshot": (answered, "light"),
    "screenshot-dark": (answered, "dark"),
    "where": (where, "light"),
    "compare": (compare, "light"),
}


def main() -> None:
    """Writes every picture into assets/page, at 1440 x 900."""
    engine = Engine(load(default_checkpoint()))
    with serve(engine, read_examples(ROOT / "examples")) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=OPTIONS)
        for name, (show, scheme) in SHOTS.items():
            visitor = Visitor(browser, address, color_scheme=scheme)
            show(visitor)
            visitor.page.mouse.move(0, 0)
            visitor.page.screenshot(path=OUT / f"{name}.png")
            visitor.leave()
        browser.close()


if __name__ == "__main__":
    main()
