"""`logreport inspect`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from logreport.cli import options
from logreport.errors import ExitCode

if TYPE_CHECKING:
    from logreport.ingest import IngestedFile

#: How many calls are shown.
_EXAMPLES = 3


@click.command("inspect")
@options.files
@options.how
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    input_timezone: str,
    source: str | None,
    mapped: tuple[str, ...],
    origin: str | None,
) -> None:
    """Show how log files would be read, loading nothing.

    Tells each file's format and which field becomes which column, three of its calls, and what would be skipped or
    rejected.

    \b
    Examples:
      logreport inspect calls.jsonl
      logreport inspect calls.csv --map duration=elapsed:ms
    """
    from logreport.cli import loading
    from logreport.ingest import Ingester
    from logreport.plugins import load_plugins
    from logreport.store import open_store

    wish = loading.options(
        run=None, input_timezone=input_timezone, source=source, mapped=mapped, origin=origin, strict=False
    )
    useful = False
    sources = [offer.value for offer in load_plugins().sources]
    with open_store("duckdb:///:memory:") as store:
        summary = Ingester(store=store, sources=sources, options=wish).run(files)
        for line in summary.passed_over:
            click.echo(line, err=True)
        for number, file in enumerate(summary.files):
            if number:
                click.echo()
            _show(file)
            if file.ingest_id is not None:
                for call in store.rows(_first_calls(file.ingest_id)):
                    click.echo(f"  call: {_told(call)}")
            useful = useful or bool(file.loaded or file.merged)
    if not useful:
        ctx.exit(ExitCode.FAILED)


def _first_calls(ingest_id: int) -> Any:
    import sqlalchemy as sa

    from logreport.call import CALL_COLUMNS, Call

    columns = [getattr(Call, column) for column in CALL_COLUMNS]
    order = (Call.created.asc().nulls_last(), Call.request_id, Call.prompt_tokens)
    return sa.select(*columns).where(Call.ingest_id == ingest_id).order_by(*order).limit(_EXAMPLES)


def _told(call: Mapping[str, Any]) -> str:
    return ", ".join(f"{column} {_plain(value)}" for column, value in call.items() if value is not None)


def _plain(value: Any) -> str:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)


def _show(file: IngestedFile) -> None:
    from logreport import audit

    click.echo(f"{file.path}: {file.source or 'in no known format'}")
    if file.error:
        click.echo(f"  error: {file.error}")
        if file.hint:
            click.echo(f"  hint: {file.hint}")
        return
    if file.already_ingested:
        click.echo("  the same bytes as a file before it")
        return
    for column, path in file.audit.mapping.items():
        click.echo(f"  {column} ← {path}")
    for word, text in audit.rows(file.audit):
        if word not in ("mapping", "rejected"):
            click.echo(f"  {word}: {text}")
    for rejected in file.rejections:
        click.echo(f"  rejected {rejected}")
    if file.rejected > len(file.rejections):
        click.echo(f"  and {file.rejected - len(file.rejections):,} more rejected")
    click.echo(
        f"  {file.read:,} records: {file.loaded:,} calls, {file.merged:,} repeats merged into them, "
        f"{file.skipped:,} skipped, {file.rejected:,} rejected"
    )
