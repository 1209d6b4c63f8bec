"""Stands before the page's web server: refuses calls that are none, puts its refusals into words, and has the
browser ask no other host for anything."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import nullcontext
from typing import Any
from urllib.parse import parse_qs

from fastapi import HTTPException

from demo.doors import UNFIT, fault
from demo.listeners import Listeners
from demo.words import Words, words_asked_for

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

API = "/gradio_api/"
ENDPOINT = "ask"
HOW_TO_CALL = (
    'Send {"data": [image, question, experts, max_new_tokens, temperature, seed]} to /gradio_api/call/ask;'
    " the last four may be left out."
)
MOST_BYTES = 24 * 2**20  # a picture of 10 MB as a data URI, and room
NO_ANSWER = "There is no answer of that name to fetch: it was fetched before, or never asked for. Ask again."
# What the server says by itself -> what we say; any other refusal of its is about the form of a call.
WORDS = {
    401: "This page asks for a name and a password. Log in first.",
    403: "This is not to be had from here.",
    404: "There is nothing of that name here. Reload the page, or call the endpoint /ask.",
    405: f"That is not how this page is called. {HOW_TO_CALL}",
    413: "The file is larger than 10 MB, the most that is taken. Send a smaller copy.",
    503: "Too many calls are waiting at this moment. Ask again in a moment.",
}
# Whatever gets onto the page, a browser fetches nothing for it from elsewhere and sends nothing there. The
# library needs its scripts inline and evaluated. Who may show the page in a frame stays open: a Space does.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline';"
    " script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' blob:; connect-src 'self';"
    " font-src 'self' data:; media-src 'self' blob: data:; object-src 'none'; base-uri 'self';"
    " form-action 'self'"
)


class Refused(Exception):
    """A call that goes no further: the status and the sentence it is answered with."""

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Doorkeeper:
    """ASGI middleware. `page` is asked for its functions once a call comes; `defaults` are those of the
    endpoint's inputs, in order."""

    def __init__(self, app, page=None, defaults: tuple = (), listeners: Listeners | None = None):
        self.app, self.page, self.defaults = app, page, defaults
        self.listeners = listeners or Listeners()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        place = path.find(API)
        if scope["type"] != "http" or place < 0:
            await self.app(scope, receive, _with_policy(send))
            return
        name = path[place + len(API) :].strip("/")
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        answered = _Answer(send, words_asked_for(headers))
        try:
            if scope["method"] == "POST" and name.split("/")[0] in ("call", "run", "api", "queue", "cancel"):
                receive = await self._look_at(name, scope, receive)
            with self._heard(name, scope):
                await self.app(scope, receive, answered.pass_on)
        except Refused as refused:
            await answered.say(refused.status, refused.sentence)
        except Exception as error:  # of the server's, on its way to a bare "Internal Server Error"
            if not answered.begun:
                await answered.say(500, fault(error))
            else:  # a stream: what happened is its last event
                gone = isinstance(error.__cause__, HTTPException) and error.__cause__.status_code == 404
                await answered.end(NO_ANSWER if gone else fault(error))

    def _heard(self, name: str, scope: Message):
        """Whoever opens the stream of an answer is known to listen as long as it is open."""
        session = ""
        if scope["method"] == "GET" and name.startswith("call/"):
            session = name.rpartition("/")[2]
        elif scope["method"] == "GET" and name == "queue/data":
            session = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("session_hash", [""])[0]
        return self.listeners.listening(session) if session else nullcontext()

    async def _look_at(self, name: str, scope: Message, receive: Receive) -> Receive:
        """The call's body as it may go on, endpoint inputs that were left out filled in. Raises Refused."""
        body = await _whole_body(receive)
        try:
            call = json.loads(body)
        except (ValueError, RecursionError):
            call = None
        if not isinstance(call, dict):
            raise Refused(422, f"The call is no JSON object. {HOW_TO_CALL}")
        kind, _, rest = name.partition("/")
        if kind == "call":
            call = self._named_call(rest, call)
        elif (kind, rest) in (("queue", "join"), ("run", "predict")):  # what the page itself calls
            call = self._page_call(call)
        elif kind in ("run", "api"):
            raise Refused(404, f"This page is asked through its queue. {HOW_TO_CALL}")
        changed = json.dumps(call).encode()
        scope["headers"] = [
            (key, str(len(changed)).encode() if key == b"content-length" else value)
            for key, value in scope["headers"]
        ]
        return _replay(changed, receive)

    def _named_call(self, rest: str, call: dict) -> dict:
        """A program's call by name."""
        version, _, name = rest.rpartition("/")
        if name != ENDPOINT or version not in ("", "v2"):
            raise Refused(404, f"There is no endpoint /{rest[:40]} here; there is /{ENDPOINT}. {HOW_TO_CALL}")
        call = {name: value for name, value in call.items() if name != "session_hash"}
        if version == "v2":
            names = ("image", "question", "experts", "max_new_tokens", "temperature", "seed")
            if unknown := sorted(set(call) - set(names)):
                raise Refused(422, f"/ask has no input {unknown[0][:40]!r}; it has {', '.join(names)}.")
            _check_question(call.get("question", ""))
            return {**dict(zip(names, self.defaults, strict=True)), **call}
        data = call.get("data")
        if not isinstance(data, list) or not 1 <= len(data) <= len(self.defaults):
            raise Refused(422, f"The call needs one to six inputs under `data`. {HOW_TO_CALL}")
        data = [*data, *self.defaults[len(data) :]]
        _check_question(data[1])
        return call | {"data": data}

    def _page_call(self, call: dict) -> dict:
        """A call of the page's own."""
        index, data, session = call.get("fn_index"), call.get("data"), call.get("session_hash")
        trigger, event = call.get("trigger_id"), call.get("event_data")
        known = self.page.fns.get(index) if type(index) is int else None
        fits = known is not None and isinstance(data, list) and len(data) == len(known.inputs)
        fits = fits and isinstance(session, str) and 0 < len(session) <= 128
        fits = fits and (trigger is None or type(trigger) is int)
        if not fits or not (event is None or isinstance(event, dict)):
            raise Refused(422, UNFIT)
        return call | {"event_data": event or {}}


