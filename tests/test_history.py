"""The file that grows by a line with each report."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from logreport.errors import BadInput, CannotWrite
from logreport.histogram import of_values
from logreport.history import MOST, NUMBERS, Past, append, past, read_history
from logreport.measured import Measured, Rate, Scope

MADE = datetime(2026, 11, 1, 10, tzinfo=UTC)


def one(run: str | None = "nightly", count: float | None = 3) -> Past:
    return Past(made=MADE, run=run, numbers={"calls.count": count, "cost.total": None})


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "history.jsonl")


def test_what_was_written_is_read(file: str):
    written = [one(), one(None), one("a\nb 模型 \u2028"), one("x", 0.1)]
    for line in written:
        append(file, line)
    assert read_history(file) == tuple(written)
    assert len(Path(file).read_bytes().splitlines()) == 4


def test_there_need_be_no_file_yet(file: str):
    assert read_history(file) == ()
    Path(file).touch()
    assert read_history(file) == ()


def test_the_newest_are_read(file: str):
    for at in range(MOST + 2):
        append(file, one(count=at))
    assert [line.numbers["calls.count"] for line in read_history(file)] == list(range(2, MOST + 2))


def test_numbers_of_a_report_are_kept_where_they_are_known_whole():
    whole = Scope(
        calls=4,
        rates={"errors": Rate(1, 4)},
        distributions={"cost": of_values([1.0, 2.0]), "tokens": of_values([5, 6], whole=True)},
        unpriced_tokens=70,
    )
    kept = past(Measured(whole=whole), MADE, "nightly")
    assert tuple(kept.numbers) == NUMBERS
    known = {name: value for name, value in kept.numbers.items() if value is not None}
    assert known == {"calls.count": 4, "errors.rate": 0.25, "tokens.total": 11}


@pytest.mark.parametrize(
    "rest",
    [
        *("{", '{"schema_ver', '{"schema_version": 1', '{"schema_version": 1, "made": "'),
        '{"schema_version": 1, "made": "2026-',
        '{"schema_version": 1, "made": "2026-11-01T10:00:00+00:00", "run": "\xc3',
        '{"schema_version": 1, "made": "2026-11-01T10:00:00+00:00", "run": null, "numbers": {"calls.count": 3}',
    ],
)
def test_a_line_that_a_full_disk_cut_off_is_forgotten(rest: str, file: str):
    append(file, one("first"))
    with Path(file).open("ab") as grown:
        grown.write(rest.encode("latin-1"))
    assert [line.run for line in read_history(file)] == ["first"]
    append(file, one("second"))
    assert [line.run for line in read_history(file)] == ["first", "second"]
    assert all(json.loads(line) for line in Path(file).read_text().splitlines())


def test_what_was_cut_off_may_be_all_there_is(file: str):
    Path(file).write_text('{"schema_version": 1, "ma')
    assert read_history(file) == ()
    append(file, one("first"))
    assert [line.run for line in read_history(file)] == ["first"]


OURS = b'{"schema_version": 1, "made": "2026-11-01T10:00:00+00:00", "run": null, "numbers": {}}'
CUT = b'{"schema_version": 1, "ma'


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"TOKEN=abc", 1),
        (b"TOKEN=abc\n", 1),
        (b"\xff\x00\xfe", 1),
        (b"[1, 2", 1),
        (b'{"a": 1', 1),
        (b'{"schema_version": 3, "made": "2026-11', 1),
        (b'{"schema_version": 1, "metrics": [', 1),
        (b" {", 1),
        (b"TOKEN=abc\n" + CUT, 1),
        (b"{}\n" + CUT, 1),
        (OURS + b"\nTOKEN=abc", 2),
        (OURS + b"\nTOKEN=abc\n" + CUT, 2),
        (OURS + b"\n" + CUT + b"\n" + OURS, 2),
        (OURS + b"\n" + CUT + b"\n", 2),
        (OURS + b"\r" + CUT, 2),
    ],
)
def test_a_file_of_somebody_else_is_left_as_it_is(data: bytes, line: int, file: str):
    Path(file).write_bytes(data)
    for use in (lambda: read_history(file), lambda: append(file, one())):
        with pytest.raises(BadInput) as caught:
            use()
        assert caught.value.message.startswith(f"{file}, line {line}: ")
    assert Path(file).read_bytes() == data


def test_a_line_of_ours_begins_as_cut_off_lines_are_known_by(file: str):
    """Else what `append` writes would not be taken for ours once a disk cut it off."""
    append(file, one())
    whole = Path(file).read_bytes()
    for end in range(1, len(whole) - 2):
        Path(file).write_bytes(whole[:end])
        assert read_history(file) == ()


def test_a_line_without_its_end_is_kept(file: str):
    append(file, one("first"))
    Path(file).write_bytes(Path(file).read_bytes().rstrip(b"\n"))
    assert [line.run for line in read_history(file)] == ["first"]
    append(file, one("second"))
    assert [line.run for line in read_history(file)] == ["first", "second"]


def test_a_disk_that_is_full_spoils_nothing(file: str):
    """The limit of a process on the size of files stands for the disk's."""
    append(file, one("first"))
    program = "\n".join(
        [
            "import resource, sys",
            "from datetime import datetime, UTC",
            "from logreport.errors import CannotWrite",
            "from logreport.history import Past, append",
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({Path(file).stat().st_size + 20},) * 2)",
            "try:",
            "    append(sys.argv[1], Past(made=datetime.now(UTC), run='second', numbers={}))",
            "except CannotWrite as problem:",
            "    print(problem.message)",
        ]
    )
    done = subprocess.run([sys.executable, "-c", program, file], capture_output=True, text=True, check=True)
    assert done.stdout == f"cannot write {file}: File too large\n"
    assert [line.run for line in read_history(file)] == ["first"]
    append(file, one("third"))
    assert [line.run for line in read_history(file)] == ["first", "third"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("what", "line 2"),
        ("[]", "line 2"),
        ('{"schema_version": 1}', "line 2"),
        ('{"schema_version": 1, "made": "yesterday", "run": null, "numbers": {}}', "line 2"),
        ('{"schema_version": 1, "made": "2026-11-01T10:00:00Z", "run": null, "numbers": {"a": "b"}}', "line 2"),
        ('{"schema_version": 1, "made": "2026-11-01T10:00:00Z", "run": null, "numbers": {"a": NaN}}', "line 2"),
        ('{"schema_version": 9, "made": "2026-11-01T10:00:00Z", "run": null, "numbers": {}}', "schema version 9"),
    ],
)
def test_a_line_that_is_none_of_ours_is_named(line: str, message: str, file: str):
    append(file, one())
    with Path(file).open("a") as grown:
        grown.write(f"{line}\n\n")
    with pytest.raises(BadInput, match=message) as caught:
        read_history(file)
    assert f"{file}, line 2" in caught.value.message


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path):
    with pytest.raises(BadInput, match="Is a directory"):
        read_history(str(tmp_path))
    with pytest.raises(CannotWrite, match="No such file or directory"):
        append(str(tmp_path / "no" / "history.jsonl"), one())
    with pytest.raises(CannotWrite, match="No space left on device"):
        append("/dev/full", one())


def test_the_program_refuses_to_grow_a_file_of_somebody_else(run: Callable[..., Result], sample: Path, tmp_path: Path):
    secret, page = tmp_path / "secret.env", tmp_path / "page.html"
    secret.write_text("TOKEN=abc")

    done = run("report", str(sample), "-o", str(page), "--history", str(secret))

    assert done.exit_code != 0
    assert f"{secret}, line 1: " in done.stderr
    assert secret.read_text() == "TOKEN=abc"
    assert not page.exists()
