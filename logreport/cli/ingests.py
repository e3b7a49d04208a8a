"""`logreport ingests`."""

from __future__ import annotations

import click

from logreport.cli import options


@click.command("ingests")
@options.database
def command(database: str | None) -> None:
    """List what was loaded: one line a file, oldest first.

    \b
    Example:
      logreport ingests --database postgresql://me@localhost/logs
    """
    from logreport.store import open_store

    with open_store(database, read_only=True) as store:
        rows = store.ingests()
    click.echo(
        f"{'ID':>4}  {'FINISHED (UTC)':19}  {'READ':>11} {'LOADED':>11} {'REJECTED':>8}  {'RUN':12}  SOURCE      FILE"
    )
    for row in rows:
        click.echo(
            f"{row['id']:>4}  {row['finished']:%Y-%m-%d %H:%M:%S}  {row['read']:>11,} {row['loaded']:>11,} "
            f"{row['rejected']:>8,}  {row['run'] or '-':12}  {row['source']:10}  {row['path']}"
        )
