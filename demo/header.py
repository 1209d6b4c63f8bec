"""The page's header and footer: which model answers, on what, and under which licence. Pure; escaped."""

from collections.abc import Sequence
from html import escape

from demo.gallery import Example
from demo.loading_words import amount_words, stage_words
from demo.theme import LICENCE_URL, TITLE
from demo.words import ENGLISH, Words
from mova.progress import Step
from mova.trace import ModelInfo

STARTING = Step("find")
# Three of the seven eyes look at the same point: the mark of the page.
LOGO = (
    '<svg class="mova-logo" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="4.5"/><g>'
    '<circle cx="16" cy="4" r="2.4"/><circle cx="26.4" cy="10" r="2.4"/><circle cx="26.4" cy="22" r="2.4"/>'
    '<circle cx="16" cy="28" r="2.4"/><circle cx="5.6" cy="22" r="2.4"/><circle cx="5.6" cy="10" r="2.4"/>'
    "</g></svg>"
)


def header_html(
    info: ModelInfo | None, step: Step = STARTING, say: Words = ENGLISH, *, failed: str = ""
) -> str:
    """One line that names the model honestly, or says how far loading is or why it `failed`; before it the
    way past the gallery for those who walk by Tab."""
    if info is None and failed:
        told = escape(say("header.failed", why=say.told(failed)))
        said = f'<span class="mova-model" role="alert">{told}</span>'
    elif info is None:
        label = escape(say("header.progress"))
        part = escape(say("header.loading", part=stage_words(step, say)))
        # The numbers change twice a second: they are beside what is read out, not in it.
        said = (
            f'<span class="mova-model"><span role="status">{part}</span>'
            f' <span class="mova-amount">{escape(amount_words(step, say))}</span></span>'
            f'<progress max="1" value="{step.share:.3f}" aria-label="{label}"></progress>'
        )
    else:
        device = "CPU" if info.device == "cpu" else info.device
        facts = [info.name, info.precision, device, f"{info.memory_gb:.1f} GB"]
        honest = f" · {say('header.embedded')}" if info.embedded else ""
        said = f'<span class="mova-model"><b>{escape(" · ".join(facts))}</b>{honest}</span>'
    return (
        f'<a class="mova-skip" href="#composer" data-act="skip">{say("header.skip")}</a>'
        f'<header class="mova-header">{LOGO}<h1>{TITLE}</h1>'
        f'<span class="mova-tagline">{say("header.tagline")}</span>{said}'
        f'<button type="button" class="mova-quiet" data-act="theme">{say("header.theme")}</button></header>'
    )


def footer_html(info: ModelInfo | None, examples: Sequence[Example], say: Words = ENGLISH) -> str:
    """Licence of the language model where it asks for it, and where the example pictures come from."""
    built = ""
    if info is not None and info.licence == "llama3":
        # The licence asks for these very words, in any language.
        built = (
            f'<b>{say("footer.built")}</b> · <a href="{LICENCE_URL}" target="_blank" rel="noreferrer">'
            f"{say('footer.licence')}</a>"
        )
    origins = {e.path.name: f"{e.source} ({e.licence})" for e in examples}
    sources = "".join(f"<li>{escape(name)}: {escape(origin)}</li>" for name, origin in origins.items())
    return (
        f'<footer class="mova-footer"><span>{built}</span><span>{say("footer.private")}</span>'
        f"<details><summary>{say('footer.sources')}</summary><ul>{sources}</ul></details></footer>"
    )
