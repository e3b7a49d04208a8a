"""Numbers by their names, `duration.p95` or `errors.rate[model=gpt-4o]`: what gates bound and runs are compared by.

A name is a family and one of its statistics (of `measured`), or a metric and a column of its rows; in brackets stand
the values of other columns that pick one row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from logreport import figures, significance
from logreport.figures import FEW
from logreport.histogram import Histogram
from logreport.measured import FAMILIES, MOST_MODELS, RATES, Measured, Scope, Unit
from logreport.significance import NO_INTERVAL, Interval
from logreport.signs import visible

if TYPE_CHECKING:
    from logreport.baseline import BaselineCard
    from logreport.cards import Card

#: The statistics of each unit that lists and comparisons show. Any other percentile, as p99.9, has a name as well.
STATISTICS: Final[dict[Unit, tuple[str, ...]]] = {
    "seconds": ("mean", "p50", "p90", "p95", "p99", "max"),
    "tokens": ("total", "mean", "p50", "p95", "max"),
    "dollars": ("total", "per_1000_calls", "mean", "p95", "max"),
}

#: So many rows of a metric have names: more are no numbers that somebody looks after one by one.
MOST_ROWS: Final = 50

_PERCENTILE: Final = re.compile(r"p(100|\d{1,2}(?:\.\d{1,3})?)")

_NAME: Final = re.compile(r"([A-Za-z_]\w*)\.([A-Za-z_][\w.]*)(?:\[(.*)\])?", re.DOTALL)
_SELECTOR: Final = re.compile(r"([^\[\]=]+)=(.*)", re.DOTALL)

#: Between two brackets, and not within the name of a model, in which brackets may stand as well.
_BETWEEN: Final = re.compile(r"\]\[(?=[^\[\]=]+=)")


@dataclass(frozen=True, kw_only=True)
class Name:
    """The parts of a name: of a family or metric, of a statistic or column, and what picks the row."""

    family: str
    statistic: str
    selectors: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.family}.{self.statistic}" + "".join(f"[{key}={value}]" for key, value in self.selectors)

    @property
    def model(self) -> str | None:
        """The model that is asked for; None for all calls."""
        return dict(self.selectors).get("model")


@dataclass(frozen=True, kw_only=True)
class NamedNumber:
    """A number: its value in its unit (shares from 0 to 1), how many calls it is of, and its 95 % interval.

    Without a value, `reason` says why, as the rest of a sentence. `leaves_out` says what the number is not of, where
    that is something: a sum is really higher, and of a mean nobody knows. `sampled` says that other calls of the same
    kind would give another value by chance, which intervals are about: a percentile, a mean, a rate, no sum.
    """

    name: Name
    unit: Unit | None
    value: float | None = None
    calls: int | None = None
    interval: Interval = NO_INTERVAL
    reason: str = ""
    leaves_out: str = ""
    sampled: bool = False


#: How the statistics are said after what they are of, where their name does not do.
_SAID: Final = {"rate": "", "count": "", "per_1000_calls": " per 1,000 calls", "max": ", largest", "mean": ", mean"}


def label(name: Name) -> str:
    """A measured name as readers say it, without its model: `time to first token p95`."""
    family = name.family.replace("_", " ")
    if name.family in {"errors", "cut_off"} and name.statistic == "rate":
        return {"errors": "error rate", "cut_off": "cut off"}[name.family]
    return family + _SAID.get(name.statistic, f" {name.statistic}")


def parsed(text: str) -> Name | None:
    """The name that a text is; None where it is none."""
    found = _NAME.fullmatch(text.strip())
    if found is None:
        return None
    selectors = [_SELECTOR.fullmatch(part) for part in _BETWEEN.split(found[3])] if found[3] is not None else []
    if None in selectors:
        return None
    return Name(
        family=found[1], statistic=found[2], selectors=tuple((part[1].strip(), part[2]) for part in selectors if part)
    )


def meant(name: Name, known: Iterable[Name]) -> Name:
    """The one of these names that is meant: its brackets in any order, and a model as it is shown, on one line."""
    alike = [one for one in dict.fromkeys(known) if _shown(one) == _shown(name)]
    return alike[0] if len(alike) == 1 else name


def _shown(name: Name) -> tuple[str, str, list[tuple[str, str]]]:
    return name.family, name.statistic, sorted((key, visible(value).strip()) for key, value in name.selectors)


# ---------------------------------------------------------------- of what is measured


def is_measured(name: Name) -> bool:
    """Whether a name is one of what is measured, of all calls or of a model."""
    if any(key != "model" for key, _ in name.selectors) or len(name.selectors) > 1:
        return False
    if name.family in RATES:
        return name.statistic in {"rate", "count"}
    if name.family == "calls":
        return name.statistic == "count"
    family = FAMILIES.get(name.family)
    if family is None:
        return False
    return name.statistic in STATISTICS[family.unit] or bool(_PERCENTILE.fullmatch(name.statistic))


def is_sampled(name: Name) -> bool:
    """Whether a measured name is of a sample, and no sum or maximum."""
    return name.statistic not in {"total", "max", "count"}


def measured_names(measured: Measured) -> Iterator[Name]:
    """The names of all that is measured, of all calls first, then model by model."""
    for model in (None, *measured.models):
        selectors = () if model is None else (("model", model),)
        scope = measured.scope(model)
        assert scope is not None
        yield Name(family="calls", statistic="count", selectors=selectors)
        for family, values in FAMILIES.items():
            if family in scope.distributions:
                for statistic in STATISTICS[values.unit]:
                    yield Name(family=family, statistic=statistic, selectors=selectors)
        for rate in RATES:
            if scope.rates.get(rate) and scope.rates[rate].of:
                yield Name(family=rate, statistic="rate", selectors=selectors)
                yield Name(family=rate, statistic="count", selectors=selectors)


def number(measured: Measured, name: Name) -> NamedNumber:
    """The number of a name that `is_measured`."""
    scope = measured.scope(name.model)
    if scope is None:
        # Of more models than these, nobody knows whether it has calls.
        measured_all = len(measured.models) < MOST_MODELS
        why = f"no call is to {name.model}" if measured_all else f"it is none of the {MOST_MODELS} with most calls"
        return NamedNumber(name=name, unit=unit(name), reason=why)
    if name.family == "calls":
        return NamedNumber(name=name, unit="calls", value=scope.calls, calls=scope.calls)
    return _rate(scope, name) if name.family in RATES else _statistic(scope, name)


def unit(name: Name) -> Unit:
    """The unit of a measured name."""
    if name.family in FAMILIES:
        return FAMILIES[name.family].unit
    return "share" if name.statistic == "rate" else "calls"


def _rate(scope: Scope, name: Name) -> NamedNumber:
    rate = scope.rates.get(name.family)
    if rate is None or not rate.of:
        return NamedNumber(name=name, unit=unit(name), reason="no call tells")
    if name.statistic == "count":
        return NamedNumber(name=name, unit="calls", value=rate.hits, calls=rate.of)
    interval = significance.rate(rate.hits, rate.of)
    return NamedNumber(
        name=name, unit="share", value=rate.hits / rate.of, calls=rate.of, interval=interval, sampled=True
    )


def _statistic(scope: Scope, name: Name) -> NamedNumber:
    values = scope.distributions.get(name.family)
    if values is None or not values.count:
        return NamedNumber(name=name, unit=unit(name), reason=_why_none(scope, name.family))
    value, interval = _value(scope, values, name)
    lacking = name.family == "cost" and scope.unpriced_tokens and f"{scope.unpriced_tokens:,} tokens have no price"
    return NamedNumber(
        name=name,
        unit=unit(name),
        value=value,
        calls=values.count,
        interval=interval,
        leaves_out=lacking or "",
        sampled=is_sampled(name),
    )


def _why_none(scope: Scope, family: str) -> str:
    if family == "cost" and scope.unpriced_tokens:
        return f"none of {scope.unpriced_tokens:,} tokens has a price"
    other = "time_to_first_token_not_streamed"
    if family == "time_to_first_token" and other in scope.distributions:
        return f"none of these calls streamed, see {other}"
    return "no call tells"


def _value(scope: Scope, values: Histogram, name: Name) -> tuple[float | None, Interval]:
    """The value of a statistic, and its interval."""
    if name.statistic == "total":
        return values.total, NO_INTERVAL
    if name.statistic == "max":
        return values.largest, NO_INTERVAL
    if name.statistic in {"mean", "per_1000_calls"}:
        times = 1000 if name.statistic == "per_1000_calls" else 1
        low, high = significance.mean(values)
        ends = (None if end is None else times * end for end in (low, high))
        return None if values.mean is None else times * values.mean, Interval(*ends)
    exact = scope.exact.get(name.family, {}).get(name.statistic)
    if exact is not None:
        return exact[0], Interval(*exact[1:])
    percent = percent_of(name.statistic)
    return values.percentile(percent), significance.percentile(values, percent)


def percent_of(statistic: str) -> float:
    """95 of `p95`."""
    return float(statistic[1:])


# ---------------------------------------------------------------- of the rows of metrics


def row_names(card: Card | BaselineCard) -> Iterator[tuple[Name, float | int | None]]:
    """The names of a metric's numbers, each with its value: those of rows that texts tell apart.

    A metric whose rows are steps of time or bins of numbers has none: nobody bounds these one by one.
    """
    keys, columns = keys_and_numbers(list(card.columns), card.rows)
    if card.status != "ok" or len(card.rows) > MOST_ROWS or (len(card.rows) > 1 and not keys):
        return
    for row in card.rows:
        selectors = tuple((key, _key_text(key, row[key])) for key in keys)
        for column in columns:
            yield Name(family=card.name, statistic=column, selectors=selectors), row[column]


def keys_and_numbers(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """The columns that tell rows apart, of texts and flags, and those that have numbers.

    There is no key where the texts do not tell rows apart.
    """
    known = {name: [row[name] for row in rows if row[name] is not None] for name in columns}
    keys = [name for name, values in known.items() if values and all(isinstance(value, str | bool) for value in values)]
    numbers = [name for name, values in known.items() if values and all(_is_number(value) for value in values)]
    apart = {tuple(row[key] for key in keys) for row in rows}
    return (keys, numbers) if len(apart) == len(rows) else ([], numbers)


def _key_text(key: str, value: Any) -> str:
    """The value of a key as it stands in a name."""
    if value is None:
        return figures.UNKNOWN.get(key, "unknown")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def few(number: NamedNumber, least: int | None) -> bool:
    """Whether too few calls stand behind a number; where `least` is not said, `FEW` for those of samples but rates."""
    if number.calls is None:
        return False
    wanted = FEW if number.unit not in {"share", "calls"} and number.sampled else 1
    return number.calls < (wanted if least is None else least)
