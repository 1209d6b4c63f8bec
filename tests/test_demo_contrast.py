"""What is written can be read: contrast of at least 4.5 (WCAG AA) on the light page and on the dark one."""

import re
from pathlib import Path

import pytest

from demo.panels.gate import _cell
from demo.theme import EXPERT_COLOURS, INK_ON_EXPERT, SURFACES

PAGE = Path(__file__).parent.parent / "assets" / "page"
CSS = {file.stem: file.read_text() for file in sorted(PAGE.glob("*.css"))}
AA, GRAPHIC = 4.5, 3.0


def variables(selector: str) -> dict[str, str]:
    """The colours that are declared for `:root` or `.dark`, in any of the files."""
    blocks = re.findall(rf"^{re.escape(selector)} \{{(.*?)\}}", "\n".join(CSS.values()), re.M | re.S)
    return dict(re.findall(r"--mova-([\w-]+): (#[0-9a-f]{6});", " ".join(blocks)))


LIGHT = variables(":root")
DARK = LIGHT | variables(".dark")
PAGES = {"light": LIGHT, "dark": DARK}


def channels(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def mixed(first: str, second: str, share: float) -> str:
    """CSS's color-mix(in srgb, first share, second)."""
    pairs = zip(channels(first), channels(second), strict=True)
    return "#" + "".join(f"{round(255 * (a * share + b * (1 - share))):02x}" for a, b in pairs)


def contrast(first: str, second: str) -> float:
    """Of WCAG 2: from 1 to 21."""

    def luminance(colour: str) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_the_published_one():
    assert contrast("#000000", "#ffffff") == 21 and round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("text", ["ink", "soft", "accent", "alarm"])
@pytest.mark.parametrize("ground", ["card", "well", "page"])
def test_every_colour_of_text_is_read_on_every_ground(page, text, ground):
    body = SURFACES["body_background_fill"][page == "dark"]
    on = body if ground == "page" else PAGES[page][ground]
    assert contrast(PAGES[page][text], on) >= AA


@pytest.mark.parametrize("page", PAGES)
def test_what_is_written_on_the_accent_is_read(page):
    assert contrast(PAGES[page]["on-accent"], PAGES[page]["accent"]) >= AA
    pressed = mixed(PAGES[page]["accent"], PAGES[page]["card"], 0.12)
    assert "var(--mova-accent) 12%, var(--mova-card)" in CSS["panels"]
    assert min(contrast(PAGES[page][text], pressed) for text in ("ink", "soft")) >= AA


@pytest.mark.parametrize("letter", EXPERT_COLOURS)
def test_a_letter_is_read_on_its_experts_colour(letter):
    assert contrast(INK_ON_EXPERT[letter], EXPERT_COLOURS[letter]) >= AA


@pytest.mark.parametrize("page", PAGES)
def test_the_number_in_every_cell_of_the_gate_is_read(page):
    colours = PAGES[page]
    for step in range(101):
        ground = mixed(colours["accent"], colours["well"], step / 100)
        other = f"over-{page}" in _cell(step / 100)
        ink = colours["cell-over" if other else "cell-ink"]
        assert contrast(ink, ground) >= AA, f"weight {step / 100}"


@pytest.mark.parametrize("name", CSS)
def test_nothing_written_is_made_faint(name):
    """An opacity would undo what is measured here; what is not to be seen at all may have none."""
    assert not re.findall(r"opacity: *(?![01]\s*[;}])[\d.]+", CSS[name])


@pytest.mark.parametrize("name", CSS)
def test_no_type_is_smaller_than_twelve_pixels(name):
    sizes = re.findall(r"font-size: (?:calc\()?([\d.]+)(?:px| \*)", CSS[name])
    assert all(float(size) >= 12 for size in sizes)


def test_the_page_knows_no_rule_that_gradio_would_drop():
    """Gradio rewrites a page's styles and keeps style rules, media, keyframes and fonts alone; it splits
    selectors at every comma, and a rule for `:root` within a media rule is lost."""
    for name, css in CSS.items():
        plain = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
        assert set(re.findall(r"@([\w-]+)", plain)) <= {"media", "keyframes", "font-face"}, name
        assert not re.search(r":(?:not|is|where|has)\([^)]*,", plain), name
        assert ":root" not in "".join(re.findall(r"@media[^{]*\{(.*?)^\}", plain, re.M | re.S)), name
