"""What can be wrong with a DuckDB file, and what a user reads then."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from logreport.errors import CannotConnect, LogReportError
from logreport.store import open_store

NOON = datetime(2024, 12, 18, 12)
HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


def problem_of(url: str, *, create: bool = True) -> CannotConnect:
    with pytest.raises(CannotConnect) as problem, open_store(url, create=create):
        pass
    return problem.value


def test_a_file_in_use(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        problem = problem_of(f"duckdb:///{path}")
        assert problem.message == f"{path} is open in another process (process {process.pid})"
        assert problem.hint


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
            load.finish(
                path="a", sha256="a", bytes=1, source="s", run=None, read=1, loaded=1, merged=0, skipped=0, rejected=0,
                started=NOON, finished=NOON,
            )  # fmt: skip
        assert (len(one.ingests()), len(other.ingests())) == (1, 0)
