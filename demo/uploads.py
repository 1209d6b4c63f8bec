"""Files come as uploads only: what is sent in a file's place is never fetched from another machine."""

import gradio as gr

REFUSED = "A picture has to be uploaded; an address is not fetched. Save the picture and send the file."


class Page(gr.Blocks):
    """Blocks that refuse an address where a file belongs.

    Gradio would download it, whatever its size, before any handler could say no.
    """

    async def preprocess_data(self, block_fn, inputs, *more, **options):
        if holds_address(inputs):
            raise gr.Error(REFUSED, print_exception=False)
        return await super().preprocess_data(block_fn, inputs, *more, **options)


def holds_address(value: object) -> bool:
    """Whether a file in `value` (JSON of any depth) is given by an address instead of an uploaded path."""
    if isinstance(value, dict):
        path = value.get("path")
        return (isinstance(path, str) and "://" in path) or any(map(holds_address, value.values()))
    return isinstance(value, list) and any(map(holds_address, value))
