"""A closer look at an answer that is there: what each expert was worth to it, what an encoder sees, how its
question is routed in other words.

All ask the model again and so take their turn in the lane; Stop ends them.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from threading import Event
from typing import Any, TypeVar

from demo import state, view
from demo.answering import Loading, Waiting
from demo.doors import fault
from demo.panels.seen import components_html, seen_buttons
from demo.panels.three_ways import three_ways_html
from demo.panels.worth import WORTH
from demo.rephrasing import rephrasings
from demo.state import Exchange
from demo.turns import Turns, waiting_words
from mova.components import BASE, Components
from mova.errors import MovaError, QuestionRefused
from mova.images import CheckedImage
from mova.trace import Routing, Trace
from mova.vision.experts.pool import LETTERS
from mova.worth import Passed, Worth

T = TypeVar("T")
Views = Iterator[tuple]


class CloserLooks:
    """Looks at answers of the visits that `turns` has."""

    def __init__(self, turns: Turns):
        self.turns = turns

    def worth(self, session: str) -> Views:
        """What each expert was worth: the panel while it is found out, and the trace with it at the end."""
        exchange, trace, image = self._known(session)

        def draw(step: Passed | Worth) -> tuple:
            visit = self.turns.visits.get(session)
            if isinstance(step, Worth):
                slim = self.turns.traces.slim(replace(trace, worth=step))
                record = partial(state.record, exchange_id=exchange.id, trace=slim)
                visit = self.turns.visits.change(session, record)
                return self.turns.whole(session, visit, new_picture=False, keep=exchange.id)
            if visit.shown != exchange.id or visit.exchange is None:
                return view.update()
            shown = view.shown_of(visit, visit.exchange, self.turns.traces, self.turns.startup.engine)
            return view.update(worth=WORTH.draw(replace(shown, weighing=step), self.turns.words(session)))

        def ended() -> tuple:
            return self.turns.whole(session, self.turns.visits.get(session), new_picture=False)

        yield from self._look(
            session, lambda engine, stop: engine.worth(trace, image, stop=stop), draw, ended
        )

    def see(self, session: str, letter: str) -> Views:
        """What one encoder sees of the picture, as colours below the maps."""
        if letter != BASE and (len(letter) != 1 or letter not in LETTERS):
            raise QuestionRefused("There is no such encoder. Reload the page.")
        _, trace, image = self._known(session)
        say = self.turns.words(session)

        def work(engine: Any, stop: Event) -> Iterator[Components | None]:
            yield engine.components(image, letter, stop=stop)

        def draw(found: Components | None) -> tuple:
            if found is None:  # stopped
                return view.update()
            buttons = seen_buttons(trace.routing.experts if trace.routing else (), say)
            return view.update(seen=buttons + components_html(found, trace.picture, say))

        yield view.status(say("seen.waiting"))
        yield from self._look(session, work, draw, lambda: view.status(""))

    def three_ways(self, session: str) -> Views:
        """How the router picks when the same is asked in other words."""
        exchange, _, image = self._known(session)
        say = self.turns.words(session)
        wordings = (exchange.question, *rephrasings(exchange.question))
        if len(wordings) == 1:
            raise QuestionRefused(say("ways.cannot"))
        found: list[Routing | None] = []

        def work(engine: Any, stop: Event) -> Iterator[Routing | None]:
            for wording in wordings:
                if not stop.is_set():
                    yield engine.route(wording, image, stop=stop)

        def drawn() -> tuple:
            return view.update(ways=three_ways_html(list(zip_longest(wordings, found)), say))

        def draw(step: Routing | None) -> tuple:
            if step is not None:
                found.append(step)
            return drawn()

        yield drawn()
        yield from self._look(session, work, draw, view.update)

    def _look(
        self,
        session: str,
        work: Callable[[Any, Event], Iterator[T]],
        draw: Callable[[T], tuple],
        ended: Callable[[], tuple],
    ) -> Views:
        """What `draw` makes of each step of `work` in the lane, then the view `ended`; Stop all along, and
        what went wrong under the composer at last."""
        ticket, failure = self.turns.lane.enter(session), ""
        yield view.update(stop=view.stop_button(True))
        try:
            run = self.turns.answering.during(ticket, lambda engine: work(engine, ticket.stop))
            with closing(run) as steps:
                for step in steps:
                    if isinstance(step, Waiting | Loading):
                        yield view.status(waiting_words(step, self.turns.words(session)))
                    else:
                        yield draw(step)
        except MovaError as refusal:
            failure = str(refusal)
        except Exception as error:
            failure = fault(error)
        finally:
            self.turns.lane.leave(ticket)
        shown = view.with_part(ended(), "stop", view.stop_button(False))
        said = self.turns.words(session).told(failure)
        yield view.with_part(shown, "status", view.status_html(said, "refused")) if failure else shown

    def _known(self, session: str) -> tuple[Exchange, Trace, CheckedImage]:
        """The shown exchange, its whole trace and its picture. Raises QuestionRefused and ImageRefused."""
        visit = self.turns.visits.get(session)
        found = visit.find(visit.shown)
        if found is None or found[1].trace is None:
            raise QuestionRefused("This answer is no longer here. Ask again.")
        conversation, exchange = found
        if conversation.picture is None:
            raise QuestionRefused("There is no picture in this conversation, so no expert looked.")
        trace = self.turns.traces.whole(found[1].trace)
        return exchange, trace, self.turns.pictures.read(conversation.picture)
