"""Helpers for authors of metrics and sources: the contract that a metric keeps, and answers to check by hand.

    from logreport.testing import calls, check_metric, frame_of, load_logs

    def test_it_is_a_good_metric():
        check_metric(MY_METRIC)

    def test_two_calls():
        frame = frame_of(MY_METRIC, calls({"model": "a", "tokens": 2}, {"model": "a", "tokens": 3}))
        assert frame["tokens"].tolist() == [5]

    def test_my_logs():
        (call,) = load_logs("log.jsonl", sources=[MY_SOURCE]).calls

No test framework is needed: what is wrong is raised as an `AssertionError` with a sentence that says what to change.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import sqlalchemy as sa

from logreport.call import CALL_COLUMNS, Call
from logreport.errors import LogReportError
from logreport.ingest import IngestedFile, Ingester, IngestOptions
from logreport.metric import Metric, Window
from logreport.plugins import check_name, load_plugins, one_line
from logreport.price_file import OwnPrice, OwnPrices
from logreport.pricing import Span, rates
from logreport.rates import Priced
from logreport.reading import Wish
from logreport.source import Field, Rejected, Source
from logreport.store import open_store

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from logreport.store import Store

#: The time of the first of some `calls`, UTC without a zone; the others follow minute by minute.
START: Final = datetime(2024, 12, 18, 16, 0)

_MINUTE: Final = timedelta(minutes=1)
_MEMORY: Final = "duckdb:///:memory:"

#: Every kind of database that a metric must be understood by, and where its spellings are. Nothing connects.
_DATABASES: Final = {
    _MEMORY: "logreport.databases.duckdb",
    "postgresql+psycopg2://": "logreport.databases.postgresql",
}

#: How each kind of column is called in the SELECT that a store loads.
_TYPES: Final = {
    "time": "TIMESTAMP",
    "text": "VARCHAR",
    "number": "DOUBLE",
    "seconds": "DOUBLE",
    "count": "BIGINT",
    "flag": "BOOLEAN",
}

#: What the sample's calls cost, besides those of models that the price list knows.
_PRICES: Final = OwnPrices(
    name="prices of the tests",
    prices=(OwnPrice(model="large", input=1.0, output=2.0, cache_read=0.1),),
)

Row = dict[str, Any]
A = TypeVar("A")


def calls(*given: Mapping[str, Any]) -> list[Row]:
    """Complete calls to load: what is not given is NULL, but for `created`, which goes on minute by minute.

    Units are those of `Call`: seconds, counts of tokens, UTC without a zone. An unknown column is a ValueError.
    """
    rows = []
    for number, columns in enumerate(given):
        strange = set(columns) - set(CALL_COLUMNS)
        if strange:
            raise ValueError(f"a call has no column {', '.join(sorted(strange))}; it has {', '.join(CALL_COLUMNS)}")
        rows.append(dict.fromkeys(CALL_COLUMNS) | {"created": START + number * _MINUTE} | dict(columns))
    return rows


def sample_calls(count: int = 240) -> list[Row]:
    """`count` ordinary calls, one a minute, in which every column has values, most of them also a NULL."""
    return calls(*(_sample_call(number) for number in range(count)))


def _sample_call(number: int) -> Row:
    streamed = number % 5 == 0
    known = {
        "model": ("large", "small", "small", None)[number % 4],
        "provider": ("here", "there")[number % 2],
        "request_type": ("text", "json", None)[number % 3],
        "temperature": (0.0, 0.7, 1.0, None)[number % 4],
        "max_tokens": (1000, 16000)[number % 2],
        "stream": streamed,
        "cache_read_tokens": number % 7,
        "cache_write_tokens": number % 3,
        "reasoning_tokens": number % 4,
        "time_to_first_token": 0.25 if streamed else 2.0,
        "duration": 2.0,
        "status": ("ok", "error")[number % 10 == 0],
        "error": ("overloaded", None)[number % 10 != 0],
        "finish_reason": ("stop", "length")[number % 2],
        "service_tier": ("default", "flex")[number % 2],
        "user_id": ("ann", "bob")[number % 2],
        "session_id": ("one", "two")[number % 2],
        "cost": (0.01, 0.25)[number % 2],
        "request_id": f"request-{number}",
    }
    tokens = {"prompt_tokens": 300, "completion_tokens": 20 * (number % 3), "tokens": 300 + 20 * (number % 3)}
    return known if streamed else known | tokens


@contextmanager
def store_of(rows: Sequence[Row]) -> Iterator[Store]:
    """A store in memory that holds these calls, as one ingest without a run."""
    with open_store(_MEMORY) as store:
        if rows:
            _load(store, rows)
        yield store


def _load(store: Store, rows: Sequence[Row]) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    with store.loading() as load:
        loaded = load.add(_select(rows))
        load.finish(
            path="calls.json",
            sha256="0" * 64,
            bytes=0,
            source="testing",
            run=None,
            read=loaded,
            loaded=loaded,
            merged=0,
            skipped=0,
            rejected=0,
            started=now,
            finished=now,
        )


def _select(rows: Sequence[Row]) -> str:
    """The calls as the SELECT that a store loads."""
    values = ", ".join(f"({', '.join(_literal(name, row[name]) for name in CALL_COLUMNS)})" for row in rows)
    return f"SELECT * FROM (VALUES {values}) AS calls ({', '.join(CALL_COLUMNS)})"


def _literal(column: str, value: object) -> str:
    text = "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
    return f"CAST({text} AS {_TYPES[CALL_COLUMNS[column]]})"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What became of some log files: the calls, without the columns that are unknown, and what is told of each file."""

    calls: list[Row]
    files: tuple[IngestedFile, ...]
    rejected: tuple[Rejected, ...]


