"""Files into the database: one file is one ingest, one ingest is one transaction."""

from __future__ import annotations

import errno
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from logreport import audit, reading
from logreport.audit import Audit
from logreport.errors import BadInput, CannotWrite, Doubt, LogReportError
from logreport.source import Rejected, Source

if TYPE_CHECKING:
    from logreport.store import Load, Store

#: Bytes of rejections that may wait for a load to succeed.
_MOST_HELD = 32 << 20

#: How the operating system says that a disk is full, a quota is used up, or a file may not grow.
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, kw_only=True)
class IngestOptions:
    """How files are read, and what becomes of them."""

    run: str | None = None
    wish: reading.Wish = field(default_factory=reading.Wish)
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
    audit: Audit = field(default_factory=Audit)
    error: str = ""
    hint: str = ""


@dataclass(frozen=True)
class IngestSummary:
    """What became of all files of one command; `passed_over` says what in folders was no log but logreport's own."""

    files: tuple[IngestedFile, ...]
    passed_over: tuple[str, ...] = ()

    @property
    def loaded(self) -> int:
        return sum(file.loaded for file in self.files)

    @property
    def useful(self) -> bool:
        """Whether any call was loaded, or was there before."""
        return any(file.loaded or file.merged or file.already_ingested for file in self.files)


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
            CannotWrite: the disk is full; of the file that was being loaded nothing is there.
        """
        with tempfile.TemporaryDirectory(prefix="logreport-") as folder:
            self._folder = Path(folder)
            try:
                return self._run(names)
            except OSError as problem:
                if problem.errno not in _NO_ROOM:
                    raise
                raise CannotWrite(
                    f"no room for files that are needed while loading: {problem.strerror}",
                    f"they are written into {self._folder.parent}; `TMPDIR=FOLDER` names another place",
                ) from problem

    def _run(self, names: Sequence[str]) -> IngestSummary:
        done: list[IngestedFile] = []
        passed_over: list[str] = []
        for log in reading.find_logs(names, self._folder):
            self.on_file(log.name)
            try:
                done.append(self._file(log, done))
            except reading.OwnFile as own:
                if not log.found:
                    raise
                passed_over.append(f"{log.name}: passed over, {own.what}")
        if passed_over and not done:
            raise BadInput(f"{', '.join(names)}: no log is left: {passed_over[0]}", "is it the right folder?")
        return IngestSummary(tuple(done), tuple(passed_over))

    def _file(self, log: reading.Log, done: Sequence[IngestedFile]) -> IngestedFile:
        blank = IngestedFile(path=log.name, bytes=log.bytes, run=self.options.run)
        try:
            return self._load(log, blank)
        except BadInput as problem:
            if isinstance(problem, reading.OwnFile) and log.found:
                raise
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
            form = reading.recognise(log, self.sources, self.options.wish)
            blank = replace(blank, source=form.source.name)
            try:
                return self._read(log, form, blank, sha256.result)
            except _AlreadyThere as found:
                return _already(blank, found.before)

    def _read(
        self, log: reading.Log, form: reading.Format, blank: IngestedFile, sha256: Callable[[], str]
    ) -> IngestedFile:
        """The fastest way first; each of the others looks closer at what the one before it was in doubt about."""
        for attempt in (self._strict, self._quick):
            try:
                return attempt(log, form, blank, sha256)
            except Doubt:
                continue
        try:
            return self._exact(log, form, blank, sha256)
        except Doubt as problem:
            raise BadInput(
                f"{log.name}: cannot be loaded: {problem}", "`--source` and `--map` say how to read it"
            ) from problem

    def _maybe_known(self, size: int) -> bool:
        """Only a file of a size seen before can be a file seen before; others are hashed while they load."""
        return any(row["bytes"] == size for row in self.store.ingests())

    def _strict(
        self, log: reading.Log, form: reading.Format, blank: IngestedFile, sha256: Callable[[], str]
    ) -> IngestedFile:
        started = _now()
        with self.store.loading() as load:
            loaded = _add_all(load, reading.strict_batches(log, form, self._folder))
            if not loaded:
                raise Doubt("nothing found")
            tally = reading.Tally(read=loaded)
            return self._finish(load, form, self._told(blank, form, tally, (), loaded), sha256(), started)

    def _quick(
        self, log: reading.Log, form: reading.Format, blank: IngestedFile, sha256: Callable[[], str]
    ) -> IngestedFile:
        # A doubt begins it all again: what was rejected is told only when it is certain.
        held = _Held()
        file = self._careful(log, form, blank, sha256, held.add, exact=False)
        for rejected in held.rejected:
            self.on_reject(log.name, rejected)
        return file

    def _exact(
        self, log: reading.Log, form: reading.Format, blank: IngestedFile, sha256: Callable[[], str]
    ) -> IngestedFile:
        return self._careful(log, form, blank, sha256, lambda rejected: self.on_reject(log.name, rejected), exact=True)

    def _careful(
        self,
        log: reading.Log,
        form: reading.Format,
        blank: IngestedFile,
        sha256: Callable[[], str],
        on_reject: Callable[[Rejected], None],
        *,
        exact: bool,
    ) -> IngestedFile:
        started = _now()
        shown: list[Rejected] = []
        reasons: Counter[str] = Counter()

        def reject(rejected: Rejected) -> None:
            reasons[audit.why(rejected)] += 1
            if len(shown) < audit.SHOWN:
                shown.append(rejected)
            on_reject(rejected)
            if self.options.strict:
                raise BadInput(
                    f"{log.name}: {rejected}", "nothing was loaded; leave out `--strict` to load the other records"
                )

        tally = reading.Tally(on_reject=reject)
        with self.store.loading() as load:
            loaded = _add_all(load, reading.careful_batches(log, form, self._folder, tally, exact=exact))
            if not loaded:
                if not exact and tally.rejected:
                    raise Doubt("nothing found")  # so that what was rejected is told
                raise _nothing(log, form, shown, tally)
            told = self._told(blank, form, tally, shown, loaded)
            told = replace(told, audit=replace(told.audit, rejected=audit.counted(reasons)))
            return self._finish(load, form, told, sha256(), started)

    def _told(
        self, blank: IngestedFile, form: reading.Format, tally: reading.Tally, shown: Sequence[Rejected], loaded: int
    ) -> IngestedFile:
        notes = [*form.remarks, *tally.notes]
        if form.columns is not None and "elapsed" in form.columns and form.origin is None:
            notes.append("its times count from the beginning of the log; `--origin TIME` says when that was")
        return replace(
            blank,
            read=tally.read,
            loaded=loaded,
            merged=tally.merged,
            skipped=tally.skipped.total(),
            rejected=tally.rejected,
            rejections=tuple(shown),
            audit=Audit(
                skipped=audit.counted(tally.skipped),
                places=tuple(audit.place(rejected) for rejected in shown),
                mapping=form.mapping(),
                notes=tuple(notes),
            ),
        )

    def _finish(
        self, load: Load, form: reading.Format, file: IngestedFile, sha256: str, started: datetime
    ) -> IngestedFile:
        # Asked again inside the transaction: another process may have loaded this file meanwhile.
        before = load.seen(sha256)
        if before is not None and not self.options.again:
            raise _AlreadyThere(before)
        if form.has_ids:
            gone = load.merge(source=file.source, run=file.run, unique_ids=form.source.unique_ids)
            merged = file.merged + gone
            why = {form.source.repeats: merged} if merged else {}
            file = replace(file, loaded=file.loaded - gone, merged=merged, audit=replace(file.audit, merged=why))
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
            audit=file.audit.dumps(),
        )
        return replace(file, sha256=sha256, ingest_id=load.ingest_id)

    def _take_back(self, done: Sequence[IngestedFile]) -> None:
        """Under `strict` a bad record in the third file leaves nothing of the first two behind either."""
        for file in done:
            if file.ingest_id is not None:
                self.store.forget(file.ingest_id)


class _Held:
    """Rejections that wait, as long as they are not too many to be kept."""

    def __init__(self) -> None:
        self.rejected: list[Rejected] = []
        self._size = 0

    def add(self, rejected: Rejected) -> None:
        self._size += 1000 + len(rejected.raw)
        if self._size > _MOST_HELD:
            raise Doubt("too many rejections to keep")
        self.rejected.append(rejected)


class _AlreadyThere(Exception):
    """Ends a load whose file turned out to be stored already; rolls it back on its way."""

    def __init__(self, before: dict[str, Any]) -> None:
        super().__init__()
        self.before = before


def _add_all(load: Load, batches: Iterator[reading.Batch]) -> int:
    """Load every batch; where one fails, the reader still gets to take its files away."""
    with closing(_generator(batches)) as closed:
        return sum(load.add(batch.select, one_thread=batch.one_thread) for batch in closed)


def _generator(batches: Iterator[reading.Batch]) -> Generator[reading.Batch]:  # closing() wants a close()
    yield from batches


def _already(blank: IngestedFile, before: dict[str, Any]) -> IngestedFile:
    return replace(
        blank,
        sha256=str(before["sha256"]),
        source=str(before["source"]),
        already_ingested=True,
    )


def _nothing(log: reading.Log, form: reading.Format, shown: Sequence[Rejected], tally: reading.Tally) -> LogReportError:
    if not shown:
        what = f": {audit.phrase(tally.skipped)}" if tally.skipped else ""
        return BadInput(f"{log.name}: holds no call ({form.source.name}{what})", "is it the right file?")
    more = f" (and {tally.rejected - 1:,} more)" if tally.rejected > 1 else ""
    return BadInput(f"{log.name}: no call could be loaded: {shown[0]}{more}", "`--rejected FILE` writes every reason")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
