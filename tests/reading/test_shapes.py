"""Lines, arrays and documents, plain and compressed, whole and damaged."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from logreport.errors import Doubt
from logreport.reading import segments

if TYPE_CHECKING:
    from tests.reading.conftest import Reader

RECORDS = [
    {"created": f"2024-12-18 16:40:{n % 60:02}", "model": f"m{n}", "metrics": {"tokens": n}, "notes": [{"created": 1}]}
    for n in range(2000)
]
LINES = "\n".join(json.dumps(record) for record in RECORDS).encode()
ARRAY = json.dumps(RECORDS).encode()
PRETTY = json.dumps(RECORDS, indent=2).encode()
ENVELOPE = json.dumps({"data": RECORDS, "schema": {"columns": [{"name": "x"}]}, "dialect": "clickhouse"}).encode()
SCHEMA_FIRST = json.dumps({"schema": {"data": [1]}, "data": RECORDS}, indent=1).encode()


def _zstd(content: bytes) -> bytes:
    zstd = pytest.importorskip("backports.zstd")
    packed: bytes = zstd.compress(content)
    return packed


def _tokens(rows: list[dict[str, Any]]) -> list[int]:
    return sorted(row["tokens"] for row in rows)


@pytest.mark.parametrize("content", [LINES, ARRAY, PRETTY, ENVELOPE, SCHEMA_FIRST])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, _zstd, lambda text: b"\xef\xbb\xbf" + text])
@pytest.mark.parametrize("small", [False, True])
def test_every_shape(reader: Reader, monkeypatch: pytest.MonkeyPatch, content: bytes, pack: Any, small: bool) -> None:
    if small:
        monkeypatch.setattr(segments, "SEGMENT", 10_000)
        monkeypatch.setattr("logreport.reading.strict._SMALL_ARRAY", 0)
        monkeypatch.setattr("logreport.reading.files.WINDOW", 4096)
        monkeypatch.setattr("logreport.reading.values.WINDOW", 4096)
    packed = pack(content)
    assert _tokens(reader.strict(packed)) == list(range(2000))
    assert _tokens(reader.careful(packed)) == list(range(2000))
    assert reader.tally.read == 2000


def test_gzip_members_one_after_the_other(reader: Reader) -> None:
    packed = gzip.compress(LINES + b"\n") + gzip.compress(LINES)
    assert len(reader.strict(packed)) == len(reader.careful(packed)) == 4000


@pytest.mark.parametrize("content", [LINES, ARRAY, ENVELOPE])
@pytest.mark.parametrize("damage", ["cut", "checksum", "garbage"])
def test_damaged_gzip_gives_the_records_before_the_damage(reader: Reader, content: bytes, damage: str) -> None:
    packed = bytearray(gzip.compress(content))
    if damage == "cut":
        del packed[len(packed) // 2 :]
    elif damage == "checksum":
        packed[-6] ^= 1
    else:
        packed += b"garbage"
    with pytest.raises(Doubt):
        reader.strict(bytes(packed))
    rows = reader.careful(bytes(packed))
    assert _tokens(rows) == list(range(len(rows)))
    assert len(rows) > 500
    assert len(reader.rejected) == 1
    assert "gzip" in reader.rejected[0].reason
    assert reader.tally.read == len(rows) + 1


@pytest.mark.parametrize("content", [ARRAY, PRETTY, ENVELOPE])
def test_after_a_syntax_error_reading_goes_on_at_the_next_record(reader: Reader, content: bytes) -> None:
    at = content.index(b'"m1000"')
    broken = content[:at] + b"oops" + content[at:]
    with pytest.raises(Doubt):
        reader.strict(broken)
    assert _tokens(reader.careful(broken)) == [token for token in range(2000) if token != 1000]
    (rejected,) = reader.rejected
    assert rejected.record == 1001
    assert rejected.offset == at
    assert "bytes were not read" in rejected.reason
    line = content.rindex(b"{", 0, at)
    assert rejected.line == content.count(b"\n", 0, line) + 1


@pytest.mark.parametrize("content", [ARRAY, ENVELOPE])
def test_a_truncated_array(reader: Reader, content: bytes) -> None:
    broken = content[: content.index(b'"m1000"')]
    with pytest.raises(Doubt):
        reader.strict(broken)
    assert _tokens(reader.careful(broken)) == list(range(1000))
    assert [rejected.record for rejected in reader.rejected] == [1001]


def test_a_wrong_value_in_an_array_does_not_stop_the_reading(reader: Reader) -> None:
    broken = PRETTY.replace(b'"tokens": 700\n', b'"tokens": 700.5\n').replace(b'"m900"', b"900")
    rows = reader.careful(broken)
    assert len(rows) == 1998
    first, second = reader.rejected
    assert (first.record, first.field) == (701, "metrics.tokens")
    assert (second.record, second.field) == (901, "model")
    lines = broken.split(b"\n")
    assert lines[first.line - 1].strip() == b"{"
    assert b'"m700"' in lines[first.line + 1]
    assert '"m700"' in first.raw


def test_lines_go_on_after_a_bad_one(reader: Reader) -> None:
    lines = LINES.split(b"\n")[:5]
    content = b"\n\n".join([lines[0], b"{broken", lines[1], b'{"model":', *lines[2:]])
    assert _tokens(reader.careful(content)) == [0, 1, 2, 3, 4]
    assert [(rejected.record, rejected.line) for rejected in reader.rejected] == [(2, 3), (4, 7)]


@pytest.mark.parametrize("tail", [b"] x", b"]]", b"] []", b""])
def test_arrays_that_end_badly(reader: Reader, tail: bytes) -> None:
    content = ARRAY[:-1] + tail
    with pytest.raises(Doubt):
        reader.strict(content)
    assert len(reader.careful(content)) == 2000
    assert len(reader.rejected) == 1


@pytest.mark.parametrize("tail", [b"]", b"]}}", b'],"schema":{]}', b"]} {}", b'],"schema"}', b""])
def test_documents_that_end_badly(reader: Reader, tail: bytes) -> None:
    content = b'{"data":' + ARRAY[:-1] + tail
    with pytest.raises(Doubt):
        reader.strict(content)
    assert len(reader.careful(content)) == 2000
    assert len(reader.rejected) == 1


def test_objects_over_several_lines(reader: Reader) -> None:
    content = b"\n".join(json.dumps(record, indent=2).encode() for record in RECORDS[:3])
    with pytest.raises(Doubt):
        reader.strict(content)
    assert _tokens(reader.careful(content)) == [0, 1, 2]
    assert reader.rejected == []


def test_a_line_with_a_field_called_data_is_a_line(reader: Reader) -> None:
    content = b'{"data":[{"model":"no"}],"model":"m"}\n{"model":"n"}'
    assert [row["model"] for row in reader.careful(content)] == ["m", "n"]
