"""What the page remembers of one visitor: frozen values, replaced and never changed in place.

A `Visit` holds the conversations in the order they began; each is about one picture (or none) and holds
exchanges. A trace names its contribution maps by their digest: the maps themselves are in a store with a
bound of its own, so a visit stays small and knows nothing of the model.
"""

from dataclasses import dataclass, replace

from mova.contributions import Contributions
from mova.request import Settings
from mova.trace import Trace


@dataclass(frozen=True)
class KeptPicture:
    """A picture that passed the gate, kept as a clean PNG in the page's own cache folder."""

    path: str
    digest: str
    width: int
    height: int
    hint: str = ""


@dataclass(frozen=True)
class Exchange:
    """One question and what came of it; `trace` is None until the first event.

    `failure` is the sentence that says why there is no (whole) answer, e.g. that it was refused;
    `page_says` is what the page answered itself, without the model.
    """

    question: str
    settings: Settings
    trace: Trace | None = None
    failure: str = ""
    page_says: str = ""

    @property
    def pending(self) -> bool:
        """Whether an answer is still to come."""
        return not self.failure and not self.page_says and (self.trace is None or not self.trace.done)


@dataclass(frozen=True)
class Conversation:
    """Exchanges about one picture, or plain text chat when `picture` is None."""

    picture: KeptPicture | None = None
    exchanges: tuple[Exchange, ...] = ()

    @property
    def title(self) -> str:
        return self.exchanges[0].question if self.exchanges else "Nothing asked yet"


@dataclass(frozen=True)
class Visit:
    """Everything about one visitor. `current` is the open conversation, `shown` the exchange on the right.

    `notice` is one sentence about what just happened (a new conversation, a stop), shown once.
    """

    conversations: tuple[Conversation, ...] = (Conversation(),)
    current: int = 0
    shown: int = -1
    notice: str = ""

    @property
    def conversation(self) -> Conversation:
        return self.conversations[self.current]

    @property
    def exchange(self) -> Exchange | None:
        """The exchange whose inner views are shown."""
        exchanges = self.conversation.exchanges
        return exchanges[self.shown] if 0 <= self.shown < len(exchanges) else None


def begin(visit: Visit, picture: KeptPicture | None) -> Visit:
    """A new conversation about `picture`; one in which nothing was asked is replaced, not listed."""
    kept = tuple(c for c in visit.conversations if c.exchanges)
    return Visit((*kept, Conversation(picture)), current=len(kept))


def ask(visit: Visit, question: str, settings: Settings) -> Visit:
    """The visit with `question` waiting at the end of the open conversation, and shown."""
    conversation = visit.conversation
    exchanges = (*conversation.exchanges, Exchange(question, settings))
    return replace(
        visit,
        conversations=_with(visit, replace(conversation, exchanges=exchanges)),
        shown=len(exchanges) - 1,
        notice="" if conversation.exchanges else visit.notice,
    )


def drop_last(visit: Visit) -> Visit:
    """The visit without the newest exchange of the open conversation (it is about to be asked again)."""
    conversation = visit.conversation
    exchanges = conversation.exchanges[:-1]
    return replace(
        visit,
        conversations=_with(visit, replace(conversation, exchanges=exchanges)),
        shown=len(exchanges) - 1,
    )


def record(visit: Visit, trace: Trace) -> Visit:
    """The visit with `trace` as the newest exchange's; its contribution maps are named, not kept here."""
    maps = trace.contributions
    name = maps.digest if isinstance(maps, Contributions) else maps
    return _with_newest(visit, trace=replace(trace, contributions=name))


def fail(visit: Visit, sentence: str) -> Visit:
    """The visit whose newest exchange ended with `sentence` instead of (the rest of) an answer."""
    return _with_newest(visit, failure=sentence)


def say(visit: Visit, sentence: str) -> Visit:
    """The visit whose newest exchange the page itself has answered."""
    return _with_newest(visit, page_says=sentence)


def show(visit: Visit, position: int) -> Visit:
    """The visit with the exchange at `position` shown; one that is not there changes nothing."""
    if not 0 <= position < len(visit.conversation.exchanges):
        return visit
    return replace(visit, shown=position)


def open_conversation(visit: Visit, position: int) -> Visit:
    """The visit with another conversation open, its newest exchange shown."""
    if not 0 <= position < len(visit.conversations):
        return visit
    last = len(visit.conversations[position].exchanges) - 1
    return replace(visit, current=position, shown=last, notice="")


def clear(visit: Visit) -> Visit:
    """The visit without the open conversation, and a blank one open."""
    others = tuple(c for c in visit.conversations if c is not visit.conversation)
    return begin(replace(visit, conversations=others, current=0), None)


def _with_newest(visit: Visit, **changed) -> Visit:
    conversation = visit.conversation
    exchanges = (*conversation.exchanges[:-1], replace(conversation.exchanges[-1], **changed))
    return replace(visit, conversations=_with(visit, replace(conversation, exchanges=exchanges)))


def _with(visit: Visit, conversation: Conversation) -> tuple[Conversation, ...]:
    conversations = list(visit.conversations)
    conversations[visit.current] = conversation
    return tuple(conversations)
