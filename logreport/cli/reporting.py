"""From what was typed to a report, of log files or of the database; nothing is written yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from logreport.cli import baselines, loading
from logreport.cli.writing import Outputs, make, outputs
from logreport.errors import BadInput, NoBaseline
from logreport.report import Report, ingest_line, ingest_lines
from logreport.store import open_store
from logreport.typed import window

if TYPE_CHECKING:
    from logreport.baseline import Baseline
    from logreport.ingest import IngestOptions
    from logreport.metric import Window
    from logreport.plugins import Plugins
    from logreport.rules import Rule
    from logreport.store import Store


@dataclass(frozen=True, kw_only=True)
class Done:
    """A report, what is to be written of it, and its baseline, if any.

    `useful` says whether any of the files could be read, and `whole` whether all of them could.
    """

    report: Report
    wanted: Outputs
    baseline: Baseline | None
    useful: bool = True
    whole: bool = True


def of_files(
    *,
    files: Sequence[str],
    run: str | None,
    input_timezone: str,
    source: str | None,
    mapped: Sequence[str],
    origin: str | None,
    strict: bool,
    rejected: str | None,
    since: str | None,
    until: str | None,
    models: Sequence[str],
    request_types: Sequence[str],
    timezone: str,
    baseline: str | None,
    allow_missing_baseline: bool = False,
    rules: Sequence[Rule] | None = None,
    database: str | None = None,
    **looks: Any,
) -> Done:
    """The report of log files, by a database in memory. With `rules` it is measured, for judging; they are checked."""
    chosen = window(since=since, until=until, models=models, request_types=request_types, runs=(), timezone=timezone)
    how = loading.options(
        run=run, input_timezone=input_timezone, source=source, mapped=mapped, origin=origin, strict=strict
    )
    plugins, wanted = _prepared(looks | {"rejected": rejected}, rules)
    find = _finder(baseline, plugins, wanted, how, database, here=False)
    with open_store("duckdb:///:memory:") as store:
        summary = loading.load(store, plugins, files, how, rejected)
        lines = [ingest_line(vars(file)) for file in summary.files]
        found = _found(find, store, chosen, allow_missing_baseline)
        report = make(store, plugins, chosen, wanted, lines, baseline=found, measuring=rules is not None, run=run)
    whole = not any(file.error for file in summary.files)
    return Done(report=report, wanted=wanted, baseline=found, useful=summary.useful, whole=whole)


def of_database(
    *,
    database: str | None,
    runs: Sequence[str],
    since: str | None,
    until: str | None,
    models: Sequence[str],
    request_types: Sequence[str],
    timezone: str,
    baseline: str | None,
    allow_missing_baseline: bool = False,
    rules: Sequence[Rule] | None = None,
    **looks: Any,
) -> Done:
    """The report of what is in the database; for `rules` see `of_files`."""
    chosen = window(since=since, until=until, models=models, request_types=request_types, runs=runs, timezone=timezone)
    plugins, wanted = _prepared(looks, rules)
    how = loading.options(run=None, input_timezone="UTC", source=None, mapped=(), origin=None, strict=False)
    find = _finder(baseline, plugins, wanted, how, database, here=True)
    with open_store(database, read_only=True) as store:
        if rules is not None:
            _there(store, runs)
        found = _found(find, store, chosen, allow_missing_baseline)
        report = make(
            store,
            plugins,
            chosen,
            wanted,
            ingest_lines(store, chosen),
            baseline=found,
            measuring=rules is not None,
            run=", ".join(runs) or None,
        )
    return Done(report=report, wanted=wanted, baseline=found)


def _prepared(looks: dict[str, Any], rules: Sequence[Rule] | None) -> tuple[Plugins, Outputs]:
    from logreport.gates import check_rule
    from logreport.plugins import load_plugins

    plugins = load_plugins()
    wanted = outputs(plugins, **looks)
    for rule in rules or ():
        check_rule(rule, [metric.name for metric, _ in wanted.metrics])
    return plugins, wanted


def _there(store: Store, runs: Sequence[str]) -> None:
    """Nothing is judged of a run that there is not."""
    known = baselines.runs_of(store)
    for run in runs:
        if run not in known:
            raise BadInput(f"there is no run {run} in {store.database.shown}", baselines.there_are(known))


def _found(find: baselines.Find | None, store: Store, chosen: Window, allow_missing: bool) -> Baseline | None:
    """The baseline; None where there is none, and that may be."""
    try:
        return find(store, chosen) if find else None
    except NoBaseline as problem:
        if not allow_missing:
            raise NoBaseline(
                problem.message, f"{problem.hint}; `--allow-missing-baseline` goes on without"
            ) from problem
        click.echo(f"{problem.message}: nothing is compared", err=True)
        return None


def _finder(
    baseline: str | None, plugins: Plugins, wanted: Outputs, how: IngestOptions, database: str | None, *, here: bool
) -> baselines.Find | None:
    """What makes the baseline; `here` says that runs are looked for in the database that is reported."""
    if baseline is None:
        return None
    asked = baselines.Asked(plugins=plugins, wanted=wanted, how=how, database=database, store_has_runs=here)
    return baselines.find(baseline, asked)
