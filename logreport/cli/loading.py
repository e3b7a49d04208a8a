"""What `ingest` and `report` share: load files, and tell what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from logreport import audit, typed, zones
from logreport.cli import progress
from logreport.errors import CannotWrite

if TYPE_CHECKING:
    from logreport.ingest import IngestedFile, IngestOptions, IngestSummary
    from logreport.plugins import Plugins
    from logreport.source import Rejected
    from logreport.store import Store


def options(
    *,
    run: str | None,
    input_timezone: str,
    source: str | None,
    mapped: Sequence[str],
    origin: str | None,
    strict: bool,
    again: bool = False,
) -> IngestOptions:
    """What the user typed, checked before anything is read."""
    from logreport.ingest import IngestOptions
    from logreport.mapping import habits, mapping
    from logreport.reading import Wish

    began = typed.moment(origin, zones.zone(input_timezone))
    wish = Wish(
        source=source,
        zone=input_timezone,
        origin=began.replace(tzinfo=None) if began else None,
        mapping=mapping(mapped),
        habits=habits(Path.cwd()),
    )
    return IngestOptions(run=run, wish=wish, strict=strict, again=again)


def load(
    store: Store, plugins: Plugins, names: Sequence[str], chosen: IngestOptions, rejected: str | None
) -> IngestSummary:
    """Load the files and say on stderr what became of each."""
    from logreport.ingest import Ingester

    with _rejects(rejected) as on_reject, progress.shown() as bar:
        summary = Ingester(
            store=store,
            sources=[offer.value for offer in plugins.sources],
            options=chosen,
            on_reject=on_reject,
            on_file=bar.name,
        ).run(names)
    for file in summary.files:
        _tell(file)
    for line in summary.passed_over:
        click.echo(line, err=True)
    return summary


@contextmanager
def _rejects(name: str | None) -> Iterator[Any]:
    if name is None:
        yield lambda file, rejected: None
        return
    try:
        sink = click.open_file(name, "w", encoding="utf-8")
    except OSError as problem:
        raise CannotWrite(
            f"cannot write {name}: {problem.strerror}", "choose another file for `--rejected`"
        ) from problem
    with sink:
        yield lambda file, rejected: _write(sink, file, rejected)


def _write(sink: IO[Any], file: str, rejected: Rejected) -> None:
    line = {
        "file": file,
        "record": rejected.record,
        "line": rejected.line,
        "offset": rejected.offset,
        "field": rejected.field,
        "reason": rejected.reason,
        "raw": rejected.raw,
    }
    try:
        sink.write(json.dumps(line) + "\n")
    except OSError as problem:
        raise CannotWrite(f"cannot write the rejected records: {problem.strerror}", "is the disk full?") from problem


def _tell(file: IngestedFile) -> None:
    click.echo(_sentence(file), err=True)
    for rejected in file.rejections:
        click.echo(f"  rejected {rejected}", err=True)
    if file.rejected > len(file.rejections):
        click.echo(f"  and {file.rejected - len(file.rejections):,} more; `--rejected FILE` writes them all", err=True)
    for word, text in audit.rows(file.audit):
        if word != "rejected":
            click.echo(f"  {word}: {text}", err=True)
    if file.hint:
        click.echo(f"hint: {file.hint}", err=True)


def _sentence(file: IngestedFile) -> str:
    if file.error:
        return f"Error: {file.error}"
    if file.already_ingested:
        return f"{file.path}: already ingested, not loaded again (`--again` loads it anyway)"
    return (
        f"{file.path}: {file.read:,} read = {file.loaded:,} loaded + {file.merged:,} merged "
        f"+ {file.skipped:,} skipped + {file.rejected:,} rejected"
    )
