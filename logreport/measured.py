"""What runs are compared and builds are judged by: how calls were distributed, of all calls and of each model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import sqlalchemy as sa

from logreport import latency, percentiles, sql
from logreport.call import Call
from logreport.figures import FEW
from logreport.histogram import LOG_GROWTH, Histogram, histogram
from logreport.metric import Window
from logreport.rates import PICO

if TYPE_CHECKING:
    from logreport.store import Store

#: So many models, those with most calls, are measured one by one.
MOST_MODELS: Final = 50

_NANO: Final = 10**9

Unit = Literal["seconds", "tokens", "dollars", "share", "calls"]


class Family(NamedTuple):
    """Something that each call has a value of. `exact` says that its percentiles are those of the page's charts."""

    unit: Unit
    said: str
    value: Callable[[], Any] | None = None
    where: Callable[[], sa.ColumnElement[bool]] | None = None
    exact: bool = False


#: More than that of one call is no count any more, and has no place among the whole numbers that are added up.
_MOST: Final = 9.2e18


def _tokens() -> Any:
    """As floating numbers: two counts that fit into 64 bits may have a sum that does not."""
    parts = sql.double(Call.prompt_tokens) + sql.double(Call.completion_tokens)
    return sa.func.coalesce(sql.double(Call.tokens), parts, type_=sa.Double())


def _first_token(*, not_streamed: bool) -> Callable[[], sa.ColumnElement[bool]]:
    streamed = Call.stream.is_(False)
    return lambda: latency.known(Call.time_to_first_token) & (streamed if not_streamed else streamed.is_not(True))


#: What is measured of each call. Of all of it less is better. What calls cost is asked in its own way.
FAMILIES: Final = {
    "duration": Family(
        "seconds",
        "how long calls took that did not fail",
        lambda: Call.duration,
        lambda: latency.known(Call.duration),
        exact=True,
    ),
    "time_to_first_token": Family(
        "seconds",
        "until the first token, of calls that streamed or do not tell",
        lambda: Call.time_to_first_token,
        _first_token(not_streamed=False),
        exact=True,
    ),
    "time_to_first_token_not_streamed": Family(
        "seconds",
        "until the first token, of calls that did not stream",
        lambda: Call.time_to_first_token,
        _first_token(not_streamed=True),
        exact=True,
    ),
    "time_per_output_token": Family(
        "seconds",
        "between two tokens of an answer that streams",
        latency.per_output_token,
        latency.shows_output_speed,
        exact=True,
    ),
    "tokens": Family("tokens", "tokens of a call", _tokens, sql.tokens_known),
    "prompt_tokens": Family("tokens", "tokens of a call's prompt", lambda: Call.prompt_tokens),
    "completion_tokens": Family("tokens", "tokens of a call's answer", lambda: Call.completion_tokens),
    "cost": Family("dollars", "what calls cost whose price is known"),
}


class Rate(NamedTuple):
    """So many hits of so many calls that tell."""

    hits: int = 0
    of: int = 0


#: What calls are or are not, and how it is said. Of both, fewer are better.
RATES: Final = {
    "errors": "calls that failed, of those that tell how they went",
    "cut_off": "answers cut off at the token limit, of those that tell why they ended",
}


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is measured of some calls: of all, or of those to one model.

    `distributions` are by the names of `FAMILIES`, without those of which no call tells; seconds, tokens, dollars.
    `exact` has, for some of them, percentiles by their name (`p95`) that are exact, each with the ends of its
    interval. `unpriced_tokens` are those that the cost leaves out.
    """

    calls: int = 0
    rates: Mapping[str, Rate] = field(default_factory=dict)
    distributions: Mapping[str, Histogram] = field(default_factory=dict)
    exact: Mapping[str, Mapping[str, tuple[float, float | None, float | None]]] = field(default_factory=dict)
    unpriced_tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is measured of all calls of a window, and of each model, the one with most calls first."""

    whole: Scope
    models: Mapping[str, Scope] = field(default_factory=dict)

    def scope(self, model: str | None) -> Scope | None:
        """That of a model, or of all calls where none is named; None where it has no calls."""
        return self.whole if model is None else self.models.get(model)


#: A name of a model, None for calls without one, to what is found of its calls; of all calls under `_WHOLE`.
ByModel = dict[Any, Any]


def measure(store: Store, window: Window) -> Measured:
    """Ask for all of it; `window` has its first and last call and its rates filled in."""
    counts = {row["model"]: row for row in store.rows(_counts(window))}
    costs = {row["model"]: row for row in store.rows(_costs(window))}
    found: dict[str, ByModel] = {name: _distributions(store, window, name, costs) for name in FAMILIES}
    exact = {name: _percentiles(store, window, name, each) for name, each in found.items() if FAMILIES[name].exact}

    def scope(key: Any, *models: str | None) -> Scope:
        """Of all these models together, under whose key there is what is found of them."""
        those = [counts[model] for model in models]
        return Scope(
            calls=sum(row["calls"] for row in those),
            rates={
                name: Rate(*(sum(row[f"{name}_{part}"] for row in those) for part in Rate._fields)) for name in RATES
            },
            distributions={name: each[key] for name, each in found.items() if key in each},
            exact={name: each[key] for name, each in exact.items() if key in each},
            unpriced_tokens=sum(costs[model]["unpriced_tokens"] for model in models if model in costs),
        )

    names = sorted((model for model in counts if model is not None), key=lambda name: (-counts[name]["calls"], name))
    return Measured(
        whole=scope(_WHOLE, *counts),
        models={model: scope(model, model) for model in names[:MOST_MODELS]},
    )


