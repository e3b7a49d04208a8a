"""`logreport report`."""

from __future__ import annotations

from typing import Any

import click

from logreport.cli import options
from logreport.errors import ExitCode


@click.command("report")
@options.files
@options.reading
@options.page_file
@options.filters
@options.baseline
@options.programs
@options.looks
@options.open_page
@click.pass_context
def command(ctx: click.Context, /, **typed: Any) -> None:
    """Write the report of log files in one step, leaving no database behind.

    \b
    Examples:
      logreport report calls.json -o report.html
      logreport report logs/ --timezone America/New_York --open
      logreport report logs/ --baseline main.json --json pr.json
      zcat calls.jsonl.gz | logreport report - -o - > report.html
    """
    from logreport.cli.reporting import of_files
    from logreport.cli.writing import write

    done = of_files(**typed)
    write(done.report, done.wanted)
    if not done.useful:
        ctx.exit(ExitCode.FAILED)
