"""`logreport compare`."""

from __future__ import annotations

from typing import Any

import click

from logreport.cli import options
from logreport.errors import ExitCode


@click.command("compare")
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@options.reading
@options.page_file
@options.filters
@options.programs
@options.looks
@options.open_page
@click.pass_context
def command(ctx: click.Context, /, before: str, after: str, **typed: Any) -> None:
    """Write the report of one log compared with another.

    AFTER is the log that the report is of; BEFORE is its baseline: a log, too, or the JSON of an earlier report.

    \b
    Examples:
      logreport compare monday.jsonl tuesday.jsonl -o report.html
      logreport compare main.json logs/ --markdown summary.md
    """
    from logreport.cli.reporting import of_files
    from logreport.cli.writing import write

    done = of_files(files=(after,), baseline=before, **typed)
    write(done.report, done.wanted)
    if not done.useful:
        ctx.exit(ExitCode.FAILED)
