"""A metric's rows beside those of its baseline, as a table of Markdown."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from logreport.export.markdown_text import table, text
from logreport.figures import UNKNOWN

if TYPE_CHECKING:
    from logreport.baseline import BaselineCard
    from logreport.cards import Card

#: So many rows of a metric are shown; the JSON has them all.
MOST_ROWS: Final = 12

#: Stands where a run has no such row.
_NONE: Final = "–"

#: A time as a card has it.
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d)?")

_Row = Mapping[str, Any]
_Pair = tuple[_Row | None, _Row | None]


def side_by_side(card: Card, before: BaselineCard | None) -> str:
    """The first rows of a metric, each cell with the value of this run and the baseline's; empty where neither has any.

    Rows are paired by the names in them. Steps of time, and rows that names do not tell apart, are paired by their
    place among those of one name.
    """
    now = card.rows if card.status == "ok" else []
    then = before.rows if before is not None and before.status == "ok" else []
    if not now and not then:
        return ""
    columns = list(card.columns if now or before is None else before.columns)
    if before is not None and now and then and columns != list(before.columns):
        return f"{_of_one(columns, now)}\n\nThe baseline has other columns, from another version of this metric."
    types = {**(before.columns if before is not None else {}), **card.types}
    keys = _keys([name for name in columns if types.get(name) != "time"], now, then)
    if "time" in types.values():
        keys = keys[:1]  # the first text says of what a row is, those after it may be of this row only
    pairs = list(_pairs(keys, now, then))
    shown = _without_ends(columns)
    rows = [[_both(name, pair, alone=name in keys) for name in shown] for pair in pairs[:MOST_ROWS]]
    return f"{table(_heads(shown), rows)}\n\nThis run / baseline, once where both are alike.{_more(pairs)}"


def _of_one(columns: Sequence[str], rows: Sequence[_Row]) -> str:
    shown = _without_ends(columns)
    cells = [[_cell(name, row) for name in shown] for row in rows[:MOST_ROWS]]
    return f"{table(_heads(shown), cells)}\n\nThis run.{_more(rows)}"


def _more(rows: Sequence[object]) -> str:
    return f" The first {MOST_ROWS} of {len(rows):,} rows." if len(rows) > MOST_ROWS else ""


def _without_ends(columns: Sequence[str]) -> list[str]:
    """The columns but the ends of intervals, which would make three columns of each percentile."""
    return [name for name in columns if not _is_end(name, columns)]


def _is_end(name: str, columns: Sequence[str]) -> bool:
    value, _, end = name.rpartition("_")
    return end in {"low", "high"} and value in columns


def _keys(columns: Sequence[str], now: Sequence[_Row], then: Sequence[_Row]) -> list[str]:
    """The columns of texts and flags, where these tell rows apart; the first of them where they do not."""
    known = {name: [row[name] for row in (*now, *then) if row.get(name) is not None] for name in columns}
    found = [name for name, values in known.items() if values and all(map(_is_text, values))]
    apart = all(len({_key(found, row) for row in rows}) == len(rows) for rows in (now, then))
    return found if apart else found[:1]


def _key(keys: Sequence[str], row: _Row) -> tuple[Any, ...]:
    return tuple(row.get(key) for key in keys)


def _is_text(value: object) -> bool:
    return isinstance(value, str | bool)


def _is_instant(value: object) -> bool:
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None


def _pairs(keys: Sequence[str], now: Sequence[_Row], then: Sequence[_Row]) -> Iterator[_Pair]:
    left: dict[tuple[Any, ...], deque[_Row]] = {}
    for row in then:
        left.setdefault(_key(keys, row), deque()).append(row)
    for row in now:
        alike = left.get(_key(keys, row))
        yield row, alike.popleft() if alike else None
    for rows in left.values():
        for row in rows:
            yield None, row


def _both(name: str, pair: _Pair, *, alone: bool) -> str:
    now, then = pair
    if alone:
        return _cell(name, now if now is not None else then)
    here, there = _cell(name, now), _cell(name, then)
    return here if here == there else f"{here} / {there}"


def _cell(name: str, row: _Row | None) -> str:
    if row is None:
        return _NONE
    value = row.get(name)
    if value is None:
        return text(UNKNOWN.get(name, "unknown"))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}"
    return value.replace("T", " ").removesuffix("+00:00") if _is_instant(value) else text(value)


def _heads(columns: Sequence[str]) -> list[str]:
    return [text("time" if name == "bucket" else name.replace("_", " ")) for name in columns]
