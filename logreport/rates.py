"""What tokens cost, and the cost of calls in SQL: whole picodollars, so that sums are exact in any order.

A rate holds for a model of a provider at a service tier; between two dates where prices changed, for prompts of a size
where long ones cost more, and at a time of day where nights are cheaper. The boundaries between those are numbered, the
same for all models, so that a database groups calls by what they cost alike, and meets each rate once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from logreport import sql
from logreport.call import Call

#: Picodollars a dollar. Prices are told in dollars a million tokens, with six decimals at most.
PICO: Final = 10**12

#: A cost in a log beyond this many dollars a call is a mistake, and has no place in 64 bits.
_BEYOND: Final = 1e9


class Priced(NamedTuple):
    """What a price depends on, as the log has it; None is unknown."""

    model: str | None
    provider: str | None
    service_tier: str | None


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What a token costs, in picodollars; `output` None where answers have no tokens, `call` for each call besides.

    `dates`, `sizes` and `clocks` say between which boundaries of `Rates` it holds: from how many before it, to how
    many. `stands_in` says which of its parts is not known and charged like another.
    """

    priced: Priced
    dates: tuple[int, int] = (0, 0)
    sizes: tuple[int, int] = (0, 0)
    clocks: tuple[int, int] = (0, 0)
    input: int
    cache_read: int
    cache_write: int
    output: int | None
    call: int
    stands_in: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rates:
    """All rates of a window, the boundaries between them, and `told`: a sentence on where they are from.

    `dates` are UTC without a zone, each the first instant of something new; `sizes` are prompt tokens, each the last
    count of the cheaper side; `clocks` are times of day in UTC.
    """

    found: tuple[Rate, ...] = ()
    dates: tuple[datetime, ...] = ()
    sizes: tuple[int, ...] = ()
    clocks: tuple[time, ...] = ()
    told: str = ""


def costs(calls: sa.Select[Any], rates: Rates) -> sa.Subquery:
    """The calls of a SELECT in groups of its columns, and of what costs alike; see `Window.costs`."""
    names = [column.name for column in calls.selected_columns]
    alike = _alike(rates) | _stand_ins()
    groups = (
        calls.add_columns(*(column.label(name) for name, column in alike.items()), *_sums(rates))
        .group_by(*names, *alike)
        .subquery("groups")
    )
    rate = _table(rates)
    known = sa.and_(rate.c.input.is_not(None), _tells(groups.c, rate.c))
    charged = _charged(groups.c, rate.c)
    columns: dict[str, sa.ColumnElement[Any]] = {
        "calls": groups.c.calls,
        "tokens": groups.c.tokens,
        "uncached": groups.c.uncached,
        "cache_read": groups.c.read,
        "cache_write": groups.c.written,
        "priced_calls": sa.case((known, groups.c.calls), else_=_whole("0")),
        "priced_tokens": sa.case((known, groups.c.tokens), else_=_whole("0")),
        "cost": sa.case((known, charged)),
        "saved": sa.case((known, _saved(groups.c, rate.c))),
        "stood_in": sa.case((sa.and_(known, _stood_in(groups.c, rate.c)), groups.c.tokens), else_=_whole("0")),
        "logged": groups.c.logged,
        "compared": sa.case((sa.and_(known, groups.c.tells_cost), charged)),
        "compared_logged": sa.case((known, groups.c.logged)),
    }
    return (
        sa.select(*(groups.c[name] for name in names), *(value.label(name) for name, value in columns.items()))
        .select_from(groups.outerjoin(rate, _meets(groups.c, rate.c, rates)))
        .subquery("costs")
    )


