"""The next of some things made while one of them is used."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import TypeVar

T = TypeVar("T")


def ahead(making: Callable[[Event], Generator[T]]) -> Generator[T]:
    """The things, of which the next is made in another thread already when one is handed out.

    What making one raises comes out in its place. When nobody wants any more, the event that `making` is given is set,
    and the one that is being made is waited for.
    """
    enough = Event()
    with closing(making(enough)) as things, ThreadPoolExecutor(max_workers=1) as beside:
        try:
            coming = beside.submit(next, things, None)
            while (thing := coming.result()) is not None:
                coming = beside.submit(next, things, None)
                yield thing
        finally:
            enough.set()
