"""What happens on every click: inputs -> engine events -> updates. The only place that makes gr.Error."""

import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

import gradio as gr

from demo import panels, state, transcript
from demo.asking import check_question, check_settings, earlier_turns, follow
from demo.gallery import Example
from demo.help_line import help_line
from demo.lane import Lane
from demo.pictures import PictureStore
from demo.startup import Startup
from demo.state import Exchange, Visit
from demo.theme import NEW_PICTURE, NOTHING_TO_REPEAT, STILL_ANSWERING
from mova.errors import MovaError, QuestionRefused
from mova.images import read_image

# The outputs of every handler below that shows something, in the order ui.py wires them.
VIEW = (
    "visit", "conversations", "picture", "transcript", "router", "gate", "time", "status",
    "stop", "again", "clear",
)  # fmt: skip
BROKEN = (
    "Something went wrong inside MoVA ({kind}), so this question was not answered."
    " Ask again; the terminal says more."
)


def update(**changed) -> tuple:
    """Values for VIEW in order; what is not named stays as it is."""
    assert set(changed) <= set(VIEW), f"not a part of the view: {set(changed) - set(VIEW)}"
    return tuple(changed[name] if name in changed else gr.skip() for name in VIEW)


def status_html(text: str, kind: str = "") -> str:
    """The line under the composer; `kind` "refused" is announced at once."""
    role = "alert" if kind == "refused" else "status"
    return f'<p class="mova-status {kind}" role="{role}">{escape(text)}</p>'


