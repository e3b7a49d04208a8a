"""Reports as CI has them: compared with a baseline, judged, with a history, and of names that mean no good."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from logreport.baseline import Baseline, read_baseline
from logreport.export.document import dumps, report_json
from logreport.gates import Gate, judge
from logreport.history import past
from logreport.metric import Window
from logreport.plugins import load_plugins
from logreport.price_file import OwnPrice, OwnPrices
from logreport.report import Report, ingest_lines, make_report
from logreport.rules import rule
from logreport.testing import sample_calls, store_of

PRICES = OwnPrices(name="prices.toml", prices=(OwnPrice(model="large", input=1.0, output=2.0, cache_read=0.1),))

#: What a model may be called.
HOSTILE = (
    *("|", "\\|", "\\", "`", "```", "a`|`b", "a\nb", "a\r\nb", "\x1b[31m", "\ufffe"),
    *("<img src=x onerror=alert(1)>", "<!-- -->", "</details>", "&lt;b&gt;", "]]>", "<failure/>"),
    *("[x](http://evil.example)", "![x](http://evil.example/x.png)", "http://evil.example/x", "www.evil.example"),
    *("@team", "a@evil.example", "#12", "GH-12", "owner/repo#1", ":smile:", "$x$", "~~s~~", "**b**", "_i_", "__b__"),
    *("- a", "1. a", "# h", "> q", "    code", "=", "---", "%0A::error::x", "::error::x", '"', '\\"', "a]b", "a=b"),
)

RULES = (
    "duration.p95 <= 2s",
    "duration.p95[model=*] <= baseline * 1.2",
    "errors.rate < 2%; level=warn",
    "tokens.total < 1M tokens",
    "time_to_first_token.p95[model=none] < 1s; allow_inconclusive",
    "cost.total < 25 USD",
)


def _report(rows: Sequence[dict[str, Any]], *, baseline: Baseline | None = None, title: str = "LLM report") -> Report:
    plugins = load_plugins()
    with store_of(rows) as store:
        return make_report(
            store,
            [(offer.value, offer.plugin) for offer in plugins.metrics],
            Window(),
            title=title,
            bucket=None,
            ingests=ingest_lines(store, Window()),
            findings=[(offer.value, offer.plugin) for offer in plugins.findings],
            prices=PRICES,
            measuring=True,
            baseline=baseline,
        )


def _slow(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"duration": 2 * row["duration"] + number % 7 / 10} for number, row in enumerate(rows)]


def _judged(report: Report, baseline: Baseline, rules: Sequence[str]) -> tuple[Gate, ...]:
    assert report.measured is not None
    return judge([rule(text) for text in rules], report.measured, report.cards, baseline)


def _ended(report: Report, baseline: Baseline) -> Report:
    """With gates, and a history of two earlier reports."""
    assert report.measured is not None
    earlier = [past(baseline.measured, report.made - timedelta(days=days), f"run {days}") for days in (2, 1)]
    return replace(
        report,
        gates=_judged(report, baseline, RULES),
        history=(*earlier, past(report.measured, report.made, None)),
    )


@pytest.fixture(scope="session")
def hostile_names() -> tuple[str, ...]:
    return HOSTILE


@pytest.fixture(scope="session")
def plain() -> Report:
    """Ordinary calls, measured."""
    return _report(sample_calls())


@pytest.fixture(scope="session")
def empty() -> Report:
    """No call at all."""
    return _report([])


@pytest.fixture(scope="session")
def baseline(plain: Report) -> Baseline:
    return read_baseline(dumps(report_json(plain)).encode(), "main")


@pytest.fixture(scope="session")
def compared(baseline: Baseline) -> Report:
    """Slower calls than those of the baseline, judged: three gates failed, one is inconclusive, one warns."""
    return _ended(_report(_slow(sample_calls(480)), baseline=baseline), baseline)


@pytest.fixture(scope="session")
def hostile(baseline: Baseline) -> Report:
    """The same, of models and with a title that try to break out."""
    rows = _slow(sample_calls(20 * len(HOSTILE)))
    for number, row in enumerate(rows):
        row["model"] = HOSTILE[number % len(HOSTILE)]
        row["error"] = HOSTILE[number % len(HOSTILE)] if row["status"] == "error" else None
    return _ended(_report(rows, baseline=baseline, title="<script>@all | `x`\n# y"), baseline)


@pytest.fixture(scope="session")
def judged(compared: Report, baseline: Baseline) -> Callable[..., Report]:
    """`judged(rule, …)`: the compared report with these gates."""
    return lambda *rules: replace(compared, gates=_judged(compared, baseline, rules))


@pytest.fixture(scope="session")
def valid() -> Callable[[Any, dict[str, Any]], None]:
    """`valid(document, schema)` or an AssertionError that says where it is not."""

    def checked(document: Any, schema: dict[str, Any]) -> None:
        Draft202012Validator.check_schema(schema)
        found = list(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(document))
        assert not found, json.dumps([f"{list(one.path)}: {one.message[:200]}" for one in found[:5]], indent=1)

    return checked
