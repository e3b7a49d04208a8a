"""What can be wrong with a DuckDB file, and what a user reads then."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from logreport.call import SCHEMA_VERSION, Call
from logreport.databases import schema
from logreport.errors import Busy, CannotConnect, Doubt, IncompatibleDatabase, LogReportError
from logreport.store import Load, open_store

NOON = datetime(2024, 12, 18, 12)

#: A process that has a file open, to write or to read, until its standard input ends.
HOLD = """
import duckdb, sys
held = duckdb.connect(sys.argv[-2], read_only=sys.argv[-1] == "reading")
print("open", flush=True)
sys.stdin.read()
"""

ON_LINUX = Path("/proc/self/cmdline").exists()


def problem_of(url: str, **how: object) -> CannotConnect:
    with pytest.raises(CannotConnect) as problem, open_store(url, **how):
        pass
    return problem.value


@contextmanager
def held(path: Path, how: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, *(words or ("-c", HOLD)), str(path), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"open\n"
        try:
            yield process
        finally:
            process.stdin.close()
            process.wait()


def load_one(path: Path) -> None:
    with open_store(f"duckdb:///{path}") as store, store.loading() as load:
        load.add("SELECT 7 AS tokens")
        finish(load)


def finish(load: Load) -> None:
    load.finish(
        path="a", sha256="a", bytes=1, source="s", run=None, read=1, loaded=1, merged=0, skipped=0, rejected=0,
        started=NOON, finished=NOON,
    )  # fmt: skip


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    path = tmp_path / "a.duckdb"
    load_one(path)
    return path


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_in_use(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "a.duckdb"
    with held(path, "writing") as process:
        problem = problem_of(f"duckdb:///{path}", patience=0, read_only=read_only)
    assert isinstance(problem, Busy)
    whose = f"`{Path(sys.executable).name}`, process {process.pid}" if ON_LINUX else f"process {process.pid}"
    assert problem.message == f"{path} is open in another process ({whose})"
    assert problem.hint == "wait until it ends, or use PostgreSQL"


@pytest.mark.skipif(not ON_LINUX, reason="only Linux tells in /proc what a process runs")
@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["logreport", "serve", "--database", "s3cret"], "`logreport serve`"),
        (["-m", "logreport", "serve", "--database", "s3cret"], "`logreport serve`"),
        (["logreport", "--s3cret"], "`logreport`"),
        (["logreport", "duckdb:///s3cret"], "`logreport`"),
        (["logreport", "S3cret"], "`logreport`"),
    ],
)
def test_who_holds_a_file_is_named_without_its_secrets(loaded: Path, words: list[str], named: str) -> None:
    program = loaded.parent / "logreport"
    program.write_text(HOLD)
    shutil.copy(program, loaded.parent / "logreport.py")
    if words[0] == "logreport":
        words = [str(program), *words[1:]]
    else:
        words = ["-c", "import os, sys; os.chdir(sys.argv[1]); os.execv(sys.executable, [sys.executable, *sys.argv[2:]])",
                 str(loaded.parent), *words]  # fmt: skip
    with held(loaded, "writing", *words) as process:
        problem = problem_of(f"duckdb:///{loaded}", patience=0)
    assert f"is open in another process ({named}, process {process.pid})" in problem.message
    assert "s3cret" not in problem.message.lower()


def test_patience_ends(loaded: Path) -> None:
    begun = time.monotonic()
    with held(loaded, "reading"):
        problem = problem_of(f"duckdb:///{loaded}", patience=0.4)
    assert problem.message.endswith("), waited 0.4 s for it")
    assert time.monotonic() - begun >= 0.4


def test_a_writer_waits_for_a_reader(loaded: Path) -> None:
    with held(loaded, "reading") as process:
        assert process.stdin is not None
        ending = threading.Timer(0.5, process.stdin.close)
        ending.start()
        load_one(loaded)
        ending.join()
    with open_store(f"duckdb:///{loaded}", read_only=True) as store:
        assert len(store.ingests()) == 2


def test_readers_do_not_wait_for_each_other(loaded: Path) -> None:
    with held(loaded, "reading"), open_store(f"duckdb:///{loaded}", read_only=True, patience=0) as one:
        with open_store(f"duckdb:///{loaded}", read_only=True, patience=0) as other:
            assert one.ingests() == other.ingests()
        assert one.rows(sa.select(Call.tokens)) == [{"tokens": 7}]


def test_one_process_cannot_read_and_write_a_file_at_once(loaded: Path) -> None:
    url = f"duckdb:///{loaded}"
    for first, second in [(True, False), (False, True)]:
        with open_store(url, read_only=first):
            problem = problem_of(url, read_only=second, patience=0)
        assert isinstance(problem, Busy)
        assert problem.message == f"{loaded} is open in this process already, to read or to write"


def test_reading_leaves_the_folder_as_it_is(
    loaded: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    spills = tmp_path_factory.mktemp("spills")
    monkeypatch.setattr(tempfile, "tempdir", str(spills))
    hungry = "?memory_limit=60MB&threads=1"
    with open_store(f"duckdb:///{loaded}") as store, store.loading() as load:
        load.add("SELECT i AS tokens, md5(i::VARCHAR) AS model FROM range(1000000) t(i)")
        finish(load)
    before = loaded.read_bytes()
    with open_store(f"duckdb:///{loaded}{hungry}", read_only=True) as store:
        place = sa.func.row_number().over(order_by=(Call.model, Call.tokens)).label("place")
        numbered = sa.select(Call.model, Call.tokens, place).subquery()
        assert store.rows(sa.select(sa.func.max(numbered.c.place).label("calls"))) == [{"calls": 1000001}]
        assert [path.name for path in loaded.parent.iterdir()] == [loaded.name]
        assert len(list(spills.iterdir())) == 1
    assert loaded.read_bytes() == before
    assert list(spills.iterdir()) == []


@pytest.mark.parametrize("asked", ["", "?threads=3"])
def test_one_thread_is_for_one_load_only(tmp_path: Path, asked: str) -> None:
    threads = sa.select(sa.func.current_setting("threads").label("threads"))
    with open_store(f"duckdb:///{tmp_path}/t.duckdb{asked}") as store:
        before = store.rows(threads)
        with store.loading() as load:
            load.add("SELECT current_setting('threads') AS tokens", one_thread=True)
            load.add("SELECT current_setting('threads') AS tokens")
            finish(load)
        with pytest.raises(Doubt), store.loading() as load:
            load.add("SELECT error('doubt') AS model", one_thread=True)
        assert store.rows(threads) == before
        tokens = [row["tokens"] for row in store.rows(sa.select(Call.tokens).order_by(Call.tokens))]
    assert tokens == sorted([1, before[0]["threads"]])


def test_nothing_can_be_written_where_only_reading(loaded: Path) -> None:
    with open_store(f"duckdb:///{loaded}", read_only=True) as store:
        with pytest.raises(sa.exc.DBAPIError, match="read-only"):
            store.forget(1)
        assert len(store.ingests()) == 1


def test_an_older_file_is_not_upgraded_where_only_reading(loaded: Path) -> None:
    with open_store(f"duckdb:///{loaded}") as store, store.database.engine.begin() as connection:
        connection.execute(schema.VERSION.update().values(version=SCHEMA_VERSION - 1))
    before = loaded.read_bytes()
    url = f"duckdb:///{loaded}"
    with pytest.raises(IncompatibleDatabase, match="older version") as problem, open_store(url, read_only=True):
        pass
    assert "logreport ingest" in problem.value.hint
    assert loaded.read_bytes() == before


def test_memory_cannot_be_opened_for_reading_only() -> None:
    assert "in memory cannot be opened for reading" in problem_of("duckdb:///:memory:", read_only=True).message


def test_an_empty_file_holds_no_calls(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    path.touch()
    assert problem_of(f"duckdb:///{path}", read_only=True).message == f"{path} holds no calls yet"
    assert path.stat().st_size == 0


KILLED = """
import os, signal, sys
from datetime import datetime
from logreport.store import open_store
with open_store(sys.argv[1]) as store:
    for sha256 in "bc":
        with store.loading() as load:
            load.add("SELECT 8 AS tokens")
            load.finish(path="b", sha256=sha256, bytes=1, source="s", run=None, read=1, loaded=1, merged=0, skipped=0,
                        rejected=0, started=datetime(2024, 12, 18), finished=datetime(2024, 12, 18))
            if sha256 == "c":
                os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_committed_is_read(loaded: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, f"duckdb:///{loaded}"])
    assert done.returncode == -signal.SIGKILL
    leftover = loaded.with_name(loaded.name + ".wal")
    before = leftover.read_bytes()
    assert before

    with open_store(f"duckdb:///{loaded}", read_only=True) as store:
        assert store.rows(sa.select(Call.tokens).order_by(Call.tokens)) == [{"tokens": 7}, {"tokens": 8}]

    assert leftover.read_bytes() == before
    load_one(loaded)
    assert not leftover.exists()


