"""What happens on every click: inputs -> engine events -> updates. With endpoint.py the only place that talks
back in errors."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import gradio as gr

from demo import header, state, view
from demo.asking import earlier_turns, follow, given_settings, typed_question
from demo.gallery import Example
from demo.help_line import help_line
from demo.lane import Lane
from demo.map_store import MapStore
from demo.picture_store import PictureStore
from demo.startup import Startup
from demo.state import Visit
from demo.theme import NEW_PICTURE, NOTHING_TO_REPEAT, STILL_ANSWERING
from mova.contributions import Contributions
from mova.errors import MovaError, QuestionRefused

log = logging.getLogger("mova.page")
BROKEN = (
    "Something went wrong inside MoVA ({kind}), so this question was not answered."
    " Ask again; the terminal says more."
)


class Handlers:
    """The page's handlers over one engine. Holds nothing of a visitor but who is being answered, their
    pictures, and the maps of their answers."""

    def __init__(self, startup: Startup, examples: Sequence[Example]):
        self.startup, self.examples = startup, examples
        self.lane, self.pictures, self.maps = Lane(), PictureStore(), MapStore()

    # --- asking: checked at once, answered in the lane --------------------------------------------

    def ask_typed(self, composer: dict | None, visit: Visit, request: gr.Request, *settings) -> tuple:
        """A question from the composer, with or without a new picture. First output: the composer."""
        composer = composer or {"text": "", "files": []}
        files = composer.get("files") or []
        try:
            question = typed_question(composer.get("text"))
            asked = self._with_picture(visit, files[-1]) if files else visit
            shown = self._accept(asked, question, settings, request)
        except MovaError as refusal:
            # The typed text stays in the composer, and so does a picture: it may only want a question.
            return gr.skip(), *_refuse(refusal)
        return {"text": "", "files": []}, *shown

    def ask_example(self, visit: Visit, event: gr.EventData, request: gr.Request, *settings) -> tuple:
        """An example from the gallery: its picture in a new conversation, its question asked."""
        try:
            if self.lane.busy(_visitor(request)):
                raise QuestionRefused(STILL_ANSWERING)
            # The position comes from the browser: anything but one of ours is an accident or an attack.
            position = getattr(event, "index", None)
            if not isinstance(position, int) or position not in range(len(self.examples)):
                raise QuestionRefused("There is no such example. Reload the page.")
            example = self.examples[position]
            asked = self._with_picture(visit, example.path, example.look_at)
            return self._accept(asked, example.question, settings, request)
        except MovaError as refusal:
            return _refuse(refusal)

    def ask_again(self, visit: Visit, request: gr.Request, *settings) -> tuple:
        """The newest question once more, with the settings as they are now."""
        try:
            if not visit.conversation.exchanges:
                raise QuestionRefused(NOTHING_TO_REPEAT)
            question = visit.conversation.exchanges[-1].question
            return self._accept(state.drop_last(visit), question, settings, request)
        except MovaError as refusal:
            return _refuse(refusal)

    def answer(self, visit: Visit, request: gr.Request) -> Iterator[tuple]:
        """Answers the waiting question, stage by stage. Runs in the one lane that all questions share."""
        stop = self.lane.begin(_visitor(request))
        if stop is None:  # refused or taken back; a generator that yields nothing would blank its outputs
            yield view.update()
            return
        try:
            yield from self._while_loading(stop)
            for seen, staged in self._follow(visit, stop):
                if seen.conversation.exchanges[-1].pending:
                    yield view.progress(seen, visit.conversation.exchanges[-1], staged)
                visit = seen
            # Before the lane is left: a new question must find this answer in the visitor's state.
            yield self._whole(visit, new_picture=False)
        finally:
            self.lane.leave(_visitor(request))

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
                if isinstance(trace.contributions, Contributions):
                    self.maps.keep(trace.contributions)
                visit = state.record(visit, trace)
                yield visit, staged
        except MovaError as refusal:
            yield state.fail(visit, str(refusal)), True
        except Exception as fault:
            log.exception("A question was not answered")
            yield state.fail(visit, BROKEN.format(kind=type(fault).__name__)), True

    def _while_loading(self, stop) -> Iterator[tuple]:
        while self.startup.wait(0.5) is None and not stop.is_set():
            yield view.status(f"The model is still loading ({self.startup.text}); your question is next.")

    # --- everything else, at once and outside the lane --------------------------------------------

    def stop(self, visit: Visit, request: gr.Request) -> tuple:
        """Ends the visitor's answer within a token or a stage, or takes a waiting question back."""
        if self.lane.stop(_visitor(request)):
            return self._whole(state.fail(visit, "Stopped before it began."))
        return view.status("Stopping …" if self.lane.busy(_visitor(request)) else "")

    def select(self, visit: Visit, event: gr.EventData, request: gr.Request) -> tuple:
        """A click on an earlier answer or conversation brings it back, right side and all."""
        if self.lane.busy(_visitor(request)):
            return view.status("You can look back when this answer is done.")
        index = getattr(event, "index", None)
        if not isinstance(index, int):
            return view.update()
        if getattr(event, "act", None) == "conversation":
            return self._whole(state.open_conversation(visit, index))
        return self._whole(state.show(visit, index), new_picture=False)

    def clear(self, visit: Visit, request: gr.Request) -> tuple:
        """Removes the open conversation with its picture; the others stay."""
        if self.lane.busy(_visitor(request)):
            return view.status("Press Stop first, then clear.")
        return self._whole(state.clear(visit))

    def leave(self, request: gr.Request) -> None:
        """The visitor closed the page: their answer ends and frees the lane."""
        self.lane.leave(_visitor(request))

    def open_page(self) -> tuple:
        """The whole view for a visitor who has just come."""
        return self._whole(Visit())

    def header(self) -> tuple:
        """Header, footer and whether to go on asking for them: progress until the model is there."""
        engine = self.startup.engine
        info = engine.info if engine else None
        head = header.header_html(info, self.startup.text, self.startup.fraction)
        return head, header.footer_html(info, self.examples), gr.Timer(active=engine is None)

    # --- pieces -----------------------------------------------------------------------------------

    def _whole(self, visit: Visit, *, answering: bool = False, new_picture: bool = True) -> tuple:
        return view.whole(visit, self.pictures, answering=answering, new_picture=new_picture)

    def _accept(self, visit: Visit, question: str, settings: tuple, request: gr.Request) -> tuple:
        """The view with `question` waiting for the lane. Raises QuestionRefused."""
        mode, forced, *decoding = settings
        if mode == "forced" and not forced:
            raise QuestionRefused("Tick one to three experts in the settings, or let the router choose.")
        experts = {"router": None, "none": []}.get(mode, forced)
        asked = state.ask(visit, question, given_settings(experts, *decoding))
        if said := self._page_says(visit, question):
            return self._whole(state.say(asked, said))
        self.lane.enter(_visitor(request))
        return self._whole(asked, answering=True)

    def _page_says(self, visit: Visit, question: str) -> str | None:
        """The help line, for small talk without a picture with the embedded model; else None."""
        engine = self.startup.engine
        embedded = engine is not None and engine.info.embedded
        return help_line(question) if embedded and visit.conversation.picture is None else None

    def _with_picture(self, visit: Visit, path: str | Path, hint: str = "") -> Visit:
        """The visit with a new conversation about a picture, and a notice of it. Raises ImageRefused."""
        picture, note = self.pictures.keep(path, hint)
        begun = state.begin(visit, picture)
        said = [NEW_PICTURE] if len(begun.conversations) > 1 else []
        return replace(begun, notice=" ".join([*said, note or ""]).strip())


def _refuse(refusal: MovaError) -> tuple:
    """Nothing changes but the sentence that says why."""
    gr.Warning(str(refusal), title="Not asked", duration=8)
    return view.status(str(refusal), "refused")


def _visitor(request: gr.Request) -> str:
    """What tells one open page from another."""
    return request.session_hash or ""
