"""`logreport render`."""

from __future__ import annotations

from typing import Any

import click

from logreport.cli import options


@click.command("render")
@options.database
@options.page
@options.runs
@options.looks
def command(
    database: str | None,
    since: str | None,
    until: str | None,
    models: tuple[str, ...],
    request_types: tuple[str, ...],
    runs: tuple[str, ...],
    timezone: str,
    **looks: Any,
) -> None:
    """Write the report of what is in the database.

    \b
    Examples:
      logreport render -o report.html
      logreport render --since 2024-12-18 --timezone Europe/Berlin --model gpt-4o
      logreport render -o - --json numbers.json > report.html
    """
    from logreport.cli.writing import outputs, write
    from logreport.plugins import load_plugins
    from logreport.report import ingest_lines
    from logreport.store import open_store
    from logreport.typed import window

    chosen = window(since=since, until=until, models=models, request_types=request_types, runs=runs, timezone=timezone)
    plugins = load_plugins()
    wanted = outputs(plugins, **looks)
    with open_store(database, read_only=True) as store:
        write(store, plugins, chosen, wanted, ingest_lines(store, chosen))