def cost_of_call(calls: sa.Select[Any], rates: Rates) -> sa.Subquery:
    """The calls of a SELECT with its columns, and `cost` in dollars; see `Window.cost_of_calls`."""
    names = [column.name for column in calls.selected_columns]
    parts = {
        **_alike(rates),
        "uncached": sql.double(_uncached()),
        "read": sql.double(_read()),
        "written": sql.double(_written()),
        "completion": sql.double(sa.func.coalesce(Call.completion_tokens, 0)),
        "charged_calls": sa.literal_column("1.0", sa.Double()),
    }
    each = calls.add_columns(*(column.label(name) for name, column in parts.items())).subquery("each_call")
    rate = _table(rates)
    known = sa.and_(rate.c.input.is_not(None), _tells(each.c, rate.c))
    cost = sa.case((known, sql.double(_charged(each.c, rate.c)) / sql.number("1e12")))
    return (
        sa.select(*(each.c[name] for name in names), sa.type_coerce(cost, sa.Double()).label("cost"))
        .select_from(each.outerjoin(rate, _meets(each.c, rate.c, rates)))
        .subquery("costs")
    )


def _alike(rates: Rates) -> dict[str, Any]:
    """What calls that cost alike have in common."""
    sizes = [sa.literal_column(str(size + 1), sa.BigInteger()) for size in rates.sizes]
    clocks = [sa.literal_column(f"TIME '{clock:%H:%M:%S}'", sa.Time()) for clock in rates.clocks]
    numbers = {
        "date_number": _number(Call.created, [sql.timestamp(moment) for moment in rates.dates]),
        "size_number": _number(Call.prompt_tokens, sizes),
        "clock_number": _number(sa.func.coalesce(sa.cast(Call.created, sa.Time()), _NOON), clocks),
    }
    return {
        "priced_model": Call.model,
        "priced_provider": Call.provider,
        "priced_tier": Call.service_tier,
        **{name: number for name, number in numbers.items() if number is not None},
        "tells_prompt": Call.prompt_tokens.is_not(None),
        "tells_completion": Call.completion_tokens.is_not(None),
        "tells_cost": _logged().is_not(None),
    }


def _stand_ins() -> dict[str, Any]:
    """What calls have in common for which the same part of a rate may be missing."""
    return {"reads": _read() > 0, "writes": _written() > 0}


#: A call without a time is no night's call: it is charged as at noon in UTC.
_NOON: Final = sa.literal_column("TIME '12:00:00'", sa.Time())


def _number(column: Any, boundaries: Sequence[Any]) -> sa.ColumnElement[int] | None:
    """How many of the boundaries, lowest first, a value has reached; all of them where it is unknown."""
    if not boundaries:
        return None
    # A call without a time costs what calls cost at the end.
    steps = ((column < boundary, _whole(str(at))) for at, boundary in enumerate(boundaries))
    return sa.case(*steps, else_=_whole(str(len(boundaries))))


def _sums(rates: Rates) -> list[sa.ColumnElement[Any]]:
    each = sa.cast(_whole("1"), sa.BigInteger()) if any(rate.call for rate in rates.found) else _whole("0")
    return [
        sa.func.count().label("calls"),
        _tokens().label("tokens"),
        # Beyond 64 bits, as sums are and counts are not.
        _sum(each).label("charged_calls"),
        _sum(_uncached()).label("uncached"),
        _sum(_read()).label("read"),
        _sum(_written()).label("written"),
        _sum(Call.completion_tokens).label("completion"),
        (sa.func.sum(_logged()) * 1000).label("logged"),
    ]


def _tokens() -> sa.ColumnElement[Any]:
    """All tokens that the log tells of, also of calls of which it tells a part only; NULL where it tells none."""
    parts = sa.func.coalesce(Call.tokens, Call.prompt_tokens), sa.case((Call.tokens.is_(None), Call.completion_tokens))
    told = sa.func.count(parts[0]) + sa.func.count(parts[1])
    return sa.case((told > 0, _sum(parts[0]) + _sum(parts[1])))


def _sum(column: Any) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(sa.func.sum(column), 0)


def _read() -> sa.ColumnElement[Any]:
    return sa.func.coalesce(Call.cache_read_tokens, 0)


def _written() -> sa.ColumnElement[Any]:
    return sa.func.coalesce(Call.cache_write_tokens, 0)