def test_a_file_keeps_others_out_and_memory_does_not(loaded: Path) -> None:
    for url, exclusive in [(f"duckdb:///{loaded}", True), ("duckdb:///:memory:", False)]:
        with open_store(url) as store:
            assert store.database.exclusive is exclusive


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    path.write_text("these are notes, not a database\n" * 1000)
    assert problem_of(f"duckdb:///{path}").message == f"{path} is not a DuckDB database"
    assert path.read_text().startswith("these are notes")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    problem = problem_of(f"duckdb:///{tmp_path}/new/a.duckdb")
    assert f"no folder {tmp_path}/new" in problem.message
    assert problem.hint == f"`mkdir -p {tmp_path}/new`"


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    assert "is a folder" in problem_of(f"duckdb:///{tmp_path}").message


def test_a_missing_file_is_not_made_where_only_looking(tmp_path: Path) -> None:
    problem = problem_of(f"duckdb:///{tmp_path}/a.duckdb", create=False)
    assert problem.hint == "make one: `logreport ingest FILE`"
    assert list(tmp_path.iterdir()) == []


def test_too_little_memory_is_not_doubt(tmp_path: Path) -> None:
    url = f"duckdb:///{tmp_path}/a.duckdb?memory_limit=20MB&max_temp_directory_size=1MB"
    hungry = "SELECT string_agg(repeat('x', 1000), '') AS error FROM range(1000000) t(i) GROUP BY i % 100000"
    with open_store(url) as store:
        with pytest.raises(LogReportError, match="out of memory"), store.loading() as load:
            load.add(hungry)
        with store.loading() as load:
            assert load.add("SELECT 1 AS tokens") == 1


def test_settings_of_a_load_end_with_it(tmp_path: Path) -> None:
    def settings() -> tuple[object, ...]:
        with store.database.engine.connect() as connection:
            return tuple(
                connection.exec_driver_sql(
                    "SELECT current_setting('memory_limit'), current_setting('preserve_insertion_order')"
                ).one()
            )

    with open_store(f"duckdb:///{tmp_path}/a.duckdb") as store:
        before = settings()
        with pytest.raises(ZeroDivisionError), store.loading():
            raise ZeroDivisionError
        assert settings() == before


def test_memories_are_apart() -> None:
    with open_store("duckdb:///:memory:") as one, open_store("duckdb:///:memory:") as other:
        with one.loading() as load:
            load.add("SELECT 1 AS tokens")
            finish(load)
        assert (len(one.ingests()), len(other.ingests())) == (1, 0)
