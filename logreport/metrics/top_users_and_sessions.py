"""Who and what uses most: users, and sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: So many have a row of their own; all others share one.
MOST: Final = 20
OTHERS: Final = "all others"


class _Kind(NamedTuple):
    """What is ranked: its column, and how one and several of them are called."""

    column: str
    one: str
    several: str


def _query(kind: _Kind, window: Window) -> sa.Select[Any]:
    ranked = _ranked(_each(kind, window), kind)
    place = sa.func.least(ranked.c.place, MOST + 1)

    columns: list[sa.ColumnElement[Any]] = [
        # The greatest of one name is that name.
        sa.func.max(sa.case((ranked.c.place <= MOST, ranked.c.name), else_=OTHERS)).label(kind.column),
        sa.func.count().label(kind.several),
        sql.total(ranked.c.calls).label("calls"),
        sql.total(ranked.c.tokens).label("tokens"),
        sql.dollars(ranked.c.cost).label("cost"),
        sql.total(ranked.c.priced_calls).label("priced_calls"),
        sql.total(ranked.c.errors).label("errors"),
    ]
    return sa.select(*columns).group_by(place).order_by(place)


def _each(kind: _Kind, window: Window) -> sa.Subquery:
    """A row for each user or session: calls, tokens, cost in picodollars, errors."""
    column = getattr(Call, kind.column)
    costs = window.costs(column.label("name"), Call.status.label("status"), where=column.is_not(None))
    failed = sa.func.sum(sa.case((costs.c.status == "error", costs.c.calls), else_=0))
    return (
        sa.select(
            costs.c.name,
            sa.func.sum(costs.c.calls).label("calls"),
            sa.func.sum(costs.c.tokens).label("tokens"),
            sa.func.sum(costs.c.cost).label("cost"),
            sa.func.sum(costs.c.priced_calls).label("priced_calls"),
            sa.case((sa.func.count(costs.c.status) > 0, failed)).label("errors"),
        )
        .group_by(costs.c.name)
        .subquery("each_one")
    )


def _ranked(each: sa.Subquery, kind: _Kind) -> sa.Subquery:
    order = (
        each.c.cost.desc().nulls_last(),
        each.c.tokens.desc().nulls_last(),
        each.c.calls.desc(),
        sql.by_name(each.c.name),
    )
    return sa.select(each, sa.func.row_number().over(order_by=order).label("place")).subquery(f"ranked_{kind.several}")


def _figure(kind: _Kind, frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    measure = _measure(frame)
    # All others together would dwarf every one of those who are asked for here.
    shown = frame.iloc[: min(MOST, figures.MOST - 1)]
    amounts = figures.numbers(shown[measure])
    whole = float(frame[measure].sum())
    bars = go.Bar(
        x=amounts,
        y=figures.labels(shown[kind.column]),
        orientation="h",
        text=[_text(measure, amount, whole) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        marker={"color": figures.PLAIN},
        customdata=[f"{count:,} {'call' if count == 1 else 'calls'}" for count in shown["calls"]],
        hovertemplate="%{y}: %{text}, %{customdata}<extra></extra>",
    )
    title = "US dollars" if measure == "cost" else measure
    prefix = {"tickprefix": "$"} if measure == "cost" else {}
    return go.Figure(bars, figures.layout(x=title, y=kind.one, bars=len(shown), xaxis=prefix))


def _measure(frame: pd.DataFrame) -> str:
    """What is ranked by: cost, or what there is of it."""
    return next((name for name in ("cost", "tokens") if frame[name].notna().any()), "calls")


def _text(measure: str, amount: float | None, whole: float) -> str:
    if amount is None:
        return "unknown"
    shown = units.dollars(amount) if measure == "cost" else units.count(amount)
    return f"{shown} ({units.share(amount, whole)})" if whole else shown


def _notes(kind: _Kind, frame: pd.DataFrame) -> list[str]:
    count, calls = int(frame[kind.several].sum()), int(frame["calls"].sum())
    notes = [_whole(kind, frame, calls)]
    if count > MOST:
        first = int(frame["calls"].iloc[:MOST].sum())
        made = f"{units.share(first, calls)} of the calls ({first:,} of {calls:,})"
        notes.append(f"{MOST} of {count:,} {kind.several} have a row in the table; they made {made}.")
    return notes


def _whole(kind: _Kind, frame: pd.DataFrame, calls: int) -> str:
    """What the shares on the chart are of."""
    measure = _measure(frame)
    whole = float(frame[measure].sum())
    if measure != "cost":
        return f"Shares are of {units.count(whole)} {measure}, of all {kind.several} together."
    priced = int(frame["priced_calls"].sum())
    some = "" if priced == calls else f", which {priced:,} of the {calls:,} calls cost that have a price"
    return f"Shares are of {units.dollars(whole)}{some or f', of all {kind.several} together'}."


def _metric(kind: _Kind, title: str, description: str) -> Metric:
    figure: Callable[[pd.DataFrame], go.Figure] = partial(_figure, kind)
    return Metric(
        name=f"top_{kind.several}",
        title=title,
        description=description,
        requires=(kind.column,),
        query=partial(_query, kind),
        figure=figure,
        notes=partial(_notes, kind),
    )


USERS: Final = _metric(
    _Kind("user_id", "user", "users"),
    "Users who use most",
    "Who the cost is for: one bar far above the others is a loop, a test, or somebody to talk to.",
)
SESSIONS: Final = _metric(
    _Kind("session_id", "session", "sessions"),
    "Sessions that use most",
    "Which conversations are dearest: those that grow with every turn are the first to cut short.",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [USERS, SESSIONS]