def load_logs(
    *logs: str | Path,
    sources: Sequence[Source] | None = None,
    source: str | None = None,
    zone: str = "UTC",
    origin: datetime | None = None,
    mapping: Mapping[str, Field] | None = None,
) -> Loaded:
    """Load log files as `logreport ingest` does, and answer the calls, oldest first.

    `sources` are all that are installed unless others are given; the rest is what the command's options say: `source`,
    the `zone` of times without an offset, the `origin` of logs without a calendar (UTC without a zone), a `mapping`.
    """
    installed = [offer.value for offer in load_plugins().sources] if sources is None else sources
    wish = Wish(source=source, zone=zone, origin=origin, mapping=mapping or {})
    rejected: list[Rejected] = []
    with open_store(_MEMORY) as store:
        ingester = Ingester(
            store=store,
            sources=installed,
            options=IngestOptions(wish=wish),
            on_reject=lambda _name, one: rejected.append(one),
        )
        summary = ingester.run([str(log) for log in logs])
        columns = [getattr(Call, column) for column in CALL_COLUMNS]
        rows = store.rows(sa.select(*columns).order_by(Call.created, Call.request_id, Call.prompt_tokens))
    known = [{column: value for column, value in row.items() if value is not None} for row in rows]
    return Loaded(calls=known, files=summary.files, rejected=tuple(rejected))


def frame_of(metric: Metric, rows: Sequence[Row], window: Window | None = None) -> pd.DataFrame:
    """What the metric's query answers when these calls are all there is: the frame that its figure will get."""
    with store_of(rows) as store:
        return _answer(store, metric, _fitted(window or Window(), rows))


def _fitted(window: Window, rows: Sequence[Row]) -> Window:
    """The window with the times of the first and last call and with the rates, as a report fills them in."""
    times = [row["created"].replace(tzinfo=UTC) for row in rows if row["created"] is not None]
    first, last = (min(times), max(times)) if times else (None, None)
    kinds = sorted({Priced(row["model"], row["provider"], row["service_tier"]) for row in rows}, key=str)
    longest = max((row["prompt_tokens"] for row in rows if row["prompt_tokens"] is not None), default=None)
    span = Span(first=first, last=last, most_prompt_tokens=longest, now=datetime.now(UTC))
    return replace(window, first=first, last=last, rates=rates(kinds, span, _PRICES))


def _answer(store: Store, metric: Metric, window: Window) -> pd.DataFrame:
    return store.frame(metric.query(window))


def check_metric(metric: Metric) -> None:
    """Hold a metric to the contract, on real calls and on none; raise `AssertionError` with what to change.

    It is described; it requires columns that exist; its query is understood by every database, labels its columns,
    looks through the window only and answers in groups; its figure has a trace, named axes, and survives no rows.
    """
    _require(isinstance(metric, Metric), f"check_metric takes a logreport.Metric, not a {type(metric).__name__}")
    _check_description(metric)
    _check_query(metric)
    rows = sample_calls()
    with store_of(()) as store:
        nothing = _asked(metric, lambda: _answer(store, metric, Window()), "on no calls")
    _check_figure(metric, nothing, "on no calls")
    with store_of(rows) as store:
        frame = _asked(metric, lambda: _answer(store, metric, _fitted(Window(), rows)), "on calls")
        _check_groups(metric, frame, len(rows))
        _check_window(metric, store, nothing, rows)
    figure = _check_figure(metric, frame, "on calls")
    _require(bool(figure.data), f"`figure` of {metric.name} draws nothing on calls: give it a trace")
    _check_axes(metric, figure)


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise AssertionError(sentence)


