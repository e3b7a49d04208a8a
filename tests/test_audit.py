"""What became of a file's records, and why, is told with the ingest, on the page and in the JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from logreport.audit import Audit, Place, counted, rows
from logreport.databases.schema import VERSION
from logreport.store import open_store

GOOD = {"ts": "2025-01-01T00:00:00Z", "request_id": "r-1", "model": "m", "tokens_in": 3, "tokens_out": 4}


def _log(folder: Path) -> Path:
    log = folder / "calls.jsonl"
    records: list[Any] = [GOOD, GOOD, {"level": "info"}, GOOD | {"tokens_in": -5, "request_id": "secret"}]
    log.write_text("".join(json.dumps(record) + "\n" for record in records) + "oops\n")
    return log


def test_it_is_kept_with_the_ingest_and_comes_back_on_the_page_and_in_the_json(
    run: Any, tmp_path: Path, database_url: str
) -> None:
    page, numbers = tmp_path / "page.html", tmp_path / "numbers.json"
    assert run("ingest", _log(tmp_path), "--database", database_url).exit_code == 0
    assert run("render", "--database", database_url, "-o", page, "--json", numbers).exit_code == 0

    (ingest,) = json.loads(numbers.read_text())["ingests"]
    assert (ingest["read"], ingest["loaded"], ingest["merged"], ingest["skipped"], ingest["rejected"]) == (
        5,
        1,
        1,
        1,
        2,
    )
    audit = ingest["audit"]
    assert audit["merged"] == {"repeats of one request id": 1}
    assert audit["skipped"] == {"has neither tokens nor a model": 1}
    assert audit["rejected"] == {"`tokens_in` is negative": 1, "is not JSON": 1}
    assert [(place["line"], place["why"]) for place in audit["places"]] == [
        (4, "`tokens_in` is negative"),
        (5, "is not JSON"),
    ]
    assert audit["mapping"]["prompt_tokens"] == "tokens_in"
    html = page.read_text()
    for sentence in ("1 × repeats of one request id", "(line 4, line 5)", "prompt_tokens ← tokens_in"):
        assert sentence in html


def test_what_a_rejected_record_says_is_not_kept(run: Any, tmp_path: Path, database_url: str) -> None:
    log = tmp_path / "calls.jsonl"
    log.write_text(json.dumps(GOOD) + "\n" + json.dumps(GOOD | {"tokens_in": "what is my diagnosis?"}) + "\n")
    run("ingest", log, "--database", database_url)
    with open_store(database_url) as store:
        (ingest,) = store.ingests()
    assert "not a whole number" in ingest["audit"]
    assert "diagnosis" not in ingest["audit"]


def test_it_is_the_same_after_the_database(tmp_path: Path) -> None:
    audit = Audit(
        skipped={"a": 1}, rejected={"b": 2}, places=(Place(1, 2, None, "b"),), mapping={"c": "d"}, notes=("e",)
    )
    assert Audit.loads(audit.dumps()) == audit
    assert list(rows(audit)) == [
        ("skipped", "1 × a"),
        ("rejected", "2 × b (line 2, …)"),
        ("mapping", "c ← d"),
        ("note", "e"),
    ]


def test_many_reasons_are_told_as_the_most_frequent_and_the_rest() -> None:
    told = counted({f"reason {number}": number for number in range(1, 31)})
    assert len(told) == 21
    assert told["other reasons"] == sum(range(1, 11))
    assert sum(told.values()) == sum(range(1, 31))


def test_a_database_of_the_version_before_gets_the_column(run: Any, tmp_path: Path, database_url: str) -> None:
    log = _log(tmp_path)
    run("ingest", log, "--database", database_url)
    with open_store(database_url) as store, store.database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE ingests DROP COLUMN audit"))
        connection.execute(VERSION.update().values(version=1))
    assert run("ingest", log, "--again", "--database", database_url).exit_code == 0
    with open_store(database_url) as store:
        before, after = store.ingests()
    assert before["audit"] is None
    assert "repeats of one request id" in after["audit"]
