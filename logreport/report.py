"""The answers: what the calls of a window say, as numbers and figures. No HTML."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from logreport import __version__, sql
from logreport.call import CALL_COLUMNS, Call
from logreport.errors import BadWindow, LogReportError
from logreport.metric import Metric, Window
from logreport.plugins import one_line

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from logreport.store import Store

Status = Literal["ok", "empty", "failed"]

#: Time charts have at most this many points where the width is chosen from the span.
MOST_POINTS: Final = 500

#: A width asked for by hand may give this many points, not more: a page is for reading.
LIMIT_POINTS: Final = 5000

#: A step wider than this would begin before calendars do.
WIDEST: Final = timedelta(days=36_525)

#: The steps a reader expects on a clock and a calendar, in seconds.
WIDTHS: Final = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10800, 21600, 43200),
    *(86400, 2 * 86400, 7 * 86400, 14 * 86400, 28 * 86400, 91 * 86400, 364 * 86400, 3640 * 86400),
)

#: How the columns of `Call` are called in a sentence, where the name itself does not do.
_SPOKEN: Final = {"created": "time", "tokens": "token count", "prompt_tokens": "prompt token count"}


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The figures at the top: counts of calls and tokens; times in the report's zone. None is unknown."""

    calls: int
    tokens: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    models: int
    first: datetime | None
    last: datetime | None
    errors: int | None
    without_tokens: int


@dataclass(frozen=True, kw_only=True)
class Card:
    """One metric's answer. `rows` are plain values under the query's labels; a time is ISO 8601 with its offset."""

    name: str
    title: str
    description: str
    status: Status
    reason: str
    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    figure: go.Figure | None
    notes: tuple[str, ...]
    plugin: str


@dataclass(frozen=True, kw_only=True)
class IngestLine:
    """One file that was read: read = loaded + merged + skipped + rejected, unless it was there before."""

    path: str
    sha256: str
    source: str
    run: str | None
    read: int
    loaded: int
    merged: int
    skipped: int
    rejected: int
    already_ingested: bool
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """All answers about one window. `made` is UTC."""

    title: str
    version: str
    made: datetime
    window: Window
    headline: Headline
    cards: tuple[Card, ...]
    ingests: tuple[IngestLine, ...]


def make_report(
    store: Store,
    metrics: Sequence[tuple[Metric, str]],
    window: Window,
    *,
    title: str,
    bucket: timedelta | None,
    ingests: Sequence[IngestLine],
) -> Report:
    """Ask every metric (given with its plugin's name) about the window; `bucket` None chooses it from the span.

    Raises:
        BadWindow: the time zone is unknown, or the bucket does not fit the span.
        LogReportError: SOURCE_DATE_EPOCH is not a time.
    """
    zone = _zone(window.timezone)
    columns = sorted({column for metric, _ in metrics for column in metric.requires} & CALL_COLUMNS.keys())
    facts = store.rows(window.select(*_headline(), *(_known(column) for column in columns)))[0]
    first, last = _aware(facts["first"]), _aware(facts["last"])
    window = replace(window, first=first, last=last, bucket=_bucket(first, last, bucket))
    return Report(
        title=title,
        version=__version__,
        made=_made(),
        window=window,
        headline=_told(facts, first, last, zone),
        cards=tuple(_card(store, metric, plugin, window, facts) for metric, plugin in metrics),
        ingests=tuple(ingests),
    )


def ingest_lines(store: Store, window: Window) -> list[IngestLine]:
    """What the store was loaded from; only the window's runs where it names any."""
    return [
        IngestLine(**{name: row[name] for name in IngestLine.__annotations__ if name in row}, already_ingested=False)
        for row in store.ingests()
        if not window.runs or row["run"] in window.runs
    ]


def _headline() -> list[Any]:
    def total(column: Any) -> Any:
        return sa.func.sum(column, type_=sa.BigInteger())

    return [
        sa.func.count().label("calls"),
        sql.sum_of_tokens().label("tokens"),
        total(Call.prompt_tokens).label("prompt_tokens"),
        total(Call.completion_tokens).label("completion_tokens"),
        sa.func.count(sa.distinct(Call.model)).label("models"),
        sa.func.min(Call.created).label("first"),
        sa.func.max(Call.created).label("last"),
        # Where no call tells how it went, how many failed is unknown.
        sa.case((_told_how(), sql.count_where(Call.status == "error"))).label("errors"),
        sql.count_where(~sql.tokens_known()).label("without_tokens"),
    ]


def _told_how() -> sa.ColumnElement[bool]:
    return (sa.func.count(Call.status) > 0) | (sa.func.count() == 0)


def _known(column: str) -> Any:
    known = sql.tokens_known() if column == "tokens" else getattr(Call, column).is_not(None)
    return sql.count_where(known).label(f"known_{column}")


