"""Layout and wiring of the page; nothing else happens here."""

from collections.abc import Sequence
from typing import Any

import gradio as gr
from fastapi.middleware import Middleware

from demo.answering import Answering
from demo.asking import LONGEST_ANSWER, UPLOAD_LIMIT
from demo.doorkeeper import Doorkeeper
from demo.doors import Page
from demo.endpoint import Endpoint
from demo.fixed import FIXED, labels
from demo.gallery import Example
from demo.handlers import Handlers
from demo.lane import Lane
from demo.listeners import Listeners
from demo.panels import PANELS
from demo.picture_store import PictureStore
from demo.picture_view import picture_html
from demo.script import scripts_html
from demo.startup import Startup
from demo.style import HEAD, ICON, PIECE, RELAY, SCRIPTS, STYLE_FILES
from demo.temporary import own_folder
from demo.theme import TITLE, build_theme
from demo.view import PARTS
from demo.words import ENGLISH

# No call waits for another in the library's queue: questions take their turns in our own lane.
AT_ONCE: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private"}
ENDPOINT_DEFAULTS = (None, "", None, 256, 0, 0)  # of the inputs of /ask, in order
WISHED_LANGUAGE = """() => [new URLSearchParams(location.search).get('lang') || navigator.languages.join()]"""
THREADS = 100  # everyone in the lane looks at it from a thread of theirs


def build_demo(engine, examples: Sequence[Example]) -> Page:
    """The page over an engine (or a `Startup` that will hold one) with a gallery of examples."""
    startup = engine if isinstance(engine, Startup) else Startup(engine)
    folder = own_folder()
    answering = Answering(startup, Lane())
    handlers = Handlers(answering, examples, PictureStore(folder.room("pictures")))
    with Page(title=TITLE, analytics_enabled=False, delete_cache=(60, 1800), fill_width=True) as demo:
        view: dict[str, Any] = {}
        header = _html(elem_id="header", js_on_load=PIECE)
        said = labels(ENGLISH, examples)
        view["gallery"] = _html(said["gallery"], elem_id="gallery", js_on_load=PIECE)
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=11, min_width=320, elem_id="left"):
                settings = _lay_out_conversation(view, said)
            with gr.Column(scale=9, min_width=320, elem_id="right"):
                view["right_head"] = _html(said["right_head"])
                view["compare"] = _html(elem_id="compare")
                view["history"] = _html(elem_id="history", js_on_load=PIECE)
                for panel in PANELS:
                    view[panel.name] = _html(elem_id=panel.name, js_on_load=PIECE)
                    if panel.name == "router":
                        view["ways"] = _html(elem_id="ways")
                    if panel.name == "where":
                        view["seen"] = _html(elem_id="seen", js_on_load=PIECE)
                with gr.Accordion(**said["about_experts"], open=False, elem_id="about-experts") as about:
                    view["experts"], view["about_experts"] = _html(said["experts"]), about
        footer = _html(elem_id="footer")
        _html(scripts_html(handlers.presenting.scripts, examples), elem_id="scripts", visible="hidden")
        timer = gr.Timer(0.5)
        wish = gr.Textbox(visible=False)  # the language that a visitor wishes for
        _wire(demo, handlers, view, settings, wish)
        demo.listeners = Listeners()
        _wire_endpoint(Endpoint(answering, demo.listeners))
        for event in (demo.load, timer.tick):
            outputs = [header, footer, timer]
            event(handlers.header, wish, outputs, js=WISHED_LANGUAGE, queue=False, **AT_ONCE)
    demo.folder, demo.lane = folder, answering.lane  # what has to end with the page
    demo.queue(max_size=None, api_open=False)
    return demo


def _html(value: str = "", **options) -> gr.HTML:
    """A piece of HTML with the page's own style alone."""
    return gr.HTML(value, apply_default_css=False, **options)


