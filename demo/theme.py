"""Colours, words and the Gradio theme of the page: everything said or coloured in more than one place."""

import gradio as gr
from gradio.themes.utils.fonts import LocalFont

from mova.vision.experts.pool import LETTERS

# Okabe-Ito without black: told apart by people with any colour vision; every use also carries a letter.
EXPERT_COLOURS = dict(
    zip(LETTERS, ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"), strict=True)
)
INK_ON_EXPERT = dict.fromkeys(LETTERS, "#14161a") | {"E": "#ffffff"}

TITLE = "MoVA"
PICTURE_GONE = "This picture is no longer kept here. Upload it again to go on asking about it."
LANE_FULL = "{count} questions are waiting already, as many as fit. Ask again in a moment."
NEVER_BEGUN = "Stopped before it began."
TOO_LONG = "Ended after {minutes} minutes, the most that one answer may take here."
STILL_ANSWERING = "MoVA is still answering you. Press Stop, or wait for the end, then ask again."
NOTHING_ASKED = "Type a question first; a picture alone does not say what you want to know."
KEPT_BROKEN = (
    "This kept conversation cannot be read any more: {why}. Use Forget to delete what this browser keeps."
)
NEVER_WHOLE = "This answer had not come to its end."
RECORDINGS_ONLY = "{why} Until then the examples play recorded answers."
RELOAD = "There is nothing of that name here any more. Reload the page."
NOTHING_TO_REPEAT = "There is no question to ask again yet."
LICENCE_URL = "https://www.llama.com/llama3/license/"


ACCENT_SHADES = (
    "#f3f2fd", "#e6e4fb", "#cfcbf6", "#b0a9ef", "#9188e6", "#7468da",
    "#5a4fcf", "#4b41b0", "#3d358e", "#2f296c", "#221e4d",
)  # fmt: skip
# Gradio's variable -> its value on the light page and on the dark one.
SURFACES = {
    "body_background_fill": ("#fbfbfa", "#131417"),
    "body_text_color": ("#1d1f23", "#e8e8e6"),
    "body_text_color_subdued": ("#62666d", "#a0a4ab"),
    "background_fill_primary": ("#ffffff", "#1b1d21"),
    "background_fill_secondary": ("#f4f4f2", "#24272c"),
    "border_color_primary": ("#e3e3df", "#33373d"),
    "block_background_fill": ("#ffffff", "#1b1d21"),
    "block_shadow": ("none", "none"),
    "input_background_fill": ("#ffffff", "#1b1d21"),
    "checkbox_background_color": ("#ffffff", "#1b1d21"),
    "checkbox_border_color": ("#b9bcc2", "#5a6069"),
    "slider_color": ("#5a4fcf", "#9188e6"),
    "button_primary_background_fill": ("#5a4fcf", "#7468da"),
    "button_primary_background_fill_hover": ("#4b41b0", "#9188e6"),
    "button_secondary_background_fill": ("#ffffff", "#24272c"),
    "button_secondary_background_fill_hover": ("#f4f4f2", "#2e3238"),
    "button_secondary_border_color": ("#d5d5d0", "#3d4249"),
}


def build_theme() -> gr.themes.Base:
    """The page's Gradio theme: one accent, flat surfaces, fonts that ship with Gradio (none is fetched)."""
    accent = gr.themes.Color(*ACCENT_SHADES)
    # The bundled semi-bold (600) files hold only a part of the alphabet; 400 and 700 are whole.
    theme = gr.themes.Base(
        primary_hue=accent,
        secondary_hue=accent,
        neutral_hue=gr.themes.colors.gray,
        radius_size=gr.themes.sizes.radius_md,
        font=[LocalFont("IBM Plex Sans", (400, 700)), "system-ui", "sans-serif"],
        font_mono=[LocalFont("IBM Plex Mono", (400, 700)), "ui-monospace", "monospace"],
    )
    light = {name: values[0] for name, values in SURFACES.items()}
    dark = {f"{name}_dark": values[1] for name, values in SURFACES.items()}
    return theme.set(
        block_border_width="1px",
        block_label_text_weight="600",
        block_title_text_weight="600",
        button_border_width="1px",
        **light,
        **dark,
    )
