"""What a source wants of a record: one target a column, with the paths of its value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from logreport.source import SOURCE_COLUMNS, Field, keys

#: A count is a whole number of at most 63 bits.
MOST: Final = 2**63 - 1
#: Durations and times in seconds beyond this (the year 2255) are other units mistaken for seconds.
MOST_SECONDS: Final = 9_000_000_000.0

Keys = tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """A column, the kind of its value, and the keys that lead to it: the first of `places` where there is something."""

    column: str
    kind: str
    places: tuple[Keys, ...]
    minus: Keys | None = None
    scale: float = 1.0
    clock: Keys | None = None

    @property
    def paths(self) -> tuple[Keys, ...]:
        return (*self.places, *(path for path in (self.minus, self.clock) if path is not None))


def targets(columns: Mapping[str, Field]) -> tuple[Target, ...]:
    """The targets of a table of columns."""
    return tuple(
        Target(
            column,
            SOURCE_COLUMNS[column],
            tuple(keys(path) for path in (field.path, *field.otherwise)),
            keys(field.minus) if field.minus else None,
            field.scale,
            keys(field.clock) if field.clock else None,
        )
        for column, field in columns.items()
    )


def plain_targets() -> tuple[Target, ...]:
    """The targets of rows that carry their values under the columns' own names."""
    return tuple(Target(column, kind, ((column,),)) for column, kind in SOURCE_COLUMNS.items())


def flat(wanted: tuple[Target, ...]) -> tuple[tuple[Target, ...], dict[Keys, str]]:
    """The same targets over records in which every value stands at the top, and the name each path has there."""
    names: dict[Keys, str] = {}
    for target in wanted:
        for path in target.paths:
            names.setdefault(path, str(len(names)))
    moved = tuple(
        Target(
            target.column,
            target.kind,
            tuple((names[path],) for path in target.places),
            (names[target.minus],) if target.minus else None,
            target.scale,
            (names[target.clock],) if target.clock else None,
        )
        for target in wanted
    )
    return moved, names


def header_names(wanted: tuple[Target, ...]) -> tuple[Target, ...]:
    """The targets over the rows of a CSV, where a path is the name of a column."""
    return tuple(
        replace(
            target,
            places=tuple((".".join(path),) for path in target.places),
            minus=(".".join(target.minus),) if target.minus else None,
            clock=(".".join(target.clock),) if target.clock else None,
        )
        for target in wanted
    )


def present(wanted: Iterable[Target], names: Collection[str]) -> tuple[Target, ...]:
    """The targets over records that have values under these names only: what there is not is left out."""
    return tuple(
        replace(target, places=places)
        for target in wanted
        if (places := tuple(place for place in target.places if place[0] in names))
        and all(path[0] in names for path in (target.minus, target.clock) if path is not None)
    )


def touched(wanted: Iterable[Target], names: Collection[str]) -> tuple[Target, ...]:
    """The targets for which records that have values under these names may have anything."""
    return tuple(target for target in wanted if any(path[0] in names for path in target.paths))


def divisor(scale: float) -> float | None:
    """What to divide by where a scale is a whole part of one: 350 ms are 0.35 s, and not 0.35000000000000003."""
    whole = round(1 / scale) if 0 < scale < 1 else 0
    return float(whole) if whole and abs(whole * scale - 1) < _TINY else None


def scaled(number: float, scale: float) -> float:
    """The number in our unit."""
    parts = divisor(scale)
    return number / parts if parts else number * scale


_TINY: Final = 1e-12
