"""Layout and wiring of the page; nothing else happens here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi.middleware import Middleware

from demo.answering import Answering
from demo.asking import LONGEST_ANSWER, QUESTION_LIMIT
from demo.doorkeeper import Doorkeeper
from demo.doors import Page
from demo.endpoint import Endpoint
from demo.gallery import Example, gallery_html
from demo.handlers import Handlers
from demo.lane import Lane
from demo.listeners import Listeners
from demo.panels import PANELS
from demo.picture_store import PictureStore
from demo.startup import Startup
from demo.temporary import own_folder
from demo.theme import COMPOSER_HINT, EXPERT_CHOICES, TITLE, build_theme
from demo.view import PARTS
from mova.vision.experts.pool import EXPERTS

STYLE = Path(__file__).resolve().parent.parent / "assets" / "page" / "style.css"
ICON = STYLE.with_name("icon.png")
PAGE_SCRIPT = STYLE.with_name("page.js").read_text(encoding="utf-8").replace("MOST", str(QUESTION_LIMIT))
PIECE_SCRIPT = STYLE.with_name("piece.js").read_text(encoding="utf-8")
# No call waits for another in the library's queue: questions take their turns in our own lane.
AT_ONCE: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private"}
ENDPOINT_DEFAULTS = (None, "", None, 256, 0, 0)  # of the inputs of /ask, in order
THREADS = 100  # everyone in the lane looks at it from a thread of theirs


def build_demo(engine, examples: Sequence[Example]) -> Page:
    """The page over an engine (or a `Startup` that will hold one) with a gallery of examples."""
    startup = engine if isinstance(engine, Startup) else Startup(engine)
    folder = own_folder()
    answering = Answering(startup, Lane())
    handlers = Handlers(answering, examples, PictureStore(folder.room("pictures")))
    with Page(title=TITLE, analytics_enabled=False, delete_cache=(60, 1800), fill_width=True) as demo:
        view: dict[str, Any] = {}
        header = _html(elem_id="header", js_on_load=PIECE_SCRIPT)
        gallery = _html(gallery_html(list(examples)), elem_id="gallery", js_on_load=PIECE_SCRIPT)
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=11, min_width=320, elem_id="left"):
                composer, settings = _lay_out_conversation(view)
            with gr.Column(scale=9, min_width=320, elem_id="right"):
                _html('<h2 class="mova-right-title">How MoVA looked</h2>')
                for panel in PANELS:
                    view[panel.name] = _html(elem_id=panel.name)
        footer = _html(elem_id="footer")
        timer = gr.Timer(0.5)
        _wire(demo, handlers, view, composer, settings, gallery)
        demo.listeners = Listeners()
        _wire_endpoint(Endpoint(answering, demo.listeners))
        for event in (demo.load, timer.tick):
            event(handlers.header, None, [header, footer, timer], queue=False, **AT_ONCE)
    demo.folder, demo.lane = folder, answering.lane  # what has to end with the page
    demo.queue(max_size=None, api_open=False)
    return demo


def _html(value: str = "", **options) -> gr.HTML:
    """A piece of HTML with the page's own style alone."""
    return gr.HTML(value, apply_default_css=False, **options)


def _lay_out_conversation(view: dict) -> tuple[gr.MultimodalTextbox, list]:
    with gr.Row(elem_id="about"):
        view["picture"] = _html(elem_id="picture")
        view["conversations"] = _html(elem_id="conversations", js_on_load=PIECE_SCRIPT)
    view["transcript"] = _html(elem_id="transcript", js_on_load=PIECE_SCRIPT)
    composer = gr.MultimodalTextbox(
        elem_id="composer",
        placeholder=COMPOSER_HINT,
        label="Your question",
        show_label=False,
        sources=["upload"],
        file_types=["image"],
        max_plain_text_length=10**9,  # else a long paste becomes a text file
    )
    with gr.Row(elem_id="actions"):
        view["status"] = _html(elem_id="status")
        view["stop"] = gr.Button("Stop", size="sm", variant="stop", interactive=False, elem_id="stop")
        view["again"] = gr.Button("Regenerate", size="sm", interactive=False, elem_id="again")
        view["clear"] = gr.Button("Clear", size="sm", interactive=False, elem_id="clear")
    return composer, _lay_out_settings()


