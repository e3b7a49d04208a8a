"""The only room that knows one database from another.

A database opens an engine, loads what DuckDB reads from logs, and says in a user's words what went wrong.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol

import sqlalchemy as sa

from logreport.errors import CannotConnect

#: The URL schemes, and where their database lives. Named as strings: only the one in use is imported.
_HOMES: Final = {
    "duckdb": ("logreport.databases.duckdb", "DuckDB"),
    "postgresql": ("logreport.databases.postgresql", "PostgreSQL"),
    "postgresql+psycopg2": ("logreport.databases.postgresql", "PostgreSQL"),
}

#: Loads what a SELECT of DuckDB yields as calls of one ingest; answers how many. Raises Doubt.
Add = Callable[[str, int], int]


class Database(Protocol):
    """What `store` asks of a database."""

    #: How messages name it; never with a password.
    shown: str
    engine: sa.Engine
    #: Whether tables that are missing are made.
    creates: bool
    #: What follows the making of the tables, in this database only.
    after_making: tuple[str, ...]

    def __init__(self, url: sa.URL, *, create: bool) -> None:
        """Raises CannotConnect when there is no such database, or (with `create`) it cannot be made."""

    def loading(self) -> AbstractContextManager[tuple[sa.Connection, Add]]:
        """One transaction: committed at the end, rolled back by any exception."""

    def lock(self, connection: sa.Connection, name: str) -> None:
        """Keep others out of what this name stands for until the transaction ends."""

    def close(self) -> None: ...


def database_for(url: sa.URL, *, create: bool) -> Database:
    """The database of this URL, opened.

    Raises:
        CannotConnect: no such kind of database, or it cannot be opened.
    """
    if url.drivername not in _HOMES:
        raise CannotConnect(
            f"cannot use a {url.drivername} database",
            "use `duckdb:///logreport.duckdb` or `postgresql://user:password@host/database`",
        )
    module, name = _HOMES[url.drivername]
    kind: type[Database] = getattr(importlib.import_module(module), name)
    return kind(url, create=create)
