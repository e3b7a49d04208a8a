"""The rows of the table: what is run, against what, and the bound that issue and README promise."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import Bench
from timing import Bound, Broken, Job


def _unchecked() -> None:
    pass


@dataclass(frozen=True)
class Pair:
    ours: Job
    yardstick: Job
    #: Raises `Broken` unless both left the same behind; called once, after the last pair.
    check: Callable[[], None] = _unchecked


@dataclass(frozen=True)
class Row:
    name: str
    ours: str
    yardstick: str
    bound: Bound
    pair: Callable[[Bench], Pair]
    #: How many times smaller the yardstick's input is.
    scale: float = 1.0
    #: Works on ten times the calls; only with `--large`.
    large: bool = False


def _into_duckdb(bench: Bench, log: Path, shape: str, count: int) -> Pair:
    ours, theirs = bench.folder / "ours.duckdb", bench.folder / "theirs.duckdb"
    return Pair(
        Job(bench.ours("ingest", log, "--database", f"duckdb:///{ours}"), bench.without("ours.duckdb")),
        Job(bench.script("yardsticks/duckdb_ctas.py", log, theirs, shape), bench.without("theirs.duckdb")),
        lambda: bench.untimed(bench.script("same_rows.py", ours, theirs, str(count))),
    )


def ingest_lines(bench: Bench) -> Pair:
    return _into_duckdb(bench, bench.lines, "lines", bench.count)


def ingest_array(bench: Bench) -> Pair:
    return _into_duckdb(bench, bench.array, "array", bench.count)


def ingest_large(bench: Bench) -> Pair:
    return _into_duckdb(bench, bench.large, "lines", 10 * bench.count)


def ingest_envelope(bench: Bench) -> Pair:
    ours, theirs = bench.folder / "ours.duckdb", bench.folder / "theirs.duckdb"
    return Pair(
        Job(bench.ours("ingest", bench.envelope, "--database", f"duckdb:///{ours}"), bench.without("ours.duckdb")),
        Job(bench.ours("ingest", bench.lines, "--database", f"duckdb:///{theirs}"), bench.without("theirs.duckdb")),
        lambda: bench.untimed(bench.script("same_rows.py", ours, theirs, str(bench.count))),
    )


def ingest_postgresql(bench: Bench) -> Pair:
    psql = bench.tool("psql")
    server, tables, csv = bench.server, bench.tables, bench.csv

    def check() -> None:
        ours, theirs = server.digest("ours"), server.digest("theirs")
        if ours != theirs or ours[0] != bench.count:
            raise Broken(f"the two databases differ: {ours} and {theirs}")

    copy = f"\\copy metrics FROM '{csv}' WITH (FORMAT csv)"
    return Pair(
        Job(
            bench.ours("ingest", bench.lines, "--database", server.url("ours")),
            lambda: server.create("ours", template=tables),
        ),
        Job(
            (psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--command={copy}", server.url("theirs")),
            lambda: server.create("theirs", template=tables),
        ),
        check,
    )


def ingest_tutorial(bench: Bench) -> Pair:
    server = bench.server
    return Pair(
        Job(bench.ours("ingest", bench.lines, "--database", server.url("ours")), lambda: server.create("ours")),
        Job(
            bench.script("yardsticks/tutorial_orm.py", bench.tenth, server.url("tutorial")),
            lambda: server.create("tutorial"),
        ),
    )


#: The six metrics of the specification, which the yardsticks draw as well.
_SIX = tuple(
    word
    for name in (
        *("tokens_by_model", "prompt_vs_completion", "time_to_first_token"),
        *("temperature", "request_types", "tokens_over_time"),
    )
    for word in ("--metric", name)
)


def render(bench: Bench) -> Pair:
    return Pair(
        Job(bench.ours("render", "--database", bench.database, "-o", bench.folder / "report.html", *_SIX)),
        Job(bench.script("yardsticks/imports_only.py")),
    )


def render_all(bench: Bench) -> Pair:
    page = bench.folder / "report.html"
    return Pair(
        Job(bench.ours("render", "--database", bench.database, "-o", page)),
        Job(bench.ours("render", "--database", bench.database, "-o", page, *_SIX)),
    )


def render_large(bench: Bench) -> Pair:
    page = bench.folder / "report.html"
    return Pair(
        Job(bench.ours("render", "--database", bench.large_database, "-o", page, *_SIX)),
        Job(bench.ours("render", "--database", bench.database, "-o", page, *_SIX)),
    )


def report_pandas(bench: Bench) -> Pair:
    return Pair(
        Job(bench.ours("report", bench.lines, "-o", bench.folder / "report.html", *_SIX)),
        Job(bench.script("yardsticks/pandas_tutorial.py", bench.lines, bench.folder / "tutorial.html")),
    )


def report_goaccess(bench: Bench) -> Pair:
    goaccess = bench.tool("goaccess")
    # Its own configuration file would be the machine's, not the benchmark's.
    settings = ("--no-global-config", "--log-format=COMBINED", "--no-progress")
    return Pair(
        Job(bench.ours("report", bench.lines, "-o", bench.folder / "report.html", *_SIX)),
        Job((goaccess, str(bench.access), *settings, "-o", str(bench.folder / "goaccess.html"))),
    )


def show_help(bench: Bench) -> Pair:
    return Pair(Job(bench.ours("--help")), Job((sys.executable, "-c", "pass")))


ROWS = (
    Row(
        "ingest-lines",
        "`ingest`, JSON Lines into DuckDB",
        "DuckDB's `CREATE TABLE AS … read_json`, typed",
        Bound(2.0),
        ingest_lines,
    ),
    Row(
        "ingest-array",
        "`ingest`, JSON array into DuckDB",
        "the same of an array",
        Bound(1.5),
        ingest_array,
    ),
    Row(
        "ingest-envelope",
        "`ingest`, envelope into DuckDB",
        "`ingest` of the same calls as JSON Lines",
        Bound(4.0, peak_mib=500),
        ingest_envelope,
    ),
    Row(
        "ingest-large",
        "`ingest`, ten times the JSON Lines into DuckDB",
        "DuckDB's `CREATE TABLE AS … read_json`, typed",
        Bound(2.0, peak_mib=500),
        ingest_large,
        large=True,
    ),
    Row(
        "ingest-postgresql",
        "`ingest`, JSON Lines into PostgreSQL",
        "psql's `\\copy` of a ready CSV",
        Bound(2.0),
        ingest_postgresql,
    ),
    Row(
        "ingest-tutorial",
        "`ingest`, JSON Lines into PostgreSQL",
        "the tutorial way, a tenth of the calls, ten times the time",
        Bound(30, faster=True),
        ingest_tutorial,
        scale=10.0,
    ),
    Row(
        "render",
        "`render` from DuckDB",
        "a process that only imports the same libraries",
        Bound(1.6, peak_mib=250),
        render,
    ),
    Row(
        "render-all",
        "`render` of all 23 metrics",
        "`render` of six",
        Bound(5.75),  # one and a half times as long for each metric
        render_all,
    ),
    Row(
        "render-large",
        "`render` of ten times the calls",
        "`render` of the calls",
        Bound(1.6),
        render_large,
        large=True,
    ),
    Row(
        "report-pandas",
        "`report` of JSON Lines",
        "the pandas and plotly.express tutorial",
        Bound(5, faster=True),
        report_pandas,
    ),
    Row(
        "report-goaccess",
        "`report` of JSON Lines",
        "GoAccess on as many access-log lines",
        Bound(5, faster=True),
        report_goaccess,
    ),
    Row("help", "`logreport --help`", "`python -c pass`", Bound(8.0), show_help),
)
