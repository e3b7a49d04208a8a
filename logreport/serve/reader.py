"""The database, opened while somebody reads.

A DuckDB file that is open cannot be written by another process, not even when it is only read. So it is opened for the
questions at hand, shared by all who ask meanwhile, and closed a moment after the last answer. Where questions never
cease, it is closed every second, and an ingest that waits has its turn. Other databases stay open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from typing import Final

from logreport.store import Store, open_store

#: Seconds that a file stays open after an answer: what a view asks for next finds it open.
LINGER: Final = 0.25

#: Seconds after which a file that others could want is not shared with new readers any more, so that it gets closed.
TERM: Final = 1.0

#: Seconds that it then stays closed: four times as long as an ingest takes from one try to the next.
PAUSE: Final = 0.2

#: Seconds that new readers wait for slow ones to end; then they join them, and the file stays open longer.
LONGEST_WAIT: Final = 3.0

#: Seconds to wait for a file that is being written. A viewer keeps what is shown, and is told.
PATIENCE: Final = 2.0


class Reader:
    """One database for any number of threads. Nothing is ever written."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._change = threading.Condition()
        self._store: Store | None = None
        self._opened = ExitStack()
        self._opening: Future[None] | None = None
        self._readers = 0
        self._since = 0.0
        self._left = 0.0
        self._closed_until = 0.0

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """The open store.

        Raises:
            CannotConnect: it cannot be opened.
        """
        store = self._join()
        try:
            yield store
        finally:
            self._leave(store)

    def _join(self) -> Store:
        came = time.monotonic()
        while True:
            with self._change:
                if self._store is not None and self._may_join(came):
                    self._readers += 1
                    return self._store
                if self._store is not None:
                    self._change.wait(PAUSE)
                    continue
                opening, mine = self._opening, False
                if opening is None:
                    self._opening = opening = Future()
                    mine = True
            if mine:
                self._open(opening)
            opening.result()

    def close(self) -> None:
        """Close what is open, whoever still reads."""
        with self._change:
            self._shut()

    def _may_join(self, came: float) -> bool:
        assert self._store is not None
        now = time.monotonic()
        return not self._store.database.exclusive or now < self._since + TERM or now > came + LONGEST_WAIT

    def _open(self, opening: Future[None]) -> None:
        """All who wait for this opening get its outcome."""
        time.sleep(max(0.0, self._closed_until - time.monotonic()))
        try:
            store = self._opened.enter_context(open_store(self._url, read_only=True, patience=PATIENCE))
        except BaseException as problem:
            self._opening = None
            opening.set_exception(problem)
            raise
        with self._change:
            self._store, self._since, self._opening = store, time.monotonic(), None
        opening.set_result(None)

    def _leave(self, store: Store) -> None:
        with self._change:
            self._readers -= 1
            if self._readers or not store.database.exclusive:
                return
            if time.monotonic() > self._since + TERM:
                self._shut()
                self._closed_until = time.monotonic() + PAUSE
                return
            self._left = time.monotonic()
        timer = threading.Timer(LINGER, self._shut_if_idle, [store])
        timer.daemon = True
        timer.start()

    def _shut_if_idle(self, store: Store) -> None:
        with self._change:
            if self._store is store and not self._readers and time.monotonic() >= self._left + LINGER:
                self._shut()

    def _shut(self) -> None:
        self._opened.close()
        self._store = None
        self._change.notify_all()
