"""What stands on the page whoever looks, in a language: labels, gallery, the head of the right side."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from demo.about import about_html
from demo.gallery import Example, gallery_html
from demo.replay import SPEEDS
from demo.words import Words
from mova.vision.experts.pool import EXPERTS

EXPERT_NAMES = [(f"{expert.letter} · {expert.name}", expert.letter) for expert in EXPERTS]
FIXED = (
    "gallery", "camera", "right_head", "experts", "transcript", "composer", "stop", "again", "clear",
    "settings", "about_experts", "mode", "forced", "longest", "temperature", "top_p", "seed",
)  # fmt: skip


def labels(say: Words, examples: Sequence[Example]) -> dict[str, Any]:
    """What each fixed part is given at first, by its name: HTML, or the options of its component."""
    return {
        "gallery": gallery_html(list(examples), say),
        "camera": camera_button(say),
        "right_head": right_head(say),
        "experts": about_html(examples, say),
        "transcript": {"placeholder": f'<div class="mova-empty"><p>{say("chat.empty")}</p></div>'},
        "composer": {"placeholder": say("ui.composer"), "label": say("ui.question")},
        "stop": {"value": say("ui.stop")},
        "again": {"value": say("ui.again")},
        "clear": {"value": say("ui.clear")},
        "settings": {"label": say("ui.settings")},
        "about_experts": {"label": say("about.title")},
        "mode": {"label": say("ui.mode"), "choices": expert_choices(say)},
        "forced": {"label": say("ui.forced"), "choices": EXPERT_NAMES},
        "longest": {"label": say("ui.longest")},
        "temperature": {"label": say("ui.temperature")},
        "top_p": {"label": say("ui.top_p")},
        "seed": {"label": say("ui.seed")},
    }


KINDS = {
    "transcript": gr.Chatbot, "composer": gr.MultimodalTextbox, "stop": gr.Button, "again": gr.Button,
    "clear": gr.Button, "settings": gr.Accordion, "about_experts": gr.Accordion, "mode": gr.Radio,
    "forced": gr.CheckboxGroup, "longest": gr.Slider, "temperature": gr.Slider, "top_p": gr.Slider,
    "seed": gr.Textbox,
}  # fmt: skip


def spoken(say: Words, examples: Sequence[Example]) -> tuple:
    """Values for FIXED in another language than the page was laid out in."""
    said = labels(say, examples)
    return tuple(KINDS[name](**said[name]) if name in KINDS else said[name] for name in FIXED)


def expert_choices(say: Words) -> list[tuple[str, str]]:
    """Who may choose the experts."""
    return [(say(f"ui.by_{who}"), who) for who in ("router", "forced", "none")]


def camera_button(say: Words) -> str:
    """The button that takes a picture, hidden until the browser says that it has a camera."""
    words = " ".join(f'data-{name}="{say(f"camera.{name}")}"' for name in ("take", "close", "refused"))
    act = f'class="mova-quiet" data-act="camera" {words}'
    return f'<button type="button" {act} hidden>{say("camera.open")}</button>'


def right_head(say: Words) -> str:
    """The head of the right side: its name, and what can be done with what it shows."""
    speeds = "".join(
        f'<option value="{speed:g}"{" selected" if speed == 1 else ""}>{speed:g}×</option>'
        for speed in SPEEDS
    )
    acts = "".join(
        f'<button type="button" class="mova-quiet" data-act="{act}">{say(f"tools.{act}")}</button>'
        for act in ("replay", "save", "export", "open-file", "tour", "present")
    )
    return (
        f'<div class="mova-right-head"><h2 class="mova-right-title">{say("right.title")}</h2>'
        f'<div class="mova-tools" role="group" aria-label="{say("tools.label")}">{acts}'
        f'<label><span class="mova-unseen">{say("tools.speed")}</span>'
        f'<select id="speed">{speeds}</select></label></div></div>'
    )
