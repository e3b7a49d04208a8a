"""A call that logs tell several times is one call: within a file, across files, against what is stored; on each database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logreport import Call, Outcome, Source
from logreport.ingest import Ingester, IngestOptions, IngestSummary
from logreport.store import open_store


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    yield from records


def _source(name: str = "spoken", *, unique_ids: bool = True) -> Source:
    def recognises(records: Sequence[Mapping[str, Any]]) -> bool:
        return bool(records)

    return Source(name=name, title=name, recognises=recognises, read=_read, unique_ids=unique_ids)


def said(folder: Path, name: str, *records: Mapping[str, Any]) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def ingest(url: str, *logs: Path, source: Source | None = None, **options: Any) -> IngestSummary:
    with open_store(url) as store:
        ingester = Ingester(store=store, sources=[source or _source()], options=IngestOptions(**options))
        return ingester.run([str(log) for log in logs])


def stored(url: str) -> list[tuple[Any, ...]]:
    columns = (Call.request_id, Call.created, Call.tokens, Call.finish_reason)
    with open_store(url) as store:
        rows = store.rows(sa.select(*columns).order_by(Call.request_id, Call.created, Call.tokens))
    return [(row["request_id"], str(row["created"])[-2:], row["tokens"], row["finish_reason"]) for row in rows]


def call(name: str | None, second: int, tokens: int | None, **more: Any) -> dict[str, Any]:
    return {"request_id": name, "created": f"2025-01-01T00:00:{second:02}Z", "tokens": tokens, **more}


def test_within_a_file_the_one_with_most_tokens_is_kept_at_the_first_of_their_times(
    database_url: str, tmp_path: Path
) -> None:
    log = said(
        tmp_path,
        "a.jsonl",
        call("x", 1, 5),
        call("x", 2, 80, finish_reason="stop"),
        call("x", 3, 50),
        call("y", 4, None),
        call(None, 5, 7),
        call(None, 5, 7),
    )
    (file,) = ingest(database_url, log).files
    assert stored(database_url) == [
        ("x", "01", 80, "stop"),
        ("y", "04", None, None),
        *sorted([(None, "05", 7, None)] * 2, key=str),
    ]
    assert (file.read, file.loaded, file.merged) == (6, 4, 2)
    assert file.audit.merged == {"repeats of one request id": 2}


def test_the_last_of_equals_is_kept(database_url: str, tmp_path: Path) -> None:
    ingest(database_url, said(tmp_path, "a.jsonl", call("x", 1, 5), call("x", 2, 5, finish_reason="stop")))
    assert stored(database_url) == [("x", "01", 5, "stop")]


def test_across_the_files_of_one_ingest_and_against_what_is_stored(database_url: str, tmp_path: Path) -> None:
    first = said(tmp_path, "a.jsonl", call("x", 5, 10), call("z", 6, 1))
    second = said(tmp_path, "b.jsonl", call("x", 3, 10), call("y", 7, 2))
    summary = ingest(database_url, first, second)
    assert [(file.loaded, file.merged) for file in summary.files] == [(2, 0), (1, 1)]
    assert stored(database_url) == [("x", "03", 10, None), ("y", "07", 2, None), ("z", "06", 1, None)]

    grown = said(tmp_path, "c.jsonl", call("x", 9, 99, finish_reason="stop"), call("z", 1, 0))
    (file,) = ingest(database_url, grown).files
    assert (file.loaded, file.merged) == (0, 2)
    assert stored(database_url) == [("x", "03", 99, "stop"), ("y", "07", 2, None), ("z", "01", 1, None)]


def test_the_numbers_of_every_ingest_stay_true(database_url: str, tmp_path: Path) -> None:
    ingest(database_url, said(tmp_path, "a.jsonl", call("x", 5, 10), call("y", 5, 10)))
    ingest(database_url, said(tmp_path, "b.jsonl", call("x", 6, 20), call("z", 5, 10)))
    with open_store(database_url) as store:
        ingests = store.ingests()
        counted = store.rows(sa.select(Call.ingest_id, sa.func.count().label("calls")).group_by(Call.ingest_id))
    assert {row["id"]: row["loaded"] for row in ingests} == {row["ingest_id"]: row["calls"] for row in counted}
    assert all(row["read"] == row["loaded"] + row["merged"] for row in ingests)


def test_a_file_of_repeats_only_is_a_good_file(database_url: str, tmp_path: Path) -> None:
    log = said(tmp_path, "a.jsonl", call("x", 1, 5))
    ingest(database_url, log)
    summary = ingest(database_url, log, again=True)
    assert summary.useful
    assert (summary.files[0].loaded, summary.files[0].merged) == (0, 1)


def test_failures_at_different_times_are_attempts(database_url: str, tmp_path: Path) -> None:
    log = said(
        tmp_path,
        "a.jsonl",
        call("x", 1, None, status="error"),
        call("x", 2, None, status="error"),
        call("x", 2, None, status="error"),
        call("x", 3, 9, status="ok"),
    )
    (file,) = ingest(database_url, log).files
    assert (file.loaded, file.merged) == (3, 1)


def test_another_run_and_another_source_have_calls_of_their_own(database_url: str, tmp_path: Path) -> None:
    log = said(tmp_path, "a.jsonl", call("x", 1, 5))
    assert ingest(database_url, log, run="one").loaded == 1
    assert ingest(database_url, log, run="two", again=True).loaded == 1
    assert ingest(database_url, log, run="two", again=True).loaded == 0
    assert ingest(database_url, log, source=_source("other"), run="two", again=True).loaded == 1
    assert len(stored(database_url)) == 3


def test_ids_that_are_not_unique_name_one_call_only_with_model_and_prompt(database_url: str, tmp_path: Path) -> None:
    loose = _source(unique_ids=False)
    log = said(
        tmp_path,
        "a.jsonl",
        call("x", 1, 5, model="m", prompt_tokens=3),
        call("x", 2, 9, model="m", prompt_tokens=3),
        call("x", 3, 9, model="m", prompt_tokens=4),
        call("x", 4, 9, model="n", prompt_tokens=4),
    )
    (file,) = ingest(database_url, log, source=loose).files
    assert (file.loaded, file.merged) == (3, 1)

    rotated = said(
        tmp_path,
        "b.jsonl",
        call("x", 3, 9, model="m", prompt_tokens=4),
        call("x", 8, 9, model="n", prompt_tokens=4),
    )
    (file,) = ingest(database_url, rotated, source=loose).files
    assert (file.loaded, file.merged) == (1, 1)


def test_a_hundred_thousand_rows_of_repeats(database_url: str, tmp_path: Path) -> None:
    records = (call(f"id-{number % 40_000}", number % 60, number) for number in range(100_000))
    (file,) = ingest(database_url, said(tmp_path, "a.jsonl", *records)).files
    assert (file.loaded, file.merged) == (40_000, 60_000)
    with open_store(database_url) as store:
        (row,) = store.rows(sa.select(sa.func.sum(Call.tokens, type_=sa.BigInteger()).label("tokens")))
    # Of each id the last is the largest: 80,000 to 99,999 for the first 20,000 ids, 60,000 to 79,999 for the others.
    assert row["tokens"] == sum(range(60_000, 100_000))


@pytest.mark.parametrize("again", [False, True])
def test_forgetting_an_ingest_forgets_its_calls_only(database_url: str, tmp_path: Path, again: bool) -> None:
    ingest(database_url, said(tmp_path, "a.jsonl", call("x", 5, 10)))
    ingest(database_url, said(tmp_path, "b.jsonl", call("x", 6, 20), call("y", 5, 10)), again=again)
    with open_store(database_url) as store:
        store.forget(store.ingests()[1]["id"])
    assert stored(database_url) == [("x", "05", 20, None)]


#: Lines of two calls as programs write them, and as they should not: growing, shrinking, failing, without a time.
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "request_id": st.sampled_from(["x", "x", "y", None, ""]),
            "created": st.sampled_from(
                [
                    "2025-01-01T00:00:01Z",
                    "2025-01-01T00:00:02Z",
                    "2025-01-01 00:00:03",
                    "2025-99-01T00:00:04Z",
                    1735689604,
                    None,
                ]
            ),
            "uncached_tokens": st.sampled_from([4, 4, 5]),
            "completion_tokens": st.sampled_from([None, 1, 1, 80, -5]),
        },
        optional={
            "cache_read_tokens": st.sampled_from([None, 7]),
            "reasoning_tokens": st.sampled_from([None, 3]),
            "ended": st.sampled_from([None, "2025-01-01T00:00:09Z"]),
            "finish_reason": st.sampled_from([None, "stop"]),
            "status": st.sampled_from([None, "ok", "error"]),
            "model": st.sampled_from(["m", "n"]),
        },
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES)
def test_lines_made_one_before_they_are_loaded_are_as_if_the_database_had_merged_them(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    broken = {"model": "m", "duration": "soon"}  # after which every value is looked at by itself
    plain = ingest(f"duckdb:///{folder}/a.duckdb", said(folder, "a.jsonl", *lines))
    exact = ingest(f"duckdb:///{folder}/b.duckdb", said(folder, "b.jsonl", *lines, broken))
    assert (plain.files[0].loaded, plain.files[0].merged) == (exact.files[0].loaded, exact.files[0].merged)
    assert exact.files[0].rejected == plain.files[0].rejected + 1 or not exact.loaded
    everything = sa.select(Call).order_by(Call.request_id, Call.created, Call.tokens, Call.model, Call.finish_reason)
    with open_store(f"duckdb:///{folder}/a.duckdb") as one, open_store(f"duckdb:///{folder}/b.duckdb") as other:
        assert one.rows(everything) == other.rows(everything)
