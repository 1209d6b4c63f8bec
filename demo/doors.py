"""The doors of the page: what comes in is looked at before the library sees it, and what goes wrong is told
in our own words, whichever way it came.

`Doorkeeper` stands before the web server: a call that is no call is refused there, and what the server itself
refuses is put into words. `Page` stands before the handlers: a file comes as an upload or a data URI, an
address is never fetched, and no error but a `Refusal` leaves it.
"""

import logging
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from demo.lane import Lane
from demo.listeners import Listeners
from demo.temporary import TemporaryFolder
from demo.words import ENGLISH, Words, words_asked_for
from mova.errors import MovaError
from mova.imaging.data_uri import is_data_uri, read_data_uri

log = logging.getLogger("mova.page")
FROM_DATA_URI = "from-data-uri"  # ends the name of a file that nobody will ask for again
META = {"_type": "gradio.FileData"}
UPLOAD_FIRST = (
    "A picture has to be uploaded, or sent as a data URI; {what}. Save the picture and send the file."
)
UNFIT = "What was sent does not fit this page as it is now. Reload the page and ask again."
FAULT = (
    "MoVA failed while it worked on this ({kind}, fault {number}), and nothing came of it. Ask again; the"
    " terminal has the details under that number."
)


class Refusal(gr.Error):
    """The one kind of error that leaves the page: a sentence of ours, in the words of whoever asked."""

    def __init__(self, sentence: str, say: Words = ENGLISH):
        title = say.told("Not done")
        super().__init__(say.told(sentence), print_exception=False, title=title)


@contextmanager
def refusals() -> Iterator[None]:
    """Whatever MoVA refuses inside becomes a refusal that the page's library can carry."""
    try:
        yield
    except MovaError as refusal:
        raise Refusal(str(refusal)) from refusal


def fault(error: BaseException) -> str:
    """The sentence for a fault of ours; what it was is in the log under the number it names."""
    number = secrets.token_hex(3)
    log.error("Fault %s", number, exc_info=error)
    return FAULT.format(kind=type(error).__name__, number=number)


class Page(gr.Blocks):
    """Blocks whose handlers get files only as uploads, and whose every error is a sentence of ours.

    `folder` and `lane` are what has to end with the page; `listeners` are who fetches answers.
    """

    folder: TemporaryFolder
    lane: Lane
    listeners: Listeners

    async def preprocess_data(self, block_fn, inputs, *more, **options):
        kinds = (gr.File, gr.MultimodalTextbox)
        holders = [isinstance(block, kinds) for block in block_fn.inputs]
        here = Path(tempfile.mkdtemp(dir=get_upload_folder()))
        try:
            with refusals():
                inputs = [taken(value, here, holds) for value, holds in zip(inputs, holders, strict=False)]
            return await self._preprocess(block_fn, inputs, *more, **options)
        except BaseException:
            shutil.rmtree(here, ignore_errors=True)  # nobody will read what is in it
            raise
        finally:
            if here.exists() and not any(here.iterdir()):
                here.rmdir()

    async def _preprocess(self, block_fn, inputs, *more, **options):
        try:
            return await super().preprocess_data(block_fn, inputs, *more, **options)
        except Refusal:
            raise
        except Exception as error:  # the library raises a dozen kinds on what it did not expect
            log.debug("A call did not fit", exc_info=error)
            if any(map(_holds_file, inputs)):
                raise Refusal(UPLOAD_FIRST.format(what="what was sent is neither")) from error
            raise Refusal(UNFIT) from error

    async def postprocess_data(self, block_fn, predictions, state):
        data = await super().postprocess_data(block_fn, predictions, state)
        if state is not None:
            # An update, one that changes nothing too, makes the component anew under another number, and what
            # comes next is kept under that for as long as the page is open: 0.2 MB a question.
            for kept in (state.config_values, state.blocks_config.blocks):
                for number in kept.keys() - self.blocks.keys():
                    del kept[number]
        return data

    async def process_api(self, *arguments, **options):
        say = words_asked_for(getattr(options.get("request"), "headers", None) or {})
        try:
            return await super().process_api(*arguments, **options)
        except Refusal as refusal:
            raise Refusal(refusal.message, say) from refusal
        except Exception as error:
            raise Refusal(fault(error), say) from error


def taken(value: Any, folder: Path, is_file: bool = False) -> Any:
    """The value (JSON of any depth) with every data URI in a file's place taken as an upload into `folder`.

    `is_file`: a text here stands for a file too. Raises Refusal for an address and ImageRefused for a data
    URI that is none.
    """
    if isinstance(value, list):
        return [taken(inner, folder, is_file) for inner in value]
    if is_file and isinstance(value, str):
        value = {"path": value, "meta": META}
    if not isinstance(value, dict):
        return value
    if not _is_file(value):
        return {name: taken(inner, folder, is_file and name == "files") for name, inner in value.items()}
    path, url = (place if isinstance(place, str) else "" for place in (value.get("path"), value.get("url")))
    place = path or url
    if is_data_uri(place):
        return _upload(read_data_uri(place), folder)
    if not place:
        raise Refusal(UPLOAD_FIRST.format(what="no picture was named"))
    if not path or "://" in path:
        # The library would download it, whatever its size, before any handler could say no.
        raise Refusal(UPLOAD_FIRST.format(what="an address is not fetched"))
    return value


def _upload(data: bytes, folder: Path) -> dict[str, Any]:
    """The bytes as if they had been uploaded."""
    path = folder / f"{secrets.token_hex(4)}-{FROM_DATA_URI}"
    path.write_bytes(data)
    return {"path": str(path), "orig_name": FROM_DATA_URI, "meta": META}


def _is_file(value: dict) -> bool:
    return value.get("meta") == META or "path" in value


def _holds_file(value: Any) -> bool:
    if isinstance(value, dict):
        return _is_file(value) or any(map(_holds_file, value.values()))
    return isinstance(value, list) and any(map(_holds_file, value))
