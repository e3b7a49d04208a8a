"""What the built-in figures share: palette, labels, and how many bars fit on a chart."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: Okabe and Ito's colours: told apart by colour-blind readers, on white and on black.
PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")

#: A chart shows at most this many groups; the table under it shows them all.
MOST: Final = 20

_LONGEST: Final = 36


def label(name: Any, unknown: str) -> str:
    """A name from a log as text on a chart: Plotly reads markup in labels, so none may be left in it."""
    if name is None or name != name:  # noqa: PLR0124 - NaN is how a frame says nothing
        return unknown
    text = "".join(sign if sign.isprintable() else "\ufffd" for sign in str(name))
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return escape(text, quote=False)


def labels(names: pd.Series[Any], unknown: str) -> list[str]:
    """The labels of these names; two names that look alike when shortened stay two."""
    found: list[str] = []
    for name in names:
        text = label(name, unknown)
        while text in found:
            text += "\u200b"
        found.append(text)
    return found


def top(frame: pd.DataFrame, columns: list[str], *, name: str = "model") -> pd.DataFrame:
    """The first rows of a frame that is sorted, the rest summed up in one row called "other"."""
    import pandas as pd

    if len(frame) <= MOST:
        return frame
    rest = frame.iloc[MOST - 1 :]
    summed = {column: [rest[column].sum(min_count=1)] for column in columns}
    other = pd.DataFrame({name: [f"other ({len(rest):,})"], **summed}).astype(frame.dtypes[[name, *columns]].to_dict())
    return pd.concat([frame.iloc[: MOST - 1][[name, *columns]], other], ignore_index=True)


def numbers(column: pd.Series[Any]) -> list[float | int | None]:
    """The values as plain numbers, None for unknown."""
    return [value if known else None for value, known in zip(column.tolist(), column.notna(), strict=True)]


def layout(figure: go.Figure, *, x: str, y: str, bars: int = 0) -> go.Figure:
    """The look of every built-in figure; `bars` is the number of horizontal bars, for the height in pixels."""
    figure.update_layout(
        template="none",
        colorway=list(PALETTE),
        margin={"l": 8, "r": 16, "t": 36, "b": 48},
        height=max(320, 120 + 26 * bars),
        xaxis={"title": {"text": x}, "automargin": True},
        yaxis={"title": {"text": y, "standoff": 14}, "automargin": True},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    return figure
