"""The page's header and footer: which model answers, on what, and under which licence. Pure; escaped."""

from collections.abc import Sequence
from html import escape

from demo.gallery import Example
from demo.theme import LICENCE_URL, TAGLINE, TITLE
from mova.trace import ModelInfo

# Three of the seven eyes look at the same point: the mark of the page.
LOGO = (
    '<svg class="mova-logo" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="4.5"/><g>'
    '<circle cx="16" cy="4" r="2.4"/><circle cx="26.4" cy="10" r="2.4"/><circle cx="26.4" cy="22" r="2.4"/>'
    '<circle cx="16" cy="28" r="2.4"/><circle cx="5.6" cy="22" r="2.4"/><circle cx="5.6" cy="10" r="2.4"/>'
    "</g></svg>"
)


def header_html(
    info: ModelInfo | None, loading: str = "", fraction: float = 0.0, *, failed: bool = False
) -> str:
    """One line that names the model honestly, or says how far loading is or why it failed."""
    if info is None and failed:
        said = (
            f'<span class="mova-model" role="alert">The model could not be loaded. {escape(loading)}</span>'
        )
    elif info is None:
        said = (
            f'<span class="mova-model" role="status">loading … {escape(loading)}</span>'
            f'<progress max="1" value="{fraction:.3f}" aria-label="Loading the model"></progress>'
        )
    else:
        device = "CPU" if info.device == "cpu" else info.device
        facts = [info.name, info.precision, device, f"{info.memory_gb:.1f} GB"]
        honest = " · a small model trained on drawn pictures: expect simple answers" if info.embedded else ""
        said = f'<span class="mova-model"><b>{escape(" · ".join(facts))}</b>{honest}</span>'
    return (
        f'<header class="mova-header">{LOGO}<h1>{TITLE}</h1><span class="mova-tagline">{TAGLINE}</span>'
        f'{said}<button type="button" class="mova-quiet" data-act="theme">Light / dark</button></header>'
    )


def footer_html(info: ModelInfo | None, examples: Sequence[Example]) -> str:
    """Licence of the language model where it asks for it, and where the example pictures come from."""
    built = ""
    if info is not None and info.licence == "llama3":
        built = (
            f'<b>Built with Meta Llama 3</b> · <a href="{LICENCE_URL}" target="_blank" rel="noreferrer">'
            "Meta Llama 3 licence</a>"
        )
    origins = {e.path.name: f"{e.source} ({e.licence})" for e in examples}
    sources = "".join(f"<li>{escape(name)}: {escape(origin)}</li>" for name, origin in origins.items())
    return (
        f'<footer class="mova-footer"><span>{built}</span>'
        "<span>Pictures and questions stay on the machine that runs this page.</span>"
        f"<details><summary>Sources of the example pictures</summary><ul>{sources}</ul></details></footer>"
    )
