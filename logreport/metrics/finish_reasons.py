"""Why answers ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: So many reasons have a row of their own; all others share one, or two where some of them cut answers off.
MOST: Final = 50

_REST: Final = "all other reasons"


def _query(window: Window) -> sa.Select[Any]:
    """One row a reason, the most frequent first and what is beyond the fiftieth last."""
    calls = sa.func.count()
    each = (
        window.select(
            Call.finish_reason.label("name"),
            calls.label("calls"),
            sa.func.row_number().over(order_by=(calls.desc(), sql.by_name(Call.finish_reason))).label("place"),
        )
        .where(Call.finish_reason.is_not(None))
        .group_by(Call.finish_reason)
        .subquery("each_one")
    )
    cut_off = sql.cut_off(each.c.name).label("cut_off")
    ranked = sa.select(each, cut_off).subquery("ranked")
    place = sa.func.least(ranked.c.place, MOST + 1)
    # The greatest of one name is that name.
    reason = sa.func.max(sa.case((ranked.c.place <= MOST, ranked.c.name), else_=_REST)).label("finish_reason")
    rows: sa.Select[Any] = sa.select(reason, sql.total(ranked.c.calls).label("calls"), ranked.c.cut_off)
    return rows.group_by(place, ranked.c.cut_off).order_by(place, ranked.c.cut_off)


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    shown = _shown(frame)
    counts, cut = figures.numbers(shown["calls"]), shown["cut_off"].tolist()
    whole = int(frame["calls"].sum())
    shares = [units.share(count, whole) for count in shown["calls"]]
    bars = go.Bar(
        x=counts,
        y=figures.labels(shown["finish_reason"]),
        orientation="h",
        text=[f"{share}, cut off" if off else share for share, off in zip(shares, cut, strict=True)],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [figures.STATES["error"] if off else figures.PLAIN for off in cut]},
        hovertemplate=f"%{{y}}: %{{x:,}} of {whole:,} answers, %{{text}}<extra></extra>",
    )
    axis = figures.ticks_of_counts(counts)
    return go.Figure(bars, figures.layout(x="answers", y="finish reason", bars=len(shown), xaxis=axis))


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """The most frequent reasons; the others share a row, or two where some of them cut answers off."""
    import pandas as pd

    if len(frame) <= figures.MOST:
        return frame
    place = figures.MOST - 2
    rest: pd.DataFrame = frame.iloc[place:].groupby("cut_off", as_index=False)[["calls"]].sum()
    return pd.concat([frame.iloc[:place], rest.assign(finish_reason=_REST)], ignore_index=True)


def _notes(frame: pd.DataFrame) -> list[str]:
    if frame.empty:
        return []
    whole, cut = int(frame["calls"].sum()), int(frame["calls"][frame["cut_off"].astype(bool)].sum())
    answers, were = ("answer" if whole == 1 else "answers"), ("was" if cut == 1 else "were")
    if not cut:
        return [f"None of {whole:,} {answers} was cut off at the token limit."]
    return [f"{cut:,} of {whole:,} {answers} {were} cut off at the token limit ({units.share(cut, whole)})."]


METRIC = Metric(
    name="finish_reasons",
    title="Why answers ended",
    description="Whether answers were finished: those cut off at the token limit end in the middle of a sentence.",
    requires=("finish_reason",),
    query=_query,
    figure=_figure,
    kinds="finish_reason",
    notes=_notes,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
