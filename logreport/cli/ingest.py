"""`logreport ingest`."""

from __future__ import annotations

import click

from logreport.cli import options
from logreport.errors import ExitCode


@click.command("ingest")
@options.files
@options.database
@options.reading
@click.option("--again", is_flag=True, help="Load files even where they were loaded before.")
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    database: str | None,
    run: str | None,
    input_timezone: str,
    source: str | None,
    mapped: tuple[str, ...],
    origin: str | None,
    strict: bool,
    rejected: str | None,
    again: bool,
) -> None:
    """Load log files into the database.

    FILE is a JSON or JSON Lines file, also gzipped or zstd-compressed, a folder, a glob, or - for standard input.

    \b
    Examples:
      logreport ingest calls.json
      logreport ingest logs/*.jsonl.gz --run nightly-42
      kubectl logs app | logreport ingest -
    """
    from logreport.cli import loading
    from logreport.plugins import load_plugins
    from logreport.store import open_store

    chosen = loading.options(
        run=run,
        input_timezone=input_timezone,
        source=source,
        mapped=mapped,
        origin=origin,
        strict=strict,
        again=again,
    )
    with open_store(database) as store:
        summary = loading.load(store, load_plugins(), files, chosen, rejected)
    if not summary.useful:
        ctx.exit(ExitCode.FAILED)
