"""What the page remembers of one visitor: frozen values, replaced and never changed in place.

A `Visit` holds the conversations in the order they began; each is about one picture (or none) and holds
exchanges. Everything is known by an id that the server drew: a position or a text that comes back from a
browser says nothing. The traces here are slim: their heavy parts are in a store with a bound of its own
(demo/trace_store.py), so a visit stays small and knows nothing of the model.
"""

import secrets
from dataclasses import dataclass, field, replace

from mova.request import Settings
from mova.trace import Trace

MOST_CONVERSATIONS, MOST_EXCHANGES = 20, 60  # kept of a visit, and of one conversation


def new_id() -> str:
    """A name that nobody can guess."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class KeptPicture:
    """A picture that passed the gate, kept as a clean PNG in the page's own folder at `path`; without a path
    it is only known from a trace."""

    path: str
    digest: str
    width: int
    height: int
    hint: str = ""


@dataclass(frozen=True)
class Exchange:
    """One question and what came of it; `trace` is None until the first event.

    `failure` is the sentence that says why there is no (whole) answer, e.g. that it was refused;
    `page_says` is what the page answered itself, without the model; `recorded` says that the trace came out
    of a file. `beside` is a second answer to the same question, to be compared with this one; `again` is the
    id of the exchange whose question this one asks again, in other ways: it has no other turns before it.
    """

    question: str
    settings: Settings
    trace: Trace | None = None
    failure: str = ""
    page_says: str = ""
    recorded: bool = False
    beside: "Exchange | None" = None
    again: str = ""
    id: str = field(default_factory=new_id)

    @property
    def pending(self) -> bool:
        """Whether an answer is still to come."""
        return not self.failure and not self.page_says and (self.trace is None or not self.trace.done)

    @property
    def both(self) -> tuple["Exchange", ...]:
        """This exchange and the one beside it, where there is one."""
        return (self,) if self.beside is None else (self, self.beside)


@dataclass(frozen=True)
class Conversation:
    """Exchanges about one picture, or plain text chat when `picture` is None. `branch_of` is the id of the
    conversation that it began as a copy of."""

    picture: KeptPicture | None = None
    exchanges: tuple[Exchange, ...] = ()
    branch_of: str = ""
    id: str = field(default_factory=new_id)

    @property
    def title(self) -> str:
        """Its newest question in a branch, else its first; empty when nothing was asked."""
        if not self.exchanges:
            return ""
        return self.exchanges[-1 if self.branch_of else 0].question


@dataclass(frozen=True)
class Visit:
    """Everything about one visitor: the open conversation is the one of the id `current`, the exchange on the
    right side the one of the id `shown`.

    `notice` is one sentence about what just happened (a new conversation, a stop), shown once; `language` is
    what the page speaks.
    """

    conversations: tuple[Conversation, ...]
    current: str
    shown: str = ""
    notice: str = ""
    language: str = "en"

    @classmethod
    def new(cls, picture: KeptPicture | None = None) -> "Visit":
        """A visit in which nothing was asked yet."""
        conversation = Conversation(picture)
        return cls((conversation,), conversation.id)

    @property
    def conversation(self) -> Conversation:
        return next(c for c in self.conversations if c.id == self.current)

    @property
    def exchange(self) -> Exchange | None:
        """The exchange whose inner views are shown, in the open conversation."""
        return next(
            (e for whole in self.conversation.exchanges for e in whole.both if e.id == self.shown), None
        )

    def find(self, exchange_id: str) -> tuple[Conversation, Exchange] | None:
        """The exchange of this id with its conversation; None when it is not (or no longer) here."""
        for conversation in self.conversations:
            for whole in conversation.exchanges:
                for exchange in whole.both:
                    if exchange.id == exchange_id:
                        return conversation, exchange
        return None


def begin(visit: Visit, picture: KeptPicture | None, notice: str = "") -> Visit:
    """A new conversation about `picture`; one in which nothing was asked is replaced, not listed."""
    kept = [c for c in visit.conversations if c.exchanges][-(MOST_CONVERSATIONS - 1) :]
    conversation = Conversation(picture)
    return replace(
        visit, conversations=(*kept, conversation), current=conversation.id, shown="", notice=notice
    )


def take(visit: Visit, conversation: Conversation, notice: str = "") -> Visit:
    """The visit with a conversation from elsewhere open, in the place of one of the same id."""
    kept = [c for c in visit.conversations if c.exchanges and c.id != conversation.id]
    kept = kept[-(MOST_CONVERSATIONS - 1) :]
    shown = conversation.exchanges[-1].id if conversation.exchanges else ""
    return replace(
        visit, conversations=(*kept, conversation), current=conversation.id, shown=shown, notice=notice
    )


def branch(visit: Visit, exchange_id: str, notice: str = "") -> Visit:
    """A new conversation that begins as the open one up to (and without) an exchange; the old one stays."""
    conversation = visit.conversation
    place = next(n for n, whole in enumerate(conversation.exchanges) if whole.id == exchange_id)
    copies = tuple(replace(whole, id=new_id(), beside=None) for whole in conversation.exchanges[:place])
    return take(visit, Conversation(conversation.picture, copies, conversation.id), notice)


def with_picture(visit: Visit, picture: KeptPicture) -> Visit:
    """The visit whose open conversation has its picture's pixels again."""
    return _with(visit, replace(visit.conversation, picture=picture))