#: The key of what is found of all calls.
_WHOLE: Final = ("all calls",)


def _counts(window: Window) -> sa.Select[Any]:
    """A row a model: its calls, and of each rate the hits and the calls that tell."""
    asked: dict[str, tuple[sa.ColumnElement[bool], Any]] = {
        "errors": (Call.status == "error", Call.status),
        "cut_off": (sql.cut_off(Call.finish_reason), Call.finish_reason),
    }
    columns = [
        column
        for name, (hit, told) in asked.items()
        for column in (sql.count_where(hit).label(f"{name}_hits"), sa.func.count(told).label(f"{name}_of"))
    ]
    return window.select(Call.model.label("model"), sa.func.count().label("calls"), *columns).group_by(Call.model)


def _costs(window: Window) -> sa.Select[Any]:
    """A row a model: what its calls cost in picodollars, and how many tokens that leaves out.

    A call that failed before its answer has a prompt and no price, and nobody is charged for it: it leaves nothing out.
    """
    costs = window.costs(
        Call.model.label("model"), sa.func.coalesce(Call.status == "error", sa.false()).label("failed")
    )
    lacking = sa.func.coalesce(costs.c.tokens, 0) - sa.func.coalesce(costs.c.priced_tokens, 0)
    told = sa.case((costs.c.failed, 0), else_=lacking)
    return sa.select(
        costs.c.model, sql.total(costs.c.cost).label("cost"), sql.total(told).label("unpriced_tokens")
    ).group_by(costs.c.model)


def _values(window: Window, name: str) -> sa.Subquery:
    """The calls that have a value of a family, each with its `model` and its `value`."""
    family = FAMILIES[name]
    if family.value is None:
        costs = window.cost_of_calls(Call.model.label("model"))
        return sa.select(costs.c.model, costs.c.cost.label("value")).where(costs.c.cost.is_not(None)).subquery("values")
    value = sql.double(family.value())
    where = family.where() if family.where else family.value().is_not(None)
    return window.select(Call.model.label("model"), value.label("value")).where(where).subquery("values")


def _distributions(store: Store, window: Window, name: str, costs: Mapping[str | None, dict[str, Any]]) -> ByModel:
    """The histogram of each model that has a value of this family, and of all calls."""
    values, unit = _values(window, name), FAMILIES[name].unit
    number = sa.case(
        (
            values.c.value > 0,
            sa.func.floor(sa.func.ln(values.c.value) / sql.number(repr(LOG_GROWTH)) + sql.number("1e-9")),
        )
    )
    numbered = sa.select(values, number.label("number")).subquery("numbered")
    # Whole numbers are added up, which give the same sum in any order.
    scale = _NANO if unit == "seconds" else 1
    scaled = sa.func.least(numbered.c.value * sql.number(f"{scale}.0"), sql.number(repr(_MOST)))
    part = sa.cast(sa.func.floor(scaled + 0.5), sa.BigInteger())
    query = sa.select(
        numbered.c.model,
        sa.cast(numbered.c.number, sa.Integer()).label("number"),
        sa.func.count().label("calls"),
        sql.total(part).label("total"),
        sa.func.max(numbered.c.value).label("largest"),
    ).group_by(numbered.c.model, numbered.c.number)
    found: dict[str | None, list[dict[str, Any]]] = {}
    for row in store.rows(query):
        found.setdefault(row["model"], []).append(row)
    # Whole numbers until the end, also of all calls: a sum of sums that are rounded depends on the order of models.
    totals = {
        model: costs[model]["cost"] if unit == "dollars" else sum(row["total"] for row in rows)
        for model, rows in found.items()
    }
    by = PICO if unit == "dollars" else scale
    each = {model: _histogram(rows, totals[model] / by, whole=unit == "tokens") for model, rows in found.items()}
    if not each:
        return {}
    return each | {_WHOLE: replace(reduce(Histogram.merged, each.values()), total=sum(totals.values()) / by)}


def _histogram(rows: Sequence[Mapping[str, Any]], total: float, *, whole: bool) -> Histogram:
    return histogram(
        {row["number"]: row["calls"] for row in rows if row["number"] is not None},
        zeros=sum(row["calls"] for row in rows if row["number"] is None),
        total=total,
        largest=max(row["largest"] for row in rows),
        whole=whole,
    )


def _percentiles(store: Store, window: Window, name: str, found: ByModel) -> ByModel:
    """The exact percentiles of each model that has enough calls for them, and of all calls.

    What was `found` says whether it is worth asking: sorting all values is most of the work.
    """
    if _WHOLE not in found or found[_WHOLE].count < FEW:
        return {}
    values = _values(window, name)
    rows = [(row["model"], row) for row in store.rows(percentiles.select(values, ["model"]))]
    if len(rows) > 1:
        rows += [(_WHOLE, row) for row in store.rows(percentiles.select(values, []))]
    else:
        rows += [(_WHOLE, row) for _, row in rows]
    return {
        key: {
            f"p{percent}": (row[f"p{percent}"], row[f"p{percent}_low"], row[f"p{percent}_high"])
            for percent in percentiles.SHOWN
        }
        for key, row in rows
        if row["calls"] >= FEW
    }
