"""What a source wants of a record: one target a column, with the path of its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from logreport.call import CALL_COLUMNS
from logreport.source import Source

#: A count is a whole number of at most 63 bits.
MOST: Final = 2**63 - 1
#: Durations and times in seconds beyond this (the year 2255) are other units mistaken for seconds.
MOST_SECONDS: Final = 9_000_000_000.0


@dataclass(frozen=True)
class Target:
    """A column of `Call`, the kind of its value, and the keys that lead to it."""

    column: str
    kind: str
    keys: tuple[str, ...]
    minus: tuple[str, ...] | None
    scale: float

    @property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        return (self.keys,) if self.minus is None else (self.keys, self.minus)


def targets(source: Source) -> tuple[Target, ...]:
    """The targets of a source that has a table of columns."""
    return tuple(
        Target(
            column,
            CALL_COLUMNS[column],
            tuple(field.path.split(".")),
            tuple(field.minus.split(".")) if field.minus else None,
            field.scale,
        )
        for column, field in (source.columns or {}).items()
    )
