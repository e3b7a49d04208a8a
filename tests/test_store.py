"""The store on both databases: what goes in comes out, all of it or nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from logreport import sql
from logreport.call import SCHEMA_VERSION, Call, Ingest
from logreport.databases import schema
from logreport.errors import CannotConnect, Doubt, IncompatibleDatabase, LogReportError
from logreport.store import Load, Store, open_store

NOON = datetime(2024, 12, 18, 12)
ONE = "SELECT TIMESTAMP '2024-12-18 16:40:40.5' AS created, 'm' AS model, 7::BIGINT AS tokens, true AS stream"


def finish(load: Load, sha256: str = "ab", loaded: int = 1) -> None:
    load.finish(
        path="a.json", sha256=sha256, bytes=10, source="braintrust", run=None, read=loaded, loaded=loaded,
        merged=0, skipped=0, rejected=0, started=NOON, finished=NOON,
    )  # fmt: skip


def load_one(store: Store, select: str = ONE, sha256: str = "ab") -> int:
    with store.loading() as load:
        finish(load, sha256, load.add(select))
    return load.ingest_id


def engine_of(url: str) -> sa.Engine:
    """An engine that is not ours; SQLAlchemy itself would take another driver."""
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))


def count(store: Store) -> int:
    return int(store.rows(sa.select(sa.func.count().label("calls")).select_from(Call))[0]["calls"])


def test_a_call_comes_back_as_it_went_in(database_url: str) -> None:
    with open_store(database_url) as store:
        load_one(store)
    with open_store(database_url, create=False) as store:
        row = store.rows(sa.select(*Call.__table__.columns))[0]
        assert {name: value for name, value in row.items() if value is not None} == {
            "created": datetime(2024, 12, 18, 16, 40, 40, 500000),
            "model": "m",
            "tokens": 7,
            "stream": True,
            "ingest_id": 1,
        }
        assert [(row["id"], row["sha256"], row["finished"]) for row in store.ingests()] == [(1, "ab", NOON)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\\N",
        "NULL",
        "\\.",
        "x\n\\.\ny",
        "\n",
        "\r\n",
        '"',
        '""',
        "a,b",
        "\\",
        "\t",
        " ",
        "é𝄞",
        "'; DROP TABLE metrics; --",
    ],
)
def test_text_is_kept_to_the_letter(database_url: str, text: str) -> None:
    quoted = text.replace("'", "''")
    with open_store(database_url) as store:
        load_one(store, f"SELECT NULL::VARCHAR AS provider, '{quoted}' AS model")
        load_one(store, f"SELECT '{quoted}' AS error, 'second' AS model")
        assert store.rows(sa.select(Call.provider, Call.model, Call.error).order_by(Call.ingest_id)) == [
            {"provider": None, "model": text, "error": None},
            {"provider": None, "model": "second", "error": text},
        ]


def test_the_ends_of_the_ranges_are_kept(database_url: str) -> None:
    with open_store(database_url) as store:
        load_one(
            store,
            "SELECT 9223372036854775807::BIGINT AS tokens, 0.1::DOUBLE AS temperature, 1.7976931348623157e308 AS cost",
        )
        load_one(store, "SELECT 9223372036854775807::BIGINT AS tokens, 5e-324::DOUBLE AS temperature")
        rows = store.rows(sa.select(Call.tokens, Call.temperature, Call.cost).order_by(Call.ingest_id))
        assert [tuple(row.values()) for row in rows] == [
            (2**63 - 1, 0.1, 1.7976931348623157e308),
            (2**63 - 1, 5e-324, None),
        ]
        total = store.rows(sa.select(sa.func.sum(Call.tokens).label("tokens")))[0]["tokens"]
        assert (total, type(total)) == (2 * (2**63 - 1), int)


def test_numbers_are_plain_and_the_same_everywhere(database_url: str) -> None:
    with open_store(database_url) as store:
        load_one(store, "SELECT unnest([1, 2, NULL])::BIGINT AS tokens, 0.5::DOUBLE AS temperature")
        row = store.rows(
            sa.select(
                sa.func.sum(Call.tokens).label("sum"),
                sa.func.avg(Call.tokens).label("mean"),
                sa.func.avg(Call.temperature).label("temperature"),
                sa.func.sum(Call.max_tokens).label("nothing"),
            )
        )[0]
        assert row == {"sum": 3, "mean": 1.5, "temperature": 0.5, "nothing": None}
        assert [type(value) for value in row.values()] == [int, float, float, type(None)]


def test_frames_have_the_labels_and_their_kinds_even_without_rows(database_url: str) -> None:
    columns = [Call.created.label("bucket"), Call.model, Call.tokens, Call.temperature.label("degrees")]
    kinds = {"bucket": "datetime64[us]", "model": "object", "tokens": "Int64", "degrees": "float64"}
    with open_store(database_url) as store:
        assert {name: str(kind) for name, kind in store.frame(sa.select(*columns)).dtypes.items()} == kinds
        load_one(store)
        load_one(store, "SELECT 0.5::DOUBLE AS temperature")
        frame = store.frame(sa.select(*columns).order_by(Call.ingest_id))
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == kinds
    assert frame["model"].tolist() == ["m", None]
    assert frame["tokens"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "wrong",
    [
        "SELECT error('doubt') AS model",
        "SELECT 'x'::BIGINT AS tokens",
        "SELECT * FROM read_json('/nowhere/at/all.json')",
        "not SQL",
    ],
)
def test_doubt_rolls_everything_back(database_url: str, wrong: str) -> None:
    with open_store(database_url) as store:
        with pytest.raises(Doubt), store.loading() as load:
            load.add(ONE)
            load.add(wrong)
        assert (count(store), store.ingests()) == (0, [])
        assert load_one(store) == load.ingest_id  # what was rolled back leaves no gap in the numbers


def test_doubt_far_into_a_stream_rolls_everything_back(database_url: str) -> None:
    late = "SELECT CASE WHEN i = 299999 THEN error('doubt') ELSE i END AS tokens FROM range(300000) t(i)"
    with open_store(database_url) as store:
        with pytest.raises(Doubt), store.loading() as load:
            load.add(late)
        assert count(store) == 0


def test_any_other_exception_rolls_back_too(database_url: str) -> None:
    with open_store(database_url) as store:
        with pytest.raises(ZeroDivisionError), store.loading() as load:
            load.add(ONE)
            finish(load)
            raise ZeroDivisionError
        assert (count(store), store.ingests()) == (0, [])


def test_a_column_nobody_knows_is_not_lost_silently(database_url: str) -> None:
    with open_store(database_url) as store:
        with pytest.raises((Doubt, LogReportError)), store.loading() as load:
            load.add("SELECT 1 AS no_such_column")
        assert count(store) == 0


def test_forget_takes_an_ingest_and_its_calls(database_url: str) -> None:
    with open_store(database_url) as store:
        first = load_one(store)
        load_one(store, ONE, "cd")
        assert store.forget(first) == 1
        assert [row["sha256"] for row in store.ingests()] == ["cd"]
        assert count(store) == 1
        with pytest.raises(LogReportError, match=f"no ingest {first}"):
            store.forget(first)
        assert load_one(store, ONE, "ef") == 3  # a number is never used again


def test_the_same_bytes_are_recognised(database_url: str) -> None:
    with open_store(database_url) as store:
        assert store.loaded_before("ab") is None
        load_one(store)
        before = store.loaded_before("ab")
        assert before is not None
        assert before["path"] == "a.json"
        with store.loading("ab") as load:
            assert load.before == before


def test_two_at_once_load_a_file_once(postgresql: str) -> None:
    ready, loaded = threading.Barrier(2), []

    def ingest() -> None:
        with open_store(postgresql) as store:  # both may be the first to make the tables
            ready.wait(30)
            with store.loading("ab") as load:
                if load.before is None:
                    load.add(ONE)
                    finish(load)
                    loaded.append(load.ingest_id)

    both = [threading.Thread(target=ingest) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    with open_store(postgresql) as store:
        assert (len(loaded), count(store), len(store.ingests())) == (1, 1, 1)


def test_tables_are_made_once_by_many_at_once(postgresql: str) -> None:
    start, problems = threading.Barrier(6), []

    def first() -> None:
        start.wait(30)
        try:
            with open_store(postgresql):
                pass
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is the finding
            problems.append(problem)

    many = [threading.Thread(target=first) for _ in range(6)]
    for one in many:
        one.start()
    for one in many:
        one.join(60)
    assert problems == []


KILLED = """
import sys
from logreport.store import open_store
with open_store(sys.argv[1]) as store, store.loading() as load:
    load.add("SELECT i AS tokens, repeat('x', 100) AS error FROM range(300000) t(i)")
    print("loaded", flush=True)
    load.add("SELECT count(*) AS tokens FROM range(100000000) a, range(100000000) b")
