"""Things made in another thread while the ones before them are used."""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from logreport.errors import Doubt
from logreport.reading import find_logs
from logreport.reading.ahead import ahead
from logreport.reading.files import LogText


def test_the_next_is_made_while_one_is_used() -> None:
    made = threading.Event()

    def numbers(_: threading.Event) -> Generator[int]:
        yield 1
        made.set()
        yield 2

    things = ahead(numbers)
    assert next(things) == 1
    assert made.wait(10)
    assert list(things) == [2]


def test_whoever_makes_them_is_told_that_it_is_enough() -> None:
    ended: list[str] = []

    def endless(enough: threading.Event) -> Generator[int]:
        try:
            yield 1
            enough.wait(60)
            assert enough.is_set()
            yield 2
        finally:
            ended.append("ended")

    things = ahead(endless)
    assert next(things) == 1
    things.close()
    assert ended == ["ended"]


def test_what_goes_wrong_comes_out_in_its_place() -> None:
    def broken(_: threading.Event) -> Generator[int]:
        yield 1
        raise ValueError("no second one")

    things = ahead(broken)
    assert next(things) == 1
    with pytest.raises(ValueError, match="no second one"):
        next(things)


def test_a_log_is_read_no_further_than_it_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a":1}\n' * 400_000)
    (log,) = find_logs([str(path)], tmp_path)
    text = LogText(log)
    windows = iter(text)
    assert next(windows)
    text.enough.set()
    with pytest.raises(Doubt):
        next(windows)