def ask(
    visit: Visit, question: str, settings: Settings, beside: Settings | None = None, again: str = ""
) -> Visit:
    """The visit with `question` waiting at the end of the open conversation, and shown; with `beside` it is
    answered twice, the second time under those settings. `again` is the exchange whose question it is."""
    second = None if beside is None else Exchange(question, beside)
    conversation, exchange = visit.conversation, Exchange(question, settings, beside=second, again=again)
    exchanges = (*conversation.exchanges[-(MOST_EXCHANGES - 1) :], exchange)
    return replace(
        _with(visit, replace(conversation, exchanges=exchanges)),
        shown=exchange.id,
        notice="" if conversation.exchanges else visit.notice,
    )


def drop(visit: Visit, exchange_id: str) -> Visit:
    """The visit without one exchange of the open conversation (it is about to be asked again)."""
    conversation = visit.conversation
    exchanges = tuple(e for e in conversation.exchanges if e.id != exchange_id)
    shown = exchanges[-1].id if exchanges else ""
    return replace(_with(visit, replace(conversation, exchanges=exchanges)), shown=shown)


def record(visit: Visit, exchange_id: str, trace: Trace) -> Visit:
    """The visit with `trace` as that exchange's: a slim one, whose heavy parts a `TraceStore` holds."""
    return _change(visit, exchange_id, trace=trace)


def fail(visit: Visit, exchange_id: str, sentence: str) -> Visit:
    """The visit whose exchange ended with `sentence` instead of (the rest of) an answer."""
    return _change(visit, exchange_id, failure=sentence)


def say(visit: Visit, exchange_id: str, sentence: str) -> Visit:
    """The visit whose exchange the page itself has answered."""
    return _change(visit, exchange_id, page_says=sentence)


def show(visit: Visit, exchange_id: str) -> Visit:
    """The visit with this exchange on the right side; one that is not here changes nothing."""
    found = visit.find(exchange_id)
    return visit if found is None else replace(visit, current=found[0].id, shown=exchange_id)


def origin(visit: Visit) -> str:
    """The id of the shown exchange, or of the one whose question it asked again; empty without one."""
    for whole in visit.conversation.exchanges:
        if any(each.id == visit.shown for each in whole.both):
            return whole.again or whole.id
    return ""


def open_conversation(visit: Visit, conversation_id: str) -> Visit:
    """The visit with another conversation open, its newest exchange shown; an unknown one changes nothing."""
    chosen = next((c for c in visit.conversations if c.id == conversation_id), None)
    if chosen is None:
        return visit
    shown = chosen.exchanges[-1].id if chosen.exchanges else ""
    return replace(visit, current=chosen.id, shown=shown, notice="")


def clear(visit: Visit) -> Visit:
    """The visit without the open conversation, and a blank one open."""
    others = tuple(c for c in visit.conversations if c.id != visit.current)
    return begin(replace(visit, conversations=others), None)


def _change(visit: Visit, exchange_id: str, **changed) -> Visit:
    """The visit with fields of one exchange changed, wherever it is; unchanged when it is gone."""
    found = visit.find(exchange_id)
    if found is None:
        return visit
    conversation, _ = found
    exchanges = tuple(_changed(whole, exchange_id, changed) for whole in conversation.exchanges)
    return _with(visit, replace(conversation, exchanges=exchanges))


def _changed(whole: Exchange, exchange_id: str, changed: dict) -> Exchange:
    if whole.id == exchange_id:
        return replace(whole, **changed)
    if whole.beside is not None and whole.beside.id == exchange_id:
        return replace(whole, beside=replace(whole.beside, **changed))
    return whole


def _with(visit: Visit, conversation: Conversation) -> Visit:
    """The visit with a conversation in place of the one of the same id."""
    return replace(
        visit,
        conversations=tuple(conversation if c.id == conversation.id else c for c in visit.conversations),
    )
