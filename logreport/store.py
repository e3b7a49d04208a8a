"""Calls and ingests, kept in a database: opened by URL, loaded in transactions, asked by SELECTs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport.call import Call, Ingest
from logreport.databases import PATIENCE, Add, Database, connected, database_for, repeats
from logreport.databases.schema import INGEST_IDS, prepare
from logreport.errors import CannotConnect, LogReportError

if TYPE_CHECKING:
    import pandas as pd

#: Where calls are kept unless the user says otherwise.
DEFAULT_URL: Final = "duckdb:///logreport.duckdb"

#: The environment variable that says otherwise.
URL_VARIABLE: Final = "LOGREPORT_DATABASE_URL"


@contextmanager
def open_store(
    url: str | None, *, create: bool = True, read_only: bool = False, patience: float = PATIENCE
) -> Iterator[Store]:
    """The store at this URL, or at LOGREPORT_DATABASE_URL, or in `logreport.duckdb`.

    With `read_only` nothing is ever written, `create` or not: any number of processes may read a DuckDB file at once.

    Raises:
        CannotConnect: it cannot be opened, or is not there and nothing may be made.
        Busy: after `patience` seconds somebody else still has the file open; only where the database is one file.
        IncompatibleDatabase: a newer version made it, or it has tables of these names that are not ours; with
            `read_only` also an older version.
    """
    address = _parsed(url or os.environ.get(URL_VARIABLE) or DEFAULT_URL)
    database = database_for(address, create=create, read_only=read_only, patience=patience)
    try:
        prepare(database)
        yield Store(database)
    finally:
        database.close()


def _parsed(text: str) -> sa.URL:
    if "://" not in text and text.endswith(".duckdb"):
        return sa.URL.create("duckdb", database=text)
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError) as error:
        # The text is not repeated: a password may be in it.
        raise CannotConnect(
            "the database URL cannot be understood",
            "write `duckdb:///logreport.duckdb` or `postgresql://user:password@host:port/database`",
        ) from error
    return url.set(drivername="postgresql") if url.drivername == "postgres" else url


class Store:
    """An open database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._spare_id: int | None = None

    def rows(self, select: sa.Select[Any]) -> list[dict[str, Any]]:
        """The answer, one dictionary a row: int, float, str, bool, datetime (naive UTC) and None only.

        Raises:
            CannotConnect: the database cannot be reached, or went away meanwhile. Asked again later, it may answer.
        """
        return self._answer(select)[1]

    def _answer(self, select: sa.Select[Any]) -> tuple[list[str], list[dict[str, Any]]]:
        plain = [_plain(column.type) for column in select.selected_columns]
        with connected(self.database) as connection:
            result = connection.execute(select)
            names = list(result.keys())
            rows = [
                {name: convert(value) for name, convert, value in zip(names, plain, row, strict=True)} for row in result
            ]
        return names, rows

    def frame(self, select: sa.Select[Any]) -> pd.DataFrame:
        """The answer as a DataFrame whose columns are the labels: the same one from every database.

        Whole numbers are Int64 (NULL is <NA>), other numbers float64 (NaN), times datetime64, texts objects (None).
        Raises as `rows` does.
        """
        import pandas as pd

        names, rows = self._answer(select)
        return pd.DataFrame(
            {
                name: pd.Series([row[name] for row in rows], dtype=_dtype(column.type))
                for name, column in zip(names, select.selected_columns, strict=True)
            }
        )

    @contextmanager
    def loading(self, sha256: str | None = None) -> Iterator[Load]:
        """One transaction: committed at the end, rolled back by any exception.

        With `sha256`, nobody else loads this file meanwhile, and `before` says whether somebody already did.
        """
        ingest_id = self._unused_id()
        try:
            with self.database.loading() as (connection, add):
                try:
                    load = Load(self.database, connection, add, ingest_id)
                    load.before = load.seen(sha256) if sha256 else None
                    yield load
                except BaseException:
                    self._spare_id = ingest_id  # rolled back, so the number is free
                    raise
        except sa.exc.DBAPIError as error:
            reason = str(error.orig).strip().split("\n", 1)[0]
            raise LogReportError(
                f"{self.database.shown}: nothing was loaded: {reason}", "is the disk full, or the connection lost?"
            ) from error

    def _unused_id(self) -> int:
        if self._spare_id is not None:
            ingest_id, self._spare_id = self._spare_id, None
            return ingest_id
        with connected(self.database) as connection, connection.begin():
            return int(connection.scalar(sa.select(INGEST_IDS.next_value())) or 0)

    def ingests(self) -> list[dict[str, Any]]:
        """Every ingest, oldest first."""
        return self.rows(sa.select(*_INGEST_COLUMNS).order_by(Ingest.id))

    def version(self) -> str:
        """A short text that changes with every ingest and every `forget`, and only then: a key to keep answers by."""
        # Numbers of ingests are never used twice: what is added is the newest, and what is deleted makes them fewer.
        columns: Sequence[Any] = (
            sa.func.count().label("count"),
            sa.func.sum(Ingest.id, type_=sa.BigInteger()).label("sum"),
            sa.func.max(Ingest.id).label("newest"),
            sa.func.max(Ingest.finished).label("finished"),
        )
        (row,) = self.rows(sa.select(*columns))
        told = " ".join(str(value) for value in row.values())
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def loaded_before(self, sha256: str) -> dict[str, Any] | None:
        """The first ingest of a file with these bytes."""
        found = self.rows(_ingest_of(sha256))
        return found[0] if found else None

    def forget(self, ingest_id: int) -> int:
        """Delete an ingest and its calls; answers how many calls.

        Raises:
            LogReportError: there is no such ingest.
            CannotConnect: the database went away; nothing was deleted.
        """
        with connected(self.database) as connection, connection.begin():
            calls = connection.execute(sa.delete(Call).where(Call.ingest_id == ingest_id)).rowcount
            if not connection.execute(sa.delete(Ingest).where(Ingest.id == ingest_id)).rowcount:
                raise LogReportError(f"there is no ingest {ingest_id}", "`logreport ingests` lists them")
        return calls


