"""From files to rows, on both databases."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from logreport.call import Call
from logreport.errors import BadInput
from logreport.ingest import Ingester, IngestOptions, IngestSummary
from logreport.reading import Wish
from logreport.source import Rejected
from logreport.sources.braintrust import BRAINTRUST
from logreport.store import open_store

CALL = {
    "created": "2024-12-18 16:40:40",
    "model": "gpt-4o-2024-11-20",
    "stream": False,
    "max_tokens": 16000,
    "temperature": 0.7,
    "type": "text",
    "metrics": {
        "start": 1734540040.786,
        "end": 1734540053.557,
        "tokens": 1213,
        "prompt_tokens": 337,
        "completion_tokens": 876,
        "time_to_first_token": 12.769,
    },
}


def ingest(url: str, *names: str | Path, zone: str = "UTC", **options: object) -> tuple[IngestSummary, list[Rejected]]:
    rejected: list[Rejected] = []
    with open_store(url) as store:
        ingester = Ingester(
            store=store,
            sources=[BRAINTRUST],
            options=IngestOptions(wish=Wish(zone=zone), **options),  # type: ignore[arg-type]
            on_reject=lambda name, one: rejected.append(one),
        )
        return ingester.run([str(name) for name in names]), rejected


def stored(url: str) -> list[dict[str, object]]:
    columns = [Call.created, Call.model, Call.stream, Call.tokens, Call.time_to_first_token, Call.duration]
    with open_store(url) as store:
        return store.rows(sa.select(*columns).order_by(Call.created, Call.model))


def lines(path: Path, *records: object) -> Path:
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records))
    return path


@pytest.mark.parametrize("shape", ["lines", "array", "envelope", "envelope, schema first"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_shape_gives_the_same_rows(database_url: str, tmp_path: Path, shape: str, packed: bool) -> None:
    records = [CALL, {**CALL, "model": None, "metrics": {"tokens": None}}]
    text = {
        "lines": "\n".join(map(json.dumps, records)),
        "array": json.dumps(records, indent=2),
        "envelope": json.dumps({"data": records, "schema": {"a": [1]}, "dialect": "clickhouse"}),
        "envelope, schema first": json.dumps({"schema": {"data": []}, "data": records}, indent=1),
    }[shape].encode()
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(text) if packed else text)

    summary, rejected = ingest(database_url, path)

    assert rejected == []
    assert (summary.files[0].read, summary.files[0].loaded) == (2, 2)
    known = next(row for row in stored(database_url) if row["model"])
    assert str(known["created"]) == "2024-12-18 16:40:40"
    assert (known["tokens"], known["stream"], known["time_to_first_token"]) == (1213, False, 12.769)
    assert known["duration"] == pytest.approx(12.771, abs=1e-6)
    unknown = next(row for row in stored(database_url) if not row["model"])
    assert (unknown["tokens"], unknown["time_to_first_token"], unknown["duration"]) == (None, None, None)


def test_a_file_is_loaded_once(database_url: str, tmp_path: Path) -> None:
    log = lines(tmp_path / "a.jsonl", CALL)
    ingest(database_url, log)

    summary, _ = ingest(database_url, log)
    assert summary.files[0].already_ingested
    assert summary.useful
    assert len(stored(database_url)) == 1

    ingest(database_url, log, again=True)
    assert len(stored(database_url)) == 2


@pytest.mark.parametrize(
    ("bad", "field", "reason"),
    [
        ("this is not JSON", None, ""),
        ('{"model": "m", "metrics": {"tokens": 1', None, ""),
        ('{"model": "m", "metrics": {"tokens": 1213.7}}', "metrics.tokens", ""),
        ('{"model": "m", "metrics": {"tokens": true}}', "metrics.tokens", ""),
        ('{"model": "m", "metrics": {"tokens": -5}}', "metrics.tokens", "-5"),
        ('{"model": "m", "metrics": {"tokens": 9223372036854775808}}', "metrics.tokens", ""),
        ('{"model": "m", "temperature": NaN}', "temperature", ""),
        ('{"model": "m", "temperature": Infinity}', "temperature", ""),
        ('{"model": "m", "created": "2024-02-30 10:00:00"}', "created", ""),
        ('{"model": 42}', "model", ""),
        ('{"model": "m", "metrics": {"time_to_first_token": -1}}', "metrics.time_to_first_token", ""),
        ("[1, 2]", None, ""),
        ("42", None, ""),
        ("null", None, ""),
        ("{}", None, ""),
    ],
)
def test_a_bad_line_costs_itself_only(
    database_url: str, tmp_path: Path, bad: str, field: str | None, reason: str
) -> None:
    log = lines(tmp_path / "a.jsonl", CALL, bad, CALL)

    summary, rejected = ingest(database_url, log)

    file = summary.files[0]
    assert (file.read, file.loaded, file.rejected) == (3, 2, 1)
    assert len(stored(database_url)) == 2
    assert [(one.record, one.line, one.field) for one in rejected] == [(2, 2, field)]
    assert reason in rejected[0].reason


def test_a_truncated_array_keeps_what_came_before(database_url: str, tmp_path: Path) -> None:
    log = tmp_path / "a.json"
    log.write_text(json.dumps([CALL, CALL, CALL])[:-20])

    summary, rejected = ingest(database_url, log)

    assert (summary.files[0].read, summary.files[0].loaded, summary.files[0].rejected) == (3, 2, 1)
    assert rejected[0].offset is not None


def test_exact_values_are_taken_whatever_their_type(database_url: str, tmp_path: Path) -> None:
    log = lines(tmp_path / "a.jsonl", {**CALL, "metrics": {"tokens": "1213"}}, {**CALL, "metrics": {"tokens": 21073.0}})

    summary, _ = ingest(database_url, log)

    assert summary.loaded == 2
    assert sorted(row["tokens"] for row in stored(database_url)) == [1213, 21073]  # type: ignore[type-var]


def test_times_with_an_offset_are_honoured_and_naive_ones_are_in_the_zone(database_url: str, tmp_path: Path) -> None:
    log = lines(
        tmp_path / "a.jsonl",
        {**CALL, "created": "2024-12-18T16:40:40.5+05:30"},
        {**CALL, "created": "2024-12-18 16:40:40"},
        {**CALL, "created": "2024-12-18T16:40:40Z"},
    )

    ingest(database_url, log, zone="America/New_York")

    assert [str(row["created"]) for row in stored(database_url)] == [
        "2024-12-18 11:10:40.500000",
        "2024-12-18 16:40:40",
        "2024-12-18 21:40:40",
    ]


def test_strict_loads_nothing_of_any_file(database_url: str, tmp_path: Path) -> None:
    good = lines(tmp_path / "a.jsonl", CALL)
    bad = lines(tmp_path / "b.jsonl", CALL, "oops")

    with pytest.raises(BadInput) as problem:
        ingest(database_url, good, bad, strict=True)

    assert "b.jsonl" in problem.value.message
    assert "line 2" in problem.value.message
    assert stored(database_url) == []


@pytest.mark.parametrize("content", ["", "\n\n", "nothing here", "[]", "{}", '{"data": []}'])
def test_a_file_without_calls_says_so(database_url: str, tmp_path: Path, content: str) -> None:
    log = tmp_path / "a.json"
    log.write_text(content)

    summary, _ = ingest(database_url, log)

    assert not summary.useful
    assert "a.json" in summary.files[0].error
    assert stored(database_url) == []


REPORT = {"schema_version": 2, "headline": {}, "ingests": [], "metrics": {"m": {"rows": [CALL, CALL]}}}
PAST = {"schema_version": 1, "made": "2026-11-25T21:56:12+00:00", "run": None, "numbers": {"calls.count": 1}}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("names", [["."], ["*.json*"], ["./*.jsonl", "m*.json"], ["**/*.json*"]])
def test_what_logreport_wrote_is_passed_over_in_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], strict: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    lines(tmp_path / "a.jsonl", CALL)
    lines(tmp_path / "h.jsonl", PAST, PAST)
    lines(tmp_path / "main.json", REPORT)

    summary, rejected = ingest("duckdb:///:memory:", *names, strict=strict)

    assert [(file.path, file.loaded, file.error) for file in summary.files] == [("a.jsonl", 1, "")]
    assert sorted(summary.passed_over) == [
        "h.jsonl: passed over, it is a history that logreport keeps, and no log",
        "main.json: passed over, it is a report that logreport wrote, and no log",
    ]
    assert rejected == []


def test_what_logreport_wrote_is_an_error_where_it_is_named(database_url: str, tmp_path: Path) -> None:
    log, report = lines(tmp_path / "a.jsonl", CALL), lines(tmp_path / "main.json", REPORT)

    summary, _ = ingest(database_url, tmp_path, report)

    assert [(file.loaded, file.error) for file in summary.files] == [
        (1, ""),
        (0, f"{report}: it is a report that logreport wrote, and no log"),
    ]
    assert summary.files[1].hint == f"`--baseline {report}` compares with it"
    assert summary.passed_over == ()
    with pytest.raises(BadInput, match="it is a report"):
        ingest(database_url, log, report, strict=True, again=True)
    assert len(stored(database_url)) == 1


def test_a_folder_of_nothing_else_has_no_log(tmp_path: Path) -> None:
    lines(tmp_path / "main.json", REPORT)
    with pytest.raises(BadInput) as problem:
        ingest("duckdb:///:memory:", tmp_path)
    assert problem.value.message.startswith(f"{tmp_path}: no log is left: {tmp_path / 'main.json'}: passed over")


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of this kind there")
def test_a_full_disk_is_a_message_that_names_the_folder(tmp_path: Path) -> None:
    answer = {
        "object": "chat.completion",
        "choices": [],
        "model": "m",
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    }
    log, small = tmp_path / "answers.jsonl", tmp_path / "small"
    log.write_text("".join(json.dumps(answer | {"id": f"chatcmpl-{number:030}"}) + "\n" for number in range(5000)))
    small.mkdir()
    command = (
        "import resource, sys\n"
        "from logreport.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"sys.argv = ['logreport', 'report', {str(log)!r}, '-o', {str(tmp_path / 'r.html')!r}]\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", command],
        env=os.environ | {"TMPDIR": str(small)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Error: no room for files that are needed while loading: File too large")
    assert f"they are written into {small}" in done.stderr
    assert not list(small.iterdir())
    assert not (tmp_path / "r.html").exists()
