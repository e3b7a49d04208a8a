"""What became of the records of one file, and why: told on stderr, kept with the ingest, shown on the page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from logreport.source import Rejected

#: How many rejections of a file are shown with their places; all of them go to `--rejected FILE`.
SHOWN: Final = 5
#: How many reasons are told apart.
_REASONS: Final = 20


@dataclass(frozen=True)
class Place:
    """Where a record stands that was rejected, and why; what it holds is not repeated."""

    record: int | None
    line: int | None
    offset: int | None
    why: str


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Counts by reason of what was merged, skipped and rejected, and the first places of the last.

    `mapping` tells which field of the log became which column, where the source found that out; `notes` are sentences
    about the file.
    """

    merged: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def dumps(self) -> str:
        """As the database keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def loads(cls, text: str | None) -> Audit:
        """From what the database kept; an ingest of an older version tells nothing."""
        if not text:
            return cls()
        told = json.loads(text)
        places = tuple(Place(**place) for place in told.pop("places", ()))
        return cls(places=places, notes=tuple(told.pop("notes", ())), **told)


def why(rejected: Rejected) -> str:
    """The reason without the value that it quotes: what a log says is not repeated on a page or in a database."""
    plain = rejected.reason.partition(": ")[0]
    return f"`{rejected.field}` {plain}" if rejected.field else plain


def place(rejected: Rejected) -> Place:
    """Where the record stands and why it was rejected."""
    return Place(rejected.record, rejected.line, rejected.offset, why(rejected))


def counted(reasons: Mapping[str, int]) -> dict[str, int]:
    """The most frequent reasons first, what is left of them in one."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    found = dict(ordered[:_REASONS])
    rest = sum(count for _, count in ordered[_REASONS:])
    return found | {"other reasons": rest} if rest else found


def phrase(reasons: Mapping[str, int]) -> str:
    """Counts by reason as one text."""
    return "; ".join(f"{count:,} × {reason}" for reason, count in counted(reasons).items())


def rows(audit: Audit) -> Iterator[tuple[str, str]]:
    """What there is to tell, as lines of a word and a text."""
    for word, reasons in (("merged", audit.merged), ("skipped", audit.skipped), ("rejected", audit.rejected)):
        if reasons:
            yield word, phrase(reasons) + (_spots(audit) if word == "rejected" else "")
    if audit.mapping:
        yield "mapping", ", ".join(f"{column} ← {path}" for column, path in audit.mapping.items())
    for note in audit.notes:
        yield "note", note


def _spots(audit: Audit) -> str:
    """Where the first of the rejected records stand."""
    spots = [
        f"line {place.line:,}" if place.line is not None else f"record {place.record:,}"
        for place in audit.places
        if place.line is not None or place.record is not None
    ]
    more = ", …" if sum(audit.rejected.values()) > len(audit.places) else ""
    return f" ({', '.join(spots)}{more})" if spots else ""
