"""Calls that a log tells several times, made one: within an ingest, and against what earlier ones brought.

The rows of one call are merged into that with the most tokens, the latest of those, at the first of their times. The
merged row belongs to the earliest of their ingests: what an ingest brought is not changed by a later one, but for the
numbers of a call that the later one knows better.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from logreport.call import Call, Ingest

_COLUMNS: Final = [column.name for column in Call.__table__.columns]
_TOTAL: Final = (
    "COALESCE(tokens, CAST(prompt_tokens AS DOUBLE PRECISION) + completion_tokens, prompt_tokens, completion_tokens)"
)
#: Which of the rows of one call is kept; what comes after the time settles the order of rows that hardly differ.
_BEST: Final = (
    f"{_TOTAL} DESC NULLS LAST, created DESC NULLS LAST, CASE WHEN finish_reason IS NULL THEN 1 ELSE 0 END, "
    "completion_tokens DESC NULLS LAST, duration DESC NULLS LAST, time_to_first_token DESC NULLS LAST, "
    "cost DESC NULLS LAST, model, finish_reason, session_id, user_id, error"
)


def merge(connection: sa.Connection, ingest_id: int, *, source: str, run: str | None, unique_ids: bool) -> int:
    """Merge the repeats that this ingest brought; answers how many rows went away.

    Calls of other sources and runs are other calls: a run is compared with others, and must be whole. Where ids are not
    unique in the world, rows are one call only if model and prompt tokens agree, and against earlier ingests the time.
    """
    others = _others(connection, ingest_id, source, run)
    gone = _merge(connection, ingest_id, [], _key("{0}", unique=unique_ids, timed=False))
    if others:
        gone += _merge(connection, ingest_id, others, _key("{0}", unique=unique_ids, timed=not unique_ids))
    return gone


def _others(connection: sa.Connection, ingest_id: int, source: str, run: str | None) -> list[int]:
    same_run = Ingest.run.is_(None) if run is None else Ingest.run == run
    found = connection.scalars(sa.select(Ingest.id).where(Ingest.source == source, same_run, Ingest.id != ingest_id))
    return sorted(int(other) for other in found)


def _key(row: str, *, unique: bool, timed: bool) -> str:
    """What the rows of one call have in common. Failures are attempts: two at different times are two calls."""
    failed = f"CASE WHEN {row}.status = 'error' THEN '|' || COALESCE(CAST({row}.created AS VARCHAR), '') ELSE '' END"
    key = f"{row}.request_id || {failed}"
    if not unique:
        key += f" || '|' || COALESCE({row}.model, '') || '|' || COALESCE(CAST({row}.prompt_tokens AS VARCHAR), '')"
    if timed:
        key += f" || '|' || COALESCE(CAST({row}.created AS VARCHAR), '')"
    return key


def _merge(connection: sa.Connection, ingest_id: int, others: list[int], key: str) -> int:
    mine = f"m.ingest_id = {ingest_id:d} AND m.request_id IS NOT NULL"
    if others:
        earlier = ", ".join(map(str, others))
        repeated = (
            f"SELECT DISTINCT {key.format('m')} AS key FROM metrics m JOIN metrics o ON o.request_id = m.request_id"
            f" AND {key.format('o')} = {key.format('m')} WHERE {mine} AND o.ingest_id IN ({earlier})"
        )
        where = f"m.request_id IS NOT NULL AND m.ingest_id IN ({ingest_id:d}, {earlier})"
    else:
        repeated = f"SELECT {key.format('m')} AS key FROM metrics m WHERE {mine} GROUP BY 1 HAVING count(*) > 1"
        where = mine
    _run(connection, f"CREATE TEMPORARY TABLE logreport_repeats AS {repeated}")
    gone = 0
    if connection.scalar(sa.text("SELECT 1 FROM logreport_repeats LIMIT 1")):
        gone = _replace(connection, where, key)
    _run(connection, "DROP TABLE logreport_repeats")
    return gone


def _replace(connection: sa.Connection, where: str, key: str) -> int:
    chosen = f"{where} AND {key.format('m')} IN (SELECT key FROM logreport_repeats)"
    columns = ", ".join(_COLUMNS)
    firsts = {"created": "first_created AS created", "ingest_id": "first_ingest AS ingest_id"}
    kept = ", ".join(firsts.get(column, column) for column in _COLUMNS)
    _run(
        connection,
        f"CREATE TEMPORARY TABLE logreport_merged AS SELECT {kept} FROM (SELECT m.*,"
        f" min(created) OVER (PARTITION BY {key.format('m')}) AS first_created,"
        f" min(ingest_id) OVER (PARTITION BY {key.format('m')}) AS first_ingest,"
        f" row_number() OVER (PARTITION BY {key.format('m')} ORDER BY {_BEST}) AS place"
        f" FROM metrics m WHERE {chosen}) AS ranked WHERE place = 1",
    )
    deleted = _counted(connection, f"DELETE FROM metrics AS m WHERE {chosen}")
    inserted = _counted(connection, f"INSERT INTO metrics ({columns}) SELECT {columns} FROM logreport_merged")
    _run(connection, "DROP TABLE logreport_merged")
    return deleted - inserted


def _run(connection: sa.Connection, statement: str) -> sa.CursorResult[Any]:
    return connection.execute(sa.text(statement.replace(":", "\\:")))


def _counted(connection: sa.Connection, statement: str) -> int:
    result = _run(connection, statement)
    if result.rowcount >= 0:
        return result.rowcount
    row = result.fetchone()  # DuckDB answers with the count
    return int(row[0]) if row else 0
