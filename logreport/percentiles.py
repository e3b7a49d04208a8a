"""Percentiles of durations, exact, each with the interval that its calls allow: the same numbers from every database.

A percentile is that of numpy, of Excel's PERCENTILE.INC and of SQL's percentile_cont: between the two values around the
place (count - 1) * percent / 100, linearly. Its 95 % confidence interval is a pair of the sorted values themselves, so
that nothing is assumed of how durations are distributed: the ranks are those of the binomial distribution (Conover,
Practical Nonparametric Statistics, section 3.2), in the approximation of Cornish and Fisher, widened by a tenth of a
rank so that it never covers less than 95 % (`tests/test_percentiles.py` counts that exactly).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from logreport import sql
from logreport.figures import FEW

#: The percentiles that tables show.
SHOWN: Final = (50, 90, 95, 99)

#: How many standard deviations of a normal distribution enclose 95 % of it.
Z: Final = 1.959963984540054

#: From the approximation of a rank to one that never covers too little, found by counting.
_WIDER: Final = 0.1


class ordered(FunctionElement[Any]):  # noqa: N801 - reads as a function in a query
    """All values of a group, sorted; NULL is left out."""

    inherit_cache = True
    type = sa.ARRAY(sa.Double())
    name = "ordered"


class _ranked(FunctionElement[float]):  # noqa: N801 - as above
    """The value at a rank, counted from 1; NULL where there is none."""

    inherit_cache = True
    type = sa.Double()
    name = "ranked"


@compiles(ordered)
def _ordered(element: Any, compiler: Any, **kw: Any) -> str:
    (column,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"array_agg({column} ORDER BY {column}) FILTER (WHERE {column} IS NOT NULL)"


@compiles(_ranked)
def _at_rank(element: Any, compiler: Any, **kw: Any) -> str:
    values, rank = (compiler.process(clause, **kw) for clause in element.clauses)
    # A negative place would be counted from the end, somewhere.
    return f"({values})[CAST(greatest({rank}, 0) AS INTEGER)]"


def percentile(values: Any, count: Any, percent: int) -> sa.ColumnElement[float]:
    """A percentile of `ordered` values, of which there are so many."""
    place = (sql.double(count) - 1) * percent / 100.0
    low = sa.func.floor(place)
    below, above = _ranked(values, low + 1), _ranked(values, sa.func.least(low + 2, count))
    return sa.type_coerce(below + (above - below) * (place - low), sa.Double())


def interval(values: Any, count: Any, percent: int) -> tuple[sa.ColumnElement[float], sa.ColumnElement[float]]:
    """The 95 % confidence interval of a percentile: an end is NULL where there are too few values for it."""
    low, high = _ranks(sql.double(count), percent / 100.0, sa.func.sqrt, sa.func.floor, sa.func.ceil)
    return _ranked(values, low), sa.case((high <= count, _ranked(values, high)))


def ranks(count: int, percent: float) -> tuple[int, int]:
    """The ranks, from 1, of the values between which the interval lies; outside of 1 to `count` there is none."""
    low, high = _ranks(count, percent / 100.0, math.sqrt, math.floor, math.ceil)
    return int(low), int(high)


def _ranks(count: Any, share: float, sqrt: Any, floor: Any, ceil: Any) -> tuple[Any, Any]:
    middle, spread = count * share, sqrt(count * (share * (1 - share)))
    skew = (1 - 2 * share) * (Z * Z - 1) / 6
    return floor(middle - Z * spread + skew + 0.5 - _WIDER), ceil(middle + Z * spread + skew + 0.5 + _WIDER)


def select(values: sa.Subquery, by: Sequence[str], shown: Sequence[int] = SHOWN) -> sa.Select[Any]:
    """A row a group of `by`: its `calls`, and for each percentile its value, `_low` and `_high`.

    `values` has the columns of `by`, and `value` with one value a call. Groups of fewer than `FEW` calls have no
    percentiles: so few say nothing of them.
    """
    columns = [values.c[name] for name in by]
    groups = (
        sa.select(*columns, sa.func.count(values.c.value).label("calls"), ordered(values.c.value).label("sorted"))
        .where(values.c.value.is_not(None))
        .group_by(*columns)
        .subquery("groups")
    )
    calls, enough = groups.c.calls, groups.c.calls >= FEW
    found: list[sa.ColumnElement[Any]] = []
    for percent in shown:
        low, high = interval(groups.c.sorted, calls, percent)
        found += [
            sa.case((enough, percentile(groups.c.sorted, calls, percent))).label(f"p{percent}"),
            sa.case((enough, low)).label(f"p{percent}_low"),
            sa.case((enough, high)).label(f"p{percent}_high"),
        ]
    return sa.select(*(groups.c[name] for name in by), calls, *found)