"""


def test_kill_9_leaves_nothing_behind(database_url: str) -> None:
    with open_store(database_url) as store:
        load_one(store)
    with subprocess.Popen([sys.executable, "-c", KILLED, database_url], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"loaded\n"
        os.kill(process.pid, signal.SIGKILL)
    with open_store(database_url) as store:
        assert (count(store), len(store.ingests())) == (1, 1)
        load_one(store, ONE, "cd")
        assert count(store) == 2


INTERACTIVE = """
import sys
from logreport.store import open_store
with open_store(sys.argv[1]) as store, store.loading() as load:
    assert not hasattr(sys.modules["__main__"], "__file__")  # to DuckDB, somebody is typing this
    load.add("SELECT current_setting('enable_progress_bar')::VARCHAR AS model")
"""


def test_duckdb_draws_no_progress_where_python_looks_interactive(database_url: str) -> None:
    subprocess.run([sys.executable, "-c", INTERACTIVE, database_url], check=True)
    with open_store(database_url, create=False) as store:
        assert store.rows(sa.select(Call.model)) == [{"model": "false"}]


def test_a_newer_schema_is_refused(database_url: str) -> None:
    with open_store(database_url) as store:
        load_one(store)
        with store.database.engine.begin() as connection:
            connection.execute(schema.VERSION.update().values(version=SCHEMA_VERSION + 1))
    with pytest.raises(IncompatibleDatabase, match="newer version of logreport") as problem, open_store(database_url):
        pass
    assert "upgrade" in problem.value.hint


def test_an_older_schema_is_upgraded_in_one_transaction(database_url: str) -> None:
    def grow(connection: sa.Connection) -> None:
        connection.execute(sa.text("ALTER TABLE ingests ADD COLUMN extra BIGINT"))

    def fail(connection: sa.Connection) -> None:
        grow(connection)
        raise ZeroDivisionError

    with open_store(database_url) as store:
        load_one(store)
        newest = SCHEMA_VERSION + 1
        with pytest.raises(ZeroDivisionError):
            schema.prepare(store.database, version=newest, steps={SCHEMA_VERSION: fail})
        schema.prepare(store.database, version=newest, steps={SCHEMA_VERSION: grow})
        with store.database.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(extra) FROM ingests")) == 0
            assert connection.scalar(sa.select(schema.VERSION.c.version)) == newest
        assert count(store) == 1


@pytest.mark.parametrize("table", ["metrics", "ingests"])
def test_tables_of_somebody_else_are_not_touched(database_url: str, table: str) -> None:
    engine = engine_of(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {table} (id INTEGER)"))
    engine.dispose()

    with pytest.raises(IncompatibleDatabase, match=f"`{table}` that logreport did not make"), open_store(database_url):
        pass

    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == [table]
    engine.dispose()


def test_a_changed_table_is_refused(database_url: str) -> None:
    with open_store(database_url) as store, store.database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE metrics DROP COLUMN cost"))
    with pytest.raises(IncompatibleDatabase, match="metrics"), open_store(database_url):
        pass


def test_nothing_is_made_where_only_looking(postgresql: str) -> None:
    with pytest.raises(CannotConnect, match="no calls yet") as problem, open_store(postgresql, create=False):
        pass
    assert "logreport ingest" in problem.value.hint
    engine = engine_of(postgresql)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///a.db",
        "mysql://u:secret@h/d",
        "postgresql+asyncpg://u:secret@h/d",
        "no url",
        "postgresql://u:secret@h:port/d",
    ],
)
def test_urls_that_cannot_be_used(url: str) -> None:
    with pytest.raises(CannotConnect) as problem, open_store(url):
        pass
    assert "postgresql://" in problem.value.hint
    assert "secret" not in problem.value.message + problem.value.hint


def test_the_url_may_come_from_the_environment_or_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store(None):
        pass
    monkeypatch.setenv("LOGREPORT_DATABASE_URL", f"duckdb:///{tmp_path}/b.duckdb")
    with open_store(None):
        pass
    with open_store("c.duckdb"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.duckdb", "c.duckdb", "logreport.duckdb"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_way_to_write_postgresql(postgresql: str, scheme: str) -> None:
    with open_store(scheme + "://" + postgresql.split("://", 1)[1]) as store:
        assert load_one(store) == 1


def test_asking_duckdb_imports_no_pandas(tmp_path: Path) -> None:
    program = (
        "import sys, sqlalchemy as sa; from logreport.call import Call; from logreport.store import open_store\n"
        "with open_store('duckdb:///:memory:') as store:\n"
        f"    with store.loading() as load: load.add({ONE!r})\n"
        "    assert store.rows(sa.select(Call.tokens)) == [{'tokens': 7}]\n"
        "print([name for name in ('pandas', 'numpy', 'psycopg2', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert list(tmp_path.iterdir()) == []


def test_ingests_are_the_table(database_url: str) -> None:
    with open_store(database_url) as store:
        load_one(store)
        assert set(store.ingests()[0]) == set(Ingest.__table__.columns.keys())


@pytest.mark.parametrize("model", ["100%", "%s", "%(x)s", ":x", "it's", "\\", "$1", "?", "[POSTCOMPILE_x]"])
def test_values_of_a_question_are_values(database_url: str, model: str) -> None:
    with open_store(database_url) as store:
        quoted = model.replace("'", "''")
        load_one(store, f"SELECT unnest(['{quoted}', 'other']) AS model")
        asked = sa.select(Call.model, sa.literal(model).label("same")).where(Call.model.in_([model, "third"]))
        assert store.rows(asked) == [{"model": model, "same": model}]


def test_times_in_a_question(database_url: str) -> None:
    with open_store(database_url) as store:
        load_one(store)
        at = datetime(2024, 12, 18, 16, 40, 40, 500000)
        for model in (Call.created >= at, Call.created < at):
            store.rows(sa.select(Call.model).where(model))
        assert store.rows(sa.select(Call.model).where(Call.created == at)) == [{"model": "m"}]


@pytest.mark.parametrize(
    ("seconds", "floor"),
    [
        (1, "2024-12-18 16:40:40"),
        (900, "2024-12-18 16:30:00"),
        (3600, "2024-12-18 16:00:00"),
        (86400, "2024-12-18 00:00:00"),
        (7 * 86400, "2024-12-16 00:00:00"),  # a Monday
    ],
)
def test_floors_of_time(database_url: str, seconds: int, floor: str) -> None:
    bucket = sql.floor_time(sa.type_coerce(Call.created, sa.DateTime()), seconds).label("bucket")
    with open_store(database_url) as store:
        load_one(store)
        load_one(store, "SELECT NULL::TIMESTAMP AS created")
        load_one(store, "SELECT TIMESTAMP '1999-12-31 23:59:59' AS created")
        asked = sa.select(bucket, sa.func.count().label("calls")).group_by(bucket).order_by(bucket)
        assert str(store.rows(asked.where(Call.created > datetime(2024, 1, 1)))[0]["bucket"]) == floor
        assert len(store.rows(asked)) == 3


def test_the_version_changes_with_every_ingest_and_every_forget_and_only_then(database_url: str) -> None:
    with open_store(database_url) as store:
        seen = [store.version()]
        load_one(store, sha256="a")
        seen.append(store.version())
        load_one(store, sha256="b")
        seen.append(store.version())
        with pytest.raises(ZeroDivisionError), store.loading() as load:
            load.add(ONE)
            raise ZeroDivisionError
        assert store.version() == seen[-1]
        store.forget(1)
        seen.append(store.version())
        load_one(store, sha256="a")
        seen.append(store.version())
    assert len(set(seen)) == 5
    with open_store(database_url, read_only=True) as store:
        assert store.version() == seen[-1]
