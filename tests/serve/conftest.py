"""Views over a database of a few calls whose answers can be worked out by hand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from logreport.ingest import Ingester, IngestOptions
from logreport.plugins import load_plugins
from logreport.render import Pages
from logreport.serve.server import listen
from logreport.serve.views import Views
from logreport.store import open_store

Load = Callable[..., None]


def record(created: str, model: str | None = "small", tokens: int | None = 10, **more: object) -> dict[str, object]:
    """A record of the project-log export."""
    return {"created": created, "model": model, "type": "text", "metrics": {"tokens": tokens}} | more


#: Calls: two small (10 + 20 tokens), one large (100) a day later, which is the newest.
THREE = (
    record("2024-12-18 10:00:00", tokens=10),
    record("2024-12-18 11:30:00", tokens=20, type="json"),
    record("2024-12-19 12:00:00", "large", tokens=100),
)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """`load(url, record, …, run="a")`: an ingest of these records."""
    files = iter(range(1000))

    def loaded(url: str, *records: object, run: str | None = None) -> None:
        log = tmp_path / f"log-{next(files)}.jsonl"
        log.write_text("".join(json.dumps(one) + "\n" for one in records))
        sources = [offer.value for offer in load_plugins().sources]
        with open_store(url) as store:
            Ingester(store=store, sources=sources, options=IngestOptions(run=run)).run([str(log)])

    return loaded


@pytest.fixture
def views(database_url: str, load: Load) -> Iterator[Views]:
    """Views of the three calls, on each kind of database."""
    load(database_url, *THREE, run="one")
    metrics = [(offer.value, offer.plugin) for offer in load_plugins().metrics]
    made = Views(database_url, metrics, Pages(), title="LLM report", timezone="UTC")
    yield made
    made.close()


@pytest.fixture
def listening() -> Iterator[Callable[..., int]]:
    """`listening(app, host)`: the port where the application is served until the test ends."""
    running = []

    def start(app: Any, host: str) -> int:
        server = listen(app, host, 0).waitress
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        return int(server.socket.getsockname()[1])

    yield start
    for server, thread in running:
        with suppress(OSError):  # the loop may have closed everything before the trigger is pulled
            server.trigger.pull_trigger(lambda server=server: [one.close() for one in list(server._map.values())])
        thread.join(20)
        server.task_dispatcher.shutdown(timeout=1)
        assert not thread.is_alive()
