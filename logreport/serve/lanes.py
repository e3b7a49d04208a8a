"""A small pool of threads in which slow work holds up nobody but its like."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

#: Threads in all: as many queries are under way at once, and as many connections to a PostgreSQL.
THREADS: Final = 8

#: Threads that one lane may hold at a time.
WIDTH: Final = 2


class Lanes:
    """Work is given with the name of its lane; a lane has at most `WIDTH` pieces of work under way, the others wait."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="logreport")
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[tuple[Future[Any], Callable[[], Any]]]] = defaultdict(deque)
        self._busy: dict[str, int] = defaultdict(int)

    def submit(self, lane: str, work: Callable[[], Any], future: Future[Any]) -> None:
        """Have the work done in its lane; the future gets what it returns or raises."""
        with self._lock:
            self._waiting[lane].append((future, work))
            if self._busy[lane] >= WIDTH:
                return
            self._busy[lane] += 1
        self._start(lane)

    def _start(self, lane: str) -> None:
        try:
            self._pool.submit(self._next, lane)
        except RuntimeError as ended:  # the process ends, and nobody waits any more
            while self._waiting[lane]:
                self._waiting[lane].popleft()[0].set_exception(ended)

    def _next(self, lane: str) -> None:
        with self._lock:
            future, work = self._waiting[lane].popleft()
        try:
            result = work()
        except BaseException as problem:  # noqa: BLE001 - whoever waits for the future gets it
            future.set_exception(problem)
        else:
            future.set_result(result)
        with self._lock:
            if not self._waiting[lane]:
                self._busy[lane] -= 1
                return
        self._start(lane)  # at the end of the queue, so that lanes take turns
