"""The tables: made on first use, upgraded step by step, never touched when they are somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa

from logreport.call import SCHEMA_VERSION, Base, Call, Ingest
from logreport.databases import Database, connected
from logreport.errors import CannotConnect, IncompatibleDatabase

_METADATA: Final = sa.MetaData()
VERSION: Final = sa.Table("logreport_schema", _METADATA, sa.Column("version", sa.BigInteger, nullable=False))

#: Numbers of ingests are never used twice, so that `forget 3` typed again cannot hit another file.
INGEST_IDS: Final = sa.Sequence("logreport_ingest_ids", metadata=_METADATA)

#: Version n → what turns a database of version n into one of n + 1.
STEPS: Final[Mapping[int, Callable[[sa.Connection], None]]] = {
    1: lambda connection: _add_column(connection, "ingests", "audit", "TEXT"),
}


def _add_column(connection: sa.Connection, table: str, column: str, kind: str) -> None:
    connection.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {column} {kind}"))


def prepare(
    database: Database,
    *,
    version: int = SCHEMA_VERSION,
    steps: Mapping[int, Callable[[sa.Connection], None]] = STEPS,
) -> None:
    """Make sure that the tables are there, ours, and of this version.

    Raises:
        IncompatibleDatabase: a newer version made them, or somebody else did; or an older one, and nothing may be
            written.
        CannotConnect: there are none and none may be made; or the database went away.
    """
    if _as_expected(database, version):
        return  # without a lock, and without the right to create anything
    if database.read_only:
        _refuse(database, version)
        return
    try:
        with connected(database) as connection, connection.begin():
            database.lock(connection, "logreport_schema")
            _bring_up(connection, database, version, steps)
    except sa.exc.DBAPIError as error:
        reason = str(error.orig).strip().split("\n", 1)[0]
        raise CannotConnect(
            f"cannot make tables in {database.shown}: {reason}", "may this user create tables?"
        ) from error


def _as_expected(database: Database, version: int) -> bool:
    """Whether the tables are there, of this version, with every column: one cheap question that names them all.

    A wrong no costs time, not truth: `_version` looks again, at what is there.
    """
    complete = [~sa.exists(sa.select(*model.__table__.columns).where(sa.false())) for model in (Call, Ingest)]
    try:
        with connected(database) as connection:
            found: int | None = connection.scalar(sa.select(sa.func.max(VERSION.c.version)).where(*complete))
    except sa.exc.DBAPIError:
        return False  # a table or a column is not there
    return found == version


def _refuse(database: Database, version: int) -> None:
    """Say why a database that may only be read is not as expected."""
    with connected(database) as connection:
        found = _version(connection, database, version)
    if found is None:
        raise _holds_nothing(database)
    if found < version:
        raise IncompatibleDatabase(
            f"{database.shown} was made by an older version of logreport (schema {found}, this one wants {version})",
            "`logreport ingest` and `logreport forget` upgrade it; reading changes nothing",
        )


def _bring_up(
    connection: sa.Connection,
    database: Database,
    version: int,
    steps: Mapping[int, Callable[[sa.Connection], None]],
) -> None:
    found = _version(connection, database, version)
    if found is None:
        if not database.creates:
            raise _holds_nothing(database)
        _create(connection, database, version)
        return
    for old in range(found, version):
        steps[old](connection)
    connection.execute(VERSION.update().values(version=version))


def _create(connection: sa.Connection, database: Database, version: int) -> None:
    Base.metadata.create_all(connection, checkfirst=False)
    _METADATA.create_all(connection, checkfirst=False)
    for statement in database.after_making:
        connection.execute(sa.text(statement))
    connection.execute(VERSION.insert().values(version=version))


def _version(connection: sa.Connection, database: Database, newest: int) -> int | None:
    """The version of the tables, at most the newest known; None when there are none."""
    tables = _columns(connection)
    if VERSION.name not in tables:
        if foreign := [model.__tablename__ for model in (Call, Ingest) if model.__tablename__ in tables]:
            raise _not_ours(database, foreign[0])
        return None
    found = connection.scalar(sa.select(sa.func.max(VERSION.c.version)))
    if found is None:
        raise _not_ours(database, VERSION.name)
    if found > newest:
        raise IncompatibleDatabase(
            f"{database.shown} was made by a newer version of logreport (schema {found}, this one knows {newest})",
            "`pip install --upgrade logreport`, or name another database with `--database`",
        )
    for model in (Call, Ingest):
        if found == newest and not set(model.__table__.columns.keys()) <= tables.get(model.__tablename__, set()):
            raise _not_ours(database, model.__tablename__)
    return int(found)


def _columns(connection: sa.Connection) -> dict[str, set[str]]:
    """The columns of every table where ours would stand, of those with the names of ours."""
    rows = connection.execute(
        sa.text(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_catalog = current_database() AND table_schema = current_schema()"
            " AND table_name IN ('metrics', 'ingests', 'logreport_schema')"
        )
    )
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return found


def _holds_nothing(database: Database) -> CannotConnect:
    return CannotConnect(f"{database.shown} holds no calls yet", "load some: `logreport ingest FILE`")


def _not_ours(database: Database, table: str) -> IncompatibleDatabase:
    return IncompatibleDatabase(
        f"{database.shown} has a table `{table}` that logreport did not make; it was not touched",
        "give logreport a database of its own with `--database`",
    )
