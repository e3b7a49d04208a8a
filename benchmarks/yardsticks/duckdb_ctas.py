"""The least DuckDB can do for the same columns: one typed read of LOG straight into a table of the file DATABASE.

It hashes nothing, checks nothing, and coerces what does not fit. As for logreport,
a first token after no time is none, and an embedding completes nothing.
Usage: duckdb_ctas.py LOG DATABASE [lines|array]
"""

from __future__ import annotations

import sys

import duckdb

FORMATS = {"lines": "newline_delimited", "array": "array"}
COLUMNS = (
    "{created: 'TIMESTAMP', model: 'VARCHAR', stream: 'BOOLEAN', max_tokens: 'BIGINT', temperature: 'DOUBLE', "
    "type: 'VARCHAR', metrics: 'STRUCT(start DOUBLE, \"end\" DOUBLE, tokens BIGINT, prompt_tokens BIGINT, "
    "completion_tokens BIGINT, time_to_first_token DOUBLE)'}"
)


def main(log: str, database: str, shape: str = "lines") -> None:
    with duckdb.connect(database) as connection:
        connection.execute(
            f"""
            CREATE TABLE metrics AS
            SELECT created, model, "type" AS request_type, temperature, max_tokens, stream, metrics.prompt_tokens,
                   CASE WHEN "type" = 'embedding' THEN NULLIF(metrics.completion_tokens, 0)
                   ELSE metrics.completion_tokens END AS completion_tokens, metrics.tokens,
                   NULLIF(metrics.time_to_first_token, 0) AS time_to_first_token,
                   metrics."end" - metrics.start AS duration
            FROM read_json(?, format = '{FORMATS[shape]}', columns = {COLUMNS})
            """,
            [log],
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
