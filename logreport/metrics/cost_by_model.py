"""What each model cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    costs = window.costs(Call.model.label("model"))

    models = (
        sa.select(
            costs.c.model,
            sql.dollars(costs.c.cost).label("cost"),
            *(
                sql.total(costs.c[name]).label(name)
                for name in ("calls", "tokens", "priced_calls", "priced_tokens", "stood_in")
            ),
            sql.dollars(costs.c.logged).label("logged"),
            sql.dollars(costs.c.compared - costs.c.compared_logged).label("difference"),
        )
        .group_by(costs.c.model)
        .subquery("models")
    )
    known = sa.func.count(sa.func.coalesce(models.c.cost, models.c.logged)).over().label("known")
    told = sa.select(models, known).subquery("told")
    per_1000: sa.ColumnElement[float] = sa.type_coerce(
        told.c.cost * 1000 / sql.double(sa.func.nullif(told.c.priced_calls, 0)), sa.Double()
    )
    return (
        sa.select(
            told.c.model,
            told.c.cost,
            per_1000.label("cost_per_1000_calls"),
            *(told.c[name] for name in ("calls", "tokens", "priced_calls", "priced_tokens", "stood_in")),
            told.c.logged,
            told.c.difference,
        )
        .where(told.c.known > 0)
        .order_by(told.c.cost.desc().nulls_last(), told.c.tokens.desc().nulls_last(), sql.by_name(told.c.model))
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    shown = figures.top(frame, ["cost", "logged"])
    whole = float(frame["cost"].sum())
    logged = bool(frame["logged"].notna().any())
    names = figures.labels(shown["model"])
    bars = go.Bar(
        x=figures.numbers(shown["cost"]),
        y=names,
        orientation="h",
        text=[_text(cost, whole) for cost in figures.numbers(shown["cost"])],
        textposition="outside",
        cliponaxis=False,
        marker={"color": figures.colours(frame, shown["model"])},
        name="by price list",
        hovertemplate="%{y}: %{text}<extra></extra>",
        showlegend=False,
    )
    told = go.Bar(
        x=figures.numbers(shown["logged"]),
        y=names,
        orientation="h",
        marker={"color": figures.NEUTRAL},
        name="as the log tells",
        text=[_text(cost, None) for cost in figures.numbers(shown["logged"])],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text} as the log tells<extra></extra>",
        showlegend=True,
    )
    count = len(shown) * (2 if logged else 1)
    layout = figures.layout(x="US dollars", y="model", bars=count, xaxis={"tickprefix": "$"}, barmode="group")
    return go.Figure([bars, told] if logged else [bars], layout)


def _text(cost: float | None, whole: float | None) -> str:
    if cost is None:
        return "no price" if whole is not None else ""
    return units.dollars(cost) + (f" ({units.share(cost, whole)})" if whole else "")


def _notes(frame: pd.DataFrame) -> list[str]:
    prices = f"Prices: {frame.attrs['prices']}." if frame.attrs.get("prices") else ""
    return [note for note in (_priced(frame), _stood_in(frame), _logged(frame), prices) if note]


def _priced(frame: pd.DataFrame) -> str:
    tokens, priced = int(frame["tokens"].sum()), int(frame["priced_tokens"].sum())
    lacking = _lacking(frame[(frame["priced_calls"] == 0) & (frame["tokens"] > 0)])
    if frame["cost"].isna().all():
        return lacking.strip()
    cost = units.dollars(float(frame["cost"].sum()))
    if priced == tokens:
        return f"{cost} for all {tokens:,} tokens."
    return f"{cost} for {units.share(priced, tokens)} of the tokens ({priced:,} of {tokens:,}).{lacking}"


def _lacking(unpriced: pd.DataFrame) -> str:
    names = figures.listed(unpriced["model"])
    nameless = "calls without a model" if unpriced["model"].isna().any() else ""
    known = " or ".join(text for text in (names, nameless) if text)
    return f" No price is known for {known}." if known else ""


def _stood_in(frame: pd.DataFrame) -> str:
    tokens, priced = int(frame["stood_in"].sum()), int(frame["priced_tokens"].sum())
    if not tokens:
        return ""
    return (
        f"{tokens:,} of these {priced:,} tokens are in calls for which the list lacks a rate: tokens of a cache are"
        " then charged like other prompt tokens, and a service tier like the standard one, or, before its first price,"
        " at the same share of it."
    )


def _logged(frame: pd.DataFrame) -> str:
    if frame["logged"].isna().all():
        return ""
    logged = f"The log itself tells a cost of {units.dollars(float(frame['logged'].sum()))}"
    if frame["difference"].isna().all():
        return f"{logged}, for calls that have no price here."
    difference = float(frame["difference"].sum())
    if round(difference, 6) == 0:
        return f"{logged}; where both are known they agree."
    side = "more" if difference > 0 else "less"
    return f"{logged}; where both are known, list prices give {units.dollars(abs(difference))} {side}."


METRIC = Metric(
    name="cost_by_model",
    title="Cost by model",
    description="What the calls cost at list prices: the longest bar is where a cheaper model saves most.",
    requires=(),
    query=_query,
    figure=_figure,
    notes=_notes,
    counts=lambda: (Call.model.is_not(None) & Call.prompt_tokens.is_not(None)) | Call.cost.is_not(None),
    nothing="no model in this window has a price (`--prices FILE` gives it one), and no call tells what it cost",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
