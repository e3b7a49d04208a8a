"""Files into the database: one file is one ingest, one ingest is one transaction."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logreport import reading
from logreport.errors import BadInput, Doubt, LogReportError
from logreport.source import Rejected, Source

if TYPE_CHECKING:
    from logreport.store import Load, Store

#: How many rejections of a file are kept to be shown; all of them go to `on_reject`.
SHOWN_REJECTIONS = 5


@dataclass(frozen=True, kw_only=True)
class IngestOptions:
    """How files are read: `zone` is the IANA name that times without an offset are in."""

    run: str | None = None
    zone: str = "UTC"
    source: str | None = None
    strict: bool = False
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class IngestedFile:
    """What became of one file: read = loaded + merged + skipped + rejected, unless it was already there."""

    path: str
    bytes: int
    sha256: str = ""
    source: str = ""
    run: str | None = None
    ingest_id: int | None = None
    read: int = 0
    loaded: int = 0
    merged: int = 0
    skipped: int = 0
    rejected: int = 0
    already_ingested: bool = False
    rejections: tuple[Rejected, ...] = ()
    error: str = ""
    hint: str = ""


@dataclass(frozen=True)
class IngestSummary:
    """What became of all files of one command."""

    files: tuple[IngestedFile, ...]

    @property
    def loaded(self) -> int:
        return sum(file.loaded for file in self.files)

    @property
    def useful(self) -> bool:
        """Whether any call was loaded, or was there before."""
        return any(file.loaded or file.already_ingested for file in self.files)


@dataclass(kw_only=True)
class Ingester:
    """Loads files into one store. `on_reject` is told every rejected record with the name of its file."""

    store: Store
    sources: Sequence[Source]
    options: IngestOptions
    on_reject: Callable[[str, Rejected], None] = lambda name, rejected: None
    on_file: Callable[[str], None] = lambda name: None
    _folder: Path = field(init=False)

    def run(self, names: Sequence[str]) -> IngestSummary:
        """Load every file the names stand for.

        Raises:
            BadInput: a name stands for nothing readable, or `strict` met a record it rejects; nothing is loaded then.
        """
        with tempfile.TemporaryDirectory(prefix="logreport-") as folder:
            self._folder = Path(folder)
            done: list[IngestedFile] = []
            for log in reading.find_logs(names, self._folder):
                self.on_file(log.name)
                done.append(self._file(log, done))
            return IngestSummary(tuple(done))

    def _file(self, log: reading.Log, done: Sequence[IngestedFile]) -> IngestedFile:
        blank = IngestedFile(path=log.name, bytes=log.bytes, run=self.options.run)
        try:
            return self._load(log, blank)
        except BadInput as problem:
            if self.options.strict:
                self._take_back(done)
                raise
            return replace(blank, error=problem.message, hint=problem.hint)

    def _load(self, log: reading.Log, blank: IngestedFile) -> IngestedFile:
        with ThreadPoolExecutor(max_workers=1) as beside:
            sha256 = beside.submit(reading.sha256, log)
            if not self.options.again and self._maybe_known(log.bytes):
                before = self.store.loaded_before(sha256.result())
                if before is not None:
                    return _already(blank, before)
            source = reading.recognise(log, self.sources, self.options.source)
            blank = replace(blank, source=source.name)
            try:
                return self._strict_or_careful(log, source, blank, sha256.result)
            except _AlreadyThere as found:
                return _already(blank, found.before)

    def _strict_or_careful(
        self, log: reading.Log, source: Source, blank: IngestedFile, sha256: Callable[[], str]
    ) -> IngestedFile:
        try:
            return self._strict(log, source, blank, sha256)
        except Doubt:
            return self._careful(log, source, blank, sha256)

    def _maybe_known(self, size: int) -> bool:
        """Only a file of a size seen before can be a file seen before; others are hashed while they load."""
        return any(row["bytes"] == size for row in self.store.ingests())

    def _strict(self, log: reading.Log, source: Source, blank: IngestedFile, sha256: Callable[[], str]) -> IngestedFile:
        started = _now()
        with self.store.loading() as load:
            loaded = _add_all(load, reading.strict_batches(log, source, self.options.zone, self._folder))
            if not loaded:
                raise Doubt("nothing found")
            return self._finish(load, replace(blank, read=loaded, loaded=loaded), sha256(), started)

    def _careful(
        self, log: reading.Log, source: Source, blank: IngestedFile, sha256: Callable[[], str]
    ) -> IngestedFile:
        started = _now()
        shown: list[Rejected] = []
        tally = reading.Tally(on_reject=lambda rejected: self._reject(log, rejected, shown))
        with self.store.loading() as load:
            loaded = _add_all(load, reading.careful_batches(log, source, self.options.zone, self._folder, tally))
            if not loaded:
                raise _nothing(log, shown, tally)
            counted = replace(
                blank,
                read=tally.read,
                loaded=loaded,
                skipped=tally.skipped,
                rejected=tally.rejected,
                rejections=tuple(shown),
            )
            return self._finish(load, counted, sha256(), started)

    def _reject(self, log: reading.Log, rejected: Rejected, shown: list[Rejected]) -> None:
        self.on_reject(log.name, rejected)
        if len(shown) < SHOWN_REJECTIONS:
            shown.append(rejected)
        if self.options.strict:
            raise BadInput(
                f"{log.name}: {rejected}", "nothing was loaded; leave out `--strict` to load the other records"
            )

    def _finish(self, load: Load, file: IngestedFile, sha256: str, started: datetime) -> IngestedFile:
        # Asked again inside the transaction: another process may have loaded this file meanwhile.
        before = load.seen(sha256)
        if before is not None and not self.options.again:
            raise _AlreadyThere(before)
        load.finish(
            path=file.path,
            sha256=sha256,
            bytes=file.bytes,
            source=file.source,
            run=file.run,
            read=file.read,
            loaded=file.loaded,
            merged=file.merged,
            skipped=file.skipped,
            rejected=file.rejected,
            started=started,
            finished=_now(),
        )
        return replace(file, sha256=sha256, ingest_id=load.ingest_id)

    def _take_back(self, done: Sequence[IngestedFile]) -> None:
        """Under `strict` a bad record in the third file leaves nothing of the first two behind either."""
        for file in done:
            if file.ingest_id is not None:
                self.store.forget(file.ingest_id)


class _AlreadyThere(Exception):
    """Ends a load whose file turned out to be stored already; rolls it back on its way."""

    def __init__(self, before: dict[str, Any]) -> None:
        super().__init__()
        self.before = before


def _add_all(load: Load, batches: Iterator[reading.Batch]) -> int:
    """Load every batch; where one fails, the reader still gets to take its files away."""
    with closing(_generator(batches)) as closed:
        return sum(load.add(batch.select) for batch in closed)


def _generator(batches: Iterator[reading.Batch]) -> Generator[reading.Batch]:  # closing() wants a close()
    yield from batches


def _already(blank: IngestedFile, before: dict[str, Any]) -> IngestedFile:
    return replace(
        blank,
        sha256=str(before["sha256"]),
        source=str(before["source"]),
        already_ingested=True,
    )


def _nothing(log: reading.Log, shown: Sequence[Rejected], tally: reading.Tally) -> LogReportError:
    if not shown:
        return BadInput(f"{log.name}: holds no call", "is it the right file?")
    more = f" (and {tally.rejected - 1:,} more)" if tally.rejected > 1 else ""
    return BadInput(f"{log.name}: no call could be loaded: {shown[0]}{more}", "`--rejected FILE` writes every reason")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