def _asked(metric: Metric, ask: Callable[[], A], where: str, what: str = "query") -> A:
    try:
        return ask()
    except Exception as problem:
        raise AssertionError(f"`{what}` of {metric.name} fails {where}: {one_line(problem)}") from problem


def _check_description(metric: Metric) -> None:
    try:
        check_name(metric)
    except LogReportError as problem:
        raise AssertionError(problem.message) from problem
    for field in ("title", "description"):
        value = getattr(metric, field)
        _require(
            isinstance(value, str) and bool(value.strip()), f"{metric.name} has no {field}: readers see it on the page"
        )
    _require(
        not isinstance(metric.requires, str), f'`requires` of {metric.name} is a text: write ("{metric.requires}",)'
    )
    strange = [name for name in metric.requires if name not in Call.__table__.columns]
    _require(
        not strange,
        f"`requires` of {metric.name} names {', '.join(map(str, strange))}, which a call does not have;"
        f" it has {', '.join(CALL_COLUMNS)}",
    )


def _check_query(metric: Metric) -> None:
    """Compile the query for every database, and look at its labels."""
    window = _fitted(Window(), sample_calls(2))
    query = _asked(metric, lambda: metric.query(window), "to be made")
    _require(
        isinstance(query, sa.Select),
        f"`query` of {metric.name} gives a {type(query).__name__}, not a sqlalchemy Select",
    )
    _check_labels(metric, query)
    for url, spellings in _DATABASES.items():
        importlib.import_module(spellings)
        dialect = sa.make_url(url).get_dialect()()
        _asked(metric, partial(query.compile, dialect=dialect), f"to compile for {dialect.name}")


def _check_labels(metric: Metric, query: sa.Select[Any]) -> None:
    names = [getattr(column, "name", None) for column in query.selected_columns]
    for column, name in zip(query.selected_columns, names, strict=True):
        # What has no name gets one made of a memory address, "%(140… anon)s".
        _require(
            isinstance(name, str) and not name.startswith("%("),
            f"`query` of {metric.name} has a column without a name: add `.label(...)` to `{column}`",
        )
    twice = [name for name, number in Counter(names).items() if number > 1]
    _require(not twice, f"`query` of {metric.name} has two columns called {twice}: label them apart")


def _check_groups(metric: Metric, frame: pd.DataFrame, count: int) -> None:
    _require(
        len(frame) < count,
        f"`query` of {metric.name} answers {len(frame)} rows for {count} calls: aggregate, so that pages stay small",
    )


def _check_window(metric: Metric, store: Store, nothing: pd.DataFrame, rows: Sequence[Row]) -> None:
    """Look through windows in which there is no call."""
    first, last = (row["created"].replace(tzinfo=UTC) for row in (rows[0], rows[-1]))
    for filter_, window in {
        "since": Window(since=last + _MINUTE),
        "until": Window(until=first),
        "models": Window(models=("no such model",)),
        "request_types": Window(request_types=("no such type",)),
        "runs": Window(runs=("no such run",)),
    }.items():
        frame = _asked(metric, partial(_answer, store, metric, window), f"in a window with `{filter_}`")
        _require(
            frame.equals(nothing),
            f"`query` of {metric.name} sees calls outside of the window (`{filter_}`): use `window.select(...)`",
        )


def _check_figure(metric: Metric, frame: pd.DataFrame, where: str) -> go.Figure:
    import plotly.graph_objects as go

    figure = _asked(metric, lambda: metric.figure(frame), where, "figure")
    _require(
        isinstance(figure, go.Figure), f"`figure` of {metric.name} gives a {type(figure).__name__}, not a plotly Figure"
    )
    notes: object = _asked(metric, lambda: metric.notes(frame) if metric.notes else [], where, "notes")
    _require(
        isinstance(notes, list) and all(isinstance(note, str) for note in notes),
        f"`notes` of {metric.name} gives {notes!r}, not a list of sentences",
    )
    return figure


def _check_axes(metric: Metric, figure: go.Figure) -> None:
    """Every axis a trace is drawn on has a title; pies and tables have none."""
    for trace in figure.data:
        for axis in ("xaxis", "yaxis"):
            if axis in trace:
                name = axis + (trace[axis] or axis[0])[1:]
                _require(
                    bool(figure.layout[name].title.text),
                    f"`figure` of {metric.name} has no title on its {name}: name what is shown and its unit",
                )
