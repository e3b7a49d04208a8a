"""What there is to show: the headline's numbers, the models, and how many calls stand behind each metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import headline, sql
from logreport.call import CALL_COLUMNS, Call
from logreport.metric import Metric, Window
from logreport.rates import Priced

if TYPE_CHECKING:
    from logreport.store import Store

#: How the columns of `Call` are called in a sentence, where the name itself does not do.
_SPOKEN: Final = {
    "created": "time",
    "tokens": "token count",
    "prompt_tokens": "prompt token count",
    "completion_tokens": "completion token count",
    "cache_read_tokens": "count of tokens from a cache",
}

_PRICED: Final[tuple[Any, ...]] = (Call.model, Call.provider, Call.service_tier)
_LONGEST: Final = sa.func.max(Call.prompt_tokens).label("longest")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Counts of calls in a window: all, those in which a column is known, those behind a metric.

    A metric whose `counts` is not understood is in none of them: asked alone, it tells why. `models` are the names of
    those called, the one with the most tokens first. `priced` are the kinds of calls that a price depends on, and
    `most_prompt_tokens` is the longest prompt.
    """

    headline: dict[str, Any]
    calls: int
    known: dict[str, int]
    counted: dict[str, int]
    models: tuple[str, ...]
    priced: tuple[Priced, ...]
    most_prompt_tokens: int | None


def ask_facts(store: Store, window: Window, metrics: Sequence[Metric]) -> Facts:
    """One look at the calls for all of it: by what prices depend on, which costs less than to ask for that as well."""
    required = sorted({column for metric in metrics for column in metric.requires} & CALL_COLUMNS.keys())
    known = [_count_known(name).label(f"known_{name}") for name in required]
    own = {metric.name: counts for metric in metrics if (counts := _own_counts(metric)) is not None}
    plain = {metric.name: _all_known(metric) for metric in metrics if metric.counts is None and not _needs_one(metric)}
    for asked in (plain | own, plain):
        counted = [sql.count_where(counts).label(f"counted_{at}") for at, counts in enumerate(asked.values())]
        columns = [*headline.columns(), *known, *counted]
        try:
            rows = store.rows(window.select(*_PRICED, _LONGEST, *columns).group_by(*_PRICED))
        except Exception:
            if asked == plain:
                raise
            continue
        row = {column.name: headline.folded(column.name, [one[column.name] for one in rows]) for column in columns}
        return Facts(
            headline=row,
            calls=row["calls"],
            known={name: row[f"known_{name}"] for name in required},
            counted={name: row[f"counted_{at}"] for at, name in enumerate(asked)}
            | {metric.name: row[f"known_{metric.requires[0]}"] for metric in metrics if _needs_one(metric)},
            models=_by_tokens(rows),
            priced=tuple(Priced(*(one[column.name] for column in _PRICED)) for one in rows),
            most_prompt_tokens=max((one["longest"] for one in rows if one["longest"] is not None), default=None),
        )
    raise AssertionError("the second look either answers or raises")


def count_behind(store: Store, metric: Metric, window: Window, facts: Facts) -> int:
    """How many calls stand behind a metric's chart."""
    if metric.name in facts.counted:
        return facts.counted[metric.name]
    counts = metric.counts() if metric.counts else _all_known(metric)
    return int(store.rows(window.select(sql.count_where(counts).label("counted")))[0]["counted"])


def why_empty(metric: Metric, counted: int, facts: Facts) -> str:
    """Why there is nothing to show; empty where there is something.

    Raises:
        ValueError: the metric requires a column that there is not.
    """
    for column in metric.requires:
        if column not in CALL_COLUMNS:
            raise ValueError(f"it requires {column}, which a call does not have")
    if not facts.calls:
        return "there is no call in this window"
    lacking = [f"a {_spoken(column)}" for column in metric.requires if not facts.known[column]]
    if lacking:
        return f"no call in this window has {' or '.join(lacking)}"
    needed = " and ".join(f"a {_spoken(column)}" for column in metric.requires)
    return "" if counted else metric.nothing or f"no call in this window has {needed or 'what this metric shows'}"


def say_behind(metric: Metric, counted: int, facts: Facts) -> str:
    """How many calls the chart is about, and what is left out and why: it must not look as if it were about all."""
    left = facts.calls - counted
    if not left:
        return f"{counted:,} {'call stands' if counted == 1 else 'calls stand'} behind this chart."
    missing = [(facts.calls - facts.known[column], _spoken(column)) for column in metric.requires]
    why = [f"{count:,} {'carries' if count == 1 else 'carry'} no {spoken}" for count, spoken in missing if count]
    # A metric that says which calls it counts may leave out others than those that lack what it requires.
    if metric.counts and sum(count for count, _ in missing) != left:
        why = [f"{left:,} left out"]
    return f"{counted:,} of {facts.calls:,} calls stand behind this chart; {', '.join(why)}."


def _by_tokens(rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    tokens: dict[str, int | None] = {}
    for row in rows:
        if (name := row["model"]) is not None:
            tokens[name] = headline.folded("tokens", [tokens.get(name), row["tokens"]])
    return tuple(sorted(tokens, key=lambda name: (tokens[name] is None, -(tokens[name] or 0), name)))


def _own_counts(metric: Metric) -> sa.ColumnElement[bool] | None:
    try:
        return metric.counts() if metric.counts else None
    except (Exception, SystemExit):  # noqa: BLE001 - as above
        return None


def _needs_one(metric: Metric) -> bool:
    """Whether the calls behind a metric are those in which one column is known, which are counted anyway."""
    return metric.counts is None and len(metric.requires) == 1 and metric.requires[0] in CALL_COLUMNS


def _count_known(column: str) -> sa.ColumnElement[int]:
    # count(column) is many times as fast as a count with a filter.
    return sql.count_where(_known(column)) if column == "tokens" else sa.func.count(getattr(Call, column))


def _all_known(metric: Metric) -> sa.ColumnElement[bool]:
    return sa.and_(sa.true(), *(_known(column) for column in metric.requires if column in CALL_COLUMNS))


def _known(column: str) -> sa.ColumnElement[bool]:
    known: sa.ColumnElement[bool] = sql.tokens_known() if column == "tokens" else getattr(Call, column).is_not(None)
    return known


def _spoken(column: str) -> str:
    return _SPOKEN.get(column, column.replace("_", " "))
