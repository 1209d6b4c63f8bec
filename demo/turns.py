"""How a question gets its answer on the page: asked of a visit, answered in the lane, shown as it comes."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial

import gradio as gr

from demo import keeping, state, view
from demo.answering import Answering, Loading, Progress, Waiting
from demo.asking import earlier_turns
from demo.doors import fault
from demo.help_line import help_line
from demo.lane import Ticket
from demo.loading_words import loading_words
from demo.panels.time import took
from demo.picture_store import PictureStore
from demo.replay import moments
from demo.state import Exchange, Visit
from demo.theme import NEVER_BEGUN
from demo.trace_store import TraceStore
from demo.visits import Visits
from demo.words import Words, words_for
from mova.errors import MovaError
from mova.request import Request, Settings
from mova.trace import Trace

Change = Callable[[Visit], Visit]
Taken = Iterator[tuple[bool, tuple]]


class Turns:
    """Questions and answers of the visits. What is known of a visitor is in `visits`, `pictures` and
    `traces`, and gone with them."""

    def __init__(self, answering: Answering, pictures: PictureStore):
        self.answering, self.startup, self.lane = answering, answering.startup, answering.lane
        self.pictures, self.traces = pictures, TraceStore()
        self.usual: dict[str, float] = {}  # seconds that each step took last time, whoever asked
        self.visits = Visits(on_forget=pictures.release)

    def ask(
        self,
        session: str,
        question: Callable[[Visit], str],
        bring: Callable[[], Change],
        settings: Callable[[], tuple[Settings, Settings | None]],
        *,
        again: bool = False,
    ) -> Taken:
        """(whether it was taken this moment, the view), from the first look at the question to its answer.

        `question` says what is asked in a visit, `bring` what becomes of the visit before, `settings` how it
        is answered, and how a second time: all may refuse. `again`: it is the shown question once more.
        """
        ticket = None
        try:
            chosen, beside = settings()
            asked = question(self.visits.get(session))
            # A place in the line first: nothing is decoded for one who is refused.
            ticket = self.lane.enter(session)
            change = bring()
            origin = state.origin if again else lambda visit: ""
            visit = self.visits.change(
                session, lambda v: state.ask(change(v), asked, chosen, beside, origin(v))
            )
        except MovaError as refusal:
            if ticket is not None:
                self.lane.leave(ticket)
            yield False, self.refused(session, refusal)
            return
        self.keep_pictures_of(session, visit)
        if said := self._page_says(visit, asked):
            self.lane.leave(ticket)
            visit = self.visits.change(session, lambda v: state.say(v, v.shown, said))
            yield True, self.whole(session, visit)
            return
        with closing(self._answer(session, visit.shown, ticket)) as views:
            yield True, self.whole(session, visit)
            for shown in views:
                yield False, shown

    def _answer(self, session: str, exchange_id: str, ticket: Ticket) -> Generator[tuple, None, None]:
        """The views of one question that has its place in the line."""
        found = self.visits.get(session).find(exchange_id)
        assert found is not None, "a question is answered right after it was asked"
        conversation, exchange = found
        failure = ""
        try:
            picture = conversation.picture
            image = self.pictures.read(picture) if picture else None
            turns = earlier_turns(conversation, exchange_id)
            requests = [Request(e.question, image, turns, e.settings) for e in exchange.both]
            with closing(self.answering.run(ticket, *requests)) as events:
                for event in events:
                    if isinstance(event, Progress):
                        each = exchange.both[event.number]
                        yield self._progress(session, each, event.trace, event.staged)
                    else:
                        yield self._waits(session, exchange_id, event)
        except MovaError as refusal:
            failure = str(refusal)
        except Exception as error:
            failure = fault(error)
        finally:
            self.lane.leave(ticket)
        self._end(session, exchange, failure or ticket.ended)
        # The picture once more after a first answer: what opened the page may come late and over it.
        first = conversation.exchanges[0].id == exchange_id
        yield self.whole(session, self.visits.get(session), new_picture=first, keep=exchange_id)

    def _waits(self, session: str, exchange_id: str, event: Waiting | Loading) -> tuple:
        visit, said = self.visits.get(session), waiting_words(event, self.words(session))
        if visit.shown != exchange_id:
            return view.status(said)
        before = event.before if isinstance(event, Waiting) else 0
        return view.waiting(visit, self.traces, before, self.usual, said)

    def _progress(self, session: str, exchange: Exchange, trace: Trace, staged: bool) -> tuple:
        slim = self.traces.slim(trace)
        before = self.visits.get(session).find(exchange.id)
        visit = self.visits.change(session, lambda v: state.record(v, exchange.id, slim))
        now = visit.find(exchange.id)
        if before is None or now is None:
            return view.update()
        if trace.done:
            self.usual = self.usual | took(trace)
        return view.progress(visit, before[1], now[1], staged, self.traces, self.usual)

    def _end(self, session: str, exchange: Exchange, why: str) -> None:
        """Says of what has not come to its end why not."""
        for each in exchange.both:
            found = self.visits.get(session).find(each.id)
            if found and (why or found[1].pending):
                sentence = why or NEVER_BEGUN
                self.visits.change(session, partial(state.fail, exchange_id=each.id, sentence=sentence))

    def replay(
        self, session: str, exchange_id: str, trace: Trace, speed: float
    ) -> Generator[tuple, None, None]:
        """The views of a recorded answer as it came, so many times as fast; a stop shows its end at once."""
        ticket = Ticket(session)
        found = self.visits.get(session).find(exchange_id)
        if found is None:
            return
        exchange, now = found[1], 0.0
        with self.lane.beside(ticket):
            for moment in moments(trace):
                ticket.stop.wait(max(0.0, moment.at - now) / speed)
                now = moment.at
                if ticket.stop.is_set():
                    break
                yield self._progress(session, exchange, moment.trace, moment.staged)
        self.visits.change(session, lambda v: state.record(v, exchange_id, self.traces.slim(trace)))
        yield self.whole(session, self.visits.get(session), new_picture=False, keep=exchange_id)

    # --- pieces -----------------------------------------------------------------------------------

    def whole(self, session: str, visit: Visit, *, new_picture: bool = True, keep: str = "") -> tuple:
        """Every part of the view; with `keep` the browser is handed that exchange to keep."""
        shown = view.whole(
            visit,
            self.pictures,
            self.traces,
            self.startup.engine,
            answering=self.lane.busy(session),
            new_picture=new_picture,
        )
        if keep and (record := keeping.record(visit, keep, self.traces)):
            shown = view.with_outbox(shown, record)
        return shown

    def words(self, session: str) -> Words:
        """What the page says to this visitor."""
        return words_for(self.visits.get(session).language)

    def refused(self, session: str, why: MovaError | str) -> tuple:
        """The view with the sentence that says why something was not done."""
        return view.status(self.words(session).told(str(why)), "refused")

    def keep_pictures_of(self, session: str, visit: Visit) -> None:
        """Pictures of conversations that are no longer listed are let go."""
        asked = frozenset(c.picture.digest for c in visit.conversations if c.picture)
        self.pictures.release(session, keep=asked)

    def _page_says(self, visit: Visit, question: str) -> str | None:
        """The help line, for small talk without a picture with the embedded model; else None."""
        engine = self.startup.engine
        embedded = engine is not None and engine.info.embedded
        small_talk = embedded and visit.conversation.picture is None
        return help_line(question, words_for(visit.language)) if small_talk else None


def waiting_words(event: Waiting | Loading, say: Words) -> str:
    """The line under the composer while a question waits."""
    if isinstance(event, Loading):
        return say("waiting.loading", text=loading_words(event.step, say))
    return say("waiting.one") if event.before == 1 else say("waiting.many", count=event.before)


def session_of(request: gr.Request) -> str:
    """What tells one open page from another."""
    return request.session_hash or ""
