"""Every number of the page as JSON, for programs. `docs/report.schema.json` describes it, field by field."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from logreport.baseline import SCHEMA_VERSION
from logreport.histogram import GROWTH

if TYPE_CHECKING:
    from logreport.cards import Card
    from logreport.comparison import Change, Comparison
    from logreport.gates import Gate
    from logreport.headline import Trend
    from logreport.histogram import Histogram
    from logreport.history import Past
    from logreport.measured import Measured, Scope
    from logreport.metric import Window
    from logreport.report import Report


#: A list of numbers over several lines.
_NUMBERS: Final = re.compile(r"\[\n[-+0-9.eE,\snul]*\]")


def report_json(report: Report) -> dict[str, Any]:
    """The report as plain values: numbers are numbers, unknown is null, times are ISO 8601 with their offset."""
    headline = asdict(report.headline)
    spend = headline.pop("spend")
    headline |= {
        "cost": spend["cost"],
        "cost_per_1000_calls": report.headline.spend.per_1000_calls,
        "priced_calls": spend["calls"],
        "priced_tokens": spend["tokens"],
        "told_tokens": spend["told_tokens"],
        "unpriced_models": list(spend["unpriced_models"]),
        "logged_cost": spend["logged"],
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "title": report.title,
        "version": report.version,
        "made": report.made.isoformat(),
        "calls": headline.pop("calls"),
        "headline": {name: _plain(value) for name, value in headline.items()},
        "prices": report.window.rates.told or None,
        "findings": [asdict(said) for said in report.remarks.said],
        "trend": _trend(report.trend),
        "window": _window(report.window),
        "ingests": [asdict(line) for line in report.ingests],
        "metrics": {card.name: _card(card) for card in report.cards},
        "measured": _measured(report.measured) if report.measured else None,
        "comparison": _comparison(report.comparison) if report.comparison else None,
        "gates": [_gate(gate) for gate in report.gates] or None,
        "history": [_past(one) for one in report.history],
    }


def dumps(document: dict[str, Any]) -> str:
    """The document as text with a line feed at its end."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    # A line a number would be most of the file. In texts line feeds are escaped, so that none of this is in one.
    return _NUMBERS.sub(lambda numbers: re.sub(r"\n *", " ", numbers[0]).replace("[ ", "[").replace(" ]", "]"), text)


def _window(window: Window) -> dict[str, Any]:
    return {
        "since": _plain(window.since),
        "until": _plain(window.until),
        "models": list(window.models),
        "request_types": list(window.request_types),
        "runs": list(window.runs),
        "timezone": window.timezone,
        "bucket_seconds": int(window.bucket.total_seconds()),
        "first": _plain(window.first),
        "last": _plain(window.last),
    }


def _trend(trend: Trend) -> dict[str, Any]:
    counts = asdict(trend)
    step = counts.pop("step")
    return {"step_seconds": int(step.total_seconds()), **{name: list(values) for name, values in counts.items()}}


def _card(card: Card) -> dict[str, Any]:
    return {
        "title": card.title,
        "description": card.description,
        "status": card.status,
        "reason": card.reason,
        "plugin": card.plugin,
        "counted": card.counted,
        "behind": card.behind,
        "notes": list(card.notes),
        "columns": dict(card.types),
        "step_seconds": int(card.step.total_seconds()),
        "rows": card.rows,
    }


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        "bin_growth": GROWTH,
        "all": _scope(measured.whole),
        "models": {model: _scope(scope) for model, scope in measured.models.items()},
    }


def _scope(scope: Scope) -> dict[str, Any]:
    return {
        "calls": scope.calls,
        "rates": {name: list(rate) for name, rate in scope.rates.items()},
        "distributions": {name: _distribution(values) for name, values in scope.distributions.items()},
        "percentiles": {
            name: {level: list(ends) for level, ends in levels.items()} for name, levels in scope.exact.items()
        },
        "unpriced_tokens": scope.unpriced_tokens,
    }


def _distribution(values: Histogram) -> dict[str, Any]:
    return {
        "bins": list(values.bins),
        "calls": list(values.calls),
        "zeros": values.zeros,
        "total": values.total,
        "largest": values.largest,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "baseline": comparison.baseline.name,
        "made": _plain(comparison.baseline.made),
        "warnings": list(comparison.warnings),
        "headline": {name: asdict(change) | {"ratio": change.ratio} for name, change in comparison.headline.items()},
        "numbers": [_change(change) for change in (*comparison.shown, *comparison.of_models)],
        "turnover": [asdict(turnover) for turnover in comparison.turnover],
        "worse_beyond_chance": [str(change.name) for change in comparison.grave],
        "metrics": {
            name: {"status": card.status, "rows": card.rows} for name, card in comparison.baseline.cards.items()
        },
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "name": str(change.name),
        "unit": change.current.unit,
        "current": change.current.value,
        "current_calls": change.current.calls,
        "current_interval": list(change.current.interval),
        "baseline": change.baseline.value,
        "baseline_calls": change.baseline.calls,
        "baseline_interval": list(change.baseline.interval),
        "difference": change.difference,
        "difference_interval": [change.tested.low, change.tested.high] if change.tested else None,
        "ratio": change.ratio,
        "verdict": change.verdict,
    }


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "rule": gate.rule.text,
        "name": str(gate.name),
        "level": gate.level,
        "status": gate.status,
        "value": gate.value,
        "unit": gate.unit,
        "bound": _finite(gate.bound),
        "baseline": gate.baseline,
        "calls": gate.calls,
        "message": gate.message,
    }


def _finite(value: float | None) -> float | None:
    """A bound that somebody typed, `1e999 s` as well, for which JSON has no word."""
    return value if value is not None and math.isfinite(value) else None


def _past(one: Past) -> dict[str, Any]:
    return {"made": one.made.isoformat(), "run": one.run, "numbers": dict(one.numbers)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