def _uncached() -> sa.ColumnElement[Any]:
    """The prompt's tokens that were neither read from a cache nor written to one."""
    return sa.func.greatest(Call.prompt_tokens - sa.func.least(_read(), Call.prompt_tokens) - _written(), 0)


def _logged() -> sa.ColumnElement[Any]:
    """What the log itself says that a call cost, in whole nanodollars."""
    nano = sa.cast(sa.func.floor(Call.cost * sql.number("1e9") + 0.5), sa.BigInteger())
    return sa.case((sa.func.abs(Call.cost) < _BEYOND, nano))


def _charged(part: Any, rate: Any) -> Any:
    return (
        part.uncached * rate.input
        + part.read * rate.cache_read
        + part.written * rate.cache_write
        + part.completion * sa.func.coalesce(rate.output, 0)
        + part.charged_calls * rate.call
    )


def _saved(part: Any, rate: Any) -> Any:
    """What the prompts would have cost beyond that, had nothing been read from a cache or written to one."""
    return part.read * (rate.input - rate.cache_read) + part.written * (rate.input - rate.cache_write)


def _stood_in(part: Any, rate: Any) -> sa.ColumnElement[bool]:
    return sa.or_(
        rate.lacks_tier == 1,
        sa.and_(rate.lacks_read == 1, part.reads),
        sa.and_(rate.lacks_write == 1, part.writes),
    )


def _tells(part: Any, rate: Any) -> sa.ColumnElement[bool]:
    """Whether the log tells what is charged: an answer without tokens need not have a count of them."""
    return sa.and_(part.tells_prompt, sa.or_(part.tells_completion, rate.output.is_(None)))


def _meets(part: Any, rate: Any, rates: Rates) -> sa.ColumnElement[bool]:
    same = [
        _key(part.priced_model) == rate.model,
        _key(part.priced_provider) == rate.provider,
        _key(part.priced_tier) == rate.tier,
    ]
    between = [
        part[f"{name}_number"].between(rate[f"{name}_from"], rate[f"{name}_to"])
        for name, boundaries in (("date", rates.dates), ("size", rates.sizes), ("clock", rates.clocks))
        if boundaries
    ]
    return sa.and_(*same, *between)


def _key(column: Any) -> sa.ColumnElement[str]:
    """A name that equals that of `_spelled`, also where it is unknown: databases join by equality fast."""
    return sa.func.coalesce(sa.literal_column("'='") + column, sa.literal_column("''"))


def _spelled(name: str | None) -> str:
    return "" if name is None else f"={name}"


_TEXTS: Final = ("model", "provider", "tier")
_NUMBERS: Final = (
    *("date_from", "date_to", "size_from", "size_to", "clock_from", "clock_to"),
    *("input", "cache_read", "cache_write", "output", "call", "lacks_tier", "lacks_read", "lacks_write"),
)


def _table(rates: Rates) -> sa.FromClause:
    """The rates as a table; of no row where there are none."""
    columns = [sa.column(name, sa.Text()) for name in _TEXTS] + [sa.column(name, sa.BigInteger()) for name in _NUMBERS]
    table = sa.values(*columns, name="rates").data([_row(rate) for rate in rates.found or (_NONE,)])
    return table if rates.found else sa.select(table).where(sa.false()).subquery("rates")


def _row(rate: Rate) -> tuple[Any, ...]:
    lacks = (int(part in rate.stands_in) for part in ("tier", "read", "write"))
    parts = (rate.input, rate.cache_read, rate.cache_write, rate.output, rate.call)
    numbers = (*rate.dates, *rate.sizes, *rate.clocks, *parts, *lacks)
    return (*map(_spelled, rate.priced), *map(_literal, numbers))


_NONE: Final = Rate(priced=Priced(None, None, None), input=0, cache_read=0, cache_write=0, output=0, call=0)


def _literal(value: int | None) -> sa.ColumnElement[int]:
    return sa.cast(sa.null() if value is None else sa.literal_column(str(value)), sa.BigInteger())


def _whole(text: str) -> sa.ColumnElement[int]:
    return sa.literal_column(text, sa.BigInteger())
