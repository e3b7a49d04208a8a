"""A real DuckDB and real files for the reader."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from logreport import reading
from logreport.errors import Doubt
from logreport.source import Field, Rejected, Source
from logreport.sources.braintrust import BRAINTRUST

#: A table source with a column of each kind, for CSVs and JSON.
PLAIN = Source(
    name="plain",
    title="one column a field",
    recognises=lambda records: True,
    columns={
        "created": Field("time"),
        "model": Field("model"),
        "tokens": Field("tokens"),
        "duration": Field("seconds"),
        "temperature": Field("heat"),
        "stream": Field("stream"),
        "status": Field("status"),
        "error": Field("error"),
        "user_id": Field("user"),
    },
)


class Reader:
    """Reads a log all three ways into DuckDB."""

    source: Source = BRAINTRUST
    origin: datetime | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = 0
        self.rejected: list[Rejected] = []
        self.tally = reading.Tally(on_reject=self.rejected.append)

    def log(self, content: bytes, name: str = "calls.json") -> reading.Log:
        self.files += 1
        path = self.folder / f"{self.files}-{name}"
        path.write_bytes(content)
        (log,) = reading.find_logs([str(path)], self.folder)
        return log

    def strict(self, content: bytes, zone: str = "UTC") -> list[dict[str, Any]]:
        """All rows, or Doubt."""
        log = self.log(content)
        batches = reading.strict_batches(log, self._form(log, zone), self._temporary())
        try:
            return _rows(batches)
        except duckdb.Error as problem:
            raise Doubt(str(problem)) from problem

    def careful(self, content: bytes, zone: str = "UTC") -> list[dict[str, Any]]:
        self.rejected.clear()
        self.tally = reading.Tally(on_reject=self.rejected.append)
        log = self.log(content)
        form = self._form(log, zone)
        return _rows(reading.careful_batches(log, form, self._temporary(), self.tally, exact=True))

    def quick(self, content: bytes, zone: str = "UTC") -> list[dict[str, Any]]:
        """All rows that can be decoded, their values converted by the database, or Doubt."""
        self.rejected.clear()
        self.tally = reading.Tally(on_reject=self.rejected.append)
        log = self.log(content)
        form = self._form(log, zone)
        try:
            return _rows(reading.careful_batches(log, form, self._temporary(), self.tally, exact=False))
        except duckdb.Error as problem:
            raise Doubt(str(problem)) from problem

    def every(self, content: bytes, zone: str = "UTC") -> list[dict[str, Any]]:
        """The rows of the exact pass, which the others load, too, where they do not doubt; `tally` is that pass's."""
        told = None
        try:
            quick = self.quick(content, zone)
            told = self._told()
        except Doubt:
            quick = None
        rows = self.careful(content, zone)
        assert quick is None or (quick, told) == (rows, self._told())
        with contextlib.suppress(Doubt):
            assert (self.strict(content, zone), [], {}) == (rows, self.rejected, self.tally.skipped)
        assert self.tally.read == len(rows) + self.tally.skipped.total() + self.tally.rejected
        return rows

    def _told(self) -> tuple[Any, ...]:
        return self.tally.read, dict(self.tally.skipped), list(self.rejected), list(self.tally.notes)

    def _form(self, log: reading.Log, zone: str) -> reading.Format:
        return reading.recognise(
            log, [self.source], reading.Wish(source=self.source.name, zone=zone, origin=self.origin)
        )

    def _temporary(self) -> Path:
        self.files += 1
        folder = self.folder / f"temporary-{self.files}"
        folder.mkdir()
        return folder


def _rows(batches: Iterator[reading.Batch]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    with duckdb.connect() as connection:
        for batch in batches:
            cursor = connection.execute(batch.select)
            names = [column[0] for column in cursor.description]
            rows += [_known(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    return rows


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


@pytest.fixture
def table(tmp_path: Path) -> Reader:
    """A reader whose source is a table of columns called as a CSV's header has them."""
    reader = Reader(tmp_path)
    reader.source = PLAIN
    return reader


@pytest.fixture
def refuses(reader: Reader) -> Callable[[bytes], Rejected]:
    """What the careful pass says of a record that the strict pass doubts."""

    def refuse(content: bytes) -> Rejected:
        with pytest.raises(Doubt):
            reader.strict(content)
        assert reader.careful(content) == []
        (rejected,) = reader.rejected
        return rejected

    return refuse
