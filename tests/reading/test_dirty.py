"""Files as people have them: each record is read, or rejected with its place and a reason; nothing is silent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logreport.testing import load_logs

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
