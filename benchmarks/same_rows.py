"""Fail unless two DuckDB files hold the same calls, value for value: a load that is fast and wrong counts for nothing.

Usage: same_rows.py OURS THEIRS CALLS
"""

from __future__ import annotations

import sys

import duckdb

#: Durations are differences of large numbers; a microsecond is far below what the log itself holds.
COLUMNS = (
    "created, model, request_type, temperature, max_tokens, stream, prompt_tokens, completion_tokens, tokens, "
    "time_to_first_token, round(duration, 6)"
)


def main(ours: str, theirs: str, calls: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{ours}' AS ours (READ_ONLY)")
        connection.execute(f"ATTACH '{theirs}' AS theirs (READ_ONLY)")
        (count,) = connection.sql("SELECT count(*) FROM ours.metrics").fetchone() or (0,)
        (odd,) = connection.sql(
            f"""
            SELECT count(*) FROM (
                (SELECT {COLUMNS} FROM ours.metrics EXCEPT ALL SELECT {COLUMNS} FROM theirs.metrics)
                UNION ALL
                (SELECT {COLUMNS} FROM theirs.metrics EXCEPT ALL SELECT {COLUMNS} FROM ours.metrics)
            )
            """
        ).fetchone() or (0,)
    if count != int(calls) or odd:
        sys.exit(f"{count:,} calls loaded of {int(calls):,}; {odd:,} rows stand in one database and not in the other")


if __name__ == "__main__":
    main(*sys.argv[1:])