def _told(facts: dict[str, Any], first: datetime | None, last: datetime | None, zone: ZoneInfo) -> Headline:
    counts = {name: facts[name] for name in Headline.__annotations__ if name in facts and name not in {"first", "last"}}
    return Headline(
        **counts,
        first=_shown(first, zone),
        last=_shown(last, zone),
    )


def _shown(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    try:
        return moment.astimezone(zone) if moment else None
    except OverflowError:  # at the very ends of the calendar
        return moment


def _card(store: Store, metric: Metric, plugin: str, window: Window, facts: dict[str, Any]) -> Card:
    card = Card(
        name=metric.name,
        title=metric.title,
        description=metric.description,
        status="ok",
        reason="",
        columns=(),
        rows=[],
        figure=None,
        notes=(),
        plugin=plugin,
    )
    try:
        return _answered(store, metric, window, card, facts)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a plugin raises costs its own card, nothing else
        return replace(card, status="failed", reason=one_line(error))


def _answered(store: Store, metric: Metric, window: Window, card: Card, facts: dict[str, Any]) -> Card:
    empty = _why_empty(metric, facts)
    frame = _local(store.frame(metric.query(window)), window.timezone)
    card = replace(card, columns=tuple(map(str, frame.columns)), rows=_rows(frame))
    if empty or frame.empty:
        return replace(card, status="empty", reason=empty or "no call in this window has what this metric shows")
    return replace(card, figure=_drawn(metric, frame), notes=(*_noted(metric, frame), *_missing(metric, facts)))


def _drawn(metric: Metric, frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    figure = metric.figure(frame)
    if not isinstance(figure, go.Figure):
        raise TypeError(f"its figure is a {type(figure).__name__}, not a plotly Figure")
    return figure


def _noted(metric: Metric, frame: pd.DataFrame) -> list[str]:
    notes: object = metric.notes(frame) if metric.notes else []
    if not isinstance(notes, list | tuple) or not all(isinstance(note, str) for note in notes):
        raise TypeError("its notes are not a list of sentences")
    return list(notes)


def _missing(metric: Metric, facts: dict[str, Any]) -> list[str]:
    """How many calls lack what the metric needs: a chart must not look as if it were about all of them."""
    said = []
    for column in metric.requires:
        without = facts["calls"] - facts[f"known_{column}"]
        if without:
            verb = "has" if without == 1 else "have"
            said.append(f"{without:,} of the {facts['calls']:,} calls in this window {verb} no {_spoken(column)}.")
    return said


def _spoken(column: str) -> str:
    return _SPOKEN.get(column, column.replace("_", " "))


def _why_empty(metric: Metric, facts: dict[str, Any]) -> str:
    for column in metric.requires:
        if column not in CALL_COLUMNS:
            raise ValueError(f"it requires {column}, which a call does not have")
    if not facts["calls"]:
        return "there is no call in this window"
    lacking = [_spoken(column) for column in metric.requires if not facts[f"known_{column}"]]
    return f"no call in this window has a {' or a '.join(lacking)}" if lacking else ""


def _local(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    """The frame with its times in the report's zone."""
    for column in frame.select_dtypes("datetime").columns:
        frame[column] = frame[column].dt.tz_localize("UTC").dt.tz_convert(zone)
    return frame


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    columns = [
        [
            _plain(value) if known else None
            for value, known in zip(frame[name].tolist(), frame[name].notna(), strict=True)
        ]
        for name in frame.columns
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return None  # JSON has no word for it
    return value.isoformat() if isinstance(value, datetime) else value


def _bucket(first: datetime | None, last: datetime | None, asked: timedelta | None) -> timedelta:
    span = (last - first).total_seconds() if first and last else 0.0
    if asked is None:
        return timedelta(seconds=next((width for width in WIDTHS if span // width + 2 <= MOST_POINTS), WIDTHS[-1]))
    if asked < timedelta(seconds=1) or asked % timedelta(seconds=1) or asked > WIDEST:
        raise BadWindow(f"not a bucket width: {asked}", "it takes whole seconds, from one to a century")
    if span / asked.total_seconds() > LIMIT_POINTS:
        raise BadWindow(
            f"a bucket of {asked} gives {span / asked.total_seconds():,.0f} points over this span",
            "choose a wider `--bucket`, or a narrower window with `--since` and `--until`",
        )
    return asked


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadWindow(f"unknown time zone: {name}", "use an IANA name such as `Europe/Berlin` or `UTC`") from None


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _made() -> datetime:
    """Now, or the time that reproducible builds set (https://reproducible-builds.org/specs/source-date-epoch/)."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise LogReportError(f"SOURCE_DATE_EPOCH is not a time: {given}", "it takes whole seconds since 1970") from None
