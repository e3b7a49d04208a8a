"""A DuckDB file is open while it is read and not longer; who waits to write it gets a turn."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from logreport.errors import CannotConnect
from logreport.serve.reader import LINGER, Reader

RECORD = {"created": "2024-12-18 10:00:00", "model": "a", "metrics": {"tokens": 1}}


@pytest.fixture
def file(tmp_path: Path, load) -> str:
    url = f"duckdb:///{tmp_path / 'calls.duckdb'}"
    load(url, RECORD)
    return url


def _ingest(url: str, log: Path, tokens: int) -> subprocess.CompletedProcess[str]:
    """Another process that wants to write."""
    log.write_text(f'{{"created":"2024-12-18 10:00:00","model":"b","metrics":{{"tokens":{tokens}}}}}\n')
    words = [sys.executable, "-m", "logreport", "ingest", str(log), "--database", url]
    return subprocess.run(words, capture_output=True, text=True, timeout=60)


def test_readers_at_the_same_time_share_one_opening(file: str) -> None:
    reader = Reader(file)

    with reader.reading() as one, reader.reading() as two:
        assert one is two
    time.sleep(10 * LINGER)
    with reader.reading() as three:
        assert three is not one


def test_many_threads_that_come_at_once_open_it_once(file: str) -> None:
    reader, ready = Reader(file), threading.Barrier(8)

    def read(_: int) -> int:
        ready.wait(20)
        with reader.reading() as store:
            ready.wait(20)  # all are in
            return id(store)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(read, range(8)))) == 1


def test_between_two_answers_others_can_write(file: str, tmp_path: Path) -> None:
    reader = Reader(file)
    with reader.reading() as store:
        before = store.version()

    done = _ingest(file, tmp_path / "more.jsonl", 2)

    assert done.returncode == 0, done.stderr
    with reader.reading() as store:
        assert store.version() != before


def test_where_questions_never_cease_a_writer_has_its_turn(file: str, tmp_path: Path) -> None:
    reader, ended, read = Reader(file), threading.Event(), [0]

    def ask() -> None:
        while not ended.is_set():
            try:
                with reader.reading() as store:
                    store.version()
                    time.sleep(0.05)
                    read[0] += 1
            except CannotConnect:  # while it is written
                time.sleep(0.05)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        done = _ingest(file, tmp_path / "more.jsonl", 3)
    finally:
        ended.set()
        for thread in threads:
            thread.join(60)

    assert done.returncode == 0, done.stderr
    assert read[0] > 20


def test_a_file_that_is_not_there_is_a_message_for_each_who_asks(tmp_path: Path) -> None:
    reader = Reader(f"duckdb:///{tmp_path / 'none.duckdb'}")

    for _ in range(2):
        with pytest.raises(CannotConnect, match="there is no database"), reader.reading():
            pass


def test_another_database_stays_open(postgresql: str, load) -> None:
    load(postgresql, RECORD)
    reader = Reader(postgresql)

    with reader.reading() as one:
        pass
    with reader.reading() as two:
        assert two is one
    reader.close()
