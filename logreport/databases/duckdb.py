"""DuckDB: a file beside the logs, or memory. It reads the logs itself, so loading is one INSERT … SELECT."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import sqlalchemy as sa
from duckdb_sqlalchemy import DuckDBCompiler
from sqlalchemy.ext.compiler import compiles

from logreport import sql
from logreport.databases import Add
from logreport.errors import Busy, CannotConnect, Doubt, LogReportError

#: Nothing is ever fetched from the network: what a log needs is built into DuckDB.
OFFLINE: Final = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}

#: Where DuckDB takes Python for interactive (`python -c`, a notebook), it would draw its progress on stdout.
SILENT: Final = "SET enable_progress_bar = false"

#: Seconds between two attempts at a file that another process has.
_PAUSE: Final = 0.05

#: How the operating system says that a file could not be written (as opposed to: the log could not be read).
_CANNOT_WRITE: Final = re.compile(
    r"no space left|could not write|failed to write|fsync|quota|read-only file", re.IGNORECASE
)

#: Makes the name of a folder one that nobody else can make beforehand.
_TOKEN: Final = uuid.uuid4().hex

#: How DuckDB says that this very process has the file open in another way.
_HERE: Final = re.compile(r"different configuration than existing|held in current process")

#: What of another process's command is repeated: a name, and a first word that can only be a subcommand.
_PROGRAM: Final = re.compile(r"[\w.+-]{1,40}")
_SUBCOMMAND: Final = re.compile(r"[a-z]{2,12}")


class _Inline(DuckDBCompiler):
    """Writes values into the statement: binding a single one makes DuckDB import pandas, 0.4 s for nothing.

    Also, a parameter in SELECT is not the same as its twin in GROUP BY; a value is. Statements are cached as before.
    """

    def visit_bindparam(self, bindparam: Any, *args: Any, **kw: Any) -> Any:
        kw["literal_execute"] = True
        return super().visit_bindparam(bindparam, *args, **kw)  # type: ignore[no-untyped-call]


class DuckDB:
    """A DuckDB database: `duckdb:///path`, or `duckdb:///:memory:`."""

    after_making = ()

    def __init__(self, url: sa.URL, *, create: bool, read_only: bool, patience: float) -> None:
        self._url = url
        self._ending = contextlib.ExitStack()
        self._in_memory = url.database in {None, "", ":memory:"}
        self.creates = create or self._in_memory
        self.read_only = read_only
        # DuckDB lets in one process that writes, or any number that read.
        self.exclusive = not self._in_memory
        if self._in_memory:
            if read_only:
                raise CannotConnect(
                    "a database in memory cannot be opened for reading only: it would hold nothing",
                    "name a file with `--database`",
                )
            self.shown = "the database in memory"
            # A name of its own: every connection of the pool sees this memory, and no other store does.
            place = f":memory:logreport-{uuid.uuid4().hex}"
            # What does not fit into memory must not appear as `.tmp` in the user's folder.
            spill = self._ending.enter_context(tempfile.TemporaryDirectory(prefix="logreport-"))
            config = {**OFFLINE, "temp_directory": spill}
        else:
            self.shown = place = str(url.database)
            _check_path(Path(place), create=create, read_only=read_only)
            config = {**OFFLINE, **(_elsewhere() if read_only else {})}
        self.engine = sa.create_engine(
            url.set(drivername="duckdb", database=place),
            poolclass=sa.QueuePool,
            connect_args={"config": config, "read_only": read_only},
        )
        self.engine.dialect.statement_compiler = _Inline
        sa.event.listen(self.engine, "connect", lambda raw, _record: raw.execute(SILENT))
        self._ending.callback(self.engine.dispose)
        try:
            self._open(place, patience)
        except BaseException:
            self.close()
            raise

    def _open(self, place: str, patience: float) -> None:
        begun = time.monotonic()
        while True:
            try:
                return self.engine.connect().close()
            except (duckdb.Error, sa.exc.DBAPIError) as error:
                message = _message(error)
                left = begun + patience - time.monotonic()
                if not _in_use(message):
                    raise _cannot_open(place, message) from error
                if left <= 0:
                    raise _busy(place, message, patience) from error
            time.sleep(min(_PAUSE, left))

    @contextlib.contextmanager
    def loading(self) -> Iterator[tuple[sa.Connection, Add]]:
        with self.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection

            def add(select: str, ingest_id: int, one_thread: bool) -> int:
                if not one_thread:
                    return self._add(raw, select, ingest_id)
                threads = _threads(raw)
                raw.execute("SET threads = 1")
                counted = self._add(raw, select, ingest_id)
                raw.execute(f"SET threads = {threads}")
                return counted

            # Set and reset outside the transaction: an aborted one takes no statement at all.
            with self._bounded(raw), connection.begin():
                yield connection, add

    def _add(self, raw: Any, select: str, ingest_id: int) -> int:
        try:
            # Parentheses on lines of their own: a SELECT may end in a comment.
            counted = raw.execute(
                f"INSERT INTO metrics BY NAME SELECT *, {ingest_id:d}::BIGINT AS ingest_id FROM (\n{select}\n)"
            ).fetchone()
        except duckdb.Error as error:
            raise doubt_or_failure(error, self.shown) from error
        return int(counted[0])

    @contextlib.contextmanager
    def _bounded(self, raw: Any) -> Iterator[None]:
        """Loads in any order and in little memory, then as before.

        Tables in memory need all of it, and a limit that the user wrote into the URL stands.
        """
        threads = _threads(raw)
        settings = ["preserve_insertion_order = false"]
        if not self._in_memory and "memory_limit" not in self._url.query:
            settings.append(f"memory_limit = '{loading_memory(raw)} MiB'")
        for setting in settings:
            raw.execute(f"SET {setting}")
        try:
            yield
        finally:
            for setting in settings:
                raw.execute(f"RESET {setting.split(' ')[0]}")
            raw.execute(f"SET threads = {threads}")

    def lock(self, connection: sa.Connection, name: str) -> None:
        """DuckDB lets one process in, which is lock enough."""

    def lost(self, error: sa.exc.DBAPIError) -> CannotConnect:
        return CannotConnect(f"{self.shown}: cannot be read: {_message(error)}", "is the file still there, and whole?")

    def close(self) -> None:
        self._ending.close()


def loading_memory(raw: Any) -> int:
    """How many MiB a load may take: it streams, so that a few row groups a thread are enough."""
    return 128 + 64 * _threads(raw)


def _threads(raw: Any) -> int:
    return int(raw.execute("SELECT current_setting('threads')").fetchone()[0])


def doubt_or_failure(error: duckdb.Error, shown: str) -> Exception:
    """What an error of a load means: doubt about the log, or a machine that is full."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return LogReportError(
            f"{shown}: out of memory while loading", "free memory and disk space, or load smaller files"
        )
    if isinstance(error, duckdb.FatalException) or (
        isinstance(error, duckdb.IOException) and _CANNOT_WRITE.search(str(error))
    ):
        return LogReportError(f"{shown}: cannot be written: {_message(error)}", "is the disk full?")
    return Doubt(_message(error))


