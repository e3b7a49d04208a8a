"""The next of some things made while one of them is used."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")


def ahead(things: Generator[T]) -> Iterator[T]:
    """The things, of which the next is made in another thread already when one is handed out.

    What making one raises comes out in its place; when nobody wants any more, the one that is being made is waited for.
    """
    with closing(things), ThreadPoolExecutor(max_workers=1) as beside:
        coming = beside.submit(next, things, None)
        while (thing := coming.result()) is not None:
            coming = beside.submit(next, things, None)
            yield thing
