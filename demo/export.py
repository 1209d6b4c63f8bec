"""An answer as a file for people: the trace itself, or one HTML page that needs nothing else.

The page is what the right side shows, with its style and scripts inside: it opens from disk with the network
off and asks for nothing.
"""

import base64
import json
import re
from html import escape
from pathlib import Path

from demo.conversation import quiet_line
from demo.panels import PANELS
from demo.panels.panel import Shown
from demo.style import SCRIPTS, STYLE
from demo.words import Words
from mova.trace import Trace

TYPES = {"json": ("trace.json", "application/json"), "html": ("html", "text/html")}
FIGURES = {"svg": "image/svg+xml", "png": "image/png"}
ON_PAPER = Path(__file__).resolve().parent.parent / "assets" / "page" / "export.css"


def letter(trace: Trace, kind: str, text: str) -> str:
    """What the page's script saves as a file, as JSON."""
    ending, media_type = TYPES[kind]
    saved = {"name": f"mova-{_name(trace)}.{ending}", "type": media_type, "text": text}
    return json.dumps({"save": saved}, ensure_ascii=False)


def panel_letter(trace: Trace | None, panel: str, form: str, say: Words) -> str:
    """A panel's figure as such a letter: an SVG or a PNG. Raises QuestionRefused where there is none."""
    from demo.panels.saved import panel_file  # Matplotlib takes a second to import, and few need it

    content = panel_file(trace, panel, form, say)
    assert trace is not None, "without a trace there is no figure"
    saved = {"name": f"mova-{_name(trace)}-{panel}.{form}", "type": FIGURES[form]}
    told = {"text": content.decode()} if form == "svg" else {"base64": base64.b64encode(content).decode()}
    return json.dumps({"save": saved | told}, ensure_ascii=False)


def _name(trace: Trace) -> str:
    return re.sub(r"\W+", "-", trace.question)[:40].strip("-") or "answer"


def export_html(trace: Trace, say: Words) -> str:
    """One whole HTML page about an answer: picture, question, answer, every panel."""
    shown = Shown.of(trace)
    panels = "".join(panel.draw(shown, say) for panel in PANELS)
    style = STYLE + ON_PAPER.read_text(encoding="utf-8")
    scripts = "".join(f"<script>({script})();</script>" for script in SCRIPTS["export"])
    return (
        f'<!doctype html><html lang="{say.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:;'
        " style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
        f"<title>MoVA: {escape(trace.question)}</title><style>{style}</style></head>"
        f'<body class="mova-export"><main><section class="mova-said">{_picture(trace, say)}'
        f'<p class="mova-question" dir="auto">{escape(trace.question)}</p>'
        f'<p class="mova-text" dir="auto">{escape(trace.answer)}</p>'
        f'<p class="mova-line">{escape(quiet_line(trace, shown.with_picture, say))}</p>{_facts(trace, say)}'
        f'</section><section class="mova-looked">{panels}</section></main>{scripts}</body></html>'
    )


def _picture(trace: Trace, say: Words) -> str:
    if trace.picture is None or not trace.picture.thumbnail:
        return ""
    words = say("picture.alt", size=f"{trace.picture.width} × {trace.picture.height}")
    return f'<img src="{escape(trace.picture.thumbnail)}" alt="{escape(words)}">'


def _facts(trace: Trace, say: Words) -> str:
    model = trace.model
    facts = [model.name, model.precision, model.device, f"{model.memory_gb:.1f} GB"]
    notes = "".join(f'<p class="mova-note">{escape(say.told(note))}</p>' for note in trace.notes)
    return f'{notes}<p class="mova-words">{escape(" · ".join(facts))}</p>'