def _lay_out_settings() -> list:
    """The settings in the order `Handlers._accept` takes them."""
    with gr.Accordion("Settings", open=False, elem_id="settings"):
        mode = gr.Radio(EXPERT_CHOICES, value="router", label="Who chooses the experts")
        choices = [(f"{expert.letter} · {expert.name}", expert.letter) for expert in EXPERTS]
        forced = gr.CheckboxGroup(choices, label="Ask exactly these", visible=False)
        mode.change(
            lambda chosen: gr.CheckboxGroup(visible=chosen == "forced"), mode, forced, queue=False, **AT_ONCE
        )
        with gr.Row():
            longest = gr.Slider(1, LONGEST_ANSWER, 256, step=1, label="Longest answer, in tokens")
            temperature = gr.Slider(0, 2, 0, step=0.05, label="Temperature (0: greedy)")
        with gr.Row():
            top_p = gr.Slider(0.05, 1, 1, step=0.05, label="Top-p")
            seed = gr.Number(0, precision=0, minimum=0, label="Seed")
    return [mode, forced, longest, temperature, top_p, seed]


def _wire(demo: gr.Blocks, handlers: Handlers, view: dict, composer, settings: list, gallery) -> None:
    outputs = [view[name] for name in PARTS]
    # "multiple": a question may be sent while an answer that was stopped is still coming to its end.
    asks = {"trigger_mode": "multiple", **AT_ONCE}
    composer.submit(handlers.ask_typed, [composer, *settings], [composer, *outputs], **asks)
    gallery.click(handlers.ask_example, settings, outputs, **asks)
    view["again"].click(handlers.ask_again, settings, outputs, **asks)
    at_once = {"inputs": None, "outputs": outputs, "queue": False, **AT_ONCE}
    view["stop"].click(handlers.stop, **at_once)
    view["clear"].click(handlers.clear, **at_once)
    for name in ("transcript", "conversations"):
        view[name].click(handlers.select, **at_once)
    demo.load(handlers.open_page, **at_once)
    demo.load(None, js=PAGE_SCRIPT)
    demo.unload(handlers.leave)


def _wire_endpoint(endpoint: Endpoint) -> None:
    """The endpoint /ask on components of its own, so that null, [] and ["E"] stay apart."""
    inputs = [
        gr.File(label="image", visible=False),
        gr.Textbox(label="question", visible=False),
        gr.JSON(label="experts", visible=False),
        gr.Number(256, label="max_new_tokens", visible=False),
        gr.Number(0, label="temperature", visible=False),
        gr.Number(0, label="seed", visible=False),
    ]
    result = gr.JSON(label="answer and trace so far", visible=False)
    gr.Button(visible=False).click(endpoint.ask, inputs, result, api_name="ask", concurrency_limit=None)


def launch_options(demo: Page, host: str, port: int | None) -> dict:
    """How the page is served: nothing counted, nothing kept, no other file readable."""
    doors = Middleware(Doorkeeper, page=demo, defaults=ENDPOINT_DEFAULTS, listeners=demo.listeners)
    return {
        "app_kwargs": {"middleware": [doors]},
        "max_threads": THREADS,
        "server_name": host,
        "server_port": port,
        "theme": build_theme(),
        "css_paths": STYLE,
        "favicon_path": ICON,
        "max_file_size": "10mb",
        "show_error": False,  # what is no refusal of ours is not told
        "share": False,
        "footer_links": [],
        "run_history": False,
        "allowed_paths": [],
        "enable_monitoring": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "state_session_capacity": 1000,
    }
