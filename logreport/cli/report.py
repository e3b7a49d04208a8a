"""`logreport report`."""

from __future__ import annotations

from typing import Any

import click

from logreport.cli import options
from logreport.errors import ExitCode


@click.command("report")
@options.files
@options.reading
@options.page
@options.looks
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    run: str | None,
    input_timezone: str,
    source: str | None,
    mapped: tuple[str, ...],
    origin: str | None,
    strict: bool,
    rejected: str | None,
    since: str | None,
    until: str | None,
    models: tuple[str, ...],
    request_types: tuple[str, ...],
    timezone: str,
    **looks: Any,
) -> None:
    """Write the report of log files in one step, leaving no database behind.

    \b
    Examples:
      logreport report calls.json -o report.html
      logreport report logs/ --timezone America/New_York --open
      zcat calls.jsonl.gz | logreport report - -o - > report.html
    """
    from logreport.cli import loading
    from logreport.cli.writing import outputs, write
    from logreport.plugins import load_plugins
    from logreport.report import ingest_line
    from logreport.store import open_store
    from logreport.typed import window

    chosen = window(since=since, until=until, models=models, request_types=request_types, runs=(), timezone=timezone)
    how = loading.options(
        run=run, input_timezone=input_timezone, source=source, mapped=mapped, origin=origin, strict=strict
    )
    plugins = load_plugins()
    wanted = outputs(plugins, **looks)
    with open_store("duckdb:///:memory:") as store:
        summary = loading.load(store, plugins, files, how, rejected)
        lines = [ingest_line(vars(file)) for file in summary.files]
        write(store, plugins, chosen, wanted, lines)
    if not summary.useful:
        ctx.exit(ExitCode.FAILED)
