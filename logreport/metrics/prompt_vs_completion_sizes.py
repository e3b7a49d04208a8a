"""How long prompts and answers are, together."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


_LN_2: Final = sql.number("0.6931471805599453")

#: More than a logarithm is off, less than lies between a power of two below 2 ** 43 and the whole number before it.
_ROUNDING: Final = sql.number("1e-13")

#: The last power of two that fits into 64 bits.
_LAST: Final = 62

#: Where cells begin.
_EDGES: Final = (0, *(2**power for power in range(_LAST + 1)))

#: So many cells a side are shown at least: one alone would be a chart of one colour.
_FEWEST: Final = 8

#: From few calls to many: the page shines through, light or dark.
_SHADES: Final = tuple(f"rgba(5, 108, 210, {opacity})" for opacity in (0.2, 0.4, 0.6, 0.8, 1))


def _query(window: Window) -> sa.Select[Any]:
    """One row a cell in which there are calls: from a power of two to before the next; no tokens are cells apart."""
    cells = (
        window.select(
            _power(Call.prompt_tokens).label("prompt"),
            _power(Call.completion_tokens).label("completion"),
            sa.func.count().label("calls"),
        )
        .where(Call.prompt_tokens.is_not(None), Call.completion_tokens.is_not(None))
        .group_by("prompt", "completion")
        .subquery("cells")
    )
    return sa.select(
        _edge(cells.c.prompt).label("prompt_from"), _edge(cells.c.completion).label("completion_from"), cells.c.calls
    ).order_by(cells.c.prompt, cells.c.completion)


def _power(tokens: Any) -> sa.ColumnElement[float]:
    """The exponent of the power of two at which the cell begins; -1 for no tokens."""
    power = sa.func.floor(sa.func.ln(sql.double(sa.func.greatest(tokens, 1))) / _LN_2 + _ROUNDING)
    return sa.case((tokens > 0, sa.func.least(power, sql.number(str(_LAST)))), else_=sql.number("-1"))


def _edge(power: sa.ColumnElement[float]) -> sa.ColumnElement[int]:
    edge = sa.cast(sa.func.power(sql.number("2"), power), sa.BigInteger())
    return sa.case((power < 0, sa.literal_column("0", sa.BigInteger())), else_=edge)


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    across, up = _edges(frame["prompt_from"]), _edges(frame["completion_from"])
    calls = {(prompt, completion): count for prompt, completion, count in frame.to_numpy().tolist()}
    steps = _steps(max(calls.values(), default=1))
    heat = go.Heatmap(
        x=[_said(edge) for edge in across],
        y=[_said(edge) for edge in up],
        z=[[calls.get((prompt, completion)) for prompt in across] for completion in up],
        zmin=0,
        zmax=steps[-1],
        colorscale=_scale(steps),
        showscale=False,
        hovertemplate="prompt of %{x}, answer of %{y} tokens: %{z:,} calls<extra></extra>",
    )
    layout = figures.layout(
        x="prompt tokens, from",
        y="completion tokens, from",
        xaxis=_axis(across, 7),
        yaxis=_axis(up, 14),
        height=340,
        showlegend=True,
    )
    return go.Figure([heat, *_keys(steps, calls.values())], layout)


def _edges(column: pd.Series[Any]) -> list[int]:
    """All edges from the least to the greatest of these, and some around where they are few."""
    if column.empty:
        return []
    low, high = (_EDGES.index(int(edge)) for edge in (column.min(), column.max()))
    room = max(0, _FEWEST - 1 - (high - low))
    low = max(0, low - room // 2)
    return list(_EDGES[low : max(high + 1, low + _FEWEST)])


def _said(edge: int) -> str:
    """The sizes of a cell in words."""
    return f"{edge:,}" if edge < 2 else f"{edge:,} to {2 * edge - 1:,}"


def _axis(edges: list[int], most: int) -> dict[str, Any]:
    """An axis with at most so many ticks."""
    ticks = edges[:: math.ceil(len(edges) / most) or 1]
    return {
        "type": "category",
        "range": [-0.5, len(edges) - 0.5],
        "tickvals": [_said(edge) for edge in ticks],
        "ticktext": [units.count(edge) for edge in ticks],
    }


def _steps(most: int) -> list[int]:
    """Up to which number of calls each shade goes. In equal steps all but the fullest cells would be pale."""
    return sorted({round(most ** (step / len(_SHADES))) for step in range(1, len(_SHADES) + 1)})


def _scale(steps: list[int]) -> list[tuple[float, str]]:
    """The shades as a colour scale from no call to the most, each up to its step and half a call more."""
    ends = [0, *((step + 0.5) / steps[-1] for step in steps[:-1]), 1]
    return [(end, shade) for pair, shade in zip(pairwise(ends), _shades(steps), strict=True) for end in pair]


def _shades(steps: list[int]) -> tuple[str, ...]:
    return _SHADES[-len(steps) :]


def _keys(steps: list[int], counts: Iterable[int]) -> list[go.Scatter]:
    """Points that are nowhere, for the legend: a heat map has none of its own. Shades that no cell has are left out."""
    import plotly.graph_objects as go

    there = {bisect_left(steps, count) for count in counts}
    spans = [(place, low + 1, high) for place, (low, high) in enumerate(pairwise([0, *steps])) if place in there]
    return [
        go.Scatter(
            name=(f"{low:,} to {high:,}" if low < high else f"{low:,}") + _unit(high) * (at == 0),
            x=[None],
            y=[None],
            mode="markers",
            marker={"color": _shades(steps)[place], "symbol": "square", "size": 11},
        )
        for at, (place, low, high) in enumerate(spans)
    ]


def _unit(count: int) -> str:
    return " call" if count == 1 else " calls"


def _notes(frame: pd.DataFrame) -> list[str]:
    if frame.empty:
        return []
    calls, most = int(frame["calls"].sum()), frame.sort_values("calls", kind="stable").iloc[-1]
    prompt, completion = (_said(int(most[name])) for name in ("prompt_from", "completion_from"))
    share = f"{most['calls']:,} of {calls:,}{_unit(calls)}"
    return [f"The fullest cell has {share}: prompt tokens {prompt}, completion tokens {completion}."]


METRIC = Metric(
    name="prompt_vs_completion_sizes",
    title="Sizes of prompts and answers",
    description="Which lengths go together: a cloud apart from the others is another use, or a prompt that grew.",
    requires=("prompt_tokens", "completion_tokens"),
    query=_query,
    figure=_figure,
    notes=_notes,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
