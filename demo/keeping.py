"""What a browser keeps of a visitor's conversations, and what comes back from it later.

The server keeps nothing of one who has gone. After each answer it hands the browser a record, which the
browser stores (assets/page/kept.js); when the visitor opens a kept conversation the browser sends it back,
and it is read here as what it is then: data from elsewhere, of no more weight than an opened file.
"""

import json
import re
from dataclasses import replace
from typing import Any

from demo.state import MOST_EXCHANGES, Conversation, Exchange, KeptPicture, Visit
from demo.theme import KEPT_BROKEN, NEVER_WHOLE
from demo.trace_store import TraceStore
from mova.errors import MovaError
from mova.request import Settings, check_question
from mova.trace import Picture, Trace, to_json
from mova.trace_file import TraceRefused, validated

Json = dict[str, Any]
MOST_BYTES = 20 * 2**20
_ID = re.compile(r"[0-9a-f]{16}")


def record(visit: Visit, exchange_id: str, traces: TraceStore) -> str:
    """What the browser keeps of one exchange, as JSON; empty when the exchange is no longer there. One that
    stands beside another is kept with it."""
    found = visit.find(exchange_id)
    if found is None:
        return ""
    conversation = found[0]
    # A branch begins with copies that the browser has not seen yet.
    told = [
        whole
        for whole in conversation.exchanges
        if conversation.branch_of or exchange_id in (each.id for each in whole.both)
    ]
    return _letter(conversation, {whole.id: _exchange_to_json(whole, traces) for whole in told})


def shortened(conversation: Conversation) -> str:
    """The record that has the browser keep no more of a conversation than is still in it, as JSON."""
    return _letter(conversation, {})


def _letter(conversation: Conversation, exchanges: dict[str, Json]) -> str:
    """For the browser, which adds the exchanges to those it has and drops what is not in the order."""
    plain = {
        "id": conversation.id,
        "title": conversation.title[:200],
        "branch_of": conversation.branch_of,
        "order": [e.id for e in conversation.exchanges],
        "exchanges": exchanges,
    }
    return json.dumps({"keep": plain}, ensure_ascii=False)


def _exchange_to_json(exchange: Exchange, traces: TraceStore) -> Json:
    trace, beside = exchange.trace, exchange.beside
    return {
        "id": exchange.id,
        "beside": beside and _exchange_to_json(beside, traces),
        "question": exchange.question,
        "failure": exchange.failure,
        "page_says": exchange.page_says,
        "recorded": exchange.recorded,
        "again": exchange.again,
        "trace": None if trace is None or not trace.done else to_json(traces.whole(trace)),
    }


def conversation_from(text: str, traces: TraceStore) -> Conversation:
    """The conversation that a browser has kept, its heavy parts in `traces`. Raises TraceRefused."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise TraceRefused(KEPT_BROKEN.format(why=f"it has over {MOST_BYTES // 2**20} MB"))
    try:
        plain = json.loads(text)
        conversation_id, branch_of = plain["id"], plain["branch_of"]
        known = dict(plain["exchanges"].items())
        rows = [(name, known[name]) for name in plain["order"] if name in known]
        for given in (conversation_id, *dict(rows), *([branch_of] if branch_of else [])):
            _checked_id(given)
        exchanges = tuple(_exchange_from(name, row) for name, row in rows[-MOST_EXCHANGES:])
    except TraceRefused as refused:
        raise TraceRefused(KEPT_BROKEN.format(why=str(refused).rstrip("."))) from refused
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, MovaError) as error:
        raise TraceRefused(KEPT_BROKEN.format(why="its form is not as expected")) from error
    picture = _picture_of(exchanges)
    return Conversation(picture, tuple(_slim(e, traces) for e in exchanges), branch_of, conversation_id)


def _slim(exchange: Exchange, traces: TraceStore) -> Exchange:
    beside = exchange.beside and _slim(exchange.beside, traces)
    return replace(exchange, trace=exchange.trace and traces.slim(exchange.trace), beside=beside)


def _exchange_from(name: str, row: Json) -> Exchange:
    trace = None if row["trace"] is None else validated(row["trace"])
    texts = {part: row[part] for part in ("failure", "page_says")}
    if not all(isinstance(text, str) and len(text) < 2000 for text in texts.values()):
        raise ValueError("a text is none, or too long")
    question = check_question(row["question"])
    settings = trace.settings if trace else Settings()
    if trace is None and not any(texts.values()):
        texts["failure"] = NEVER_WHOLE
    beside = row["beside"] and _exchange_from(
        _checked_id(row["beside"]["id"]), row["beside"] | {"beside": None}
    )
    recorded = row["recorded"] is True
    again = row.get("again") and _checked_id(row["again"])  # records of before have none
    return Exchange(
        question, settings, trace, recorded=recorded, beside=beside, again=again or "", id=name, **texts
    )


def _checked_id(given: object) -> str:
    if not isinstance(given, str) or not _ID.fullmatch(given):
        raise ValueError("an id is none of ours")
    return given


def _picture_of(exchanges: tuple[Exchange, ...]) -> KeptPicture | None:
    """The picture that the traces are about. Its pixels are not here: a new question asks for them again."""
    for exchange in reversed(exchanges):
        if exchange.trace is not None and exchange.trace.picture is not None:
            return _without_pixels(exchange.trace.picture)
    return None


def _without_pixels(picture: Picture) -> KeptPicture:
    return KeptPicture("", picture.digest, picture.width, picture.height)


def conversation_of(trace: Trace) -> Conversation:
    """A conversation of one recorded answer, e.g. out of a file."""
    kept = _without_pixels(trace.picture) if trace.picture else None
    return Conversation(kept, (Exchange(trace.question, trace.settings, recorded=True),))
