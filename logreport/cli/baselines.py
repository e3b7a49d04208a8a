"""What `--baseline` names: an earlier report's JSON, a log, or a run in the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from logreport.errors import BadInput, CannotConnect, NoBaseline

if TYPE_CHECKING:
    from logreport.baseline import Baseline
    from logreport.cli.writing import Outputs
    from logreport.ingest import IngestOptions
    from logreport.metric import Window
    from logreport.plugins import Plugins
    from logreport.report import IngestLine
    from logreport.store import Store

#: Before a name, where a file is called like the run that is meant.
_RUN: Final = "run:"

_HOW: Final = "give the JSON of an earlier report, a log, or the name of a run"

#: Makes the baseline of a window of a store.
Find = Callable[["Store", "Window"], "Baseline"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a baseline that is a log or a run is read and asked: as what is compared with it."""

    plugins: Plugins
    wanted: Outputs
    how: IngestOptions
    database: str | None
    store_has_runs: bool


def find(text: str, asked: Asked) -> Find:
    """What makes the baseline; what can be seen to be wrong is said at once.

    Raises:
        BadInput: a report's JSON cannot be read.
    """
    if text in {"", "-", _RUN}:
        raise BadInput(f"the baseline {text!r} is neither a file nor a run", _HOW)
    if text.startswith(_RUN):
        return lambda store, window: _of_run(text.removeprefix(_RUN), asked, store, window)
    path = Path(text)
    if not _exists(path):
        return lambda store, window: _of_run(text, asked, store, window)
    if (document := report_of(path)) is not None:
        from logreport.baseline import read_baseline

        baseline = read_baseline(document, text)
        return lambda store, window: baseline
    return lambda store, window: _of_log(text, asked, store, window)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file can have
        return False


def report_of(path: Path) -> bytes | None:
    """The JSON of a report, unpacked; None where the file is something else.

    Raises:
        BadInput: it cannot be read.
    """
    from logreport.reading import Log, report_in

    try:
        return report_in(Log(str(path), path, path.stat().st_size)) if path.is_file() else None
    except OSError as problem:
        raise BadInput(f"cannot read {path}: {problem.strerror}", "may you read it?") from problem


def _of_log(text: str, asked: Asked, current: Store, window: Window) -> Baseline:
    from logreport.cli import loading
    from logreport.report import ingest_line
    from logreport.store import open_store

    with open_store("duckdb:///:memory:") as store:
        summary = loading.load(store, asked.plugins, [text], replace(asked.how, run=None), None)
        if not summary.loaded:
            raise BadInput(f"the baseline {text} has no call", "is it the right log?")
        lines = [ingest_line(vars(file)) for file in summary.files]
        return _reported(store, replace(window, runs=()), asked, lines, _step(current, window), text)


def _of_run(name: str, asked: Asked, current: Store, window: Window) -> Baseline:
    from logreport.store import open_store

    if asked.store_has_runs:
        return _of_run_in(current, name, asked, current, window)
    try:
        with open_store(asked.database, create=False, read_only=True) as store:
            return _of_run_in(store, name, asked, current, window)
    except CannotConnect as problem:
        raise NoBaseline(
            f"the baseline {name} is no file, and there is no database that may have such a run: {problem.message}",
            "give the JSON of an earlier report, a log, or the name of a run with LOGREPORT_DATABASE_URL set",
        ) from problem


def _of_run_in(store: Store, name: str, asked: Asked, current: Store, window: Window) -> Baseline:
    from logreport.report import ingest_lines

    runs = runs_of(store)
    if name not in runs:
        raise NoBaseline(f"the baseline {name} is neither a file nor a run in {store.database.shown}", there_are(runs))
    if store is current:
        _apart(name, window, runs)
    there_window = replace(window, runs=(name,))
    lines = ingest_lines(store, there_window)
    return _reported(store, there_window, asked, lines, _step(current, window), name)


def runs_of(store: Store) -> list[str]:
    """The runs in a database, that to which calls were added last at the end."""
    newest_first = [row["run"] for row in reversed(store.ingests()) if row["run"] is not None]
    return list(dict.fromkeys(newest_first))[::-1]


def there_are(runs: Sequence[str]) -> str:
    """A hint of the runs that there are, the newest of them."""
    return f"there are the runs {', '.join(runs[-8:])}" if runs else "`logreport ingest --run NAME` makes runs"


def _apart(name: str, window: Window, runs: Sequence[str]) -> None:
    """A run is not compared with itself, nor with all runs."""
    if window.runs and name not in window.runs:
        return
    others = [run for run in runs if run != name]
    newest = f"`--run {others[-1]}` is the newest other one" if others else f"{name} is the only run there is"
    raise BadInput(f"which run is to be compared with {name}? It would be compared with itself as well", newest)


def _reported(
    store: Store, window: Window, asked: Asked, lines: Sequence[IngestLine], step: timedelta, name: str
) -> Baseline:
    """The report of a window, as an earlier report would have it. Times of another run are others."""
    from logreport.baseline import read_baseline
    from logreport.export.document import dumps, report_json
    from logreport.report import make_report

    report = make_report(
        store,
        asked.wanted.metrics,
        replace(window, since=None, until=None),
        title=name,
        bucket=asked.wanted.bucket,
        ingests=lines,
        prices=asked.wanted.prices,
        measuring=True,
        least_step=step,
    )
    if not report.headline.calls:
        raise BadInput(f"the baseline {name} has no call in this window", "look through a wider one")
    # It was made just now, which says nothing of when its calls were.
    return replace(read_baseline(dumps(report_json(report)).encode(), name), made=None)


def _step(current: Store, window: Window) -> timedelta:
    """The step that the charts of what is compared will have."""
    from logreport import headline, steps

    return steps.width(*headline.span(current, window))
