"""A bar on stderr for work that takes more than a second; nothing at all where stderr is not a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_PATIENCE = 1.0
_STEP = 0.1
_WIDTH = 24


class Bar:
    """Shows which file is being read and for how long; the end of a stream is not known beforehand."""

    def __init__(self) -> None:
        self._name = ""
        self._began = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._turn, daemon=True)

    def name(self, name: str) -> None:
        """The file that is read from now on."""
        self._name = name

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _turn(self) -> None:
        if self._done.wait(_PATIENCE):
            return
        step = 0
        while not self._done.wait(_STEP):
            sys.stderr.write(f"\r{self._line(step)}\x1b[K")
            sys.stderr.flush()
            step += 1
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()

    def _line(self, step: int) -> str:
        at = step % (2 * _WIDTH)
        at = min(at, 2 * _WIDTH - at)
        bar = " " * at + "===" + " " * (_WIDTH - at)
        return f"[{bar}] {time.monotonic() - self._began:4.0f} s  {self._name[-60:]}"


@contextmanager
def shown() -> Iterator[Bar]:
    """A bar while the block runs."""
    bar = Bar()
    if not sys.stderr.isatty():
        yield bar
        return
    bar.start()
    try:
        yield bar
    finally:
        bar.stop()
