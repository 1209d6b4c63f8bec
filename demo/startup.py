"""The engine, or how far its loading is: the one thing every handler shares."""

import threading


class Startup:
    """Holds the engine once there is one; until then the progress of loading. Safe to use from any thread."""

    def __init__(self, engine=None):
        self._engine = engine
        self._ready = threading.Event()
        self.text, self.fraction, self.failure = "starting", 0.0, ""
        if engine is not None:
            self._ready.set()

    @property
    def engine(self):
        """The engine, or None while it is loading."""
        return self._engine

    def report(self, text: str, fraction: float) -> None:
        """Note how far loading is: a few words and a number from 0 to 1."""
        self.text, self.fraction = text, fraction

    def fail(self, sentence: str) -> None:
        """There will be no engine, and why: the page goes on with what was recorded."""
        self.failure = sentence

    def finish(self, engine) -> None:
        """Put the engine in place; everyone who waits goes on."""
        self._engine = engine
        self._ready.set()

    def wait(self, seconds: float):
        """The engine as soon as it is there, or None after `seconds`."""
        self._ready.wait(seconds)
        return self._engine