def _lay_out_conversation(view: dict, said: dict) -> list:
    """The left side; the settings in the order `Handlers` takes them."""
    with gr.Row(elem_id="about"):
        view["picture"] = _html(picture_html(None, ""), elem_id="picture")  # a drop finds it at once
        view["conversations"] = _html(elem_id="conversations", js_on_load=PIECE)
    view["transcript"] = gr.Chatbot(
        elem_id="transcript",
        show_label=False,
        container=False,
        height="100%",
        autoscroll=False,  # chat.js follows the text, and lets go of one who scrolls up
        **said["transcript"],
        editable="user",
        buttons=[],  # an answer brings a button of its own that copies it (demo/conversation.py)
        feedback_options=None,
        allow_tags=False,
        latex_delimiters=[
            {"left": "$$", "right": "$$", "display": True},
            {"left": "\\(", "right": "\\)", "display": False},
        ],
    )
    with gr.Group(elem_id="ask"):
        view["composer"] = gr.MultimodalTextbox(
            elem_id="composer",
            **said["composer"],
            show_label=False,
            sources=["upload"],
            file_types=["image"],
            max_plain_text_length=10**9,  # else a long paste becomes a text file
        )
        view["stop"] = gr.Button(**said["stop"], size="sm", variant="stop", interactive=False, elem_id="stop")
    with gr.Row(elem_id="actions"):
        view["status"] = _html(elem_id="status")
        view["camera"] = _html(said["camera"], elem_id="camera")
        view["again"] = gr.Button(**said["again"], size="sm", interactive=False, elem_id="again")
        view["clear"] = gr.Button(**said["clear"], size="sm", interactive=False, elem_id="clear")
    view["ids"] = gr.JSON([], visible="hidden", elem_id="ids")
    view["outbox"] = _html(elem_id="outbox", visible="hidden")
    view["done"] = _html(elem_id="done", visible="hidden")
    return _lay_out_settings(view, said)


def _lay_out_settings(view: dict, said: dict) -> list:
    """How questions are answered."""
    with gr.Accordion(**said["settings"], open=False, elem_id="settings") as view["settings"]:
        mode = view["mode"] = gr.Radio(value="router", **said["mode"])
        forced = view["forced"] = gr.CheckboxGroup(visible=False, **said["forced"])
        mode.change(
            lambda chosen: gr.CheckboxGroup(visible=chosen == "forced"), mode, forced, queue=False, **AT_ONCE
        )
        with gr.Row():
            view["longest"] = gr.Slider(1, LONGEST_ANSWER, 256, step=1, **said["longest"])
            view["temperature"] = gr.Slider(0, 2, 0, step=0.05, **said["temperature"])
        with gr.Row():
            view["top_p"] = gr.Slider(0.05, 1, 1, step=0.05, **said["top_p"])
            # No number field: the library's makes a 0 of an empty one.
            view["seed"] = gr.Textbox("", max_lines=1, **said["seed"])
    return [view[name] for name in ("mode", "forced", "longest", "temperature", "top_p", "seed")]


def _wire(demo: gr.Blocks, handlers: Handlers, view: dict, settings: list, wish) -> None:
    outputs, talk = [view[name] for name in PARTS], view["transcript"]
    # "multiple": else what is sent or clicked before the one before has come to an end is dropped in silence,
    # a question behind a stopped answer, an act behind another, a picture behind one that is being begun.
    each: dict[str, Any] = {"trigger_mode": "multiple", **AT_ONCE}
    asks = {"outputs": outputs, **each}
    at_once = {"outputs": outputs, "queue": False, **AT_ONCE}
    view["composer"].submit(handlers.ask_typed, [view["composer"], *settings], **asks)
    for event in (view["again"].click, talk.retry):
        event(handlers.ask_again, settings, **asks)
    talk.edit(handlers.edit, [view["ids"], *settings], **asks)
    talk.undo(handlers.undo, view["ids"], **at_once)
    for name, handler, inputs, how in (
        ("asks", handlers.act_and_ask, settings, asks),
        ("acts", handlers.act, None, {"outputs": outputs, "queue": False, **each}),
        ("arrived", handlers.arrive, view["composer"], {"outputs": None, "queue": False, **each}),
    ):
        relay = _html("<i></i>", elem_id=name, visible="hidden", js_on_load=RELAY)
        relay.click(handler, inputs, **how)
    view["stop"].click(handlers.stop, None, **at_once)
    view["clear"].click(handlers.clear, None, **at_once)
    demo.load(handlers.open_page, wish, js=WISHED_LANGUAGE, **at_once)
    fixed = [view[name] for name in FIXED]
    demo.load(handlers.speak, wish, fixed, js=WISHED_LANGUAGE, queue=False, **AT_ONCE)
    for script in SCRIPTS["page"]:
        demo.load(None, js=script)
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
        "css_paths": STYLE_FILES,
        "favicon_path": ICON,
        "head": HEAD,
        "max_file_size": UPLOAD_LIMIT,
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