@dataclass
class Load:
    """An ingest under way, inside its transaction."""

    _database: Database
    _connection: sa.Connection
    _add: Add
    ingest_id: int
    before: dict[str, Any] | None = None

    def add(self, select: str, *, one_thread: bool = False) -> int:
        """Load what a SELECT of DuckDB yields, with `one_thread` of DuckDB only; answers how many calls.

        Raises:
            Doubt: a value or a text is not what it should be; nothing of this transaction may be kept.
            LogReportError: the database cannot be written.
        """
        return self._add(select, self.ingest_id, one_thread)

    def merge(self, *, source: str, run: str | None, unique_ids: bool) -> int:
        """Make one of the rows of each call that was told several times, here or before; answers how many went away."""
        self._database.lock(self._connection, f"logreport merge {source} {run}")
        return repeats.merge(self._connection, self.ingest_id, source=source, run=run, unique_ids=unique_ids)

    def seen(self, sha256: str) -> dict[str, Any] | None:
        """The ingest of a file with these bytes that somebody committed; from here on nobody else can."""
        self._database.lock(self._connection, f"logreport ingest {sha256}")
        found = self._connection.execute(_ingest_of(sha256)).mappings().first()
        return dict(found) if found else None

    def finish(
        self,
        *,
        path: str,
        sha256: str,
        bytes: int,  # noqa: A002 - the column's name
        source: str,
        run: str | None,
        read: int,
        loaded: int,
        merged: int,
        skipped: int,
        rejected: int,
        started: datetime,
        finished: datetime,
        audit: str | None = None,
    ) -> None:
        """Write down what was loaded; times are UTC without a zone."""
        self._connection.execute(
            sa.insert(Ingest).values(
                id=self.ingest_id,
                path=path,
                sha256=sha256,
                bytes=bytes,
                source=source,
                run=run,
                read=read,
                loaded=loaded,
                merged=merged,
                skipped=skipped,
                rejected=rejected,
                started=started,
                finished=finished,
                audit=audit,
            )
        )


_INGEST_COLUMNS: Final[Sequence[Any]] = list(Ingest.__table__.columns)


def _ingest_of(sha256: str) -> sa.Select[Any]:
    return sa.select(*_INGEST_COLUMNS).where(Ingest.sha256 == sha256).order_by(Ingest.id).limit(1)


def _plain(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any]:
    """What turns a driver's value into a plain one: databases differ in what a sum of integers is."""
    if isinstance(kind, sa.Integer):
        return _whole
    if isinstance(kind, (sa.Numeric, sa.Float)):
        return lambda value: None if value is None else float(value)
    return lambda value: _whole(value) if isinstance(value, Decimal) else value


def _whole(value: Any) -> Any:
    """An int where the value is one; a fraction stays a float."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == int(value) else float(value)


def _dtype(kind: sa.types.TypeEngine[Any]) -> Any:
    if isinstance(kind, sa.Integer):
        return "Int64"
    if isinstance(kind, (sa.Numeric, sa.Float)):
        return "float64"
    if isinstance(kind, sa.DateTime):
        return "datetime64[us]"
    return None if isinstance(kind, sa.types.NullType) else object
