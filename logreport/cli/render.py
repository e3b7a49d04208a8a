"""`logreport render`."""

from __future__ import annotations

from typing import Any

import click

from logreport.cli import options


@click.command("render")
@options.database
@options.page_file
@options.filters
@options.runs
@options.baseline
@options.programs
@options.looks
@options.open_page
def command(**typed: Any) -> None:
    """Write the report of what is in the database.

    \b
    Examples:
      logreport render -o report.html
      logreport render --since 2024-12-18 --timezone Europe/Berlin --model gpt-4o
      logreport render --run nightly-42 --baseline nightly-41
      logreport render -o - --json numbers.json > report.html
    """
    from logreport.cli.reporting import of_database
    from logreport.cli.writing import write

    done = of_database(**typed)
    write(done.report, done.wanted)
