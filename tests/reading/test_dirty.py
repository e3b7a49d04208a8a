"""Files as people have them: each record is read, or rejected with its place and a reason; nothing is silent."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logreport.errors import BadInput, Doubt
from logreport.testing import load_logs

if TYPE_CHECKING:
    from tests.reading.conftest import Reader

RECORDS = [{"created": f"2024-12-18 16:40:{n:02}", "model": f"m{n}", "metrics": {"tokens": n}} for n in range(10)]
LINES = [json.dumps(record) for record in RECORDS]
JSONL = "\n".join(LINES)
PRETTY = [json.dumps(record, indent=2) for record in RECORDS]
DEEP = '{"model":"m","x":' + "[" * 100_000 + "]" * 100_000 + "}"
TWICE = '{"created":"2024-12-18 16:40:40","model":"a","model":"b","metrics":{"tokens":1}}'
HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens"
ROWS = [f"2023-11-16 18:17:0{n}.9799600,{n},10" for n in range(8)]
CSV = "\n".join([HEADER, *ROWS])
OWN = "ts,model,prompt,prompt_tokens,completion_tokens\n"


def _with(lines: list[str], at: int, *more: str) -> str:
    return "\n".join([*lines[:at], *more, *lines[at:]])


WHOLE: list[tuple[str, bytes, int]] = [
    ("a mark at the beginning", b"\xef\xbb\xbf" + JSONL.encode(), 10),
    ("CR LF", JSONL.replace("\n", "\r\n").encode(), 10),
    ("blank lines", JSONL.replace("\n", "\n\n  \n").encode(), 10),
    ("UTF-16 with a mark", JSONL.encode("utf-16"), 10),
    ("UTF-16 LE", JSONL.encode("utf-16-le"), 10),
    ("UTF-16 BE", JSONL.encode("utf-16-be"), 10),
    ("objects over several lines", "\n".join(PRETTY).encode(), 10),
    ("objects behind each other", "".join(LINES).encode(), 10),
    ("lines and then objects over several", "\n".join([*LINES[:3], *PRETTY[3:]]).encode(), 10),
    ("JSON text sequences", ("\x1e" + "\n\x1e".join(LINES)).encode(), 10),
    ("a record deeper than any stack", _with(LINES, 5, DEEP).encode(), 11),
    ("such a record in an array", f"[{','.join([*LINES[:5], DEEP, *LINES[5:]])}]".encode(), 11),
    ("a comma before the end", f"[{','.join(LINES)},]".encode(), 10),
    ("a table with CR LF", CSV.replace("\n", "\r\n").encode(), 8),
    ("a table with CR", CSV.replace("\n", "\r").encode(), 8),
    ("a table in UTF-16", CSV.encode("utf-16"), 8),
    ("a table with a mark", b"\xef\xbb\xbf" + CSV.encode(), 8),
    ("a column without a name", "\n".join(["," + HEADER, *(f"{n},{row}" for n, row in enumerate(ROWS))]).encode(), 8),
    ("a column that the header lacks", "\n".join([HEADER, *(f"{n},{row}" for n, row in enumerate(ROWS))]).encode(), 8),
    ("commas at the ends of rows", "\n".join([HEADER, *(row + "," for row in ROWS)]).encode(), 8),
    ("semicolons", CSV.replace(",", ";").encode(), 8),
    ("tabs", CSV.replace(",", "\t").encode(), 8),
    ("as a spreadsheet writes it", ("sep=;\n" + CSV.replace(",", ";")).encode(), 8),
]


@pytest.mark.parametrize(("content", "calls"), [case[1:] for case in WHOLE], ids=[case[0] for case in WHOLE])
def test_what_is_odd_but_whole_is_read(tmp_path: Path, content: bytes, calls: int) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(content)
    loaded = load_logs(log)
    (file,) = loaded.files
    assert (file.error, file.read, file.loaded, file.skipped, file.rejected) == ("", calls, calls, 0, 0)


#: A file, how many calls come out of it, and the lines and reasons of what is rejected.
DAMAGED: list[tuple[str, str, int, list[tuple[int, str]]]] = [
    ("a broken line", _with(LINES, 5, "{broken"), 10, [(6, "not JSON")]),
    ("a truncated last line", JSONL[:-10], 9, [(10, "ends too early")]),
    ("brackets that nothing closes", _with(LINES, 5, "[" * 100_000), 10, [(6, "nested too deeply")]),
    ("a key twice", _with(LINES, 2, TWICE), 10, [(3, "is there twice, with different values")]),
    (
        "markers of a merge",
        "\n".join([*LINES[:2], "<<<<<<< HEAD", *LINES[2:4], "=======", LINES[4], ">>>>>>> other", *LINES[5:]]),
        10,
        [(3, "merge-conflict marker"), (6, "merge-conflict marker"), (8, "merge-conflict marker")],
    ),
    (
        "markers of a merge in a table",
        "\n".join([HEADER, *ROWS[:3], "<<<<<<< HEAD", ROWS[3], "=======", *ROWS[4:], ">>>>>>> other"]),
        8,
        [(5, "merge-conflict marker"), (7, "merge-conflict marker"), (12, "merge-conflict marker")],
    ),
    ("a row with more cells", _with([HEADER, *ROWS], 4, ROWS[0] + ",7,8"), 8, [(5, "has 5 cells, the header 3")]),
    ("a row with fewer cells", _with([HEADER, *ROWS], 4, "2023-11-16 18:17:04,48"), 8, [(5, "has 2 cells")]),
    ("NUL bytes", "\n".join([*LINES[:5], "\0" * 5000, *LINES[5:]]), 10, [(6, "NUL bytes")]),
    (
        "line numbers behind a cell of several lines",
        OWN + '2024-12-18 16:40:40,m,"a\nb ""q"" c",1,2\n2024-12-18 16:40:41,m,x,oops,2\n2024-12-18 16:40:42,m,x,3,2\n',
        2,
        [(4, "not a whole number")],
    ),
    (
        "a quote that nothing closes",
        OWN + '2024-12-18 16:40:40,m,"a,1,2\n' + "".join(f"2024-12-18 16:40:4{n},m,x,3,2\n" for n in range(9)),
        9,
        [(2, "opens a quote that nothing closes")],
    ),
]


@pytest.mark.parametrize(
    ("content", "calls", "rejected"), [case[1:] for case in DAMAGED], ids=[case[0] for case in DAMAGED]
)
def test_what_is_damaged_is_rejected_with_its_line_and_costs_nothing_else(
    tmp_path: Path, content: str, calls: int, rejected: list[tuple[int, str]]
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(content)
    loaded = load_logs(log)
    (file,) = loaded.files
    assert file.loaded == calls
    assert file.read == file.loaded + file.merged + file.skipped + file.rejected
    assert [one.line for one in loaded.rejected] == [line for line, _ in rejected]
    for one, (_, reason) in zip(loaded.rejected, rejected, strict=True):
        assert reason in one.reason


def test_comments_and_a_header_in_the_middle_are_skipped(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.write_text(f"// made by hand\n# so\n{JSONL}\n// end\n")
    table = tmp_path / "b.csv"
    table.write_text("\n".join([HEADER, *ROWS[:3], HEADER, *ROWS[3:]]))
    lines, rows = load_logs(log, table).files
    assert (lines.loaded, lines.audit.skipped) == (10, {"a comment": 3})
    assert (rows.loaded, rows.skipped, rows.rejected) == (8, 1, 0)


def test_a_table_of_another_encoding_is_read_and_noted(tmp_path: Path) -> None:
    log = tmp_path / "a.csv"
    log.write_bytes((OWN + "2024-12-18 16:40:40,modèle,x,1,2\n").encode("cp1252"))
    loaded = load_logs(log)
    assert loaded.calls[0]["model"] == "modèle"
    assert any("Windows-1252" in note for note in loaded.files[0].audit.notes)


def test_a_line_of_64_mib(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    large = json.dumps(RECORDS[0] | {"model": "large", "text": "y" * (64 << 20)})
    log.write_text(_with(LINES, 5, large))
    loaded = load_logs(log)
    assert len(loaded.calls) == 11
    assert "large" in {call["model"] for call in loaded.calls}


def test_one_broken_line_among_many(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.write_text("\n".join([*LINES * 5000, "oops", *LINES * 5000]))
    loaded = load_logs(log)
    assert len(loaded.calls) == 100_000
    assert [one.line for one in loaded.rejected] == [50_001]


@pytest.mark.parametrize(
    ("content", "what"), [(b"<!doctype html><html></html>", "HTML"), (b"PK\x03\x04" + b"a" * 30, "ZIP")]
)
def test_what_is_no_log_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    log = tmp_path / "a.json"
    log.write_bytes(content)
    (file,) = load_logs(log).files
    assert what in file.error
    assert file.hint


def _broken(text: str, number: int, old: str, new: str) -> str:
    """The text with something in the record of that number made otherwise."""
    at = text.index(f'"m{number}"')
    begin = text.rindex("{", 0, at)
    end = text.index("tokens", at)
    return text[:begin] + text[begin:end].replace(old, new, 1) + text[end:]


def _tokens(rows: list[dict[str, Any]]) -> list[int]:
    return [row["tokens"] for row in rows]


def _places(reader: Reader) -> list[tuple[int | None, str]]:
    return [(one.line, one.reason) for one in reader.rejected]


ARRAY = json.dumps(RECORDS)
COMPACT = json.dumps(RECORDS, separators=(",", ":"))
INDENTED = json.dumps(RECORDS, indent=2)
FLAT = json.dumps(RECORDS, indent=0)
BY_LINE = "[\n" + ",\n".join(LINES) + "\n]\n"
DOCUMENT = json.dumps({"object": "list", "data": RECORDS, "has_more": False})
OBJECTS = "\n".join(PRETTY)
FLAT_OBJECTS = "\n".join(json.dumps(record | {"messages": [{"a": 1}, {"a": 2}]}, indent=0) for record in RECORDS)
SHAPES = {
    "lines": JSONL,
    "an array": ARRAY,
    "a compact array": COMPACT,
    "an indented array": INDENTED,
    "an array without indentation": FLAT,
    "an array with a record a line": BY_LINE,
    "a document": DOCUMENT,
    "an indented document": json.dumps({"object": "list", "data": RECORDS, "has_more": False}, indent=1),
    "objects over several lines": OBJECTS,
    "objects over several lines without indentation": FLAT_OBJECTS,
    "objects behind each other": "".join(LINES),
    "objects with commas between": ", ".join(LINES),
}

ODD: dict[str, str] = {
    "commas at the ends of lines": ",\n".join(LINES),
    "commas at the ends of all lines": ",\n".join(LINES) + ",\n",
    "CR": JSONL.replace("\n", "\r"),
    "CR inside of records": JSONL.replace(", ", ",\r"),
    "objects with commas between, over several lines": ",\n".join(PRETTY),
    "objects over several lines, CR LF": OBJECTS.replace("\n", "\r\n"),
    "text sequences over several lines": "\x1e" + "\n\x1e".join(PRETTY) + "\n",
    "lines of several records": "\n".join([*LINES[:4], "".join(LINES[4:7]), ", ".join(LINES[7:])]),
    "an array in lines": "\n".join(json.dumps(RECORDS[at : at + 3]) for at in range(0, 10, 3)),
    "several arrays": json.dumps(RECORDS[:5], indent=1) + "\n\n" + json.dumps(RECORDS[5:]),
    "commas behind every record": ARRAY.replace("}}", "},}"),
    "comments in an array": BY_LINE.replace("[", "[ // all of them: {").replace('{"cr', '# so "\n{"cr'),
    "comments in a document": '{ // hello: "\n"data": ' + BY_LINE + "# the end\n}",
    "comments inside of records": INDENTED.replace('"model"', '// which "{\n"model"'),
    "marks in the middle": "\ufeff".join(line + "\n" for line in LINES),
    "a text that holds lines": json.dumps(JSONL),
    "a text that holds an array": json.dumps(ARRAY),
    "lines that hold texts": "\n".join(json.dumps(line) for line in LINES),
    "missing commas": ARRAY.replace("}}, {", "}} {", 3),
    "halves of characters": JSONL.replace('"model"', '"note": "\\ud83d", "other": "a\\udc00\\\\ud83d", "model"'),
    "numbers that are none": JSONL.replace('"model"', '"n": [NaN, -Infinity, 1e999, ' + "9" * 5000 + '], "model"'),
}


@pytest.mark.parametrize("content", [*SHAPES.values(), *ODD.values()], ids=[*SHAPES, *ODD])
@pytest.mark.parametrize("window", [1 << 20, 100, 1])
def test_every_pass_reads_every_record(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, content: str, window: int
) -> None:
    monkeypatch.setattr("logreport.reading.files.WINDOW", window)
    monkeypatch.setattr("logreport.reading.values.WINDOW", window)
    rows = reader.every(content.encode())
    assert [(row["model"], row["tokens"]) for row in rows] == [(f"m{n}", n) for n in range(10)]
    assert reader.rejected == []
    assert reader.tally.skipped == {}


DEEP_RECORD = '{"model":"deep","metrics":{"tokens":99},"x":' + "[" * 100_000 + "]" * 100_000 + "}"


@pytest.mark.parametrize("kind", ["lines", "array", "document", "objects"])
def test_a_record_deeper_than_any_stack_is_read_in_every_shape(reader: Reader, kind: str) -> None:
    records = [*LINES[:5], DEEP_RECORD, *LINES[5:]]
    content = {
        "lines": "\n".join(records),
        "array": f"[{','.join(records)}]",
        "document": f'{{"data":[{", ".join(records)}]}}',
        "objects": "".join(records),
    }[kind]
    assert _tokens(reader.every(content.encode())) == [0, 1, 2, 3, 4, 99, 5, 6, 7, 8, 9]
    wanted = content.replace('"model":"deep"', '"model":{"deep":' + "[" * 100_000 + "]" * 100_000 + "}")
    assert _tokens(reader.every(wanted.encode())) == list(range(10))
    assert [one.field for one in reader.rejected] == ["model"]
    endless = content.replace("]" * 100_000 + "}", "")
    assert len(reader.every(endless.encode())) >= 5
    assert len(reader.rejected) == 1


DAMAGE = {
    "letters that belong nowhere": ('"model": ', '"model": oops '),
    "a missing comma": (', "model"', ' "model"'),
    "a missing quote": ('"model', "model"),
    "a missing quote behind": ('model"', "model"),
    "a missing bracket": ("{", " "),
    "a bracket too many": ('"model"', '{"model"'),
    "a bracket that closes too early": (', "model"', '}, "model"'),
    "another bracket": ("{", "["),
}


@pytest.mark.parametrize("shape", ["lines", "an array", "an array with a record a line", "a document"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_behind_a_broken_record_reading_goes_on_at_the_next_one(reader: Reader, shape: str, damage: str) -> None:
    content = _broken(SHAPES[shape], 5, *DAMAGE[damage])
    assert content != SHAPES[shape]
    assert _tokens(reader.every(content.encode())) == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    (rejected,) = reader.rejected
    assert rejected.record == 6
    assert rejected.line == SHAPES[shape].count("\n", 0, SHAPES[shape].index('"m5"')) + 1
    assert "16:40:05" in rejected.raw


@pytest.mark.parametrize("shape", ["an indented array", "an indented document", "objects over several lines"])
@pytest.mark.parametrize("damage", ["oops", '"', "{", "}", "[", "]", '\\"', "\0"])
def test_so_it_does_where_records_are_indented(reader: Reader, shape: str, damage: str) -> None:
    whole = SHAPES[shape]
    at = whole.index('"m5"')
    content = whole[:at] + damage + whole[at:]
    assert _tokens(reader.every(content.encode())) == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    (rejected,) = reader.rejected
    assert rejected.line == whole.count("\n", 0, whole.rindex("{", 0, at)) + 1
    assert "bytes were not read" in rejected.reason
    assert rejected.offset is not None
    assert whole.rindex("{", 0, at) <= rejected.offset <= whole.index("}", at) + len(damage)


def test_the_first_record_of_an_array_may_be_the_broken_one(reader: Reader) -> None:
    for whole in (ARRAY, COMPACT, INDENTED, BY_LINE, DOCUMENT):
        content = whole.replace('"m0"', '"m0', 1)
        assert _tokens(reader.every(content.encode())) == list(range(1, 10))
        assert len(reader.rejected) == 1


def test_objects_inside_of_a_broken_record_are_not_taken_for_records(reader: Reader) -> None:
    inner = [{"created": "x", "role": "user", "content": "a"}, {"created": "x", "role": "model", "content": "b"}] * 9
    records = [record | {"messages": inner} for record in RECORDS]
    content = json.dumps(records).replace('"m5"', '"m5')
    assert _tokens(reader.every(content.encode())) == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    assert len(reader.rejected) == 1


@pytest.mark.parametrize("whole", [INDENTED, OBJECTS])
def test_what_a_marker_of_a_merge_stands_in_is_rejected_with_its_place(reader: Reader, whole: str) -> None:
    lines = whole.split("\n")
    at = next(number for number, line in enumerate(lines) if '"m5"' in line)
    merged = ["<<<<<<< HEAD", lines[at], "=======", lines[at].replace("m5", "other"), ">>>>>>> theirs"]
    content = "\n".join([*lines[:at], *merged, *lines[at + 1 :]])
    assert _tokens(reader.every(content.encode())) == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    (rejected,) = reader.rejected
    assert (rejected.record, rejected.line, rejected.offset) == (6, at - 1, content.index("<<<<<<<"))
    assert "holds a merge-conflict marker" in rejected.reason


@pytest.mark.parametrize("whole", [BY_LINE, INDENTED])
def test_markers_of_a_merge_between_the_records_of_an_array(reader: Reader, whole: str) -> None:
    lines = whole.split("\n")
    behind = next(number for number, line in enumerate(lines) if '"m4"' in line) + (1 if whole == BY_LINE else 5)
    content = "\n".join([*lines[:behind], "<<<<<<< HEAD", "=======", ">>>>>>> theirs", *lines[behind:]])
    assert _tokens(reader.every(content.encode())) == list(range(10))
    assert [line for line, _ in _places(reader)] == [behind + 1, behind + 2, behind + 3]


TOLD_TWICE = {
    '{"model":"a","model":"b","metrics":{"tokens":1}}': "model",
    '{"model":"a","metrics":{"tokens":1,"tokens":2}}': "metrics.tokens",
    '{"model":"a","metrics":{"tokens":1},"metrics":{"prompt_tokens":2}}': "metrics",
    '{"model":null,"model":"b"}': "model",
    '{"model":"a","mod\\u0065l":"b"}': "model",
    '{"model":"a","x":[1,],"model":"b"}': "model",
}


@pytest.mark.parametrize(("record", "field"), TOLD_TWICE.items())
def test_a_field_that_is_there_twice_is_rejected_in_every_shape(reader: Reader, record: str, field: str) -> None:
    for content in ("\n".join([*LINES, record]), f"[{','.join([*LINES, record])}]", "".join([*LINES, record])):
        with pytest.raises(Doubt):
            reader.strict(content.encode())
        assert _tokens(reader.every(content.encode())) == list(range(10))
        (rejected,) = reader.rejected
        assert (rejected.record, rejected.field) == (11, field)
        assert rejected.reason == "is there twice, with different values"


@pytest.mark.parametrize(
    "record",
    [
        '{"model":"m","model":"m","metrics":{"tokens":10}}',
        '{"model":"m","x":1,"x":2,"metrics":{"tokens":10,"tokens":10}}',
        '{"model":"m","x":[{"model":"a","model":"b"}],"metrics":{"tokens":10}}',
        '{"model":"m","x":"\\"model\\": \\"model\\":","metrics":{"tokens":10}}',
    ],
)
def test_so_is_none_that_says_the_same_twice_or_that_nobody_reads(reader: Reader, record: str) -> None:
    assert _tokens(reader.every("\n".join([*LINES, record]).encode())) == list(range(11))


BAD_LINES: dict[str, tuple[bytes, str]] = {
    "letters": (b"Traceback (most recent call last):", "is not JSON"),
    "a cut record": (LINES[0][:30].encode(), "is not JSON: the text ends too early"),
    "the end of a record": (LINES[0][30:].encode(), "is not JSON"),
    "a record and more": (LINES[0].encode() + b" x", "is not JSON"),
    "bytes that are no UTF-8": (b'{"model":"\xff"}', "is not UTF-8 text"),
    "a raw line end in a text": (b'{"model":"a\tb"}', "is not JSON"),
    "NUL bytes": (b"\0" * 99, "holds nothing but NUL bytes"),
    "a NUL byte in a record": (b'{"model":\0"m"}', "is not JSON"),
    "null": (b"null", "is not an object but null"),
    "a number": (b"42", "is not an object but 42"),
    "a text": (b'"hello"', "is not an object but a text"),
    "an array": (b"[1, 2]", "is not an object but an array"),
    "an empty object": (b"{}", "has none of the fields of a call"),
    "a row of a table": (b"2024-12-18,m,5", "is not JSON"),
    "NaN in a field": (b'{"model":"m","temperature":NaN}', "is not a finite number"),
    "quotes of another kind": (b"{'model':'m'}", "is not JSON"),
}


@pytest.mark.parametrize(("line", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_line_that_is_no_record_costs_itself_only(reader: Reader, line: bytes, reason: str) -> None:
    for at in (0, 5, 10):
        lines = [line.encode() for line in LINES]
        content = b"\n".join([*lines[:at], line, *lines[at:]])
        assert _tokens(reader.every(content)) == list(range(10))
        (rejected,) = reader.rejected
        assert (rejected.record, rejected.line) == (at + 1, at + 1)
        assert reason in rejected.reason


def test_nul_bytes_before_a_record_are_noted(reader: Reader) -> None:
    content = "\n".join([*LINES[:5], "\0" * 999 + LINES[5], *LINES[6:]])
    assert _tokens(reader.every(content.encode())) == list(range(10))
    assert reader.tally.notes == ["NUL bytes stand between the records, as a crash leaves them"]


def test_comments_beside_objects_over_several_lines_are_skipped(reader: Reader) -> None:
    content = "# hello\n" + "\n// and another\n".join(PRETTY)
    assert _tokens(reader.every(content.encode())) == list(range(10))
    assert reader.tally.skipped == {"a comment": 10}


def test_an_array_behind_other_text_is_read(reader: Reader) -> None:
    for content in (INDENTED, BY_LINE, OBJECTS):
        assert _tokens(reader.every(b"Starting up ...\n" + content.encode())) == list(range(10))
        assert [line for line, _ in _places(reader)] == [1]


@pytest.mark.parametrize("content", ["42", "null", '"hello"', "[1, 2]", "[[1], [2]]", "[null]", "{}"])
def test_a_document_that_holds_no_record(reader: Reader, content: str) -> None:
    assert reader.every(content.encode()) == []
    assert reader.tally.rejected >= 1


def test_an_empty_array_holds_nothing(reader: Reader) -> None:
    assert reader.every(b"[]") == reader.every(b" [ ] \n") == reader.every(b'{"data": []}') == []
    assert reader.tally.read == 0


def test_what_stands_behind_an_array(reader: Reader) -> None:
    for rest, more in (("x", 1), ("]", 1), ("[]", 1), ("[[1]]", 1), (LINES[0], 0), ("}\n}", 2), ("x" * 99, 1)):
        assert _tokens(reader.every(f"{ARRAY}\n{rest}".encode()))[:10] == list(range(10))
        assert len(reader.rejected) == more


def test_a_bracket_too_many_in_the_middle_of_an_array_costs_no_record(reader: Reader) -> None:
    for whole in (ARRAY, BY_LINE, INDENTED):
        at = whole.index("}", whole.index("}", whole.index('"m4"')) + 1) + 1
        assert _tokens(reader.every((whole[:at] + "]" + whole[at:]).encode())) == list(range(10))
        assert len(reader.rejected) == 1


def test_a_record_larger_than_memory_allows_costs_itself_only(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logreport.reading.files.WINDOW", 4096)
    monkeypatch.setattr("logreport.reading.values.WINDOW", 4096)
    monkeypatch.setattr("logreport.reading.files.LONGEST", 50_000)
    monkeypatch.setattr("logreport.reading.values.LONGEST", 50_000)
    large = RECORDS[0] | {"text": "x" * 400_000}
    records = [*RECORDS[:5], large, *RECORDS[5:]]
    lines = "\n".join(map(json.dumps, records))
    for content in (lines, json.dumps(records), json.dumps(records, indent=2), lines.replace("\n", "")):
        assert _tokens(reader.careful(content.encode())) == list(range(10))
        (rejected,) = reader.rejected
        assert rejected.record == 6


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process's peak")
@pytest.mark.parametrize("kind", ["alone", "lines", "array"])
def test_a_record_of_64_mib_takes_little_memory(tmp_path: Path, kind: str) -> None:
    large = json.dumps(RECORDS[0] | {"text": "y" * (64 << 20)})
    log = tmp_path / "a.json"
    log.write_text({"alone": large, "lines": _with(LINES, 5, large), "array": f"[{','.join([large, *LINES])}]"}[kind])
    # Its own peak: getrusage() would also count what the process that started it held.
    program = (
        "import re, sys; from pathlib import Path; from logreport.testing import load_logs\n"
        "print(len(load_logs(sys.argv[1], source='braintrust').calls))\n"
        "print(int(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1]) >> 10)"
    )
    told = subprocess.run([sys.executable, "-c", program, str(log)], check=True, capture_output=True, text=True)
    calls, mebibytes = map(int, told.stdout.split())
    assert calls == (1 if kind == "alone" else 11)
    assert mebibytes < 550


FOREIGN: dict[str, tuple[bytes, str]] = {
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\n", "a PDF document"),
    "a page": (b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "an HTML page"),
    "an XML": (b'<?xml version="1.0"?><a/>', "an XML document"),
    "an old sheet": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "an old Excel or Word document"),
    "bzip2": (bz2.compress(JSONL.encode()), "packed in a way not known here"),
    "xz": (lzma.compress(JSONL.encode()), "packed in a way not known here"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "a Git LFS pointer"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "no text"),
    "a packed page": (gzip.compress(b"<html><body>Sign in</body></html>"), "an HTML page"),
}


def _foreign(tmp_path: Path) -> dict[str, tuple[Path, str]]:
    """Real files of other kinds."""
    made: dict[str, tuple[Path, str]] = {}
    for name, what in (("a.zip", "a ZIP archive"), ("a.xlsx", "an Excel workbook")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("[Content_Types].xml" if name == "a.xlsx" else "log.jsonl", JSONL)
        made[name] = tmp_path / name, what
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as tar:
        (tmp_path / "log.txt").write_text(JSONL)
        tar.add(tmp_path / "log.txt", "log.jsonl")
    made["a.tgz"] = tmp_path / "a.tgz", "a tar archive"
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
        connection.execute("CREATE TABLE calls (model TEXT)")
        connection.commit()
    made["a.sqlite"] = tmp_path / "a.sqlite", "an SQLite database"
    with duckdb.connect(str(tmp_path / "a.duckdb")) as database:
        database.execute("CREATE TABLE calls AS SELECT 1 AS model")
        database.execute(f"COPY calls TO '{tmp_path / 'a.parquet'}' (FORMAT parquet)")
    made["a.duckdb"] = tmp_path / "a.duckdb", "a database file"
    made["a.parquet"] = tmp_path / "a.parquet", "a Parquet file"
    return made


def test_a_file_that_is_no_log_is_called_what_it_is_with_what_to_do(tmp_path: Path) -> None:
    files = _foreign(tmp_path)
    for name, (content, what) in FOREIGN.items():
        path = tmp_path / f"{name}.json"
        path.write_bytes(content)
        files[name] = path, what
    for path, what in files.values():
        (file,) = load_logs(path).files
        assert f"{path}: is {what}" in file.error
        assert file.hint


def test_a_folder_called_like_a_log_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "logs.jsonl").mkdir()
    (tmp_path / "logs.jsonl" / "a.jsonl").write_text(JSONL)
    assert len(load_logs(tmp_path).calls) == len(load_logs(tmp_path / "logs.jsonl").calls) == 10


WORD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t\"',; "), max_size=8)
RECORD = st.fixed_dictionaries(
    {"model": WORD},
    optional={
        "metrics": st.fixed_dictionaries(
            {}, optional={"tokens": st.integers(0, 2**63 - 1), "start": st.floats(0, 9e9)}
        ),
        "stream": st.booleans(),
        "x": st.recursive(st.none() | WORD | st.floats(), lambda inner: st.lists(inner) | st.dictionaries(WORD, inner)),
    },
)
WRITTEN = {
    "lines": lambda records: "\n".join(map(json.dumps, records)),
    "array": json.dumps,
    "by line": lambda records: "[\n" + ",\n".join(map(json.dumps, records)) + "\n]",
    "indented": lambda records: json.dumps(records, indent=2),
    "document": lambda records: json.dumps({"data": records, "more": None}),
    "objects": lambda records: "\n".join(json.dumps(record, indent=1) for record in records),
    "behind each other": lambda records: "".join(map(json.dumps, records)),
}


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> tuple[bytes, int]:
    """The content with a byte made otherwise, gone or added, and where."""
    at = draw(st.integers(0, len(content) - 1))
    byte = draw(st.sampled_from([bytes([byte]) for byte in b'{}[]",:\\\n\r \0/#x5\xff\x1e']))
    gone = draw(st.integers(0, 1))
    return content[:at] + (byte if draw(st.booleans()) else b"") + content[at + gone :], at


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.lists(RECORD, min_size=1, max_size=6), st.sampled_from(sorted(WRITTEN)))
def test_damage_costs_no_record_before_it_and_everything_is_counted(
    reader: Reader, data: st.DataObject, records: list[dict[str, Any]], shape: str
) -> None:
    times = [f"2024-12-18 16:40:{number:02}" for number in range(len(records))]
    content = WRITTEN[shape]([{"created": time} | record for time, record in zip(times, records, strict=True)]).encode()
    whole = reader.every(content)
    assert len(whole) == len(records)
    broken, at = data.draw(damaged(content))
    before = [row for row, time in zip(whole, times[1:], strict=False) if content.index(time.encode()) <= at]
    try:
        rows = reader.every(broken)
    except BadInput:
        assert not before
        return
    assert rows[: len(before)] == before


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.data(),
    st.lists(st.fixed_dictionaries({"model": CELL, "tokens": st.integers(0, 9999).map(str), "user": CELL}), min_size=1),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_damage_of_a_table_costs_no_row_before_it_and_everything_is_counted(
    table: Reader, data: st.DataObject, records: list[dict[str, str]], delimiter: str, end: str
) -> None:
    text = io.StringIO(newline="")
    quoting = (
        csv.QUOTE_ALL if any("\r" in cell for record in records for cell in record.values()) else csv.QUOTE_MINIMAL
    )
    writer = csv.DictWriter(text, ["model", "tokens", "user"], delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writeheader()
    writer.writerows(records)
    content = text.getvalue().encode()
    whole = table.every(content)
    broken, at = data.draw(damaged(content))
    try:
        rows = table.every(broken)
    except BadInput:
        return
    if at > len("model,tokens,user") + 2:
        undamaged = content[:at].decode("utf-8", "ignore")
        complete = len(list(csv.reader(io.StringIO(undamaged, newline=""), delimiter=delimiter))) - 2
        assert rows[: max(0, complete - 1)] == whole[: max(0, complete - 1)]