class Handlers:
    """The page's handlers over one engine. Holds nothing of a visitor but who is being answered."""

    def __init__(self, startup: Startup, examples: Sequence[Example]):
        self.startup, self.examples = startup, examples
        self.lane, self.pictures = Lane(), PictureStore()

    # --- asking: checked at once, answered in the lane --------------------------------------------

    def ask_typed(self, composer: dict | None, visit: Visit, request: gr.Request, *settings) -> tuple:
        """A question from the composer, with or without a new picture. First output: the composer."""
        composer = composer or {"text": "", "files": []}
        files = composer.get("files") or []
        try:
            question = check_question(composer.get("text"))
            asked = self._with_picture(visit, files[-1]) if files else visit
            view = self._accept(asked, question, settings, request)
        except MovaError as refusal:
            # The typed text stays in the composer, and so does a picture: it may only want a question.
            return gr.skip(), *self._refuse(refusal)
        return {"text": "", "files": []}, *view

    def ask_example(self, visit: Visit, event: gr.EventData, request: gr.Request, *settings) -> tuple:
        """An example from the gallery: its picture in a new conversation, its question asked."""
        try:
            if self.lane.busy(request.session_hash):
                raise QuestionRefused(STILL_ANSWERING)
            # The position comes from the browser: anything but one of ours is an accident or an attack.
            position = getattr(event, "index", None)
            if not isinstance(position, int) or position not in range(len(self.examples)):
                raise QuestionRefused("There is no such example. Reload the page.")
            example = self.examples[position]
            asked = self._with_picture(visit, example.path, example.look_at)
            return self._accept(asked, example.question, settings, request)
        except MovaError as refusal:
            return self._refuse(refusal)

    def ask_again(self, visit: Visit, request: gr.Request, *settings) -> tuple:
        """The newest question once more, with the settings as they are now."""
        try:
            if not visit.conversation.exchanges:
                raise QuestionRefused(NOTHING_TO_REPEAT)
            question = visit.conversation.exchanges[-1].question
            return self._accept(state.drop_last(visit), question, settings, request)
        except MovaError as refusal:
            return self._refuse(refusal)

    def answer(self, visit: Visit, request: gr.Request) -> Iterator[tuple]:
        """Answers the waiting question, stage by stage. Runs in the one lane that all questions share."""
        stop = self.lane.begin(request.session_hash)
        if stop is None:  # refused or taken back; a generator that yields nothing would blank its outputs
            yield update()
            return
        try:
            yield from self._while_loading(stop)
            for seen, staged in self._follow(visit, stop):
                if seen.conversation.exchanges[-1].pending:
                    yield self._progress(seen, visit.conversation.exchanges[-1], staged)
                visit = seen
            # Before the lane is left: a new question must find this answer in the visitor's state.
            yield self._whole(visit, new_picture=False)
        finally:
            self.lane.leave(request.session_hash)

    def _follow(self, visit: Visit, stop) -> Iterator[tuple[Visit, bool]]:
        """The visit with its newest exchange growing; a refusal or a fault ends it with a sentence."""
        conversation = visit.conversation
        asked = conversation.exchanges[-1]
        try:
            if stop.is_set():
                raise QuestionRefused("Stopped before it began.")
            image = self.pictures.read(conversation.picture) if conversation.picture else None
            turns = earlier_turns(conversation)
            for trace, staged in follow(
                self.startup.engine, asked.question, image, turns, asked.settings, stop
            ):
                visit = state.record(visit, trace)
                yield visit, staged
        except MovaError as refusal:
            yield state.fail(visit, str(refusal)), True
        except Exception as fault:
            traceback.print_exc(file=sys.stderr)
            yield state.fail(visit, BROKEN.format(kind=type(fault).__name__)), True

    def _while_loading(self, stop) -> Iterator[tuple]:
        while self.startup.wait(0.5) is None and not stop.is_set():
            loading = f"The model is still loading ({self.startup.text}); your question is next."
            yield update(status=status_html(loading))

    # --- everything else, at once and outside the lane --------------------------------------------

    def stop(self, visit: Visit, request: gr.Request) -> tuple:
        """Ends the visitor's answer within a token or a stage, or takes a waiting question back."""
        if self.lane.stop(request.session_hash):
            return self._whole(state.fail(visit, "Stopped before it began."))
        return update(status=status_html("Stopping …" if self.lane.busy(request.session_hash) else ""))

    def select(self, visit: Visit, event: gr.EventData, request: gr.Request) -> tuple:
        """A click on an earlier answer or conversation brings it back, right side and all."""
        if self.lane.busy(request.session_hash):
            return update(status=status_html("You can look back when this answer is done."))
        index = getattr(event, "index", None)
        if not isinstance(index, int):
            return update()
        if getattr(event, "act", None) == "conversation":
            return self._whole(state.open_conversation(visit, index))
        return self._whole(state.show(visit, index), new_picture=False)

    def clear(self, visit: Visit, request: gr.Request) -> tuple:
        """Removes the open conversation with its picture; the others stay."""
        if self.lane.busy(request.session_hash):
            return update(status=status_html("Press Stop first, then clear."))
        return self._whole(state.clear(visit))

    def leave(self, request: gr.Request) -> None:
        """The visitor closed the page: their answer ends and frees the lane."""
        self.lane.leave(request.session_hash)

    # --- the API ----------------------------------------------------------------------------------

    def ask(self, image, question, experts, max_new_tokens, temperature, seed) -> Iterator[dict]:
        """Ask about a picture; streams the answer and its trace, the whole of it so far at every update.

        Parameters:
            image: a JPEG, PNG, WEBP, GIF, AVIF, BMP or TIFF file, or null for plain text chat
            question: up to 4,000 characters
            experts: null (the router chooses), [] (CLIP alone) or up to three letters, e.g. ["E", "D"]
            max_new_tokens: 1 to 1024
            temperature: 0 is greedy
            seed: for temperatures above 0
        """
        try:
            settings = check_settings(experts, max_new_tokens, temperature, 1.0, seed)
            question = check_question(question)
            if self.startup.engine is None:
                raise QuestionRefused(
                    f"The model is still loading ({self.startup.text}). Ask again in a moment."
                )
            checked = read_image(image) if image else None
            stop = threading.Event()
            for trace, _ in follow(self.startup.engine, question, checked, (), settings, stop):
                yield trace.to_json()
        except MovaError as refusal:
            raise gr.Error(str(refusal), print_exception=False) from refusal

    # --- the view ---------------------------------------------------------------------------------

    def open_page(self) -> tuple:
        """The whole view for a visitor who has just come."""
        return self._whole(Visit())

    def header(self) -> tuple:
        """Header, footer and whether to go on asking for them: progress until the model is there."""
        engine = self.startup.engine
        info = engine.info if engine else None
        head = transcript.header_html(info, self.startup.text, self.startup.fraction)
        return head, transcript.footer_html(info, self.examples), gr.Timer(active=engine is None)

    def _whole(self, visit: Visit, *, answering: bool = False, new_picture: bool = True) -> tuple:
        """Every part of the view."""
        exchange, picture = visit.exchange, visit.conversation.picture
        with_picture = picture is not None
        # The picture is big: it is sent again only where answers about it name boxes.
        boxed = with_picture and any(transcript.boxes_on(picture, e) for e in visit.conversation.exchanges)
        shown = {}
        if new_picture or boxed:
            source = self.pictures.data_uri(picture)
            shown["picture"] = transcript.picture_html(picture, source, exchange)
        return update(
            visit=visit,
            conversations=transcript.conversations_html(visit),
            transcript=transcript.transcript_html(visit),
            router=panels.router_html(exchange, with_picture),
            gate=panels.gate_html(exchange, with_picture),
            time=panels.time_html(exchange, with_picture),
            status=status_html(""),
            stop=gr.Button(interactive=answering),
            again=gr.Button(interactive=bool(visit.conversation.exchanges) and not answering),
            clear=gr.Button(interactive=bool(visit.conversation.exchanges) and not answering),
            **shown,
        )

    def _progress(self, visit: Visit, before: Exchange, staged: bool) -> tuple:
        """What changed since `before`: text always, the panels only when a stage has ended."""
        changed = {"visit": visit, "transcript": transcript.transcript_html(visit)}
        exchange, with_picture = visit.conversation.exchanges[-1], visit.conversation.picture is not None
        if staged:
            changed["time"] = panels.time_html(exchange, with_picture)
            changed["status"] = status_html("Answering …")
            seen = before.trace
            if seen is None or seen.routing != exchange.trace.routing:
                changed["router"] = panels.router_html(exchange, with_picture)
            if seen is None or seen.gates != exchange.trace.gates:
                changed["gate"] = panels.gate_html(exchange, with_picture)
        return update(**changed)

    # --- pieces -----------------------------------------------------------------------------------

    def _accept(self, visit: Visit, question: str, settings: tuple, request: gr.Request) -> tuple:
        """The view with `question` waiting for the lane. Raises QuestionRefused."""
        mode, forced, *decoding = settings
        if mode == "forced" and not forced:
            raise QuestionRefused("Tick one to three experts in the settings, or let the router choose.")
        experts = {"router": None, "none": []}.get(mode, forced)
        asked = state.ask(visit, question, check_settings(experts, *decoding))
        if said := self._page_says(visit, question):
            return self._whole(state.say(asked, said))
        self.lane.enter(request.session_hash)
        return self._whole(asked, answering=True)

    def _page_says(self, visit: Visit, question: str) -> str | None:
        """The help line, for small talk without a picture with the embedded model; else None."""
        engine = self.startup.engine
        embedded = engine is not None and engine.info.embedded
        return help_line(question) if embedded and visit.conversation.picture is None else None

    def _refuse(self, refusal: MovaError) -> tuple:
        """Nothing changes but the sentence that says why."""
        gr.Warning(str(refusal), title="Not asked", duration=8)
        return update(status=status_html(str(refusal), "refused"))

    def _with_picture(self, visit: Visit, path: str | Path, hint: str = "") -> Visit:
        """The visit with a new conversation about a picture, and a notice of it. Raises ImageRefused."""
        picture, note = self.pictures.keep(path, hint)
        begun = state.begin(visit, picture)
        said = [NEW_PICTURE] if len(begun.conversations) > 1 else []
        return replace(begun, notice=" ".join([*said, note or ""]).strip())
