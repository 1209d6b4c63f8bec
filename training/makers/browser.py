"""Chromium as a maker: renders HTML and says where every text stands. One browser is kept open and reused."""

import atexit
import io
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from training.makers.records import Run

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGES_A_TAB = 200  # a fresh tab then: memory of a used one grows
WIDE_GAP = 1.2  # of a capital's height: a wider gap parts runs

# Every text node, cut where it breaks into lines: text, its characters' left and right edges, baseline, ink.
READ_TEXTS = r"""
() => {
  const context = document.createElement('canvas').getContext('2d');
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim()) continue;
    const element = node.parentElement;
    const style = getComputedStyle(element);
    if (style.visibility === 'hidden' || style.display === 'none') continue;
    context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const capital = context.measureText('H');
    const place = element.closest('[data-role]');
    const role = place ? place.dataset.role : 'paragraph';
    const range = document.createRange();
    let part = null;
    const close = () => {
      if (part && part.text.trim()) {
        const ink = context.measureText(part.text.trim());
        part.up = ink.actualBoundingBoxAscent;
        part.down = ink.actualBoundingBoxDescent;
        found.push(part);
      }
      part = null;
    };
    for (let k = 0; k < node.data.length; k++) {
      range.setStart(node, k);
      range.setEnd(node, k + 1);
      const rects = range.getClientRects();
      const box = rects[rects.length - 1];
      if (!box || box.width === 0) continue;
      const baseline = box.top + capital.fontBoundingBoxAscent
        + (box.height - capital.fontBoundingBoxAscent - capital.fontBoundingBoxDescent) / 2;
      if (part && Math.abs(part.baseline - baseline) > 2) close();
      if (!part) part = {text: '', edges: [], baseline, cap: capital.actualBoundingBoxAscent, role};
      part.text += /\s/.test(node.data[k]) ? ' ' : node.data[k];
      part.edges.push([box.left, box.right]);
    }
    close();
  }
  return found;
}
"""


@dataclass(frozen=True)
class Shot:
    """A rendered page: its pixels and runs, places in px of the picture."""

    image: Image.Image
    runs: tuple[Run, ...]


def find_chromium() -> str | None:
    """A Chromium on the PATH, or one named by CHROMIUM; None leaves the choice to playwright."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, COMMANDS)), None)


class Studio:
    """A browser with one open tab."""

    def __init__(self):
        self._playwright = sync_playwright().start()
        self._browser: Browser = self._playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--font-render-hinting=none"]
        )
        self._tabs: dict[float, tuple[Page, int]] = {}

    def tab(self, scale: float) -> Page:
        """A tab that draws `scale` px of the picture per CSS px."""
        page, used = self._tabs.get(scale, (None, 0))
        if page is None or used >= PAGES_A_TAB:
            if page:
                page.context.close()
            page, used = self._browser.new_context(device_scale_factor=scale).new_page(), 0
        self._tabs[scale] = (page, used + 1)
        return page

    def shoot(
        self, html: str, size: tuple[int, int], scale: float = 1.0, whole: bool = False,
        then: Callable[[Page], None] | None = None,
    ) -> Shot:  # fmt: skip
        """Render HTML in a window of `size` CSS px; `whole` takes all of the page's height, `then` does
        something more with the page before it is looked at."""
        page = self.tab(scale)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.set_content(html, wait_until="load")
        if then:
            then(page)
        if whole:
            height = page.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
            page.set_viewport_size({"width": size[0], "height": max(60, min(height, 2 * size[0]))})
        texts = page.evaluate(READ_TEXTS)
        image = Image.open(io.BytesIO(page.screenshot(type="png"))).convert("RGB")
        return Shot(image, to_runs(texts, scale, image.size))

    def close(self) -> None:
        """End the browser."""
        self._browser.close()
        self._playwright.stop()


@lru_cache(maxsize=1)
def studio() -> Studio:
    """The one browser of this process, started when it is first needed and ended with the process."""
    opened = Studio()
    atexit.register(opened.close)
    return opened


def to_runs(texts: list[dict], scale: float, size: tuple[int, int]) -> tuple[Run, ...]:
    """Runs of the texts that lie on the picture, those on one baseline with one line number."""
    pieces = [piece for text in texts for piece in _cut(text)]
    pieces = [piece for piece in pieces if _lies_inside(piece, scale, size)]
    pieces.sort(key=lambda piece: piece["baseline"])
    runs, line, before = [], 0, None
    for piece in pieces:
        if before is None or piece["baseline"] - before > 0.4 * piece["cap"]:
            line, before = line + 1, piece["baseline"]
        runs.append(_to_run(piece, scale, line))
    runs.sort(key=lambda run: (run.line, run.points[0][0]))
    return tuple(runs)


def _cut(text: dict) -> list[dict]:
    """The text without blanks at its ends, cut at wide gaps."""
    pieces, start = [], 0
    letters, edges = text["text"], text["edges"]
    for k in range(1, len(letters) + 1):
        gap = k < len(letters) and edges[k][0] - edges[k - 1][1] > WIDE_GAP * text["cap"]
        if k == len(letters) or gap:
            piece = letters[start:k]
            left = start + len(piece) - len(piece.lstrip())
            right = start + len(piece.rstrip())
            if left < right:
                pieces.append(text | {"text": letters[left:right], "edges": edges[left:right]})
            start = k
    return pieces


def _lies_inside(piece: dict, scale: float, size: tuple[int, int]) -> bool:
    x0, x1 = piece["edges"][0][0] * scale, piece["edges"][-1][1] * scale
    y0, y1 = (piece["baseline"] - piece["up"]) * scale, (piece["baseline"] + piece["down"]) * scale
    return x0 >= 0 and y0 >= 0 and x1 <= size[0] and y1 <= size[1]


def _to_run(piece: dict, scale: float, line: int) -> Run:
    baseline, cap = piece["baseline"] * scale, piece["cap"] * scale
    points = tuple(((a + b) / 2 * scale, baseline - cap / 2) for a, b in piece["edges"])
    box = (
        piece["edges"][0][0] * scale,
        baseline - piece["up"] * scale,
        piece["edges"][-1][1] * scale,
        baseline + piece["down"] * scale,
    )
    return Run(piece["text"], box, points, cap, piece["role"], line)
