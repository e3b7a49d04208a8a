"""PostgreSQL: DuckDB reads the log and writes CSV into a pipe, COPY reads the pipe."""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

import psycopg2
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from logreport import sql
from logreport.databases import Add
from logreport.errors import BadInput, CannotConnect, LogReportError

#: Bytes that COPY asks the pipe for at once: all that a pipe holds.
_PIECE = 1 << 16

#: Parts of a URL's query that are secrets too.
_SECRETS = ("password", "sslpassword", "passfile")


class PostgreSQL:
    """A PostgreSQL database: `postgresql://user:password@host:port/database`."""

    after_making = (
        # What most logs do not have costs nothing: an entry for every row would nearly double the time of a load.
        "CREATE INDEX metrics_request_id ON metrics (request_id) WHERE request_id IS NOT NULL",
        # Logs come in the order of time: a few bytes for each megabyte of calls tell which of them a window needs.
        "CREATE INDEX metrics_created ON metrics USING brin (created)",
        # Told how many times there really are, the planner takes steps of time to be as many, and sorts all calls on
        # disk to group them: half the speed, and no second worker.
        "ALTER TABLE metrics ALTER COLUMN created SET (n_distinct = 1000)",
    )

    # Readers and writers do not wait for each other.
    exclusive = False

    def __init__(self, url: sa.URL, *, create: bool, read_only: bool, patience: float) -> None:
        self.creates = create
        self.read_only = read_only
        self._url = url
        self.shown = url.difference_update_query(_SECRETS).render_as_string(hide_password=True)
        defaults = {
            "connect_timeout": max(2, math.ceil(patience)),  # less than 2 s means 2 s to libpq, and 0 for ever
            "application_name": "logreport",
            "client_encoding": "utf8",
            # A server that is gone without a word is noticed within half a minute, not after two hours.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
        }
        self.engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg2"),
            connect_args={key: value for key, value in defaults.items() if key not in url.query},
            # A server that was started again is noticed before a question is lost on it.
            pool_pre_ping=True,
            pool_timeout=10,
        )
        if read_only:
            sa.event.listen(self.engine, "connect", _only_reading)
        try:
            self.engine.connect().close()
        except sa.exc.DBAPIError as error:
            self.close()
            raise _cannot_connect(f"cannot open {self.shown}", url, _message(error)) from error

    @contextlib.contextmanager
    def loading(self) -> Iterator[tuple[sa.Connection, Add]]:
        with self.engine.begin() as connection, _reader() as reader:
            driver: Any = connection.connection.driver_connection

            def add(select: str, ingest_id: int, _one_thread: bool) -> int:
                return self._add(driver, reader, select, ingest_id)

            yield connection, add
        # Left to the server, the newest calls, which are looked at most, would be the last to come into the index. Who
        # does not own it, or a table of an older version without it, loads as well.
        with contextlib.suppress(sa.exc.DBAPIError), self.engine.begin() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '1s'"))  # somebody may be tidying up the table
            connection.execute(sa.text("SELECT brin_summarize_new_values('metrics_created')"))

    def _add(self, driver: Any, reader: Any, select: str, ingest_id: int) -> int:
        import duckdb

        from logreport.databases.duckdb import doubt_or_failure

        # Parentheses on lines of their own: a SELECT may end in a comment.
        wanted = f"SELECT *, {ingest_id:d}::BIGINT AS ingest_id FROM (\n{select}\n)"
        try:
            columns = [row[0] for row in reader.execute(f"DESCRIBE {wanted}").fetchall()]
        except duckdb.Error as error:
            raise doubt_or_failure(error, self.shown) from error
        failures: list[duckdb.Error] = []
        try:
            with driver.cursor() as cursor, _piped(reader, wanted, failures) as pipe:
                names = ", ".join(f'"{column}"' for column in columns)
                cursor.copy_expert(f"COPY metrics ({names}) FROM STDIN (FORMAT csv)", pipe, _PIECE)
                rows = int(cursor.rowcount)
        except psycopg2.Error as error:
            # A half-written line is refused as well: then the writer's failure is the reason.
            raise doubt_or_failure(failures[0], self.shown) if failures else self._refused(error) from error
        # A writer that failed looks like the end of the file: nothing may be committed before this look.
        if failures:
            raise doubt_or_failure(failures[0], self.shown) from failures[0]
        return rows

    def _refused(self, error: psycopg2.Error) -> LogReportError:
        if isinstance(error, psycopg2.DataError):
            return BadInput(f"PostgreSQL cannot hold a value of this log: {_message(error)}", "load it into DuckDB")
        return LogReportError(f"{self.shown}: cannot load: {_message(error)}", "is the server's disk full?")

    def lock(self, connection: sa.Connection, name: str) -> None:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 20241218))"), {"name": name})

    def lost(self, error: sa.exc.DBAPIError) -> CannotConnect:
        return _cannot_connect(f"{self.shown}: cannot be reached", self._url, _message(error))

    def close(self) -> None:
        self.engine.dispose()


