"""Every number of the page as JSON, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from logreport.cards import Card
    from logreport.headline import Trend
    from logreport.metric import Window
    from logreport.report import Report

#: Raised when a reader of the JSON would have to change.
SCHEMA_VERSION: Final = 1


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
    }


def dumps(document: dict[str, Any]) -> str:
    """The document as text with a line feed at its end."""
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


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
        "rows": card.rows,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
