"""What the built-in figures share: colours, labels, heights, and how many bars fit on a chart."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from html import escape
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Final

from logreport.signs import visible

if TYPE_CHECKING:
    import pandas as pd

#: The colours of models: told apart by colour-blind readers, and 3:1 against the page in light and in dark.
PALETTE: Final = (
    *("#056cd2", "#df7706", "#ab3c84", "#29a771", "#c62a0a"),
    *("#b282b4", "#46734a", "#9282ff", "#a15e69", "#7b5ea8"),
)

#: The colour of what is no single model: the unknown, and all others.
NEUTRAL: Final = "#82858b"

#: The colour of a chart that is not about models, so that no bar of it is taken for one.
PLAIN: Final = "#64809f"

#: The colours of percentiles, of which a chart shows several.
LEVELS: Final = {50: PALETTE[3], 90: PALETTE[0], 95: PALETTE[1], 99: PALETTE[4]}

#: The colours of calls that went well, that failed, and of which it is not told.
STATES: Final = {"ok": PLAIN, "error": PALETTE[4], "unknown": NEUTRAL}

#: A chart shows at most ten groups and the others in one; the table under it shows them all. Ten is as many colours as
#: can be told apart.
MOST: Final = 11

#: How a call is named that does not tell, by the label of the column.
UNKNOWN: Final = {
    "model": "unknown model",
    "request_type": "unknown type",
    "reason": "no reason told",
    "request_id": "no id",
    **dict.fromkeys(("p50", "p90", "p95", "p99"), "too few"),
    **{f"p{percent}_{end}": "none" for percent in (50, 90, 95, 99) for end in ("low", "high")},
}

#: A mean of fewer calls than these says so.
FEW: Final = 20

#: Up to so many, an axis has a tick for each.
_COUNTED: Final = 5

#: Pixels: the least height of a figure, and what its axis and legend take of it.
_LEAST: Final = 250
_AROUND: Final = 84

#: Pixels: the height of a figure whose bars stand upright.
_UPRIGHT: Final = 300


def label(name: Any, unknown: str) -> str:
    """A name from a log as text on a chart: Plotly reads markup in labels, so none may be left in it.

    How much of it stands on the page is the page's decision; pointed at, it is whole.
    """
    return unknown if is_unknown(name) else escape(visible(str(name)), quote=False)


def is_unknown(value: Any) -> bool:
    """Whether this is how a frame says nothing: None, NaN or NA."""
    import pandas as pd

    return value is None or value is pd.NA or (isinstance(value, float) and value != value)  # noqa: PLR0124


def labels(names: pd.Series[Any], unknown: str | None = None) -> list[str]:
    """The labels of these names; two names that look alike stay two. `unknown` is taken from the column's own name."""
    unknown = unknown or UNKNOWN.get(str(names.name), "unknown")
    found: dict[str, None] = {}
    for name in names:
        text = label(name, unknown)
        tries = chain([text], (f"{text} ({number})" for number in count(2)))
        found[next(shown for shown in tries if shown not in found)] = None
    return list(found)


def assign(names: Iterable[Any]) -> dict[Any, str]:
    """A colour for each name, distinct while the palette lasts; the first names choose first.

    A name asks for the colour that its own letters give, so that it mostly has the same one in every report.
    """
    given: dict[Any, str] = {}
    free = list(PALETTE)
    for name in dict.fromkeys(names):
        if is_unknown(name):
            continue
        free = free or list(PALETTE)
        wanted = PALETTE[zlib.crc32(str(name).encode("utf-8", "replace")) % len(PALETTE)]
        given[name] = wanted if wanted in free else free[0]
        free.remove(given[name])
    return given


def colours(frame: pd.DataFrame, names: pd.Series[Any]) -> list[str]:
    """The colour of each of these models, the same in every chart of a report; grey for the unknown and for others.

    The report puts the colours into `frame.attrs["colours"]`; a frame without them gets colours of its own.
    """
    given = frame.attrs.get("colours") or assign(names)
    return [given.get(name, NEUTRAL) for name in names]


def top(frame: pd.DataFrame, columns: list[str], *, name: str = "model") -> pd.DataFrame:
    """The first rows of a frame that is sorted, the rest summed up in one row called "other"."""
    import pandas as pd

    if len(frame) <= MOST:
        return frame
    rest = frame.iloc[MOST - 1 :]
    summed = {column: [rest[column].sum(min_count=1)] for column in columns}
    other = pd.DataFrame({name: [f"other ({len(rest):,})"], **summed}).astype(frame.dtypes[[name, *columns]].to_dict())
    return pd.concat([frame.iloc[: MOST - 1][[name, *columns]], other], ignore_index=True)


def listed(names: Iterable[Any], most: int = 5) -> str:
    """Names from a log in a sentence, the first of them if they are many."""
    found = [visible(str(name)) for name in names if not is_unknown(name)]
    more = len(found) - most
    return ", ".join(found[:most]) + (f" and {more:,} more" if more > 0 else "")


def numbers(column: pd.Series[Any]) -> list[float | int | None]:
    """The values as plain numbers, None for unknown."""
    return [value if known else None for value, known in zip(column.tolist(), column.notna(), strict=True)]


def ticks_of_counts(counts: Iterable[Any]) -> dict[str, Any]:
    """For an axis of few counts: there is no half of a call."""
    most = max((count for count in counts if count is not None), default=0)
    return {"tickvals": list(range(int(most) + 1))} if 0 < most <= _COUNTED else {}


def _gap(bars: int) -> float:
    """How much of its place a bar leaves free: few bars stay as thin as many are."""
    place = max(30.0, (_LEAST - _AROUND) / bars)
    return round(1 - min(0.7 * place, 28) / place, 2)


def layout(
    *,
    x: str,
    y: str,
    bars: int = 0,
    xaxis: Mapping[str, Any] | None = None,
    yaxis: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The layout of every built-in figure, whole from the start: updates of a figure take four times as long.

    `x` and `y` are the titles of the axes, and `bars` is the number of horizontal bars, for the height in pixels.
    `xaxis`, `yaxis` and `more` are what a figure has beyond the common look, in Plotly's words.
    """
    # The first row is the first to be read; and a model may be called 7, which is no number here.
    upright = {"type": "category", "autorange": "reversed"} if bars else {}
    return {
        "template": "none",
        "colorway": list(PALETTE),
        "height": max(_LEAST, _AROUND + 30 * bars) if bars else _UPRIGHT,
        "bargap": _gap(bars) if bars else 0.3,
        "xaxis": {"title": {"text": x}, **(xaxis or {})},
        "yaxis": {"title": {"text": y}, **upright, **(yaxis or {})},
        **more,
    }