def _elsewhere() -> dict[str, str]:
    """Has readers put what does not fit into memory into a folder of this process, not beside the file.

    The same folder for all of them: DuckDB opens a file twice in a process only with the same settings. DuckDB makes it
    when it is needed and removes it on closing.
    """
    try:
        return {"temp_directory": f"{tempfile.gettempdir()}/logreport-{_TOKEN}-{os.getpid()}"}
    except OSError:
        return {}  # nowhere to write: few answers need to


def _check_path(path: Path, *, create: bool, read_only: bool) -> None:
    if path.is_dir():
        raise CannotConnect(f"{path} is a folder, not a DuckDB database", f"`--database {path}/logreport.duckdb`")
    if not path.parent.is_dir():
        raise CannotConnect(
            f"there is no folder {path.parent} for the database {path.name}", f"`mkdir -p {path.parent}`"
        )
    if not create and not path.exists():
        raise CannotConnect(f"there is no database {path}", "make one: `logreport ingest FILE`")
    if read_only and path.stat().st_size == 0:
        raise CannotConnect(f"{path} holds no calls yet", "load some: `logreport ingest FILE`")


def _in_use(message: str) -> bool:
    return "Could not set lock" in message or _HERE.search(message) is not None


def _busy(place: str, message: str, waited: float) -> Busy:
    after = f", waited {waited:g} s for it" if waited > 0 else ""
    if _HERE.search(message):
        return Busy(f"{place} is open in this process already, to read or to write{after}", "close it there first")
    holder = re.search(r"\bPID ([1-9]\d*)", message)
    whose = f" ({_named(int(holder[1]))})" if holder else ""
    return Busy(f"{place} is open in another process{whose}{after}", "wait until it ends, or use PostgreSQL")


def _named(process: int) -> str:
    """The process as a user may know it: "`logreport serve`, process 123".

    Never its whole command: passwords may be in it.
    """
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:  # not Linux, or ended meanwhile
        words = []
    if len(words) > 1 and words[0].rpartition("/")[2].startswith("python") and not words[1].startswith("-"):
        words = words[1:]  # the script says more than what runs it
    elif len(words) > 2 and words[1] == "-m":
        words = words[2:]
    name = words[0].rpartition("/")[2] if words else ""
    if not _PROGRAM.fullmatch(name):
        return f"process {process}"
    first = f" {words[1]}" if len(words) > 1 and _SUBCOMMAND.fullmatch(words[1]) else ""
    return f"`{name}{first}`, process {process}"


def _cannot_open(place: str, message: str) -> CannotConnect:
    if "not a valid DuckDB database" in message:
        return CannotConnect(f"{place} is not a DuckDB database", "name another file with `--database`")
    return CannotConnect(f"cannot open {place}: {message}", "name another file with `--database`")


def _message(error: BaseException) -> str:
    """The first line: DuckDB draws the statement under it."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().split("\n", 1)[0]


#: Microseconds from 1970 to Monday 2000-01-03, and from 0001 to there.
_MONDAY: Final = 946_857_600_000_000
_BEFORE: Final = 63_082_454_400_000_000


@compiles(sql.floor_time, "duckdb")
def _floor_time(element: Any, compiler: Any, **kw: Any) -> str:
    # Whole microseconds: three times as fast as time_bucket(). Counted from so many steps before that Monday that no
    # time comes earlier: a division of whole numbers then rounds down for all, and once is enough.
    time, width = (compiler.process(clause, **kw) for clause in element.clauses)
    step = f"({width}::BIGINT * 1000000)"
    origin = f"({_MONDAY} - ({_BEFORE} // {step} + 1) * {step})"
    return f"make_timestamp({origin} + (epoch_us({time}) - {origin}) // {step} * {step})"


@compiles(sql.moved_time, "duckdb")
def _moved_time(element: Any, compiler: Any, **kw: Any) -> str:
    # As fast as the above; with intervals it takes three times as long.
    time, seconds, _ = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"make_timestamp(epoch_us({time}) + {seconds}::BIGINT * 1000000)"


@compiles(sql.number_since, "duckdb")
def _number_since(element: Any, compiler: Any, **kw: Any) -> str:
    (time,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"([{element.numbers}])[len(list_filter([{element.moments}], lambda since: since <= {time})) + 1]"
