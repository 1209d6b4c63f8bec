"""What a person is told, caught: one line in our own words; and files put in the place of linked ones."""

import pytest

from mova.errors import MovaError


def put(path, data):
    """Write a file anew, without touching what it was linked to."""
    path.unlink(missing_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def own(path):
    """Make a linked file the test's own."""
    put(path, path.read_bytes())


def refusal(work) -> str:
    """The line a person gets; nothing of what a library said is in it."""
    with pytest.raises(MovaError) as caught:
        work()
    said, cause = str(caught.value), caught.value.__cause__
    assert "\n" not in said and len(said) < 700 and said[-1] == ".", said
    while cause is not None:
        lines = [line.strip() for line in str(cause).splitlines() if len(line.strip()) > 8]
        assert isinstance(cause, MovaError) or not [line for line in lines if line[:60] in said], said
        cause = cause.__cause__
    return said
