"""Layout and wiring of the page; nothing else happens here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from demo.asking import LONGEST_ANSWER, QUESTION_LIMIT
from demo.endpoint import Endpoint
from demo.gallery import Example, gallery_html, read_examples
from demo.handlers import Handlers
from demo.panels import PANELS
from demo.startup import Startup
from demo.state import Visit
from demo.theme import COMPOSER_HINT, EXPERT_CHOICES, TITLE, build_theme
from demo.uploads import Page
from demo.view import PARTS
from mova.vision.experts.pool import EXPERTS

STYLE = Path(__file__).resolve().parent.parent / "assets" / "page" / "style.css"
ICON = STYLE.with_name("icon.png")
LANE: dict[str, Any] = {"concurrency_id": "gpu", "concurrency_limit": 1}
# Checks and clicks are quick and must not wait behind somebody's answer.
AT_ONCE: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden", "api_visibility": "private"}
QUEUE_SIZE = 20
# One listener for everything clickable inside a piece of HTML; selecting text is not a click.
CLICKS = """
element.addEventListener('click', (event) => {
  const target = event.target.closest('[data-act]');
  if (!target || (target.tagName === 'ARTICLE' && String(window.getSelection()))) return;
  if (target.dataset.act === 'theme') { document.body.classList.toggle('dark'); return; }
  trigger('click', {act: target.dataset.act, index: Number(target.dataset.index)});
});
"""
# A new value replaces the whole piece, so what a person did to the old one is put back: the focus ...
KEEP_FOCUS = """
let last = null;
element.addEventListener('focusin', (event) => { last = event.target.closest('button[data-act]')?.dataset; });
watch('value', () => {
  if (!last || document.activeElement !== document.body) return;
  const same = `button[data-act="${last.act}"][data-index="${last.index}"]`;
  element.querySelector(same)?.focus({preventScroll: true});
});
"""
# ... and the place in the text: at its end while one reads there, or when a question was added.
KEEP_PLACE = """
let atEnd = true, place = 0, count = 0;
element.addEventListener('scroll', ({target}) => {
  place = target.scrollTop;
  atEnd = target.scrollHeight - place - target.clientHeight < 40;
}, true);
watch('value', () => {
  const box = element.querySelector('.mova-transcript');
  const questions = element.querySelectorAll('.mova-question').length;
  if (questions !== count) { count = questions; atEnd = true; }
  if (box) box.scrollTop = atEnd ? box.scrollHeight : place;
});
"""
# One more than the limit, so that a longer text is refused in words and not cut in silence.
LIMIT_TYPING = (
    f"() => document.querySelector('#composer textarea')?.setAttribute('maxlength', {QUESTION_LIMIT + 1})"
)


def build_demo(engine, examples: Sequence[Example]) -> gr.Blocks:
    """The page over an engine (or a `Startup` that will hold one) with a gallery of examples."""
    startup = engine if isinstance(engine, Startup) else Startup(engine)
    handlers = Handlers(startup, examples)
    with Page(title=TITLE, analytics_enabled=False, delete_cache=(600, 3600), fill_width=True) as demo:
        view: dict[str, Any] = {"visit": gr.State(Visit(), time_to_live=6 * 3600)}
        header = _html(elem_id="header", js_on_load=CLICKS)
        gallery = _html(gallery_html(list(examples)), elem_id="gallery", js_on_load=CLICKS)
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
        _wire_api(Endpoint(startup))
        for event in (demo.load, timer.tick):
            event(handlers.header, None, [header, footer, timer], queue=False, **AT_ONCE)
    return demo.queue(max_size=QUEUE_SIZE, api_open=False)


def _html(value: str = "", **options) -> gr.HTML:
    """A piece of HTML with the page's own style alone."""
    return gr.HTML(value, apply_default_css=False, **options)


def _lay_out_conversation(view: dict) -> tuple[gr.MultimodalTextbox, list]:
    with gr.Row(elem_id="about"):
        view["picture"] = _html(elem_id="picture")
        view["conversations"] = _html(elem_id="conversations", js_on_load=CLICKS + KEEP_FOCUS)
    view["transcript"] = _html(elem_id="transcript", js_on_load=CLICKS + KEEP_FOCUS + KEEP_PLACE)
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
    inputs = [view["visit"], *settings]
    asks = [
        composer.submit(handlers.ask_typed, [composer, *inputs], [composer, *outputs], **AT_ONCE),
        gallery.click(handlers.ask_example, inputs, outputs, **AT_ONCE),
        view["again"].click(handlers.ask_again, inputs, outputs, **AT_ONCE),
    ]
    for asked in asks:
        asked.then(
            handlers.answer, view["visit"], outputs, trigger_mode="multiple", show_progress="minimal",
            show_progress_on=view["status"], api_visibility="private", **LANE,
        )  # fmt: skip
    at_once = {"inputs": view["visit"], "outputs": outputs, "queue": False, **AT_ONCE}
    view["stop"].click(handlers.stop, **at_once)
    view["clear"].click(handlers.clear, **at_once)
    for name in ("transcript", "conversations"):
        view[name].click(handlers.select, **at_once)
    demo.load(handlers.open_page, None, outputs, queue=False, **AT_ONCE)
    demo.load(None, js=LIMIT_TYPING)
    demo.unload(handlers.leave)


def _wire_api(endpoint: Endpoint) -> None:
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
    gr.Button(visible=False).click(endpoint.ask, inputs, result, api_name="ask", **LANE)


def open_page(startup: Startup, examples: Path, host: str, port: int | None) -> tuple[gr.Blocks, str]:
    """The page served, with the examples of a folder, and its address. Raises MovaError for examples that are
    not whole, OSError when the port is taken."""
    demo = build_demo(startup, read_examples(examples))
    options = launch_options(host, port)
    return demo, demo.launch(prevent_thread_lock=True, quiet=True, **options)[1]


def launch_options(host: str, port: int | None) -> dict:
    """How the page is served: nothing counted, nothing kept, no other file readable."""
    return {
        "server_name": host,
        "server_port": port,
        "theme": build_theme(),
        "css_paths": STYLE,
        "favicon_path": ICON,
        "max_file_size": "10mb",
        "show_error": True,
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
