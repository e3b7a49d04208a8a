"""The values of some records by where they stand, and names in one spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

#: How deep records are looked into, how many places are known, how many values of each are looked at.
_DEEPEST: Final = 6
_PLACES: Final = 2000
_VALUES: Final = 1000
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BETWEEN: Final = re.compile(r"[\W_]+")
#: Where a header of a table joins keys.
_JOINT: Final = re.compile(r"\.|/|__|::|->")


@dataclass
class Place:
    """A path in records, and the values that stand there with the numbers of their records."""

    path: tuple[str, ...]
    keys: tuple[str, ...]
    values: list[Any] = field(default_factory=list)
    records: set[int] = field(default_factory=set)
    nulls: bool = False

    @property
    def known(self) -> list[Any]:
        """The values that say something."""
        return [value for value in self.values if value is not None and value != ""]


def places(records: Iterable[Mapping[str, Any]]) -> list[Place]:
    """Every place at which some record has a text, a number, a truth or null, in the order of their first sight."""
    found: dict[tuple[str, ...], Place] = {}
    for number, record in enumerate(records):
        for path, value in _leaves(record, ()):
            place = found.get(path)
            if place is None:
                if len(found) >= _PLACES:
                    continue
                place = found[path] = Place(path, _keys(path))
            if value is None:
                place.nulls = True
            elif len(place.values) < _VALUES:
                place.values.append(value)
                place.records.add(number)
    return list(found.values())


def _leaves(value: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, inner in value.items():
        here = (*path, key)
        if isinstance(inner, dict):
            yield here, inner
            if len(here) < _DEEPEST:
                yield from _leaves(inner, here)
        elif not isinstance(inner, list):
            yield here, inner


def _keys(path: tuple[str, ...]) -> tuple[str, ...]:
    """The keys in one spelling; a header that joins several is taken apart."""
    return tuple(spelled(part) for key in path for part in _JOINT.split(key) if spelled(part))


@lru_cache(maxsize=10_000)
def spelled(key: str) -> str:
    """A name in the one spelling in which names are compared."""
    return _BETWEEN.sub("_", _CAMEL.sub("_", key)).strip("_").lower()
