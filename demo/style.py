"""The page's own style and scripts, read from assets/page: nothing is fetched from anywhere else."""

from pathlib import Path

from demo.asking import QUESTION_LIMIT, UPLOAD_LIMIT

ASSETS = Path(__file__).resolve().parent.parent / "assets" / "page"
ICON = ASSETS / "icon.png"
STYLE_FILES = [
    ASSETS / "style.css",
    *sorted(set(ASSETS.glob("*.css")) - {ASSETS / "style.css", ASSETS / "export.css"}),
]
STYLE = "\n".join(file.read_text(encoding="utf-8") for file in STYLE_FILES)


def script(name: str) -> str:
    """A script of the page by name."""
    text = (ASSETS / f"{name}.js").read_text(encoding="utf-8")
    for place, limit in (("MOST_CHARACTERS", QUESTION_LIMIT), ("MOST_BYTES", UPLOAD_LIMIT)):
        text = text.replace(place, str(limit))
    return text.strip().rstrip(";")


OF_THE_PAGE = (
    "page",
    "chat",
    "kept",
    "whatif",
    "where",
    "script",
    "enlarge",
    "present",
    "tour",
    "link",
    "camera",
)
# For a piece of HTML, the hidden relays, and the page as a whole; the last in an exported page.
PIECE = script("piece")
RELAY = script("relay")
HEAD = "".join(f"<script>{script(name)}</script>" for name in ("theme", "gallery"))  # before it is painted
SCRIPTS = {
    "page": [script(name) for name in OF_THE_PAGE],
    "export": [script("where")],
}  # fmt: skip
