"""A card's rows as a table of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from logreport.figures import UNKNOWN
from logreport.signs import cut, visible

if TYPE_CHECKING:
    from logreport.cards import Card

#: A table on the page shows at most this many rows, of about as many signs; the JSON has them all. It is enough for the
#: hours of a week, for a step a row of a chart over time, and for twenty models with all of their percentiles.
MOST_ROWS: Final = 500
MOST_SIGNS: Final = 13_000

#: What a cell has around what it says.
_AROUND: Final = 8

#: A name is cut beyond so many characters; pointed at, it shows ten times as many.
_LONGEST: Final = 100

_SPOKEN: Final = {"bucket": "time"}

#: A time as a card has it. In the table its T, its zero seconds and the offset of UTC are left out.
_INSTANT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00|(:\d\d(?:\.\d+)?))([+-]\d\d:\d\d)")

Kind = Literal["number", "time", "flag", ""]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A value in a table: `text` as shown, `exact` where the text is not all of it, and whether it is unknown."""

    text: str
    exact: str = ""
    unknown: bool = False


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of a table's column: its text, the label in the data, and what the column holds."""

    text: str
    name: str
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class Table:
    """The rows of a metric; `hidden` is how many more there are than are shown."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    hidden: int


def table(card: Card) -> Table:
    """The table of a card that has something to show; an empty one otherwise."""
    shown = card.rows[:MOST_ROWS] if card.status == "ok" else []
    heads = tuple(_head(name, shown) for name in card.columns)
    rows = tuple(_fitting(tuple(_cell(head, row[head.name]) for head in heads) for row in shown))
    return Table(heads=heads, rows=rows, hidden=len(card.rows) - len(rows) if rows else 0)


def _fitting(rows: Iterable[tuple[Cell, ...]]) -> Iterator[tuple[Cell, ...]]:
    """The first rows, and no more than there is room for."""
    signs = 0
    for row in rows:
        signs += sum(len(cell.text) + len(cell.exact) + _AROUND for cell in row)
        if signs > MOST_SIGNS:
            return
        yield row


def _head(name: str, rows: Sequence[dict[str, Any]]) -> Head:
    known = [row[name] for row in rows if row[name] is not None]
    text = _SPOKEN.get(name, name.replace("_", " "))
    return Head(text=text, name=name, kind=_kind(known))


def _kind(known: Sequence[Any]) -> Kind:
    if known and all(map(_is_number, known)):
        return "number"
    if known and all(isinstance(value, bool) for value in known):
        return "flag"
    return "time" if known and all(_INSTANT.fullmatch(str(value)) for value in known) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(head: Head, value: Any) -> Cell:
    if value is None:
        return Cell(text=UNKNOWN.get(head.name, "unknown"), unknown=True)
    if head.kind == "time":
        return _instant(value)
    if isinstance(value, bool):
        return Cell(text="true" if value else "false")
    if not _is_number(value):
        return _word(str(value))
    if isinstance(value, int):
        return Cell(text=f"{value:,}")
    text = _fraction(value)
    return Cell(text=text, exact="" if text.replace(",", "") == repr(value) else repr(value))


def _instant(value: str) -> Cell:
    found = _INSTANT.fullmatch(value)
    assert found is not None  # as in all of its column
    day, clock, seconds, offset = found.groups()
    return Cell(text=f"{day} {clock}{seconds or ''}{'' if offset == '+00:00' else f' {offset}'}")


def _word(value: str) -> Cell:
    text = visible(value)
    short = cut(text, _LONGEST)
    return Cell(text=short, exact=cut(text, 10 * _LONGEST) if short != text else "")


def _fraction(value: float) -> str:
    """Six digits, but never fewer than the whole part has: 1,234,567 and not 1.23457e+06."""
    return f"{value:,.0f}" if 10**6 <= abs(value) < 10**15 else f"{value:,.6g}"
