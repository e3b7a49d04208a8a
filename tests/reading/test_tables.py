"""A CSV as people have it: every row is a call, or it is said where it stands and why it is none."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from logreport.errors import BadInput, Doubt
from logreport.reading import tables

if TYPE_CHECKING:
    from tests.reading.conftest import Reader

HEADER = "time,model,tokens,seconds,user\n"
ONE = "2024-12-18 16:40:40,m,5,0.5,u\n"
TWO = "2024-12-18 16:40:41,n,6,1.5,v\n"
PLAIN = HEADER + ONE + TWO


def _models(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row.get("model") for row in rows]


def _told(reader: Reader) -> list[tuple[int | None, str]]:
    """Line and reason of what was rejected."""
    return [(one.line, f"{one.field or ''} {one.reason}".strip()) for one in reader.rejected]


WHOLE: dict[str, str | bytes] = {
    "as it should be": PLAIN,
    "no line end at the end": PLAIN.rstrip(),
    "CR LF": PLAIN.replace("\n", "\r\n"),
    "CR": PLAIN.replace("\n", "\r"),
    "CR LF in the header only": HEADER.replace("\n", "\r\n") + ONE + TWO,
    "CR LF in the last row only": HEADER + ONE + TWO.replace("\n", "\r\n"),
    "a mark at the beginning": b"\xef\xbb\xbf" + PLAIN.encode(),
    "UTF-16 with a mark": PLAIN.encode("utf-16"),
    "UTF-16 LE": PLAIN.encode("utf-16-le"),
    "UTF-16 BE": PLAIN.encode("utf-16-be"),
    "UTF-32": PLAIN.encode("utf-32"),
    "semicolons": PLAIN.replace(",", ";"),
    "tabs": PLAIN.replace(",", "\t"),
    "bars": PLAIN.replace(",", "|"),
    "a spreadsheet's first line": "sep=;\n" + PLAIN.replace(",", ";"),
    "a spreadsheet's first line, CR LF": ("sep=\t\n" + PLAIN.replace(",", "\t")).replace("\n", "\r\n"),
    "blank lines": f"\n\n{HEADER}\n{ONE}\n \n{TWO}\n\n",
    "every cell in quotes": "".join('"' + '","'.join(line.split(",")) + '"\n' for line in PLAIN.splitlines()),
    "spaces around quotes": PLAIN.replace(",m,", ', "m" ,'),
    "spaces behind commas": PLAIN.replace(",", ", "),
    "spaces behind commas of some rows": HEADER + ONE + TWO.replace(",", ", "),
    "a first column without a name": "," + HEADER + "17," + ONE + "9," + TWO,
    "a first column of tabs without a name": ("," + HEADER + "0," + ONE + "1," + TWO).replace(",", "\t"),
    "rows numbered from 0": HEADER + "0," + ONE + "1," + TWO,
    "rows numbered from 1, in quotes": HEADER + '"1",' + ONE + '"2",' + TWO,
    "commas at the ends of rows": HEADER + (ONE + TWO).replace("\n", ",\n"),
    "two commas at the ends of rows": HEADER + (ONE + TWO).replace("\n", ",,\n"),
    "commas at the ends of all lines": PLAIN.replace("\n", ",\n"),
    "a comma at the end of the header": HEADER.replace("\n", ",\n") + ONE + TWO,
    "a comma in quotes": (HEADER + ONE + TWO).replace(",u\n", ',"a, u"\n'),
    "columns nobody wants": PLAIN.replace("user", "other"),
}


@pytest.mark.parametrize("content", WHOLE.values(), ids=WHOLE)
def test_what_is_odd_but_whole_is_read(table: Reader, content: str | bytes) -> None:
    rows = table.every(content if isinstance(content, bytes) else content.encode())
    assert [(row["model"], row["tokens"], row["duration"]) for row in rows] == [("m", 5, 0.5), ("n", 6, 1.5)]
    assert table.rejected == []
    assert table.tally.read == 2


def test_a_plain_table_is_read_by_the_database_itself(table: Reader) -> None:
    for content in (
        PLAIN,
        PLAIN.replace(",", ";"),
        "," + HEADER + "0," + ONE + "1," + TWO,
        PLAIN.replace("\n", "\r\n"),
    ):
        assert _models(table.strict(content.encode())) == ["m", "n"]


REFUSED: dict[str, tuple[str, int, str]] = {
    "fewer cells, as of a row that was cut": (
        HEADER + TWO + "2024-12-18 16:40:40,m,5\n",
        3,
        "has 3 cells, the header 5",
    ),
    "more cells": (HEADER + TWO + ONE.replace("u", "u,w"), 3, "has 6 cells, the header 5"),
    "a number first, but no row number": (HEADER + TWO + "17," + ONE, 3, "has 6 cells, the header 5"),
    "a decimal comma": (HEADER + TWO + ONE.replace("0.5", "0,5"), 3, "has 6 cells, the header 5"),
    "a decimal comma in quotes": (HEADER + TWO + ONE.replace("0.5", '"0,5"'), 3, 'seconds is not a number: "0,5"'),
    "a decimal comma between semicolons": (
        (HEADER + TWO + ONE).replace(",", ";").replace("0.5", "0,5"),
        3,
        'seconds is not a number: "0,5"',
    ),
    "thousands apart": (HEADER + TWO + ONE.replace(",5,", ',"1,234",'), 3, 'tokens is not a whole number: "1,234"'),
    "thousands apart by points": (HEADER + TWO + ONE.replace(",5,", ",1.234,"), 3, "tokens is not a whole number"),
    "thousands apart by spaces": (HEADER + TWO + ONE.replace(",5,", ",1 234,"), 3, "tokens is not a whole number"),
    "thousands apart by underscores": (HEADER + TWO + ONE.replace("0.5", "1_000"), 3, "seconds is not a number"),
    "a unit": (HEADER + TWO + ONE.replace("0.5", "0.5s"), 3, "seconds is not a number"),
    "infinity": (HEADER + TWO + ONE.replace("0.5", "inf"), 3, "seconds is not a number"),
    "a NUL": (HEADER + TWO + ONE.replace("m", "m\0"), 3, "model holds a NUL character"),
    "letters behind a quote": (HEADER + TWO + ONE.replace(",m,", ',"m"x,'), 3, "is not CSV: ',' expected after '\"'"),
    "a quote at the end that nothing closes": (HEADER + TWO + ONE.replace(",u", ',"u'), 3, "opens a quote"),
    "a marker of a merge": (HEADER + TWO + "<<<<<<< HEAD\n", 3, "is a merge-conflict marker, not a row"),
    "a marker of a merge before the header": ("<<<<<<< HEAD\n" + HEADER + TWO, 1, "is a merge-conflict marker"),
    "NUL bytes behind the last row": (HEADER + TWO + "\0" * 99, 3, "has 1 cell, the header 5"),
    "only words for nothing": (HEADER + TWO + "NULL,N/A,NaN,None,nan\n", 3, "has none of the fields of a call"),
    "a text": (HEADER + TWO + "Total: 5 calls\n", 3, "has 1 cell, the header 5"),
}


@pytest.mark.parametrize(("content", "line", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_rejected_with_its_line(table: Reader, content: str, line: int, reason: str) -> None:
    with pytest.raises(Doubt):
        table.strict(content.encode())
    assert _models(table.every(content.encode())) == ["n"]
    ((where, why),) = _told(table)
    assert where == line
    assert reason in why
    assert table.rejected[0].raw in content
    assert table.rejected[0].raw


SKIPPED: dict[str, tuple[str, dict[str, int]]] = {
    "the header again": (HEADER + ONE + HEADER + TWO, {"a header line again": 1}),
    "comments before the header": (f"# made by hand\n\n# today\n{PLAIN}", {"a comment": 2}),
    "comments between rows": (HEADER + ONE + "# so\n// so, too\n" + TWO, {"a comment": 2}),
    "empty rows": (HEADER + ONE + ",,,,\n,,\n" + TWO, {"an empty row": 2}),
}


@pytest.mark.parametrize(("content", "skipped"), SKIPPED.values(), ids=SKIPPED)
def test_what_is_no_call_is_skipped(table: Reader, content: str, skipped: dict[str, int]) -> None:
    with pytest.raises(Doubt):
        table.strict(content.encode())
    assert _models(table.every(content.encode())) == ["m", "n"]
    assert table.tally.skipped == skipped
    assert table.rejected == []


def test_the_header_again_is_known_where_all_columns_are_texts(table: Reader) -> None:
    rows = table.every(b"model,user\nm,u\nmodel,user\nn,v\nuser,model\nw,o\n")
    assert [(row["model"], row["user_id"]) for row in rows] == [("m", "u"), ("n", "v"), ("o", "w")]
    assert table.tally.skipped == {"a header line again": 2}


def test_behind_a_header_of_another_order_values_are_read_by_its_names(table: Reader) -> None:
    rows = table.every((HEADER + ONE + "time,model,seconds,tokens,user\n" + TWO.replace("6,1.5", "7,8")).encode())
    assert [(row["tokens"], row["duration"]) for row in rows] == [(5, 0.5), (8, 7.0)]


def test_behind_a_header_of_other_columns_values_are_read_by_its_names(table: Reader) -> None:
    rows = table.every((HEADER + ONE + "model,tokens,host\nn,6,h\no,7,i\n").encode())
    assert [(row["model"], row["tokens"]) for row in rows] == [("m", 5), ("n", 6), ("o", 7)]


def test_the_header_again_of_numbered_rows(table: Reader) -> None:
    rows = table.every((HEADER + "1," + ONE + "2," + TWO + HEADER + "1," + ONE).encode())
    assert _models(rows) == ["m", "n", "m"]
    assert table.tally.skipped == {"a header line again": 1}


@pytest.mark.parametrize(
    "rows",
    ["1700000000,0,5\n1700000001,0,6\n", "100,0,5\n", "0,1,5\n5,2,5\n", "0,1,5\n0,2,5\n", "1,1\n2,2,5\n"],
)
def test_a_decimal_comma_does_not_make_row_numbers(table: Reader, rows: str) -> None:
    loaded = table.every(f"tokens,seconds\n{rows}".encode())
    whole = [row for row in rows.splitlines() if row.count(",") == 1]
    assert len(loaded) == len(whole)
    assert len(table.rejected) == len(rows.splitlines()) - len(whole)


def test_a_numbered_row_without_its_last_value_is_not_taken_for_one_without_a_number(table: Reader) -> None:
    rows = "".join(f"{number},5,6,u\n" for number in range(1, 150))
    assert len(table.every(f"seconds,tokens,user\n{rows}150,5,6\n".encode())) == 149
    assert _told(table) == [(151, "has 3 cells, the header 4")]


def test_lines_are_counted_right_behind_cells_of_several_lines(table: Reader) -> None:
    content = HEADER + TWO + ONE.replace(",m,", ',"m\n2\r\n3",') + "oops\n" + TWO + 'x,"a\n\nb",1,1,1\n' + "oops\n"
    rows = table.every(content.encode())
    assert _models(rows) == ["n", "m\n2\r\n3", "n"]
    assert [line for line, _ in _told(table)] == [6, 8, 11]
    assert table.rejected[1].raw == 'x,"a\n\nb",1,1,1\n'


def test_lines_are_counted_right_behind_what_stands_before_the_header(table: Reader) -> None:
    table.every(f"# a\n\n# b\n{HEADER}{ONE}oops\n".encode())
    assert _told(table) == [(6, "has 1 cell, the header 5")]


@pytest.mark.parametrize(
    "behind", [ONE * 50, ONE * 50 + ONE.replace(",m,", ',"m",'), ONE.replace(",m,", ',"m""q",') * 9]
)
def test_a_quote_that_nothing_closes_costs_its_line_only(table: Reader, behind: str) -> None:
    rows = table.every((HEADER + TWO + ONE.replace(",m,", ',"m,') + behind + TWO).encode())
    assert len(rows) == behind.count("\n") + 2
    assert [line for line, _ in _told(table)] == [3]


def test_many_quotes_that_nothing_closes_cost_their_lines_only(table: Reader) -> None:
    broken = ONE.replace(",m,", ',"m,')
    rows = table.every((HEADER + (ONE * 3 + broken) * 200).encode())
    assert len(rows) == 600
    assert [line for line, _ in _told(table)] == list(range(5, 802, 4))


def test_what_a_quote_opens_is_waited_for_only_so_long(table: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_LONGEST", 20_000)
    monkeypatch.setattr("logreport.reading.files.WINDOW", 4096)
    content = HEADER + TWO + ONE.replace(",m,", ',"m,') + ONE * 5000
    assert len(table.careful(content.encode())) == 5001
    assert _told(table) == [(3, "opens a quote that nothing closes")]


def test_a_line_that_is_too_long_costs_itself_only(table: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_LONGEST", 20_000)
    monkeypatch.setattr(tables, "_OVERLONG", "is longer than that")
    monkeypatch.setattr("logreport.reading.files.WINDOW", 4096)
    monkeypatch.setattr("logreport.reading.files.LONGEST", 50_000)
    for length in (30_000, 100_000):
        content = HEADER + TWO + ONE.replace("u", "u" * length) + ONE * 500
        assert len(table.careful(content.encode())) == 501
        assert _told(table) == [(3, "is longer than that")]


@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_it_does_not_matter_where_the_file_is_cut_for_reading(
    table: Reader, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    content = (HEADER + (ONE + TWO.replace(",n,", ',"n\r\n2",') + "oops\n") * 20).encode()
    whole = table.every(content), list(table.rejected)
    monkeypatch.setattr("logreport.reading.files.WINDOW", size)
    assert (table.careful(content), table.rejected) == whole
    assert len(whole[0]) == 40
    assert [line for line, _ in _told(table)] == list(range(5, 82, 4))


def test_a_table_that_is_not_utf_8_is_read_as_windows_writes_it(table: Reader) -> None:
    content = HEADER.encode() + TWO.replace("n", "grün").encode() + ONE.replace("m", "größer – “5 €”").encode("cp1252")
    assert _models(table.every(content)) == ["grün", "größer – “5 €”"]
    assert table.tally.notes == ["some lines are not UTF-8; they were read as Windows-1252"]


def test_quotes_behind_backslashes(table: Reader) -> None:
    content = HEADER + TWO + ONE.replace(",m,", r',"m \"x\", y",') + TWO
    assert _models(table.every(content.encode())) == ["n", 'm "x", y', "n"]
    assert table.tally.notes == ["quotes inside of cells are written with a backslash"]


def test_a_name_that_is_there_twice(table: Reader) -> None:
    rows = table.every(b"model,tokens,tokens\nm,1,2\n")
    assert [row["tokens"] for row in rows] == [1]
    assert table.tally.notes == ["the header has `tokens` more than once; the first is read"]


def test_a_header_without_rows(table: Reader) -> None:
    for content in (HEADER, HEADER.strip(), HEADER + "\n\n"):
        with pytest.raises(BadInput, match="has a header, and no row below it"):
            table.every(content.encode())
    assert table.tally.read == 0


def test_cells_that_say_nothing_is_known(table: Reader) -> None:
    rows = table.every((HEADER + '2024-12-18 16:40:40,NULL,,"",N/A\n').encode())
    assert [sorted(row) for row in rows] == [["created"]]


def test_a_long_cell(table: Reader) -> None:
    content = HEADER.replace("user", "prompt") + ONE.replace("u\n", f'"{"long, " * 700_000}"\n') + TWO
    assert _models(table.every(content.encode())) == ["m", "n"]


@pytest.mark.parametrize("content", ["oops, broken, line\n", '"b": 1, "c": 2}\n', "model,tokens\n"])
def test_a_first_line_that_is_broken_does_not_make_a_table_of_json(table: Reader, content: str) -> None:
    rows = table.every((content + '{"model":"m","tokens":1}\n{"model":"n","tokens":2}\n').encode())
    assert _models(rows) == ["m", "n"]
    assert [line for line, _ in _told(table)] == [1]


def test_both_sides_of_a_merge_are_read_and_its_markers_rejected(table: Reader) -> None:
    content = HEADER + ONE + "<<<<<<< HEAD\n" + TWO + "=======\n" + ONE + ">>>>>>> theirs\n" + TWO
    assert _models(table.every(content.encode())) == ["m", "n", "m", "n"]
    assert [line for line, _ in _told(table)] == [3, 5, 7]


def test_every_delimiter_with_every_line_end(table: Reader) -> None:
    for delimiter, end in itertools.product(",;\t|", ("\n", "\r\n", "\r")):
        content = PLAIN.replace(",", delimiter).replace("\n", end)
        assert _models(table.every(content.encode())) == ["m", "n"]
