"""A closer look at an answer that is there: what each expert was worth to it, and what an encoder sees.

Both ask the model again and so take their turn in the lane; Stop ends them.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

from demo import state, view
from demo.answering import Loading, Waiting
from demo.doors import fault
from demo.panels.seen import components_html, seen_buttons
from demo.panels.three_ways import three_ways_html
from demo.panels.worth import WORTH
from demo.rephrasing import rephrasings
from demo.state import Exchange
from demo.turns import Turns, waiting_words
from mova.components import BASE
from mova.errors import MovaError, QuestionRefused
from mova.images import CheckedImage
from mova.trace import Routing, Trace
from mova.vision.experts.pool import LETTERS
from mova.worth import Passed, Worth

Views = Iterator[tuple]


class CloserLooks:
    """Looks at answers of the visits that `turns` has."""

    def __init__(self, turns: Turns):
        self.turns = turns

    def worth(self, session: str, exchange_id: str) -> Views:
        """What each expert was worth: the panel while it is found out, and the trace with it at the end."""
        exchange, trace, image = self._known(session, exchange_id)

        def work(engine: Any, stop) -> Iterator[Passed | Worth]:
            return engine.worth(trace, image, stop=stop)

        for step in self._asked(session, work):
            if isinstance(step, tuple):
                yield step
                continue
            visit = self.turns.visits.get(session)
            if isinstance(step, Worth):
                slim = self.turns.traces.slim(replace(trace, worth=step))
                record = partial(state.record, exchange_id=exchange.id, trace=slim)
                visit = self.turns.visits.change(session, record)
                yield self.turns.whole(session, visit, new_picture=False, keep=exchange.id)
            elif visit.shown == exchange.id and visit.exchange is not None:
                shown = view.shown_of(visit, visit.exchange, self.turns.traces, self.turns.startup.engine)
                drawn = WORTH.draw(replace(shown, weighing=step), self.turns.words(session))
                yield view.update(worth=drawn, stop=view.stop_button(True))
        yield self.turns.whole(session, self.turns.visits.get(session), new_picture=False)

    def see(self, session: str, exchange_id: str, letter: str) -> Views:
        """What one encoder sees of the picture, as colours below the maps."""
        if letter != BASE and (len(letter) != 1 or letter not in LETTERS):
            raise QuestionRefused("There is no such encoder. Reload the page.")
        _, trace, image = self._known(session, exchange_id)
        say = self.turns.words(session)

        def work(engine: Any, stop) -> Iterator:
            yield engine.components(image, letter, stop=stop)

        yield view.update(status=view.status_html(say("seen.waiting")), stop=view.stop_button(True))
        for step in self._asked(session, work):
            if isinstance(step, tuple):
                yield step
            elif step is not None:
                buttons = seen_buttons(trace.routing.experts if trace.routing else (), say)
                yield view.update(seen=buttons + components_html(step, trace.picture, say))
        yield view.update(status=view.status_html(""), stop=view.stop_button(False))

    def three_ways(self, session: str, exchange_id: str) -> Views:
        """How the router picks when the same is asked in other words."""
        exchange, _, image = self._known(session, exchange_id)
        say = self.turns.words(session)
        wordings = (exchange.question, *rephrasings(exchange.question))
        if len(wordings) == 1:
            raise QuestionRefused(say("ways.cannot"))
        results: list[tuple[str, Routing | None]] = [(wording, None) for wording in wordings]

        def work(engine: Any, stop) -> Iterator[Routing | None]:
            for wording in wordings:
                if not stop.is_set():
                    yield engine.route(wording, image, stop=stop)

        yield view.update(ways=three_ways_html(results, say), stop=view.stop_button(True))
        place = 0
        for step in self._asked(session, work):
            if isinstance(step, tuple):
                yield step
            elif step is not None:
                results[place] = (wordings[place], step)
                place += 1
                yield view.update(ways=three_ways_html(results, say))
        yield view.update(stop=view.stop_button(False))

    def _asked(self, session: str, work: Callable) -> Iterator:
        """What `work` yields in the lane, and views of the wait and of what went wrong."""
        ticket = self.turns.lane.enter(session)
        answering = self.turns.answering
        try:
            with closing(answering.during(ticket, lambda engine: work(engine, ticket.stop))) as steps:
                for step in steps:
                    waits = isinstance(step, Waiting | Loading)
                    yield view.status(waiting_words(step, self.turns.words(session))) if waits else step
        except MovaError as refusal:
            yield view.status(str(refusal), "refused")
        except Exception as error:
            yield view.status(fault(error), "refused")
        finally:
            self.turns.lane.leave(ticket)

    def _known(self, session: str, exchange_id: str) -> tuple[Exchange, Trace, CheckedImage]:
        """The exchange, its whole trace and its picture. Raises QuestionRefused and ImageRefused."""
        visit = self.turns.visits.get(session)
        found = visit.find(exchange_id or visit.shown)
        if found is None or found[1].trace is None:
            raise QuestionRefused("This answer is no longer here. Ask again.")
        conversation, exchange = found
        if conversation.picture is None:
            raise QuestionRefused("There is no picture in this conversation, so no expert looked.")
        trace = self.turns.traces.whole(found[1].trace)
        return exchange, trace, self.turns.pictures.read(conversation.picture)
