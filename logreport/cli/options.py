"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _all(*options: Decorator) -> Decorator:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


files = click.argument("files", nargs=-1, required=True, metavar="FILE...")

database = click.option(
    "--database",
    metavar="URL",
    help="Where calls are kept: duckdb:///FILE or postgresql://USER@HOST/NAME. "
    "[env: LOGREPORT_DATABASE_URL; default: duckdb:///logreport.duckdb]",
)

how = _all(
    click.option(
        "--input-timezone",
        default="UTC",
        show_default=True,
        metavar="ZONE",
        help="Zone of times in the log that carry no offset.",
    ),
    click.option("--source", metavar="NAME", help="Log format, where it is not recognised by itself."),
    click.option(
        "--map",
        "mapped",
        multiple=True,
        metavar="COLUMN=PATH",
        help="Where a column stands in a log of your own: prompt_tokens=usage.in, duration=elapsed_ms:ms (repeatable).",
    ),
    click.option("--origin", metavar="TIME", help="When logs began that count time from their own beginning."),
)

careful = _all(
    click.option("--strict", is_flag=True, help="Fail at the first record that cannot be read, loading nothing."),
    click.option("--rejected", metavar="FILE", help="Write rejected records with their reasons, as JSON Lines."),
)

reading = _all(
    click.option("--run", metavar="NAME", help="Name of the run that these files belong to."),
    how,
    careful,
)

page_file = click.option(
    "-o", "--output", default="report.html", show_default=True, metavar="FILE", help="Page; - for stdout."
)

filters = _all(
    click.option(
        "--since", metavar="TIME", help="Only calls made at or after this time (2024-12-18, 2024-12-18T16:40)."
    ),
    click.option("--until", metavar="TIME", help="Only calls made before this time."),
    click.option("--model", "models", multiple=True, metavar="NAME", help="Only calls to this model (repeatable)."),
    click.option("--request-type", "request_types", multiple=True, metavar="NAME", help="Only this type (repeatable)."),
)

baseline = _all(
    click.option(
        "--baseline",
        metavar="X",
        help="Compare with X: the JSON of an earlier report, a log, or a run in the database.",
    ),
    click.option(
        "--allow-missing-baseline",
        is_flag=True,
        help="Go on without a baseline that is not there yet.",
    ),
)

programs = _all(
    click.option(
        "--json", "json_file", metavar="FILE", help="Also write every number of the page as JSON; - for stdout."
    ),
    click.option("--markdown", metavar="FILE", help="Also write a summary as Markdown; - for stdout."),
    click.option("--openmetrics", metavar="FILE", help="Also write the numbers as OpenMetrics; - for stdout."),
    click.option(
        "--history",
        metavar="FILE",
        help="Add a line with this report's numbers to FILE (JSON Lines), and show them all.",
    ),
)

timezone = click.option(
    "--timezone", default="UTC", show_default=True, metavar="ZONE", help="Zone that the page's times are in."
)

metrics = _all(
    click.option("--metric", "metrics", multiple=True, metavar="NAME", help="Only this metric (repeatable)."),
    click.option("--without", multiple=True, metavar="NAME", help="All metrics but this one (repeatable)."),
    click.option(
        "--prices", metavar="FILE", help="Prices of your own, which go before those of the list: TOML or JSON."
    ),
)

branding = _all(
    click.option("--title", default="LLM report", show_default=True, metavar="TEXT", help="Heading of the page."),
    click.option("--logo", metavar="FILE", help="Picture beside the heading: PNG, JPEG, GIF, WebP or SVG."),
    click.option(
        "--template-folder",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False),
        help="Templates of your own, which go before logreport's.",
    ),
)

looks = _all(
    timezone,
    click.option(
        "--bucket", metavar="WIDTH", help="Step of time charts: 30s, 15m, 1h, 1d, 1w. [default: from the span]"
    ),
    metrics,
    click.option(
        "--charts",
        type=click.Choice(["plotly", "svg"]),
        default="plotly",
        show_default=True,
        help="Charts that answer to the pointer, or a quarter of the bytes: drawn only.",
    ),
    branding,
)

open_page = click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")

runs = click.option("--run", "runs", multiple=True, metavar="NAME", help="Only this run (repeatable).")
