"""`logreport forget`."""

from __future__ import annotations

import click

from logreport.cli import options


@click.command("forget")
@click.argument("ingest_id", type=int, metavar="ID")
@options.database
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(ingest_id: int, database: str | None, yes: bool) -> None:
    """Delete an ingest and its calls. ID is the one that `logreport ingests` shows.

    \b
    Example:
      logreport forget 3
    """
    from logreport.store import open_store

    with open_store(database, create=False) as store:
        found = [row for row in store.ingests() if row["id"] == ingest_id]
        question = f"Delete the {found[0]['loaded']:,} calls of {found[0]['path']}?" if found else ""
        if found and not yes and not click.confirm(question, err=True):
            click.echo("nothing was deleted", err=True)
            return
        gone = store.forget(ingest_id)
    click.echo(f"{gone:,} calls deleted", err=True)
