"""What happens on every click: inputs -> changes of a visit -> updates of the page."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from demo import export, header, keeping, state, view
from demo.acts import chosen_id, number_of, require, settings_of, shown_question, speed_of, told
from demo.answering import Answering
from demo.asking import given_settings, typed_question
from demo.closer import CloserLooks
from demo.fixed import FIXED, spoken
from demo.gallery import Example
from demo.picture_store import PictureStore
from demo.presenting import Presenting
from demo.safe_text import unshielded
from demo.state import Exchange, Visit
from demo.theme import NOTHING_TO_REPEAT, RELOAD
from demo.turns import Change, Turns, session_of
from demo.words import ENGLISH, words_for
from mova.errors import ImageRefused, MovaError, QuestionRefused
from mova.images import read_image
from mova.request import Settings
from mova.trace import Trace
from mova.trace_file import dumps, loads

EMPTY: dict[str, Any] = {"text": "", "files": []}


def stay(visit: Visit) -> Visit:
    """No change."""
    return visit


class Handlers:
    """The page's handlers. An act is a click on something that the page drew itself: it carries a name and
    what it is about, and both are looked up here: what comes from a browser says nothing by itself."""

    def __init__(self, answering: Answering, examples: Sequence[Example], pictures: PictureStore):
        self.turns = Turns(answering, pictures)
        self.closer = CloserLooks(self.turns)
        self.startup, self.lane = answering.startup, answering.lane
        self.examples, self.pictures, self.visits = examples, pictures, self.turns.visits
        self._asks = {
            "example": self._example, "compare": self._compare, "ask-with": self._ask_with,
            "open-trace": self._open_trace, "replay": self._replay, "worth": self._worth, "see": self._see,
            "ways": self._ways,
        }  # fmt: skip
        self.presenting = Presenting(examples, self.turns, self._show_example, self._play)
        self._asks |= self.presenting.asks
        self._acts = {
            "show": self._show, "conversation": self._conversation, "use": self._use, "save": self._save,
            "export": self._export, "save-panel": self._save_panel, "open-kept": self._open_kept,
        }  # fmt: skip

    # --- asking: refused at once, or answered when its turn comes ---------------------------------

    def ask_typed(self, composer: dict | None, request: gr.Request, *settings) -> Iterator[tuple]:
        """A question from the composer, with or without a new picture."""
        sent: dict[str, Any] = composer or EMPTY
        text, files = sent.get("text"), sent.get("files") or []
        left: dict[str, Any] = EMPTY  # what the composer holds next, where that is not what it holds

        def bring() -> Change:
            nonlocal left
            try:
                return self._with_picture(request, files[-1]) if files else stay
            except ImageRefused:
                left = {"text": text, "files": []}  # nobody can use that file
                raise

        def question(visit: Visit) -> str:
            return typed_question(text)

        for taken, shown in self._ask(request, question, bring, settings):
            # What was refused stays in the composer, but for a broken picture; what was taken leaves it.
            leaves = taken or left is not EMPTY
            for file in files if leaves else ():
                Path(file).unlink(missing_ok=True)  # a clean copy is kept; the upload is not
            yield view.with_part(shown, "composer", left) if leaves else shown

    def arrive(self, composer: dict | None, request: gr.Request) -> None:
        """A picture has come into the composer: its first answer gets a head start."""
        files = (composer or EMPTY).get("files") or []
        if files:
            with suppress(ImageRefused):  # that is said when it is sent
                self.turns.answering.begin(session_of(request), read_image(files[-1]))

    def ask_again(self, request: gr.Request, *settings) -> Iterator[tuple]:
        """The newest question once more, with the settings as they are now."""

        def question(visit: Visit) -> str:
            if not visit.conversation.exchanges:
                raise QuestionRefused(NOTHING_TO_REPEAT)
            return visit.conversation.exchanges[-1].question

        def bring() -> Change:
            return lambda visit: state.drop(visit, visit.conversation.exchanges[-1].id)

        for _, shown in self._ask(request, question, bring, settings):
            yield shown

    def edit(self, ids: list, event: gr.EditData, request: gr.Request, *settings) -> Iterator[tuple]:
        """An earlier question in other words: a branch that begins there; the old conversation stays."""
        chosen, text = chosen_id(ids, event.index), unshielded(str(event.value))
        notice = self.turns.words(session_of(request))("notice.branch")

        def question(visit: Visit) -> str:
            require(visit, chosen)
            return typed_question(text)

        def bring() -> Change:
            return lambda visit: state.branch(visit, chosen, notice)

        refused = True
        for taken, shown in self._ask(request, question, bring, settings):
            refused = refused and not taken
            if refused:  # the chat shows what was typed; what was asked stands here
                shown = view.with_part(shown, "transcript", self._messages(request))
            yield shown

    def act_and_ask(self, event: gr.EventData, request: gr.Request, *settings) -> Iterator[tuple]:
        """An act that is answered over some time."""
        asks = self._asks.get(told(event, "act"))
        if asks is None:
            yield self._refused(request, RELOAD)
            return
        try:
            yield from asks(event, request, settings)
        except MovaError as refusal:
            yield self._refused(request, refusal)

    def _example(self, event: gr.EventData, request: gr.Request, settings: tuple) -> Iterator[tuple]:
        """An example from the gallery."""
        yield from self._show_example(request, self._example_of(event), settings)

    def _show_example(
        self, request: gr.Request, example: Example, settings: tuple, experts=None, speed: float = 1.0
    ) -> Iterator[tuple]:
        """An example's picture in a new conversation, its question asked (of exactly these experts, when some
        are named); where there is no model (yet), its recording."""
        if self.startup.engine is None and example.trace is not None:
            said = "notice.recording" if self.startup.failed else "notice.loading"
            yield from self._play(request, loads(example.trace.read_bytes()), speed, said)
            return

        def bring() -> Change:
            return self._with_example(request, example)

        def chosen() -> tuple[Settings, None]:
            given = settings_of(settings)
            return (given if experts is None else Settings(experts, given.decoding)), None

        for _, shown in self.turns.ask(session_of(request), lambda visit: example.question, bring, chosen):
            yield shown

    def _compare(self, event: gr.EventData, request: gr.Request, settings: tuple) -> Iterator[tuple]:
        """The shown question answered twice: under the settings as they are, and by exactly these experts."""
        letters = list(told(event, "experts"))

        def both() -> tuple[Settings, Settings]:
            chosen = settings_of(settings)
            named = given_settings(letters).experts
            return chosen, Settings(named, chosen.decoding)

        for _, shown in self.turns.ask(session_of(request), shown_question, lambda: stay, both, again=True):
            yield shown

    def _ask_with(self, event: gr.EventData, request: gr.Request, settings: tuple) -> Iterator[tuple]:
        """The shown question once more, looked at by exactly these experts."""
        letters = list(told(event, "experts"))

        def chosen() -> tuple[Settings, None]:
            return Settings(given_settings(letters).experts, settings_of(settings).decoding), None

        for _, shown in self.turns.ask(session_of(request), shown_question, lambda: stay, chosen, again=True):
            yield shown

    def _open_trace(self, event: gr.EventData, request: gr.Request, settings: tuple) -> Iterator[tuple]:
        """A trace out of a file of the visitor's: played again in a conversation of its own."""
        yield from self._play(request, loads(told(event, "text")), speed_of(event), "notice.opened")

    def _replay(self, event: gr.EventData, request: gr.Request, settings: tuple) -> Iterator[tuple]:
        """An answer that is here already, played again in a conversation of its own."""
        trace = self._done(event, request, "played again")
        yield from self._play(request, trace, speed_of(event), "notice.replay")

    def _worth(self, event: gr.EventData, request: gr.Request, settings: tuple) -> Iterator[tuple]:
        """What each expert was worth to the shown answer."""
        yield from self.closer.worth(session_of(request))

    def _see(self, event: gr.EventData, request: gr.Request, settings: tuple) -> Iterator[tuple]:
        """What one encoder sees of the shown answer's picture."""
        yield from self.closer.see(session_of(request), told(event, "id"))

    def _ways(self, event: gr.EventData, request: gr.Request, settings: tuple) -> Iterator[tuple]:
        """The shown question routed in other words."""
        yield from self.closer.three_ways(session_of(request))

    def _play(self, request: gr.Request, trace: Trace, speed: float, notice: str) -> Iterator[tuple]:
        session = session_of(request)
        recorded = keeping.conversation_of(trace)
        said = self.turns.words(session)(notice)
        visit = self.visits.change(session, lambda v: state.take(v, recorded, said))
        slim = self.turns.traces.slim(replace(trace, pieces=(), done=False, routing=None, gates=None))
        visit = self.visits.change(session, lambda v: state.record(v, v.shown, slim))
        if self.lane.busy(session):  # after the change: what ends now shows the visit as it has become
            self.lane.stop(session)
        yield view.with_part(self.turns.whole(session, visit), "stop", view.stop_button(True))
        yield from self.turns.replay(session, visit.shown, trace, speed)

    # --- everything else, at once and outside the lane --------------------------------------------

    def act(self, event: gr.EventData, request: gr.Request) -> tuple:
        """An act that is done at once."""
        act = self._acts.get(told(event, "act"))
        try:
            shown = act(event, request) if act else self._refused(request, RELOAD)
        except MovaError as refusal:
            shown = self._refused(request, refusal)
        return view.with_done(shown, number_of(event))

    def stop(self, request: gr.Request) -> tuple:
        """Ends the visitor's answer within a token or a stage, or takes a waiting question back."""
        session = session_of(request)
        say = self.turns.words(session)
        stopped = self.lane.stop(session)
        return view.status(say("status.stopping") if stopped else "")

    def undo(self, ids: list, event: gr.UndoData, request: gr.Request) -> tuple:
        """Takes the newest exchange back, from what the browser keeps, too; its question is in the composer
        again."""
        session, chosen = session_of(request), chosen_id(ids, event.index)
        found = self.visits.get(session).find(chosen)
        if found is None or self.lane.busy(session):
            busy = self.turns.words(session)("status.busy")
            shown = self._refused(request, RELOAD if found is None else busy)
            return view.with_part(shown, "transcript", self._messages(request))
        visit = self.visits.change(session, lambda v: state.drop(v, chosen))
        shown = self.turns.whole(session, visit, new_picture=False)
        shown = view.with_outbox(shown, keeping.shortened(visit.conversation))
        return view.with_part(shown, "composer", {"text": found[1].question, "files": []})

    def clear(self, request: gr.Request) -> tuple:
        """Removes the open conversation with its picture, and from what the browser keeps; others stay."""
        session = session_of(request)
        if self.lane.busy(session):
            return view.status(self.turns.words(session)("status.busy"))
        cleared = self.visits.get(session).conversation
        visit = self.visits.change(session, state.clear)
        self.turns.keep_pictures_of(session, visit)
        gone = keeping.shortened(replace(cleared, exchanges=()))
        return view.with_outbox(self.turns.whole(session, visit), gone)

    def leave(self, request: gr.Request) -> None:
        """The visitor closed the page: their answer ends and frees the lane, their pictures go."""
        session = session_of(request)
        self.lane.stop(session)
        self.visits.leave(session)

    def open_page(self, wish: str | None, request: gr.Request) -> tuple:
        """The whole view for a visitor who has just come; `wish` is the language they wish for."""
        session, language = session_of(request), words_for(wish or "").language
        visit = self.visits.change(session, lambda v: replace(v, language=language))
        return self.turns.whole(session, visit)

    def speak(self, wish: str | None) -> tuple:
        """What stands on the page, in the language that a visitor wishes for."""
        say = words_for(wish or "")
        return spoken(say, self.examples) if say is not ENGLISH else tuple(gr.skip() for _ in FIXED)

    def header(self, wish: str | None) -> tuple:
        """Header, footer and whether to go on asking for them: progress until the model is there."""
        say = words_for(wish or "")
        engine = self.startup.engine
        info = engine.info if engine else None
        failed = self.startup.failed
        head = header.header_html(info, self.startup.step, say, failed=failed)
        going_on = engine is None and not failed
        return head, header.footer_html(info, self.examples, say), gr.Timer(active=going_on)

    def _show(self, event: gr.EventData, request: gr.Request) -> tuple:
        session, chosen = session_of(request), told(event, "id")
        visit = self.visits.change(session, lambda v: state.show(v, chosen))
        return self.turns.whole(session, visit, new_picture=False)

    def _conversation(self, event: gr.EventData, request: gr.Request) -> tuple:
        session, chosen = session_of(request), told(event, "id")
        visit = self.visits.change(session, lambda v: state.open_conversation(v, chosen))
        return self.turns.whole(session, visit)

    def _open_kept(self, event: gr.EventData, request: gr.Request) -> tuple:
        """A conversation that the visitor's browser has kept."""
        session = session_of(request)
        kept = keeping.conversation_from(told(event, "text"), self.turns.traces)
        visit = self.visits.change(session, lambda v: state.take(v, kept))
        return self.turns.whole(session, visit)

    def _use(self, event: gr.EventData, request: gr.Request) -> tuple:
        """An example's picture in a new conversation, without its question."""
        session, example = session_of(request), self._example_of(event)
        change = self._with_example(request, example)
        visit = self.visits.change(session, change)
        self.turns.keep_pictures_of(session, visit)
        return self.turns.whole(session, visit)

    def _save(self, event: gr.EventData, request: gr.Request) -> tuple:
        """The shown answer's trace as a file."""
        trace = self._done(event, request, "saved")
        return view.with_outbox(view.update(), export.letter(trace, "json", dumps(trace)))

    def _export(self, event: gr.EventData, request: gr.Request) -> tuple:
        """The shown answer as one HTML file that needs nothing else."""
        trace = self._done(event, request, "saved")
        say = self.turns.words(session_of(request))
        return view.with_outbox(view.update(), export.letter(trace, "html", export.export_html(trace, say)))

    def _save_panel(self, event: gr.EventData, request: gr.Request) -> tuple:
        """A panel of the shown answer as a figure in a file."""
        trace, say = self._exchange(event, request).trace, self.turns.words(session_of(request))
        whole = trace and self.turns.traces.whole(trace)
        letter = export.panel_letter(whole, told(event, "panel"), told(event, "form"), say)
        return view.with_outbox(view.update(), letter)

    # --- pieces -----------------------------------------------------------------------------------

    def _ask(self, request: gr.Request, question, bring, settings: tuple):
        return self.turns.ask(session_of(request), question, bring, lambda: (settings_of(settings), None))

    def _example_of(self, event: gr.EventData) -> Example:
        position = getattr(event, "index", None)
        if type(position) is not int or not 0 <= position < len(self.examples):
            raise QuestionRefused("There is no such example. Reload the page.")
        return self.examples[position]

    def _exchange(self, event: gr.EventData, request: gr.Request) -> Exchange:
        """The exchange that an act names, else the shown one."""
        visit = self.visits.get(session_of(request))
        found = visit.find(told(event, "id") or visit.shown)
        if found is None:
            raise QuestionRefused(RELOAD)
        return found[1]

    def _done(self, event: gr.EventData, request: gr.Request, wish: str) -> Trace:
        """The whole trace of the exchange that an act names. Raises QuestionRefused before its end."""
        trace = self._exchange(event, request).trace
        if trace is None or not trace.done:
            raise QuestionRefused(f"Only an answer that has come to its end can be {wish}.")
        return self.turns.traces.whole(trace)

    def _refused(self, request: gr.Request, why: MovaError | str) -> tuple:
        return self.turns.refused(session_of(request), why)

    def _messages(self, request: gr.Request) -> list:
        return view.transcript_of(self.visits.get(session_of(request)))

    def _with_example(self, request: gr.Request, example: Example) -> Change:
        hint = self.turns.words(session_of(request)).told(example.look_at)
        return self._with_picture(request, example.path, hint)

    def _with_picture(self, request: gr.Request, path: str | Path, hint: str = "") -> Change:
        """What begins a new conversation about a picture, with a notice of it. Raises ImageRefused.

        A picture that the open conversation is about and whose pixels were gone goes on there.
        """
        session = session_of(request)
        say = self.turns.words(session)
        picture, note = self.pictures.keep(session, path, hint)

        def change(visit: Visit) -> Visit:
            known = visit.conversation.picture
            if known is not None and not known.path and known.digest == picture.digest:
                return state.with_picture(visit, replace(picture, hint=known.hint))
            begun = state.begin(visit, picture)
            said = [say("notice.new_picture")] if len(begun.conversations) > 1 else []
            return replace(begun, notice=" ".join([*said, say.told(note or "")]).strip())

        return change
