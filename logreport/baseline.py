"""What a report is compared with: an earlier report, as its JSON has it. Runs and logs become one by being reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from logreport.errors import BadInput
from logreport.histogram import Histogram, bin_number
from logreport.measured import FAMILIES, RATES, Measured, Rate, Scope

if TYPE_CHECKING:
    import pandas as pd

#: The version of the JSON that `export` writes, and that is read here: raised when a reader would have to change.
SCHEMA_VERSION: Final = 2

#: What a column of a metric's rows holds: a time is ISO 8601 with its offset, a duration seconds.
ColumnType = Literal["integer", "number", "time", "text", "other"]

_HINT: Final = "give `--baseline` the file that `logreport report --json FILE` wrote, a log, or the name of a run"


@dataclass(frozen=True, kw_only=True)
class BaselineCard:
    """A metric's answer in the baseline: its rows as a `Card` has them, what their columns hold, the step."""

    name: str
    status: str
    columns: Mapping[str, ColumnType]
    rows: list[dict[str, Any]]
    step: timedelta

    def frame(self, zone: str) -> pd.DataFrame:
        """The frame that the metric's figure was drawn from, its times in this zone."""
        import pandas as pd

        return pd.DataFrame(
            {name: _series([row.get(name) for row in self.rows], type_, zone) for name, type_ in self.columns.items()}
        )


def _series(values: list[Any], type_: ColumnType, zone: str) -> pd.Series[Any]:
    import pandas as pd

    if type_ == "time":
        return (
            pd.Series(pd.to_datetime(values, utc=True, format="ISO8601"))
            .astype("datetime64[us, UTC]")
            .dt.tz_convert(zone)
        )
    # As a store has it: whole numbers of which a query does not say that they are.
    plain = "int64" if type_ == "other" and values and all(type(value) is int for value in values) else "object"
    return pd.Series(values, dtype={"integer": "Int64", "number": "float64"}.get(type_, plain))


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """An earlier report. `name` says which, as a reader would; times have a zone; `headline` is as the JSON has it.

    `step` and `timezone` are those of its steps of time.
    """

    name: str
    made: datetime | None
    first: datetime | None
    last: datetime | None
    step: timedelta
    models: tuple[str, ...]
    request_types: tuple[str, ...]
    sources: tuple[str, ...]
    prices: str
    headline: Mapping[str, Any]
    measured: Measured
    cards: Mapping[str, BaselineCard]
    timezone: str = "UTC"


# ---------------------------------------------------------------- reading


#: Squares of what is larger than that are beyond floating numbers.
_MOST: Final = 1e100

# Of no file that somebody changed may come a count or a value that numbers cannot be made of.
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Value = Annotated[float, msgspec.Meta(ge=0, le=_MOST)]
_Bin = Annotated[int, msgspec.Meta(ge=bin_number(5e-324), le=bin_number(_MOST))]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=int(timedelta.max.total_seconds()))]


class _Histogram(msgspec.Struct):
    bins: list[_Bin]
    calls: list[_Count]
    zeros: _Count
    total: _Value
    largest: _Value | None


class _Scope(msgspec.Struct):
    calls: _Count
    rates: dict[str, tuple[_Count, _Count]]
    distributions: dict[str, _Histogram]
    percentiles: dict[str, dict[str, tuple[float, float | None, float | None]]]
    unpriced_tokens: _Count


class _Measured(msgspec.Struct):
    all: _Scope
    models: dict[str, _Scope]


class _Window(msgspec.Struct):
    models: list[str]
    request_types: list[str]
    timezone: str
    bucket_seconds: _Seconds
    first: _Moment | None
    last: _Moment | None


class _Metric(msgspec.Struct):
    status: str
    columns: dict[str, ColumnType]
    step_seconds: _Seconds
    rows: list[dict[str, Any]]


class _Ingest(msgspec.Struct):
    source: str


class _Document(msgspec.Struct):
    schema_version: int
    made: _Moment
    calls: _Count
    headline: dict[str, Any]
    prices: str | None
    window: _Window
    ingests: list[_Ingest]
    metrics: dict[str, _Metric]
    measured: _Measured | None = None


class _Version(msgspec.Struct):
    schema_version: int | None = None


def read_baseline(data: bytes, name: str) -> Baseline:
    """The baseline that the JSON of a report is.

    Raises:
        BadInput: it is of another version, broken, or has nothing to compare with.
    """
    try:
        version = msgspec.json.decode(data, type=_Version).schema_version
        if version != SCHEMA_VERSION:
            raise BadInput(
                f"{name}: it is a report of schema version {version}, and this logreport reads {SCHEMA_VERSION}",
                "make it again with this version of logreport",
            )
        document = msgspec.json.decode(data, type=_Document)
        if document.measured is None:
            raise BadInput(f"{name}: the report has no `measured` to compare with", _HINT)
        return _baseline(document, document.measured, name)
    except (msgspec.DecodeError, ValueError) as problem:
        raise BadInput(f"{name}: it is a report that cannot be read: {problem}", _HINT) from problem


def _baseline(document: _Document, measured: _Measured, name: str) -> Baseline:
    window = document.window
    return Baseline(
        name=name,
        made=document.made,
        first=window.first,
        last=window.last,
        step=timedelta(seconds=window.bucket_seconds),
        timezone=window.timezone,
        models=tuple(window.models),
        request_types=tuple(window.request_types),
        sources=tuple(sorted({ingest.source for ingest in document.ingests if ingest.source})),
        prices=document.prices or "",
        headline=document.headline | {"calls": document.calls},
        measured=Measured(
            whole=_scope(measured.all), models={model: _scope(scope) for model, scope in measured.models.items()}
        ),
        cards={
            metric: BaselineCard(
                name=metric,
                status=found.status,
                columns=found.columns,
                rows=found.rows,
                step=timedelta(seconds=found.step_seconds),
            )
            for metric, found in document.metrics.items()
        },
    )


def _scope(found: _Scope) -> Scope:
    return Scope(
        calls=found.calls,
        rates={name: _rate(*rate) for name, rate in found.rates.items() if name in RATES},
        distributions={
            name: _histogram(values, whole=FAMILIES[name].unit == "tokens")
            for name, values in found.distributions.items()
            if name in FAMILIES
        },
        exact=found.percentiles,
        unpriced_tokens=found.unpriced_tokens,
    )


def _rate(hits: int, of: int) -> Rate:
    if hits > of:
        raise ValueError("a rate has more hits than calls")
    return Rate(hits, of)


def _histogram(found: _Histogram, *, whole: bool) -> Histogram:
    if len(found.bins) != len(found.calls) or sorted(set(found.bins)) != found.bins or min(found.calls, default=1) < 1:
        raise ValueError("the bins of a distribution are not in order, or not as many as their calls")
    return Histogram(
        bins=tuple(found.bins),
        calls=tuple(found.calls),
        zeros=found.zeros,
        total=found.total,
        largest=found.largest,
        whole=whole,
    )
