"""A source that says what it looks at looks at nothing else: its calls are the same of whole records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from logreport import Source
from logreport.plugins import load_plugins
from logreport.reading.decode import parse, parser
from logreport.source import keys

SOURCES = [offer.value for offer in load_plugins().sources if offer.value.reads]
EXAMPLES = Path(__file__).parents[2] / "examples"


def _records(folder: Path) -> Iterator[bytes]:
    for file in sorted(path for path in folder.rglob("*.json*") if path.is_file()):
        if file.suffix == ".jsonl":
            yield from file.read_bytes().splitlines()
        else:
            yield from map(msgspec.json.encode, json.loads(file.read_text()))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_nothing_is_missed(source: Source) -> None:
    assert source.read is not None
    parsed = parser([keys(path) for path in source.reads])
    records = list(_records(EXAMPLES / source.name))
    assert records
    assert list(source.read(map(parsed, records))) == list(source.read(map(parse, records)))


def test_records_that_are_built_otherwise_come_whole() -> None:
    parsed = parser([("a",), ("b", "c"), ("b", "d")])
    assert parsed(b'{"a":[1,{"x":2}],"b":{"c":null,"e":5},"f":6}') == {"a": [1, {"x": 2}], "b": {"c": None}}
    for other in (b'{"b":"text","f":1}', b'{"b":null,"f":1}', b"[1]", b'"text"', b"7"):
        assert parsed(other) == parse(other)
    for broken in (b'{"a":1', b'{"f":{"a":}}', b"{'a':1}"):
        with pytest.raises(msgspec.DecodeError):
            parsed(broken)


def test_paths_that_go_on_from_others_are_a_mistake_of_the_source() -> None:
    with pytest.raises(ValueError, match=r"`a` and `a\.b`"):
        Source(name="x", title="x", recognises=bool, read=iter, reads=("b.c", "a.b", "a"))
