"""What logreport itself wrote is no log, however it is packed; what somebody else wrote is one."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logreport import reading
from logreport.reading import own
from logreport.reading.files import _zstd_module
from logreport.reading.shape import HEAD
from logreport.source import Source

ANY = Source(name="any", title="any", recognises=lambda records: True, columns={})

REPORT: dict[str, Any] = {
    "schema_version": 2,
    "title": "LLM report",
    "made": "2026-11-25T21:56:11+00:00",
    "calls": 1,
    "headline": {"tokens": 15, "models": 1},
    "ingests": [{"path": "a.jsonl", "source": "generic"}],
    "metrics": {"tokens_by_model": {"status": "shown", "rows": [{"model": "m", "prompt_tokens": 10}]}},
    "measured": None,
    "comparison": None,
}
PAST: dict[str, Any] = {
    "schema_version": 1,
    "made": "2026-11-25T21:56:12+00:00",
    "run": None,
    "numbers": {"calls.count": 1, "cost.total": None, "tokens.total": 15.0},
}
CALL: dict[str, Any] = {"model": "m", "prompt_tokens": 10, "completion_tokens": 5}
ROWS = [{"model": "m", "prompt_tokens": 10}] * 40_000


def _text(document: object, **how: Any) -> bytes:
    return json.dumps(document, **how).encode()


REPORTS = {
    "as written": _text(REPORT, indent=1) + b"\n",
    "on one line": _text(REPORT),
    "sorted": _text(REPORT, sort_keys=True, indent=4),
    "of an older version": _text(REPORT | {"schema_version": 1}),
    "of a newer version": _text(REPORT | {"schema_version": 99, "news": {"a": [1]}}),
    "several": _text(REPORT) + b"\n" + _text(REPORT) + b"\n",
    "an array of them": _text([REPORT, REPORT], indent=1),
    "cut off in its ingests": _text(REPORT).partition(b"generic")[0],
    "cut off in its metrics": _text(REPORT).partition(b"shown")[0],
    "with a byte order mark": b"\xef\xbb\xbf" + _text(REPORT),
    "in UTF-16": json.dumps(REPORT).encode("utf-16"),
    "large": _text(REPORT | {"metrics": {"m": {"rows": ROWS}}}),
    "of many files": _text(REPORT | {"ingests": ROWS}),
    "large and sorted": _text(REPORT | {"metrics": {"m": {"rows": ROWS}}}, sort_keys=True),
    "large, sorted and compared": _text(
        REPORT | {"comparison": {"baseline": "b", "headline": {}, "metrics": {"m": {"rows": ROWS}}}}, sort_keys=True
    ),
}
HISTORIES = {
    "of one report": _text(PAST) + b"\n",
    "of two": b"\n".join((_text(PAST), _text(PAST | {"run": "main"}))),
    "whose last line is cut off": _text(PAST) + b"\n" + _text(PAST)[:50],
    "sorted": _text(PAST, sort_keys=True) + b"\n",
    "of a newer version": _text(PAST | {"schema_version": 7, "news": 1}) + b"\n",
}
LOGS = {
    "a version in each record": _text(CALL | {"schema_version": 1}) + b"\n" + _text(CALL) + b"\n",
    "one record, with a version and metrics": _text({"schema_version": 2, "metrics": {"tokens": 3}, "model": "m"}),
    "a headline that is a text": _text(CALL | {"schema_version": 2, "headline": "News", "metrics": {"tokens": 3}}),
    "a version that is a text": _text(CALL | {"schema_version": "2", "headline": {}, "metrics": {}}),
    "a version of two numbers": _text(CALL | {"schema_version": 2.1, "headline": {}, "metrics": {}}),
    "a headline without metrics": _text(CALL | {"schema_version": 2, "headline": {}}),
    "a headline without metrics, and a comma too many": _text({"schema_version": 2, "headline": {}})[:-1] + b",\n}",
    "metrics that are a list": _text(CALL | {"schema_version": 2, "headline": {}, "metrics": [1]})[:-1],
    "a report inside": _text(CALL | {"response": REPORT}),
    "a report behind a call": _text(CALL) + b"\n" + _text(REPORT),
    "an envelope with a version": _text({"schema_version": 1, "data": [CALL]}),
    "a large envelope": _text({"schema_version": 1, "data": [CALL | {"headline": {}, "metrics": {}}] * 20_000}),
    "numbers without names of ours": _text(PAST | {"numbers": {"prompt_tokens": 3}}) + b"\n",
    "numbers that are none": _text(PAST | {"numbers": {"gen_ai.model": "m"}}) + b"\n",
    "keys without end": _text(CALL | {"schema_version": 1} | {f"headline{at}": {} for at in range(1000)}),
    "no record": b"schema_version, headline\n1,2\n",
}


def _zstd(data: bytes) -> bytes:
    packed: bytes = _zstd_module().compress(data)
    return packed


def _recognised(path: Path) -> reading.Format:
    (log,) = reading.find_logs([str(path)], path.parent)
    return reading.recognise(log, [ANY], reading.Wish())


@pytest.mark.parametrize("content", REPORTS.values(), ids=REPORTS.keys())
@pytest.mark.parametrize("pack", [bytes, gzip.compress, _zstd])
def test_a_report_is_no_log(tmp_path: Path, content: bytes, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "main.json"
    path.write_bytes(pack(content))
    with pytest.raises(reading.OwnFile) as problem:
        _recognised(path)
    assert problem.value.message == f"{path}: it is a report that logreport wrote, and no log"
    assert problem.value.hint == f"`--baseline {path}` compares with it"
    plain = content.decode("utf-16" if content.startswith(b"\xff\xfe") else "utf-8-sig").encode()
    assert reading.report_in(reading.Log("main.json", path, 0)) == plain


@pytest.mark.parametrize("content", HISTORIES.values(), ids=HISTORIES.keys())
@pytest.mark.parametrize("pack", [bytes, gzip.compress, _zstd])
def test_a_history_is_no_log(tmp_path: Path, content: bytes, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "h.jsonl"
    path.write_bytes(pack(content))
    with pytest.raises(reading.OwnFile) as problem:
        _recognised(path)
    assert problem.value.message == f"{path}: it is a history that logreport keeps, and no log"
    assert reading.report_in(reading.Log("h.jsonl", path, 0)) is None


@pytest.mark.parametrize("content", LOGS.values(), ids=LOGS.keys())
def test_a_log_of_ones_own_is_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    assert _recognised(path).source is ANY
    assert reading.report_in(reading.Log("a.json", path, 0)) is None


@pytest.mark.parametrize("wish", [reading.Wish(source="any"), reading.Wish(mapping={})])
def test_a_source_by_its_name_makes_no_log_of_it(tmp_path: Path, wish: reading.Wish) -> None:
    (tmp_path / "main.json").write_bytes(REPORTS["as written"])
    (log,) = reading.find_logs([str(tmp_path / "main.json")], tmp_path)
    with pytest.raises(reading.OwnFile):
        reading.recognise(log, [ANY], wish)


def test_standard_input_has_no_name_to_compare_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(REPORTS["as written"])))
    (log,) = reading.find_logs(["-"], tmp_path)
    with pytest.raises(reading.OwnFile) as problem:
        reading.recognise(log, [ANY], reading.Wish())
    assert problem.value.message == "-: it is a report that logreport wrote, and no log"
    assert problem.value.hint == "`--baseline FILE` compares with it"


def test_a_large_log_is_not_read_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(log: reading.Log) -> bytes:
        raise AssertionError("read further than its head")

    monkeypatch.setattr(own, "_beginning", never)
    log = reading.Log("a.json", tmp_path / "a.json", 0)
    call = CALL | {"schema_version": 1, "headline": {}, "metrics": {}}
    for content in (
        _text({"schema_version": 1, "calls": [call] * 20_000}),
        _text({"calls": [call] * 20_000}),
        _text({"metrics": {str(at): call for at in range(20_000)}}),
        _text([CALL, *[call] * 20_000]),
        b"\n".join([_text(CALL), *[_text(call)] * 20_000]),
    ):
        assert len(content) > HEAD
        assert own.own(log, content[:HEAD]) is None


def test_what_is_named_is_not_found_though_its_folder_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "b.json").write_text("{}")
    folder, pattern, name = str(tmp_path), str(tmp_path / "*.json"), str(tmp_path / "b.json")
    for names, found in (
        ([folder], [True, True]),
        ([pattern], [True, True]),
        ([name], [False]),
        ([folder, name], [True, False]),
        ([name, pattern], [False, True]),
    ):
        assert [log.found for log in reading.find_logs(names, tmp_path)] == found


def test_a_report_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_MOST", 500)
    path = tmp_path / "main.json"
    path.write_bytes(gzip.compress(_text(REPORT | {"title": "x" * 1000})))
    with pytest.raises(reading.OwnFile):
        _recognised(path)
    with pytest.raises(own.BadInput, match="a report of more than"):
        reading.report_in(reading.Log("main.json", path, 0))
