"""A metric for logreport: the energy behind each model's calls, estimated from tokens.

The estimate is one assumption, stated here and on the page: every token, read or written, of every model, costs the
same. Logs hold no energy, so this compares models by how much they were used; it measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: Watt-hours for a thousand tokens: an assumption, to be replaced by your own provider's number.
WATT_HOURS_PER_1000_TOKENS: Final = 0.5


def query(window: Window) -> sa.Select[Any]:
    """One row a model: its watt-hours, NULL where no call reported tokens."""
    tokens = sa.cast(sql.sum_of_tokens(), sa.Double())
    watt_hours = (tokens * WATT_HOURS_PER_1000_TOKENS / 1000).label("watt_hours")
    return (
        window.select(Call.model.label("model"), watt_hours)
        .group_by(Call.model)
        .order_by(watt_hours.desc().nulls_last(), Call.model.nulls_last())
    )


def figure(frame: pd.DataFrame) -> go.Figure:
    """A bar for each model whose energy can be estimated."""
    import plotly.graph_objects as go

    known = frame.dropna(subset=["watt_hours"])
    names, colours = figures.labels(known["model"]), figures.colours(frame, known["model"])
    chart = go.Figure(go.Bar(x=names, y=known["watt_hours"], marker={"color": colours}))
    return chart.update_layout(xaxis_title="model", yaxis_title="energy (Wh, estimated)")


def notes(frame: pd.DataFrame) -> list[str]:
    """The assumption. How many calls reported no tokens and are left out, the report says by itself."""
    return [f"Assumes {WATT_HOURS_PER_1000_TOKENS} Wh for 1,000 tokens, for every model; nothing was measured."]


ENERGY_BY_MODEL = Metric(
    name="energy_by_model",
    title="Estimated energy by model",
    description=f"Where the energy may go, if 1,000 tokens of any model cost {WATT_HOURS_PER_1000_TOKENS} Wh.",
    requires=("tokens",),
    query=query,
    figure=figure,
    notes=notes,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    """What this package adds to the report."""
    return [ENERGY_BY_MODEL]
