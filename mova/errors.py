"""Errors a person can act on: each says what happened, what was expected and what to do next."""


class MovaError(Exception):
    """Base of every error whose text is written for the person who caused it: one line that every terminal
    and page can show, whatever is in the names it quotes."""

    def __str__(self) -> str:
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in super().__str__())


class ImageRefused(MovaError):
    """The picture cannot be read or is outside what is accepted."""


class QuestionRefused(MovaError):
    """The question (or a setting that came with it) cannot be answered as given."""


class CheckpointError(MovaError):
    """A checkpoint is absent, incomplete or not what it claims to be."""


class DeviceError(MovaError):
    """The device or precision asked for is not there, or has not enough memory."""


class EvaluationRefused(MovaError):
    """A question file, an answers folder or an option of an evaluation cannot be used as given."""
