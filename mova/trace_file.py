"""A trace as a file: one JSON, always written the same way, and read as what it is: data from elsewhere.

    text = dumps(trace)         # canonical: equal traces are equal bytes
    loads(text) == trace        # validated against trace.schema.json; saved again byte for byte the same

The picture travels along as a small WEBP, carried through and never encoded again. No model and no torch is
needed for any of it.
"""

import base64
import io
import json
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from PIL import Image

from mova.contributions import Contributions
from mova.errors import MovaError
from mova.trace import SCHEMA, Json, Trace, from_json, to_json

MOST_BYTES = 4 * 2**20
MOST_THUMBNAIL_SIDE = 1024  # pixels
SCHEMA_FILE = Path(__file__).with_name("trace.schema.json")
SAVE_AGAIN = "Open a file that this page or `python -m mova ask --json` has saved."


class TraceRefused(MovaError):
    """A file is not a trace that can be shown."""


def dumps(trace: Trace) -> str:
    """The trace as text: keys in order, no blanks, numbers as Python writes them, one line."""
    return canonical(to_json(trace))


def canonical(plain: Json) -> str:
    """Plain JSON values as text, the same for equal values."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text + "\n"


def loads(text: str | bytes) -> Trace:
    """The trace in a file's text. Raises TraceRefused with a sentence that names what is wrong with it."""
    size = len(text.encode("utf-8", "replace")) if isinstance(text, str) else len(text)
    if size > MOST_BYTES:
        raise TraceRefused(
            f"The file has {size / 2**20:.1f} MB; a trace has at most {MOST_BYTES // 2**20}. {SAVE_AGAIN}"
        )
    return validated(_parsed(text))


def validated(plain: Any) -> Trace:
    """The trace in plain JSON values from elsewhere. Raises TraceRefused."""
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if type(schema) is int and schema != SCHEMA:
        newer = "This page is older than the file: update it." if schema > SCHEMA else SAVE_AGAIN
        raise TraceRefused(f"The trace is of version {schema}; version {SCHEMA} is read here. {newer}")
    fault = best_match(_validator().iter_errors(plain))
    if fault is not None:
        raise TraceRefused(f"The file is no trace of MoVA: {_place(fault)} is not as expected. {SAVE_AGAIN}")
    try:
        trace = from_json(plain)
    except MovaError as error:
        raise TraceRefused(f"The settings in the trace are not possible: {error}") from error
    except ValueError as error:
        raise TraceRefused(
            f"The file is no trace of MoVA: its contribution maps do not fit their sizes. {SAVE_AGAIN}"
        ) from error
    if said := _contradiction(trace, plain):
        raise TraceRefused(f"The trace contradicts itself: {said}. {SAVE_AGAIN}")
    return trace


def _parsed(text: str | bytes) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no number of JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:  # a text that is not UTF-8 is a ValueError too
        raise TraceRefused(
            f"The file is no trace of MoVA: it is not JSON, or was cut short. {SAVE_AGAIN}"
        ) from error


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _place(fault: ValidationError) -> str:
    """`trace.gates.masked[0]`: where in the file a rule of the schema is broken."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault.absolute_path)
    required: Any = fault.validator_value
    if fault.validator == "required" and isinstance(fault.instance, dict):
        missing = next((name for name in required if name not in fault.instance), "")
        path += f".{missing}"
    return f"`{path.lstrip('.')[:80]}`" if path else "it"


def _contradiction(trace: Trace, plain: Json) -> str:
    """What a schema cannot say: parts that have to agree with each other. Empty when they do."""
    gates, maps, routing = trace.gates, trace.contributions, trace.routing
    if plain["answer"] != trace.answer:
        return "its answer is not what its pieces say"
    if gates is not None and len(gates.masked) != len(gates.unmasked):
        return "its two gates have different layers"
    if gates is not None and routing is None:
        return "it has a gate and nothing was routed"
    if isinstance(maps, Contributions):
        if routing is None or maps.experts != routing.experts:
            return "its contribution maps are of other experts than were picked"
        if gates is None or maps.layers != len(gates.masked):
            return "its contribution maps have other layers than its gates"
    if said := _worth_contradiction(trace):
        return said
    if trace.picture and trace.picture.thumbnail and not _is_small_webp(trace.picture.thumbnail):
        return "its picture is not a small WEBP"
    return ""


def _worth_contradiction(trace: Trace) -> str:
    worth = trace.worth
    if trace.token_ids and len(trace.token_ids) != trace.timings.tokens:
        return "its tokens are not as many as were counted"
    if worth is None:
        return ""
    if trace.routing is None or worth.experts != trace.routing.experts:
        return "it says what other experts were worth than were picked"
    if any(len(word.falls) != len(worth.experts) for word in worth.words):
        return "a word of it has not one fall for each expert"
    if "".join(word.text for word in worth.words) != trace.answer:
        return "the words that its experts were worth something to are not its answer"
    return ""


def _is_small_webp(uri: str) -> bool:
    """Whether a browser may show it: the header is read, nothing is decoded."""
    try:
        data = base64.b64decode(uri.partition(",")[2], validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=["WEBP"]) as picture:
                return max(picture.size) <= MOST_THUMBNAIL_SIDE
    except Exception:  # whatever a damaged file makes Pillow raise
        return False
