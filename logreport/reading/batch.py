"""What the reader hands to a database, and what it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from logreport.source import Rejected


@dataclass(frozen=True)
class Batch:
    """A DuckDB SELECT whose columns are some of the columns of `Call`, with their types.

    With `one_thread` one is to load it: it fills row groups exactly, and another thread makes the next batch meanwhile.
    """

    select: str
    one_thread: bool = False


def _unheard(_: Rejected) -> None:
    """Nobody wants to hear of rejected records."""


@dataclass
class Tally:
    """How many records were read, were no calls (by what they are), or were rejected; `on_reject` hears of the last.

    `merged` are those which other records told again. `notes` are sentences about the file as a whole.
    """

    read: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    merged: int = 0
    rejected: int = 0
    on_reject: Callable[[Rejected], None] = _unheard
    notes: list[str] = field(default_factory=list)

    def reject(self, rejected: Rejected) -> None:
        self.rejected += 1
        self.on_reject(rejected)

    def note(self, sentence: str) -> None:
        """Keep a sentence, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)
