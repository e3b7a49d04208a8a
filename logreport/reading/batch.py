"""What the reader hands to a database, and what it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from logreport.source import Rejected


@dataclass(frozen=True)
class Batch:
    """A DuckDB SELECT whose columns are some of the columns of `Call`, with their types."""

    select: str


def _unheard(_: Rejected) -> None:
    """Nobody wants to hear of rejected records."""


@dataclass
class Tally:
    """How many records were read, were no calls, or were rejected; `on_reject` is told each of the last."""

    read: int = 0
    skipped: int = 0
    rejected: int = 0
    on_reject: Callable[[Rejected], None] = _unheard

    def reject(self, rejected: Rejected) -> None:
        self.rejected += 1
        self.on_reject(rejected)
