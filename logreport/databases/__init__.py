"""The only room that knows one database from another.

A database opens an engine, loads what DuckDB reads from logs, and says in a user's words what went wrong.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol

import sqlalchemy as sa

from logreport.errors import CannotConnect

#: The URL schemes, and where their database lives. Named as strings: only the one in use is imported.
_HOMES: Final = {
    "duckdb": ("logreport.databases.duckdb", "DuckDB"),
    "postgresql": ("logreport.databases.postgresql", "PostgreSQL"),
    "postgresql+psycopg2": ("logreport.databases.postgresql", "PostgreSQL"),
}

#: Seconds to wait for a database that is not to be had at once: in another process's hands, or slow to answer.
PATIENCE: Final = 10.0

#: Loads what a SELECT of DuckDB yields as calls of one ingest; answers how many. Raises Doubt.
Add = Callable[[str, int, bool], int]


class Database(Protocol):
    """What `store` asks of a database."""

    #: How messages name it; never with a password.
    shown: str
    engine: sa.Engine
    #: Whether tables that are missing are made.
    creates: bool
    #: Whether nothing is ever written through `engine`.
    read_only: bool
    #: Whether nobody else can write this database while it is open here, even for reading.
    exclusive: bool
    #: What follows the making of the tables, in this database only.
    after_making: tuple[str, ...]

    def __init__(self, url: sa.URL, *, create: bool, read_only: bool, patience: float) -> None:
        """Raises CannotConnect when there is no such database, or (with `create`) it cannot be made.

        Raises Busy when somebody else still has it after `patience` seconds.
        """

    def loading(self) -> AbstractContextManager[tuple[sa.Connection, Add]]:
        """One transaction: committed at the end, rolled back by any exception."""

    def lock(self, connection: sa.Connection, name: str) -> None:
        """Keep others out of what this name stands for until the transaction ends."""

    def lost(self, error: sa.exc.DBAPIError) -> CannotConnect:
        """What to say when the database was open, and then could not be reached."""

    def close(self) -> None: ...


@contextmanager
def connected(database: Database) -> Iterator[sa.Connection]:
    """A connection, as from `engine.connect()`; what was not committed at the end is rolled back.

    Raises:
        CannotConnect: the database cannot be reached, or the connection was lost; the next one may work again.
    """
    try:
        connection = database.engine.connect()
    except sa.exc.DBAPIError as error:
        raise database.lost(error) from error
    except sa.exc.TimeoutError as error:  # every connection is in use, by questions that are not answered
        raise CannotConnect(f"{database.shown} does not answer", "is it overloaded, or out of reach?") from error
    try:
        with connection:
            yield connection
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise database.lost(error) from error
        raise


def database_for(url: sa.URL, *, create: bool = True, read_only: bool = False, patience: float = PATIENCE) -> Database:
    """The database of this URL, opened; `read_only` makes nothing, whatever `create` says.

    Raises:
        CannotConnect: no such kind of database, or it cannot be opened.
        Busy: somebody else still has it after `patience` seconds.
    """
    if url.drivername not in _HOMES:
        raise CannotConnect(
            f"cannot use a {url.drivername} database",
            "use `duckdb:///logreport.duckdb` or `postgresql://user:password@host/database`",
        )
    module, name = _HOMES[url.drivername]
    kind: type[Database] = getattr(importlib.import_module(module), name)
    return kind(url, create=create and not read_only, read_only=read_only, patience=patience)
