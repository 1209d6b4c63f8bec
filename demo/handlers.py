"""What happens on every click: inputs -> changes of a visit -> updates of the page."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from demo import header, state, view
from demo.answering import Answering, Loading, Progress, Waiting
from demo.asking import earlier_turns, given_settings, typed_question
from demo.doors import fault
from demo.gallery import Example
from demo.help_line import help_line
from demo.lane import Ticket
from demo.map_store import MapStore
from demo.picture_store import PictureStore
from demo.state import Visit
from demo.theme import NEW_PICTURE, NOTHING_TO_REPEAT
from demo.visits import Visits
from mova.contributions import Contributions
from mova.errors import MovaError, QuestionRefused
from mova.request import Request

Change = Callable[[Visit], Visit]
EMPTY = {"text": "", "files": []}


class Handlers:
    """The page's handlers. What they know of a visitor is in `visits` and `pictures`, and gone with them."""

    def __init__(self, answering: Answering, examples: Sequence[Example], pictures: PictureStore):
        self.answering, self.startup, self.lane = answering, answering.startup, answering.lane
        self.examples, self.pictures = examples, pictures
        self.visits, self.maps = Visits(on_forget=pictures.release), MapStore()

    # --- asking: refused at once, or answered when its turn comes ---------------------------------

    def ask_typed(self, composer: dict | None, request: gr.Request, *settings) -> Iterator[tuple]:
        """A question from the composer, with or without a new picture. First output: the composer."""
        sent: dict[str, Any] = composer or EMPTY
        text, files = sent.get("text"), sent.get("files") or []

        def bring() -> Change:
            return self._with_picture(request, files[-1]) if files else lambda visit: visit

        for taken, shown in self._ask(request, lambda visit: typed_question(text), bring, settings):
            # What was refused stays in the composer; what was taken leaves it.
            for file in files if taken else ():
                Path(file).unlink(missing_ok=True)  # a clean copy is kept; the upload is not
            yield EMPTY if taken else gr.skip(), *shown

    def ask_example(self, event: gr.EventData, request: gr.Request, *settings) -> Iterator[tuple]:
        """An example from the gallery: its picture in a new conversation, its question asked."""
        # The position comes from the browser: anything but one of ours is an accident or an attack.
        position = getattr(event, "index", None)

        def example() -> Example:
            if not isinstance(position, int) or not 0 <= position < len(self.examples):
                raise QuestionRefused("There is no such example. Reload the page.")
            return self.examples[position]

        def question(visit: Visit) -> str:
            return example().question

        def bring() -> Change:
            return self._with_picture(request, example().path, example().look_at)

        for _, shown in self._ask(request, question, bring, settings):
            yield shown

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

    def _ask(
        self,
        request: gr.Request,
        question: Callable[[Visit], str],
        bring: Callable[[], Change],
        settings: tuple,
    ) -> Iterator[tuple[bool, tuple]]:
        """(whether it was taken this moment, the view), from the first look at the question to its answer.

        `question` says what is asked in a visit, `bring` what becomes of the visit before: both may refuse.
        """
        session, ticket = _session(request), None
        try:
            chosen = _settings(settings)
            asked = question(self.visits.get(session))
            # A place in the line first: nothing is decoded for one who is refused.
            ticket = self.lane.enter(session)
            change = bring()
            visit = self.visits.change(session, lambda visit: state.ask(change(visit), asked, chosen))
        except MovaError as refusal:
            if ticket is not None:
                self.lane.leave(ticket)
            yield False, view.status(str(refusal), "refused")
            return
        self._keep_pictures_of(session, visit)
        if said := self._page_says(visit, asked):
            self.lane.leave(ticket)
            visit = self.visits.change(session, lambda visit: state.say(visit, visit.shown, said))
            yield True, self._whole(session, visit)
            return
        with closing(self._answer(session, visit.shown, ticket)) as views:
            yield True, self._whole(session, visit)
            for shown in views:
                yield False, shown

    def _answer(self, session: str, exchange_id: str, ticket: Ticket) -> Generator[tuple, None, None]:
        """The views of one question that has its place in the line."""
        try:
            found = self.visits.get(session).find(exchange_id)
            assert found is not None, "a question is answered right after it was asked"
            conversation, exchange = found
            picture = conversation.picture
            image = self.pictures.read(picture) if picture else None
            turns = earlier_turns(conversation, exchange_id)
            request = Request(exchange.question, image, turns, exchange.settings)
            with closing(self.answering.run(ticket, request)) as events:
                for event in events:
                    if isinstance(event, Progress):
                        shown = self._progress(session, exchange_id, event)
                        yield shown
                    else:
                        yield view.status(_waiting_words(event))
        except MovaError as refusal:
            self._fail(session, exchange_id, str(refusal))
        except Exception as error:
            self._fail(session, exchange_id, fault(error))
        finally:
            self.lane.leave(ticket)
        if ticket.ended:
            self._fail(session, exchange_id, ticket.ended)
        yield self._whole(session, self.visits.get(session), new_picture=False)

    def _progress(self, session: str, exchange_id: str, event: Progress) -> tuple:
        if isinstance(event.trace.contributions, Contributions):
            self.maps.keep(event.trace.contributions)
        before = self.visits.get(session).find(exchange_id)
        visit = self.visits.change(session, lambda v: state.record(v, exchange_id, event.trace))
        now = visit.find(exchange_id)
        if before is None or now is None:
            return view.update()
        return view.progress(visit, before[1], now[1], event.staged)

    def _fail(self, session: str, exchange_id: str, sentence: str) -> None:
        self.visits.change(session, lambda visit: state.fail(visit, exchange_id, sentence))

    # --- everything else, at once and outside the lane --------------------------------------------

    def stop(self, request: gr.Request) -> tuple:
        """Ends the visitor's answer within a token or a stage, or takes a waiting question back."""
        return view.status("Stopping …" if self.lane.stop(_session(request)) else "")

    def select(self, event: gr.EventData, request: gr.Request) -> tuple:
        """A click on an earlier answer or conversation brings it back, right side and all."""
        session, chosen = _session(request), getattr(event, "id", None)
        if not isinstance(chosen, str):
            return view.update()
        if getattr(event, "act", None) == "conversation":
            visit = self.visits.change(session, lambda visit: state.open_conversation(visit, chosen))
            return self._whole(session, visit)
        visit = self.visits.change(session, lambda visit: state.show(visit, chosen))
        return self._whole(session, visit, new_picture=False)

    def clear(self, request: gr.Request) -> tuple:
        """Removes the open conversation with its picture; the others stay."""
        session = _session(request)
        if self.lane.busy(session):
            return view.status("Press Stop first, then clear.")
        visit = self.visits.change(session, state.clear)
        self._keep_pictures_of(session, visit)
        return self._whole(session, visit)

    def leave(self, request: gr.Request) -> None:
        """The visitor closed the page: their answer ends and frees the lane, their pictures go."""
        session = _session(request)
        self.lane.stop(session)
        self.visits.leave(session)

    def open_page(self, request: gr.Request) -> tuple:
        """The whole view for a visitor who has just come."""
        session = _session(request)
        return self._whole(session, self.visits.get(session))

    def header(self) -> tuple:
        """Header, footer and whether to go on asking for them: progress until the model is there."""
        engine = self.startup.engine
        info = engine.info if engine else None
        failed = self.startup.failed
        head = header.header_html(
            info, failed or self.startup.text, self.startup.fraction, failed=bool(failed)
        )
        return head, header.footer_html(info, self.examples), gr.Timer(active=engine is None)

    # --- pieces -----------------------------------------------------------------------------------

    def _whole(self, session: str, visit: Visit, *, new_picture: bool = True) -> tuple:
        busy = self.lane.busy(session)
        return view.whole(visit, self.pictures, answering=busy, new_picture=new_picture)

    def _page_says(self, visit: Visit, question: str) -> str | None:
        """The help line, for small talk without a picture with the embedded model; else None."""
        engine = self.startup.engine
        embedded = engine is not None and engine.info.embedded
        return help_line(question) if embedded and visit.conversation.picture is None else None

    def _with_picture(self, request: gr.Request, path: str | Path, hint: str = "") -> Change:
        """What begins a new conversation about a picture, with a notice of it. Raises ImageRefused."""
        picture, note = self.pictures.keep(_session(request), path, hint)

        def change(visit: Visit) -> Visit:
            begun = state.begin(visit, picture)
            said = [NEW_PICTURE] if len(begun.conversations) > 1 else []
            return replace(begun, notice=" ".join([*said, note or ""]).strip())

        return change

    def _keep_pictures_of(self, session: str, visit: Visit) -> None:
        """Pictures of conversations that are no longer listed are let go."""
        asked = frozenset(c.picture.digest for c in visit.conversations if c.picture)
        self.pictures.release(session, keep=asked)


def _settings(given: tuple):
    """The settings as they stand beside the composer. Raises QuestionRefused."""
    mode, forced, *decoding = given
    if mode == "forced" and not forced:
        raise QuestionRefused("Tick one to three experts in the settings, or let the router choose.")
    return given_settings({"router": None, "none": []}.get(mode, forced), *decoding)


def _waiting_words(event: Waiting | Loading) -> str:
    if isinstance(event, Loading):
        return f"The model is still loading ({event.text}); your question is next."
    before = "one question comes" if event.before == 1 else f"{event.before} questions come"
    return f"Waiting: {before} before yours."


def _session(request: gr.Request) -> str:
    """What tells one open page from another."""
    return request.session_hash or ""
