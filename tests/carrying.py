"""Files that are dropped or pasted: what a browser hands a page then, as scripts that run in it."""

import base64
from pathlib import Path

from playwright.sync_api import Locator

CARRY = """([name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer(), type = name.endsWith('.json') ? 'application/json' : 'image/png';
  carried.items.add(new File([bytes], name, { type }));
  return carried;
}"""
DROP = """(target, carried) => ['dragenter', 'dragover', 'drop'].map((kind) => !target.dispatchEvent(
  new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }))).pop()"""
PASTE = """(target, carried) => target.dispatchEvent(
  new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }))"""


def drop(file: Path, onto: Locator) -> bool:
    """Drops a file; whether the page took it before the browser could open it in the page's place."""
    return onto.evaluate(f"(target, given) => ({DROP})(target, ({CARRY})(given))", _carried(file))


def paste(file: Path, into: Locator) -> None:
    """Pastes a file."""
    into.evaluate(f"(target, given) => ({PASTE})(target, ({CARRY})(given))", _carried(file))


def _carried(file: Path) -> list[str]:
    return [file.name, base64.b64encode(file.read_bytes()).decode()]