@contextlib.contextmanager
def _reader() -> Iterator[Any]:
    """A DuckDB that stores nothing: it parses the log and passes the rows on."""
    import duckdb

    from logreport.databases.duckdb import OFFLINE, SILENT, loading_memory

    with tempfile.TemporaryDirectory(prefix="logreport-") as spill:
        config: dict[str, Any] = {**OFFLINE, "temp_directory": spill, "preserve_insertion_order": "false"}
        with duckdb.connect(":memory:", config=config) as reader:
            reader.execute(SILENT)
            reader.execute(f"SET memory_limit = '{loading_memory(reader)} MiB'")
            yield reader


@contextlib.contextmanager
def _piped(reader: Any, select: str, failures: list[Any]) -> Iterator[BinaryIO]:
    """The rows of the SELECT as CSV to read from; `failures` of its writer are complete when this context ends.

    NULL is written as nothing and an empty text as "": as COPY understands CSV.
    """
    import duckdb

    reading, writing = os.pipe()

    def write() -> None:
        try:
            reader.execute(f"COPY (\n{select}\n) TO '/dev/fd/{writing}' (FORMAT csv, HEADER false, USE_TMP_FILE false)")
        except duckdb.Error as error:
            if "Broken pipe" not in str(error):  # the reader went away, for a reason of its own
                failures.append(error)
        finally:
            os.close(writing)

    writer = threading.Thread(target=write, name="logreport-csv", daemon=True)
    writer.start()
    try:
        with open(reading, "rb", buffering=0) as pipe:  # noqa: PTH123 - a descriptor has no path
            yield pipe
    finally:
        writer.join()


def _only_reading(driver: Any, record: Any) -> None:
    # Every transaction begins as READ ONLY. Not as an option of the connection: that would replace the options that
    # the URL or PGOPTIONS may carry, and a PgBouncer in between refuses it.
    driver.set_session(readonly=True)


def _cannot_connect(what: str, url: sa.URL, message: str) -> CannotConnect:
    if url.password:
        message = message.replace(str(url.password), "***")
    if "password" in message or "authentication" in message:
        hint = "check the user and the password in the URL"
    elif "does not exist" in message:
        hint = f"`createdb {url.database}` makes a database"
    else:
        hint = "`docker compose up -d` starts a PostgreSQL; the URL is `postgresql://user:password@host:port/database`"
    return CannotConnect(f"{what}: {message}", hint)


def _message(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).strip().split("\n", 1)[0].split())


@compiles(sql.floor_time, "postgresql")
def _floor_time(element: Any, compiler: Any, **kw: Any) -> str:
    column, width = element.clauses
    # The width is written out: a parameter in SELECT is not the same as its twin in GROUP BY.
    seconds = compiler.process(width, **{**kw, "literal_execute": True})
    return f"date_bin(make_interval(secs => {seconds}), {compiler.process(column, **kw)}, TIMESTAMP '2000-01-03')"


@compiles(sql.moved_time, "postgresql")
def _moved_time(element: Any, compiler: Any, **kw: Any) -> str:
    time, _, interval = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({time} + {interval})"


@compiles(sql.number_since, "postgresql")
def _number_since(element: Any, compiler: Any, **kw: Any) -> str:
    (time,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(ARRAY[{element.numbers}])[width_bucket({time}, ARRAY[{element.moments}]) + 1]"
