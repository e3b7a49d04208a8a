"""What can be wrong with a PostgreSQL server, and what a user reads then."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from logreport.errors import BadInput, CannotConnect
from logreport.store import open_store


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


def test_request_ids_are_indexed(postgresql: str) -> None:
    with open_store(postgresql) as store:
        indexes = sa.inspect(store.database.engine).get_indexes("metrics")
    assert [(index["column_names"], index["unique"]) for index in indexes] == [(["request_id"], False)]