def _check_question(question: Any) -> None:
    """Raises Refused for what the library would turn into a text."""
    if not isinstance(question, str | None):
        raise Refused(422, f"The question has to be a text. {HOW_TO_CALL}")


class _Answer:
    """What the server answers, its own words for a refusal replaced by ours, in the caller's language."""

    def __init__(self, send: Send, say: Words):
        self._send, self._say, self.begun = send, say, False
        self._status: int | None = None

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            self._status = message["status"]
            return
        if self._status is None:
            self.begun = True
            await self._send(message)
        elif not message.get("more_body"):
            await self.say(self._status, WORDS.get(self._status) or f"{UNFIT} {HOW_TO_CALL}")

    async def end(self, sentence: str) -> None:
        """Ends a stream of events that has begun."""
        event = f"event: error\ndata: {json.dumps({'error': self._say.told(sentence)})}\n\n"
        await self._send({"type": "http.response.body", "body": event.encode()})

    async def say(self, status: int, sentence: str) -> None:
        """Answers with a sentence under `detail`, where the page and its clients look for it."""
        self.begun = True
        sentence = self._say.told(sentence)
        body = json.dumps({"detail": sentence, "error": sentence}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _with_policy(send: Send) -> Send:
    """A send that adds POLICY to what a browser shows as a page."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if any(key.lower() == b"content-type" and b"text/html" in value for key, value in headers):
                headers.append((b"content-security-policy", POLICY.encode()))
                message = {**message, "headers": headers}
        await send(message)

    return sent


async def _whole_body(receive: Receive) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The call ended before it was whole.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            raise Refused(413, f"The call has over {MOST_BYTES // 2**20} MB. Send a smaller picture.")
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body once, and what else comes afterwards."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
